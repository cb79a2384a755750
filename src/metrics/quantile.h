/* quantile.h: quantiles of a sample and of Student's t. */
#ifndef KJ_METRICS_QUANTILE_H
#define KJ_METRICS_QUANTILE_H

#include <stddef.h>

/* Sort the n >= 1 values (none NaN; infinite ones are legal) and give their
 * quantile at p in 0..1: Hyndman and Fan's type 7, numpy's default. */
double kj__quantile(double *values, size_t n, double p);

/* The t that |T| stays below with probability `level`, for Student's T with
 * `degrees` >= 1 degrees of freedom; cost O(degrees). */
double kj__student_quantile(double level, unsigned degrees);

#endif
