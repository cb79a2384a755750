/*
 * estimate.c: features in, values on the 1..5 scale out.
 *
 *   values = link(slope * network(scaler(x)) + offset)
 */
#include "estimator/parts.h"

#include "base/error.h"
#include "base/memory.h"
#include "network/loss.h"
#include <math.h>

/* A panel of 32 rows costs the same however many of them are used: about as
 * much as this many rows one after another (384-1200-600-1, bench_estimate). */
enum { FEW_ROWS = 6 };

static size_t widest_output(const kj_estimator_parts *parts)
{
  size_t widest = 0;
  for (size_t p = 0; p < parts->n_parts; p++) {
    const size_t width = kj__outputs(&parts->part[p].network->shape);
    widest = width > widest ? width : widest;
  }
  return widest;
}

void *kj__scratch_rows(const kj_estimator_scratch *scratch, size_t width,
                       size_t size)
{
  size_t count;
  if (!kj__size_multiply(scratch->max_rows, width, &count))
    return NULL;
  return kj__allocate(&scratch->allocator, count, size);
}

/* Many rows of floats. Whole numbers have one way only. */
static bool uses_panels(const kj_estimator_parts *parts, size_t n_rows)
{
  return n_rows > FEW_ROWS && parts->weights != KJ_WEIGHTS_INT8;
}

static kj_status fill_scratch(kj_estimator_scratch *scratch, kj_error *err)
{
  const kj_estimator_parts *parts = &scratch->estimator->parts;
  scratch->scaled =
      kj__scratch_rows(scratch, parts->scaler.n, sizeof *scratch->scaled);
  scratch->output =
      kj__scratch_rows(scratch, widest_output(parts), sizeof *scratch->output);
  if (parts->novelty.n_rows > 0)
    scratch->white = kj__allocate(&scratch->allocator, parts->scaler.n,
                                  sizeof *scratch->white);
  if (!scratch->scaled || !scratch->output ||
      (parts->novelty.n_rows > 0 && !scratch->white))
    return kj__fail_memory(err, "the scratch of an estimator");
  kj_status status = KJ_OK;
  for (size_t p = 0; p < parts->n_parts && status == KJ_OK; p++) {
    status = kj__packed_scratch_create(scratch->estimator->packed[p],
                                       &scratch->allocator, &scratch->packed[p],
                                       err);
    if (status == KJ_OK && uses_panels(parts, scratch->max_rows))
      status = kj_activations_create(&parts->part[p].network->shape,
                                     scratch->max_rows, &scratch->allocator,
                                     &scratch->activations[p], err);
  }
  if (status == KJ_OK)
    status = kj__ensemble_scratch_create(scratch, err);
  return status == KJ_OK ? kj__routing_scratch_create(scratch, err) : status;
}

kj_status kj_estimator_scratch_create(const kj_estimator *estimator,
                                      size_t max_rows,
                                      const kj_allocator *allocator,
                                      kj_estimator_scratch **out, kj_error *err)
{
  if (max_rows == 0)
    return kj__fail(err, KJ_EARGUMENT, "max_rows is 0; must be at least 1");
  kj_estimator_scratch *scratch = kj__allocate(allocator, 1, sizeof *scratch);
  if (!scratch)
    return kj__fail_memory(err, "the scratch of an estimator");
  scratch->estimator = estimator;
  scratch->max_rows = max_rows;
  scratch->allocator = kj__allocator(allocator);
  const kj_status status = fill_scratch(scratch, err);
  if (status != KJ_OK)
    kj_estimator_scratch_destroy(scratch);
  else
    *out = scratch;
  return status;
}

void kj_estimator_scratch_destroy(kj_estimator_scratch *scratch)
{
  if (!scratch)
    return;
  const kj_allocator allocator = scratch->allocator;
  kj__routing_scratch_destroy(scratch);
  kj__ensemble_scratch_destroy(scratch);
  for (size_t p = 0; p < KJ_MAX_TARGETS; p++) {
    kj__packed_scratch_destroy(scratch->packed[p]);
    kj_activations_destroy(scratch->activations[p]);
  }
  kj__release(&allocator, scratch->white);
  kj__release(&allocator, scratch->output);
  kj__release(&allocator, scratch->scaled);
  kj__release(&allocator, scratch);
}

