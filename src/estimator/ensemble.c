/*
 * ensemble.c: several estimators of the same targets, heard together.
 *
 *   v = mean_m v_m,   sd^2 = mean_m s_m^2 + mean_m (v_m - v)^2
 *
 * by Welford's updates, so that members that agree cost no digits.
 *
 * Source: Lakshminarayanan, Pritzel and Blundell, Simple and scalable
 * predictive uncertainty estimation using deep ensembles, 2017, section 2.4;
 * Welford, Note on a method for calculating corrected sums of squares, 1962.
 */
#include "estimator/parts.h"

#include "base/error.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

bool kj_estimator_has_sd(const kj_estimator *estimator)
{
  return estimator->parts.predicts_sd || estimator->parts.n_others > 0;
}

bool kj__same_targets(const kj_estimator_parts *a, const kj_estimator_parts *b)
{
  bool same = a->n_targets == b->n_targets && a->link == b->link;
  for (size_t k = 0; same && k < a->n_targets; k++)
    same = strcmp(a->target[k], b->target[k]) == 0;
  return same;
}

static kj_status check_other(const kj_estimator_parts *parts, size_t m,
                             kj_error *err)
{
  const kj_estimator_parts *other =
      parts->other[m] ? &parts->other[m]->parts : NULL;
  if (!other)
    return kj__fail(err, KJ_EARGUMENT, "is NULL");
  if (other->scaler.n != parts->scaler.n)
    return kj__fail(err, KJ_ESHAPE, "%zu features; must be %zu",
                    other->scaler.n, parts->scaler.n);
  if (!kj__same_targets(other, parts))
    return kj__fail(err, KJ_ESHAPE, "targets are not those of the first");
  if (other->normalisation != parts->normalisation ||
      other->predicts_sd != parts->predicts_sd)
    return kj__fail(err, KJ_EARGUMENT,
                    "normalisation or predicted deviations are not those of "
                    "the first");
  if (kj__has_inner(other))
    return kj__fail(err, KJ_EARGUMENT, "has others inside itself");
  return KJ_OK;
}

kj_status kj__ensemble_check(const kj_estimator_parts *parts, kj_error *err)
{
  kj_status status = KJ_OK;
  if (parts->n_others > KJ_MAX_MEMBERS - 1)
    return kj__fail(err, KJ_EARGUMENT, "n_others is %zu; must be 0..%d",
                    parts->n_others, KJ_MAX_MEMBERS - 1);
  if (parts->n_others > 0 && parts->routing.component[KJ_COMPONENT_GATE])
    return kj__fail(err, KJ_EARGUMENT,
                    "an estimator with a gate has no members; its components "
                    "may");
  for (size_t m = 0; m < parts->n_others && status == KJ_OK; m++) {
    status = check_other(parts, m, err);
    if (status != KJ_OK)
      kj__fail_in(err, status, "member %zu", m + 2);
  }
  return status;
}

kj_status kj__ensemble_scratch_create(kj_estimator_scratch *scratch,
                                      kj_error *err)
{
  const kj_estimator *estimator = scratch->estimator;
  const size_t n_targets = estimator->parts.n_targets;
  if (estimator->parts.n_others == 0)
    return KJ_OK;
  scratch->said = kj__scratch_rows(scratch, n_targets, sizeof(double));
  scratch->said_sd = kj__scratch_rows(scratch, n_targets, sizeof(double));
  if (!scratch->said || !scratch->said_sd)
    return kj__fail_memory(err, "the scratch of an estimator");
  kj_status status = KJ_OK;
  for (size_t m = 0; m < estimator->parts.n_others && status == KJ_OK; m++)
    status = kj_estimator_scratch_create(estimator->other[m], scratch->max_rows,
                                         &scratch->allocator,
                                         &scratch->other[m], err);
  return status;
}

void kj__ensemble_scratch_destroy(kj_estimator_scratch *scratch)
{
  for (size_t m = 0; m < KJ_MAX_MEMBERS - 1; m++)
    kj_estimator_scratch_destroy(scratch->other[m]);
  kj__release(&scratch->allocator, scratch->said);
  kj__release(&scratch->allocator, scratch->said_sd);
}

/* Take in what member m (from 0) said: values are the mean of those so far, sd
 * the sum of squares about it and of what was predicted. */
static void take_in(kj_estimator_scratch *scratch, size_t m, size_t n,
                    double *values, double *sd)
{
  const bool is_predicted = scratch->estimator->parts.predicts_sd;
  for (size_t j = 0; j < n; j++) {
    const double s = is_predicted ? scratch->said_sd[j] : 0.0;
    const double gap = scratch->said[j] - values[j];
    values[j] += gap / (double)(m + 1);
    if (sd)
      sd[j] += gap * (scratch->said[j] - values[j]) + s * s;
  }
}

void kj__ensemble_estimate(kj_estimator_scratch *scratch,
                           const kj__rows_in *rows, double *values, double *sd)
{
  const kj_estimator_parts *parts = &scratch->estimator->parts;
  const size_t n = rows->n_rows * parts->n_targets;
  for (size_t j = 0; j < n; j++) {
    values[j] = 0.0;
    if (sd)
      sd[j] = 0.0;
  }
  kj__estimate_alone(scratch, rows, scratch->said, scratch->said_sd);
  take_in(scratch, 0, n, values, sd);
  for (size_t m = 0; m < parts->n_others; m++) {
    kj__estimate_alone(scratch->other[m], rows, scratch->said,
                       scratch->said_sd);
    take_in(scratch, m + 1, n, values, sd);
  }
  for (size_t j = 0; sd && j < n; j++)
    sd[j] = sqrt(fmax(sd[j], 0.0) / (double)(parts->n_others + 1));
}
