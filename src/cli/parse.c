/*
 * parse.c: a command line against the table of options, by glibc's argp.
 */
#define _GNU_SOURCE
#include "cli/options.h"
#include "cli/presets.h"
#include "cli/report.h"

#include <argp.h>
#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  FIRST_KEY = 0x1000, /* argp key of option 0: beyond any letter */
  MAX_OPTIONS = 128,  /* of a verb */
  MAX_TABLE = 256,    /* of all verbs */
  NARROWEST_HELP = 40 /* columns; options take 29 of them */
};

typedef struct parsing {
  const cli_verb *verb;
  cli_settings *settings;
  bool *is_given; /* (CLI_N_OPTIONS): on the command line, not by a preset */
} parsing;

static void *field(cli_settings *settings, const cli_option *option)
{
  return (char *)settings + option->offset;
}

static void add_word(cli_words *words, const char *word)
{
  if (words->n == words->capacity) {
    const size_t larger = words->capacity ? 2 * words->capacity : 16;
    const char **moved = realloc(words->word, larger * sizeof *moved);
    if (!moved) {
      fputs("kanjo: out of memory for the command line\n", stderr);
      exit(1);
    }
    words->word = moved;
    words->capacity = larger;
  }
  words->word[words->n++] = word;
}

static void set_number(const cli_option *option, const char *text,
                       double *number, struct argp_state *state)
{
  char *end = NULL;
  const double value = strtod(text, &end);
  if (end == text || *end != '\0' || !isfinite(value) || value < option->low ||
      value > option->high)
    argp_error(state, "--%s is '%s'; must be a number in %g..%g", option->name,
               text, option->low, option->high);
  *number = value;
}

static void set_count(const cli_option *option, const char *text,
                      uint64_t *count, struct argp_state *state)
{
  char *end = NULL;
  errno = 0;
  const unsigned long long value = strtoull(text, &end, 10);
  const int is_wrong =
      end == text || *end != '\0' || errno != 0 || strchr(text, '-') != NULL ||
      (double)value < option->low || value > (uint64_t)option->high;
  if (is_wrong)
    argp_error(state, "--%s is '%s'; must be a whole number in %.0f..%.0f",
               option->name, text, option->low, option->high);
  *count = value;
}

static void set_choice(const cli_option *option, const char *text, int *choice,
                       struct argp_state *state)
{
  char allowed[256] = "";
  for (int i = 0; option->choices[i]; i++) {
    if (strcmp(option->choices[i], text) == 0) {
      *choice = i;
      return;
    }
    strncat(allowed, i ? ", " : "", sizeof allowed - strlen(allowed) - 1);
    strncat(allowed, option->choices[i], sizeof allowed - strlen(allowed) - 1);
  }
  argp_error(state, "--%s is '%s'; must be one of: %s", option->name, text,
             allowed);
}

static void set(const cli_option *option, char *text, struct argp_state *state)
{
  const parsing *p = state->input;
  void *destination = field(p->settings, option);
  switch (option->type) {
  case CLI_FLAG:
    *(bool *)destination = true;
    break;
  case CLI_TEXT:
    *(const char **)destination = text;
    break;
  case CLI_WORDS:
    add_word(destination, text);
    break;
  case CLI_NUMBER:
    set_number(option, text, destination, state);
    break;
  case CLI_COUNT:
    set_count(option, text, destination, state);
    break;
  case CLI_CHOICE:
    set_choice(option, text, destination, state);
    break;
  }
}

/* What the command line says itself, before or after, stays as it is. */
static void set_preset(int index, struct argp_state *state)
{
  const parsing *p = state->input;
  for (const cli_preset_option *o = cli_preset_options(index); o->name; o++)
    for (size_t i = 0; i < CLI_N_OPTIONS; i++) {
      const cli_option *option = &CLI_OPTIONS[i];
      if ((option->verbs & p->verb->bit) != 0 && !p->is_given[i] &&
          strcmp(option->name, o->name) == 0)
        set(option, (char *)(uintptr_t)o->value, state);
    }
}

static const cli_option *find(const parsing *p, int key)
{
  for (size_t i = 0; i < CLI_N_OPTIONS; i++) {
    const cli_option *option = &CLI_OPTIONS[i];
    if ((option->verbs & p->verb->bit) == 0)
      continue;
    if (key == FIRST_KEY + (int)i || (option->letter && key == option->letter))
      return option;
  }
  return NULL;
}

static void check_arguments(const parsing *p, struct argp_state *state)
{
  const size_t n = p->settings->input.n;
  if (n < p->verb->least && !p->settings->list)
    argp_error(state, "%s is missing", p->verb->arguments);
  if (n > p->verb->most)
    argp_error(state, "'%s' is one argument too many",
               p->settings->input.word[p->verb->most]);
}

