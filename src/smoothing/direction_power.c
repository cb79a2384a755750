/*
 * direction_power.c: the direction of VAT by power iteration.
 *
 *   d random, |d| = 1;   repeat:  d <- g / |g|,
 *   g = grad_r KL[p(y|x) || p(y|x + r)] at r = xi' d
 *
 * Since the KL is about r' H r / 2, g is about xi' H d: a step of the power
 * method for H. Done differently: xi' = xi |x| (xi where x is 0), for a step
 * that suits the data is too small for one row and too large for another; the
 * KL is that of the values before the output's activation; d stays where g is
 * exactly 0.
 *
 * Source: Kuwahara et al., ICAART 2020, (5)-(10), after Miyato et al., arXiv
 * 1507.00677, section 3.
 */
#include "network/activations.h"
#include "network/backward.h"
#include "smoothing/direction.h"
#include "smoothing/divergence.h"
#include "smoothing/perturbation.h"

#include <string.h>

/* x_moved = x + xi' d. */
static void move_by_xi(const kj__part *part, const kj_real *d)
{
  const size_t n = part->n_in;
  for (size_t i = 0; i < part->n_rows; i++) {
    const double size = kj__norm(part->x + i * n, n);
    const double xi = part->smoothing->xi * (size > 0.0 ? size : 1.0);
    kj__move(part->x + i * n, d + i * n, n, xi, part->scratch->x_moved + i * n);
  }
}

/* g = grad_r KL(z(x), z(x_moved)). */
static void compute_gradient(const kj__part *part, kj_real *g)
{
  kj_stepper *scratch = part->scratch;
  const kj__divergence kl = {
      .target = scratch->z,
      .n_rows = part->n_rows,
      .n_out = part->n_out,
      .sigma = part->smoothing->sigma,
  };
  kj_network_forward(part->net, scratch->x_moved, part->n_rows,
                     scratch->activations, scratch->f_moved);
  kj__activations_output(scratch->activations, scratch->f_moved);
  kj__divergence_signal(&kl, scratch->f_moved, NULL, 1.0, scratch->signal);
  kj__network_backward(part->net, scratch->activations, scratch->signal,
                       part->n_rows, false, NULL, g);
}

void kj__direction_power(const kj__part *part, kj_real *d)
{
  const size_t n = part->n_in;
  kj_real *g = part->scratch->jacobian;
  kj__direction_noise(part, d);
  for (unsigned t = 0; t < part->smoothing->power_iterations; t++) {
    move_by_xi(part, d);
    compute_gradient(part, g);
    for (size_t i = 0; i < part->n_rows; i++) {
      if (kj__scale_to(g + i * n, n, 1.0))
        memcpy(d + i * n, g + i * n, n * sizeof *d);
    }
  }
}
