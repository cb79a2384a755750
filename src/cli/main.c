/*
 * main.c: find the verb, read its command line, run it.
 *
 * A verb's name is one word, or two: those that share the first are a group.
 */
#include "cli/options.h"
#include "cli/outputs.h"
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const HELP[] = {"help", "--help", "-h", "-?", NULL};

/* How many words of the command line name this verb: 0 if they do not. */
static int match(const cli_verb *verb, int n_words, char **word)
{
  const char *space = strchr(verb->name, ' ');
  if (!space)
    return strcmp(verb->name, word[0]) == 0;
  const size_t n = (size_t)(space - verb->name);
  const bool is_it = n_words > 1 && strlen(word[0]) == n &&
                     strncmp(verb->name, word[0], n) == 0 &&
                     strcmp(space + 1, word[1]) == 0;
  return is_it ? 2 : 0;
}

static int run_verb(const cli_verb *verb, int argc, char **argv)
{
  cli_settings settings = cli_defaults();
  cli_parse(verb, argc, argv, &settings);
  kj_error err;
  const int code = cli_check_outputs(&settings, &err) == KJ_OK
                       ? verb->run(&settings)
                       : cli_fail(&err);
  free(settings.input.word);
  free(settings.target.word);
  free(settings.model.word);
  free(settings.corpus.word);
  free(settings.corpus_features.word);
  free(settings.over.word);
  return code;
}

static bool is_one_of(const char *word, const char *const *words)
{
  while (*words && strcmp(word, *words) != 0)
    words++;
  return *words != NULL;
}

/* No verb has this name: say so, or that a group wants a second word. */
static int refuse(int n_words, char **word)
{
  if (!cli_is_group(word[0])) {
    cli_note("verb is '%s'; 'kanjo --help' lists what there is", word[0]);
    return CLI_USAGE;
  }
  if (n_words > 1 && is_one_of(word[1], HELP)) {
    cli_print_help(word[0]);
    return CLI_DONE;
  }
  if (n_words > 1)
    cli_note("verb is '%s %s'; 'kanjo %s --help' lists what there is", word[0],
             word[1], word[0]);
  else
    cli_note("a word is missing after '%s'; 'kanjo %s --help' lists what there "
             "is",
             word[0], word[0]);
  return CLI_USAGE;
}

static int run(int n_words, char **word)
{
  static const char *const version[] = {"--version", "-V", NULL};
  if (n_words < 1) {
    cli_note("a verb is missing; 'kanjo --help' lists them");
    return CLI_USAGE;
  }
  if (is_one_of(word[0], HELP)) {
    cli_print_help(NULL);
    return CLI_DONE;
  }
  if (is_one_of(word[0], version)) {
    printf("kanjo %s\n", KANJO_VERSION);
    return CLI_DONE;
  }
  for (size_t i = 0; i < CLI_N_VERBS; i++) {
    const int n = match(&CLI_VERBS[i], n_words, word);
    if (n > 0)
      return run_verb(&CLI_VERBS[i], n_words - n + 1, word + n - 1);
  }
  return refuse(n_words, word);
}

int main(int argc, char **argv)
{
  const int code = run(argc - 1, argv + 1);
  const bool is_written = fflush(stdout) == 0 && !ferror(stdout);
  if (is_written || code >= CLI_USAGE) /* what went wrong was told */
    return code;
  cli_note("standard output: cannot be written");
  return CLI_NO_INPUT;
}
