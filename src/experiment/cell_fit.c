/*
 * cell_fit.c: one cell: a fit, its estimates, and what the store keeps of it.
 */
#include "experiment/fit_state.h"
#include "experiment/run_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 17 }; /* of a double, so that it is read back as it was */

static kj_status take_text(json_t *json, const char **text, kj_error *err)
{
  *text = json ? json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY |
                                      JSON_REAL_PRECISION(DIGITS))
               : NULL;
  json_decref(json);
  return *text ? KJ_OK : kj__fail_memory(err, "the record of a cell");
}

static json_t *number(double value)
{
  return isfinite(value) ? json_real(value) : json_null();
}

/* {target: {metric: value}} of the rated rows. */
static json_t *metrics_json(const kj_dataset *data, kj_rows rows,
                            const double *estimate, double *pairs)
{
  const size_t n_t = data->n_targets;
  json_t *object = json_object();
  for (size_t k = 0; k < n_t; k++) {
    kj_metrics metrics;
    size_t n = 0;
    for (size_t i = 0; i < rows.n; i++) {
      const double y = (double)data->y[kj__row(rows, i) * n_t + k];
      if (!isfinite(y))
        continue;
      pairs[n] = y;
      pairs[rows.n + n++] = estimate[i * n_t + k];
    }
    if (n == 0 ||
        kj_metrics_compute(pairs, pairs + rows.n, n, &metrics, NULL) != KJ_OK)
      continue;
    json_t *of = json_object();
    for (int m = 0; m < KJ_N_METRICS; m++)
      json_object_set_new(of, kj_metric_name((kj_metric)m),
                          number(kj_metric_value(&metrics, (kj_metric)m)));
    json_object_set_new(object, data->target[k], of);
  }
  return object;
}

static json_t *names_json(const kj_dataset *data, kj_rows rows)
{
  json_t *targets = json_array(), *list = json_array();
  for (size_t k = 0; k < data->n_targets; k++)
    json_array_append_new(targets, json_string(data->target[k]));
  for (size_t i = 0; i < rows.n; i++) {
    const kj_row *row = &data->row[kj__row(rows, i)];
    json_t *name = json_string(row->name);
    json_t *speaker = json_string(row->group_name[KJ_GROUP_SPEAKER]);
    json_array_append_new(list,
                          json_pack("[o, o]", name ? name : json_string("?"),
                                    speaker ? speaker : json_string("?")));
  }
  return json_pack("{s:o, s:o}", "targets", targets, "rows", list);
}

static kj_status describe_rows(const kj_dataset *data, const kj__cell *cell,
                               kj__cell_outcome *out, kj_error *err)
{
  const kj_rows rows = cell->part->test;
  const size_t n_t = data->n_targets;
  double *truth = kj__allocate(NULL, rows.n, n_t * sizeof *truth);
  out->rows.truth = truth;
  out->rows.n_truths = rows.n * n_t;
  out->rows.key = cell->part->test_hash;
  if (!truth)
    return kj__fail_memory(err, "the record of a cell");
  for (size_t i = 0; i < rows.n; i++)
    for (size_t k = 0; k < n_t; k++)
      truth[i * n_t + k] = (double)data->y[kj__row(rows, i) * n_t + k];
  return take_text(names_json(data, rows), &out->rows.names, err);
}

/* What the store keeps of a fit that is done; `estimate` becomes the
 * record's. */
static kj_status describe(const kj_dataset *data, const kj__cell *cell,
                          const kj_fit *fit, kj__cell_outcome *out,
                          kj_error *err)
{
  const kj_rows rows = cell->part->test;
  kj_run_record *r = &out->record;
  double *pairs = kj__allocate(NULL, rows.n, 2 * sizeof *pairs);
  kj_status status =
      pairs ? take_text(metrics_json(data, rows, r->estimate, pairs),
                        &r->metrics, err)
            : kj__fail_memory(err, "the record of a cell");
  kj__release(NULL, pairs);
  if (status == KJ_OK)
    status = take_text(kj__fit_history_json(fit), &r->history, err);
  if (status == KJ_OK && cell->has_robustness) {
    json_t *robustness = kj__robustness(fit, data, rows, err);
    if (!robustness)
      return err ? err->status : KJ_EMEMORY;
    status = take_text(robustness, &r->robustness, err);
  } else if (status == KJ_OK) {
    status = take_text(json_null(), &r->robustness, err);
  }
  return status == KJ_OK ? describe_rows(data, cell, out, err) : status;
}

