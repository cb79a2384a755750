/*
 * train_model.c: from fits that are done to a model file: the estimator, what
 * it knows of itself, and its cards.
 */
#include "base/error.h"
#include "cli/binary_table.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/training.h"

#include "kanjo/coverage.h"

#include <stdlib.h>
#include <string.h>

static const char INTENDED_USE[] =
    "Research, and as one signal among others. Not for decisions about a "
    "person; how somebody sounds is not how they feel. Not for inferring "
    "emotions of people at work or in education, which the EU forbids "
    "(Regulation (EU) 2024/1689, article 5(1)(f)).";

void cli_training_show_fits(void *context, size_t done, size_t total)
{
  cli_progress_show(context, "fits without some speakers", done, total);
}

/* ---- the estimator ---- */

/* The residuals are of gate and experts together. */
static bool has_routed_residuals(const cli_training *t)
{
  return cli_training_is_routed(t) && t->routing.route != KJ_ROUTE_PLAIN;
}

/* How gates and experts are held out for them. */
static kj_routing_options held_out_of(const cli_training *t)
{
  kj_routing_options options = t->routing;
  options.folds = t->intervals;
  options.gate_folds = t->routing.folds;
  return options;
}

static kj_status check_folds(const cli_training *t, const kj_folds *folds,
                             kj_error *err)
{
  size_t n_folds;
  size_t *fold_of_row = calloc(t->data->n_rows, sizeof *fold_of_row);
  const kj_rows all = {NULL, t->data->n_rows};
  const kj_status status =
      fold_of_row
          ? kj_folds_make(t->data, all, folds, fold_of_row, &n_folds, err)
          : kj__fail_memory(err, "folds");
  free(fold_of_row);
  return status;
}

kj_status cli_training_check_folds(const cli_training *t, kj_error *err)
{
  kj_status status = KJ_OK;
  if (t->settings->intervals && has_routed_residuals(t)) {
    const kj_routing_options options = held_out_of(t);
    status = kj_routed_check_folds(t->data, &options, err);
  } else if (t->settings->intervals) {
    status = check_folds(t, &t->intervals, err);
  }
  if (status != KJ_OK)
    return kj__fail_in(err, status, "--intervals");
  if (t->settings->novelty)
    status = check_folds(t, &t->novelty, err);
  return status == KJ_OK ? status : kj__fail_in(err, status, "--novelty");
}

/* The residuals of what the model will give. */
static kj_status collect_residuals(cli_training *t, kj_residuals *residuals,
                                   kj_error *err)
{
  const kj_routing_options *r = &t->routing;
  const kj_dataset *data = t->data;
  if (!has_routed_residuals(t)) {
    const kj_residuals_options options = {.fit = r->fit,
                                          .folds = t->intervals,
                                          .n_members = t->settings->members,
                                          .n_threads = r->n_threads,
                                          .progress = r->progress,
                                          .stop = r->stop,
                                          .context = r->context};
    return kj_residuals_collect(data, t->unlabelled, &options, residuals, err);
  }
  const size_t n_values = data->n_rows * data->n_targets;
  double *values = calloc(2 * n_values + data->n_rows, sizeof *values);
  if (!values)
    return kj__fail_memory(err, "residuals");
  const bool predicts_sd = r->fit.loss == KJ_LOSS_NLL;
  const kj_routed out = {.values = values,
                         .sd = values + n_values,
                         .probability = values + 2 * n_values};
  const kj_routing_options held_out = held_out_of(t);
  kj_status status =
      kj_routed_out_of_fold(data, t->unlabelled, &held_out, &out, err);
  if (status == KJ_OK)
    status = kj_residuals_of(data, values, predicts_sd ? out.sd : NULL,
                             residuals, err);
  free(values);
  return status;
}

/* Each step makes another estimator of the one before. */
static kj_status replace(kj_estimator **estimator, kj_estimator *next,
                         kj_status status)
{
  if (status != KJ_OK)
    return status;
  kj_estimator_destroy(*estimator);
  *estimator = next;
  return KJ_OK;
}

