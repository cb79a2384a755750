/*
 * by_cluster.c: the metrics of each cluster (speaker) alone, averaged over
 * seeds. Rows are sorted by cluster once; each seed's estimates follow them.
 */
#include "kanjo/paired.h"

#include "base/error.h"
#include "base/memory.h"
#include "metrics/clusters.h"

#include <math.h>

typedef struct sorted {
  size_t *start;    /* (n_clusters + 1) where the rows of each begin */
  size_t *row;      /* (n) rows, cluster after cluster */
  double *truth;    /* (n) in that order */
  double *estimate; /* (n) in that order, of one seed */
  kj_metrics *mean; /* (n_clusters) */
} sorted;

static kj_status check_seeds(const kj_metric_rows *rows, size_t n_seeds,
                             kj_error *err)
{
  const kj_status status = kj__check_rows(rows, err);
  size_t n_estimates;
  if (status != KJ_OK)
    return status;
  if (n_seeds == 0)
    return kj__fail(err, KJ_EARGUMENT, "n_seeds is 0; must be at least 1");
  if (!kj__size_multiply(n_seeds, rows->n, &n_estimates))
    return kj__fail(err, KJ_EARGUMENT,
                    "n_seeds is %zu; that many times %zu rows do not exist",
                    n_seeds, rows->n);
  return kj__check_values("estimate", rows->estimate, n_estimates, err);
}

static bool sorted_init(sorted *s, const kj_metric_rows *rows,
                        const kj_allocator *allocator)
{
  const size_t n = rows->n;
  s->start = kj__allocate(allocator, rows->n_clusters + 1, sizeof *s->start);
  s->row = kj__allocate(allocator, n, sizeof *s->row);
  s->truth = kj__allocate(allocator, n, sizeof *s->truth);
  s->estimate = kj__allocate(allocator, n, sizeof *s->estimate);
  s->mean = kj__allocate(allocator, rows->n_clusters, sizeof *s->mean);
  return s->start && s->row && s->truth && s->estimate && s->mean;
}

static void sorted_clear(sorted *s, const kj_allocator *allocator)
{
  kj__release(allocator, s->mean);
  kj__release(allocator, s->estimate);
  kj__release(allocator, s->truth);
  kj__release(allocator, s->row);
  kj__release(allocator, s->start);
}

/* A counting sort: rows of a cluster stay in their order. */
static void sort_rows(sorted *s, const kj_metric_rows *rows)
{
  for (size_t i = 0; i < rows->n; i++)
    s->start[rows->cluster[i] + 1]++;
  for (size_t c = 0; c < rows->n_clusters; c++)
    s->start[c + 1] += s->start[c];
  for (size_t i = 0; i < rows->n; i++)
    s->row[s->start[rows->cluster[i]]++] = i;
  for (size_t c = rows->n_clusters; c > 0; c--)
    s->start[c] = s->start[c - 1];
  s->start[0] = 0;
  for (size_t i = 0; i < rows->n; i++)
    s->truth[i] = rows->truth[s->row[i]];
}

static kj_status add_seed(sorted *s, const kj_metric_rows *rows,
                          const double *estimate, double weight, kj_error *err)
{
  for (size_t i = 0; i < rows->n; i++)
    s->estimate[i] = estimate[s->row[i]];
  for (size_t c = 0; c < rows->n_clusters; c++) {
    const size_t start = s->start[c];
    const size_t n_rows = s->start[c + 1] - start;
#define KJ_METRIC_UNDEFINED(metric, field, better) .field = nan(""),
    kj_metrics metrics = {KJ_METRIC_LIST(KJ_METRIC_UNDEFINED)};
#undef KJ_METRIC_UNDEFINED
    if (n_rows > 0) {
      const kj_status status = kj_metrics_compute(
          s->truth + start, s->estimate + start, n_rows, &metrics, err);
      if (status != KJ_OK)
        return status;
    }
#define KJ_METRIC_ADD(metric, field, better)                                   \
  s->mean[c].field += weight * metrics.field;
    KJ_METRIC_LIST(KJ_METRIC_ADD)
#undef KJ_METRIC_ADD
  }
  return KJ_OK;
}

kj_status kj_metrics_by_cluster(const kj_metric_rows *rows, size_t n_seeds,
                                const kj_allocator *allocator, kj_metrics *out,
                                kj_error *err)
{
  if (!out)
    return kj__fail(err, KJ_EARGUMENT, "out is NULL");
  kj_status status = check_seeds(rows, n_seeds, err);
  if (status != KJ_OK)
    return status;

  sorted s = {0};
  if (!sorted_init(&s, rows, allocator)) {
    status = kj__fail_memory(err, "the metrics of each cluster");
    goto out;
  }
  sort_rows(&s, rows);
  for (size_t seed = 0; seed < n_seeds && status == KJ_OK; seed++)
    status = add_seed(&s, rows, rows->estimate + seed * rows->n,
                      1 / (double)n_seeds, err);
  for (size_t c = 0; c < rows->n_clusters && status == KJ_OK; c++)
    out[c] = s.mean[c];
out:
  sorted_clear(&s, allocator);
  return status;
}
