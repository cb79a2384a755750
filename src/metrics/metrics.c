/*
 * metrics.c: the five metrics of all rows, and what the one list says of them.
 */
#include "kanjo/metrics.h"

#include "base/error.h"
#include "metrics/clusters.h"
#include "metrics/sums.h"

#include <math.h>

const char *kj_metric_name(kj_metric metric)
{
  switch (metric) {
#define KJ_METRIC_CASE(name, field, better)                                    \
  case name:                                                                   \
    return #field;
    KJ_METRIC_LIST(KJ_METRIC_CASE)
#undef KJ_METRIC_CASE
  case KJ_N_METRICS:
    break;
  }
  return "unknown";
}

kj_better kj_metric_better(kj_metric metric)
{
  switch (metric) {
#define KJ_METRIC_CASE(name, field, better)                                    \
  case name:                                                                   \
    return better;
    KJ_METRIC_LIST(KJ_METRIC_CASE)
#undef KJ_METRIC_CASE
  case KJ_N_METRICS:
    break;
  }
  return KJ_BETTER_LOWER;
}

double kj_metric_value(const kj_metrics *metrics, kj_metric metric)
{
  switch (metric) {
#define KJ_METRIC_CASE(name, field, better)                                    \
  case name:                                                                   \
    return metrics->field;
    KJ_METRIC_LIST(KJ_METRIC_CASE)
#undef KJ_METRIC_CASE
  case KJ_N_METRICS:
    break;
  }
  return nan("");
}

kj_status kj_metrics_compute(const double *truth, const double *estimate,
                             size_t n, kj_metrics *out, kj_error *err)
{
  if (!out)
    return kj__fail(err, KJ_EARGUMENT, "out is NULL");
  if (n == 0)
    return kj__fail(err, KJ_EARGUMENT, "n is 0; must be at least 1");
  kj_status status = kj__check_values("truth", truth, n, err);
  if (status == KJ_OK)
    status = kj__check_values("estimate", estimate, n, err);
  if (status != KJ_OK)
    return status;

  const kj__origin origin = {kj__mean(truth, n), kj__mean(estimate, n)};
  double sums[KJ__N_SUMS] = {0};
  for (size_t i = 0; i < n; i++)
    kj__sums_add(sums, truth[i], estimate[i], origin);
  *out = kj__sums_metrics(sums, origin);
  return KJ_OK;
}
