/*
 * man.c: the man page, from the tables of verbs and options.
 */
#include "cli/options.h"

#include <stdio.h>

/* roff reads a leading dot and every backslash and minus as its own. */
static void print_text(const char *text)
{
  for (const char *c = text; *c; c++) {
    if (*c == '\n' && c[1] == '\n') {
      fputs("\n.PP\n", stdout);
      c++;
    } else if (*c == '-') {
      fputs("\\-", stdout);
    } else if (*c == '\\') {
      fputs("\\e", stdout);
    } else {
      putchar(*c);
    }
  }
  putchar('\n');
}

static void print_option(const cli_option *option)
{
  fputs(".TP\n", stdout);
  if (option->letter)
    printf("\\fB\\-%c\\fR, ", option->letter);
  fputs("\\fB\\-\\-", stdout);
  for (const char *c = option->name; *c; c++)
    fputs(*c == '-' ? "\\-" : (char[]){*c, '\0'}, stdout);
  fputs("\\fR", stdout);
  if (option->argument)
    printf(" \\fI%s\\fR", option->argument);
  putchar('\n');
  print_text(option->help);
}

static void print_verb(const cli_verb *verb)
{
  printf(".SS kanjo %s [OPTION...] %s\n", verb->name, verb->arguments);
  printf("%s.\n.PP\n", verb->summary);
  print_text(verb->text);
  for (size_t i = 0; i < CLI_N_OPTIONS; i++)
    if (CLI_OPTIONS[i].verbs & verb->bit)
      print_option(&CLI_OPTIONS[i]);
}

int cli_man(const cli_settings *settings)
{
  (void)settings;
  printf(".TH KANJO 1 \"\" \"kanjo %s\" \"User Commands\"\n"
         ".SH NAME\nkanjo \\- valence, activation and dominance from speech\n"
         ".SH SYNOPSIS\n.B kanjo\n.I VERB\n[OPTION...] ...\n.SH VERBS\n",
         KANJO_VERSION);
  for (size_t i = 0; i < CLI_N_VERBS; i++)
    print_verb(&CLI_VERBS[i]);
  printf(".SH OPTIONS OF EVERY VERB\n.TP\n\\fB\\-\\-help\\fR\nExplain the "
         "verb.\n.TP\n\\fB\\-\\-version\\fR\nPrint the version.\n");
  return 0;
}
