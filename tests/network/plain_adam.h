/* plain_adam.h: a step of Adam in the plain loop that defines it: what
 * network/adam.h says, which kernels take behind their sums. */
#ifndef KJ_TESTS_NETWORK_PLAIN_ADAM_H
#define KJ_TESTS_NETWORK_PLAIN_ADAM_H

#include "network/adam.h"
#include <stddef.h>
#include <tgmath.h>

/* Of n parameters, with moments m and v; t is 1 for the first step. */
static inline void plain_adam_step(const kj_adam *adam, kj_real *parameters,
                                   const kj_real *gradient, kj_real *m,
                                   kj_real *v, uint64_t t, size_t n)
{
  const kj__adam_step_constants c = kj__adam_constants(adam, t);
  for (size_t i = 0; i < n; i++) {
    const kj_real g = gradient[i];
    m[i] = c.beta1 * m[i] + c.one_minus_beta1 * g;
    v[i] = c.beta2 * v[i] + c.one_minus_beta2 * (g * g);
    const kj_real m_hat = m[i] * c.unbias1;
    const kj_real v_hat = v[i] * c.unbias2;
    const kj_real step = c.alpha * m_hat / (sqrt(v_hat) + c.epsilon);
    parameters[i] -= step + c.decay * parameters[i];
  }
}

#endif
