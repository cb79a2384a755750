/*
 * test_backward.c: what a backward pass promises beside the gradient itself
 * (which gradients.c compares with central differences).
 */
#include "support.h"

#include "network/activations.h"
#include "network/backward.h"

enum { ROWS = 37 };

static const kj_network_shape SHAPE = {3, {13, 40, 35, 2}, KJ_ACTIVATION_RELU};

typedef struct fixture {
  kj_network *net;
  kj_activations *activations;
  kj_real *x, *y, *dy, *gradient, *dx;
  size_t n_x, n_y, n_parameters;
} fixture;

/* Move the output biases so that each ReLU output is 0 for about half. */
static void centre_outputs(fixture *f)
{
  kj_real *bias = kj_network_biases(f->net, SHAPE.n_layers - 1);
  kj_network_forward(f->net, f->x, ROWS, f->activations, f->y);
  kj__activations_output(f->activations, f->y);
  for (size_t i = 0; i < f->n_y; i++)
    bias[i % n_outputs(&SHAPE)] -= f->y[i] / ROWS;
}

static int set_up(void **state)
{
  kj__random random = test_stream(31, 0);
  static fixture f;
  f.n_x = ROWS * n_inputs(&SHAPE);
  f.n_y = ROWS * n_outputs(&SHAPE);
  f.net = random_network(&SHAPE, &random);
  f.n_parameters = f.net->n_parameters;
  f.activations = new_activations(&SHAPE, ROWS + 5);
  f.x = draw_new(&random, 0.0, 1.0, f.n_x);
  f.y = draw_new(&random, 0.0, 1.0, f.n_y);
  f.dy = draw_new(&random, 0.0, 1.0, f.n_y);
  f.gradient = draw_new(&random, 0.0, 0.0, f.n_parameters);
  f.dx = draw_new(&random, 9.0, 0.0, f.n_x);
  centre_outputs(&f);
  kj_network_forward(f.net, f.x, ROWS, f.activations, f.y);
  kj__network_backward(f.net, f.activations, f.dy, ROWS, true, f.gradient,
                       f.dx);
  *state = &f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  kj_network_destroy(f->net);
  kj_activations_destroy(f->activations);
  kj_real *const blocks[] = {f->x, f->y, f->dy, f->gradient, f->dx};
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
    free(blocks[i]);
  return 0;
}

static void leaving_out_one_result_keeps_the_other_s_bits(void **state)
{
  fixture *f = *state;
  kj_real *gradient = calloc(f->n_parameters, sizeof *gradient);
  kj_real *dx = calloc(f->n_x, sizeof *dx);
  assert_true(gradient && dx);
  kj__network_backward(f->net, f->activations, f->dy, ROWS, true, gradient,
                       NULL);
  kj__network_backward(f->net, f->activations, f->dy, ROWS, true, NULL, dx);
  kj__network_backward(f->net, f->activations, f->dy, ROWS, true, NULL, NULL);
  assert_same("gradient", gradient, f->gradient, f->n_parameters);
  assert_same("dx", dx, f->dx, f->n_x);
  free(gradient);
  free(dx);
}

static void the_gradient_is_added_and_dx_overwritten(void **state)
{
  fixture *f = *state;
  kj_real *gradient = malloc(f->n_parameters * sizeof *gradient);
  kj_real *dx = calloc(f->n_x, sizeof *dx);
  assert_true(gradient && dx);
  const kj_real start = 1024; /* so large that the order of the sum shows */
  for (size_t i = 0; i < f->n_parameters; i++)
    gradient[i] = start;
  kj__network_backward(f->net, f->activations, f->dy, ROWS, true, gradient, dx);
  for (size_t i = 0; i < f->n_parameters; i++)
    assert_near("sum", (double)gradient[i],
                (double)start + (double)f->gradient[i], 0.01);
  assert_same("dx", dx, f->dx, f->n_x);
  free(gradient);
  free(dx);
}

