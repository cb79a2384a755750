/*
 * clusters.c: check rows at the door and sum them up by cluster.
 */
#include "metrics/clusters.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static const double LARGEST = 1e100;

kj_status kj__check_values(const char *name, const double *values, size_t n,
                           kj_error *err)
{
  if (!values)
    return kj__fail(err, KJ_EARGUMENT, "%s is NULL", name);
  for (size_t i = 0; i < n; i++)
    if (!(fabs(values[i]) <= LARGEST))
      return kj__fail(err, KJ_EDATA,
                      "%s[%zu] is %g; must be finite and within +-1e100", name,
                      i, values[i]);
  return KJ_OK;
}

kj_status kj__check_rows(const kj_metric_rows *rows, kj_error *err)
{
  if (!rows)
    return kj__fail(err, KJ_EARGUMENT, "rows is NULL");
  if (!rows->cluster)
    return kj__fail(err, KJ_EARGUMENT, "cluster is NULL");
  if (rows->n == 0)
    return kj__fail(err, KJ_EARGUMENT, "n is 0; must be at least 1");
  if (rows->n_clusters == 0)
    return kj__fail(err, KJ_EARGUMENT, "n_clusters is 0; must be at least 1");
  for (size_t i = 0; i < rows->n; i++)
    if (rows->cluster[i] >= rows->n_clusters)
      return kj__fail(err, KJ_EDATA,
                      "cluster[%zu] is %zu; must be below n_clusters, %zu", i,
                      rows->cluster[i], rows->n_clusters);
  const kj_status status = kj__check_values("truth", rows->truth, rows->n, err);
  return status != KJ_OK
             ? status
             : kj__check_values("estimate", rows->estimate, rows->n, err);
}

/* One origin for both models, or swapping them would need more than adding. */
static kj__origin origin_of(const kj_metric_rows *rows, const double *other)
{
  kj__origin origin = {kj__mean(rows->truth, rows->n),
                       kj__mean(rows->estimate, rows->n)};
  if (other)
    origin.estimate += (kj__mean(other, rows->n) - origin.estimate) / 2;
  return origin;
}

/* Clusters without rows go, so that everything after may divide by n. */
static void drop_empty(kj__clusters *clusters)
{
  size_t n_kept = 0;
  for (size_t c = 0; c < clusters->n_clusters; c++) {
    const double *sums = clusters->sums + c * clusters->n_sums;
    if (sums[KJ__SUM_N] > 0)
      memmove(clusters->sums + n_kept++ * clusters->n_sums, sums,
              clusters->n_sums * sizeof *sums);
  }
  clusters->n_clusters = n_kept;
}

kj_status kj__clusters_init(kj__clusters *clusters, const kj_metric_rows *rows,
                            const double *other, const kj_allocator *allocator,
                            kj_error *err)
{
  kj_status status = kj__check_rows(rows, err);
  if (status == KJ_OK && other)
    status = kj__check_values("other", other, rows->n, err);
  if (status != KJ_OK)
    return status;

  const size_t n_sums = (size_t)KJ__N_SUMS * (other ? 2 : 1);
  double *sums =
      kj__allocate(allocator, rows->n_clusters, n_sums * sizeof(double));
  if (!sums)
    return kj__fail_memory(err, "the sums of the clusters");
  *clusters = (kj__clusters){sums, rows->n_clusters, n_sums,
                             origin_of(rows, other), kj__allocator(allocator)};
  for (size_t i = 0; i < rows->n; i++) {
    double *row_sums = sums + rows->cluster[i] * n_sums;
    kj__sums_add(row_sums, rows->truth[i], rows->estimate[i], clusters->origin);
    if (other)
      kj__sums_add(row_sums + KJ__N_SUMS, rows->truth[i], other[i],
                   clusters->origin);
  }
  drop_empty(clusters);
  return KJ_OK;
}

void kj__clusters_clear(kj__clusters *clusters)
{
  kj__release(&clusters->allocator, clusters->sums);
  clusters->sums = NULL;
}
