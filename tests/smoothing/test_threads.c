/*
 * test_threads.c: the number of threads, and what a stepper did before, change
 * not a bit of a step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smoothing/step_case.h"
#include "tier.h"

enum { N_LABELLED = 45, N_UNLABELLED = 40, N_STEPS = 3 };

static const case_options WAYS[] = {
    {.name = "none"},
    {.name = "noise", .kind = KJ_SMOOTHING_NOISE},
    {.name = "at", .kind = KJ_SMOOTHING_AT},
    {.name = "vat exact", .kind = KJ_SMOOTHING_VAT},
    {.name = "vat power",
     .kind = KJ_SMOOTHING_VAT,
     .direction = KJ_DIRECTION_POWER,
     .iterations = 2},
    {.name = "vat exact, dropout", .kind = KJ_SMOOTHING_VAT, .dropout = 0.4},
};
enum { N_WAYS = sizeof WAYS / sizeof WAYS[0] };

static const size_t THREADS[] = {1, 2, 3, 8, 8};
enum { N_THREADS = sizeof THREADS / sizeof THREADS[0] };

/* Layers of several pieces, of which the last is short; rows that share a
 * panel with rows of the other kind. */
static step_case make(size_t way, size_t n_out, kj_precision precision,
                      size_t n_threads)
{
  case_options o = WAYS[way];
  o.n_labelled = N_LABELLED;
  o.n_unlabelled = N_UNLABELLED;
  o.n_out = n_out;
  o.n_in = 70;
  o.hidden[0] = 130;
  o.hidden[1] = 75;
  o.weighted = true;
  o.missing = true;
  o.unequal_sigma = true;
  o.output = KJ_ACTIVATION_RELU;
  step_case c = case_create(&o, 700);
  const kj_stepper_options how = {.precision = precision,
                                  .n_threads = n_threads};
  kj_stepper_destroy(c.stepper);
  c.stepper = case_stepper(&c.net->shape, c.n_rows, &how);
  return c;
}

/* All that a step gives, and the parameters some steps later. */
typedef struct outcome {
  kj_step_losses losses[N_STEPS];
  kj_real *r, *gradient, *y_hat, *parameters;
} outcome;

static kj_real *copy(const kj_real *v, size_t n)
{
  kj_real *copied = case_memory(n, sizeof *copied);
  memcpy(copied, v, n * sizeof *v);
  return copied;
}

static outcome run(step_case *c)
{
  outcome o;
  const size_t n = c->net->n_parameters;
  kj_real *moments = case_memory(2 * n, sizeof *moments);
  kj_optimiser optimiser = {
      .adam = kj_adam_defaults(), .moment1 = moments, .moment2 = moments + n};
  case_direction(c);
  o.r = copy(c->r, c->n_rows * c->n_in);
  case_run(c, KJ_LOSS_MSE);
  o.gradient = copy(c->gradient, n);
  o.y_hat = copy(c->y_hat, c->n_rows * c->n_out);
  for (size_t i = 0; i < N_STEPS; i++) {
    kj_step step = case_step(c, KJ_LOSS_MSE);
    step.number = i;
    optimiser.t = i + 1;
    o.losses[i] = kj_stepper_descend(c->stepper, c->net, &c->batch, &step,
                                     &optimiser, NULL);
  }
  o.parameters = copy(c->net->parameters, n);
  free(moments);
  return o;
}

static void destroy(outcome *o)
{
  free(o->r);
  free(o->gradient);
  free(o->y_hat);
  free(o->parameters);
}

static void assert_same(const kj_real *a, const kj_real *b, size_t n,
                        const char *what, const char *way, size_t n_threads)
{
  for (size_t i = 0; i < n; i++)
    if (memcmp(&a[i], &b[i], sizeof a[i]) != 0)
      fail_msg("%s, %zu threads: %s %zu is %.9g, with one thread %.9g", way,
               n_threads, what, i, (double)b[i], (double)a[i]);
}

static void compare(const step_case *c, const outcome *one, const outcome *many,
                    const char *way, size_t n_threads)
{
  const size_t n = c->net->n_parameters;
  assert_same(one->r, many->r, c->n_rows * c->n_in, "r", way, n_threads);
  assert_same(one->y_hat, many->y_hat, c->n_rows * c->n_out, "output", way,
              n_threads);
  assert_same(one->gradient, many->gradient, n, "gradient", way, n_threads);
  for (size_t i = 0; i < N_STEPS; i++)
    if (memcmp(&one->losses[i], &many->losses[i], sizeof one->losses[i]) != 0)
      fail_msg("%s, %zu threads, step %zu: L %.17g and %.17g, R %.17g and "
               "%.17g",
               way, n_threads, i, one->losses[i].supervised,
               many->losses[i].supervised, one->losses[i].smoothing,
               many->losses[i].smoothing);
  assert_same(one->parameters, many->parameters, n, "parameter", way,
              n_threads);
}

static void check_way(size_t way, size_t n_out, kj_precision precision)
{
  step_case first = make(way, n_out, precision, THREADS[0]);
  outcome one = run(&first);
  for (size_t i = 1; i < N_THREADS; i++) {
    step_case c = make(way, n_out, precision, THREADS[i]);
    outcome many = run(&c);
    compare(&c, &one, &many, WAYS[way].name, THREADS[i]);
    destroy(&many);
    case_destroy(&c);
  }
  destroy(&one);
  case_destroy(&first);
}

static void threads_change_no_bit(void **state)
{
  const kj_precision *precision = *state;
  for (size_t way = 0; way < N_WAYS; way++)
    for (size_t n_out = 1; n_out <= 3; n_out += 2)
      check_way(way, n_out, *precision);
}

int main(void)
{
  static kj_precision fp32 = KJ_PRECISION_FP32, bf16 = KJ_PRECISION_BF16;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(threads_change_no_bit, &fp32),
      cmocka_unit_test_prestate(threads_change_no_bit, &bf16),
  };
  if (tier_is_missing())
    return TIER_SKIPPED;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
