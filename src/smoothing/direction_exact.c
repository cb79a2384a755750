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
 * gradient. Both signs give the same KL; each row draws one.
 *
 * Source: what the power iteration of Kuwahara et al., ICAART 2020, (5)-(10),
 * after Miyato et al., arXiv 1507.00677, converges to; this form is Kanjo's.
 */
#include "network/backward.h"
#include "smoothing/direction.h"
#include "smoothing/eigen.h"
#include "smoothing/perturbation.h"

/* jacobian[k] = d z_k / d x of every row: K passes back, unit signal at z_k. */
static void compute_jacobian(const kj__part *part)
{
  kj_stepper *scratch = part->scratch;
  const size_t n_signal = part->n_rows * part->n_out;
  for (size_t k = 0; k < part->n_out; k++) {
    for (size_t entry = 0; entry < n_signal; entry++)
      scratch->signal[entry] = entry % part->n_out == k ? (kj_real)1 : 0;
    kj__network_backward(part->net, scratch->activations, scratch->signal,
                         part->n_rows, false, NULL,
                         scratch->jacobian + k * part->n_rows * part->n_in);
  }
}

/* The gradient of output k at row i; shape (n_in). */
static const kj_real *gradient_of(const kj__part *part, size_t k, size_t i)
{
  return part->scratch->jacobian + (k * part->n_rows + i) * part->n_in;
}

static double dot(const kj_real *a, const kj_real *b, size_t n)
{
  double sum = 0.0;
  for (size_t j = 0; j < n; j++)
    sum += (double)a[j] * (double)b[j];
  return sum;
}

/* A A' = F^1/2 J J' F^1/2 of row i; shape (K, K). */
static void compute_gram(const kj__part *part, size_t i, double *gram)
{
  const double *sigma = part->smoothing->sigma;
  const size_t K = part->n_out;
  for (size_t k = 0; k < K; k++) {
    for (size_t l = k; l < K; l++) {
      const double product =
          dot(gradient_of(part, k, i), gradient_of(part, l, i), part->n_in);
      gram[k * K + l] = product / (sigma[k] * sigma[l]);
      gram[l * K + k] = gram[k * K + l];
    }
  }
}

/* g = sign A' u, of row i. */
static void combine(const kj__part *part, size_t i, const double *u,
                    double sign, kj_real *g)
{
  double coefficient[KJ_MAX_OUTPUTS];
  for (size_t k = 0; k < part->n_out; k++)
    coefficient[k] = sign * u[k] / part->smoothing->sigma[k];
  for (size_t j = 0; j < part->n_in; j++) {
    double sum = 0.0;
    for (size_t k = 0; k < part->n_out; k++)
      sum += coefficient[k] * (double)gradient_of(part, k, i)[j];
    g[j] = (kj_real)sum;
  }
}

void kj__direction_exact(const kj__part *part, kj_real *g)
{
  compute_jacobian(part);
  for (size_t i = 0; i < part->n_rows; i++) {
    double gram[KJ_MAX_OUTPUTS * KJ_MAX_OUTPUTS];
    double u[KJ_MAX_OUTPUTS];
    compute_gram(part, i, gram);
    kj__eigen_top(gram, part->n_out, u);
    const double sign = kj__random_sign(
        kj__row_stream(part->seed, part->step, part->row_id[i]));
    combine(part, i, u, sign, g + i * part->n_in);
  }
}
