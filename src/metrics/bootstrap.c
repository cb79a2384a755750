/*
 * bootstrap.c: symmetric bootstrap-t intervals over clusters.
 *
 * A sample is a count for each cluster: all 1 for the data, the outcome of a
 * draw for a replicate. The jackknife of a sample leaves out one drawn cluster
 * at a time (Efron and Tibshirani 1993, equation 11.5), here from prefix and
 * suffix sums, so that nothing is subtracted and nothing cancels.
 */
#include "metrics/bootstrap.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "metrics/quantile.h"

#include <math.h>
#include <string.h>

/* Below this many clusters there are too few distinct resamples for a t*
 * (5 clusters: 126, of which many have hardly any spread). */
enum { MIN_BOOTSTRAP_CLUSTERS = 6 };
enum { MIN_REPLICATES = 100, MAX_REPLICATES = 1000000 };
enum { MAX_SUMS = 2 * KJ__N_SUMS };

typedef struct scratch {
  size_t *count;  /* (n_clusters) times each cluster is in the sample */
  double *suffix; /* (n_clusters + 1, n_sums) sums of cluster c and after */
  double *value;  /* (n_clusters, KJ_N_METRICS) with one cluster left out */
  double *t;      /* (KJ_N_METRICS, n_replicates) */
} scratch;

typedef struct jackknife {
  double estimate[KJ_N_METRICS];
  double error[KJ_N_METRICS]; /* standard error of the estimate */
} jackknife;

kj_bootstrap_options kj_bootstrap_defaults(void)
{
  return (kj_bootstrap_options){
      .level = 0.95, .n_replicates = 2000, .seed = 1, .allocator = NULL};
}

kj_status kj__bootstrap_check(const kj_bootstrap_options *options,
                              kj_error *err)
{
  if (!(options->level > 0 && options->level < 1))
    return kj__fail(err, KJ_EARGUMENT,
                    "level is %g; must be above 0 and below 1", options->level);
  if (options->n_replicates < MIN_REPLICATES ||
      options->n_replicates > MAX_REPLICATES)
    return kj__fail(err, KJ_EARGUMENT, "n_replicates is %zu; must be %d..%d",
                    options->n_replicates, MIN_REPLICATES, MAX_REPLICATES);
  return KJ_OK;
}

static void add_times(double *sums, double count, const double *more,
                      size_t n_sums)
{
  for (size_t k = 0; k < n_sums; k++)
    sums[k] += count * more[k];
}

static void sum_suffixes(const kj__clusters *clusters, scratch *s)
{
  const size_t n_sums = clusters->n_sums;
  for (size_t c = clusters->n_clusters; c-- > 0;) {
    double *suffix = s->suffix + c * n_sums;
    memcpy(suffix, suffix + n_sums, n_sums * sizeof *suffix);
    add_times(suffix, (double)s->count[c], clusters->sums + c * n_sums, n_sums);
  }
}

/* value[c]: the statistic without one copy of cluster c, where it is drawn. */
static void leave_one_out(const kj__clusters *clusters, kj__statistic statistic,
                          scratch *s)
{
  const size_t n_sums = clusters->n_sums;
  double prefix[MAX_SUMS] = {0};
  for (size_t c = 0; c < clusters->n_clusters; c++) {
    if (s->count[c] == 0)
      continue;
    const double *sums = clusters->sums + c * n_sums;
    double rest[MAX_SUMS];
    memcpy(rest, s->suffix + (c + 1) * n_sums, n_sums * sizeof *rest);
    add_times(rest, 1, prefix, n_sums);
    add_times(rest, (double)(s->count[c] - 1), sums, n_sums);
    statistic(rest, clusters->origin, s->value + c * KJ_N_METRICS);
    add_times(prefix, (double)s->count[c], sums, n_sums);
  }
}

static double standard_error(const scratch *s, size_t n_clusters, size_t metric)
{
  const double n = (double)n_clusters;
  const double *value = s->value + metric;
  double mean = 0;
  for (size_t c = 0; c < n_clusters; c++)
    if (s->count[c] > 0)
      mean += (double)s->count[c] * value[c * KJ_N_METRICS] / n;
  double sum = 0;
  for (size_t c = 0; c < n_clusters; c++) {
    const double apart = value[c * KJ_N_METRICS] - mean;
    if (s->count[c] > 0)
      sum += (double)s->count[c] * apart * apart;
  }
  return sqrt((n - 1) / n * sum);
}

