/*
 * residuals.c: how wide an interval around an estimate must be, from the
 * quantiles of held-out residuals (docs/intervals.md).
 */
#include "estimator/parts.h"

#include "base/error.h"
#include <math.h>

/* Products of levels are not exact: 0.55 of 100 is a little more than 55. */
static const double SLACK = 1e-9;

kj_status kj__residuals_check(const kj_residuals *residuals, kj_error *err)
{
  double last = 0.0;
  if (residuals->n_residuals == 0)
    return KJ_OK;
  if (residuals->n_speakers < 1 ||
      residuals->n_speakers > residuals->n_residuals)
    return kj__fail(err, KJ_EARGUMENT,
                    "interval of %zu residuals of %zu speakers; must be 1..%zu "
                    "speakers",
                    residuals->n_residuals, residuals->n_speakers,
                    residuals->n_residuals);
  for (size_t q = 0; q < KJ_RESIDUAL_LEVELS; q++) {
    const double value = residuals->quantile[q];
    if (!isfinite(value) || value < last)
      return kj__fail(err, KJ_EARGUMENT,
                      "interval: quantile %zu is %g; must be finite and at "
                      "least %g, the one before it",
                      q, value, last);
    last = value;
  }
  const double shares[] = {residuals->covered, residuals->least_covered};
  for (size_t i = 0; i < 2; i++)
    if (!(shares[i] >= 0.0 && shares[i] <= 1.0) && shares[i] != -1.0)
      return kj__fail(err, KJ_EARGUMENT,
                      "interval: coverage is %g; must be 0..1, or -1 where it "
                      "is not known",
                      shares[i]);
  return KJ_OK;
}

kj_status kj_residuals_half_width(const kj_residuals *residuals, double level,
                                  double *half_width, kj_error *err)
{
  if (!(level >= KJ_INTERVAL_LEAST && level <= KJ_INTERVAL_MOST))
    return kj__fail(err, KJ_EARGUMENT, "level is %g; must be %g..%g", level,
                    KJ_INTERVAL_LEAST, KJ_INTERVAL_MOST);
  if (residuals->n_residuals == 0)
    return kj__fail(err, KJ_EDATA, "no residuals of held-out speakers known");
  const double n = (double)residuals->n_residuals;
  const double share = fmin(1.0, level * (n + 1.0) / n);
  const double position = share * (KJ_RESIDUAL_LEVELS - 1);
  *half_width = residuals->quantile[(size_t)ceil(position - SLACK)];
  return KJ_OK;
}
