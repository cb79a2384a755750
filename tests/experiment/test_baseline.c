/*
 * test_baseline.c: the rows that every table begins with: the mean rating, and
 * ridge regression on standardised features.
 */
#include "experiment/toy.h"

#include "kanjo/ridge.h"

static toy *weighted_toy(void)
{
  toy *t = new_toy(2);
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->row[i].weight = 0.5 + 0.25 * (double)(i % 4);
  for (size_t i = 3; i < TOY_ROWS; i += 6)
    t->y[2 * i + 1] = NAN;
  return t;
}

static kj_fit_options method_options(kj_method method)
{
  kj_fit_options options = held_out_options();
  options.method = method;
  options.joint = true; /* means nothing here: each target is by itself */
  return options;
}

static void constant_is_the_weighted_mean(void **state)
{
  (void)state;
  toy *t = weighted_toy();
  const kj_fit_options options = method_options(KJ_METHOD_CONSTANT);
  unsigned char held_out[TOY_ROWS];
  double values[TOY_ROWS * 2];
  find_held_out(t, &options, held_out);
  kj_estimator *estimator = fit_estimator(t, &options);
  estimate_toy(estimator, t, values);
  for (size_t k = 0; k < 2; k++) {
    double sum = 0, weights = 0;
    for (size_t i = 0; i < TOY_ROWS; i++) {
      const double y = (double)t->y[2 * i + k];
      if (held_out[i] || isnan(y))
        continue;
      sum += t->row[i].weight * y;
      weights += t->row[i].weight;
    }
    for (size_t i = 0; i < TOY_ROWS; i++)
      assert_near("constant", values[2 * i + k], sum / weights, 1e-6);
    assert_true(values[k] == values[2 * (TOY_ROWS - 1) + k]);
  }
  kj_estimator_destroy(estimator);
  free(t);
}

/* Training rows of target k as kj_ridge_fit wants them. */
typedef struct ridge_rows {
  float x[TOY_ROWS * TOY_INPUTS];
  double y[TOY_ROWS], weight[TOY_ROWS];
  size_t group[TOY_ROWS], n;
} ridge_rows;

static void take_ridge_rows(const toy *t, const kj_scaler *scaler,
                            const unsigned char *held_out, size_t k,
                            ridge_rows *rows)
{
  rows->n = 0;
  for (size_t i = 0; i < TOY_ROWS; i++) {
    if (held_out[i] || isnan(t->y[2 * i + k]))
      continue;
    kj_scaler_apply(scaler, t->x + i * TOY_INPUTS, 1,
                    rows->x + rows->n * TOY_INPUTS);
    rows->y[rows->n] = (double)t->y[2 * i + k];
    rows->weight[rows->n] = t->row[i].weight;
    rows->group[rows->n++] = t->row[i].group[KJ_GROUP_SPEAKER];
  }
  double sum = 0;
  for (size_t i = 0; i < rows->n; i++)
    sum += rows->weight[i];
  for (size_t i = 0; i < rows->n; i++) /* to a mean of 1, as a fit has it */
    rows->weight[i] *= (double)rows->n / sum;
}

static void check_ridge(const toy *t, const ridge_rows *rows, size_t k,
                        const kj_scaler *scaler, const double *values)
{
  const kj_ridge_problem problem = {.x = rows->x,
                                    .y = rows->y,
                                    .weight = rows->weight,
                                    .group = rows->group,
                                    .n_rows = rows->n,
                                    .n_in = TOY_INPUTS};
  double w[TOY_INPUTS], intercept, penalty;
  assert_int_equal(kj_ridge_fit(&problem, w, &intercept, &penalty, NULL),
                   KJ_OK);
  for (size_t i = 0; i < TOY_ROWS; i++) {
    float x[TOY_INPUTS];
    double expected = intercept;
    kj_scaler_apply(scaler, t->x + i * TOY_INPUTS, 1, x);
    for (size_t j = 0; j < TOY_INPUTS; j++)
      expected += w[j] * (double)x[j];
    assert_near("ridge", values[2 * i + k], expected, 2e-6);
  }
}

static void ridge_is_that_of_the_scaled_rows(void **state)
{
  (void)state;
  toy *t = weighted_toy();
  const kj_fit_options options = method_options(KJ_METHOD_RIDGE);
  unsigned char held_out[TOY_ROWS];
  double values[TOY_ROWS * 2];
  ridge_rows rows;
  find_held_out(t, &options, held_out);
  kj_estimator *estimator = fit_estimator(t, &options);
  const kj_scaler *scaler = &kj_estimator_get_parts(estimator)->scaler;
  estimate_toy(estimator, t, values);
  for (size_t k = 0; k < 2; k++) {
    take_ridge_rows(t, scaler, held_out, k, &rows);
    check_ridge(t, &rows, k, scaler, values);
  }
  kj_estimator_destroy(estimator);
  free(t);
}

/* Ridge finds the line that the toy is made of; the mean does not. */
static void ridge_learns(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  double mae[2];
  static const kj_method methods[2] = {KJ_METHOD_CONSTANT, KJ_METHOD_RIDGE};
  for (size_t m = 0; m < 2; m++) {
    const kj_fit_options options = method_options(methods[m]);
    unsigned char held_out[TOY_ROWS];
    double values[TOY_ROWS], n = 0;
    find_held_out(t, &options, held_out);
    kj_estimator *estimator = fit_estimator(t, &options);
    estimate_toy(estimator, t, values);
    mae[m] = 0;
    for (size_t i = 0; i < TOY_ROWS; i++)
      if (held_out[i]) {
        mae[m] += fabs(values[i] - (double)t->y[i]);
        n++;
      }
    mae[m] /= n;
    kj_estimator_destroy(estimator);
  }
  print_message("held-out MAE: constant %.3f, ridge %.3f\n", mae[0], mae[1]);
  assert_true(mae[1] < 0.6 * mae[0]);
  free(t);
}

static void baselines_are_done_at_once(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  for (kj_method m = KJ_METHOD_RIDGE; m <= KJ_METHOD_CONSTANT; m++) {
    const kj_fit_options options = method_options(m);
    kj_fit *fit = new_fit(t, NULL, &options);
    assert_true(kj_fit_is_done(fit));
    assert_int_equal(kj_fit_trainers(fit), 0);
    assert_int_equal(kj_fit_run_epoch(fit, NULL, NULL, NULL), KJ_OK);
    kj_fit_destroy(fit);
  }
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(constant_is_the_weighted_mean),
      cmocka_unit_test(ridge_is_that_of_the_scaled_rows),
      cmocka_unit_test(ridge_learns),
      cmocka_unit_test(baselines_are_done_at_once),
  };
  return cmocka_run_group_tests_name("experiment baseline", tests, NULL, NULL);
}
