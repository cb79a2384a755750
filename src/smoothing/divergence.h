/* divergence.h: D, between targets and outputs of some rows. */
#ifndef KJ_SMOOTHING_DIVERGENCE_H
#define KJ_SMOOTHING_DIVERGENCE_H

#include "kanjo/network.h"
#include <stddef.h>

/*
 * What outputs are, which the loss tells, and D_i of a row whose outputs f_i
 * have moved by the excess:
 *
 * ratings  sum_k excess_ik^2 / (2 sigma_k^2)
 *          KL of normal distributions with fixed standard deviations, whose
 *          centres differ by the excess: the paper's D of AT (2)-(4) and the KL
 *          of its LDS (5)-(10).
 * logits   sum_k KL[Bernoulli(p_ik) || Bernoulli(1 / (1 + exp(-f_ik -
 *          excess_ik)))], p_ik = y_ik where there are targets, else
 *          1 / (1 + exp(-f_ik))
 * pairs    sum_k KL[N(f_ik, s_ik^2) || N(f'_ik, s'_ik^2)] = ln(s' / s) + (s^2 +
 *          (f' - f)^2) / (2 s'^2) - 1/2 with s of KJ_LOSS_NLL; where there are
 *          targets ln s' + (y - f')^2 / (2 s'^2), which is the KL from an
 *          answer without error but for a constant
 *
 * A missing target counts 0.
 */
typedef struct kj__divergence {
  kj_loss loss;
  const double *excess;  /* (n_rows, n_out), row-major; of ratings f' - y where
                            there are targets, 0: a missing one */
  const kj_real *weight; /* (n_rows), or NULL for 1 */
  const double *sigma;   /* (n_out); of ratings */
  const kj_real *f;      /* (n_rows, n_out); not read of ratings */
  const kj_real *y;      /* (n_rows, n_out), or NULL; not read of ratings */
  size_t n_rows, n_out;
} kj__divergence;

/* Compute sum_i w_i D_i, in double, in the order of the rows. */
double kj__divergence_sum(const kj__divergence *d);

/* Write scale * w_i * dD_i / d excess_ik to signal, shape (n_rows, n_out). */
void kj__divergence_signal(const kj__divergence *d, double scale,
                           kj_real *signal);

#endif
