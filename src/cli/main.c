/*
 * main.c: find the verb, read its command line, run it.
 */
#include "cli/options.h"
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cli_verb *find_verb(const char *name)
{
  for (size_t i = 0; i < CLI_N_VERBS; i++)
    if (strcmp(CLI_VERBS[i].name, name) == 0)
      return &CLI_VERBS[i];
  return NULL;
}

static int run_verb(const cli_verb *verb, int argc, char **argv)
{
  cli_settings settings = cli_defaults();
  cli_parse(verb, argc, argv, &settings);
  const int code = verb->run(&settings);
  free(settings.input.word);
  free(settings.target.word);
  free(settings.model.word);
  return code;
}

static bool is_one_of(const char *word, const char *const *words)
{
  while (*words && strcmp(word, *words) != 0)
    words++;
  return *words != NULL;
}

static int run(int argc, char **argv)
{
  static const char *const help[] = {"help", "--help", "-h", "-?", NULL};
  static const char *const version[] = {"--version", "-V", NULL};
  if (argc < 2) {
    cli_note("a verb is missing; 'kanjo --help' lists them");
    return CLI_USAGE;
  }
  if (is_one_of(argv[1], help)) {
    cli_print_help();
    return CLI_DONE;
  }
  if (is_one_of(argv[1], version)) {
    printf("kanjo %s\n", KANJO_VERSION);
    return CLI_DONE;
  }
  const cli_verb *verb = find_verb(argv[1]);
  if (!verb) {
    cli_note("verb is '%s'; 'kanjo --help' lists what there is", argv[1]);
    return CLI_USAGE;
  }
  return run_verb(verb, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
  const int code = run(argc, argv);
  const bool is_written = fflush(stdout) == 0 && !ferror(stdout);
  if (is_written || code >= CLI_USAGE) /* what went wrong was told */
    return code;
  cli_note("standard output: cannot be written");
  return CLI_NO_INPUT;
}