static kj_status check_features(const float *x, size_t n_rows, size_t n,
                                kj_error *err)
{
  for (size_t i = 0; i < n_rows; i++)
    for (size_t j = 0; j < n; j++)
      if (!isfinite(x[i * n + j]))
        return kj__fail(err, KJ_EDATA,
                        "feature in row %zu, column %zu (from 0) is %g; "
                        "must be finite",
                        i, j, (double)x[i * n + j]);
  return KJ_OK;
}

kj_status kj__values_check(const kj_estimator_parts *parts,
                           const double *values, size_t n_rows, kj_error *err)
{
  for (size_t i = 0; i < n_rows * parts->n_targets; i++)
    if (!isfinite(values[i]))
      return kj__fail(err, KJ_EDATA,
                      "estimate of %s in row %zu (from 0) is %g; the weights "
                      "are too large for these features",
                      parts->target[i % parts->n_targets], i / parts->n_targets,
                      values[i]);
  return KJ_OK;
}

/* One network's answers to n_rows rows, into scratch->output. */
static void run_network(kj_estimator_scratch *scratch, size_t p, const float *x,
                        size_t n_rows)
{
  const kj_estimator *estimator = scratch->estimator;
  const kj_network *network = estimator->parts.part[p].network;
  const size_t n_out = kj__outputs(&network->shape);
  if (uses_panels(&estimator->parts, n_rows)) {
    kj_network_forward(network, x, n_rows, scratch->activations[p],
                       scratch->output);
    return;
  }
  for (size_t i = 0; i < n_rows; i++)
    kj__packed_forward(estimator->packed[p], x + i * estimator->parts.scaler.n,
                       scratch->packed[p], scratch->output + i * n_out);
}

static double answer(const kj_estimator_parts *parts, size_t target,
                     double output)
{
  const double value = parts->slope[target] * output + parts->offset[target];
  return parts->link == KJ_LINK_LOGIT ? kj__logistic(value) : value;
}

/* One network's answers, calibrated, into its columns of `values` and, where
 * deviations are predicted and wanted, of `sd`. */
static void estimate_part(kj_estimator_scratch *scratch, size_t p,
                          const kj__rows_in *rows, double *values, double *sd)
{
  const kj_estimator_parts *parts = &scratch->estimator->parts;
  const kj_estimator_part *part = &parts->part[p];
  const size_t n_out = kj__outputs(&part->network->shape);
  const size_t n_targets = kj__part_targets(parts, p);
  run_network(scratch, p, rows->x, rows->n_rows);
  for (size_t i = 0; i < rows->n_rows; i++)
    for (size_t k = 0; k < n_targets; k++) {
      const size_t target = part->first_target + k;
      const size_t at = i * parts->n_targets + target;
      const kj_real *output = scratch->output + i * n_out + k;
      values[at] = answer(parts, target, (double)output[0]);
      if (sd && parts->predicts_sd)
        sd[at] = fabs(parts->slope[target]) *
                 exp(kj__log_sd_of((double)output[n_targets]).value);
    }
}

void kj__estimate_alone(kj_estimator_scratch *scratch, const kj__rows_in *rows,
                        double *values, double *sd)
{
  const kj_estimator_parts *parts = &scratch->estimator->parts;
  kj__rows_in scaled = *rows;
  if (!rows->already_scaled) {
    kj_scaler_apply(&parts->scaler, rows->x, rows->n_rows, scratch->scaled);
    scaled.x = scratch->scaled;
  }
  for (size_t p = 0; p < parts->n_parts; p++)
    estimate_part(scratch, p, &scaled, values, sd);
}

void kj__estimate_plain(kj_estimator_scratch *scratch, const kj__rows_in *rows,
                        double *values, double *sd)
{
  if (scratch->estimator->parts.n_others > 0)
    kj__ensemble_estimate(scratch, rows, values, sd);
  else
    kj__estimate_alone(scratch, rows, values, sd);
}

