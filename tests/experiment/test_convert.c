/*
 * test_convert.c: what a conversion of weights cost is measured rightly, and
 * the gate lets through what it should.
 */
#include "experiment/toy.h"

#include "kanjo/conversion.h"

static const kj_conversion_options OPEN = {.gate_mae = 4.0, .gate_ccc = 2.0};

typedef struct result {
  kj_status status;
  kj_error err;
  kj_conversion report;
  kj_estimator *to;
} result;

static result convert(const kj_estimator *from, kj_weights weights,
                      const kj_dataset *data, kj_conversion_options options)
{
  result r = {.to = NULL};
  options.weights = weights;
  r.status = kj_convert(from, data, &options, &r.report, &r.to, &r.err);
  assert_true((r.status == KJ_OK) == (r.to != NULL));
  return r;
}

static result converted(const kj_estimator *from, kj_weights weights,
                        const kj_dataset *data, kj_conversion_options options)
{
  const result r = convert(from, weights, data, options);
  if (r.status != KJ_OK)
    fail_msg("kj_convert: %s", r.err.message);
  return r;
}

/* MAE and CCC by their formulas, rows without a rating left out. */
static void measure(const double *f, size_t k, const toy *t, double *mae,
                    double *ccc)
{
  const size_t n_targets = t->data.n_targets;
  double n = 0, sy = 0, sf = 0, syy = 0, sff = 0, syf = 0, se = 0;
  for (size_t i = 0; i < TOY_ROWS; i++) {
    const double y = (double)t->y[i * n_targets + k];
    const double x = f[i * n_targets + k];
    if (isnan(y))
      continue;
    n++;
    sy += y;
    sf += x;
    syy += y * y;
    sff += x * x;
    syf += y * x;
    se += fabs(y - x);
  }
  const double my = sy / n, mf = sf / n;
  *mae = se / n;
  *ccc = 2.0 * (syf / n - my * mf) /
         (syy / n - my * my + sff / n - mf * mf + (my - mf) * (my - mf));
}

static void check_target(const toy *t, size_t k, const double *before,
                         const double *after, const kj_conversion_target *got)
{
  double mae, ccc, largest = 0.0;
  measure(before, k, t, &mae, &ccc);
  assert_near("MAE before", got->before.mae, mae, 1e-12);
  assert_near("CCC before", got->before.ccc, ccc, 1e-9);
  measure(after, k, t, &mae, &ccc);
  assert_near("MAE after", got->after.mae, mae, 1e-12);
  assert_near("CCC after", got->after.ccc, ccc, 1e-9);
  for (size_t i = 0; i < TOY_ROWS; i++)
    largest = fmax(largest, fabs(after[i * t->data.n_targets + k] -
                                 before[i * t->data.n_targets + k]));
  assert_true(largest > 0.0);
  assert_near("largest difference", got->largest_difference, largest, 0.0);
}

static void test_figures(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  const kj_fit_options options = toy_options();
  kj_estimator *from = fit_estimator(t, &options);
  t->y[2 * 3 + 1] = NAN;
  for (int w = KJ_WEIGHTS_BF16; w < KJ_N_WEIGHTS; w++) {
    const result r = converted(from, (kj_weights)w, &t->data, OPEN);
    double before[TOY_ROWS * 2], after[TOY_ROWS * 2];
    estimate_toy(from, t, before);
    estimate_toy(r.to, t, after);
    assert_int_equal(r.report.n_rows, TOY_ROWS);
    assert_int_equal(r.report.target[0].n_rows, TOY_ROWS);
    assert_int_equal(r.report.target[1].n_rows, TOY_ROWS - 1);
    for (size_t k = 0; k < 2; k++)
      check_target(t, k, before, after, &r.report.target[k]);
    assert_true(r.report.has_passed);
    kj_estimator_destroy(r.to);
  }
  kj_estimator_destroy(from);
  free(t);
}