static kj_status train(const kj_dataset *data, const kj__cell *cell,
                       bool (*stop)(void *), void *context, kj_fit **out,
                       kj_error *err)
{
  const kj_unlabelled unlabelled = {data, cell->unlabelled};
  kj_status status = kj_fit_create(data, cell->part->train,
                                   cell->unlabelled.n > 0 ? &unlabelled : NULL,
                                   &cell->options, out, err);
  while (status == KJ_OK && !kj_fit_is_done(*out))
    status = kj_fit_run_epoch(*out, stop, context, err);
  return status;
}

bool kj__cell_predicts_sd(const kj__cell *cell)
{
  return cell->options.method == KJ_METHOD_NETWORK &&
         cell->options.loss == KJ_LOSS_NLL;
}

kj_status kj__record_check(const kj_run_record *record, size_t n_estimates,
                           bool needs_sd, kj_error *err)
{
  if (record->n_estimates != n_estimates)
    return kj__fail(err, KJ_EDATA,
                    "cell %.16s has %zu estimates; must have %zu", record->key,
                    record->n_estimates, n_estimates);
  if (needs_sd && !record->sd)
    return kj__fail(err, KJ_EDATA, "cell %.16s has no deviations", record->key);
  return KJ_OK;
}

static kj_status estimate(const kj_dataset *data, const kj__cell *cell,
                          const kj_fit *fit, kj_run_record *record,
                          kj_error *err)
{
  kj_estimator *estimator = NULL;
  const kj_rows rows = cell->part->test;
  const bool predicts_sd = kj__cell_predicts_sd(cell);
  const size_t size = data->n_targets * sizeof(double);
  double *values = kj__allocate(NULL, rows.n, size);
  double *sd = predicts_sd ? kj__allocate(NULL, rows.n, size) : NULL;
  record->estimate = values;
  record->sd = sd;
  record->n_estimates = rows.n * data->n_targets;
  kj_status status = values && (sd || !predicts_sd)
                         ? kj_fit_estimator(fit, &estimator, err)
                         : kj__fail_memory(err, "the estimates of a cell");
  if (status == KJ_OK)
    status = predicts_sd
                 ? kj_estimate_rows_sd(estimator, data, rows, values, sd, err)
                 : kj_estimate_rows(estimator, data, rows, values, err);
  kj_estimator_destroy(estimator);
  return status;
}

kj_status kj__cell_run(const kj__run *run, const kj__cell *cell,
                       bool (*stop)(void *), void *context,
                       kj__cell_outcome *out, kj_error *err)
{
  kj_fit *fit = NULL;
  kj__cell_data view;
  kj_error local;
  err = err ? err : &local;
  *out = (kj__cell_outcome){.record = {.key = cell->key,
                                       .version = KANJO_VERSION,
                                       .data = cell->data_hash,
                                       .protocol = run->protocol->hash,
                                       .name = run->protocol->name,
                                       .experiment = cell->experiment,
                                       .fold = cell->part->fold + 1,
                                       .seed = cell->options.seed,
                                       .contender = cell->contender,
                                       .settings = cell->settings,
                                       .rows = cell->part->test_hash}};
  kj_status status = kj__cell_data_create(run, cell, &view, err);
  if (status == KJ_OK)
    status = train(view.data, cell, stop, context, &fit, err);
  if (status == KJ_OK)
    status = estimate(view.data, cell, fit, &out->record, err);
  if (status == KJ_OK)
    status = describe(view.data, cell, fit, out, err);
  kj_fit_destroy(fit);
  kj__cell_data_clear(&view);
  if (status != KJ_OK) {
    kj__cell_outcome_clear(out);
    kj__fail_in(err, status, "experiment '%s', fold %zu, seed %llu, %s",
                cell->experiment, cell->part->fold + 1,
                (unsigned long long)cell->options.seed, cell->contender);
  }
  return status;
}

void kj__cell_outcome_clear(kj__cell_outcome *outcome)
{
  /* Taken by this file with malloc, and const only for readers. */
  const void *const taken[] = {
      outcome->record.history, outcome->record.robustness,
      outcome->record.metrics, outcome->record.estimate,
      outcome->record.sd,      outcome->rows.names,
      outcome->rows.truth};
  for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
    free((void *)(uintptr_t)taken[i]);
  *outcome = (kj__cell_outcome){0};
}
