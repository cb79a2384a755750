/*
 * test_estimate.c: scaler, networks and calibration add up to what a page of
 * arithmetic says; the bits do not depend on how rows are batched.
 */
#include "estimator/support.h"

enum { N_ROWS = 100 };

static float *draw_rows(size_t n_rows, uint64_t seed)
{
  kj__random random = test_stream(seed, 9);
  return draw_new(&random, 0.0, 3.0, n_rows * SAMPLE_INPUTS);
}

/* ---- by hand ---- */

/* One layer of a network on one row, in double. */
static void layer_by_hand(const kj_network *net, size_t layer, const double *x,
                          double *y)
{
  const size_t n_in = net->shape.width[layer];
  const size_t n_out = net->shape.width[layer + 1];
  const bool is_last = layer + 1 == net->shape.n_layers;
  const bool is_relu = !is_last || net->shape.output == KJ_ACTIVATION_RELU;
  for (size_t o = 0; o < n_out; o++) {
    double sum = (double)kj_network_biases(net, layer)[o];
    for (size_t i = 0; i < n_in; i++)
      sum += (double)kj_network_weights(net, layer)[o * n_in + i] * x[i];
    y[o] = is_relu && sum < 0.0 ? 0.0 : sum;
  }
}

static void estimate_by_hand(const sample *s, const float *x, double *values)
{
  double scaled[SAMPLE_INPUTS];
  const double clip = (double)s->parts.scaler.clip;
  for (size_t j = 0; j < SAMPLE_INPUTS; j++)
    scaled[j] = fmax(-clip, fmin(clip, ((double)x[j] - (double)s->mean[j]) *
                                           (double)s->inverse_sd[j]));
  for (size_t p = 0; p < SAMPLE_PARTS; p++) {
    const kj_network *net = s->network[p];
    double h[2][SAMPLE_INPUTS];
    memcpy(h[0], scaled, sizeof scaled);
    for (size_t l = 0; l < net->shape.n_layers; l++)
      layer_by_hand(net, l, h[l % 2], h[(l + 1) % 2]);
    const size_t first = s->parts.part[p].first_target;
    for (size_t k = 0; k < net->shape.width[net->shape.n_layers]; k++)
      values[first + k] =
          s->parts.slope[first + k] * h[net->shape.n_layers % 2][k] +
          s->parts.offset[first + k];
  }
}

static void test_by_hand(void **state)
{
  (void)state;
  sample s;
  sample_init(&s, 11);
  kj_estimator *estimator = new_estimator(&s.parts);
  float *x = draw_rows(N_ROWS, 11);
  double values[N_ROWS][SAMPLE_TARGETS];
  estimate(estimator, N_ROWS, x, N_ROWS, 0, values[0]);
  double largest = 0.0;
  for (size_t i = 0; i < N_ROWS; i++) {
    double expected[SAMPLE_TARGETS];
    estimate_by_hand(&s, x + i * SAMPLE_INPUTS, expected);
    for (size_t k = 0; k < SAMPLE_TARGETS; k++) {
      const double error = fabs(values[i][k] - expected[k]);
      largest = fmax(largest, error);
      if (!(error <= 1e-5 * (1.0 + fabs(expected[k]))))
        fail_msg("row %zu, %s: is %.9g, must be %.9g (seed 11)", i,
                 s.parts.target[k], values[i][k], expected[k]);
    }
  }
  print_message("largest difference from double arithmetic: %.2g\n", largest);
  free(x);
  kj_estimator_destroy(estimator);
  sample_clear(&s);
}

/* Slope and offset are applied in double to the network's float. */
static void test_slope_and_offset(void **state)
{
  (void)state;
  sample s;
  sample_init(&s, 12);
  float *x = draw_rows(N_ROWS, 12);
  double calibrated[N_ROWS][SAMPLE_TARGETS], plain[N_ROWS][SAMPLE_TARGETS];
  kj_estimator *estimator = new_estimator(&s.parts);
  estimate(estimator, N_ROWS, x, N_ROWS, 0, calibrated[0]);
  kj_estimator_destroy(estimator);
  kj_estimator_parts parts = s.parts;
  for (size_t k = 0; k < SAMPLE_TARGETS; k++) {
    parts.slope[k] = 1.0;
    parts.offset[k] = 0.0;
  }
  estimator = new_estimator(&parts);
  estimate(estimator, N_ROWS, x, N_ROWS, 0, plain[0]);
  kj_estimator_destroy(estimator);
  for (size_t i = 0; i < N_ROWS; i++)
    for (size_t k = 0; k < SAMPLE_TARGETS; k++)
      plain[i][k] = s.parts.slope[k] * plain[i][k] + s.parts.offset[k];
  assert_same_values("slope, offset", calibrated[0], plain[0],
                     N_ROWS * SAMPLE_TARGETS);
  free(x);
  sample_clear(&s);
}

static void test_batches(void **state)
{
  (void)state;
  static const size_t max_rows[] = {1, 7, N_ROWS, 1000};
  kj_estimator *estimator = sample_estimator(13);
  float *x = draw_rows(N_ROWS, 13);
  double first[N_ROWS * SAMPLE_TARGETS], values[N_ROWS * SAMPLE_TARGETS];
  estimate(estimator, max_rows[0], x, N_ROWS, 0, first);
  for (size_t m = 1; m < sizeof max_rows / sizeof max_rows[0]; m++) {
    memset(values, 0, sizeof values);
    estimate(estimator, max_rows[m], x, N_ROWS, 0, values);
    assert_same_values(m == 1 ? "7 at a time" : "100 or more", values, first,
                       N_ROWS * SAMPLE_TARGETS);
  }
  estimate(estimator, 7, x, 0, 0, NULL);
  free(x);
  kj_estimator_destroy(estimator);
}

