/*
 * paired.c: method against method over speakers, who count once each.
 */
#include "kanjo/paired.h"

#include "base/error.h"
#include "base/memory.h"
#include "metrics/quantile.h"
#include "metrics/signflip.h"
#include "metrics/sums.h"
#include "metrics/wilcoxon.h"

#include <math.h>

/* What differs by less than this part of its size differs by rounding. */
static const double TIE = 1e-12;
static const double LARGEST = 1e100;

kj_paired_options kj_paired_defaults(void)
{
  return (kj_paired_options){.level = 0.95, .seed = 1, .allocator = NULL};
}

static kj_status check_options(const kj_paired_options *options, kj_error *err)
{
  if (!(options->level > 0 && options->level < 1))
    return kj__fail(err, KJ_EARGUMENT,
                    "level is %g; must be above 0 and below 1", options->level);
  return KJ_OK;
}

static kj_status check_differences(const double *difference, size_t n,
                                   kj_error *err)
{
  if (n > 0 && !difference)
    return kj__fail(err, KJ_EARGUMENT, "difference is NULL");
  for (size_t i = 0; i < n; i++)
    if (fabs(difference[i]) > LARGEST)
      return kj__fail(err, KJ_EDATA,
                      "difference[%zu] is %g; must be within +-1e100 or NaN", i,
                      difference[i]);
  return KJ_OK;
}

/* Standard deviation about the mean, divided by n - 1; differences that are
 * the same but for rounding have none. */
static double sd_about(const double *d, size_t n, double mean)
{
  double sum = 0;
  double size = 0;
  for (size_t i = 0; i < n; i++) {
    sum += (d[i] - mean) * (d[i] - mean);
    size = fmax(size, fabs(d[i]));
  }
  const double sd = n < 2 ? nan("") : sqrt(sum / (double)(n - 1));
  return sd <= TIE * size ? 0 : sd;
}

/* Mean, its interval, and effect size of n >= 1 differences. */
static void describe(const double *d, size_t n, double level, kj_paired *out)
{
  out->difference = kj__mean(d, n);
  out->sd = sd_about(d, n, out->difference);
  if (out->sd > 0)
    out->effect_size = out->difference / out->sd;
  if (n < 2)
    return;
  const double half = kj__student_quantile(level, (unsigned)(n - 1)) * out->sd /
                      sqrt((double)n);
  out->interval = (kj_interval){out->difference - half, out->difference + half};
}

static kj_paired undefined(size_t n)
{
  const double none = nan("");
  return (kj_paired){.n_undefined = n,
                     .difference = none,
                     .interval = {none, none},
                     .sd = none,
                     .effect_size = none,
                     .rank_biserial = none,
                     .p_signflip = none,
                     .p_wilcoxon = none};
}

kj_status kj_paired_test(const double *difference, size_t n,
                         const kj_paired_options *options, kj_paired *out,
                         kj_error *err)
{
  const kj_paired_options used = options ? *options : kj_paired_defaults();
  if (!out)
    return kj__fail(err, KJ_EARGUMENT, "out is NULL");
  kj_status status = check_options(&used, err);
  if (status == KJ_OK)
    status = check_differences(difference, n, err);
  if (status != KJ_OK)
    return status;

  double *d = kj__allocate(used.allocator, n, sizeof *d);
  if (!d)
    return kj__fail_memory(err, "the differences");
  kj_paired result = undefined(n);
  for (size_t i = 0; i < n; i++)
    if (!isnan(difference[i]))
      d[result.n++] = difference[i];
  result.n_undefined = n - result.n;
  kj__wilcoxon wilcoxon = {0};
  if (result.n > 0)
    status = kj__wilcoxon_test(d, result.n, used.allocator, &wilcoxon, err);
  if (result.n > 0 && status == KJ_OK) {
    describe(d, result.n, used.level, &result);
    result.p_signflip = kj__signflip_p(d, result.n, used.seed);
    result.is_exact_signflip = result.n <= KJ__MAX_EXACT_FLIPS;
    result.p_wilcoxon = wilcoxon.p;
    result.rank_biserial = wilcoxon.rank_biserial;
    result.is_exact_wilcoxon = wilcoxon.is_exact;
  }
  kj__release(used.allocator, d);
  if (status == KJ_OK)
    *out = result;
  return status;
}

static double subtract(double a, double b)
{
  const double difference = a - b;
  return fabs(difference) <= TIE * (fabs(a) + fabs(b)) ? 0 : difference;
}

typedef struct method {
  const char *name;
  const double *estimate;
  size_t n_seeds;
} method;

static kj_status metrics_of(const kj_paired_rows *rows, method one,
                            const kj_allocator *allocator, kj_metrics *out,
                            kj_error *err)
{
  const kj_metric_rows its_rows = {rows->truth, one.estimate, rows->cluster,
                                   rows->n, rows->n_clusters};
  const kj_status status =
      kj_metrics_by_cluster(&its_rows, one.n_seeds, allocator, out, err);
  return status == KJ_OK ? status : kj__fail_in(err, status, "%s", one.name);
}

/* d_s of each speaker into `difference`, of n_clusters values. */
static kj_status speaker_differences(const kj_paired_rows *rows,
                                     kj_metric metric,
                                     const kj_allocator *allocator,
                                     double *difference, kj_error *err)
{
  const size_t n = rows->n_clusters;
  kj_status status = KJ_OK;
  kj_metrics *a = kj__allocate(allocator, n, sizeof *a);
  kj_metrics *b = kj__allocate(allocator, n, sizeof *b);
  if (!a || !b) {
    status = kj__fail_memory(err, "the metrics of the speakers");
    goto out;
  }
  status = metrics_of(rows, (method){"a", rows->a, rows->n_seeds_a}, allocator,
                      a, err);
  if (status == KJ_OK)
    status = metrics_of(rows, (method){"b", rows->b, rows->n_seeds_b},
                        allocator, b, err);
  for (size_t c = 0; c < n && status == KJ_OK; c++)
    difference[c] = subtract(kj_metric_value(&a[c], metric),
                             kj_metric_value(&b[c], metric));
out:
  kj__release(allocator, b);
  kj__release(allocator, a);
  return status;
}

kj_status kj_paired_compare(const kj_paired_rows *rows, kj_metric metric,
                            const kj_paired_options *options, kj_paired *out,
                            kj_error *err)
{
  const kj_paired_options used = options ? *options : kj_paired_defaults();
  if (!rows)
    return kj__fail(err, KJ_EARGUMENT, "rows is NULL");
  if ((unsigned)metric >= KJ_N_METRICS)
    return kj__fail(err, KJ_EARGUMENT, "metric is %d; must be 0..%d",
                    (int)metric, KJ_N_METRICS - 1);
  double *difference =
      kj__allocate(used.allocator, rows->n_clusters, sizeof *difference);
  if (!difference)
    return kj__fail_memory(err, "the differences of the speakers");
  kj_status status =
      speaker_differences(rows, metric, used.allocator, difference, err);
  if (status == KJ_OK)
    status = kj_paired_test(difference, rows->n_clusters, &used, out, err);
  kj__release(used.allocator, difference);
  return status;
}