static kj_status add_residuals(cli_training *t, kj_estimator **estimator,
                               kj_error *err)
{
  kj_residuals residuals[KJ_MAX_TARGETS];
  kj_estimator *next = NULL;
  if (!t->settings->intervals)
    return KJ_OK;
  cli_progress progress = cli_progress_start(t->settings->progress);
  t->routing.progress = cli_training_show_fits;
  t->routing.stop = cli_stop;
  t->routing.context = &progress;
  kj_status status = collect_residuals(t, residuals, err);
  cli_progress_end(&progress);
  if (status == KJ_EINTERRUPTED)
    return cli_members_stopped(&t->members, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status, "--intervals");
  status = kj_residuals_attach(*estimator, residuals, &next, err);
  return replace(estimator, next, status);
}

static kj_status add_novelty(cli_training *t, kj_estimator **estimator,
                             kj_error *err)
{
  kj_estimator *next = NULL;
  if (!t->settings->novelty)
    return KJ_OK;
  t->novelty.seed = t->settings->seed;
  const kj_status status = kj_novelty_attach(
      *estimator, t->data, &t->novelty, t->settings->false_alarms, &next, err);
  return status == KJ_OK ? replace(estimator, next, status)
                         : kj__fail_in(err, status, "--novelty");
}

/* Components of an estimator that routes, or other members of an ensemble. */
static kj_status add_inner(cli_training *t, kj_estimator **estimator,
                           kj_error *err)
{
  kj_routing routing = {.route = t->routing.route};
  kj_estimator *inner[CLI_MOST_MEMBERS] = {NULL}, *next = NULL;
  const size_t n = t->members.n - 1;
  kj_status status = KJ_OK;
  if (n == 0)
    return KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < n; i++)
    status = kj_fit_estimator(t->members.member[CLI_FIRST_COMPONENT + i].fit,
                              &inner[i], err);
  for (size_t c = 0; c < KJ_N_COMPONENTS && cli_training_is_routed(t); c++)
    routing.component[c] = inner[c];
  if (status == KJ_OK)
    status = cli_training_is_routed(t)
                 ? kj_routing_attach(*estimator, &routing, &next, err)
                 : kj_ensemble_attach(*estimator, inner, n, &next, err);
  for (size_t i = 0; i < n; i++)
    kj_estimator_destroy(inner[i]);
  return replace(estimator, next, status);
}

static kj_status make_estimator(cli_training *t, kj_estimator **out,
                                kj_error *err)
{
  kj_estimator *estimator = NULL;
  kj_status status =
      kj_fit_estimator(t->members.member[CLI_WHOLE].fit, &estimator, err);
  if (status == KJ_OK)
    status = add_inner(t, &estimator, err);
  if (status == KJ_OK)
    status = add_residuals(t, &estimator, err);
  if (status == KJ_OK)
    status = add_novelty(t, &estimator, err);
  if (status == KJ_OK)
    *out = estimator;
  else
    kj_estimator_destroy(estimator);
  return status;
}

/* ---- the card ---- */

/* Texts that a card borrows, of each member. */
typedef struct cards {
  kj_model_card card[CLI_MOST_MEMBERS];
  char *training_json[CLI_MOST_MEMBERS], *history_json[CLI_MOST_MEMBERS];
} cards;

