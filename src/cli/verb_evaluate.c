/*
 * verb_evaluate.c: `kanjo evaluate`: a model against ratings, or two models
 * against each other.
 */
#include "base/error.h"
#include "cli/evaluate_routing.h"
#include "cli/interval.h"
#include "cli/load.h"
#include "cli/model_input.h"
#include "cli/options.h"
#include "cli/predictions.h"
#include "cli/report.h"
#include "cli/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MODELS = 2 };

typedef struct evaluation {
  const cli_settings *settings;
  size_t n_models;
  kj_model *model[MOST_MODELS];
  double *estimate[MOST_MODELS]; /* (n_rows, targets of the data) */
  double *sd[MOST_MODELS];       /* likewise; NULL where none is predicted */
  cli_sound sound[MOST_MODELS];  /* as each wants it */
  kj_dataset *data;
  size_t n_dropped;
  kj_bootstrap_options bootstrap;
} evaluation;

static const kj_estimator_parts *parts_of(const evaluation *e, size_t m)
{
  return kj_estimator_get_parts(kj_model_estimator(e->model[m]));
}

static kj_status read_models(evaluation *e, kj_error *err)
{
  const cli_words *names = &e->settings->model;
  if (names->n < 1)
    return kj__fail(err, KJ_EARGUMENT, "-m MODEL is missing");
  if (names->n > MOST_MODELS)
    return kj__fail(err, KJ_EARGUMENT, "%zu models with -m; must be 1 or 2",
                    names->n);
  kj_status status = KJ_OK;
  for (size_t m = 0; status == KJ_OK && m < names->n; m++) {
    status = kj_model_read(names->word[m], &e->model[m], err);
    e->n_models = m + 1;
    if (status == KJ_OK)
      status = cli_model_sound(e->model[m], names->word[m], &e->sound[m], err);
  }
  return status;
}

/* Sound is read once, as the first model wants it. */
static kj_status check_sound(const evaluation *e, kj_error *err)
{
  const kj_model_card *a = kj_model_get_card(e->model[0]);
  const kj_model_card *b = kj_model_get_card(e->model[e->n_models - 1]);
  if (e->settings->features ||
      (strcmp(a->feature_set, b->feature_set) == 0 &&
       a->rate_hz == b->rate_hz && a->channel == b->channel))
    return KJ_OK;
  return kj__fail(err, KJ_EARGUMENT,
                  "the models want sound with other features, at another rate "
                  "or of another channel; evaluate one at a time");
}

static bool is_gate(const evaluation *e, size_t m)
{
  return parts_of(e, m)->link == KJ_LINK_LOGIT;
}

static bool is_routed(const evaluation *e, size_t m)
{
  return parts_of(e, m)->routing.component[KJ_COMPONENT_GATE] != NULL;
}

/* Gates are held against kinds, the others against ratings. */
static kj_status check_kinds(const evaluation *e, kj_error *err)
{
  const char *const *name = e->settings->model.word;
  bool is_any_routed = false;
  for (size_t m = 0; m < e->n_models; m++) {
    is_any_routed = is_any_routed || is_routed(e, m);
    if (is_gate(e, m) != is_gate(e, 0))
      return kj__fail(err, KJ_EARGUMENT,
                      "%s is a gate, %s is none; evaluate one at a time",
                      name[is_gate(e, 0) ? 0 : m], name[is_gate(e, 0) ? m : 0]);
  }
  if (is_gate(e, 0) && (e->settings->target.n > 0 || e->settings->predictions))
    return kj__fail(err, KJ_EARGUMENT,
                    "--target and --predictions are not for a gate");
  if (e->settings->route >= 0 && !is_any_routed)
    return kj__fail(err, KJ_EARGUMENT,
                    "--route %s: no model has a gate and experts",
                    kj_route_name((kj_route)e->settings->route));
  return KJ_OK;
}

static kj_status load(evaluation *e, kj_error *err)
{
  kj_target_spec targets[KJ_MAX_TARGETS];
  size_t n_targets;
  kj_status status = read_models(e, err);
  if (status == KJ_OK)
    status = check_kinds(e, err);
  if (status == KJ_OK)
    status = check_sound(e, err);
  if (status != KJ_OK)
    return status;
  status = cli_read_model_targets(e->settings, parts_of(e, 0), targets,
                                  &n_targets, err);
  if (status == KJ_OK)
    status = cli_load_labelled(e->settings, e->settings->input.word[0], targets,
                               n_targets, &e->sound[0], &e->data, &e->n_dropped,
                               err);
  return status;
}