static void a_batch_has_the_bits_of_its_rows_one_after_another(void **state)
{
  fixture *f = *state;
  const size_t n_in = n_inputs(&SHAPE), n_out = n_outputs(&SHAPE);
  kj_real *gradient = calloc(f->n_parameters, sizeof *gradient);
  kj_real *dx = calloc(f->n_x, sizeof *dx);
  assert_true(gradient && dx);
  for (size_t r = 0; r < ROWS; r++) {
    kj_real y[2];
    kj_network_forward(f->net, f->x + r * n_in, 1, f->activations, y);
    kj__network_backward(f->net, f->activations, f->dy + r * n_out, 1, true,
                         gradient, dx + r * n_in);
  }
  assert_same("gradient", gradient, f->gradient, f->n_parameters);
  assert_same("dx", dx, f->dx, f->n_x);
  free(gradient);
  free(dx);
}

static void a_relu_output_at_0_stops_the_signal_unless_bypassed(void **state)
{
  fixture *f = *state;
  const size_t n_in = n_inputs(&SHAPE), n_out = n_outputs(&SHAPE);
  kj_real *dx = calloc(f->n_x, sizeof *dx);
  assert_non_null(dx);
  kj__network_backward(f->net, f->activations, f->dy, ROWS, false, NULL, dx);
  size_t n_dead = 0, n_alive = 0;
  for (size_t r = 0; r < ROWS; r++) {
    bool all_dead = true, all_alive = true, through = false, past = false;
    for (size_t k = 0; k < n_out; k++) {
      all_dead = all_dead && f->y[r * n_out + k] == 0;
      all_alive = all_alive && f->y[r * n_out + k] > 0;
    }
    for (size_t j = r * n_in; j < (r + 1) * n_in; j++) {
      through = through || f->dx[j] != 0;
      past = past || dx[j] != 0;
    }
    assert_true(past);
    assert_int_equal(through, !all_dead);
    if (all_alive)
      assert_same("dx", f->dx + r * n_in, dx + r * n_in, n_in);
    n_dead += all_dead;
    n_alive += all_alive;
  }
  print_message("%zu rows dead, %zu alive, of %d\n", n_dead, n_alive, ROWS);
  assert_true(n_dead > 0 && n_alive > 0);
  free(dx);
}

static void relu_has_slope_0_at_0(void **state)
{
  (void)state;
  /* h = ReLU(0) and f = ReLU(0): no signal passes either */
  const kj_network_shape shape = {2, {1, 1, 1}, KJ_ACTIVATION_RELU};
  kj_network *net = NULL;
  assert_int_equal(kj_network_create(&shape, NULL, &net, NULL), KJ_OK);
  kj_activations *activations = new_activations(&shape, 1);
  kj_network_weights(net, 0)[0] = 1;
  kj_network_weights(net, 1)[0] = 1;
  const kj_real x = 0, dy = 1;
  kj_real y, dx = 9, gradient[4] = {0};
  const kj_real expected[4] = {0, 0, 0, 1}; /* only the output bias */
  kj_network_forward(net, &x, 1, activations, &y);
  kj__network_backward(net, activations, &dy, 1, false, gradient, &dx);
  assert_same("past the output", gradient, expected, 4);
  assert_true(dx == 0);
  kj__network_backward(net, activations, &dy, 1, true, gradient, NULL);
  assert_same("through the output", gradient, expected, 4);
  kj_activations_destroy(activations);
  kj_network_destroy(net);
}

#define WITH_FIXTURE(test)                                                     \
  cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_FIXTURE(leaving_out_one_result_keeps_the_other_s_bits),
      WITH_FIXTURE(the_gradient_is_added_and_dx_overwritten),
      WITH_FIXTURE(a_batch_has_the_bits_of_its_rows_one_after_another),
      WITH_FIXTURE(a_relu_output_at_0_stops_the_signal_unless_bypassed),
      cmocka_unit_test(relu_has_slope_0_at_0),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
