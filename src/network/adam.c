/*
 * adam.c: one step of Adam with decoupled weight decay.
 *
 * Source: Kingma & Ba, Adam: a method for stochastic optimization, 2015,
 * algorithm 1; Loshchilov & Hutter, Decoupled weight decay regularization,
 * 2019, algorithm 2.
 */
#include "network/adam.h"

#include "network/clones.h"

#include <assert.h>
#include <tgmath.h>

/* What is the same for all parameters of a step. */
typedef struct step {
  kj_real beta1, one_minus_beta1, beta2, one_minus_beta2;
  kj_real unbias1, unbias2; /* 1 / (1 - beta^t) */
  kj_real alpha, epsilon, decay;
} step;

kj_adam kj__adam_defaults(void)
{
  return (kj_adam){
      .learning_rate = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
}

KJ__CLONES static void move(const step *s, kj_real *restrict p,
                            const kj_real *restrict g, kj_real *restrict m,
                            kj_real *restrict v, size_t n)
{
  const step c = *s;
  for (size_t i = 0; i < n; i++) {
    m[i] = c.beta1 * m[i] + c.one_minus_beta1 * g[i];
    v[i] = c.beta2 * v[i] + c.one_minus_beta2 * (g[i] * g[i]);
    const kj_real m_hat = m[i] * c.unbias1;
    const kj_real v_hat = v[i] * c.unbias2;
    p[i] -= c.alpha * m_hat / (sqrt(v_hat) + c.epsilon) + c.decay * p[i];
  }
}

void kj__adam_step(const kj_adam *adam, kj_real *parameters,
                   const kj_real *gradient, kj_real *m, kj_real *v, uint64_t t,
                   size_t n)
{
  assert(t >= 1);
  const step s = {
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
  move(&s, parameters, gradient, m, v, n);
}
