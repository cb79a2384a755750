/*
 * gradients.c: the second term against central differences, in double.
 *
 * The gradient of a step is that of L + lambda R with r and the clean outputs
 * held where they are: constants c->r and c->y_hat here, while a parameter
 * moves by +-h. Compared are L + lambda R and, alone, lambda R (the step's
 * gradient less that without smoothing); relative to the largest entry.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network/loss.h"
#include "smoothing/hand.h"
#include "smoothing/step_case.h"

/* h, and the error a difference of two sums near 1 makes: 1e-16 / h. */
static const double H = 1e-5;
static const double ALLOWED = 1e-6;

/* Of each row through the units that its mask has left. */
static void forward(const step_case *c, const kj_real *x, kj_real *f)
{
  hand_values v;
  for (size_t i = 0; i < c->n_rows; i++) {
    const hand_mask mask = {c->dropout, CASE_SEED, CASE_STEP, c->row_id[i]};
    for (size_t j = 0; j < c->n_in; j++)
      v.h[0][j] = x[i * c->n_in + j];
    hand_forward_masked(c->net, &mask, &v);
    for (size_t k = 0; k < c->n_out; k++)
      f[i * c->n_out + k] = hand_output(c->net, v.h[c->net->shape.n_layers][k]);
  }
}

static double weight_of(const step_case *c, size_t row)
{
  return c->batch.weight ? c->batch.weight[row] : 1.0;
}

/* KL[Bernoulli(p) || Bernoulli(logistic(f))], term by term. */
static double bernoulli(double p, double f)
{
  const double q = 1.0 / (1.0 + exp(-f));
  return p * log(p / q) + (1.0 - p) * log((1.0 - p) / (1.0 - q));
}

static double sd_of(double a)
{
  return sqrt(KJ_LEAST_SD * KJ_LEAST_SD + exp(2.0 * a));
}

/* KL of two normal distributions; from an answer, the likelihood. */
static double normal(const step_case *c, const double *target, const double *f)
{
  const size_t half = c->n_out / 2;
  const double t = sd_of(f[half]), gap = target[0] - f[0];
  if (c->smoothing.kind == KJ_SMOOTHING_AT)
    return log(t) + gap * gap / (2.0 * t * t);
  const double s = sd_of(target[half]);
  return log(t / s) + (s * s + gap * gap) / (2.0 * t * t) - 0.5;
}

/* sigma of D: the clean outputs are constants. */
static double sigma_of(const step_case *c, size_t k)
{
  const size_t n =
      c->smoothing.kind == KJ_SMOOTHING_AT ? c->batch.n_labelled : c->n_rows;
  double mean = 0.0, variance = 0.0;
  for (size_t i = 0; i < n; i++)
    mean += c->y_hat[i * c->n_out + k] / (double)n;
  for (size_t i = 0; i < n; i++) {
    const double gap = c->y_hat[i * c->n_out + k] - mean;
    variance += gap * gap / (double)n;
  }
  return c->smoothing.sigma[k] * (c->smoothing.is_relative
                                      ? fmax(sqrt(variance), KJ_LEAST_SPREAD)
                                      : 1.0);
}

/* D of output k, without the row's weight; NaN where there is no target. */
static double divergence(const step_case *c, const double *target,
                         const double *f, size_t k)
{
  const double z = (target[k] - f[k]) / sigma_of(c, k);
  const double p = c->smoothing.kind == KJ_SMOOTHING_AT
                       ? target[k]
                       : 1.0 / (1.0 + exp(-target[k]));
  switch (c->loss) {
  case KJ_LOSS_BCE:
    return bernoulli(p, f[k]);
  case KJ_LOSS_NLL:
    return normal(c, target + k, f + k);
  case KJ_LOSS_MSE:
  case KJ_LOSS_CCC:
    break;
  }
  return z * z / 2.0;
}