/* Which of the model's targets one of the data is. */
static size_t find_target(const evaluation *e, size_t m, size_t k)
{
  const kj_estimator_parts *parts = parts_of(e, m);
  size_t t = 0;
  while (t < parts->n_targets &&
         strcmp(parts->target[t], e->data->target[k]) != 0)
    t++;
  return t;
}

/* From the model's targets to those of the data. */
static kj_status place(const evaluation *e, size_t m, const double *values,
                       double *to, kj_error *err)
{
  const size_t n_targets = parts_of(e, m)->n_targets;
  const kj_dataset *data = e->data;
  for (size_t k = 0; k < data->n_targets; k++) {
    const size_t t = find_target(e, m, k);
    if (t == n_targets)
      return kj__fail(err, KJ_EARGUMENT, "%s: does not estimate '%s'",
                      e->settings->model.word[m], data->target[k]);
    for (size_t i = 0; i < data->n_rows; i++)
      to[i * data->n_targets + k] = values[i * n_targets + t];
  }
  return KJ_OK;
}

/* That was asked for, or the model's own. */
static kj_route route_of(const evaluation *e, size_t m)
{
  const int asked = e->settings->route;
  return asked < 0 ? parts_of(e, m)->routing.route : (kj_route)asked;
}

static bool predicts_sd(const evaluation *e, size_t m)
{
  return kj_route_predicts_sd(kj_model_estimator(e->model[m]), route_of(e, m));
}

static kj_status estimate_rows(const evaluation *e, size_t m, double *values,
                               double *sd, kj_error *err)
{
  const kj_estimator *estimator = kj_model_estimator(e->model[m]);
  const kj_rows all = {NULL, e->data->n_rows};
  if (is_routed(e, m))
    return kj_route_rows(estimator, e->data, all, route_of(e, m),
                         &(kj_routed){.values = values, .sd = sd}, err);
  if (predicts_sd(e, m))
    return kj_estimate_rows_sd(estimator, e->data, all, values, sd, err);
  return kj_estimate_rows(estimator, e->data, all, values, err);
}

static kj_status match_columns(const evaluation *e, size_t m, kj_error *err)
{
  return cli_match_model(e->model[m], e->settings->model.word[m], e->data, err);
}

static kj_status estimate(evaluation *e, size_t m, kj_error *err)
{
  const size_t n_rows = e->data->n_rows, n_targets = parts_of(e, m)->n_targets;
  kj_status status = match_columns(e, m, err);
  if (status != KJ_OK || is_gate(e, m))
    return status;
  double *values = calloc(n_rows, n_targets * sizeof *values);
  double *sd = calloc(n_rows, n_targets * sizeof *sd);
  e->estimate[m] = calloc(n_rows, e->data->n_targets * sizeof(double));
  e->sd[m] = calloc(n_rows, e->data->n_targets * sizeof(double));
  if (!values || !sd || !e->estimate[m] || !e->sd[m])
    status = kj__fail_memory(err, "estimates");
  if (status == KJ_OK)
    status = estimate_rows(e, m, values, sd, err);
  if (status == KJ_OK)
    status = place(e, m, values, e->estimate[m], err);
  if (status == KJ_OK)
    status = place(e, m, sd, e->sd[m], err);
  free(sd);
  free(values);
  return status;
}

static kj_status measure(const evaluation *e, size_t m, size_t k,
                         kj_result *result, kj_error *err)
{
  return kj_measure(e->data, (kj_rows){NULL, e->data->n_rows}, k,
                    e->estimate[m] + k, e->data->n_targets, &e->bootstrap,
                    result, err);
}

static kj_status compare(const evaluation *e, size_t k, kj_comparison *out,
                         kj_error *err)
{
  return kj_measure_difference(e->data, (kj_rows){NULL, e->data->n_rows}, k,
                               e->estimate[0] + k, e->estimate[1] + k,
                               e->data->n_targets, &e->bootstrap, out, err);
}

static void print_p(const kj_comparison *comparison)
{
  printf("%-11s", "p");
  for (int m = 0; m < KJ_N_METRICS; m++)
    if (isfinite(comparison->p[m]))
      printf("%13.4f", comparison->p[m]);
    else
      printf("%13s", "-");
  putchar('\n');
}

