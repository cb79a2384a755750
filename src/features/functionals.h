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

enum { KJ__SUMS_BLOCK = 8 };

/* Some contours so far, each an index; i counts rows from 0. */
typedef struct kj__sums {
  double max[KJ__SUMS_BLOCK], min[KJ__SUMS_BLOCK];
  double max_row[KJ__SUMS_BLOCK], min_row[KJ__SUMS_BLOCK];
  double sum[KJ__SUMS_BLOCK];      /* sum x, in order */
  double sum_row[KJ__SUMS_BLOCK];  /* sum i x, in order */
  double origin[KJ__SUMS_BLOCK];   /* the first x; the rest is of y = x - it */
  double mean[KJ__SUMS_BLOCK];     /* mean y, updated with the moments */
  double m2[KJ__SUMS_BLOCK];       /* sum (y - mean)^2 */
  double m3[KJ__SUMS_BLOCK];       /* sum (y - mean)^3 */
  double m4[KJ__SUMS_BLOCK];       /* sum (y - mean)^4 */
  double co[KJ__SUMS_BLOCK];       /* sum (i - mean i)(y - mean) */
  double residual[KJ__SUMS_BLOCK]; /* sum of squares about the best line */
} kj__sums;

/* The factors of an update that depend on the number of rows only. */
typedef struct kj__sums_step {
  double i, n;       /* index of the new row; the number of rows with it */
  double inv_n;      /* 1/n */
  double m4_scale;   /* n^2 - 3 n + 3 */
  double ahead;      /* i minus the mean of the rows before: n/2 */
  double inv_spread; /* 1 / sum (i - mean i)^2 of the rows before */
  double inv_lever;  /* 1 / (1 + leverage of the new row) */
} kj__sums_step;

typedef struct kj__functionals {
  size_t n_contours;
  uint64_t n; /* rows so far */
  kj__sums *sums;
  /* The kernel that adds a row (features/kernels/sums.c). */
  void (*add)(kj__sums *sums, size_t n_blocks, const kj__sums_step *step,
              const float *row);
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
  double origin, mean, m2, m3, m4, co, residual; /* as in kj__sums */
} kj__summary;

kj__summary kj__functionals_get(const kj__functionals *f, size_t contour);
void kj__functionals_put(kj__functionals *f, size_t contour,
                         const kj__summary *summary);

/* out: shape (n_contours, KJ__N_FUNCTIONALS); at least one row was pushed. */
void kj__functionals_compute(const kj__functionals *f, float *out);

#endif
