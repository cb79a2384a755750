/*
 * test_metrics.c: the five metrics against values by hand, their invariances,
 * and what they are where they are undefined.
 */
#include "metrics/sums.h"
#include "metrics/support.h"

static kj_metrics compute(const double *truth, const double *estimate, size_t n)
{
  kj_metrics metrics;
  kj_error err = {0};
  if (kj_metrics_compute(truth, estimate, n, &metrics, &err) != KJ_OK)
    fail_msg("kj_metrics_compute: %s", err.message);
  return metrics;
}

/* y 1 2 3 4, f 2 2 4 4: means 2.5 and 3, variances 5/4 and 1, covariance 1. */
static void values_by_hand(void **state)
{
  (void)state;
  const double y[] = {1, 2, 3, 4};
  const double f[] = {2, 2, 4, 4};
  const kj_metrics m = compute(y, f, 4);
  check_near("mae", m.mae, 0.5, 1e-15);
  check_near("rmse", m.rmse, sqrt(0.5), 1e-15);
  check_near("ccc", m.ccc, 2.0 / 2.5, 1e-15);
  check_near("pearson", m.pearson, 1 / sqrt(1.25), 1e-15);
  check_near("sd_ratio", m.sd_ratio, 1 / sqrt(1.25), 1e-15);
}

static void perfect_and_opposite(void **state)
{
  (void)state;
  const double y[] = {1.3, 2.7, 2.9, 4.4, 3.3};
  double opposite[5];
  for (size_t i = 0; i < 5; i++)
    opposite[i] = 6 - y[i];
  const kj_metrics perfect = compute(y, y, 5);
  check_near("mae", perfect.mae, 0, 0);
  check_near("rmse", perfect.rmse, 0, 0);
  check_near("ccc", perfect.ccc, 1, 0);
  check_near("pearson", perfect.pearson, 1, 1e-15);
  check_near("sd_ratio", perfect.sd_ratio, 1, 1e-15);
  check_near("opposite pearson", compute(y, opposite, 5).pearson, -1, 1e-15);
}

/* 0.1 seven times sums to something else than 0.7: constant must be seen. */
static void constant_estimates(void **state)
{
  (void)state;
  const double y[] = {1, 2, 3, 4, 5, 4, 3};
  double f[7];
  for (size_t i = 0; i < 7; i++)
    f[i] = 0.1;
  const kj_metrics m = compute(y, f, 7);
  check_near("ccc", m.ccc, 0, 0);
  check_near("sd_ratio", m.sd_ratio, 0, 0);
  check_nan("pearson", m.pearson);
  check_near("mae", m.mae, 22.0 / 7 - 0.1, 1e-15);
}

/* A speaker whose truth (or estimate) is constant, among others that vary: far
 * from the common origin its variance is the rounding of a difference, of
 * either sign, and must count as none. */
static void constant_part_of_the_rows(void **state)
{
  (void)state;
  const kj__origin origin = {0, 0};
  for (size_t n = 2; n < 300; n++) {
    double flat_truth[KJ__N_SUMS] = {0}, flat_estimate[KJ__N_SUMS] = {0};
    for (size_t i = 0; i < n; i++) {
      kj__sums_add(flat_truth, 0.1 + (double)n / 7, (double)i, origin);
      kj__sums_add(flat_estimate, (double)i, 0.1 + (double)n / 7, origin);
    }
    const kj_metrics undefined = kj__sums_metrics(flat_truth, origin);
    check_nan("ccc of constant truth", undefined.ccc);
    check_nan("sd_ratio of constant truth", undefined.sd_ratio);
    const kj_metrics zero = kj__sums_metrics(flat_estimate, origin);
    check_near("ccc of constant estimates", zero.ccc, 0, 0);
    check_near("sd_ratio of constant estimates", zero.sd_ratio, 0, 0);
    check_nan("pearson of constant estimates", zero.pearson);
  }
}

static void constant_truth(void **state)
{
  (void)state;
  const double y[] = {0.1, 0.1, 0.1};
  const double f[] = {1, 2, 4};
  const double *const estimates[] = {f, y};
  for (size_t i = 0; i < 2; i++) {
    const kj_metrics m = compute(y, estimates[i], 3);
    check_nan("ccc", m.ccc);
    check_nan("pearson", m.pearson);
    check_nan("sd_ratio", m.sd_ratio);
  }
  const kj_metrics one = compute(y, f, 1);
  check_near("mae of one row", one.mae, 0.9, 1e-15);
  check_nan("ccc of one row", one.ccc);
}

/* Means 0, sds 1 and 2, r = .6: ccc = 2 * .6 * 1 * 2 / (1 + 4 + bias^2). */
static void bias_lowers_ccc_only(void **state)
{
  (void)state;
  const double y[] = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1};
  double f[10];
  for (double bias = -3; bias <= 3; bias += 0.5) {
    for (size_t i = 0; i < 10; i++)
      f[i] = bias + 2 * (i < 8 ? y[i] : -y[i]);
    const kj_metrics m = compute(y, f, 10);
    check_near("pearson", m.pearson, 0.6, 1e-15);
    check_near("ccc", m.ccc, 2.4 / (5 + bias * bias), 1e-15);
  }
}

