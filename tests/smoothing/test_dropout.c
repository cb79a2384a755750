/*
 * test_dropout.c: one mask for all passes of a step, named by seed, step and
 * row; what is kept stands for what is dropped. The numbers of masks and steps
 * are those of numpy in step.py, and of central differences in gradients.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smoothing/step_case.h"

static const case_options WAYS[] = {
    {.name = "noise", .kind = KJ_SMOOTHING_NOISE},
    {.name = "vat exact", .kind = KJ_SMOOTHING_VAT},
    {.name = "vat exact, 3 outputs", .kind = KJ_SMOOTHING_VAT, .n_out = 3},
    {.name = "vat power",
     .kind = KJ_SMOOTHING_VAT,
     .direction = KJ_DIRECTION_POWER},
};

static step_case make(case_options o, double dropout)
{
  o.n_labelled = 20;
  o.n_unlabelled = 15;
  o.hidden[0] = 50;
  o.hidden[1] = 30;
  o.dropout = dropout;
  return case_create(&o, 900);
}

/* Another mask at x + r than at x would move the output by itself. */
static void without_a_move_nothing_differs(void **state)
{
  (void)state;
  for (size_t w = 0; w < sizeof WAYS / sizeof WAYS[0]; w++) {
    step_case c = make(WAYS[w], 0.5);
    c.smoothing.epsilon = 0.0;
    const kj_step_losses losses = case_run(&c, KJ_LOSS_MSE);
    if (losses.smoothing != 0.0)
      fail_msg("%s: R is %g where epsilon is 0", WAYS[w].name,
               losses.smoothing);
    c.smoothing.epsilon = 1.0;
    assert_true(case_run(&c, KJ_LOSS_MSE).smoothing > 0.0);
    case_destroy(&c);
  }
}

/* The output after one hidden layer is linear in what dropout scales, so its
 * mean over masks is that of the whole network; 4 standard errors. */
static void the_mean_is_that_of_the_whole_network(void **state)
{
  (void)state;
  enum { N_STEPS = 4000, N_ROWS = 3 };
  const case_options o = {.name = "one hidden layer",
                          .n_layers = 2,
                          .n_labelled = N_ROWS,
                          .hidden = {40}};
  step_case c = case_create(&o, 901);
  case_run(&c, KJ_LOSS_MSE);
  kj_real whole[N_ROWS];
  memcpy(whole, c.y_hat, sizeof whole);
  double sum[N_ROWS] = {0.0}, squares[N_ROWS] = {0.0};
  for (uint64_t t = 0; t < N_STEPS; t++) {
    kj_step step = case_step(&c, KJ_LOSS_MSE);
    step.dropout = 0.3;
    step.number = t;
    kj_stepper_gradient(c.stepper, c.net, &c.batch, &step, c.gradient, c.y_hat);
    for (size_t i = 0; i < N_ROWS; i++) {
      const double gap = (double)c.y_hat[i] - (double)whole[i];
      sum[i] += gap;
      squares[i] += gap * gap;
    }
  }
  for (size_t i = 0; i < N_ROWS; i++) {
    const double error = sqrt(squares[i]) / N_STEPS;
    print_message("row %zu: %.4f, mean over masks off by %.4f +- %.4f\n", i,
                  (double)whole[i], sum[i] / N_STEPS, error);
    if (!(fabs(sum[i] / N_STEPS) < 4.0 * error) || error == 0.0)
      fail_msg("row %zu: mean over masks off by %g, standard error %g", i,
               sum[i] / N_STEPS, error);
  }
  case_destroy(&c);
}

/* Outputs of the case's rows in a step, of which row i stands at place[i]. */
static void outputs(step_case *c, uint64_t seed, uint64_t number,
                    const size_t *place, kj_real *y_hat)
{
  kj_step step = case_step(c, KJ_LOSS_MSE);
  kj_real *x = case_memory(c->n_rows * c->n_in, sizeof *x);
  uint64_t *row_id = case_memory(c->n_rows, sizeof *row_id);
  kj_batch batch = c->batch;
  step.seed = seed;
  step.number = number;
  for (size_t i = 0; i < c->n_rows; i++) {
    memcpy(x + place[i] * c->n_in, c->x + i * c->n_in, c->n_in * sizeof *x);
    row_id[place[i]] = c->row_id[i];
  }
  batch.x = x;
  batch.row_id = row_id;
  kj_stepper_gradient(c->stepper, c->net, &batch, &step, c->gradient, c->y_hat);
  for (size_t i = 0; i < c->n_rows; i++)
    y_hat[i] = c->y_hat[place[i]];
  free(x);
  free(row_id);
}

static size_t count_equal(const kj_real *a, const kj_real *b, size_t n)
{
  size_t n_equal = 0;
  for (size_t i = 0; i < n; i++)
    n_equal += a[i] == b[i] ? 1 : 0;
  return n_equal;
}

/* Seed, step and row name the mask; the place in the batch does not. */
static void a_mask_has_its_name(void **state)
{
  (void)state;
  enum { N_ROWS = 35 };
  step_case c = make(WAYS[1], 0.5);
  size_t here[N_ROWS], there[N_ROWS];
  kj_real first[N_ROWS], other[N_ROWS];
  assert_int_equal(c.n_rows, N_ROWS);
  for (size_t i = 0; i < N_ROWS; i++) {
    here[i] = i;
    there[i] = (i + 7) % N_ROWS;
  }
  outputs(&c, 1, 1, here, first);
  outputs(&c, 1, 1, there, other);
  assert_int_equal(count_equal(first, other, N_ROWS), N_ROWS);
  outputs(&c, 2, 1, here, other);
  assert_int_equal(count_equal(first, other, N_ROWS), 0);
  outputs(&c, 1, 2, here, other);
  assert_int_equal(count_equal(first, other, N_ROWS), 0);
  for (size_t i = 0; i < N_ROWS; i++)
    c.row_id[i] += 1;
  outputs(&c, 1, 1, here, other);
  assert_int_equal(count_equal(first, other, N_ROWS), 0);
  case_destroy(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_a_move_nothing_differs),
      cmocka_unit_test(the_mean_is_that_of_the_whole_network),
      cmocka_unit_test(a_mask_has_its_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
