/*
 * voiced.h: the twelve statistics of functionals.h of a contour that only some
 * of the rows have.
 */
#ifndef KJ_FEATURES_VOICED_H
#define KJ_FEATURES_VOICED_H

#include <stdint.h>

/* The values so far; i is the row of each. */
typedef struct kj__voiced {
  uint64_t n;
  double max, min, max_row, min_row;
  double mean, m2, m3, m4; /* of x: mean, sum (x - mean)^2, ^3, ^4 */
  double mean_row, spread; /* of i: mean, sum (i - mean i)^2 */
  double co;               /* sum (i - mean i)(x - mean) */
  double residual;         /* sum of squares about the best line */
} kj__voiced;

void kj__voiced_push(kj__voiced *v, uint64_t row, float x);

/* out: shape (KJ__N_FUNCTIONALS), all 0 of no value; positions are rows. */
void kj__voiced_compute(const kj__voiced *v, float *out);

#endif
