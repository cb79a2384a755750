/*
 * sums.h: what is kept of a set of rows, so that the metrics of any union of
 * sets follow from adding eight numbers.
 */
#ifndef KJ_METRICS_SUMS_H
#define KJ_METRICS_SUMS_H

#include "kanjo/metrics.h"

/* Truth y and estimate f are taken about a common origin, so that large
 * offsets do not eat the digits of the squares. */
enum {
  KJ__SUM_N,          /* rows */
  KJ__SUM_ABS_ERROR,  /* sum |f - y| */
  KJ__SUM_ERROR_2,    /* sum (f - y)^2 */
  KJ__SUM_TRUTH,      /* sum y' with y' = y - origin */
  KJ__SUM_ESTIMATE,   /* sum f' */
  KJ__SUM_TRUTH_2,    /* sum y'^2 */
  KJ__SUM_ESTIMATE_2, /* sum f'^2 */
  KJ__SUM_PRODUCT,    /* sum y' f' */
  KJ__N_SUMS
};

/* One origin for every set whose sums are added to each other. */
typedef struct kj__origin {
  double truth;
  double estimate;
} kj__origin;

/* The mean of n >= 1 values: exact where they are all the same, so that what
 * is constant is exactly zero about its mean. */
double kj__mean(const double *values, size_t n);

/* Add one row to the sums of its set. */
void kj__sums_add(double sums[KJ__N_SUMS], double truth, double estimate,
                  kj__origin origin);

/* The metrics of a set of at least one row. A variance below 1e-12 of the mean
 * square about the origin is rounding, and counts as none. */
kj_metrics kj__sums_metrics(const double sums[KJ__N_SUMS], kj__origin origin);

#endif
