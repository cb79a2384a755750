/*
 * binary.c: a classifier's confusion, ranking, loss and calibration, and their
 * jackknife over speakers. Formulas and sources: kanjo/binary.h.
 */
#include "kanjo/binary.h"

#include "base/error.h"
#include "base/memory.h"
#include "metrics/quantile.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define NONE SIZE_MAX

static const double LEAST_P = 1e-15;
static const double LEVEL = 0.95;

const char *kj_binary_metric_name(kj_binary_metric metric)
{
  static const char *const names[] = {
#define NAME(metric, field, better) #field,
      KJ_BINARY_METRIC_LIST(NAME)
#undef NAME
  };
  return (unsigned)metric < KJ_N_BINARY_METRICS ? names[metric] : NULL;
}

double kj_binary_metric_value(const kj_binary_metrics *metrics,
                              kj_binary_metric metric)
{
  const double values[] = {
#define VALUE(metric, field, better) metrics->field,
      KJ_BINARY_METRIC_LIST(VALUE)
#undef VALUE
  };
  return values[metric];
}

/* Rows to judge, sorted by probability. */
typedef struct answer {
  double p;
  int y;
} answer;

static int by_probability(const void *left, const void *right)
{
  const double a = ((const answer *)left)->p, b = ((const answer *)right)->p;
  return (a > b) - (a < b);
}

/* Pairs of a 1 above a 0: for each 1, the 0s below and half of those equal. */
static double count_pairs(const answer *a, size_t n)
{
  double pairs = 0.0;
  size_t zeros_below = 0;
  for (size_t i = 0; i < n;) {
    size_t count[2] = {0, 0};
    const size_t first = i;
    while (i < n && !(a[i].p > a[first].p))
      count[a[i++].y]++;
    pairs += (double)count[1] * ((double)zeros_below + (double)count[0] / 2.0);
    zeros_below += count[0];
  }
  return pairs;
}

static size_t bin_of(double p)
{
  const size_t bin = (size_t)(p * KJ_RELIABILITY_BINS);
  return bin < KJ_RELIABILITY_BINS ? bin : KJ_RELIABILITY_BINS - 1;
}

static void fill_bins(const answer *a, kj_binary_metrics *m)
{
  for (size_t i = 0; i < m->n; i++) {
    kj_reliability_bin *bin = &m->bin[bin_of(a[i].p)];
    bin->n++;
    bin->probability += a[i].p;
    bin->share += a[i].y;
  }
  for (size_t b = 0; b < KJ_RELIABILITY_BINS; b++) {
    kj_reliability_bin *bin = &m->bin[b];
    if (bin->n == 0)
      continue;
    bin->probability /= (double)bin->n;
    bin->share /= (double)bin->n;
    m->calibration_error +=
        (double)bin->n / (double)m->n * fabs(bin->share - bin->probability);
  }
}

/* Sorts the answers. */
static void judge(answer *a, size_t n, kj_binary_metrics *out)
{
  kj_binary_metrics m = {.n = n};
  qsort(a, n, sizeof *a, by_probability);
  for (size_t i = 0; i < n; i++) {
    const double right = a[i].y ? a[i].p : 1.0 - a[i].p;
    m.count[a[i].y][a[i].p >= 0.5]++;
    m.log_loss -= log(fmin(fmax(right, LEAST_P), 1.0 - LEAST_P)) / (double)n;
  }
  const double zeros = (double)(m.count[0][0] + m.count[0][1]);
  const double ones = (double)(m.count[1][0] + m.count[1][1]);
  const double true_zeros = (double)m.count[0][0];
  const double true_ones = (double)m.count[1][1];
  m.accuracy = (true_zeros + true_ones) / (double)n;
  m.balanced_accuracy = (true_zeros / zeros + true_ones / ones) / 2.0;
  m.auc = count_pairs(a, n) / (zeros * ones);
  fill_bins(a, &m);
  *out = m;
}

static kj_status check(const kj_binary_rows *rows, kj_error *err)
{
  if (rows->n == 0)
    return kj__fail(err, KJ_EARGUMENT, "n is 0; must be at least 1");
  for (size_t i = 0; i < rows->n; i++) {
    const double y = rows->truth[i], p = rows->probability[i];
    if (y != 0.0 && y != 1.0)
      return kj__fail(err, KJ_EARGUMENT,
                      "truth of row %zu (from 0) is %g; must be 0 or 1", i, y);
    if (!(p >= 0.0 && p <= 1.0))
      return kj__fail(err, KJ_EARGUMENT,
                      "probability of row %zu (from 0) is %g; must be 0..1", i,
                      p);
  }
  return KJ_OK;
}

