/*
 * sums.c: rows to sums, sums to metrics (the formulas of kanjo/metrics.h).
 */
#include "metrics/sums.h"

#include <math.h>

/* A variance under this part of the mean square about the origin has lost all
 * its digits to cancellation (double has 16). */
static const double VARIANCE_FLOOR = 1e-12;

double kj__mean(const double *values, size_t n)
{
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += values[i] - values[0];
  return values[0] + sum / (double)n;
}

void kj__sums_add(double sums[KJ__N_SUMS], double truth, double estimate,
                  kj__origin origin)
{
  const double error = estimate - truth;
  const double y = truth - origin.truth;
  const double f = estimate - origin.estimate;
  sums[KJ__SUM_N] += 1;
  sums[KJ__SUM_ABS_ERROR] += fabs(error);
  sums[KJ__SUM_ERROR_2] += error * error;
  sums[KJ__SUM_TRUTH] += y;
  sums[KJ__SUM_ESTIMATE] += f;
  sums[KJ__SUM_TRUTH_2] += y * y;
  sums[KJ__SUM_ESTIMATE_2] += f * f;
  sums[KJ__SUM_PRODUCT] += y * f;
}

static double variance(double n, double sum, double sum_of_squares)
{
  const double about_mean = sum_of_squares - sum * sum / n;
  return about_mean > VARIANCE_FLOOR * sum_of_squares ? about_mean / n : 0;
}

static double within_one(double x)
{
  return fmax(-1, fmin(1, x));
}

kj_metrics kj__sums_metrics(const double sums[KJ__N_SUMS], kj__origin origin)
{
  const double n = sums[KJ__SUM_N];
  const double mean_y = sums[KJ__SUM_TRUTH] / n;
  const double mean_f = sums[KJ__SUM_ESTIMATE] / n;
  const double var_y = variance(n, sums[KJ__SUM_TRUTH], sums[KJ__SUM_TRUTH_2]);
  const double var_f =
      variance(n, sums[KJ__SUM_ESTIMATE], sums[KJ__SUM_ESTIMATE_2]);
  const double bias = (origin.estimate - origin.truth) + (mean_f - mean_y);
  kj_metrics metrics = {.mae = sums[KJ__SUM_ABS_ERROR] / n,
                        .rmse = sqrt(sums[KJ__SUM_ERROR_2] / n),
                        .ccc = nan(""),
                        .pearson = nan(""),
                        .sd_ratio = nan("")};
  if (var_y > 0) {
    metrics.ccc = 0;
    metrics.sd_ratio = sqrt(var_f) / sqrt(var_y);
  }
  if (var_y > 0 && var_f > 0) {
    const double covariance = (sums[KJ__SUM_PRODUCT] - n * mean_y * mean_f) / n;
    metrics.ccc = within_one(2 * covariance / (var_y + var_f + bias * bias));
    metrics.pearson = within_one(covariance / (sqrt(var_y) * sqrt(var_f)));
  }
  return metrics;
}