/* One origin and unit for both changes mae and rmse by the unit, the rest not
 * at all: units 1e-90..1e90 within rounding, and an offset of 1e6 within what
 * it leaves of the digits. */
static void units_and_offsets(void **state)
{
  (void)state;
  static const struct {
    double unit, offset, tolerance;
  } cases[] = {{1e-90, 0, 1e-13}, {1e90, 0, 1e-13}, {0.25, 1e6, 1e-8}};
  static sample s;
  for (uint64_t seed = 1; seed <= 5; seed++)
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
      sample_draw(&s, 10, seed);
      const kj_metrics m = compute(s.truth, s.estimate, s.n);
      for (size_t i = 0; i < s.n; i++) {
        s.truth[i] = cases[k].offset + cases[k].unit * s.truth[i];
        s.estimate[i] = cases[k].offset + cases[k].unit * s.estimate[i];
      }
      const kj_metrics scaled = compute(s.truth, s.estimate, s.n);
      const double tolerance = cases[k].tolerance;
      check_near("mae", scaled.mae / cases[k].unit, m.mae, tolerance);
      check_near("rmse", scaled.rmse / cases[k].unit, m.rmse, tolerance);
      check_near("ccc", scaled.ccc, m.ccc, tolerance);
      check_near("pearson", scaled.pearson, m.pearson, tolerance);
      check_near("sd_ratio", scaled.sd_ratio, m.sd_ratio, tolerance);
    }
}

static void inequalities(void **state)
{
  (void)state;
  static sample s;
  for (uint64_t seed = 1; seed <= 200; seed++) {
    sample_draw(&s, 1 + seed % 12, seed);
    const kj_metrics m = compute(s.truth, s.estimate, s.n);
    if (!(fabs(m.ccc) <= fabs(m.pearson)) || !(m.mae <= m.rmse) ||
        !(fabs(m.pearson) <= 1))
      fail_msg("seed %u: ccc %g pearson %g mae %g rmse %g", (unsigned)seed,
               m.ccc, m.pearson, m.mae, m.rmse);
  }
}

static void one_list(void **state)
{
  (void)state;
  static const char *const names[] = {"mae", "rmse", "ccc", "pearson",
                                      "sd_ratio"};
  static const kj_better better[] = {KJ_BETTER_LOWER, KJ_BETTER_LOWER,
                                     KJ_BETTER_HIGHER, KJ_BETTER_HIGHER,
                                     KJ_BETTER_NEAR_ONE};
  const kj_metrics m = {1, 2, 3, 4, 5};
  assert_int_equal(KJ_N_METRICS, 5);
  for (unsigned i = 0; i < KJ_N_METRICS; i++) {
    assert_string_equal(kj_metric_name((kj_metric)i), names[i]);
    assert_int_equal(kj_metric_better((kj_metric)i), better[i]);
    check_near(names[i], kj_metric_value(&m, (kj_metric)i), i + 1, 0);
  }
  assert_string_equal(kj_metric_name(KJ_N_METRICS), "unknown");
  assert_int_equal(kj_metric_better(KJ_N_METRICS), KJ_BETTER_LOWER);
  check_nan("no metric", kj_metric_value(&m, KJ_N_METRICS));
}

static void every_error(void **state)
{
  (void)state;
  const double good[] = {1, 2, 3};
  const double bad[] = {1, 2, (double)NAN};
  const double infinite[] = {HUGE_VAL, 2, 3};
  const double large[] = {1, -1.01e100, 3};
  const struct {
    const double *truth, *estimate;
    size_t n;
    kj_status status;
    const char *text;
  } cases[] = {{NULL, good, 3, KJ_EARGUMENT, "truth is NULL"},
               {good, NULL, 3, KJ_EARGUMENT, "estimate is NULL"},
               {good, good, 0, KJ_EARGUMENT, "n is 0"},
               {bad, good, 3, KJ_EDATA, "truth[2] is nan"},
               {good, bad, 3, KJ_EDATA, "estimate[2] is nan"},
               {good, infinite, 3, KJ_EDATA, "estimate[0] is inf"},
               {large, good, 3, KJ_EDATA, "truth[1] is -1.01e+100"}};
  kj_metrics m = {7, 7, 7, 7, 7};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    kj_error err = {0};
    check_failure(kj_metrics_compute(cases[i].truth, cases[i].estimate,
                                     cases[i].n, &m, &err),
                  &err, cases[i].status, cases[i].text);
    check_near("untouched mae", m.mae, 7, 0);
  }
  kj_error err = {0};
  check_failure(kj_metrics_compute(good, good, 3, NULL, &err), &err,
                KJ_EARGUMENT, "out is NULL");
  assert_int_equal(kj_metrics_compute(good, good, 3, NULL, NULL), KJ_EARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_by_hand),
      cmocka_unit_test(perfect_and_opposite),
      cmocka_unit_test(constant_estimates),
      cmocka_unit_test(constant_part_of_the_rows),
      cmocka_unit_test(constant_truth),
      cmocka_unit_test(bias_lowers_ccc_only),
      cmocka_unit_test(units_and_offsets),
      cmocka_unit_test(inequalities),
      cmocka_unit_test(one_list),
      cmocka_unit_test(every_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
