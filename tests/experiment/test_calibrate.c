/*
 * test_calibrate.c: slope and offset are the weighted least squares of the
 * held-out ratings on the outputs, and nothing else changes.
 */
#include "experiment/toy.h"

typedef struct straight_line {
  double slope, offset;
} straight_line;

/* By the normal equations, about the means. */
static straight_line least_squares(const toy *t, size_t k,
                                   const unsigned char *held_out,
                                   const double *output)
{
  const size_t n = t->data.n_targets;
  double weight = 0, mean_x = 0, mean_y = 0, xx = 0, xy = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < TOY_ROWS; i++) {
      const double w = t->row[i].weight, y = (double)t->y[i * n + k];
      const double x = output[i * n + k];
      if (!held_out[i] || isnan(y))
        continue;
      if (pass == 0) {
        weight += w;
        mean_x += w * x;
        mean_y += w * y;
      } else {
        xx += w * (x - mean_x) * (x - mean_x);
        xy += w * (x - mean_x) * (y - mean_y);
      }
    }
    if (pass == 0) {
      mean_x /= weight;
      mean_y /= weight;
    }
  }
  return (straight_line){xy / xx, mean_y - xy / xx * mean_x};
}

static toy *weighted_toy(size_t n_targets)
{
  toy *t = new_toy(n_targets);
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->row[i].weight = 0.5 + 0.25 * (double)(i % 4);
  for (size_t i = 1; i < TOY_ROWS; i += 5)
    t->y[i * n_targets + n_targets - 1] = NAN;
  return t;
}

/* The estimator of a fit with and without calibration. */
static void check_least_squares(kj_method method, bool joint,
                                kj_normalisation normalisation)
{
  toy *t = weighted_toy(2);
  kj_fit_options options = held_out_options();
  unsigned char held_out[TOY_ROWS];
  double plain[TOY_ROWS * 2], calibrated[TOY_ROWS * 2];
  options.method = method;
  options.joint = joint;
  options.normalisation = normalisation;
  find_held_out(t, &options, held_out);
  kj_estimator *estimator = fit_estimator(t, &options);
  estimate_toy(estimator, t, plain);
  kj_estimator_destroy(estimator);
  options.calibrate = true;
  estimator = fit_estimator(t, &options);
  estimate_toy(estimator, t, calibrated);
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  for (size_t k = 0; k < 2; k++) {
    const straight_line line = least_squares(t, k, held_out, plain);
    print_message("%s %d, target %zu: slope %.4f, offset %.4f\n",
                  kj_method_name(method), joint, k, line.slope, line.offset);
    assert_near("slope", parts->slope[k], line.slope, 1e-9 * fabs(line.slope));
    assert_near("offset", parts->offset[k], line.offset,
                1e-9 * (1.0 + fabs(line.offset)));
    for (size_t i = 0; i < TOY_ROWS; i++)
      assert_near("estimate", calibrated[2 * i + k],
                  line.slope * plain[2 * i + k] + line.offset, 1e-9);
  }
  kj_estimator_destroy(estimator);
  free(t);
}

static void calibration_is_least_squares(void **state)
{
  (void)state;
  check_least_squares(KJ_METHOD_NETWORK, false, KJ_NORMALISE_TRAIN);
  check_least_squares(KJ_METHOD_NETWORK, true, KJ_NORMALISE_SPEAKER);
  check_least_squares(KJ_METHOD_RIDGE, false, KJ_NORMALISE_TRAIN);
}

/* Constant outputs tell no slope: it is 1, and the offset moves them to the
 * held-out mean. */
static void constant_outputs_keep_their_slope(void **state)
{
  (void)state;
  toy *t = weighted_toy(1);
  kj_fit_options options = held_out_options();
  unsigned char held_out[TOY_ROWS];
  double values[TOY_ROWS], sum = 0, weights = 0;
  options.method = KJ_METHOD_CONSTANT;
  options.calibrate = true;
  find_held_out(t, &options, held_out);
  kj_estimator *estimator = fit_estimator(t, &options);
  estimate_toy(estimator, t, values);
  assert_true(kj_estimator_get_parts(estimator)->slope[0] == 1.0);
  for (size_t i = 0; i < TOY_ROWS; i++)
    if (held_out[i] && !isnan(t->y[i])) {
      sum += t->row[i].weight * (double)t->y[i];
      weights += t->row[i].weight;
    }
  assert_near("constant", values[0], sum / weights, 1e-12);
  kj_estimator_destroy(estimator);
  free(t);
}

static void calibration_leaves_the_networks_alone(void **state)
{
  (void)state;
  toy *t = weighted_toy(2);
  kj_fit_options options = held_out_options();
  kj_fit *fit = fitted(t, NULL, &options);
  options.calibrate = true;
  assert_true(fits_alike(t, NULL, &options, fit));
  kj_fit_destroy(fit);
  free(t);
}

static void expect_no_estimator(const toy *t, const kj_fit_options *options,
                                const char *part)
{
  kj_fit *fit = fitted(t, NULL, options);
  kj_estimator *estimator = NULL;
  kj_error err = {0};
  check_error("calibration", kj_fit_estimator(fit, &estimator, &err), KJ_EDATA,
              &err, part);
  assert_null(estimator);
  kj_fit_destroy(fit);
}

static void calibration_needs_held_out_ratings(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  kj_fit_options options = held_out_options();
  unsigned char held_out[TOY_ROWS];
  kj_fit *fit = NULL;
  kj_error err = {0};
  options.calibrate = options.joint = true;
  find_held_out(t, &options, held_out);
  for (size_t i = 0; i < TOY_ROWS; i++)
    if (held_out[i])
      t->row[i].weight = 0.0;
  expect_no_estimator(t, &options,
                      "toy.csv: no held-out rating of 'valence' to calibrate");
  for (size_t i = 0; i < TOY_ROWS; i++) {
    t->row[i].weight = 1.0;
    if (held_out[i])
      t->y[2 * i + 1] = NAN;
  }
  expect_no_estimator(t, &options, "no held-out rating of 'activation'");
  options.validation.fraction = 0.0;
  check_error("nothing held out",
              kj_fit_create(&t->data, all_rows(t), NULL, &options, &fit, &err),
              KJ_EARGUMENT, &err, "calibration needs held-out rows");
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(calibration_is_least_squares),
      cmocka_unit_test(constant_outputs_keep_their_slope),
      cmocka_unit_test(calibration_leaves_the_networks_alone),
      cmocka_unit_test(calibration_needs_held_out_ratings),
  };
  return cmocka_run_group_tests_name("experiment calibrate", tests, NULL, NULL);
}
