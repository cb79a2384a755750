/*
 * verb_audit.c: `kanjo audit`: models on the same recordings, disturbed.
 */
#include "base/error.h"
#include "base/pool.h"
#include "cli/audit_marks.h"
#include "cli/load.h"
#include "cli/model_input.h"
#include "cli/options.h"
#include "cli/rated.h"
#include "cli/report.h"
#include "cli/table.h"

#include "kanjo/audit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct auditing {
  const cli_settings *settings;
  size_t n_models;
  kj_model **model;
  cli_rated rated;
  const kj_dataset *data;
  cli_sound sound; /* as the first wants it */
  size_t n_failed; /* marks not passed */
  kj_audit *audit;
  cli_marks marks;
  cli_progress progress;
  kj_audit_cell *cell; /* (KJ_N_CONDITIONS, n_targets, KJ_AUDIT_GROUPS) */
} auditing;

static bool is_gate(const auditing *a)
{
  return kj_estimator_get_parts(kj_model_estimator(a->model[0]))->link ==
         KJ_LINK_LOGIT;
}

static const kj_audit_cell *cell_at(const auditing *a, int condition, size_t k,
                                    size_t group)
{
  const size_t row = (size_t)condition * a->data->n_targets + k;
  return &a->cell[row * KJ_AUDIT_GROUPS + group];
}

static kj_status read_models(auditing *a, kj_error *err)
{
  const cli_words *words = &a->settings->input;
  kj_status status = KJ_OK;
  a->model = calloc(words->n, sizeof(kj_model *));
  if (!a->model)
    return kj__fail_memory(err, "models");
  for (; status == KJ_OK && a->n_models + 1 < words->n; a->n_models++) {
    const size_t m = a->n_models;
    cli_sound sound;
    status = kj_model_read(words->word[m], &a->model[m], err);
    if (status == KJ_OK)
      status = cli_model_sound(a->model[m], words->word[m],
                               m == 0 ? &a->sound : &sound, err);
  }
  return status;
}

/* Sound is disturbed once, as the first model wants it. */
static kj_status check_models(const auditing *a, kj_error *err)
{
  const kj_model_card *first = kj_model_get_card(a->model[0]);
  if (!a->sound.set || first->rate_hz == 0)
    return kj__fail(
        err, KJ_EARGUMENT, "%s: must want sound, at one rate; it wants %s",
        a->settings->input.word[0], first->rate_hz ? "a feature table" : "any");
  for (size_t m = 1; m < a->n_models; m++) {
    const kj_model_card *card = kj_model_get_card(a->model[m]);
    if (strcmp(card->feature_set, first->feature_set) != 0 ||
        card->rate_hz != first->rate_hz || card->channel != first->channel)
      return kj__fail(err, KJ_EARGUMENT,
                      "%s: wants sound with other features, at another rate or "
                      "of another channel than the first model",
                      a->settings->input.word[m]);
  }
  return KJ_OK;
}

static kj_status load(auditing *a, kj_error *err)
{
  const cli_words *words = &a->settings->input;
  kj_status status = cli_read_marks(a->settings, &a->marks, err);
  if (status == KJ_OK)
    status = read_models(a, err);
  if (status == KJ_OK)
    status = check_models(a, err);
  if (status == KJ_OK)
    status = cli_load_rated(a->settings, words->word[0], a->model[0],
                            words->word[a->n_models], &a->rated, err);
  a->data = cli_rated_rows(&a->rated);
  return status;
}

static void show(void *context, size_t done, size_t total)
{
  cli_progress_show(context, "recordings disturbed", done, total);
}

static kj_status disturb(auditing *a, kj_error *err)
{
  const kj_audit_options options = {.set = a->sound.set,
                                    .audio = a->sound.audio,
                                    .n_threads = a->settings->jobs
                                                     ? (size_t)a->settings->jobs
                                                     : kj__pool_processors(),
                                    .seed = a->settings->seed,
                                    .progress = show,
                                    .stop = cli_stop,
                                    .context = &a->progress};
  a->progress = cli_progress_start(a->settings->progress);
  const kj_status status = kj_audit_create(a->data, &options, &a->audit, err);
  cli_progress_end(&a->progress);
  if (status != KJ_OK)
    return status;
  a->cell =
      calloc((size_t)KJ_N_CONDITIONS * a->data->n_targets * KJ_AUDIT_GROUPS,
             sizeof *a->cell);
  return a->cell ? KJ_OK : kj__fail_memory(err, "an audit");
}

