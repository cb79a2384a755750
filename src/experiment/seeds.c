/*
 * seeds.c: means over seeds.
 */
#include "experiment/seeds.h"

#include <math.h>

double *kj__metric_at(kj_metrics *metrics, size_t k)
{
  double *const field[KJ_N_METRICS] = {
#define FIELD(metric, name, better) &metrics->name,
      KJ_METRIC_LIST(FIELD)
#undef FIELD
  };
  return field[k];
}

void kj__summarise_seeds(const kj_result *one, size_t n_seeds, size_t stride,
                         kj_result *mean, kj_metrics *spread)
{
  const double n = (double)n_seeds;
  *mean = one[0];
  *spread = (kj_metrics){0};
  for (size_t m = 0; m < KJ_N_METRICS && n_seeds > 1; m++) {
    const kj_metric metric = (kj_metric)m;
    double sum = 0.0, squares = 0.0, low = 0.0, high = 0.0;
    for (size_t s = 0; s < n_seeds; s++) {
      const kj_result *of = &one[s * stride];
      sum += kj_metric_value(&of->metrics, metric);
      low += of->intervals.of[m].low;
      high += of->intervals.of[m].high;
    }
    for (size_t s = 0; s < n_seeds; s++) {
      const double off =
          kj_metric_value(&one[s * stride].metrics, metric) - sum / n;
      squares += off * off;
    }
    *kj__metric_at(&mean->metrics, m) = sum / n;
    mean->intervals.of[m] = (kj_interval){low / n, high / n};
    *kj__metric_at(spread, m) = sqrt(squares / (n - 1.0));
  }
}
