/*
 * compare.c: two models on the same rows: the differences of their metrics,
 * intervals by bootstrap and p values by swapping the models within clusters.
 */
#include "kanjo/metrics.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "metrics/bootstrap.h"

#include <math.h>

enum { MAX_EXACT_CLUSTERS = 16 }; /* 2^16 = 65536 swaps */
enum { N_RANDOM_SWAPS = 10000 };

/* Stream b of the bootstrap's purpose; b = 0 are the replicates. */
enum { SWAP_STREAM = 1 };

/* Differences this close, for metrics of size 1, are equal but for the order
 * of their additions. */
static const double TIE = 1e-12;

static void difference(const double *sums, kj__origin origin,
                       double value[KJ_N_METRICS])
{
  const kj_metrics a = kj__sums_metrics(sums, origin);
  const kj_metrics b = kj__sums_metrics(sums + KJ__N_SUMS, origin);
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    value[m] =
        kj_metric_value(&a, (kj_metric)m) - kj_metric_value(&b, (kj_metric)m);
}

/* The differences where A and B are swapped in the clusters of `swapped`. */
static void swapped_difference(const kj__clusters *clusters,
                               const bool *swapped, double value[KJ_N_METRICS])
{
  double total[2 * KJ__N_SUMS] = {0};
  for (size_t c = 0; c < clusters->n_clusters; c++) {
    const double *sums = clusters->sums + c * clusters->n_sums;
    const double *first = swapped[c] ? sums + KJ__N_SUMS : sums;
    const double *second = swapped[c] ? sums : sums + KJ__N_SUMS;
    for (size_t k = 0; k < KJ__N_SUMS; k++) {
      total[k] += first[k];
      total[KJ__N_SUMS + k] += second[k];
    }
  }
  difference(total, clusters->origin, value);
}

/* Which clusters the permutation swaps: the bits of its number where all are
 * tried, else fair coins from a stream of its own. */
static void choose_swaps(bool exact, uint64_t seed, size_t permutation,
                         bool *swapped, size_t n_clusters)
{
  kj__random random =
      kj__random_stream(seed, KJ__PURPOSE_BOOTSTRAP, permutation, SWAP_STREAM);
  uint32_t bits = (uint32_t)permutation;
  for (size_t c = 0; c < n_clusters; c++) {
    if (!exact && c % 32 == 0)
      bits = kj__random_u32(&random);
    swapped[c] = (bits >> (c % 32)) & 1;
  }
}

static void count_large(const kj__clusters *clusters, uint64_t seed,
                        const kj_comparison *comparison, bool *swapped,
                        size_t count[KJ_N_METRICS])
{
  for (size_t i = 0; i < comparison->n_permutations; i++) {
    double value[KJ_N_METRICS];
    choose_swaps(comparison->exact, seed, i, swapped, clusters->n_clusters);
    swapped_difference(clusters, swapped, value);
    for (size_t m = 0; m < KJ_N_METRICS; m++) {
      const double a = kj_metric_value(&comparison->a, (kj_metric)m);
      const double b = kj_metric_value(&comparison->b, (kj_metric)m);
      const double least = fabs(a - b) - TIE * (fabs(a) + fabs(b));
      count[m] += !(fabs(value[m]) < least);
    }
  }
}

static kj_status permutation_test(const kj__clusters *clusters,
                                  const kj_bootstrap_options *options,
                                  kj_comparison *comparison, kj_error *err)
{
  const size_t n = clusters->n_clusters;
  bool *swapped = kj__allocate(options->allocator, n, sizeof *swapped);
  if (!swapped)
    return kj__fail_memory(err, "the permutation test");
  comparison->exact = n <= MAX_EXACT_CLUSTERS;
  comparison->n_permutations =
      comparison->exact ? (size_t)1 << n : (size_t)N_RANDOM_SWAPS;
  size_t count[KJ_N_METRICS] = {0};
  count_large(clusters, options->seed, comparison, swapped, count);
  /* The swap that swaps nothing is among all; random ones need it added. */
  const size_t itself = comparison->exact ? 0 : 1;
  for (size_t m = 0; m < KJ_N_METRICS; m++) {
    const double d = kj_metric_value(&comparison->difference, (kj_metric)m);
    comparison->p[m] = isnan(d)
                           ? nan("")
                           : (double)(count[m] + itself) /
                                 (double)(comparison->n_permutations + itself);
  }
  kj__release(options->allocator, swapped);
  return KJ_OK;
}

static kj_metrics subtract(const kj_metrics *a, const kj_metrics *b)
{
#define KJ_METRIC_SUBTRACT(metric, field, better) .field = a->field - b->field,
  return (kj_metrics){KJ_METRIC_LIST(KJ_METRIC_SUBTRACT)};
#undef KJ_METRIC_SUBTRACT
}

kj_status kj_metrics_compare(const kj_metric_rows *rows, const double *other,
                             const kj_bootstrap_options *options,
                             kj_comparison *out, kj_error *err)
{
  const kj_bootstrap_options used =
      options ? *options : kj_bootstrap_defaults();
  if (!other)
    return kj__fail(err, KJ_EARGUMENT, "other is NULL");
  if (!out)
    return kj__fail(err, KJ_EARGUMENT, "out is NULL");
  kj_status status = kj__bootstrap_check(&used, err);
  if (status != KJ_OK)
    return status;

  kj__clusters clusters = {0};
  kj_comparison result = {0};
  status = kj__clusters_init(&clusters, rows, other, used.allocator, err);
  if (status != KJ_OK)
    return status;
  status =
      kj_metrics_compute(rows->truth, rows->estimate, rows->n, &result.a, err);
  if (status == KJ_OK)
    status = kj_metrics_compute(rows->truth, other, rows->n, &result.b, err);
  if (status == KJ_OK) {
    result.difference = subtract(&result.a, &result.b);
    status =
        kj__bootstrap(&clusters, difference, &used, result.intervals.of, err);
  }
  if (status == KJ_OK)
    status = permutation_test(&clusters, &used, &result, err);
  if (status == KJ_OK)
    *out = result;
  kj__clusters_clear(&clusters);
  return status;
}
