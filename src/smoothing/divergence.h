/* divergence.h: D, between targets and outputs of some rows. */
#ifndef KJ_SMOOTHING_DIVERGENCE_H
#define KJ_SMOOTHING_DIVERGENCE_H

#include "kanjo/real.h"
#include <stddef.h>

/*
 * Of ratings:  D_i = sum_k excess_ik^2 / (2 sigma_k^2)
 *
 * KL of normal distributions with fixed standard deviations, whose centres
 * differ by the excess: the paper's D of AT (2)-(4) and the KL of its LDS
 * (5)-(10).
 *
 * Of logits:   D_i = sum_k KL[Bernoulli(p_ik) || Bernoulli(1 / (1 + exp(-f_ik
 *                                                        - excess_ik)))]
 *
 * with p_ik = y_ik where there are targets, else 1 / (1 + exp(-f_ik)); a
 * missing target counts 0.
 */
typedef struct kj__divergence {
  const double *excess;  /* (n_rows, n_out), row-major; of ratings 0: a missing
                            target */
  const kj_real *weight; /* (n_rows), or NULL for 1 */
  const double *sigma;   /* (n_out); not read with logits */
  const kj_real *logit;  /* f, (n_rows, n_out); NULL: these are ratings */
  const kj_real *y;      /* (n_rows, n_out), of logits only; or NULL */
  size_t n_rows, n_out;
} kj__divergence;

/* Compute sum_i w_i D_i, in double, in the order of the rows. */
double kj__divergence_sum(const kj__divergence *d);

/* Write scale * w_i * dD_i / d excess_ik to signal, shape (n_rows, n_out). */
void kj__divergence_signal(const kj__divergence *d, double scale,
                           kj_real *signal);

#endif
