/*
 * test_terms.c: which rows reach which term of the step.
 *
 * Built twice: with kj_real float and, against kanjo_double, double.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smoothing/hand.h"
#include "smoothing/step_case.h"
#include "tier.h"
#include <string.h>

static const double ALLOWED = sizeof(kj_real) == sizeof(float) ? 1e-5 : 1e-13;

enum { N_LABELLED = 6, N_UNLABELLED = 5 };

static const case_options WAYS[] = {
    {.name = "none"},
    {.name = "noise", .kind = KJ_SMOOTHING_NOISE},
    {.name = "at", .kind = KJ_SMOOTHING_AT},
    {.name = "vat exact", .kind = KJ_SMOOTHING_VAT},
    {.name = "vat power",
     .kind = KJ_SMOOTHING_VAT,
     .direction = KJ_DIRECTION_POWER},
};
enum { NONE, NOISE, AT, EXACT, POWER, N_WAYS };

static step_case make(size_t way)
{
  case_options o = WAYS[way];
  o.n_labelled = N_LABELLED;
  o.n_unlabelled = N_UNLABELLED;
  o.n_out = 3;
  o.weighted = true;
  o.missing = true;
  o.unequal_sigma = true;
  o.output = KJ_ACTIVATION_RELU;
  return case_create(&o, 600);
}

/* The gradient of lambda / n sum w_i D(f(x_i), f(x_i + r_i)) over the rows
 * first .. end-1, row by row, added to sum. */
static void add_rows_by_hand(const step_case *c, size_t first, size_t end,
                             double n, double *sum)
{
  for (size_t i = first; i < end; i++) {
    hand_values clean, moved;
    double signal[HAND_WIDTH] = {0.0};
    for (size_t j = 0; j < c->n_in; j++) {
      clean.h[0][j] = (double)c->x[i * c->n_in + j];
      moved.h[0][j] = clean.h[0][j] + (double)c->r[i * c->n_in + j];
    }
    hand_forward(c->net, &clean);
    hand_forward(c->net, &moved);
    for (size_t k = 0; k < 3; k++) {
      const double z = clean.h[3][k], z_moved = moved.h[3][k];
      const double sigma = c->smoothing.sigma[k];
      signal[k] = c->smoothing.lambda / n * (double)c->weight[i] *
                  (hand_output(c->net, z_moved) - hand_output(c->net, z)) /
                  (sigma * sigma) * hand_slope(c->net, z_moved);
    }
    hand_backward(c->net, &moved, signal, sum);
  }
}

/* c->gradient must be that without smoothing plus term. */
static void assert_gradient(const step_case *c, const kj_real *plain,
                            const double *term, const char *what)
{
  double size = 0.0;
  for (size_t p = 0; p < c->net->n_parameters; p++)
    size = fmax(size, fabs((double)c->gradient[p]));
  for (size_t p = 0; p < c->net->n_parameters; p++) {
    const double want = (double)plain[p] + term[p];
    const double error = fabs((double)c->gradient[p] - want) / size;
    if (!(error < ALLOWED))
      fail_msg("%s, parameter %zu: %.12g, by hand %.12g, error %.2g of the "
               "largest entry",
               what, p, (double)c->gradient[p], want, error);
  }
}

/* The gradient without smoothing and without unlabelled rows. */
static kj_real *plain_gradient(double *supervised)
{
  step_case c = make(NONE);
  c.batch.n_unlabelled = 0;
  *supervised = case_run(&c, KJ_LOSS_MSE).supervised;
  kj_real *plain = c.gradient;
  c.gradient = NULL;
  case_destroy(&c);
  return plain;
}

static void check_with_and_without(size_t way)
{
  step_case c = make(way);
  const size_t n = c.net->n_parameters;
  double supervised;
  kj_real *plain = plain_gradient(&supervised);
  double *with = case_memory(n, sizeof *with);
  double *without = case_memory(n, sizeof *without);
  case_direction(&c);
  const kj_step_losses losses = case_run(&c, KJ_LOSS_MSE);
  add_rows_by_hand(&c, 0, c.n_rows, (double)c.n_rows, with);
  assert_gradient(&c, plain, with, WAYS[way].name);
  assert_true(losses.supervised == supervised);
  add_rows_by_hand(&c, 0, N_LABELLED, N_LABELLED, without);
  c.batch.n_unlabelled = 0;
  assert_true(case_run(&c, KJ_LOSS_MSE).supervised == supervised);
  assert_gradient(&c, plain, without, "without unlabelled rows");
  free(plain);
  free(with);
  free(without);
  case_destroy(&c);
}

