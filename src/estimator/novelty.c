/*
 * novelty.c: how unlike all known voices a row of features is: its
 * Mahalanobis distance, by forward substitution (docs/novelty.md).
 */
#include "estimator/parts.h"

#include "base/error.h"
#include <math.h>

static kj_status check_factor(const float *factor, size_t n, kj_error *err)
{
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      const float value = *factor++;
      if (!isfinite(value) || (i == j && !(value > 0.0f)))
        return kj__fail(err, KJ_EARGUMENT,
                        "novelty.factor in row %zu, column %zu is %g; must be "
                        "finite, and above 0 on the diagonal",
                        i, j, (double)value);
    }
  return KJ_OK;
}

kj_status kj__novelty_check(const kj_novelty *novelty, size_t n, kj_error *err)
{
  if (novelty->n_rows == 0)
    return KJ_OK;
  if (novelty->n_speakers < 1 || novelty->n_speakers > novelty->n_rows)
    return kj__fail(err, KJ_EARGUMENT,
                    "novelty of %zu speakers; must be 1..%zu, the rows",
                    novelty->n_speakers, novelty->n_rows);
  if (!(novelty->threshold > 0.0) || !isfinite(novelty->threshold))
    return kj__fail(err, KJ_EARGUMENT,
                    "novelty.threshold is %g; must be above 0 and finite",
                    novelty->threshold);
  if (!(novelty->false_alarms > 0.0 && novelty->false_alarms < 1.0))
    return kj__fail(err, KJ_EARGUMENT,
                    "novelty.false_alarms is %g; must be between 0 and 1",
                    novelty->false_alarms);
  for (size_t j = 0; j < n; j++)
    if (!isfinite(novelty->centre[j]))
      return kj__fail(err, KJ_EARGUMENT,
                      "novelty.centre of column %zu is %g; must be finite", j,
                      (double)novelty->centre[j]);
  return check_factor(novelty->factor, n, err);
}

double kj__novelty_distance(const kj_novelty *novelty, size_t n, const float *z,
                            double *white)
{
  const float *row = novelty->factor; /* of L */
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) {
    double left = (double)z[i] - (double)novelty->centre[i];
    for (size_t j = 0; j < i; j++)
      left -= (double)row[j] * white[j];
    white[i] = left / (double)row[i];
    sum += white[i] * white[i];
    row += i + 1;
  }
  return sqrt(sum / (double)n);
}

kj_status kj_estimator_novelty(const kj_estimator *estimator,
                               kj_estimator_scratch *scratch, const float *x,
                               size_t n_rows, int already_scaled,
                               double *novelty, kj_error *err)
{
  const kj_estimator_parts *parts = &estimator->parts;
  const size_t n = parts->scaler.n;
  if (parts->novelty.n_rows == 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "this estimator knows nothing of novelty");
  const kj_status status =
      kj__estimate_check(estimator, scratch, x, n_rows, already_scaled, err);
  for (size_t i = 0; status == KJ_OK && i < n_rows; i++) {
    const float *z = x + i * n;
    if (!already_scaled) {
      kj_scaler_apply(&parts->scaler, z, 1, scratch->scaled);
      z = scratch->scaled;
    }
    novelty[i] = kj__novelty_distance(&parts->novelty, n, z, scratch->white) /
                 parts->novelty.threshold;
  }
  return status;
}
