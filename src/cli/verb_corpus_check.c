/*
 * verb_corpus_check.c: `kanjo corpus check`: what is wrong with a table.
 */
#include "cli/load.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"

#include "kanjo/corpus_check.h"

enum { MAX_SHOWN = 10 /* of a kind; --json has all */ };

static void print_json(const char *path, const kj_checkup *checkup)
{
  json_t *problems = json_array();
  for (size_t i = 0; i < checkup->n; i++) {
    const kj_problem *p = &checkup->problem[i];
    json_array_append_new(problems, json_pack("{s:s, s:I, s:o, s:o}", "kind",
                                              kj_problem_name(p->kind), "line",
                                              (json_int_t)p->line, "name",
                                              cli_json_text(p->name), "text",
                                              cli_json_text(p->text)));
  }
  json_t *kinds = json_object();
  for (size_t k = 0; k < KJ_N_PROBLEM_KINDS; k++)
    if (checkup->count[k] > 0)
      json_object_set_new(kinds, kj_problem_name((kj_problem_kind)k),
                          json_pack("{s:I, s:s}", "n",
                                    (json_int_t)checkup->count[k], "why",
                                    kj_problem_why((kj_problem_kind)k)));
  json_t *object =
      json_pack("{s:o, s:I, s:o, s:I, s:o, s:o}", "table", cli_json_text(path),
                "rows", (json_int_t)checkup->n_rows, "split",
                checkup->split[0] ? cli_json_text(checkup->split) : json_null(),
                "n_problems", (json_int_t)checkup->n, "kinds", kinds,
                "problems", problems);
  cli_print_json(stdout, object);
}

static void print_kind(const char *path, const kj_checkup *checkup,
                       kj_problem_kind kind)
{
  size_t n = 0;
  if (checkup->count[kind] == 0)
    return;
  printf("%s (%zu): %s.\n", kj_problem_name(kind), checkup->count[kind],
         kj_problem_why(kind));
  for (size_t i = 0; i < checkup->n; i++) {
    const kj_problem *p = &checkup->problem[i];
    if (p->kind == kind && n++ < MAX_SHOWN)
      printf("  %s:%zu: %s: %s\n", path, p->line, p->name, p->text);
  }
  if (n > MAX_SHOWN)
    printf("  ... and %zu more (--json lists all)\n", n - MAX_SHOWN);
}

static void print_text(const char *path, const kj_checkup *checkup)
{
  for (size_t k = 0; k < KJ_N_PROBLEM_KINDS; k++)
    print_kind(path, checkup, (kj_problem_kind)k);
  printf("%s: %zu rows, %zu problems", path, checkup->n_rows, checkup->n);
  if (checkup->split[0])
    printf("; parts by column %s", checkup->split);
  puts("");
}

int cli_corpus_check(const cli_settings *settings)
{
  const char *path = settings->input.word[0];
  kj_target_spec targets[KJ_MAX_TARGETS];
  kj_corpus_options options = {.targets = targets, .split = settings->split};
  kj_checkup *checkup = NULL;
  kj_error err;
  kj_status status =
      cli_read_targets(settings, targets, &options.n_targets, &err);
  if (status == KJ_OK)
    status = kj_scale_parse(settings->scale, &options.low, &options.high, &err);
  if (status == KJ_OK)
    status = kj_corpus_check(path, &options, &checkup, &err);
  if (status != KJ_OK)
    return cli_fail(&err);
  if (settings->json)
    print_json(path, checkup);
  else
    print_text(path, checkup);
  const int code = checkup->n > 0 ? CLI_SOME_FAILED : CLI_DONE;
  kj_checkup_destroy(checkup);
  return code;
}
