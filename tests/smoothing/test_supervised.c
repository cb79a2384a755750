/*
 * test_supervised.c: a step without smoothing: where a ReLU lets nothing
 * through, what a batch's gradient is made of, and that a network learns.
 * differences.c compares the gradient with central differences.
 *
 * Built twice: with kj_real float and, against kanjo_double, double.
 */
#include "network/support.h"

#include "network/initialise.h"
#include "network/loss.h"
#include "smoothing/hand.h"
#include "smoothing/step_case.h"
#include "tier.h"

static const case_options MANY = {.name = "many",
                                  .n_in = 13,
                                  .hidden = {40, 35},
                                  .n_out = 2,
                                  .n_labelled = 37,
                                  .output = KJ_ACTIVATION_RELU};

/* Row i alone; its targets are above 1, so that no dead output meets one. */
static kj_batch row_of(const step_case *c, size_t i)
{
  return (kj_batch){.x = c->x + i * c->n_in,
                    .y = c->y + i * c->n_out,
                    .n_labelled = 1,
                    .row_id = c->row_id + i};
}

static bool is_zero(const kj_real *v, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (v[i] != 0)
      return false;
  return true;
}

/* A row's values by hand. */
static hand_values values_of(const step_case *c, size_t i)
{
  hand_values v;
  for (size_t j = 0; j < c->n_in; j++)
    v.h[0][j] = (double)c->x[i * c->n_in + j];
  hand_forward(c->net, &v);
  return v;
}

/* Outputs of which each is 0 for about half of the rows. */
static step_case make_many(void)
{
  step_case c = case_create(&MANY, 32);
  double mean[2] = {0.0, 0.0};
  for (size_t i = 0; i < c.n_rows; i++) {
    const hand_values v = values_of(&c, i);
    for (size_t k = 0; k < 2; k++)
      mean[k] += v.h[3][k] / (double)c.n_rows;
  }
  for (size_t k = 0; k < 2; k++)
    kj_network_biases(c.net, 2)[k] -= (kj_real)mean[k];
  return c;
}

/* Of a row whose outputs are 0, r is sum_k (0 - y_k) dz_k / dx, brought to its
 * length. */
static void assert_direction_of_dead_row(step_case *c, size_t i)
{
  const kj_batch batch = row_of(c, i);
  const kj_smoothing at = kj_smoothing_defaults(KJ_SMOOTHING_AT);
  kj_step step = case_step(c, KJ_LOSS_MSE);
  const hand_values v = values_of(c, i);
  double g[HAND_WIDTH] = {-(double)batch.y[0], -(double)batch.y[1]};
  double sum = 0.0;
  hand_backward(c->net, &v, g, NULL);
  for (size_t j = 0; j < c->n_in; j++)
    sum += g[j] * g[j];
  step.smoothing = &at;
  kj_stepper_direction(c->stepper, c->net, &batch, &step, c->r);
  for (size_t j = 0; j < c->n_in; j++)
    assert_near("r", (double)c->r[j], at.epsilon * g[j] / sqrt(sum), 1e-5);
}

static void a_relu_output_at_0_sends_nothing_back_but_has_a_direction(void **s)
{
  (void)s;
  step_case c = make_many();
  const kj_step step = case_step(&c, KJ_LOSS_MSE);
  size_t n_dead = 0, n_alive = 0;
  for (size_t i = 0; i < c.n_rows; i++) {
    const kj_batch batch = row_of(&c, i);
    kj_stepper_gradient(c.stepper, c.net, &batch, &step, c.gradient, c.y_hat);
    const bool dead = c.y_hat[0] == 0 && c.y_hat[1] == 0;
    if (is_zero(c.gradient, c.net->n_parameters) != dead)
      fail_msg("row %zu: outputs %g and %g, gradient is %s", i,
               (double)c.y_hat[0], (double)c.y_hat[1], dead ? "not 0" : "0");
    if (dead)
      assert_direction_of_dead_row(&c, i);
    n_dead += dead;
    n_alive += c.y_hat[0] > 0 && c.y_hat[1] > 0;
  }
  print_message("%zu rows dead, %zu alive, of %zu\n", n_dead, n_alive,
                c.n_rows);
  assert_true(n_dead > 0 && n_alive > 0);
  case_destroy(&c);
}

