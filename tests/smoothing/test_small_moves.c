/*
 * test_small_moves.c: a small epsilon costs no digits.
 *
 * With epsilon 1e-4 the outputs of a row and of the moved row share their
 * first digits. Subtracting them leaves few; the step follows the difference
 * instead. R and its gradient, from the library in float, against the same in
 * double by hand, with the library's own r; beside it R of subtracted outputs
 * in float.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smoothing/hand.h"
#include "smoothing/step_case.h"
#include "tier.h"

static const double ALLOWED = 1e-5;
static const double LOST = 1e-4; /* what subtracting must be off by */

static const case_options CASES[] = {
    {.name = "noise", .kind = KJ_SMOOTHING_NOISE},
    {.name = "vat exact", .kind = KJ_SMOOTHING_VAT},
    {.name = "vat power",
     .kind = KJ_SMOOTHING_VAT,
     .direction = KJ_DIRECTION_POWER},
};
enum { N_CASES = sizeof CASES / sizeof CASES[0] };

static step_case make(size_t i, size_t n_out)
{
  case_options o = CASES[i];
  o.n_labelled = 20;
  o.n_unlabelled = 20;
  o.n_out = n_out;
  o.n_in = 60;
  o.hidden[0] = 100;
  o.hidden[1] = 50;
  o.weighted = true;
  o.unequal_sigma = n_out == 3;
  o.output = KJ_ACTIVATION_RELU;
  step_case c = case_create(&o, 900);
  for (size_t k = 0; k < n_out; k++) /* outputs as of ratings on 1..5 */
    kj_network_biases(c.net, 2)[k] += 2;
  c.smoothing.epsilon = 1e-4;
  c.smoothing.lambda = 1e6; /* so that L leaves the gradient its digits */
  return c;
}

/* R in double by hand; lambda times its gradient is added. */
static double second_term(const step_case *c, double *gradient)
{
  double sum = 0.0;
  for (size_t i = 0; i < c->n_rows; i++) {
    hand_values clean, moved;
    double signal[HAND_WIDTH] = {0.0};
    const double share = (double)c->weight[i] / (double)c->n_rows;
    for (size_t j = 0; j < c->n_in; j++) {
      clean.h[0][j] = (double)c->x[i * c->n_in + j];
      moved.h[0][j] = clean.h[0][j] + (double)c->r[i * c->n_in + j];
    }
    hand_forward(c->net, &clean);
    hand_forward(c->net, &moved);
    for (size_t k = 0; k < c->n_out; k++) {
      const double z = moved.h[3][k], sigma = c->smoothing.sigma[k];
      const double move =
          hand_output(c->net, z) - hand_output(c->net, clean.h[3][k]);
      sum += share * move * move / (2.0 * sigma * sigma);
      signal[k] = c->smoothing.lambda * share * move / (sigma * sigma) *
                  hand_slope(c->net, z);
    }
    hand_backward(c->net, &moved, signal, gradient);
  }
  return sum;
}

/* R of subtracted outputs, each a float. */
static double textbook(const step_case *c)
{
  kj_activations *scratch = NULL;
  kj_real *moved = case_memory(c->n_rows * c->n_in, sizeof *moved);
  kj_real *f = case_memory(c->n_rows * c->n_out, sizeof *f);
  double sum = 0.0;
  assert_int_equal(
      kj_activations_create(&c->net->shape, c->n_rows, NULL, &scratch, NULL),
      KJ_OK);
  for (size_t j = 0; j < c->n_rows * c->n_in; j++)
    moved[j] = c->x[j] + c->r[j];
  kj_network_forward(c->net, moved, c->n_rows, scratch, f);
  for (size_t i = 0; i < c->n_rows * c->n_out; i++) {
    const double sigma = c->smoothing.sigma[i % c->n_out];
    const double move = (double)f[i] - (double)c->y_hat[i];
    sum +=
        (double)c->weight[i / c->n_out] * move * move / (2.0 * sigma * sigma);
  }
  kj_activations_destroy(scratch);
  free(moved);
  free(f);
  return sum / (double)c->n_rows;
}

/* Worst error of lambda R's gradient, of its largest entry. */
static double gradient_error(step_case *c, const double *want)
{
  const size_t n = c->net->n_parameters;
  kj_real *whole = case_memory(n, sizeof *whole);
  const double lambda = c->smoothing.lambda;
  double worst = 0.0, size = 0.0;
  memcpy(whole, c->gradient, n * sizeof *whole);
  c->smoothing.lambda = 0.0;
  case_run(c, KJ_LOSS_MSE);
  c->smoothing.lambda = lambda;
  for (size_t p = 0; p < n; p++) {
    const double got = (double)whole[p] - (double)c->gradient[p];
    worst = fmax(worst, fabs(got - want[p]));
    size = fmax(size, fabs(want[p]));
  }
  free(whole);
  return worst / size;
}

static void check_case(size_t i, size_t n_out)
{
  step_case c = make(i, n_out);
  double *gradient = case_memory(c.net->n_parameters, sizeof *gradient);
  case_direction(&c);
  const double want = second_term(&c, gradient);
  const double got = case_run(&c, KJ_LOSS_MSE).smoothing;
  const double error = fabs(got / want - 1.0);
  const double subtracted = fabs(textbook(&c) / want - 1.0);
  const double of_gradient = gradient_error(&c, gradient);
  print_message("%-9s %zu outputs: R %.3g, off by %.1e (subtracted outputs "
                "%.1e), gradient by %.1e\n",
                CASES[i].name, n_out, want, error, subtracted, of_gradient);
  if (!(error < ALLOWED) || !(of_gradient < ALLOWED))
    fail_msg("%s, %zu outputs: R %.9g, in double %.9g, error %.2g; gradient "
             "error %.2g; allowed %g",
             CASES[i].name, n_out, got, want, error, of_gradient, ALLOWED);
  if (!(subtracted > LOST))
    fail_msg("%s, %zu outputs: subtracting outputs is off by %.2g only: this "
             "case shows nothing",
             CASES[i].name, n_out, subtracted);
  free(gradient);
  case_destroy(&c);
}

static void a_small_epsilon_costs_no_digits(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_CASES; i++)
    for (size_t n_out = 1; n_out <= 3; n_out += 2)
      check_case(i, n_out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_small_epsilon_costs_no_digits),
  };
  if (tier_is_missing())
    return TIER_SKIPPED;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
