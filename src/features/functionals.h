/*
 * functionals.h: twelve statistics of each of many contours, kept while the
 * rows come, in constant memory.
 */
#ifndef KJ_FEATURES_FUNCTIONALS_H
#define KJ_FEATURES_FUNCTIONALS_H

#include "features/arena.h"

#include <stdint.h>

/* Order of the statistics of a contour. */
enum {
  KJ__MAX,
  KJ__MIN,
  KJ__RANGE,
  KJ__MAX_POSITION,
  KJ__MIN_POSITION,
  KJ__MEAN,
  KJ__SLOPE,
  KJ__OFFSET,
  KJ__LINE_ERROR,
  KJ__DEVIATION,
  KJ__SKEWNESS,
  KJ__KURTOSIS,
  KJ__N_FUNCTIONALS
};

/* One contour so far; i counts rows from 0. */
typedef struct kj__running {
  float max, min;
  uint64_t max_row, min_row;
  double sum;        /* sum x, in order */
  double sum_row;    /* sum i x, in order */
  double origin;     /* the first x; the rest is of y = x - origin */
  double mean;       /* mean y, updated with the moments */
  double m2, m3, m4; /* sum (y - mean)^2, ^3, ^4 */
  double co;         /* sum (i - mean i)(y - mean) */
  double residual;   /* sum of squares about the best line */
} kj__running;

typedef struct kj__functionals {
  size_t n_contours;
  uint64_t n; /* rows so far */
  kj__running *contour;
} kj__functionals;

void kj__functionals_layout(kj__functionals *f, size_t n_contours,
                            kj__arena *arena);

/* Ready for the first row (also of the next recording). */
void kj__functionals_reset(kj__functionals *f);

/* row: shape (n_contours). */
void kj__functionals_push(kj__functionals *f, const float *row);

/* What is known of one contour. */
typedef struct kj__summary {
  double max, min, max_row, min_row;
  double sum, sum_row;
  double origin, mean, m2, m3, m4, co, residual; /* as in kj__running */
} kj__summary;

kj__summary kj__functionals_get(const kj__functionals *f, size_t contour);
void kj__functionals_put(kj__functionals *f, size_t contour,
                         const kj__summary *summary);

/* out: shape (n_contours, KJ__N_FUNCTIONALS); at least one row was pushed. */
void kj__functionals_compute(const kj__functionals *f, float *out);

#endif
