/*
 * divergence.c: KL between the answer of a row and that of the row moved, and
 * its derivative: of normal distributions, and of Bernoulli ones.
 *
 * Source: Kuwahara et al., ICAART 2020, (2)-(10), where sigma is 1 and there
 * is one output; a sum over outputs, a sigma for each, and logits are Kanjo's.
 */
#include "smoothing/divergence.h"

#include "network/loss.h"

/* KL[N(c, sigma^2) || N(c + excess, sigma^2)] */
static double of_ratings(const kj__divergence *d, size_t entry, double *slope)
{
  const double sigma = d->sigma[entry % d->n_out];
  const double z = d->excess[entry] / sigma;
  *slope = d->excess[entry] / (sigma * sigma);
  return z * z / 2.0;
}

/* KL[Bernoulli(y) || Bernoulli(logistic(f))]: the cross-entropy less the
 * entropy of y, which is 0 for an answer of yes or no. */
static double from_answer(double y, double f, double *slope)
{
  const double ignorance =
      y > 0.0 && y < 1.0 ? y * log(y) + (1.0 - y) * log1p(-y) : 0.0;
  *slope = kj__logistic(f) - y;
  return kj__softplus(f) - y * f + ignorance;
}

/*
 * KL[Bernoulli(p) || Bernoulli(p')], p = logistic(f), p' = logistic(f + t):
 *
 *   log(1 + p (e^t - 1)) - p t;   derivative p' - p = p (1 - p) (e^t - 1) /
 *                                                     (1 + p (e^t - 1))
 *
 * For small t both terms cancel: p (1 - p) t^2 / 2 (1 + (1 - 2 p) t / 3 + ..)
 */
static double from_logit(double f, double t, double *slope)
{
  const double small = 1e-4, large = 30.0;
  const double p = kj__logistic(f), rest = kj__logistic(-f);
  if (fabs(t) > large) {
    *slope = kj__logistic(f + t) - p;
    return kj__softplus(f + t) - kj__softplus(f) - p * t;
  }
  const double rise = p * expm1(t);
  *slope = rest * rise / (1.0 + rise);
  return fabs(t) < small ? p * rest * t * t / 2.0 * (1.0 + (rest - p) * t / 3.0)
                         : log1p(rise) - p * t;
}

static double of_logits(const kj__divergence *d, size_t entry, double *slope)
{
  const double f = (double)d->logit[entry], t = d->excess[entry];
  *slope = 0.0;
  if (!d->y)
    return from_logit(f, t, slope);
  return isnan(d->y[entry]) ? 0.0
                            : from_answer((double)d->y[entry], f + t, slope);
}

static double one(const kj__divergence *d, size_t entry, double *slope)
{
  return d->logit ? of_logits(d, entry, slope) : of_ratings(d, entry, slope);
}

double kj__divergence_sum(const kj__divergence *d)
{
  double sum = 0.0, slope;
  for (size_t i = 0; i < d->n_rows; i++) {
    double row = 0.0;
    for (size_t k = 0; k < d->n_out; k++)
      row += one(d, i * d->n_out + k, &slope);
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
      double slope;
      one(d, i * d->n_out + k, &slope);
      signal[i * d->n_out + k] = (kj_real)(factor * slope);
    }
  }
}
