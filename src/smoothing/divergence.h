/* divergence.h: D, between targets and outputs of some rows. */
#ifndef KJ_SMOOTHING_DIVERGENCE_H
#define KJ_SMOOTHING_DIVERGENCE_H

#include "kanjo/real.h"
#include <stddef.h>

/*
 * D_i = sum_k excess_ik^2 / (2 sigma_k^2)
 *
 * KL of normal distributions with fixed standard deviations, whose centres
 * differ by the excess: the paper's D of AT (2)-(4) and the KL of its LDS
 * (5)-(10).
 */
typedef struct kj__divergence {
  const double *excess;  /* (n_rows, n_out), row-major; 0: a missing target */
  const kj_real *weight; /* (n_rows), or NULL for 1 */
  const double *sigma;   /* (n_out) */
  size_t n_rows, n_out;
} kj__divergence;

/* Compute sum_i w_i D_i, in double, in the order of the rows. */
double kj__divergence_sum(const kj__divergence *d);

/* Write scale * w_i * dD_i / d excess_ik to signal, shape (n_rows, n_out). */
void kj__divergence_signal(const kj__divergence *d, double scale,
                           kj_real *signal);

#endif