static kj_status check_call(const kj_estimator *estimator,
                            const kj_estimator_scratch *scratch,
                            bool already_scaled, kj_error *err)
{
  if (scratch->estimator != estimator)
    return kj__fail(err, KJ_EARGUMENT,
                    "scratch was made for another estimator");
  if (estimator->parts.normalisation == KJ_NORMALISE_TRAIN && already_scaled &&
      kj__has_inner(&estimator->parts))
    return kj__fail(err, KJ_EARGUMENT,
                    "already_scaled is 1; experts and members have a scaler "
                    "each and need the features as they are");
  if (estimator->parts.normalisation != KJ_NORMALISE_TRAIN && !already_scaled)
    return kj__fail(err, KJ_EARGUMENT,
                    "already_scaled is 0; this estimator was trained on "
                    "features standardised per corpus or speaker, and needs "
                    "them so");
  return KJ_OK;
}

kj_status kj__estimate_check(const kj_estimator *estimator,
                             const kj_estimator_scratch *scratch,
                             const float *x, size_t n_rows, bool already_scaled,
                             kj_error *err)
{
  const kj_status status = check_call(estimator, scratch, already_scaled, err);
  return status == KJ_OK
             ? check_features(x, n_rows, estimator->parts.scaler.n, err)
             : status;
}

static kj_status estimate(const kj_estimator *estimator,
                          kj_estimator_scratch *scratch,
                          const kj__rows_in *rows, double *values, double *sd,
                          kj_error *err)
{
  const kj_estimator_parts *parts = &estimator->parts;
  const size_t n = parts->scaler.n;
  const kj_status status = kj__estimate_check(
      estimator, scratch, rows->x, rows->n_rows, rows->already_scaled, err);
  if (status != KJ_OK)
    return status;
  for (size_t first = 0; first < rows->n_rows; first += scratch->max_rows) {
    const size_t left = rows->n_rows - first;
    const size_t at = first * parts->n_targets;
    const kj__rows_in here = {rows->x + first * n,
                              left < scratch->max_rows ? left
                                                       : scratch->max_rows,
                              rows->already_scaled};
    kj__estimate_plain(scratch, &here, values + at, sd ? sd + at : NULL);
  }
  return kj__values_check(parts, values, rows->n_rows, err);
}

/* By the estimator's own route. */
static kj_status route(const kj_estimator *estimator,
                       kj_estimator_scratch *scratch, const kj__rows_in *rows,
                       const kj_routed *out, kj_error *err)
{
  const kj_passage in = {.x = rows->x,
                         .n_rows = rows->n_rows,
                         .already_scaled = rows->already_scaled,
                         .route = estimator->parts.routing.route};
  return kj_estimator_route(estimator, scratch, &in, out, err);
}

kj_status kj_estimator_estimate(const kj_estimator *estimator,
                                kj_estimator_scratch *scratch, const float *x,
                                size_t n_rows, int already_scaled,
                                double *values, kj_error *err)
{
  const kj__rows_in rows = {x, n_rows, already_scaled != 0};
  if (estimator->component[KJ_COMPONENT_GATE])
    return route(estimator, scratch, &rows, &(kj_routed){.values = values},
                 err);
  return estimate(estimator, scratch, &rows, values, NULL, err);
}

kj_status kj_estimator_estimate_sd(const kj_estimator *estimator,
                                   kj_estimator_scratch *scratch,
                                   const float *x, size_t n_rows,
                                   int already_scaled, double *values,
                                   double *sd, kj_error *err)
{
  const kj__rows_in rows = {x, n_rows, already_scaled != 0};
  if (estimator->component[KJ_COMPONENT_GATE])
    return route(estimator, scratch, &rows,
                 &(kj_routed){.values = values, .sd = sd}, err);
  if (!kj_estimator_has_sd(estimator))
    return kj__fail(err, KJ_EARGUMENT,
                    "the estimator predicts no deviations and is no ensemble");
  return estimate(estimator, scratch, &rows, values, sd, err);
}
