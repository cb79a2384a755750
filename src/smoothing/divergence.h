/* divergence.h: D, between targets and outputs of some rows. */
#ifndef KJ_SMOOTHING_DIVERGENCE_H
#define KJ_SMOOTHING_DIVERGENCE_H

#include "kanjo/real.h"
#include <stdbool.h>
#include <stddef.h>

/*
 * D(target_i, f_i) = sum_k m_ik (target_ik - f_ik)^2 / (2 sigma_k^2)
 *
 * KL of normal distributions with fixed standard deviations: the paper's D of
 * AT (2)-(4) and the KL of its LDS (5)-(10).
 */
typedef struct kj__divergence {
  const kj_real *target; /* (n_rows, n_out), row-major: labels or f(x) */
  bool may_miss;         /* a NaN target is missing: m_ik = 0, else 1 */
  size_t n_rows, n_out;
  const double *sigma; /* (n_out) */
} kj__divergence;

/* Compute sum_i w_i D(target_i, f_i), in double, in the order of the rows.
 * weight: shape (n_rows), or NULL for 1. */
double kj__divergence_sum(const kj__divergence *d, const kj_real *f,
                          const kj_real *weight);

/* Write scale * w_i * dD(target_i, f_i) / df_ik to signal, shape (n_rows,
 * n_out). */
void kj__divergence_signal(const kj__divergence *d, const kj_real *f,
                           const kj_real *weight, double scale,
                           kj_real *signal);

#endif
