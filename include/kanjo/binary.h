/*
 * binary.h: how good the probabilities of a classifier of two kinds are.
 *
 * Intervals are over speakers, as in kanjo/metrics.h.
 */
#ifndef KANJO_BINARY_H
#define KANJO_BINARY_H

#include "kanjo/metrics.h"
#include "kanjo/status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { KJ_RELIABILITY_BINS = 10 };

/* X(enumerator, field and name, what is best): the one list. */
#define KJ_BINARY_METRIC_LIST(X)                                               \
  X(KJ_BINARY_ACCURACY, accuracy, KJ_BETTER_HIGHER)                            \
  X(KJ_BINARY_BALANCED_ACCURACY, balanced_accuracy, KJ_BETTER_HIGHER)          \
  X(KJ_BINARY_AUC, auc, KJ_BETTER_HIGHER)                                      \
  X(KJ_BINARY_LOG_LOSS, log_loss, KJ_BETTER_LOWER)                             \
  X(KJ_BINARY_CALIBRATION_ERROR, calibration_error, KJ_BETTER_LOWER)

typedef enum kj_binary_metric {
#define KJ_BINARY_METRIC_ENUM(metric, field, better) metric,
  KJ_BINARY_METRIC_LIST(KJ_BINARY_METRIC_ENUM)
#undef KJ_BINARY_METRIC_ENUM
      KJ_N_BINARY_METRICS
} kj_binary_metric;

/** Rows of which the probability lies between two tenths. */
typedef struct kj_reliability_bin {
  size_t n;           /* rows; 0: the rest is 0 */
  double probability; /* their mean */
  double share;       /* of them that are positive */
} kj_reliability_bin;

/**
 * The metrics of n rows with truth y (1 or 0) and probability p of 1.
 *
 *   accuracy            share of rows where (p >= 1/2) is y
 *   balanced_accuracy   mean of that share over the two kinds
 *   auc                 share of pairs of a 1 and a 0 in which the 1 has the
 *                       higher p; equal ones count half
 *   log_loss            - mean of ln p where y is 1, ln(1 - p) where 0; p is
 *                       kept within 1e-15 .. 1 - 1e-15
 *   calibration_error   sum over bins of (n_b / n) |share - mean p|
 *
 * balanced_accuracy and auc are NaN where there is one kind only.
 *
 * Source: auc: Hanley and McNeil, Radiology 143, 1982; calibration_error: Guo
 * et al., On calibration of modern neural networks, 2017, with 10 bins.
 */
typedef struct kj_binary_metrics {
  size_t n;
  size_t count[2][2]; /* [truth][answer]: the confusion */
  kj_reliability_bin bin[KJ_RELIABILITY_BINS];
#define KJ_BINARY_METRIC_FIELD(metric, field, better) double field;
  KJ_BINARY_METRIC_LIST(KJ_BINARY_METRIC_FIELD)
#undef KJ_BINARY_METRIC_FIELD
} kj_binary_metrics;

/** Rows to be judged. */
typedef struct kj_binary_rows {
  const double *truth;       /* 1 or 0; shape (n) */
  const double *probability; /* of 1, in 0..1; shape (n) */
  size_t n;                  /* at least 1 */
  const size_t *cluster;     /* speaker of each, below n_clusters; (n) */
  size_t n_clusters;
} kj_binary_rows;

/** The name of a metric: "accuracy", ...; and its value. */
const char *kj_binary_metric_name(kj_binary_metric metric);
double kj_binary_metric_value(const kj_binary_metrics *metrics,
                              kj_binary_metric metric);

/**
 * Compute the metrics.
 *
 * @param[in] rows  clusters are not read.
 * @param[out] out  unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if n is 0 or a value is not allowed; KJ_EMEMORY.
 *
 * Threads: any number.  Cost: O(n log n).
 */
kj_status kj_binary_metrics_compute(const kj_binary_rows *rows,
                                    kj_binary_metrics *out, kj_error *err);

/**
 * 95 % intervals of the metrics, over clusters (speakers).
 *
 * The jackknife: with theta_(-c) the metric without cluster c, n clusters and
 * pseudo-values n theta - (n - 1) theta_(-c), the interval is theta +- t s /
 * sqrt(n), s the pseudo-values' standard deviation and t Student's quantile
 * with n - 1 degrees of freedom, cut off at the metric's range. NaN where there
 * are fewer than 2 clusters or a theta is undefined.
 *
 * @param[in] rows        with clusters.
 * @param[out] intervals  shape (KJ_N_BINARY_METRICS); unchanged on failure.
 * @return as kj_binary_metrics_compute.
 *
 * Threads: any number.  Cost: O(n_clusters n log n).
 * Source: Tukey, Bias and confidence in not-quite large samples, 1958; for the
 * auc of clustered rows compare Obuchowski, Biometrics 53, 1997.
 */
kj_status kj_binary_metrics_intervals(const kj_binary_rows *rows,
                                      kj_interval *intervals, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
