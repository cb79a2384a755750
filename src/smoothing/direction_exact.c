/*
 * direction_exact.c: the direction of VAT in closed form.
 *
 * To second order in r, with J = dz/dx, shape (K, n_in), and F = diag(1 /
 * sigma_k^2), the KL of (5)-(10) is r' J' F J r / 2. Let A = F^1/2 J. Then
 *
 *   A A' u = mu u   (K x K)   gives   A' A (A' u) = mu (A' u)   (n_in x n_in),
 *
 * so that the r that maximises it lies along A' u = J' F^1/2 u, u the top
 * eigenvector of the small matrix. With one output u = 1 and r lies along the
 * gradient. Both signs give the same KL; each row draws one. Of logits F =
 * diag(p_k (1 - p_k)), p_k = 1 / (1 + exp(-f_k)): the Fisher information of
 * Bernoulli distributions; with predicted deviations, diag(1 / s_k^2) of the
 * centres and diag(2 (d ln s_k / d a_k)^2) of what the deviations are made of.
 *
 * Source: what the power iteration of Kuwahara et al., ICAART 2020, (5)-(10),
 * after Miyato et al., arXiv 1507.00677, converges to; this form is Kanjo's.
 */
#include "network/loss.h"
#include "smoothing/direction.h"
#include "smoothing/eigen.h"
#include "smoothing/passes.h"
#include "smoothing/perturbation.h"

/* F^1/2 of output k of a row; where there is but one, any length will do. */
static double root_information(const kj__state *s, size_t row, size_t k)
{
  const kj_real *f = s->stepper->outputs.f + row * s->n_out;
  const size_t half = s->n_out / 2;
  switch (s->step->loss) {
  case KJ_LOSS_BCE:
    return s->n_out == 1
               ? 1.0
               : sqrt(kj__logistic((double)f[k]) * kj__logistic(-(double)f[k]));
  case KJ_LOSS_NLL:
    return k < half ? exp(-kj__log_sd_of((double)f[k + half]).value)
                    : sqrt(2.0) * kj__log_sd_of((double)f[k]).slope;
  case KJ_LOSS_MSE:
  case KJ_LOSS_CCC:
    break;
  }
  return 1.0 / s->stepper->outputs.sigma[k];
}

/* c_k = sign u_k F_k^1/2: g = sign A' u. */
static void weigh(const kj__state *s, size_t row, const double *products,
                  double *c)
{
  const size_t K = s->n_out;
  double gram[KJ_MAX_OUTPUTS * KJ_MAX_OUTPUTS]; /* A A' */
  double u[KJ_MAX_OUTPUTS], root[KJ_MAX_OUTPUTS];
  for (size_t k = 0; k < K; k++)
    root[k] = root_information(s, row, k);
  for (size_t k = 0; k < K; k++)
    for (size_t l = 0; l < K; l++)
      gram[k * K + l] = products[k * K + l] * root[k] * root[l];
  kj__eigen_top(gram, K, u);
  const double sign = kj__random_sign(kj__state_stream(s, row));
  for (size_t k = 0; k < K; k++)
    c[k] = sign * u[k] * root[k];
}

const kj__direction kj__direction_exact = {
    .find = kj__pass_units, .weigh = weigh, .leaves_signals = true};
