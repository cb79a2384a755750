/*
 * completion.c: completion scripts, from the tables of verbs and options.
 */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

/* The first word of a verb's name. */
static int first_word(const cli_verb *verb)
{
  return (int)strcspn(verb->name, " ");
}

static bool shares_first_word(const cli_verb *a, const cli_verb *b)
{
  const int n = first_word(a);
  return first_word(b) == n && strncmp(a->name, b->name, (size_t)n) == 0;
}

/* True for the first verb with this first word. */
static bool is_first(size_t v)
{
  return v == 0 || !shares_first_word(&CLI_VERBS[v - 1], &CLI_VERBS[v]);
}

static bool is_group(const cli_verb *verb)
{
  return strchr(verb->name, ' ') != NULL;
}

/* Second words of the group that begins with verb v. */
static void print_group(size_t v)
{
  for (size_t i = v; i < CLI_N_VERBS; i++)
    if (shares_first_word(&CLI_VERBS[v], &CLI_VERBS[i]))
      printf("%s%s", i > v ? " " : "", strchr(CLI_VERBS[i].name, ' ') + 1);
}

static void print_first_words(void)
{
  for (size_t v = 0; v < CLI_N_VERBS; v++)
    if (is_first(v))
      printf("%s%.*s", v ? " " : "", first_word(&CLI_VERBS[v]),
             CLI_VERBS[v].name);
}

static void print_options(const cli_verb *verb)
{
  for (size_t i = 0; i < CLI_N_OPTIONS; i++)
    if (CLI_OPTIONS[i].verbs & verb->bit)
      printf("--%s ", CLI_OPTIONS[i].name);
  fputs("--help --version", stdout);
}

static void print_choices(const cli_option *option)
{
  for (size_t i = 0; option->choices[i]; i++)
    printf("%s%s", i ? " " : "", option->choices[i]);
}

/* The second word of a group; and what the verb's name then is. */
static void print_bash_groups(void)
{
  printf("  case $verb in\n");
  for (size_t v = 0; v < CLI_N_VERBS; v++)
    if (is_group(&CLI_VERBS[v]) && is_first(v)) {
      printf("    %.*s)\n      if [ \"$COMP_CWORD\" -eq 2 ]; then\n"
             "        COMPREPLY=($(compgen -W \"",
             first_word(&CLI_VERBS[v]), CLI_VERBS[v].name);
      print_group(v);
      printf(" --help\" -- \"$word\")); return\n      fi\n"
             "      verb=\"$verb ${COMP_WORDS[2]}\" ;;\n");
    }
  printf("  esac\n");
}

static void print_bash_choices(const cli_verb *verb, const cli_option *option)
{
  if ((option->verbs & verb->bit) == 0 || !option->choices)
    return;
  printf("    \"%s:--%s\") COMPREPLY=($(compgen -W \"", verb->name,
         option->name);
  print_choices(option);
  printf("\" -- \"$word\")); return ;;\n");
}

static void print_bash(void)
{
  printf("_kanjo() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]}"
         " before=${COMP_WORDS[COMP_CWORD-1]} options= verb=${COMP_WORDS[1]}\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    COMPREPLY=($(compgen -W \"");
  print_first_words();
  printf(" --help --version\" -- \"$word\"))\n    return\n  fi\n");
  print_bash_groups();
  printf("  case $verb:$before in\n");
  for (size_t v = 0; v < CLI_N_VERBS; v++)
    for (size_t i = 0; i < CLI_N_OPTIONS; i++)
      print_bash_choices(&CLI_VERBS[v], &CLI_OPTIONS[i]);
  printf("  esac\n  case $verb in\n");
  for (size_t v = 0; v < CLI_N_VERBS; v++) {
    printf("    \"%s\") options=\"", CLI_VERBS[v].name);
    print_options(&CLI_VERBS[v]);
    printf("\" ;;\n");
  }
  printf("  esac\n"
         "  case $word in\n"
         "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
         "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
         "  esac\n}\n"
         "complete -o filenames -F _kanjo kanjo\n");
}

static void print_zsh(void)
{
  printf("#compdef kanjo\nautoload -U +X bashcompinit && bashcompinit\n");
  print_bash();
}

/* Single quotes and backslashes end or escape a fish string. */
static void print_fish_text(const char *text)
{
  for (const char *c = text; *c; c++) {
    if (*c == '\'' || *c == '\\')
      putchar('\\');
    putchar(*c);
  }
}

/* That the words so far are those of the verb's name. */
static void print_fish_condition(const cli_verb *verb)
{
  const char *second = strchr(verb->name, ' ');
  printf("complete -c kanjo -n '__fish_seen_subcommand_from %.*s",
         first_word(verb), verb->name);
  if (second)
    printf("; and __fish_seen_subcommand_from%s", second);
  printf("'");
}

static void print_fish_option(const cli_verb *verb, const cli_option *option)
{
  print_fish_condition(verb);
  printf(" -l %s", option->name);
  if (option->letter)
    printf(" -s %c", option->letter);
  if (option->choices) {
    printf(" -xa '");
    print_choices(option);
    putchar('\'');
  } else if (option->argument) {
    printf(" -r");
  }
  printf(" -d '");
  print_fish_text(option->help);
  printf("'\n");
}

/* A verb of one word; or the first word of a group, and its second words. */
static void print_fish_verb(size_t v)
{
  const cli_verb *verb = &CLI_VERBS[v];
  if (is_first(v)) {
    printf("complete -c kanjo -n __fish_use_subcommand -xa %.*s -d '",
           first_word(verb), verb->name);
    print_fish_text(is_group(verb) ? "a group of verbs" : verb->summary);
    printf("'\n");
  }
  if (!is_group(verb))
    return;
  printf("complete -c kanjo -n '__fish_seen_subcommand_from %.*s' -xa '%s' "
         "-d '",
         first_word(verb), verb->name, strchr(verb->name, ' ') + 1);
  print_fish_text(verb->summary);
  printf("'\n");
}

static void print_fish(void)
{
  for (size_t v = 0; v < CLI_N_VERBS; v++) {
    print_fish_verb(v);
    for (size_t i = 0; i < CLI_N_OPTIONS; i++)
      if (CLI_OPTIONS[i].verbs & CLI_VERBS[v].bit)
        print_fish_option(&CLI_VERBS[v], &CLI_OPTIONS[i]);
  }
}

int cli_completion(const cli_settings *settings)
{
  static const struct {
    const char *shell;
    void (*print)(void);
  } table[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
  const char *shell = settings->input.word[0];
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (strcmp(shell, table[i].shell) == 0) {
      table[i].print();
      return 0;
    }
  fprintf(stderr,
          "kanjo completion: shell is '%s'; must be bash, zsh or fish\n",
          shell);
  return 2;
}