/* What was given and is of no use. */
static void check_needs(const parsing *p, struct argp_state *state)
{
  for (size_t i = 0; i < CLI_N_OPTIONS; i++) {
    const cli_option *option = &CLI_OPTIONS[i];
    const char *need = p->is_given[i] && p->verb->bit == CLI_TRAIN
                           ? cli_unmet_need(option, p->settings)
                           : NULL;
    if (need)
      argp_error(state, "--%s needs %s", option->name, need);
  }
}

static error_t parse(int key, char *text, struct argp_state *state)
{
  parsing *p = state->input;
  if (key == ARGP_KEY_ARG) {
    add_word(&p->settings->input, text);
    return 0;
  }
  if (key == ARGP_KEY_END) {
    check_arguments(p, state);
    check_needs(p, state);
    return 0;
  }
  const cli_option *option = find(p, key);
  if (!option)
    return ARGP_ERR_UNKNOWN;
  set(option, text, state);
  p->is_given[option - CLI_OPTIONS] = true;
  if (option->offset == offsetof(cli_settings, preset))
    set_preset(p->settings->preset, state);
  return 0;
}

static void print_version(FILE *stream, struct argp_state *state)
{
  (void)state;
  fprintf(stream, "kanjo %s\n", KANJO_VERSION);
}

/* argp's view of the verb's rows of the table; their number. */
static size_t list_options(const cli_verb *verb, struct argp_option *rows)
{
  size_t n = 0;
  for (size_t i = 0; i < CLI_N_OPTIONS && n + 1 < MAX_OPTIONS; i++) {
    const cli_option *option = &CLI_OPTIONS[i];
    if ((option->verbs & verb->bit) == 0)
      continue;
    rows[n++] = (struct argp_option){.name = option->name,
                                     .key = option->letter ? option->letter
                                                           : FIRST_KEY + (int)i,
                                     .arg = option->argument,
                                     .doc = option->help,
                                     .group = 1};
  }
  return n;
}

/* argp writes 79 columns unless its environment says otherwise. */
static void fit_help_to_terminal(void)
{
  char format[64];
  const int columns = cli_columns(STDOUT_FILENO);
  int margin = columns > 0 && columns < 80 ? columns - 1 : 79;
  if (margin < NARROWEST_HELP)
    margin = NARROWEST_HELP;
  snprintf(format, sizeof format, "no-dup-args-note,rmargin=%d", margin);
  setenv("ARGP_HELP_FMT", format, 0);
}

void cli_parse(const cli_verb *verb, int argc, char **argv,
               cli_settings *settings)
{
  struct argp_option rows[MAX_OPTIONS] = {{0}};
  char text[4096];
  char name[64];
  bool is_given[MAX_TABLE] = {false};
  parsing p = {verb, settings, is_given};
  const size_t n_options = list_options(verb, rows);
  assert(CLI_N_OPTIONS <= MAX_TABLE);
  snprintf(text, sizeof text, "%s.\v%s", verb->summary, verb->text);
  snprintf(name, sizeof name, "kanjo %s", verb->name);
  /* glibc's help leaks two bytes of an empty list. */
  const struct argp argp = {.options = n_options > 0 ? rows : NULL,
                            .parser = parse,
                            .args_doc =
                                verb->arguments[0] ? verb->arguments : NULL,
                            .doc = text};
  argp_err_exit_status = CLI_USAGE;
  argp_program_version_hook = print_version;
  argv[0] = name;
  fit_help_to_terminal();
  const error_t failed = argp_parse(&argp, argc, argv, 0, NULL, &p);
  if (failed) {
    fprintf(stderr, "%s: %s\n", name, strerror(failed));
    exit(CLI_USAGE);
  }
}

/* True if the verb's name has two words and begins with this one. */
static bool is_in_group(const cli_verb *verb, const char *word)
{
  const size_t n = strlen(word);
  return strncmp(verb->name, word, n) == 0 && verb->name[n] == ' ';
}

bool cli_is_group(const char *word)
{
  for (size_t i = 0; i < CLI_N_VERBS; i++)
    if (is_in_group(&CLI_VERBS[i], word))
      return true;
  return false;
}

void cli_print_help(const char *group)
{
  if (group)
    printf("Usage: kanjo %s VERB [OPTION...] ...\n", group);
  else
    printf("Usage: kanjo VERB [OPTION...] ...\n"
           "Kanjo estimates from speech how a person sounds: valence, "
           "activation, dominance.\n");
  printf("\n");
  for (size_t i = 0; i < CLI_N_VERBS; i++)
    if (!group || is_in_group(&CLI_VERBS[i], group))
      printf("  %-15s %s\n", CLI_VERBS[i].name, CLI_VERBS[i].summary);
  printf("\n'kanjo VERB --help' explains a verb; 'man kanjo' all of them.\n");
}