/* R by its definition, with the constants c->r and c->y_hat. */
static double second_term(const step_case *c)
{
  const bool adversarial = c->smoothing.kind == KJ_SMOOTHING_AT;
  const size_t n = adversarial ? c->batch.n_labelled : c->n_rows;
  const size_t n_targets = kj__loss_targets(c->loss, c->n_out);
  const kj_real *target = adversarial ? c->y : c->y_hat;
  double *x = case_memory(c->n_rows * c->n_in, sizeof *x);
  double *f = case_memory(c->n_rows * c->n_out, sizeof *f);
  for (size_t j = 0; j < c->n_rows * c->n_in; j++)
    x[j] = c->x[j] + c->r[j];
  forward(c, x, f);
  double sum = 0.0;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < n_targets; k++) {
      const size_t first = i * c->n_out;
      const double d = divergence(c, target + first, f + first, k);
      if (!isnan(d))
        sum += weight_of(c, i) * d;
    }
  free(x);
  free(f);
  return sum / (double)n;
}

static double supervised(const step_case *c, kj_loss loss)
{
  if (c->batch.n_labelled == 0)
    return 0.0;
  double *f = case_memory(c->n_rows * c->n_out, sizeof *f);
  forward(c, c->x, f);
  const double value = kj__loss(loss, c->y, f, c->batch.weight,
                                c->batch.n_labelled, c->n_out, NULL);
  free(f);
  return value;
}

/* lambda R, or L + lambda R. */
static double objective(const step_case *c, const case_options *o, bool whole)
{
  const double first = whole ? supervised(c, o->loss) : 0.0;
  return first + c->smoothing.lambda * second_term(c);
}

static double central_difference(step_case *c, const case_options *o,
                                 bool whole, size_t parameter)
{
  double *p = &c->net->parameters[parameter];
  const double kept = *p;
  *p = kept + H;
  const double above = objective(c, o, whole);
  *p = kept - H;
  const double below = objective(c, o, whole);
  *p = kept;
  return (above - below) / (2.0 * H);
}

static double largest(const double *v, size_t n)
{
  double value = 0.0;
  for (size_t i = 0; i < n; i++)
    value = fmax(value, fabs(v[i]));
  return value;
}

static void compare(step_case *c, const case_options *o, bool whole,
                    const double *gradient)
{
  const size_t n = c->net->n_parameters;
  const double size = largest(gradient, n);
  const char *const what = whole ? "L + lambda R" : "lambda R";
  double worst = 0.0;
  for (size_t p = 0; p < n; p++) {
    const double want = central_difference(c, o, whole, p);
    const double error = fabs(gradient[p] - want) / size;
    if (!(error < ALLOWED))
      fail_msg("%s, %s, parameter %zu: gradient %.12g, central difference "
               "%.12g, error %.2g of the largest entry, seed %d",
               o->name, what, p, gradient[p], want, error, CASE_SEED);
    worst = fmax(worst, error);
  }
  print_message("%-18s %-12s worst %.1e of %.3g, %zu parameters\n", o->name,
                what, worst, size, n);
}

static void check_case(const case_options *o, uint64_t seed)
{
  step_case c = case_create(o, seed);
  const size_t n = c.net->n_parameters;
  double *term = case_memory(n, sizeof *term);
  const double lambda = c.smoothing.lambda;
  case_direction(&c);
  const kj_step_losses losses = case_run(&c, o->loss);
  /* The terms of the other divergences cancel. */
  const bool cancels =
      o->loss == KJ_LOSS_BCE || o->loss == KJ_LOSS_NLL || o->relative;
  const double allowed = cancels ? 1e-12 : 1e-14;
  if (!(fabs(losses.smoothing - second_term(&c)) <
        allowed * fabs(losses.smoothing)))
    fail_msg("%s: R is %.17g, by definition %.17g", o->name, losses.smoothing,
             second_term(&c));
  compare(&c, o, true, c.gradient);
  for (size_t p = 0; p < n; p++)
    term[p] = c.gradient[p];
  c.smoothing.lambda = 0.0;
  case_run(&c, o->loss);
  c.smoothing.lambda = lambda;
  for (size_t p = 0; p < n; p++)
    term[p] -= c.gradient[p];
  compare(&c, o, false, term);
  free(term);
  case_destroy(&c);
}

static void every_gradient_is_that_of_its_objective(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_STEP_CASES; i++) {
    const bool wide = STEP_CASES[i].n_in > 0; /* for step.py: 25,000 numbers */
    if (STEP_CASES[i].kind != KJ_SMOOTHING_NONE && !wide)
      check_case(&STEP_CASES[i], 400 + i);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_gradient_is_that_of_its_objective),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
