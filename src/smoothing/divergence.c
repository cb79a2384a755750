/*
 * divergence.c: KL between the answer of a row and that of the row moved, and
 * its derivative: of normal distributions whose deviation is fixed or
 * predicted, and of Bernoulli ones.
 *
 * Source: Kuwahara et al., ICAART 2020, (2)-(10), where sigma is 1 and there
 * is one output; a sum over outputs, a sigma for each, logits and predicted
 * deviations are Kanjo's.
 */
#include "smoothing/divergence.h"

#include "network/loss.h"

/* KL[N(c, sigma^2) || N(c + excess, sigma^2)] */
static double of_rating(const kj__divergence *d, size_t entry, double *slope)
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
  const double f = (double)d->f[entry], t = d->excess[entry];
  *slope = 0.0;
  if (!d->y)
    return from_logit(f, t, slope);
  return isnan(d->y[entry]) ? 0.0
                            : from_answer((double)d->y[entry], f + t, slope);
}

/*
 * KL[N(f, s^2) || N(f + t, s'^2)], s' of a + u: with delta = ln s' - ln s,
 *
 *   delta + (exp(-2 delta) - 1) / 2 + t^2 / (2 s'^2)
 *
 * For small delta the first two cancel: delta^2 (1 - 2 delta / 3 + ..).
 */
static double from_pair(const double moved[2], double a, double *by_f,
                        double *by_a)
{
  const double small = 1e-4;
  const kj__log_sd sd = kj__log_sd_of(a), other = kj__log_sd_of(a + moved[1]);
  const double delta = 0.5 * log1p(sd.slope * expm1(2.0 * moved[1]));
  const double z = moved[0] * exp(-sd.value - delta);
  *by_f = z * exp(-sd.value - delta);
  *by_a = other.slope * (-expm1(-2.0 * delta) - z * z);
  const double turn = fabs(delta) < small
                          ? delta * delta * (1.0 - 2.0 * delta / 3.0)
                          : delta + expm1(-2.0 * delta) / 2.0;
  return turn + z * z / 2.0;
}

/* ln s' + (y - f')^2 / (2 s'^2) */
static double from_rating(double y, double f, double a, double *by_f,
                          double *by_a)
{
  const kj__log_sd sd = kj__log_sd_of(a);
  const double z = (f - y) * exp(-sd.value);
  *by_f = z * exp(-sd.value);
  *by_a = sd.slope * (1.0 - z * z);
  return sd.value + z * z / 2.0;
}

static double of_pair(const kj__divergence *d, size_t entry, double *slope)
{
  const size_t half = d->n_out / 2, other = entry + half;
  const double moved[2] = {d->excess[entry], d->excess[other]};
  const double f = (double)d->f[entry], a = (double)d->f[other];
  slope[0] = slope[half] = 0.0;
  if (!d->y)
    return from_pair(moved, a, &slope[0], &slope[half]);
  return isnan(d->y[entry])
             ? 0.0
             : from_rating((double)d->y[entry], f + moved[0], a + moved[1],
                           &slope[0], &slope[half]);
}

/* D of one row, and its derivatives, shape (n_out). */
static double of_row(const kj__divergence *d, size_t row, double *slope)
{
  const size_t first = row * d->n_out;
  const size_t n = kj__loss_targets(d->loss, d->n_out);
  double sum = 0.0;
  for (size_t k = 0; k < n; k++)
    switch (d->loss) {
    case KJ_LOSS_BCE:
      sum += of_logits(d, first + k, &slope[k]);
      break;
    case KJ_LOSS_NLL:
      sum += of_pair(d, first + k, &slope[k]);
      break;
    case KJ_LOSS_MSE:
    case KJ_LOSS_CCC:
      sum += of_rating(d, first + k, &slope[k]);
      break;
    }
  return sum;
}

double kj__divergence_sum(const kj__divergence *d)
{
  double sum = 0.0, slope[KJ_MAX_OUTPUTS];
  for (size_t i = 0; i < d->n_rows; i++) {
    const double row = of_row(d, i, slope);
    sum += d->weight ? (double)d->weight[i] * row : row;
  }
  return sum;
}

void kj__divergence_signal(const kj__divergence *d, double scale,
                           kj_real *signal)
{
  double slope[KJ_MAX_OUTPUTS];
  for (size_t i = 0; i < d->n_rows; i++) {
    const double factor = d->weight ? scale * (double)d->weight[i] : scale;
    of_row(d, i, slope);
    for (size_t k = 0; k < d->n_out; k++)
      signal[i * d->n_out + k] = (kj_real)(factor * slope[k]);
  }
}
