/*
 * voiced.h: the twelve statistics of functionals.h of a contour that only some
 * of the rows have.
 */
#ifndef KJ_FEATURES_VOICED_H
#define KJ_FEATURES_VOICED_H

#include "features/functionals.h"

/* The values so far; i is the row of each. */
typedef struct kj__voiced {
  uint64_t n;
  double mean_row, spread; /* of i: mean, sum (i - mean i)^2 */
  kj__summary of;          /* of x; its origin is 0, its sums are not kept */
} kj__voiced;

void kj__voiced_push(kj__voiced *v, uint64_t row, float x);

/* out: shape (KJ__N_FUNCTIONALS), all 0 of no value; positions are rows. */
void kj__voiced_compute(const kj__voiced *v, float *out);

#endif