/* The intervals of a model for a target of the data, if it has any. */
static bool find_covering(const evaluation *e, size_t m, size_t k,
                          kj_covering *out)
{
  const kj_estimator_parts *parts = parts_of(e, m);
  const kj_residuals *residuals = &parts->residuals[find_target(e, m, k)];
  if (!cli_route_is_measured(kj_model_estimator(e->model[m]), route_of(e, m)))
    return false;
  *out = (kj_covering){.data = e->data,
                       .target = k,
                       .estimate = e->estimate[m] + k,
                       .sd = residuals->is_relative ? e->sd[m] + k : NULL,
                       .stride = e->data->n_targets};
  return kj_residuals_half_width(residuals, cli_interval_level(e->settings),
                                 &out->half_width, NULL) == KJ_OK;
}

/* Those that follow from the predicted deviations alone. */
static bool find_predicted(const evaluation *e, size_t m, size_t k,
                           kj_covering *out)
{
  *out = (kj_covering){
      .data = e->data,
      .target = k,
      .estimate = e->estimate[m] + k,
      .sd = e->sd[m] + k,
      .half_width = kj_normal_half_width(cli_interval_level(e->settings)),
      .stride = e->data->n_targets};
  return predicts_sd(e, m);
}

static kj_status print_covering(const evaluation *e, size_t m, size_t k,
                                kj_error *err)
{
  kj_covering covering;
  kj_status status = KJ_OK;
  if (find_covering(e, m, k, &covering))
    status = cli_print_coverage(stdout, &covering,
                                cli_interval_level(e->settings), err);
  if (status != KJ_OK || !find_predicted(e, m, k, &covering))
    return status;
  cli_print_likelihood(stdout, &covering);
  return cli_print_coverage(stdout, &covering, cli_interval_level(e->settings),
                            err);
}

static kj_status print_target(const evaluation *e, size_t k, kj_error *err)
{
  static const char *const names[MOST_MODELS] = {"A", "B"};
  kj_result result;
  kj_status status = KJ_OK;
  for (size_t m = 0; status == KJ_OK && m < e->n_models; m++) {
    status = measure(e, m, k, &result, err);
    if (status != KJ_OK)
      return status;
    if (m == 0) {
      printf("%s%s on 1..5: %zu rows, %zu speakers; 95 %% intervals over "
             "%s\n",
             k ? "\n" : "", e->data->target[k], result.n_rows,
             result.n_speakers, result.n_speakers ? "speakers" : "rows");
      cli_metric_header(stdout, "");
    }
    cli_metric_row(stdout, e->n_models > 1 ? names[m] : "model",
                   &result.metrics, &result.intervals);
    status = print_covering(e, m, k, err);
  }
  if (status != KJ_OK || e->n_models < 2)
    return status;
  kj_comparison comparison;
  status = compare(e, k, &comparison, err);
  if (status == KJ_OK) {
    cli_metric_row(stdout, "A - B", &comparison.difference,
                   &comparison.intervals);
    print_p(&comparison);
  }
  return status;
}

/* Everybody who could be heard, where nobody was asked for. */
static bool tells_routes(const evaluation *e)
{
  return e->n_models == 1 && is_routed(e, 0) && e->settings->route < 0;
}

/* One target of one model; NULL where that fails. */
static json_t *json_model(const evaluation *e, size_t m, size_t k,
                          kj_error *err)
{
  kj_result result;
  kj_covering covering;
  if (measure(e, m, k, &result, err) != KJ_OK)
    return NULL;
  json_t *object = cli_json_result(&result);
  const double level = cli_interval_level(e->settings);
  if ((find_covering(e, m, k, &covering) &&
       cli_json_coverage(object, "coverage", &covering, level, err) != KJ_OK) ||
      (find_predicted(e, m, k, &covering) &&
       cli_json_predicted(object, &covering, level, err) != KJ_OK)) {
    json_decref(object);
    return NULL;
  }
  return object;
}

static json_t *json_target(const evaluation *e, size_t k, kj_error *err)
{
  json_t *models = json_array();
  json_t *target = json_pack("{s:o}", "models", models);
  bool is_done = true;
  for (size_t m = 0; is_done && m < e->n_models; m++)
    is_done = json_array_append_new(models, json_model(e, m, k, err)) == 0;
  kj_comparison comparison;
  if (is_done && e->n_models == MOST_MODELS) {
    is_done = compare(e, k, &comparison, err) == KJ_OK;
    if (is_done)
      json_object_set_new(target, "difference",
                          cli_json_comparison(&comparison));
  }
  if (is_done)
    return target;
  json_decref(target);
  return NULL;
}

