/*
 * test_path.c: the gradient along a path: complete, and equal to what central
 * differences and a sum of steps give.
 */
#include "network/support.h"

#include "network/path.h"

enum { N_IN = 9, N_STEPS = 20000 };

static const kj_network_shape SHAPES[] = {
    {.n_layers = 1, .width = {N_IN, 2}, .output = KJ_ACTIVATION_LINEAR},
    {.n_layers = 2, .width = {N_IN, 12, 3}, .output = KJ_ACTIVATION_LINEAR},
    {.n_layers = 3, .width = {N_IN, 16, 11, 1}, .output = KJ_ACTIVATION_RELU},
    {.n_layers = 5,
     .width = {N_IN, 8, 9, 7, 6, 2},
     .output = KJ_ACTIVATION_LINEAR},
};
enum { N_SHAPES = sizeof SHAPES / sizeof SHAPES[0] };

/* Output k in double, by the definition. */
static double output(const kj_network *net, const double *x, size_t k)
{
  double h[2][32];
  memcpy(h[0], x, N_IN * sizeof *x);
  for (size_t l = 0; l < net->shape.n_layers; l++) {
    const size_t n_in = net->shape.width[l], n = net->shape.width[l + 1];
    const bool is_last = l + 1 == net->shape.n_layers;
    for (size_t i = 0; i < n; i++) {
      double z = (double)kj_network_biases(net, l)[i];
      for (size_t j = 0; j < n_in; j++)
        z += (double)kj_network_weights(net, l)[i * n_in + j] * h[l % 2][j];
      const bool is_relu = !is_last || net->shape.output == KJ_ACTIVATION_RELU;
      h[(l + 1) % 2][i] = is_relu ? fmax(0.0, z) : z;
    }
  }
  return h[net->shape.n_layers % 2][k];
}

/* The integral as a sum of N_STEPS, each with a central difference. */
static double attribution(const kj_network *net, const float *x, size_t k,
                          size_t i)
{
  const double delta = 1e-7;
  double sum = 0.0;
  for (int s = 0; s < N_STEPS; s++) {
    double at[N_IN];
    for (size_t j = 0; j < N_IN; j++)
      at[j] = (s + 0.5) / N_STEPS * (double)x[j];
    at[i] += delta;
    const double up = output(net, at, k);
    at[i] -= 2.0 * delta;
    sum += (up - output(net, at, k)) / (2.0 * delta);
  }
  return sum / N_STEPS * (double)x[i];
}

static void test_equals_central_differences(void **state)
{
  (void)state;
  for (size_t s = 0; s < N_SHAPES; s++) {
    kj__random random = test_stream(40 + s, 0);
    kj_network *net = random_network(&SHAPES[s], &random);
    float *x = draw_new(&random, 0.0, 1.5, N_IN);
    const size_t n_out = SHAPES[s].width[SHAPES[s].n_layers];
    double got[N_IN];
    kj__path *path = NULL;
    assert_int_equal(kj__path_create(&SHAPES[s], &path, NULL), KJ_OK);
    for (size_t k = 0; k < n_out; k++) {
      kj__path_integrate(path, net, x, k, got);
      for (size_t i = 0; i < N_IN; i++)
        assert_near("attribution against a sum of steps", got[i],
                    attribution(net, x, k, i), 2e-3);
    }
    kj__path_destroy(path);
    kj_network_destroy(net);
    free(x);
  }
}

static void test_is_complete(void **state)
{
  (void)state;
  enum { N_ROWS = 50 };
  static const double zero[N_IN];
  for (size_t s = 0; s < N_SHAPES; s++) {
    kj__random random = test_stream(50 + s, 0);
    kj_network *net = random_network(&SHAPES[s], &random);
    kj__path *path = NULL;
    assert_int_equal(kj__path_create(&SHAPES[s], &path, NULL), KJ_OK);
    for (size_t row = 0; row < N_ROWS; row++) {
      float *x = draw_new(&random, 0.0, 2.0, N_IN);
      double at[N_IN], got[N_IN], sum = 0.0;
      const kj__path_ends ends = kj__path_integrate(path, net, x, 0, got);
      for (size_t i = 0; i < N_IN; i++) {
        at[i] = (double)x[i];
        sum += got[i];
      }
      const double from = output(net, zero, 0), to = output(net, at, 0);
      assert_near("f(0)", ends.from, from, 1e-12);
      assert_near("f(x)", ends.to, to, 1e-12);
      assert_near("sum of attributions", sum, to - from, 1e-12);
      free(x);
    }
    kj__path_destroy(path);
    kj_network_destroy(net);
  }
}

/* Without a hidden layer the attribution is the term of the sum. */
static void test_linear_has_one_piece(void **state)
{
  (void)state;
  kj__random random = test_stream(60, 0);
  kj_network *net = random_network(&SHAPES[0], &random);
  float *x = draw_new(&random, 0.0, 1.0, N_IN);
  double got[N_IN];
  kj__path *path = NULL;
  assert_int_equal(kj__path_create(&SHAPES[0], &path, NULL), KJ_OK);
  const kj__path_ends ends = kj__path_integrate(path, net, x, 1, got);
  assert_int_equal(ends.n_pieces, 1);
  for (size_t i = 0; i < N_IN; i++)
    assert_near("w x", got[i],
                (double)kj_network_weights(net, 0)[N_IN + i] * (double)x[i],
                0.0);
  kj__path_destroy(path);
  kj_network_destroy(net);
  free(x);
}

/* At the training mean nothing moves. */
static void test_nothing_at_zero(void **state)
{
  (void)state;
  static const float zero[N_IN];
  kj__random random = test_stream(70, 0);
  kj_network *net = random_network(&SHAPES[2], &random);
  double got[N_IN];
  kj__path *path = NULL;
  assert_int_equal(kj__path_create(&SHAPES[2], &path, NULL), KJ_OK);
  const kj__path_ends ends = kj__path_integrate(path, net, zero, 0, got);
  assert_near("f(x) - f(0)", ends.to, ends.from, 0.0);
  for (size_t i = 0; i < N_IN; i++)
    assert_near("attribution", got[i], 0.0, 0.0);
  kj__path_destroy(path);
  kj_network_destroy(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_equals_central_differences),
      cmocka_unit_test(test_is_complete),
      cmocka_unit_test(test_linear_has_one_piece),
      cmocka_unit_test(test_nothing_at_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