/* The rows but those of one cluster; returns their number. */
static size_t take_without(const kj_binary_rows *rows, size_t cluster,
                           answer *a)
{
  size_t n = 0;
  for (size_t i = 0; i < rows->n; i++)
    if (cluster == NONE || rows->cluster[i] != cluster)
      a[n++] = (answer){rows->probability[i], rows->truth[i] > 0.5};
  return n;
}

kj_status kj_binary_metrics_compute(const kj_binary_rows *rows,
                                    kj_binary_metrics *out, kj_error *err)
{
  const kj_status status = check(rows, err);
  if (status != KJ_OK)
    return status;
  answer *a = kj__allocate(NULL, rows->n, sizeof *a);
  if (!a)
    return kj__fail_memory(err, "the metrics of a classifier");
  judge(a, take_without(rows, NONE, a), out);
  kj__release(NULL, a);
  return KJ_OK;
}

/* The sums of pseudo-values, and their number. */
typedef struct jackknife {
  double sum[KJ_N_BINARY_METRICS], square[KJ_N_BINARY_METRICS];
  size_t n;
} jackknife;

static void finish(const jackknife *j, const kj_binary_metrics *whole,
                   kj_interval *out)
{
  const double n = (double)j->n;
  const double t =
      j->n > 1 ? kj__student_quantile(LEVEL, (unsigned)j->n - 1) : (double)NAN;
  for (size_t m = 0; m < KJ_N_BINARY_METRICS; m++) {
    const double most = m == KJ_BINARY_LOG_LOSS ? (double)INFINITY : 1.0;
    const double value = kj_binary_metric_value(whole, (kj_binary_metric)m);
    const double mean = j->sum[m] / n;
    const double variance =
        fmax(j->square[m] - n * mean * mean, 0.0) / (n - 1.0);
    const double half = t * sqrt(variance / n);
    out[m] =
        isfinite(value) && isfinite(half)
            ? (kj_interval){fmax(value - half, 0.0), fmin(value + half, most)}
            : (kj_interval){(double)NAN, (double)NAN};
  }
}

/* Deviations n theta - (n - 1) theta_(-c) - theta: their variance is that of
 * the pseudo-values, and they are small numbers. */
static void add(jackknife *j, const kj_binary_metrics *whole,
                const kj_binary_metrics *without, size_t n_clusters)
{
  for (size_t m = 0; m < KJ_N_BINARY_METRICS; m++) {
    const double change = kj_binary_metric_value(whole, (kj_binary_metric)m) -
                          kj_binary_metric_value(without, (kj_binary_metric)m);
    const double pseudo = ((double)n_clusters - 1.0) * change;
    j->sum[m] += pseudo;
    j->square[m] += pseudo * pseudo;
  }
  j->n++;
}

/* Which clusters have a row, and how many. */
static size_t mark_clusters(const kj_binary_rows *rows, unsigned char *is_used)
{
  size_t n_used = 0;
  for (size_t i = 0; i < rows->n; i++)
    if (!is_used[rows->cluster[i]]) {
      is_used[rows->cluster[i]] = 1;
      n_used++;
    }
  return n_used;
}

static void leave_each_out(const kj_binary_rows *rows,
                           const kj_binary_metrics *whole, answer *a,
                           unsigned char *is_used, kj_interval *intervals)
{
  kj_binary_metrics without;
  jackknife sums = {0};
  const size_t n_used = mark_clusters(rows, is_used);
  for (size_t c = 0; c < rows->n_clusters && n_used > 1; c++)
    if (is_used[c]) {
      judge(a, take_without(rows, c, a), &without);
      add(&sums, whole, &without, n_used);
    }
  finish(&sums, whole, intervals);
}

kj_status kj_binary_metrics_intervals(const kj_binary_rows *rows,
                                      kj_interval *intervals, kj_error *err)
{
  kj_binary_metrics whole;
  kj_status status = kj_binary_metrics_compute(rows, &whole, err);
  for (size_t i = 0; status == KJ_OK && i < rows->n; i++)
    if (rows->cluster[i] >= rows->n_clusters)
      status = kj__fail(err, KJ_EARGUMENT,
                        "cluster of row %zu (from 0) is %zu; must be below %zu",
                        i, rows->cluster[i], rows->n_clusters);
  if (status != KJ_OK)
    return status;
  answer *a = kj__allocate(NULL, rows->n, sizeof *a);
  unsigned char *is_used = kj__allocate(NULL, rows->n_clusters, 1);
  if (a && is_used)
    leave_each_out(rows, &whole, a, is_used, intervals);
  else
    status = kj__fail_memory(err, "intervals of a classifier");
  kj__release(NULL, is_used);
  kj__release(NULL, a);
  return status;
}
