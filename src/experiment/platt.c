/*
 * platt.c: the slope and offset of log odds that held-out answers fit best.
 *
 * Minimises  - sum_i w_i (t_i ln p_i + (1 - t_i) ln(1 - p_i)),
 * p_i = 1 / (1 + exp(-(slope f_i + offset))), by Newton's method with halved
 * steps. t is (N+ + 1) / (N+ + 2) for yes and 1 / (N- + 2) for no, N the
 * weights, so that the slope stays finite where no answer is wrong.
 *
 * Source: Platt, Probabilistic outputs for support vector machines, 1999; Lin,
 * Lin and Weng, A note on Platt's probabilistic outputs, 2007.
 */
#include "experiment/platt.h"

#include "network/loss.h"

#include <stdbool.h>

enum { MOST_STEPS = 100, MOST_HALVINGS = 40 };

/* What the Hessian is made safe by, and when the gradient is small enough. */
static const double RIDGE = 1e-12, SMALL = 1e-9;

typedef struct line {
  double slope, offset;
} line;

/* Smoothed targets, of no and of yes. */
typedef struct targets {
  double of[2];
} targets;

static targets smooth(const kj__answers *a)
{
  double n[2] = {0.0, 0.0};
  for (size_t i = 0; i < a->n; i++)
    n[a->y[i] >= 0.5] += a->weight[i];
  return (targets){{1.0 / (n[0] + 2.0), (n[1] + 1.0) / (n[1] + 2.0)}};
}

static double cost(const kj__answers *a, const targets *t, line at)
{
  double sum = 0.0;
  for (size_t i = 0; i < a->n; i++) {
    const double z = at.slope * a->f[i] + at.offset;
    sum += a->weight[i] * (kj__softplus(z) - t->of[a->y[i] >= 0.5] * z);
  }
  return sum;
}

/* Newton's step from `at`; false where the gradient is 0 already. */
static bool find_step(const kj__answers *a, const targets *t, line at,
                      line *step)
{
  double gs = 0.0, go = 0.0, ss = RIDGE, so = 0.0, oo = RIDGE;
  for (size_t i = 0; i < a->n; i++) {
    const double f = a->f[i], z = at.slope * f + at.offset;
    const double p = kj__logistic(z), v = a->weight[i] * p * kj__logistic(-z);
    const double g = a->weight[i] * (p - t->of[a->y[i] >= 0.5]);
    gs += g * f;
    go += g;
    ss += v * f * f;
    so += v * f;
    oo += v;
  }
  const double determinant = ss * oo - so * so;
  if (!(determinant > 0.0) || fabs(gs) + fabs(go) < SMALL)
    return false;
  *step = (line){-(oo * gs - so * go) / determinant,
                 -(ss * go - so * gs) / determinant};
  return true;
}

/* As far along the step as the cost falls; false where it does not. */
static bool follow(const kj__answers *a, const targets *t, line step, line *at)
{
  const double before = cost(a, t, *at);
  for (int h = 0; h < MOST_HALVINGS; h++) {
    const line next = {at->slope + step.slope, at->offset + step.offset};
    if (cost(a, t, next) < before) {
      *at = next;
      return true;
    }
    step = (line){step.slope / 2.0, step.offset / 2.0};
  }
  return false;
}

void kj__platt(const kj__answers *answers, double *slope, double *offset)
{
  const targets t = smooth(answers);
  line at = {1.0, 0.0}, step;
  int n_steps = 0;
  while (n_steps++ < MOST_STEPS && find_step(answers, &t, at, &step) &&
         follow(answers, &t, step, &at)) {
  }
  *slope = at.slope;
  *offset = at.offset;
}
