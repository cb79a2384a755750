/*
 * intervals.c: the interval of each metric, on the scale where the metric is
 * closest to normal.
 */
#include "kanjo/metrics.h"

#include "base/error.h"
#include "metrics/bootstrap.h"

#include <math.h>

/* There and back: the logarithm for what is positive, Fisher's z for what is
 * a correlation. */
typedef struct scale {
  double (*to)(double metric);
  double (*from)(double scaled);
} scale;

static const scale SCALES[KJ_N_METRICS] = {
    [KJ_METRIC_MAE] = {log, exp},      [KJ_METRIC_RMSE] = {log, exp},
    [KJ_METRIC_CCC] = {atanh, tanh},   [KJ_METRIC_PEARSON] = {atanh, tanh},
    [KJ_METRIC_SD_RATIO] = {log, exp},
};

static void scaled_metrics(const double *sums, kj__origin origin,
                           double value[KJ_N_METRICS])
{
  const kj_metrics metrics = kj__sums_metrics(sums, origin);
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    value[m] = SCALES[m].to(kj_metric_value(&metrics, (kj_metric)m));
}

kj_status kj_metrics_intervals(const kj_metric_rows *rows,
                               const kj_bootstrap_options *options,
                               kj_metric_intervals *out, kj_error *err)
{
  const kj_bootstrap_options used =
      options ? *options : kj_bootstrap_defaults();
  if (!out)
    return kj__fail(err, KJ_EARGUMENT, "out is NULL");
  kj_status status = kj__bootstrap_check(&used, err);
  if (status != KJ_OK)
    return status;

  kj__clusters clusters = {0};
  kj_interval scaled[KJ_N_METRICS];
  status = kj__clusters_init(&clusters, rows, NULL, used.allocator, err);
  if (status != KJ_OK)
    return status;
  status = kj__bootstrap(&clusters, scaled_metrics, &used, scaled, err);
  if (status != KJ_OK)
    goto out;
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    out->of[m] = (kj_interval){SCALES[m].from(scaled[m].low),
                               SCALES[m].from(scaled[m].high)};
out:
  kj__clusters_clear(&clusters);
  return status;
}
