/*
 * test_adam.c: what follows from Adam's definition in closed form; five whole
 * steps are compared with numpy by steps.py. And that a network learns.
 */
#include "support.h"

#include "network/adam.h"
#include "network/backward.h"
#include "network/initialise.h"
#include "network/loss.h"

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

static void a_constant_gradient_moves_by_alpha_each_step(void **state)
{
  (void)state;
  /* mhat = g, vhat = g^2 for every t, whatever the size of g */
  static const kj_real g[] = {(kj_real)1e-3, -5, (kj_real)2e4, 0};
  static const double direction[] = {1, -1, 1, 0};
  kj_adam adam = kj__adam_defaults();
  adam.learning_rate = 0.25;
  kj_real p[4] = {0}, m[4] = {0}, v[4] = {0};
  for (uint64_t t = 1; t <= 2000; t++) {
    kj_real before[4];
    memcpy(before, p, sizeof p);
    kj__adam_step(&adam, p, g, m, v, t, 4);
    for (size_t i = 0; i < 4; i++)
      assert_near("step", (double)(before[i] - p[i]), 0.25 * direction[i],
                  1e-4);
  }
}

static void decay_shrinks_parameters_apart_from_the_gradient(void **state)
{
  (void)state;
  kj_adam adam = kj__adam_defaults();
  adam.learning_rate = 0.5;
  adam.weight_decay = 0.25;
  kj_real p[2] = {8, -4}, m[2] = {0}, v[2] = {0};
  const kj_real g[2] = {0, 0};
  const kj_real expected[2] = {7, (kj_real)-3.5};
  kj__adam_step(&adam, p, g, m, v, 1, 2);
  assert_same("p", p, expected, 2);
  assert_true(m[0] == 0 && m[1] == 0 && v[0] == 0 && v[1] == 0);
}

static void a_step_has_the_same_bits_in_pieces(void **state)
{
  (void)state;
  enum { N = 1003, PIECE = 17 };
  kj__random random = test_stream(21, 0);
  kj_real p[2][N], m[2][N], v[2][N], g[N];
  draw(&random, 0.0, 1.0, p[0], N);
  draw(&random, 0.0, 0.1, m[0], N);
  draw(&random, 1.0, 0.1, v[0], N);
  draw(&random, 0.0, 1.0, g, N);
  memcpy(p[1], p[0], sizeof g);
  memcpy(m[1], m[0], sizeof g);
  memcpy(v[1], v[0], sizeof g);
  const kj_adam adam = {1e-3, 0.9, 0.999, 1e-8, 0.01};
  kj__adam_step(&adam, p[0], g, m[0], v[0], 12, N);
  for (size_t i = 0; i < N; i += PIECE)
    kj__adam_step(&adam, p[1] + i, g + i, m[1] + i, v[1] + i, 12, PIECE);
  assert_same("p", p[1], p[0], N);
  assert_same("m", m[1], m[0], N);
  assert_same("v", v[1], v[0], N);
}

/* The curve to learn, at n points of -pi..pi. */
static void sample_sine(kj_real *x, kj_real *y, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const double t = 3.14159265 * (2.0 * (double)i / (double)(n - 1) - 1.0);
    x[i] = (kj_real)t;
    y[i] = (kj_real)sin(t);
  }
}

static void learn(kj_network *net, kj_activations *activations,
                  const kj_real *x, const kj_real *y, size_t n, uint64_t steps)
{
  const size_t n_parameters = net->n_parameters;
  kj_real *gradient = calloc(3 * n_parameters, sizeof *gradient);
  assert_non_null(gradient);
  kj_real *f = calloc(n, sizeof *f);
  assert_non_null(f);
  kj_adam adam = kj__adam_defaults();
  adam.learning_rate = 0.01;
  for (uint64_t t = 1; t <= steps; t++) {
    memset(gradient, 0, n_parameters * sizeof *gradient);
    kj_network_forward(net, x, n, activations, f);
    kj__loss(KJ_LOSS_MSE, y, f, NULL, n, 1, f);
    kj__network_backward(net, activations, f, n, true, gradient, NULL);
    kj__adam_step(&adam, net->parameters, gradient, gradient + n_parameters,
                  gradient + 2 * n_parameters, t, n_parameters);
  }
  free(gradient);
  free(f);
}

static void a_small_network_learns_a_sine_in_300_steps(void **state)
{
  (void)state;
  enum { TRAIN = 64, TEST = 101 };
  const kj_network_shape shape = {3, {1, 32, 32, 1}, KJ_ACTIVATION_LINEAR};
  kj_real x[TEST], y[TEST], f[TEST];
  for (uint64_t seed = 1; seed <= 5; seed++) {
    kj_network *net = NULL;
    assert_int_equal(kj_network_create(&shape, NULL, &net, NULL), KJ_OK);
    const kj_real mean = 0;
    kj__network_initialise(net, KJ_INITIALISE_UNIFORM, seed, 0, &mean);
    kj_activations *activations = new_activations(&shape, TEST);
    sample_sine(x, y, TRAIN);
    learn(net, activations, x, y, TRAIN, 300);
    sample_sine(x, y, TEST);
    kj_network_forward(net, x, TEST, activations, f);
    const double rmse = sqrt(kj__loss(KJ_LOSS_MSE, y, f, NULL, TEST, 1, NULL));
    print_message("seed %llu: RMSE %.4f\n", (unsigned long long)seed, rmse);
    if (!(rmse < 0.05))
      fail_msg("seed %llu: RMSE is %g, must be below .05",
               (unsigned long long)seed, rmse);
    kj_activations_destroy(activations);
    kj_network_destroy(net);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_defaults_are_the_paper_s),
      cmocka_unit_test(a_constant_gradient_moves_by_alpha_each_step),
      cmocka_unit_test(decay_shrinks_parameters_apart_from_the_gradient),
      cmocka_unit_test(a_step_has_the_same_bits_in_pieces),
      cmocka_unit_test(a_small_network_learns_a_sine_in_300_steps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
