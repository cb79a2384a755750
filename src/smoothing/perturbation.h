/*
 * perturbation.h: vectors of a given length, and the draws of a row.
 *
 * Vectors are columns of one panel (network/panels.h): the numbers of a row
 * are KJ__PANEL apart. Sums run in double, in the order of the numbers.
 */
#ifndef KJ_SMOOTHING_PERTURBATION_H
#define KJ_SMOOTHING_PERTURBATION_H

#include "base/random.h"
#include "kanjo/real.h"
#include "network/panels.h"
#include <stdint.h>

/* dot[r] = a_r . b_r for the 32 rows of a panel, n numbers each. */
void kj__panel_dot(const kj_real *a, const kj_real *b, size_t n,
                   double dot[KJ__PANEL]);

/* to_r = factor[r] from_r for the 32 rows of a panel. May be the same. */
void kj__panel_scale(const kj_real *from, const double factor[KJ__PANEL],
                     size_t n, kj_real *to);

/* The random stream of a row in a step. Both functions below draw from its
 * start: what a row is given must come from one of them alone. */
kj__random kj__row_stream(uint64_t seed, uint64_t step, uint64_t row_id);

/* Write a vector of length `length` in a uniformly random direction: a vector
 * of standard normal numbers, rescaled. */
void kj__random_vector(kj__random stream, size_t n, double length, kj_real *v);

/* -1 or +1: the sign bit of the stream's first word. */
double kj__random_sign(kj__random stream);

#endif