/* x = 0 through weights of 1: every z is 0. */
static void relu_has_slope_0_at_0(void **state)
{
  (void)state;
  static const kj_real x = 0, y = 1;
  static const kj_batch batch = {.x = &x, .y = &y, .n_labelled = 1};
  kj_network_shape shape = {2, {1, 1, 1}, KJ_ACTIVATION_RELU};
  kj_smoothing none = kj_smoothing_defaults(KJ_SMOOTHING_NONE);
  const kj_step step = {.loss = KJ_LOSS_MSE, .smoothing = &none};
  kj_network *net = NULL;
  assert_int_equal(kj_network_create(&shape, NULL, &net, NULL), KJ_OK);
  kj_stepper *stepper = case_stepper(&shape, 1, NULL);
  kj_network_weights(net, 0)[0] = 1;
  kj_network_weights(net, 1)[0] = 1;
  kj_real gradient[4];
  const kj_real stopped[4] = {0, 0, 0, 0};
  const kj_real past_output[4] = {0, 0, 0, -2}; /* only the output bias */
  kj_stepper_gradient(stepper, net, &batch, &step, gradient, NULL);
  assert_same("ReLU output", gradient, stopped, 4);
  net->shape.output = KJ_ACTIVATION_LINEAR;
  kj_stepper_gradient(stepper, net, &batch, &step, gradient, NULL);
  assert_same("linear output", gradient, past_output, 4);
  kj_stepper_destroy(stepper);
  kj_network_destroy(net);
}

/* Up to the rounding of 1 / n, which the batch divides by. */
static void a_batch_has_the_mean_of_its_rows_gradients(void **state)
{
  (void)state;
  step_case c = make_many();
  const size_t n = c.net->n_parameters;
  const kj_step step = case_step(&c, KJ_LOSS_MSE);
  double *sum = case_memory(n, sizeof *sum), size = 0.0;
  for (size_t i = 0; i < c.n_rows; i++) {
    const kj_batch batch = row_of(&c, i);
    kj_stepper_gradient(c.stepper, c.net, &batch, &step, c.gradient, NULL);
    for (size_t p = 0; p < n; p++)
      sum[p] += (double)c.gradient[p] / (double)c.n_rows;
  }
  case_run(&c, KJ_LOSS_MSE);
  for (size_t p = 0; p < n; p++)
    size = fmax(size, fabs(sum[p]));
  const double allowed = sizeof(kj_real) == sizeof(float) ? 1e-6 : 1e-14;
  for (size_t p = 0; p < n; p++)
    assert_near("gradient", (double)c.gradient[p], sum[p], allowed * size);
  free(sum);
  case_destroy(&c);
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

static void learn(kj_network *net, const kj_batch *batch, uint64_t n_steps)
{
  const kj_smoothing none = kj_smoothing_defaults(KJ_SMOOTHING_NONE);
  const kj_step step = {.loss = KJ_LOSS_MSE, .smoothing = &none};
  kj_stepper *stepper = case_stepper(&net->shape, batch->n_labelled, NULL);
  kj_real *moments = case_memory(2 * net->n_parameters, sizeof *moments);
  kj_optimiser optimiser = {.adam = kj_adam_defaults(),
                            .moment1 = moments,
                            .moment2 = moments + net->n_parameters};
  optimiser.adam.learning_rate = 0.01;
  for (optimiser.t = 1; optimiser.t <= n_steps; optimiser.t++)
    kj_stepper_descend(stepper, net, batch, &step, &optimiser, NULL);
  kj_stepper_destroy(stepper);
  free(moments);
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
    learn(net, &(kj_batch){.x = x, .y = y, .n_labelled = TRAIN}, 300);
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
      cmocka_unit_test(
          a_relu_output_at_0_sends_nothing_back_but_has_a_direction),
      cmocka_unit_test(relu_has_slope_0_at_0),
      cmocka_unit_test(a_batch_has_the_mean_of_its_rows_gradients),
      cmocka_unit_test(a_small_network_learns_a_sine_in_300_steps),
  };
  if (tier_is_missing())
    return TIER_SKIPPED;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