/* Statistic and standard error of the sample that s->count says. */
static jackknife jackknife_sample(const kj__clusters *clusters,
                                  kj__statistic statistic, scratch *s)
{
  jackknife result;
  sum_suffixes(clusters, s);
  statistic(s->suffix, clusters->origin, result.estimate);
  leave_one_out(clusters, statistic, s);
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    result.error[m] = standard_error(s, clusters->n_clusters, m);
  return result;
}

static void draw_clusters(uint64_t seed, size_t replicate, size_t n_clusters,
                          size_t *count)
{
  kj__random random =
      kj__random_stream(seed, KJ__PURPOSE_BOOTSTRAP, replicate, 0);
  memset(count, 0, n_clusters * sizeof *count);
  for (size_t i = 0; i < n_clusters; i++)
    count[kj__random_below(&random, n_clusters)]++;
}

/* q of each metric: the quantile at `level` of t* = |g* - g| / s*. */
static void bootstrap_factors(const kj__clusters *clusters,
                              kj__statistic statistic,
                              const kj_bootstrap_options *options, scratch *s,
                              const jackknife *sample,
                              double factor[KJ_N_METRICS])
{
  const size_t n = options->n_replicates;
  for (size_t r = 0; r < n; r++) {
    draw_clusters(options->seed, r, clusters->n_clusters, s->count);
    const jackknife replicate = jackknife_sample(clusters, statistic, s);
    for (size_t m = 0; m < KJ_N_METRICS; m++) {
      const double apart = replicate.estimate[m] - sample->estimate[m];
      const double t = fabs(apart) / replicate.error[m];
      s->t[m * n + r] = isfinite(t) ? t : HUGE_VAL;
    }
  }
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    factor[m] = kj__quantile(s->t + m * n, n, options->level);
}

static void student_factors(size_t n_clusters, double level,
                            double factor[KJ_N_METRICS])
{
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    factor[m] = kj__student_quantile(level, (unsigned)n_clusters - 1);
}

/* Where the scale ends (estimates perfect, or constant), every subset of the
 * speakers is there too, and the estimate is its own interval. */
static kj_interval interval_about(double estimate, double error, double factor)
{
  if (isinf(estimate))
    return (kj_interval){estimate, estimate};
  const double half = error == 0 ? 0 : factor * error;
  if (isnan(estimate) || !isfinite(half))
    return (kj_interval){nan(""), nan("")};
  return (kj_interval){estimate - half, estimate + half};
}

static bool scratch_init(scratch *s, const kj__clusters *clusters,
                         const kj_bootstrap_options *options)
{
  const kj_allocator *allocator = options->allocator;
  const size_t n = clusters->n_clusters;
  s->count = kj__allocate(allocator, n, sizeof *s->count);
  s->suffix =
      kj__allocate(allocator, n + 1, clusters->n_sums * sizeof *s->suffix);
  s->value = kj__allocate(allocator, n, KJ_N_METRICS * sizeof *s->value);
  s->t = kj__allocate(allocator, options->n_replicates,
                      KJ_N_METRICS * sizeof *s->t);
  return s->count && s->suffix && s->value && s->t;
}

static void scratch_clear(scratch *s, const kj_allocator *allocator)
{
  kj__release(allocator, s->t);
  kj__release(allocator, s->value);
  kj__release(allocator, s->suffix);
  kj__release(allocator, s->count);
}

kj_status kj__bootstrap(const kj__clusters *clusters, kj__statistic statistic,
                        const kj_bootstrap_options *options,
                        kj_interval out[KJ_N_METRICS], kj_error *err)
{
  const size_t n = clusters->n_clusters;
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    out[m] = (kj_interval){nan(""), nan("")};
  if (n < 2)
    return KJ_OK;

  kj_status status = KJ_OK;
  scratch s = {0};
  if (!scratch_init(&s, clusters, options)) {
    status = kj__fail_memory(err, "the bootstrap");
    goto out;
  }
  for (size_t c = 0; c < n; c++)
    s.count[c] = 1;
  const jackknife sample = jackknife_sample(clusters, statistic, &s);
  double factor[KJ_N_METRICS];
  if (n < MIN_BOOTSTRAP_CLUSTERS)
    student_factors(n, options->level, factor);
  else
    bootstrap_factors(clusters, statistic, options, &s, &sample, factor);
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    out[m] = interval_about(sample.estimate[m], sample.error[m], factor[m]);
out:
  scratch_clear(&s, options->allocator);
  return status;
}
