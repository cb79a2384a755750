/*
 * loss.c: squared error, binary cross-entropy, 1 - CCC, the likelihood of a
 * normal distribution, and their gradients.
 *
 * Source: kanjo/network.h has the formulas; Lin 1989 for CCC.
 */
#include "network/loss.h"

#include <assert.h>
#include <math.h>

/* A batch, and where its gradient goes. */
typedef struct batch {
  const kj_real *y, *f, *weight;
  size_t n_rows, n_out;
  kj_real *df; /* or NULL */
} batch;

static double row_weight(const batch *b, size_t row)
{
  return b->weight ? (double)b->weight[row] : 1.0;
}

/* V(y, f) of one target, and dV / df. */
typedef double (*pointwise)(double y, double f, double *slope);

static double squared_error(double y, double f, double *slope)
{
  *slope = 2.0 * (f - y);
  return (f - y) * (f - y);
}

static double cross_entropy(double y, double f, double *slope)
{
  *slope = kj__logistic(f) - y;
  return kj__softplus(f) - y * f;
}

/* (1/n) sum_i w_i sum_k m_ik V(y_ik, f_ik) */
static double mean_loss(const batch *b, pointwise value)
{
  double sum = 0.0;
  for (size_t i = 0; i < b->n_rows; i++) {
    const double share = row_weight(b, i) / (double)b->n_rows;
    for (size_t j = i * b->n_out; j < (i + 1) * b->n_out; j++) {
      double slope = 0.0;
      if (!isnan(b->y[j]))
        sum += share * value((double)b->y[j], (double)b->f[j], &slope);
      if (b->df)
        b->df[j] = (kj_real)(share * slope);
    }
  }
  return sum;
}

/* ln s + (y - f)^2 / (2 s^2) + ln(2 pi) / 2, and its derivatives by f and a. */
static double surprise(double y, double f, double a, double slope[2])
{
  const double half_log_2_pi = 0.91893853320467274178;
  const kj__log_sd sd = kj__log_sd_of(a);
  const double z = (f - y) * exp(-sd.value);
  slope[0] = z * exp(-sd.value);
  slope[1] = sd.slope * (1.0 - z * z);
  return sd.value + z * z / 2.0 + half_log_2_pi;
}

/* The first half of the outputs are centres, the second tell deviations. */
static double nll_loss(const batch *b)
{
  const size_t half = b->n_out / 2;
  double sum = 0.0;
  for (size_t i = 0; i < b->n_rows; i++) {
    const double share = row_weight(b, i) / (double)b->n_rows;
    for (size_t k = 0; k < half; k++) {
      const size_t j = i * b->n_out + k;
      double slope[2] = {0.0, 0.0};
      if (!isnan(b->y[j]))
        sum += share * surprise((double)b->y[j], (double)b->f[j],
                                (double)b->f[j + half], slope);
      if (b->df) {
        b->df[j] = (kj_real)(share * slope[0]);
        b->df[j + half] = (kj_real)(share * slope[1]);
      }
    }
  }
  return sum;
}

/* Weighted moments of one output over its rated rows. */
typedef struct moments {
  double weight, mean_y, mean_f, var_y, var_f, covariance;
} moments;

/* The weight of row i in output k; 0 where its target is missing. */
static double share_of(const batch *b, size_t i, size_t k)
{
  return isnan(b->y[i * b->n_out + k]) ? 0.0 : row_weight(b, i);
}

static moments compute_moments(const batch *b, size_t k)
{
  moments s = {0};
  for (size_t i = 0; i < b->n_rows; i++) {
    const double w = share_of(b, i, k);
    if (w == 0.0)
      continue;
    s.weight += w;
    s.mean_y += w * (double)b->y[i * b->n_out + k];
    s.mean_f += w * (double)b->f[i * b->n_out + k];
  }
  if (s.weight == 0.0)
    return s;
  s.mean_y /= s.weight;
  s.mean_f /= s.weight;
  for (size_t i = 0; i < b->n_rows; i++) {
    const double w = share_of(b, i, k) / s.weight;
    if (w == 0.0)
      continue;
    const double y = (double)b->y[i * b->n_out + k] - s.mean_y;
    const double f = (double)b->f[i * b->n_out + k] - s.mean_f;
    s.var_y += w * y * y;
    s.var_f += w * f * f;
    s.covariance += w * y * f;
  }
  return s;
}

/*
 * 1 - CCC_k, CCC_k = 2 C / D. With p_i = w_i / sum w:
 *
 *   dC/df_i = p_i (y_i - mean_y);   dD/df_i = 2 p_i (f_i - mean_y)
 *   dCCC/df_i = 2 p_i / D ((y_i - mean_y) - CCC (f_i - mean_y))
 */
static double ccc_loss_of(const batch *b, size_t k)
{
  /* Below this, D is what rounding leaves of constants: doubles would leave
   * 1e-32 of their squares, floats that differ at all at least 1e-15 / n. */
  const double nothing = 1e-24;
  const moments s = compute_moments(b, k);
  const double gap = s.mean_y - s.mean_f;
  const double d = s.var_y + s.var_f + gap * gap;
  const bool varies = d > nothing * (s.mean_y * s.mean_y + s.mean_f * s.mean_f);
  const double ccc = varies ? 2.0 * s.covariance / d : 0.0;
  for (size_t i = 0; i < b->n_rows && b->df; i++) {
    const size_t j = i * b->n_out + k;
    const double w = share_of(b, i, k);
    double slope = 0.0;
    if (varies && w != 0.0)
      slope = -2.0 * w / (s.weight * d) *
              ((double)b->y[j] - s.mean_y - ccc * ((double)b->f[j] - s.mean_y));
    b->df[j] = (kj_real)slope;
  }
  return 1.0 - ccc;
}

static double ccc_loss(const batch *b)
{
  double sum = 0.0;
  for (size_t k = 0; k < b->n_out; k++)
    sum += ccc_loss_of(b, k);
  return sum;
}

double kj__loss(kj_loss loss, const kj_real *y, const kj_real *f,
                const kj_real *weight, size_t n_rows, size_t n_out, kj_real *df)
{
  assert(n_rows >= 1);
  const batch b = {y, f, weight, n_rows, n_out, df};
  switch (loss) {
  case KJ_LOSS_BCE:
    return mean_loss(&b, cross_entropy);
  case KJ_LOSS_CCC:
    return ccc_loss(&b);
  case KJ_LOSS_NLL:
    return nll_loss(&b);
  case KJ_LOSS_MSE:
    break;
  }
  return mean_loss(&b, squared_error);
}
