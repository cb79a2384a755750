/* adam.h: the optimiser. */
#ifndef KJ_NETWORK_ADAM_H
#define KJ_NETWORK_ADAM_H

#include "kanjo/network.h"
#include "network/kernels.h"
#include <stdint.h>

/* alpha .001, beta1 .9, beta2 .999, epsilon 1e-8 (Kingma & Ba), no decay. */
kj_adam kj__adam_defaults(void);

/*
 * What is the same for all parameters of step t >= 1:
 *
 *   m <- beta1 m + (1 - beta1) g;      v <- beta2 v + (1 - beta2) g^2
 *   p <- p - (alpha mhat / (sqrt(vhat) + epsilon) + alpha weight_decay p)
 *
 * with mhat = m / (1 - beta1^t), vhat = v / (1 - beta2^t), each operation
 * rounded to kj_real, m and v 0 before the first step. Kernels take the step
 * (network/kernels.h, descend).
 *
 * Source: Kingma & Ba, Adam, 2015, algorithm 1; Loshchilov & Hutter, Decoupled
 * weight decay regularization, 2019, algorithm 2.
 */
kj__adam_step_constants kj__adam_constants(const kj_adam *adam, uint64_t t);

#endif
