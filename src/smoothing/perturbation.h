/* perturbation.h: vectors of a given length, and the draws of a row. */
#ifndef KJ_SMOOTHING_PERTURBATION_H
#define KJ_SMOOTHING_PERTURBATION_H

#include "base/random.h"
#include "kanjo/real.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* |v|_2, summed in double. */
double kj__norm(const kj_real *v, size_t n);

/* Give v the length `length`; false, and v untouched, where v is 0. */
bool kj__scale_to(kj_real *v, size_t n, double length);

/* moved = x + length d, n numbers. */
void kj__move(const kj_real *x, const kj_real *d, size_t n, double length,
              kj_real *moved);

/* The random stream of a row in a step. Both functions below draw from its
 * start: what a row is given must come from one of them alone. */
kj__random kj__row_stream(uint64_t seed, uint64_t step, uint64_t row_id);

/* Write a vector of length `length` in a uniformly random direction: a vector
 * of standard normal numbers, rescaled. */
void kj__random_vector(kj__random stream, size_t n, double length, kj_real *v);

/* -1 or +1: the sign bit of the stream's first word. */
double kj__random_sign(kj__random stream);

#endif
