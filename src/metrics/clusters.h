/*
 * clusters.h: the sums of each cluster (speaker) of the rows to be judged, of
 * one model or of two side by side.
 */
#ifndef KJ_METRICS_CLUSTERS_H
#define KJ_METRICS_CLUSTERS_H

#include "metrics/sums.h"

typedef struct kj__clusters {
  double *sums;      /* (n_clusters, n_sums) */
  size_t n_clusters; /* that have rows */
  size_t n_sums;     /* KJ__N_SUMS for each model */
  kj__origin origin; /* of both models */
  kj_allocator allocator;
} kj__clusters;

/* KJ_EARGUMENT if `values` is NULL, KJ_EDATA if one of them is not finite or
 * beyond +-1e100 (whose squares would soon overflow). */
kj_status kj__check_values(const char *name, const double *values, size_t n,
                           kj_error *err);

/* The same of the rows' values; KJ_EARGUMENT and KJ_EDATA of the clusters. */
kj_status kj__check_rows(const kj_metric_rows *rows, kj_error *err);

/* Check the rows and sum them up; `other`, unless NULL, holds the estimates of
 * a second model. Release with kj__clusters_clear. */
kj_status kj__clusters_init(kj__clusters *clusters, const kj_metric_rows *rows,
                            const double *other, const kj_allocator *allocator,
                            kj_error *err);

void kj__clusters_clear(kj__clusters *clusters);

#endif
