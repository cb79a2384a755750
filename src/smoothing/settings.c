/*
 * settings.c: the settings of a smoothing, and what is allowed in them.
 *
 * Source of the values: Kuwahara et al., ICAART 2020, figures 3 and 4 (lambda
 * and epsilon); the ranges are Kanjo's.
 */
#include "base/error.h"
#include "kanjo/smoothing.h"

#include <stdio.h>

kj_smoothing kj_smoothing_defaults(kj_smoothing_kind kind)
{
  kj_smoothing smoothing = {
      .kind = kind,
      .lambda = 1.5,
      .epsilon = 1.5,
      .direction = KJ_DIRECTION_EXACT,
      .power_iterations = 1,
      .xi = 1e-3,
  };
  for (size_t k = 0; k < KJ_MAX_OUTPUTS; k++)
    smoothing.sigma[k] = 1.0;
  return smoothing;
}

/* One number of the settings and what it may be. */
typedef struct range {
  const char *field;
  double value, low, high;
} range;

/* NaN fails both comparisons, infinities one. */
static kj_status check_range(const range *r, kj_error *err)
{
  if (r->value >= r->low && r->value <= r->high)
    return KJ_OK;
  return kj__fail(err, KJ_EARGUMENT, "%s is %g; must be %g..%g", r->field,
                  r->value, r->low, r->high);
}

static kj_status check_ranges(const range *ranges, size_t n, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t i = 0; i < n && status == KJ_OK; i++)
    status = check_range(&ranges[i], err);
  return status;
}

static kj_status check_sigma(const kj_smoothing *s, size_t n_targets,
                             kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t k = 0; k < n_targets && status == KJ_OK; k++) {
    char field[32];
    snprintf(field, sizeof field, "sigma[%zu]", k);
    status = check_range(&(range){field, s->sigma[k], 1e-6, 1e6}, err);
  }
  return status;
}

static kj_status check_names(const kj_smoothing *s, kj_error *err)
{
  if (!kj_smoothing_name(s->kind))
    return kj__fail(err, KJ_EARGUMENT, "kind is %d; no such smoothing",
                    (int)s->kind);
  if (s->kind == KJ_SMOOTHING_VAT && !kj_direction_name(s->direction))
    return kj__fail(err, KJ_EARGUMENT, "direction is %d; no such direction",
                    (int)s->direction);
  return KJ_OK;
}

kj_status kj_smoothing_check(const kj_smoothing *s, size_t n_targets,
                             kj_error *err)
{
  const range count = {"n_targets", (double)n_targets, 1.0, KJ_MAX_OUTPUTS};
  const range terms[] = {
      {"lambda", s->lambda, 0.0, 1e6},
      {"epsilon", s->epsilon, 0.0, 1e6},
  };
  const range power[] = {
      {"power_iterations", s->power_iterations, 1.0, KJ_MAX_POWER_ITERATIONS},
      {"xi", s->xi, 1e-12, 1.0},
  };
  kj_status status = check_names(s, err);
  if (status == KJ_OK)
    status = check_range(&count, err);
  if (status != KJ_OK || s->kind == KJ_SMOOTHING_NONE)
    return status;
  status = check_ranges(terms, 2, err);
  if (status == KJ_OK)
    status = check_sigma(s, n_targets, err);
  if (status == KJ_OK && s->kind == KJ_SMOOTHING_VAT &&
      s->direction == KJ_DIRECTION_POWER)
    status = check_ranges(power, 2, err);
  return status;
}
