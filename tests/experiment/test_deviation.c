/*
 * test_deviation.c: fits that predict deviations learn them, and residuals
 * relative to them are those of ensembles that have not heard the speaker.
 */
#include "experiment/toy.h"

#include "kanjo/coverage.h"

static kj_fit_options nll_options(void)
{
  kj_fit_options options = toy_options();
  options.loss = KJ_LOSS_NLL;
  options.epochs = 60;
  return options;
}

/* Ratings whose noise the sign of the first feature tells. */
static toy *noisy_toy(void)
{
  toy *t = new_toy(1);
  kj__random random = test_stream(77, 0);
  for (size_t i = 0; i < TOY_ROWS; i++) {
    const double noise = i % 2 ? 1.0 : 0.1;
    t->x[i * TOY_INPUTS] = i % 2 ? 0.1f : -0.1f;
    t->y[i] = (float)(3.0 + noise * kj__random_normal(&random));
  }
  return t;
}

static void a_deviation_can_be_learned(void **state)
{
  (void)state;
  toy *t = noisy_toy();
  const kj_fit_options options = nll_options();
  kj_fit *fit = fitted(t, NULL, &options);
  kj_estimator *estimator = estimator_of(fit);
  double values[TOY_ROWS], sd[TOY_ROWS], mean[2] = {0.0, 0.0};
  assert_true(kj_estimator_has_sd(estimator));
  assert_int_equal(
      kj_estimate_rows_sd(estimator, &t->data, all_rows(t), values, sd, NULL),
      KJ_OK);
  for (size_t i = 0; i < TOY_ROWS; i++) {
    assert_true(sd[i] >= KJ_LEAST_SD);
    mean[i % 2] += sd[i] / (TOY_ROWS / 2.0);
  }
  print_message("deviations %.2f of .1 and %.2f of 1\n", mean[0], mean[1]);
  assert_true(mean[1] > 2.0 * mean[0]);
  kj_estimator_destroy(estimator);
  kj_fit_destroy(fit);
  free(t);
}

/* Two targets in one network, of which one is not always rated. */
static void a_joint_network_has_all_values_first(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  kj_fit_options options = nll_options();
  options.joint = true;
  t->y[1] = NAN;
  kj_fit *fit = fitted(t, NULL, &options);
  kj_estimator *estimator = estimator_of(fit);
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  assert_int_equal(parts->n_parts, 1);
  assert_int_equal(parts->part[0].network->shape.width[3], 4);
  double values[TOY_ROWS * 2], error = 0.0;
  assert_int_equal(
      kj_estimate_rows(estimator, &t->data, all_rows(t), values, NULL), KJ_OK);
  for (size_t j = 0; j < TOY_ROWS * 2; j++)
    if (!isnan(t->y[j]))
      error += fabs(values[j] - (double)t->y[j]) / (TOY_ROWS * 2);
  assert_true(error < 0.5);
  kj_estimator_destroy(estimator);
  kj_fit_destroy(fit);
  free(t);
}

static void a_deviation_needs_a_linear_output(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_fit_options options = nll_options();
  kj_fit *fit = NULL;
  kj_error err;
  options.output = KJ_ACTIVATION_RELU;
  const kj_rows rows = all_rows(t);
  assert_int_equal(kj_fit_create(&t->data, rows, NULL, &options, &fit, &err),
                   KJ_EARGUMENT);
  assert_non_null(strstr(err.message, "must be linear with the loss nll"));
  free(t);
}

/* The largest relative residual, with two members, by hand. */
static double by_hand(const toy *t, const kj_fit_options *options)
{
  double largest = 0.0;
  for (size_t speaker = 0; speaker < TOY_SPEAKERS; speaker++) {
    size_t index[TOY_ROWS], own[TOY_ROWS_EACH], n = 0;
    double v[2][TOY_ROWS_EACH], s[2][TOY_ROWS_EACH];
    for (size_t i = 0; i < TOY_ROWS; i++)
      if (i / TOY_ROWS_EACH != speaker)
        index[n++] = i;
      else
        own[i % TOY_ROWS_EACH] = i;
    for (int m = 0; m < 2; m++) {
      kj_fit_options o = *options;
      kj_fit *fit = NULL;
      o.seed += (uint64_t)m;
      assert_int_equal(
          kj_fit_create(&t->data, (kj_rows){index, n}, NULL, &o, &fit, NULL),
          KJ_OK);
      run_fit(fit);
      kj_estimator *estimator = estimator_of(fit);
      assert_int_equal(kj_estimate_rows_sd(estimator, &t->data,
                                           (kj_rows){own, TOY_ROWS_EACH}, v[m],
                                           s[m], NULL),
                       KJ_OK);
      kj_estimator_destroy(estimator);
      kj_fit_destroy(fit);
    }
    for (size_t i = 0; i < TOY_ROWS_EACH; i++) {
      const double mean = (v[0][i] + v[1][i]) / 2.0;
      const double gap = (v[0][i] - v[1][i]) / 2.0;
      const double variance =
          (s[0][i] * s[0][i] + s[1][i] * s[1][i]) / 2.0 + gap * gap;
      largest =
          fmax(largest, fabs((double)t->y[own[i]] - mean) / sqrt(variance));
    }
  }
  return largest;
}

static void residuals_are_relative_to_what_was_predicted(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_fit_options options = nll_options();
  options.epochs = 6;
  const kj_residuals_options o = {.fit = options,
                                  .folds = {.group = KJ_GROUP_SPEAKER},
                                  .n_members = 2,
                                  .n_threads = 2};
  kj_residuals residuals[KJ_MAX_TARGETS];
  kj_error err;
  if (kj_residuals_collect(&t->data, NULL, &o, residuals, &err) != KJ_OK)
    fail_msg("%s", err.message);
  assert_true(residuals[0].is_relative);
  const double want = by_hand(t, &options);
  const double got = residuals[0].quantile[KJ_RESIDUAL_LEVELS - 1];
  if (!(fabs(got - want) <= 1e-9 * want))
    fail_msg("largest relative residual is %.17g, by hand %.17g", got, want);
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_deviation_can_be_learned),
      cmocka_unit_test(a_joint_network_has_all_values_first),
      cmocka_unit_test(a_deviation_needs_a_linear_output),
      cmocka_unit_test(residuals_are_relative_to_what_was_predicted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