static kj_status measure(auditing *a, size_t m, kj_error *err)
{
  kj_status status = KJ_OK;
  for (int c = 0; status == KJ_OK && c < KJ_N_CONDITIONS; c++) {
    kj_audit_cell *cells =
        &a->cell[(size_t)c * a->data->n_targets * KJ_AUDIT_GROUPS];
    if (!kj_audit_left_out(a->audit, (kj_condition)c))
      status = kj_audit_measure(a->audit, kj_model_estimator(a->model[m]),
                                (kj_condition)c, cells, err);
  }
  if (status != KJ_OK)
    return kj__fail_in(err, status, "%s", a->settings->input.word[m]);
  return KJ_OK;
}

static bool is_passed(const auditing *a, int c, size_t k)
{
  return cli_is_passed(&a->marks, (kj_condition)c, a->data->target[k],
                       cell_at(a, KJ_CONDITION_CLEAN, k, 0),
                       cell_at(a, c, k, 0), KJ_AUDIT_GROUPS);
}

static void print_number(double value)
{
  if (isfinite(value))
    printf("%8.3f", fabs(value) < 5e-4 ? 0.0 : value);
  else
    printf("%8s", "-");
}

static void print_change(double value)
{
  if (isfinite(value))
    printf("%+8.3f", fabs(value) < 5e-4 ? 0.0 : value);
  else
    printf("%8s", "-");
}

static void print_condition(auditing *a, int c, size_t k)
{
  printf("%-15s", kj_condition_name((kj_condition)c));
  print_number(cell_at(a, c, k, 0)->moved);
  for (size_t g = 0; kj_audit_group(a->audit, g); g++) {
    const kj_audit_cell *clean = cell_at(a, KJ_CONDITION_CLEAN, k, g);
    const kj_audit_cell *cell = cell_at(a, c, k, g);
    print_number(cell->mae);
    print_change(cell->mae - clean->mae);
    print_number(cell->ccc);
    print_change(cell->ccc - clean->ccc);
  }
  puts(is_passed(a, c, k) ? "" : "  FAILED");
}

static void print_target(auditing *a, size_t k)
{
  printf("%s on %s\n%-15s%8s", a->data->target[k], is_gate(a) ? "0..1" : "1..5",
         "", "");
  for (size_t g = 0; kj_audit_group(a->audit, g); g++) {
    char head[64];
    snprintf(head, sizeof head, "%.20s, %zu rows", kj_audit_group(a->audit, g),
             cell_at(a, KJ_CONDITION_CLEAN, k, g)->n_rows);
    printf("%32s", head);
  }
  printf("\n%-15s%8s", "", "moved");
  for (size_t g = 0; kj_audit_group(a->audit, g); g++)
    printf("%8s%8s%8s%8s", "mae", "change", "ccc", "change");
  putchar('\n');
  for (int c = 0; c < KJ_N_CONDITIONS; c++)
    if (!kj_audit_left_out(a->audit, (kj_condition)c))
      print_condition(a, c, k);
}

static void print_model(auditing *a, size_t m)
{
  if (a->n_models > 1)
    printf("%s\n", a->settings->input.word[m]);
  for (size_t k = 0; k < a->data->n_targets; k++)
    print_target(a, k);
}

static json_t *json_cell(const kj_audit_cell *cell, const kj_audit_cell *clean)
{
  return json_pack(
      "{s:I, s:o, s:o, s:o, s:o, s:o}", "rows", (json_int_t)cell->n_rows,
      "moved", cli_json_number(cell->moved), "mae", cli_json_number(cell->mae),
      "mae_change", cli_json_number(cell->mae - clean->mae), "ccc",
      cli_json_number(cell->ccc), "ccc_change",
      cli_json_number(cell->ccc - clean->ccc));
}

