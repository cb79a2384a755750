/*
 * test_initialise.c: the distribution of the parameters a training starts from.
 */
#include "support.h"

#include "network/initialise.h"

static const kj_network_shape SHAPE = {
    3, {384, 1200, 600, 2}, KJ_ACTIVATION_RELU};

static kj_network *initialised(kj_initialisation how, uint64_t seed,
                               uint64_t index, const kj_real *output_bias)
{
  kj_network *net = NULL;
  assert_int_equal(kj_network_create(&SHAPE, NULL, &net, NULL), KJ_OK);
  kj__network_initialise(net, how, seed, index, output_bias);
  return net;
}

typedef struct summary {
  double mean, variance, kurtosis, largest;
} summary;

static summary summarise(const kj_real *values, size_t n)
{
  summary s = {0};
  for (size_t i = 0; i < n; i++)
    s.mean += (double)values[i] / (double)n;
  double fourth = 0.0;
  for (size_t i = 0; i < n; i++) {
    const double d = (double)values[i] - s.mean;
    s.variance += d * d / (double)n;
    fourth += d * d * d * d / (double)n;
    s.largest = fmax(s.largest, fabs((double)values[i]));
  }
  s.kurtosis = fourth / (s.variance * s.variance);
  return s;
}

/* Mean and variance within 5 standard errors; kurtosis tells the shape. */
static void check_moments(const char *what, summary s, double variance,
                          double kurtosis, size_t n)
{
  const double root = sqrt((double)n);
  assert_near(what, s.mean, 0.0, 5.0 * sqrt(variance) / root);
  assert_near(what, s.variance, variance,
              5.0 * variance * sqrt(kurtosis - 1.0) / root);
  if (n > 100000)
    assert_near(what, s.kurtosis, kurtosis, 0.05);
}

static void uniform_fills_its_bounds_in_every_layer(void **state)
{
  (void)state;
  kj_network *net = initialised(KJ_INITIALISE_UNIFORM, 1, 0, NULL);
  for (size_t l = 0; l < SHAPE.n_layers; l++) {
    const size_t n_out = SHAPE.width[l + 1];
    const size_t n_weights = n_out * SHAPE.width[l];
    const double bound = 1.0 / sqrt((double)SHAPE.width[l]);
    const summary w = summarise(kj_network_weights(net, l), n_weights);
    const summary b = summarise(kj_network_biases(net, l), n_out);
    check_moments("weights", w, bound * bound / 3.0, 1.8, n_weights);
    assert_true(w.largest <= bound * (1.0 + 1e-7));
    assert_true(w.largest > bound * (1.0 - 10.0 / (double)n_weights));
    assert_true(b.largest <= bound * (1.0 + 1e-7));
    if (n_out > 2)
      check_moments("biases", b, bound * bound / 3.0, 1.8, n_out);
  }
  kj_network_destroy(net);
}

static void he_is_normal_with_output_weights_and_biases_0(void **state)
{
  (void)state;
  kj_network *net = initialised(KJ_INITIALISE_HE, 1, 0, NULL);
  for (size_t l = 0; l < SHAPE.n_layers; l++) {
    const size_t n_weights = SHAPE.width[l + 1] * SHAPE.width[l];
    const summary w = summarise(kj_network_weights(net, l), n_weights);
    if (l + 1 < SHAPE.n_layers)
      check_moments("weights", w, 2.0 / (double)SHAPE.width[l], 3.0, n_weights);
    else
      assert_near("output weights", w.largest, 0.0, 0.0);
    const summary b = summarise(kj_network_biases(net, l), SHAPE.width[l + 1]);
    assert_near("biases", b.largest, 0.0, 0.0);
  }
  kj_network_destroy(net);
}

static void the_output_starts_at_the_mean_label(void **state)
{
  (void)state;
  const kj_real mean[2] = {(kj_real)3.25, (kj_real)1.5};
  for (int how = 0; how < 2; how++) {
    kj_network *with = initialised((kj_initialisation)how, 7, 0, mean);
    kj_network *without = initialised((kj_initialisation)how, 7, 0, NULL);
    assert_same("biases", kj_network_biases(with, 2), mean, 2);
    assert_same("all before", with->parameters, without->parameters,
                with->n_parameters - 2);
    kj_network_destroy(with);
    kj_network_destroy(without);
  }
}

static double correlation(const kj_real *a, const kj_real *b, size_t n)
{
  double aa = 0.0, bb = 0.0, ab = 0.0;
  for (size_t i = 0; i < n; i++) {
    aa += (double)a[i] * (double)a[i];
    bb += (double)b[i] * (double)b[i];
    ab += (double)a[i] * (double)b[i];
  }
  return ab / sqrt(aa * bb);
}

static void seeds_networks_and_layers_are_independent(void **state)
{
  (void)state;
  const size_t n = 460800;
  kj_network *first = initialised(KJ_INITIALISE_UNIFORM, 1, 0, NULL);
  kj_network *again = initialised(KJ_INITIALISE_UNIFORM, 1, 0, NULL);
  kj_network *seed = initialised(KJ_INITIALISE_UNIFORM, 2, 0, NULL);
  kj_network *index = initialised(KJ_INITIALISE_UNIFORM, 1, 1, NULL);
  assert_same("same seed", again->parameters, first->parameters,
              first->n_parameters);
  const double five_errors = 5.0 / sqrt((double)n);
  assert_near("seeds", correlation(first->parameters, seed->parameters, n), 0.0,
              five_errors);
  assert_near("networks", correlation(first->parameters, index->parameters, n),
              0.0, five_errors);
  assert_near("layers",
              correlation(first->parameters, kj_network_weights(first, 1), n),
              0.0, five_errors);
  kj_network_destroy(first);
  kj_network_destroy(again);
  kj_network_destroy(seed);
  kj_network_destroy(index);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(uniform_fills_its_bounds_in_every_layer),
      cmocka_unit_test(he_is_normal_with_output_weights_and_biases_0),
      cmocka_unit_test(the_output_starts_at_the_mean_label),
      cmocka_unit_test(seeds_networks_and_layers_are_independent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
