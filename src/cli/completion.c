/*
 * completion.c: completion scripts, from the tables of verbs and options.
 */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

static void print_verbs(const char *separator)
{
  for (size_t i = 0; i < CLI_N_VERBS; i++)
    printf("%s%s", i ? separator : "", CLI_VERBS[i].name);
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

static void print_bash(void)
{
  printf("_kanjo() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]}"
         " before=${COMP_WORDS[COMP_CWORD-1]} options=\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    COMPREPLY=($(compgen -W \"");
  print_verbs(" ");
  printf(" --help --version\" -- \"$word\"))\n    return\n  fi\n"
         "  case ${COMP_WORDS[1]}:$before in\n");
  for (size_t v = 0; v < CLI_N_VERBS; v++)
    for (size_t i = 0; i < CLI_N_OPTIONS; i++)
      if ((CLI_OPTIONS[i].verbs & CLI_VERBS[v].bit) && CLI_OPTIONS[i].choices) {
        printf("    %s:--%s) COMPREPLY=($(compgen -W \"", CLI_VERBS[v].name,
               CLI_OPTIONS[i].name);
        print_choices(&CLI_OPTIONS[i]);
        printf("\" -- \"$word\")); return ;;\n");
      }
  printf("  esac\n  case ${COMP_WORDS[1]} in\n");
  for (size_t v = 0; v < CLI_N_VERBS; v++) {
    printf("    %s) options=\"", CLI_VERBS[v].name);
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

static void print_fish_option(const cli_verb *verb, const cli_option *option)
{
  printf("complete -c kanjo -n '__fish_seen_subcommand_from %s' -l %s",
         verb->name, option->name);
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

static void print_fish(void)
{
  for (size_t v = 0; v < CLI_N_VERBS; v++) {
    printf("complete -c kanjo -n __fish_use_subcommand -xa %s -d '",
           CLI_VERBS[v].name);
    print_fish_text(CLI_VERBS[v].summary);
    printf("'\n");
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