/* Exactly what a conversion costs is let through, and not a hair less. */
static void test_gate(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  const kj_fit_options options = toy_options();
  kj_estimator *from = fit_estimator(t, &options);
  /* Ratings that the old estimates hit exactly: rounding can but harm. */
  double before[TOY_ROWS];
  estimate_toy(from, t, before);
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->y[i] = (float)before[i];
  const result exact = converted(from, KJ_WEIGHTS_INT8, &t->data, OPEN);
  const kj_conversion_target *cost = &exact.report.target[0];
  const double mae = cost->after.mae - cost->before.mae;
  const double ccc = cost->before.ccc - cost->after.ccc;
  assert_true(mae > 0.0 && ccc > 0.0);
  const struct {
    double mae, ccc;
    bool passes;
  } rows[] = {
      {mae * 1.001, ccc * 1.001, true},
      {mae * 0.999, ccc * 1.001, false},
      {mae * 1.001, ccc * 0.999, false},
      {0.0, 0.0, false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const kj_conversion_options gate = {KJ_WEIGHTS_INT8, rows[i].mae,
                                        rows[i].ccc};
    const result again = converted(from, KJ_WEIGHTS_INT8, &t->data, gate);
    if (again.report.has_passed != rows[i].passes ||
        again.report.target[0].has_passed != rows[i].passes)
      fail_msg("gate %zu: passed is %d", i, again.report.has_passed);
    kj_estimator_destroy(again.to);
  }
  kj_estimator_destroy(exact.to);
  kj_estimator_destroy(from);
  free(t);
}

/* The targets of the data may stand in another order, and be more. */
static void test_order_of_targets(void **state)
{
  (void)state;
  toy *one = new_toy(1), *three = new_toy(3);
  const kj_fit_options options = toy_options();
  kj_estimator *from = fit_estimator(one, &options);
  memcpy(three->x, one->x, sizeof one->x);
  strcpy(three->data.target[0], "dominance");
  strcpy(three->data.target[2], "valence");
  for (size_t i = 0; i < TOY_ROWS; i++)
    three->y[i * 3 + 2] = one->y[i];
  const result a = converted(from, KJ_WEIGHTS_BF16, &one->data, OPEN);
  const result b = converted(from, KJ_WEIGHTS_BF16, &three->data, OPEN);
  assert_near("MAE", b.report.target[0].after.mae, a.report.target[0].after.mae,
              0.0);
  kj_estimator_destroy(b.to);
  kj_estimator_destroy(a.to);
  kj_estimator_destroy(from);
  free(three);
  free(one);
}

/* An estimator that wants rows standardised per speaker is calibrated so. */
static void test_normalisation(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_fit_options options = toy_options();
  options.normalisation = KJ_NORMALISE_SPEAKER;
  kj_estimator *from = fit_estimator(t, &options);
  const result r = converted(from, KJ_WEIGHTS_INT8, &t->data, OPEN);
  /* 8 rows a speaker: no value beyond sqrt(7) standard deviations. */
  const float range = kj_estimator_get_parts(r.to)->part[0].range[0];
  assert_true(range > 1.0f && range <= 2.0f * 2.65f);
  assert_true(r.report.target[0].largest_difference < 0.05);
  kj_estimator_destroy(r.to);
  kj_estimator_destroy(from);
  free(t);
}

static void test_errors(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  const kj_fit_options options = toy_options();
  kj_estimator *from = fit_estimator(t, &options);
  result r = convert(from, KJ_WEIGHTS_INT8, &t->data,
                     (kj_conversion_options){.gate_mae = -0.01});
  check_error("MAE", r.status, KJ_EARGUMENT, &r.err, "gate is MAE -0.01");
  r = convert(from, KJ_WEIGHTS_INT8, &t->data,
              (kj_conversion_options){.gate_ccc = (double)NAN});
  check_error("CCC", r.status, KJ_EARGUMENT, &r.err, "must be at least 0");
  r = convert(from, KJ_WEIGHTS_FP32, &t->data, OPEN);
  check_error("kind", r.status, KJ_EARGUMENT, &r.err, "are fp32 already");

  strcpy(t->data.target[0], "joy");
  r = convert(from, KJ_WEIGHTS_INT8, &t->data, OPEN);
  check_error("target", r.status, KJ_EARGUMENT, &r.err,
              "toy.csv: no ratings of 'valence'");
  strcpy(t->data.target[0], "valence");
  t->data.n_inputs = 3;
  r = convert(from, KJ_WEIGHTS_INT8, &t->data, OPEN);
  check_error("columns", r.status, KJ_ESHAPE, &r.err, "3 features");
  t->data.n_inputs = TOY_INPUTS;
  t->data.n_rows = 1;
  r = convert(from, KJ_WEIGHTS_INT8, &t->data, OPEN);
  check_error("one row", r.status, KJ_EDATA, &r.err,
              "the CCC of 'valence' is not defined (1 rated rows)");
  t->data.n_rows = TOY_ROWS;
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->y[i] = NAN;
  r = convert(from, KJ_WEIGHTS_INT8, &t->data, OPEN);
  check_error("ratings", r.status, KJ_EDATA, &r.err, "no row has a rating");
  kj_estimator_destroy(from);
  free(t);
}

static void test_defaults(void **state)
{
  (void)state;
  const kj_conversion_options options = kj_conversion_defaults();
  assert_int_equal(options.weights, KJ_WEIGHTS_INT8);
  assert_near("MAE", options.gate_mae, 0.01, 0.0);
  assert_near("CCC", options.gate_ccc, 0.01, 0.0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_figures),
      cmocka_unit_test(test_gate),
      cmocka_unit_test(test_order_of_targets),
      cmocka_unit_test(test_normalisation),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_defaults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
