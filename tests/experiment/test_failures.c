/*
 * test_failures.c: every error of a fit from its smallest cause, and the
 * message that names it.
 */
#include "experiment/toy.h"

static void expect_refused(const toy *t, const toy *unlabelled,
                           const kj_fit_options *options, kj_status expected,
                           const char *part)
{
  kj_fit *fit = NULL;
  kj_error err = {0};
  const kj_unlabelled rows = all_unlabelled(unlabelled ? unlabelled : t);
  const kj_unlabelled *other = unlabelled ? &rows : NULL;
  check_error(part,
              kj_fit_create(&t->data, all_rows(t), other, options, &fit, &err),
              expected, &err, part);
  assert_null(fit);
  assert_int_equal(
      kj_fit_create(&t->data, all_rows(t), other, options, &fit, NULL),
      expected);
}

/* ---- options ---- */

#define SPOIL(name, change)                                                    \
  static void name(kj_fit_options *o)                                          \
  {                                                                            \
    change;                                                                    \
  }
SPOIL(no_method, o->method = (kj_method)7)
SPOIL(many_layers, o->n_hidden = KJ_MAX_LAYERS)
SPOIL(no_width, o->hidden[0] = 0)
SPOIL(low_fraction, o->validation.fraction = -0.1)
SPOIL(nan_fraction, o->validation.fraction = (double)NAN)
SPOIL(full_fraction, o->validation.fraction = 1.0)
SPOIL(no_validation, o->calibrate = true)
SPOIL(no_normalisation, o->normalisation = (kj_normalisation)5)
SPOIL(no_rate, o->learning_rate = 0.0)
SPOIL(no_batch, o->batch = 0)
SPOIL(low_epsilon, o->smoothing.kind = KJ_SMOOTHING_AT;
      o->smoothing.epsilon = -1.0)
#undef SPOIL

static const struct {
  void (*spoil)(kj_fit_options *options);
  const char *part;
} OPTIONS[] = {
    {no_method, "method is 7"},
    {many_layers, "16 hidden layers; must be 0..15"},
    {no_width, "width[1] is 0"},
    {low_fraction, "fraction -0.1 is to be held out"},
    {nan_fraction, "fraction nan is to be held out"},
    {full_fraction, "fraction 1 is to be held out"},
    {no_validation, "calibration needs held-out rows"},
    {no_normalisation, "normalisation is 5"},
    {no_rate, "valence: learning rate is 0"},
    {no_batch, "valence: batch is 0"},
    {low_epsilon, "valence: epsilon is -1"},
};

static void options_out_of_range_are_refused(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  for (size_t i = 0; i < sizeof OPTIONS / sizeof OPTIONS[0]; i++) {
    kj_fit_options options = toy_options();
    OPTIONS[i].spoil(&options);
    expect_refused(t, NULL, &options, KJ_EARGUMENT, OPTIONS[i].part);
  }
  free(t);
}

/* ---- data ---- */

static void data_without_use_are_refused(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  const kj_fit_options options = toy_options();
  t->data.x = NULL;
  expect_refused(t, NULL, &options, KJ_EDATA, "toy.csv: no features yet");
  t->data.x = t->x;
  t->data.n_targets = 0;
  expect_refused(t, NULL, &options, KJ_EDATA, "toy.csv: no target to learn");
  t->data.n_targets = 2;
  t->data.n_rows = 0;
  expect_refused(t, NULL, &options, KJ_EDATA, "toy.csv: no row to learn from");
  t->data.n_rows = TOY_ROWS;
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->row[i].weight = 0.0;
  expect_refused(t, NULL, &options, KJ_EDATA,
                 "toy.csv: all training rows have weight 0");
  t->row[0].weight = 1.0;
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->y[2 * i + 1] = NAN;
  expect_refused(t, NULL, &options, KJ_EDATA,
                 "no row with a rating of 'activation' is left to train on");
  free(t);
}

