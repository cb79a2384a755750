/* loss.h: the supervised losses of kanjo/network.h and their gradients. */
#ifndef KJ_NETWORK_LOSS_H
#define KJ_NETWORK_LOSS_H

#include "kanjo/network.h"
#include <math.h>

/* 1 / (1 + exp(-f)) and log(1 + exp(f)), without overflow for any f. */
static inline double kj__logistic(double f)
{
  const double e = exp(-fabs(f));
  return (f < 0.0 ? e : 1.0) / (1.0 + e);
}

/* Targets that the outputs of a loss answer for. */
static inline size_t kj__loss_targets(kj_loss loss, size_t n_out)
{
  return loss == KJ_LOSS_NLL ? n_out / 2 : n_out;
}

/* Of a network's a: ln s, and its derivative by a, h = exp(2 a) / s^2. */
typedef struct kj__log_sd {
  double value, slope;
} kj__log_sd;

static inline kj__log_sd kj__log_sd_of(double a)
{
  const double least = log(KJ_LEAST_SD);
  const double gap = kj__logistic(2.0 * (a - least));
  const double above = a > least ? a : least;
  return (kj__log_sd){above + 0.5 * log1p(exp(-2.0 * fabs(a - least))), gap};
}

static inline double kj__softplus(double f)
{
  return fmax(f, 0.0) + log1p(exp(-fabs(f)));
}

/*
 * Compute a loss and its gradient by the outputs. Sums run in double, in the
 * order of the rows.
 *
 * mse and bce divide by n_rows, however many targets are missing. ccc of an
 * output whose rated rows show no variance at all (y and f constant and equal;
 * fewer than two rated rows; only weights 0) counts 1 with gradient 0. If only
 * y or only f is constant its CCC is 0 and counts 1 too; the gradient is then
 * 0 for constant y, and for constant f points towards y.
 *
 * y       targets; shape (n_rows, n_out), row-major; NaN: missing. 0..1 for
 *         bce.
 * f       outputs (for bce: logits); shape (n_rows, n_out), row-major.
 * weight  of a row, >= 0; shape (n_rows); NULL: 1.
 * n_rows  at least 1.
 * df      d loss / d f, overwritten; shape (n_rows, n_out), row-major; 0 where
 *         the target is missing. Or NULL. May be f.
 */
double kj__loss(kj_loss loss, const kj_real *y, const kj_real *f,
                const kj_real *weight, size_t n_rows, size_t n_out,
                kj_real *df);

#endif