static void unlabelled_rows_reach_the_second_term_and_only_it(void **state)
{
  (void)state;
  check_with_and_without(NOISE);
  check_with_and_without(EXACT);
  check_with_and_without(POWER);
}

/* Bits, of gradient, losses and the labelled rows' outputs. */
static void assert_same_step(step_case *a, step_case *b, const char *what)
{
  memset(a->gradient, 1, a->net->n_parameters * sizeof *a->gradient);
  memset(b->gradient, 2, b->net->n_parameters * sizeof *b->gradient);
  const kj_step_losses of_a = case_run(a, KJ_LOSS_MSE);
  const kj_step_losses of_b = case_run(b, KJ_LOSS_MSE);
  if (of_a.supervised != of_b.supervised || of_a.smoothing != of_b.smoothing)
    fail_msg("%s: L %.17g and %.17g, R %.17g and %.17g", what, of_a.supervised,
             of_b.supervised, of_a.smoothing, of_b.smoothing);
  for (size_t p = 0; p < a->net->n_parameters; p++)
    if (memcmp(&a->gradient[p], &b->gradient[p], sizeof(kj_real)) != 0)
      fail_msg("%s, parameter %zu: %.17g and %.17g", what, p,
               (double)a->gradient[p], (double)b->gradient[p]);
  assert_memory_equal(a->y_hat, b->y_hat, N_LABELLED * 3 * sizeof *a->y_hat);
}

static void
unlabelled_rows_change_nothing_without_smoothing_or_in_at(void **state)
{
  (void)state;
  for (size_t way = NONE; way <= AT; way += AT) {
    step_case with = make(way), without = make(way);
    without.batch.n_unlabelled = 0;
    assert_same_step(&with, &without, WAYS[way].name);
    case_destroy(&with);
    case_destroy(&without);
  }
}

static void lambda_0_has_the_bits_of_none(void **state)
{
  (void)state;
  for (size_t way = NOISE; way < N_WAYS; way++) {
    step_case none = make(NONE), c = make(way);
    c.smoothing.lambda = 0.0;
    assert_same_step(&none, &c, WAYS[way].name);
    assert_memory_equal(none.y_hat, c.y_hat,
                        c.n_rows * c.n_out * sizeof *c.y_hat);
    case_destroy(&none);
    case_destroy(&c);
  }
}

static void a_step_repeats_and_needs_no_room_for_outputs(void **state)
{
  (void)state;
  for (size_t way = NONE; way < N_WAYS; way++) {
    step_case c = make(way), again = make(way);
    case_run(&again, KJ_LOSS_MSE); /* leaves its scratch used */
    assert_same_step(&c, &again, WAYS[way].name);
    const kj_step step = case_step(&c, KJ_LOSS_MSE);
    kj_stepper_gradient(c.stepper, c.net, &c.batch, &step, c.gradient, NULL);
    assert_memory_equal(c.gradient, again.gradient,
                        c.net->n_parameters * sizeof *c.gradient);
    case_destroy(&c);
    case_destroy(&again);
  }
}

static void an_empty_batch_has_no_loss_and_no_gradient(void **state)
{
  (void)state;
  step_case c = make(EXACT);
  c.batch.n_labelled = c.batch.n_unlabelled = 0;
  const kj_step_losses losses = case_run(&c, KJ_LOSS_MSE);
  assert_true(losses.supervised == 0.0 && losses.smoothing == 0.0);
  for (size_t p = 0; p < c.net->n_parameters; p++)
    assert_true(c.gradient[p] == 0);
  case_destroy(&c);
}

static void a_diverged_network_shows_in_the_losses(void **state)
{
  (void)state;
  for (size_t way = NONE; way < N_WAYS; way++) {
    step_case c = make(way);
    kj_network_biases(c.net, 2)[0] = (kj_real)NAN;
    const kj_step_losses losses = case_run(&c, KJ_LOSS_MSE);
    if (!isnan(losses.supervised) || (way != NONE && !isnan(losses.smoothing)))
      fail_msg("%s: L %g, R %g", WAYS[way].name, losses.supervised,
               losses.smoothing);
    case_destroy(&c);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unlabelled_rows_reach_the_second_term_and_only_it),
      cmocka_unit_test(
          unlabelled_rows_change_nothing_without_smoothing_or_in_at),
      cmocka_unit_test(lambda_0_has_the_bits_of_none),
      cmocka_unit_test(a_step_repeats_and_needs_no_room_for_outputs),
      cmocka_unit_test(an_empty_batch_has_no_loss_and_no_gradient),
      cmocka_unit_test(a_diverged_network_shows_in_the_losses),
  };
  if (tier_is_missing())
    return TIER_SKIPPED;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
