/*
 * adam.c: the constants of a step of Adam with decoupled weight decay. The
 * step itself follows the sums it takes: kernels.h.
 *
 * Source: Kingma & Ba, Adam: a method for stochastic optimization, 2015,
 * algorithm 1; Loshchilov & Hutter, Decoupled weight decay regularization,
 * 2019, algorithm 2.
 */
#include "network/adam.h"

#include <assert.h>
#include <math.h>

kj_adam kj__adam_defaults(void)
{
  return (kj_adam){
      .learning_rate = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
}

kj__adam_step_constants kj__adam_constants(const kj_adam *adam, uint64_t t)
{
  assert(t >= 1);
  return (kj__adam_step_constants){
      .beta1 = (kj_real)adam->beta1,
      .one_minus_beta1 = (kj_real)(1.0 - adam->beta1),
      .beta2 = (kj_real)adam->beta2,
      .one_minus_beta2 = (kj_real)(1.0 - adam->beta2),
      .unbias1 = (kj_real)(1.0 / (1.0 - pow(adam->beta1, (double)t))),
      .unbias2 = (kj_real)(1.0 / (1.0 - pow(adam->beta2, (double)t))),
      .alpha = (kj_real)adam->learning_rate,
      .epsilon = (kj_real)adam->epsilon,
      .decay = (kj_real)(adam->learning_rate * adam->weight_decay),
  };
}