/* Rows scaled by the caller give the same bits, for every normalisation. */
static void test_already_scaled(void **state)
{
  (void)state;
  sample s;
  sample_init(&s, 14);
  float *x = draw_rows(N_ROWS, 14);
  float *scaled = draw_rows(N_ROWS, 14);
  double expected[N_ROWS * SAMPLE_TARGETS], values[N_ROWS * SAMPLE_TARGETS];
  kj_scaler_apply(&s.parts.scaler, x, N_ROWS, scaled);
  for (kj_normalisation n = KJ_NORMALISE_TRAIN; n <= KJ_NORMALISE_SPEAKER;
       n++) {
    s.parts.normalisation = n;
    kj_estimator *estimator = new_estimator(&s.parts);
    kj_estimator_scratch *scratch = new_scratch(estimator, 10);
    kj_error err;
    const kj_status status =
        kj_estimator_estimate(estimator, scratch, x, N_ROWS, 0, expected, &err);
    if (n == KJ_NORMALISE_TRAIN)
      assert_int_equal(status, KJ_OK);
    else
      assert_error("not scaled", status, &err, KJ_EARGUMENT,
                   "already_scaled is 0");
    estimate(estimator, 10, scaled, N_ROWS, 1, values);
    assert_same_values("scaled", values, expected, N_ROWS * SAMPLE_TARGETS);
    kj_estimator_scratch_destroy(scratch);
    kj_estimator_destroy(estimator);
  }
  free(scaled);
  free(x);
  sample_clear(&s);
}

/* The row and the column are named, and nothing is written. */
static void test_feature_not_finite(void **state)
{
  (void)state;
  kj_estimator *estimator = sample_estimator(15);
  kj_estimator_scratch *scratch = new_scratch(estimator, 4);
  float *x = draw_rows(N_ROWS, 15);
  double values[N_ROWS * SAMPLE_TARGETS];
  for (size_t i = 0; i < N_ROWS * SAMPLE_TARGETS; i++)
    values[i] = -1.0;
  kj_error err;
  x[42 * SAMPLE_INPUTS + 3] = NAN; /* a constant column counts, too */
  kj_status status =
      kj_estimator_estimate(estimator, scratch, x, N_ROWS, 0, values, &err);
  assert_error("NaN", status, &err, KJ_EDATA, "row 42, column 3 (from 0)");
  status =
      kj_estimator_estimate(estimator, scratch, x, N_ROWS, 1, values, &err);
  assert_error("scaled NaN", status, &err, KJ_EDATA, "row 42, column 3");
  x[42 * SAMPLE_INPUTS + 3] = -INFINITY;
  status =
      kj_estimator_estimate(estimator, scratch, x, N_ROWS, 0, values, &err);
  assert_error("infinity", status, &err, KJ_EDATA, "is -inf");
  for (size_t i = 0; i < N_ROWS * SAMPLE_TARGETS; i++)
    if (values[i] > -1.0 || values[i] < -1.0)
      fail_msg("value %zu was written by a call that failed", i);
  free(x);
  kj_estimator_scratch_destroy(scratch);
  kj_estimator_destroy(estimator);
}

/* Finite weights whose sum is not: an error, never a silent NaN. */
static void test_estimate_not_finite(void **state)
{
  (void)state;
  sample s;
  sample_init(&s, 16);
  kj_network_biases(s.network[1], 2)[1] = 3e38f;
  s.parts.slope[2] = 1e300;
  kj_estimator *estimator = new_estimator(&s.parts);
  kj_estimator_scratch *scratch = new_scratch(estimator, 1);
  const float x[2 * SAMPLE_INPUTS] = {0};
  double values[2 * SAMPLE_TARGETS];
  kj_error err;
  const kj_status status =
      kj_estimator_estimate(estimator, scratch, x, 2, 0, values, &err);
  assert_error("overflow", status, &err, KJ_EDATA,
               "estimate of dominance in row 0");
  kj_estimator_scratch_destroy(scratch);
  kj_estimator_destroy(estimator);
  sample_clear(&s);
}

static void test_scratch_of_another(void **state)
{
  (void)state;
  kj_estimator *one = sample_estimator(17), *other = sample_estimator(18);
  kj_estimator_scratch *scratch = new_scratch(other, 1);
  const float x[SAMPLE_INPUTS] = {0};
  double values[SAMPLE_TARGETS];
  kj_error err;
  const kj_status status =
      kj_estimator_estimate(one, scratch, x, 1, 0, values, &err);
  assert_error("scratch", status, &err, KJ_EARGUMENT, "another estimator");
  kj_estimator_scratch_destroy(scratch);
  kj_estimator_destroy(other);
  kj_estimator_destroy(one);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_by_hand),
      cmocka_unit_test(test_slope_and_offset),
      cmocka_unit_test(test_batches),
      cmocka_unit_test(test_already_scaled),
      cmocka_unit_test(test_feature_not_finite),
      cmocka_unit_test(test_estimate_not_finite),
      cmocka_unit_test(test_scratch_of_another),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