static json_t *json_condition(const auditing *a, int c, size_t k)
{
  json_t *groups = json_object();
  for (size_t g = 0; kj_audit_group(a->audit, g); g++)
    json_object_set_new(
        groups, kj_audit_group(a->audit, g),
        json_cell(cell_at(a, c, k, g), cell_at(a, KJ_CONDITION_CLEAN, k, g)));
  return json_pack("{s:s, s:b, s:o}", "condition",
                   kj_condition_name((kj_condition)c), "passed",
                   is_passed(a, c, k), "groups", groups);
}

static json_t *json_model(const auditing *a, size_t m)
{
  json_t *targets = json_object();
  for (size_t k = 0; k < a->data->n_targets; k++) {
    json_t *conditions = json_array();
    for (int c = 0; c < KJ_N_CONDITIONS; c++)
      if (!kj_audit_left_out(a->audit, (kj_condition)c))
        json_array_append_new(conditions, json_condition(a, c, k));
    json_object_set_new(targets, a->data->target[k], conditions);
  }
  return json_pack("{s:o, s:o}", "model",
                   cli_json_text(a->settings->input.word[m]), "targets",
                   targets);
}

static json_t *json_left_out(const auditing *a)
{
  json_t *object = json_object();
  for (int c = 0; c < KJ_N_CONDITIONS; c++) {
    const char *why = kj_audit_left_out(a->audit, (kj_condition)c);
    if (why)
      json_object_set_new(object, kj_condition_name((kj_condition)c),
                          json_string(why));
  }
  return object;
}

static void count_failed(auditing *a)
{
  for (int c = 0; c < KJ_N_CONDITIONS; c++)
    for (size_t k = 0; k < a->data->n_targets; k++)
      a->n_failed +=
          !kj_audit_left_out(a->audit, (kj_condition)c) && !is_passed(a, c, k)
              ? 1
              : 0;
}

static kj_status report(auditing *a, kj_error *err)
{
  kj_status status = KJ_OK;
  json_t *models = json_array();
  for (size_t m = 0; status == KJ_OK && m < a->n_models; m++) {
    cli_note_heard_speakers(a->settings->input.word[m], a->model[m], a->data);
    status = measure(a, m, err);
    if (status != KJ_OK)
      break;
    count_failed(a);
    if (a->settings->json)
      json_array_append_new(models, json_model(a, m));
    else
      print_model(a, m);
  }
  if (status == KJ_OK && a->settings->json)
    cli_print_json(stdout,
                   json_pack("{s:o, s:[f,f], s:O, s:o}", "labels",
                             cli_json_text(a->data->path), "rating_scale",
                             is_gate(a) ? 0.0 : KJ_SCALE_LOW,
                             is_gate(a) ? 1.0 : KJ_SCALE_HIGH, "models", models,
                             "left_out", json_left_out(a)));
  json_decref(models);
  return status;
}

static void note_left_out(const auditing *a)
{
  for (int c = 0; c < KJ_N_CONDITIONS; c++) {
    const char *why = kj_audit_left_out(a->audit, (kj_condition)c);
    if (why)
      cli_note("%s: left out: %s", kj_condition_name((kj_condition)c), why);
  }
}

int cli_audit(const cli_settings *settings)
{
  kj_error err;
  auditing a = {.settings = settings};
  cli_catch_interrupts();
  kj_status status = load(&a, &err);
  if (status == KJ_OK)
    status = disturb(&a, &err);
  if (status == KJ_OK) {
    note_left_out(&a);
    status = report(&a, &err);
  }
  if (status == KJ_OK && a.n_failed > 0)
    cli_note("%zu results are worse than %s allows", a.n_failed,
             settings->marks ? settings->marks : "--pass");
  const bool is_short = a.rated.n_dropped > 0;
  cli_clear_marks(&a.marks);
  kj_audit_destroy(a.audit);
  cli_clear_rated(&a.rated);
  for (size_t m = 0; a.model && m < settings->input.n; m++)
    kj_model_destroy(a.model[m]);
  free(a.model);
  free(a.cell);
  if (status != KJ_OK)
    return cli_fail(&err);
  return a.n_failed > 0 || is_short ? CLI_SOME_FAILED : CLI_DONE;
}