static json_t *json_names(const evaluation *e)
{
  json_t *models = json_array();
  for (size_t m = 0; m < e->n_models; m++)
    json_array_append_new(models, cli_json_text(e->settings->model.word[m]));
  return models;
}

static kj_status print_json(const evaluation *e, kj_error *err)
{
  json_t *targets = json_object();
  json_t *all = json_pack("{s:o, s:o, s:[f,f], s:o}", "labels",
                          cli_json_text(e->data->path), "models", json_names(e),
                          "rating_scale", KJ_SCALE_LOW, KJ_SCALE_HIGH,
                          "targets", targets);
  kj_status status = KJ_OK;
  for (size_t k = 0; status == KJ_OK && k < e->data->n_targets; k++)
    if (json_object_set_new(targets, e->data->target[k],
                            json_target(e, k, err)) != 0)
      status = err->status;
  if (status == KJ_OK && tells_routes(e))
    status =
        cli_json_routing(all, kj_model_estimator(e->model[0]), e->data, err);
  if (status == KJ_OK)
    cli_print_json(stdout, all);
  else
    json_decref(all);
  return status;
}

static kj_status print_novelty(const evaluation *e, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t m = 0; status == KJ_OK && m < e->n_models; m++)
    status = cli_print_novelty(
        stdout, e->n_models > 1 ? e->settings->model.word[m] : "",
        kj_model_estimator(e->model[m]), e->data, err);
  return status;
}

static kj_status print_text(const evaluation *e, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t m = 0; e->n_models > 1 && m < e->n_models; m++)
    printf("%c  %s\n", m ? 'B' : 'A', e->settings->model.word[m]);
  for (size_t k = 0; status == KJ_OK && k < e->data->n_targets; k++)
    status = print_target(e, k, err);
  if (status == KJ_OK && tells_routes(e))
    status = cli_print_routing(kj_model_estimator(e->model[0]), e->data, err);
  return status == KJ_OK ? print_novelty(e, err) : status;
}

static kj_status print_gates(const evaluation *e, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t m = 0; status == KJ_OK && m < e->n_models; m++) {
    const kj_estimator *gate = kj_model_estimator(e->model[m]);
    json_t *object =
        json_pack("{s:o}", "model", cli_json_text(e->settings->model.word[m]));
    status = match_columns(e, m, err);
    if (status == KJ_OK && e->settings->json)
      status = cli_json_gate(object, gate, e->data, err);
    else if (status == KJ_OK) {
      printf("%s%s\n", m ? "\n" : "", e->settings->model.word[m]);
      status = cli_print_gate(gate, e->data, err);
    }
    if (status == KJ_OK && e->settings->json)
      cli_print_json(stdout, object);
    else
      json_decref(object);
  }
  return status;
}

static kj_status print_result(const evaluation *e, kj_error *err)
{
  if (is_gate(e, 0))
    return print_gates(e, err);
  return e->settings->json ? print_json(e, err) : print_text(e, err);
}

static void note_level(const evaluation *e, size_t m)
{
  cli_intervals intervals;
  cli_intervals_make(kj_model_estimator(e->model[m]), route_of(e, m),
                     cli_interval_level(e->settings), &intervals);
  cli_note_level(e->settings, e->settings->model.word[m], intervals.is_any);
}

int cli_evaluate(const cli_settings *settings)
{
  kj_error err;
  evaluation e = {.settings = settings, .bootstrap = kj_bootstrap_defaults()};
  e.bootstrap.n_replicates = (size_t)settings->replicates;
  e.bootstrap.seed = settings->seed;
  cli_catch_interrupts();
  kj_status status = load(&e, &err);
  for (size_t m = 0; status == KJ_OK && m < e.n_models; m++) {
    cli_note_heard_speakers(settings->model.word[m], e.model[m], e.data);
    note_level(&e, m);
    status = estimate(&e, m, &err);
  }
  if (status == KJ_OK && settings->predictions)
    status = cli_write_predictions(settings->predictions, e.data, e.estimate,
                                   e.n_models, &err);
  if (status == KJ_OK)
    status = print_result(&e, &err);
  for (size_t m = 0; m < MOST_MODELS; m++) {
    kj_model_destroy(e.model[m]);
    free(e.estimate[m]);
    free(e.sd[m]);
  }
  kj_dataset_destroy(e.data);
  if (status != KJ_OK)
    return cli_fail(&err);
  return e.n_dropped > 0 ? CLI_SOME_FAILED : CLI_DONE;
}
