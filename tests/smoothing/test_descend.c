/*
 * test_descend.c: kj_stepper_descend against the gradient followed by Adam,
 * and what it must leave alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network/plain_adam.h"
#include "smoothing/step_case.h"
#include "tier.h"

enum { N_STEPS = 5 };

static step_case make(size_t way, kj_precision precision)
{
  step_case c = case_create(&STEP_CASES[way], 800 + way);
  const kj_stepper_options how = {.precision = precision, .n_threads = 1};
  kj_stepper_destroy(c.stepper);
  c.stepper = case_stepper(&c.net->shape, c.n_rows, &how);
  return c;
}

static kj_optimiser optimiser_of(const step_case *c)
{
  kj_real *moments = case_memory(2 * c->net->n_parameters, sizeof *moments);
  kj_adam adam = kj_adam_defaults();
  adam.learning_rate = 0.01;
  adam.weight_decay = 0.1;
  return (kj_optimiser){adam, moments, moments + c->net->n_parameters, 0};
}

static void assert_same(const kj_real *fused, const kj_real *plain, size_t n,
                        const char *what, const char *name, uint64_t t)
{
  for (size_t i = 0; i < n; i++)
    if (memcmp(&fused[i], &plain[i], sizeof fused[i]) != 0)
      fail_msg("%s, step %llu, %s %zu: %.9g, gradient and Adam give %.9g", name,
               (unsigned long long)t, what, i, (double)fused[i],
               (double)plain[i]);
}

static void check_case(size_t way, kj_precision precision)
{
  const case_options *o = &STEP_CASES[way];
  step_case fused = make(way, precision), plain = make(way, precision);
  const size_t n = fused.net->n_parameters;
  kj_optimiser a = optimiser_of(&fused), b = optimiser_of(&plain);
  for (uint64_t t = 1; t <= N_STEPS; t++) {
    const kj_step step = case_step(&fused, o->loss);
    a.t = t;
    const kj_step_losses got = kj_stepper_descend(
        fused.stepper, fused.net, &fused.batch, &step, &a, fused.y_hat);
    const kj_step_losses want = case_run(&plain, o->loss);
    plain_adam_step(&b.adam, plain.net->parameters, plain.gradient, b.moment1,
                    b.moment2, t, n);
    if (memcmp(&got, &want, sizeof got) != 0)
      fail_msg("%s, step %llu: L %.17g and %.17g, R %.17g and %.17g", o->name,
               (unsigned long long)t, got.supervised, want.supervised,
               got.smoothing, want.smoothing);
    assert_same(fused.y_hat, plain.y_hat, fused.n_rows * fused.n_out, "output",
                o->name, t);
    assert_same(a.moment1, b.moment1, 2 * n, "moment", o->name, t);
    assert_same(fused.net->parameters, plain.net->parameters, n, "parameter",
                o->name, t);
  }
  free(a.moment1);
  free(b.moment1);
  case_destroy(&fused);
  case_destroy(&plain);
}

static void a_step_is_the_gradient_and_then_adam(void **state)
{
  const kj_precision *precision = *state;
  for (size_t way = 0; way < N_STEP_CASES; way++)
    check_case(way, *precision);
}

/* A bias that is not a number makes both terms NaN; with none, or in a layer
 * that the difference of outputs does not see, L alone. */
static void a_diverged_network_is_not_moved(void **state)
{
  (void)state;
  for (size_t way = 0; way < N_STEP_CASES; way++) {
    step_case c = make(way, KJ_PRECISION_FP32);
    const size_t n = c.net->n_parameters;
    kj_optimiser a = optimiser_of(&c);
    a.t = 1;
    kj_network_biases(c.net, c.net->shape.n_layers - 1)[0] = (kj_real)NAN;
    kj_real *before = case_memory(n, sizeof *before);
    memcpy(before, c.net->parameters, n * sizeof *before);
    const kj_step step = case_step(&c, STEP_CASES[way].loss);
    const kj_step_losses losses =
        kj_stepper_descend(c.stepper, c.net, &c.batch, &step, &a, c.y_hat);
    if (isfinite(losses.supervised) && isfinite(losses.smoothing))
      fail_msg("%s: L %g, R %g", STEP_CASES[way].name, losses.supervised,
               losses.smoothing);
    assert_memory_equal(before, c.net->parameters, n * sizeof *before);
    for (size_t i = 0; i < 2 * n; i++)
      assert_true(a.moment1[i] == 0);
    free(before);
    free(a.moment1);
    case_destroy(&c);
  }
}

/* Another network at the same address is another network. */
static void parameters_changed_by_others_are_taken_anew(void **state)
{
  const kj_precision *precision = *state;
  step_case c = make(1, *precision), fresh = make(1, *precision);
  kj_optimiser a = optimiser_of(&c), b = optimiser_of(&fresh);
  const kj_step step = case_step(&c, KJ_LOSS_MSE);
  a.t = b.t = 1;
  kj_stepper_descend(c.stepper, c.net, &c.batch, &step, &a, NULL);
  memcpy(c.net->parameters, fresh.net->parameters,
         c.net->n_parameters * sizeof *c.net->parameters);
  memset(a.moment1, 0, 2 * c.net->n_parameters * sizeof *a.moment1);
  kj_stepper_sync(c.stepper);
  kj_stepper_descend(c.stepper, c.net, &c.batch, &step, &a, NULL);
  kj_stepper_descend(fresh.stepper, fresh.net, &fresh.batch, &step, &b, NULL);
  assert_same(c.net->parameters, fresh.net->parameters, c.net->n_parameters,
              "parameter", "put back", 1);
  free(a.moment1);
  free(b.moment1);
  case_destroy(&c);
  case_destroy(&fresh);
}

int main(void)
{
  static kj_precision fp32 = KJ_PRECISION_FP32, bf16 = KJ_PRECISION_BF16;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(a_step_is_the_gradient_and_then_adam, &fp32),
      cmocka_unit_test_prestate(a_step_is_the_gradient_and_then_adam, &bf16),
      cmocka_unit_test(a_diverged_network_is_not_moved),
      cmocka_unit_test_prestate(parameters_changed_by_others_are_taken_anew,
                                &fp32),
      cmocka_unit_test_prestate(parameters_changed_by_others_are_taken_anew,
                                &bf16),
  };
  if (tier_is_missing())
    return TIER_SKIPPED;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
