/*
 * direction_adversarial.c: g = grad_x D(y, f(x)), the direction of AT.
 *
 * With D = sum_k m_k (y_k - f_k)^2 / (2 sigma_k^2) the signal at output k is
 * m_k (f_k - y_k) / sigma_k^2. It enters before the output's activation: a
 * ReLU output at 0 would stop it, and the row would have no direction.
 *
 * Source: Kuwahara et al., ICAART 2020, (2)-(4), with one output and sigma 1.
 */
#include "network/backward.h"
#include "smoothing/direction.h"
#include "smoothing/divergence.h"

void kj__direction_adversarial(const kj__part *part, kj_real *g)
{
  kj_stepper *scratch = part->scratch;
  const kj__divergence d = {
      .target = part->y,
      .may_miss = true,
      .n_rows = part->n_rows,
      .n_out = part->n_out,
      .sigma = part->smoothing->sigma,
  };
  kj__divergence_signal(&d, scratch->f, NULL, 1.0, scratch->signal);
  kj__network_backward(part->net, scratch->activations, scratch->signal,
                       part->n_rows, false, NULL, g);
}