static void splits_without_use_are_refused(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  kj_fit_options options = held_out_options();
  unsigned char held_out[TOY_ROWS];
  find_held_out(t, &options, held_out);
  for (size_t i = 0; i < TOY_ROWS; i++)
    if (held_out[i])
      t->y[2 * i + 1] = NAN;
  expect_refused(t, NULL, &options, KJ_EDATA,
                 "toy.csv: no held-out row has a rating of 'activation'");
  drop_groups(t, KJ_GROUP_SPEAKER);
  expect_refused(t, NULL, &options, KJ_EDATA, "no row has a speaker");
  options.validation.fraction = 0.0;
  options.patience = 2;
  expect_refused(t, NULL, &options, KJ_EDATA,
                 "valence: patience is 2, but no rows are held out");
  free(t);
}

static void unlabelled_rows_have_the_same_columns(void **state)
{
  (void)state;
  toy *t = new_toy(1), *other = new_toy(1);
  const kj_fit_options options = toy_options();
  other->data.path = "more.csv";
  other->data.n_inputs = 3;
  expect_refused(t, other, &options, KJ_ESHAPE,
                 "more.csv: 3 features; toy.csv has 4");
  other->data.n_inputs = 4;
  other->input[1] = "r";
  other->input[2] = "q";
  expect_refused(t, other, &options, KJ_ESHAPE,
                 "more.csv: feature 2 is 'r'; toy.csv has 'q'");
  other->data.x = NULL;
  expect_refused(t, other, &options, KJ_ESHAPE, "more.csv: 4 features");
  free(t);
  free(other);
}

/* ---- on the way ---- */

static bool stop(void *context)
{
  return --*(size_t *)context == 0;
}

static void failure_names_the_target(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  kj_fit_options options = toy_options();
  kj_error err = {0};
  options.output = KJ_ACTIVATION_RELU;
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->y[2 * i + 1] -= 30.0f;
  kj_fit *fit = new_fit(t, NULL, &options);
  check_error("dead", kj_fit_run_epoch(fit, NULL, NULL, &err), KJ_ETRAINING,
              &err, "activation: output 0 is 0 for all 40 training rows");
  kj_fit_destroy(fit);
  fit = new_fit(t, NULL, &options);
  size_t n_left = 2;
  check_error("stop", kj_fit_run_epoch(fit, stop, &n_left, &err),
              KJ_EINTERRUPTED, &err, "valence: stopped during epoch 1");
  kj_fit_destroy(fit);
  kj_fit_destroy(NULL);
  free(t);
}

static void fit_that_is_not_done_has_no_estimator(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  const kj_fit_options options = toy_options();
  kj_fit *fit = new_fit(t, NULL, &options);
  kj_estimator *estimator = NULL;
  kj_error err = {0};
  check_error("not done", kj_fit_estimator(fit, &estimator, &err), KJ_EARGUMENT,
              &err, "the fit is not done yet");
  assert_null(estimator);
  run_fit(fit);
  assert_int_equal(kj_fit_run_epoch(fit, NULL, NULL, &err), KJ_OK);
  kj_fit_destroy(fit);
  free(t);
}

/* ---- estimates ---- */

static void other_features_are_not_estimated(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  const kj_fit_options options = toy_options();
  kj_estimator *estimator = fit_estimator(t, &options);
  double values[TOY_ROWS] = {77.0};
  kj_error err = {0};
  t->data.n_inputs = 3;
  check_error("features",
              kj_estimate_rows(estimator, &t->data, all_rows(t), values, &err),
              KJ_ESHAPE, &err, "toy.csv: 3 features; the model has 4");
  t->data.n_inputs = 4;
  t->data.x = NULL;
  check_error("no features",
              kj_estimate_rows(estimator, &t->data, all_rows(t), values, &err),
              KJ_ESHAPE, &err, "the model has 4");
  assert_true(values[0] == 77.0);
  kj_estimator_destroy(estimator);
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(options_out_of_range_are_refused),
      cmocka_unit_test(data_without_use_are_refused),
      cmocka_unit_test(splits_without_use_are_refused),
      cmocka_unit_test(unlabelled_rows_have_the_same_columns),
      cmocka_unit_test(failure_names_the_target),
      cmocka_unit_test(fit_that_is_not_done_has_no_estimator),
      cmocka_unit_test(other_features_are_not_estimated),
  };
  return cmocka_run_group_tests_name("experiment failures", tests, NULL, NULL);
}