/* How good the gate was on voices that it had not heard. */
static kj_status note_gate(const cli_training *t, char **training_json,
                           kj_error *err)
{
  const kj_dataset *view = &t->gate_view;
  double *truth = calloc(view->n_rows, sizeof *truth);
  double *p = calloc(view->n_rows, sizeof *p);
  kj_binary_rows rows = {.truth = truth, .probability = p};
  kj_binary_metrics metrics;
  for (size_t i = 0; truth && p && i < view->n_rows; i++)
    if (view->row[i].spontaneous >= 0) {
      truth[rows.n] = view->row[i].spontaneous;
      p[rows.n++] = t->probability[i];
    }
  kj_status status = truth && p
                         ? kj_binary_metrics_compute(&rows, &metrics, err)
                         : kj__fail_memory(err, "the record of a gate");
  if (status == KJ_OK) {
    json_t *record = json_loads(*training_json, 0, NULL);
    json_object_set_new(record, "out_of_fold", cli_json_binary(&metrics, NULL));
    char *text = json_dumps(record, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(record);
    free(*training_json);
    *training_json = text;
    status = text ? KJ_OK : kj__fail_memory(err, "the record of a gate");
  }
  free(truth);
  free(p);
  return status;
}

static const char *describe_member(const cli_training *t, size_t m)
{
  static const char *const WHAT[KJ_N_COMPONENTS] = {
      [KJ_COMPONENT_SCRIPTED] =
          "The expert for scripted speech: acted or read.",
      [KJ_COMPONENT_SPONTANEOUS] = "The expert for spontaneous speech.",
      [KJ_COMPONENT_GATE] = "Tells spontaneous from scripted speech.",
      [KJ_COMPONENT_INFORMED] =
          "Reads the gate's probability of spontaneous speech as its last "
          "feature; it learned from what gates said of voices that they had "
          "not heard."};
  if (m == CLI_WHOLE)
    return t->settings->description;
  return cli_training_is_routed(t) ? WHAT[m - CLI_FIRST_COMPONENT]
                                   : "Another member, with a seed of its own.";
}

static kj_status make_card(const cli_training *t, size_t m, cards *c,
                           kj_error *err)
{
  const cli_member *member = &t->members.member[m];
  const kj_dataset *data = member->data;
  const bool is_gate = data == &t->gate_view;
  kj_status status = kj_fit_record(member->fit, &c->training_json[m],
                                   &c->history_json[m], err);
  if (status == KJ_OK && is_gate && t->probability)
    status = note_gate(t, &c->training_json[m], err);
  c->card[m] = (kj_model_card){
      .feature_set = data->feature_set,
      .feature_set_version =
          data->feature_set_version ? data->feature_set_version : 1,
      .column = data->input_name,
      .n_columns = data->n_inputs,
      .rate_hz = t->sound.audio.rate_hz,
      .channel = t->sound.audio.channel,
      .method = kj_method_name((kj_method)t->settings->method),
      .licence = t->settings->licence,
      .intended_use = INTENDED_USE,
      .description = describe_member(t, m),
      .training_json = c->training_json[m],
      .history_json = c->history_json[m]};
  return status;
}

static kj_status make_cards(const cli_training *t, cards *c, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t m = 0; status == KJ_OK && m < t->members.n; m++)
    status = make_card(t, m, c, err);
  kj_model_card *whole = &c->card[CLI_WHOLE];
  for (size_t m = CLI_FIRST_COMPONENT; m < t->members.n; m++)
    *(cli_training_is_routed(t) ? &whole->component[m - CLI_FIRST_COMPONENT]
                                : &whole->other[m - CLI_FIRST_COMPONENT]) =
        &c->card[m];
  return status;
}

static void clear_cards(cards *c)
{
  for (size_t m = 0; m < CLI_MOST_MEMBERS; m++) {
    free(c->training_json[m]);
    free(c->history_json[m]);
  }
}

static void print_json(const cli_training *t, const cards *c)
{
  json_t *object =
      json_pack("{s:o, s:o}", "model", cli_json_text(t->settings->output),
                "training", json_loads(c->training_json[CLI_WHOLE], 0, NULL));
  json_t *components = json_object();
  for (size_t m = CLI_FIRST_COMPONENT; m < t->members.n; m++)
    json_object_set_new(components, t->members.member[m].name,
                        json_loads(c->training_json[m], 0, NULL));
  if (cli_training_is_routed(t))
    json_object_set(object, "components", components);
  json_decref(components);
  cli_print_json(stdout, object);
}

kj_status cli_training_write(cli_training *t, kj_error *err)
{
  kj_estimator *estimator = NULL;
  cards c = {0};
  kj_status status = make_estimator(t, &estimator, err);
  if (status == KJ_OK)
    status = make_cards(t, &c, err);
  if (status == KJ_OK)
    status =
        kj_model_write(t->settings->output, estimator, &c.card[CLI_WHOLE], err);
  if (status == KJ_OK)
    cli_members_finish(&t->members);
  else if (status != KJ_EINTERRUPTED)
    cli_members_keep(&t->members);
  if (status == KJ_OK && t->settings->json)
    print_json(t, &c);
  clear_cards(&c);
  kj_estimator_destroy(estimator);
  return status;
}
