/*
 * divergence.c: KL[N(target, sigma^2) || N(f, sigma^2)] and its derivative.
 *
 * Source: Kuwahara et al., ICAART 2020, (2)-(10), where sigma is 1 and there
 * is one output; a sum over outputs and a sigma for each are Kanjo's.
 */
#include "smoothing/divergence.h"

double kj__divergence_sum(const kj__divergence *d)
{
  double sum = 0.0;
  for (size_t i = 0; i < d->n_rows; i++) {
    double row = 0.0;
    for (size_t k = 0; k < d->n_out; k++) {
      const double z = d->excess[i * d->n_out + k] / d->sigma[k];
      row += z * z / 2.0;
    }
    sum += d->weight ? (double)d->weight[i] * row : row;
  }
  return sum;
}

void kj__divergence_signal(const kj__divergence *d, double scale,
                           kj_real *signal)
{
  for (size_t i = 0; i < d->n_rows; i++) {
    const double factor = d->weight ? scale * (double)d->weight[i] : scale;
    for (size_t k = 0; k < d->n_out; k++) {
      const size_t entry = i * d->n_out + k;
      const double variance = d->sigma[k] * d->sigma[k];
      signal[entry] = (kj_real)(factor * d->excess[entry] / variance);
    }
  }
}
