/*
 * test_adam.c: what follows from Adam's definition in closed form, of the
 * kernels of every tier. Here the sums that a step takes are one term each;
 * tests/smoothing/step.py compares five steps of a network with numpy.
 */
#include "kernels_support.h"

#include "network/adam.h"

/* Weights of one unit, one of them for each gradient, and its bias. */
enum { N_WEIGHTS = 4, N_PARAMETERS = N_WEIGHTS + 1 };

static void the_defaults_are_the_paper_s(void **state)
{
  (void)state;
  const kj_adam adam = kj__adam_defaults();
  assert_near("alpha", adam.learning_rate, 0.001, 0.0);
  assert_near("beta1", adam.beta1, 0.9, 0.0);
  assert_near("beta2", adam.beta2, 0.999, 0.0);
  assert_near("epsilon", adam.epsilon, 1e-8, 0.0);
  assert_near("weight decay", adam.weight_decay, 0.0, 0.0);
}

typedef struct unit {
  kj_real p[N_PARAMETERS], m[N_PARAMETERS], v[N_PARAMETERS];
} unit;

/* Step t down the gradient g: of one row with input g and signal 1, so that
 * the bias has gradient 1; with no g, of one row with signal 0. */
static void step(const kj__kernels *kernels, const kj_adam *adam, uint64_t t,
                 const kj_real *g, unit *u)
{
  kj_real signal[KJ__PANEL * KJ__PANEL] = {0};
  kj_real columns[KJ__PANEL * KJ__PANEL] = {0};
  signal[kj__panels_at(1, 0, 0)] = g ? 1 : 0;
  for (size_t i = 0; g && i < N_WEIGHTS; i++)
    columns[kj__panels_at(1, 0, i)] = g[i];
  const kj__adam_step_constants constants = kj__adam_constants(adam, t);
  const kj__descent q = {
      .n_in = N_WEIGHTS,
      .n_out = 1,
      .stack = {{.n_rows = 1, .signal = signal, .columns = columns}},
      .adam = &constants,
      .parameters = u->p,
      .moment1 = u->m,
      .moment2 = u->v};
  kernels->descend(&q, 0, 1);
}

static void a_constant_gradient_moves_by_alpha_each_step(void **state)
{
  (void)state;
  /* mhat = g, vhat = g^2 for every t, whatever the size of g */
  static const kj_real g[] = {(kj_real)1e-3, -5, (kj_real)2e4, 0};
  static const double direction[] = {1, -1, 1, 0, 1};
  const kj__kernels *kinds[MOST_KINDS];
  const size_t n_kinds = all_kinds(kinds);
  kj_adam adam = kj__adam_defaults();
  adam.learning_rate = 0.25;
  for (size_t k = 0; k < n_kinds; k++) {
    unit u = {0};
    for (uint64_t t = 1; t <= 2000; t++) {
      const unit before = u;
      step(kinds[k], &adam, t, g, &u);
      for (size_t i = 0; i < N_PARAMETERS; i++)
        assert_near(kinds[k]->name, (double)(before.p[i] - u.p[i]),
                    0.25 * direction[i], 1e-4);
    }
  }
}

static void decay_shrinks_parameters_apart_from_the_gradient(void **state)
{
  (void)state;
  static const kj_real expected[] = {7, (kj_real)-3.5, 0, 14, (kj_real)0.875};
  const kj__kernels *kinds[MOST_KINDS];
  const size_t n_kinds = all_kinds(kinds);
  kj_adam adam = kj__adam_defaults();
  adam.learning_rate = 0.5;
  adam.weight_decay = 0.25;
  for (size_t k = 0; k < n_kinds; k++) {
    unit u = {.p = {8, -4, 0, 16, 1}};
    step(kinds[k], &adam, 1, NULL, &u);
    assert_same(kinds[k]->name, u.p, expected, N_PARAMETERS);
    for (size_t i = 0; i < N_PARAMETERS; i++)
      assert_true(u.m[i] == 0 && u.v[i] == 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_defaults_are_the_paper_s),
      cmocka_unit_test(a_constant_gradient_moves_by_alpha_each_step),
      cmocka_unit_test(decay_shrinks_parameters_apart_from_the_gradient),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
