/* adam.h: the optimiser. */
#ifndef KJ_NETWORK_ADAM_H
#define KJ_NETWORK_ADAM_H

#include "kanjo/real.h"
#include <stddef.h>
#include <stdint.h>

typedef struct kj_adam {
  double learning_rate; /* alpha; of this step, where a schedule sets it */
  double beta1, beta2;  /* decay of the two moments, 0..1, 1 excluded */
  double epsilon;       /* > 0 */
  double weight_decay;  /* decoupled from the gradient; 0: none */
} kj_adam;

/* alpha .001, beta1 .9, beta2 .999, epsilon 1e-8 (Kingma & Ba), no decay. */
kj_adam kj__adam_defaults(void);

/*
 * Take one step:
 *
 *   m <- beta1 m + (1 - beta1) g;      v <- beta2 v + (1 - beta2) g^2
 *   p <- p - alpha mhat / (sqrt(vhat) + epsilon) - alpha weight_decay p
 *
 * with mhat = m / (1 - beta1^t), vhat = v / (1 - beta2^t).
 *
 * parameters, gradient, m, v  shape (n), none overlapping another; m and v are
 *                             0 before the first step.
 * t                           1 for the first step, then 2, ...
 *
 * Source: Kingma & Ba, Adam, 2015, algorithm 1; Loshchilov & Hutter, Decoupled
 * weight decay regularization, 2019, algorithm 2.
 */
void kj__adam_step(const kj_adam *adam, kj_real *parameters,
                   const kj_real *gradient, kj_real *m, kj_real *v, uint64_t t,
                   size_t n);

#endif
