/*
 * test_compare.c: permutation p values by hand and against each other, their
 * rate under the null hypothesis, and the intervals of differences.
 */
#include "metrics/support.h"

static kj_comparison compare(const kj_metric_rows *rows, const double *other)
{
  kj_comparison comparison;
  kj_error err = {0};
  if (kj_metrics_compare(rows, other, NULL, &comparison, &err) != KJ_OK)
    fail_msg("kj_metrics_compare: %s", err.message);
  return comparison;
}

/* Speakers of one row of truth 0: A is wrong by `a`, B by `b`. */
static kj_comparison compare_errors(const double *a, const double *b, size_t n)
{
  static const double truth[32];
  static size_t cluster[32];
  for (size_t i = 0; i < n; i++)
    cluster[i] = i;
  const kj_metric_rows rows = {truth, a, cluster, n, n};
  return compare(&rows, b);
}

/* The swaps change the signs of the differences d of each speaker; p is the
 * share of the 2^n signed sums at least as large as the one seen. */
static void p_by_hand(void **state)
{
  (void)state;
  static const struct {
    size_t n;
    double a[6], b[6];
    double p, difference;
  } cases[] = {
      {3, {1, 1, 1}, {2, 3, 5}, 2.0 / 8, -7.0 / 3},     /* d -1 -2 -4 */
      {3, {2, 1, 1}, {1, 3, 5}, 4.0 / 8, -5.0 / 3},     /* d 1 -2 -4 */
      {4, {1, 1, 1, 2}, {2, 2, 2, 1}, 10.0 / 16, -0.5}, /* ties: all but 0 */
      {5, {1, 2, 3, 4, 5}, {2, 4, 7, 9, 9}, 2.0 / 32, -16.0 / 5},
      {1, {1}, {2}, 1, -1},
      {2, {3, 2}, {3, 2}, 1, 0},
      {6, {.1, .2, .3, .1, .2, .3}, {.4, .5, .6, .4, .5, .6}, 2.0 / 64, -.3}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const kj_comparison c = compare_errors(cases[i].a, cases[i].b, cases[i].n);
    assert_true(c.exact);
    assert_int_equal(c.n_permutations, (size_t)1 << cases[i].n);
    check_near("p of mae", c.p[KJ_METRIC_MAE], cases[i].p, 1e-15);
    check_near("mae A - B", c.difference.mae, cases[i].difference, 1e-14);
  }
}

static void swapping_the_models_mirrors(void **state)
{
  (void)state;
  static sample s;
  static const size_t sizes[] = {4, 9, 18};
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    sample_draw(&s, sizes[k], 21);
    const kj_metric_rows ab = sample_rows(&s, sizes[k]);
    kj_metric_rows ba = ab;
    ba.estimate = s.other;
    const kj_comparison a = compare(&ab, s.other);
    const kj_comparison b = compare(&ba, s.estimate);
    for (size_t m = 0; m < KJ_N_METRICS; m++) {
      const char *name = kj_metric_name((kj_metric)m);
      check_near(name, a.p[m], b.p[m], 0);
      check_near(name, a.intervals.of[m].low, -b.intervals.of[m].high, 1e-12);
      check_near(name, kj_metric_value(&a.difference, (kj_metric)m),
                 kj_metric_value(&a.a, (kj_metric)m) -
                     kj_metric_value(&b.a, (kj_metric)m),
                 1e-15);
      check_near(name, kj_metric_value(&a.difference, (kj_metric)m),
                 (a.intervals.of[m].low + a.intervals.of[m].high) / 2, 1e-12);
    }
  }
}

/* 16 speakers are exact; a 17th whom both models get alike changes no swap's
 * rank in mae, so random swaps must agree within three standard errors. */
static void random_swaps_agree_with_all(void **state)
{
  (void)state;
  double a[17], b[17];
  for (uint64_t seed = 1; seed <= 5; seed++) {
    kj__random random = kj__random_stream(seed, KJ__PURPOSE_TEST, 0, 0);
    for (size_t i = 0; i < 17; i++) {
      a[i] = kj__random_uniform(&random);
      b[i] = 0.15 + kj__random_uniform(&random);
    }
    a[16] = b[16] = 1;
    const kj_comparison all = compare_errors(a, b, 16);
    const kj_comparison drawn = compare_errors(a, b, 17);
    assert_true(all.exact && all.n_permutations == 65536);
    assert_true(!drawn.exact && drawn.n_permutations == 10000);
    const double p = all.p[KJ_METRIC_MAE];
    check_near("random p", drawn.p[KJ_METRIC_MAE], p,
               3 * sqrt(p * (1 - p) / 10000) + 1e-4);
  }
}

/* 20 speakers all better: 2 of 2^20 swaps are as large, so no random one is,
 * and p is 1 / 10001, never 0. */
static void p_is_never_zero(void **state)
{
  (void)state;
  double a[20], b[20];
  for (size_t i = 0; i < 20; i++) {
    a[i] = 1;
    b[i] = 2;
  }
  check_near("p", compare_errors(a, b, 20).p[KJ_METRIC_MAE], 1.0 / 10001, 0);
}

/* Two models that differ by chance only: p <= .05 in 5 % of 400 data sets,
 * within three standard errors (.033); and those that differ: always less. */
static void rate_of_false_alarms(void **state)
{
  (void)state;
  static sample s;
  size_t n_alarms[KJ_N_METRICS] = {0};
  for (uint64_t seed = 1; seed <= 400; seed++) {
    sample_draw(&s, 8, seed);
    kj__random random = kj__random_stream(seed, KJ__PURPOSE_TEST, 5, 5);
    bool swap = false;
    for (size_t i = 0; i < s.n; i++) {
      if (i == 0 || s.cluster[i] != s.cluster[i - 1])
        swap = kj__random_uniform(&random) < 0.5;
      const double first = s.estimate[i];
      s.estimate[i] = swap ? s.other[i] : first;
      s.other[i] = swap ? first : s.other[i];
    }
    const kj_metric_rows rows = sample_rows(&s, 8);
    const kj_comparison c = compare(&rows, s.other);
    for (size_t m = 0; m < KJ_N_METRICS; m++)
      n_alarms[m] += c.p[m] <= 0.05;
  }
  for (size_t m = 0; m < KJ_N_METRICS; m++) {
    const double rate = (double)n_alarms[m] / 400;
    printf("%-9s p <= .05 in %.3f of data sets without a difference\n",
           kj_metric_name((kj_metric)m), rate);
    check_near(kj_metric_name((kj_metric)m), rate, 0.05, 0.033);
  }
}

/* The mean of the differences in 100 data sets of 100 speakers. */
static kj_metrics true_difference(void)
{
  static sample s;
  double truth[KJ_N_METRICS] = {0};
  for (uint64_t seed = 0; seed < 100; seed++) {
    sample_draw(&s, 100, 1000000 + seed);
    kj_metrics a, b;
    kj_metrics_compute(s.truth, s.estimate, s.n, &a, NULL);
    kj_metrics_compute(s.truth, s.other, s.n, &b, NULL);
    for (size_t m = 0; m < KJ_N_METRICS; m++)
      truth[m] += (kj_metric_value(&a, (kj_metric)m) -
                   kj_metric_value(&b, (kj_metric)m)) /
                  100;
  }
  return (kj_metrics){truth[0], truth[1], truth[2], truth[3], truth[4]};
}

/* 95 % intervals of the difference with 10 speakers: coverage .91 to .98. */
static void coverage_of_differences(void **state)
{
  (void)state;
  static sample s;
  enum { N = 400 };
  const kj_metrics truth = true_difference();
  double coverage[KJ_N_METRICS] = {0};
  for (uint64_t seed = 1; seed <= N; seed++) {
    sample_draw(&s, 10, seed);
    const kj_metric_rows rows = sample_rows(&s, 10);
    const kj_comparison c = compare(&rows, s.other);
    for (size_t m = 0; m < KJ_N_METRICS; m++) {
      const double value = kj_metric_value(&truth, (kj_metric)m);
      coverage[m] +=
          (c.intervals.of[m].low <= value && value <= c.intervals.of[m].high) /
          (double)N;
    }
  }
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    printf("%-9s coverage of A - B with 10 speakers %.3f\n",
           kj_metric_name((kj_metric)m), coverage[m]);
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    check_near(kj_metric_name((kj_metric)m), coverage[m], 0.945, 0.035);
}

static void the_same_and_the_undefined(void **state)
{
  (void)state;
  static sample s;
  sample_draw(&s, 10, 2);
  kj_metric_rows rows = sample_rows(&s, 10);
  const kj_comparison same = compare(&rows, s.estimate);
  for (size_t m = 0; m < KJ_N_METRICS; m++) {
    check_near("p of the same", same.p[m], 1, 0);
    check_near("low of the same", same.intervals.of[m].low, 0, 0);
    check_near("high of the same", same.intervals.of[m].high, 0, 0);
  }
  for (size_t i = 0; i < s.n; i++)
    s.other[i] = 3;
  const kj_comparison constant = compare(&rows, s.other);
  check_nan("p", constant.p[KJ_METRIC_PEARSON]);
  check_nan("difference", constant.difference.pearson);
  check_nan("low", constant.intervals.of[KJ_METRIC_PEARSON].low);
  check_near("p of ccc", constant.p[KJ_METRIC_CCC], 2.0 / 1024, 1e-15);
  check_near("ccc of B", constant.b.ccc, 0, 0);
  sample_draw(&s, 1, 2);
  rows = sample_rows(&s, 1);
  const kj_comparison one = compare(&rows, s.other);
  check_near("p of one speaker", one.p[KJ_METRIC_MAE], 1, 0);
  check_nan("low of one speaker", one.intervals.of[KJ_METRIC_MAE].low);
}

/* Two speakers; with one of them swapped, all of A or all of B is constant and
 * pearson undefined: such swaps count, so p is 4 / 4 and not 2 / 4. */
static void undefined_swaps_count(void **state)
{
  (void)state;
  const double truth[] = {1, 2, 3, 1, 2, 3};
  const double a[] = {2, 2, 2, 1, 3, 2};
  const double b[] = {3, 1, 2, 2, 2, 2};
  const size_t cluster[] = {0, 0, 0, 1, 1, 1};
  const kj_metric_rows rows = {truth, a, cluster, 6, 2};
  const kj_comparison c = compare(&rows, b);
  assert_true(c.difference.pearson > 0.1);
  check_near("p", c.p[KJ_METRIC_PEARSON], 1, 0);
}

static void same_seed_same_bits(void **state)
{
  (void)state;
  static sample s;
  sample_draw(&s, 18, 3);
  const kj_metric_rows rows = sample_rows(&s, 18);
  const kj_comparison first = compare(&rows, s.other);
  const kj_comparison again = compare(&rows, s.other);
  for (size_t m = 0; m < KJ_N_METRICS; m++) {
    check_near("p", again.p[m], first.p[m], 0);
    check_near("low", again.intervals.of[m].low, first.intervals.of[m].low, 0);
  }
}

static void every_error(void **state)
{
  (void)state;
  static const double y[] = {1, 2, 3};
  static const size_t c[] = {0, 1, 2};
  const double bad[] = {1, 2, HUGE_VAL};
  const kj_metric_rows good = {y, y, c, 3, 3};
  const kj_metric_rows no_truth = {NULL, y, c, 3, 3};
  const kj_metric_rows far = {y, y, c, 3, 1};
  kj_bootstrap_options level = kj_bootstrap_defaults();
  level.level = (double)NAN;
  kj_comparison out = {.n_permutations = 77};
  const struct {
    const kj_metric_rows *rows;
    const double *other;
    const kj_bootstrap_options *options;
    kj_comparison *out;
    kj_status status;
    const char *text;
  } calls[] = {
      {NULL, y, NULL, &out, KJ_EARGUMENT, "rows is NULL"},
      {&good, NULL, NULL, &out, KJ_EARGUMENT, "other is NULL"},
      {&good, y, NULL, NULL, KJ_EARGUMENT, "out is NULL"},
      {&good, y, &level, &out, KJ_EARGUMENT, "level is nan"},
      {&no_truth, y, NULL, &out, KJ_EARGUMENT, "truth is NULL"},
      {&far, y, NULL, &out, KJ_EDATA, "cluster[1] is 1; must be below"},
      {&good, bad, NULL, &out, KJ_EDATA, "other[2] is inf"},
  };
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    kj_error err = {0};
    check_failure(kj_metrics_compare(calls[i].rows, calls[i].other,
                                     calls[i].options, calls[i].out, &err),
                  &err, calls[i].status, calls[i].text);
    assert_int_equal(out.n_permutations, 77);
  }
}

static void every_allocation_fails_once(void **state)
{
  (void)state;
  static sample s;
  sample_draw(&s, 7, 2);
  const kj_metric_rows rows = sample_rows(&s, 7);
  size_t n_failed = 0;
  for (size_t at = 1;; at++) {
    failing f = {.fail_at = at};
    const kj_allocator allocator = failing_allocator(&f);
    kj_bootstrap_options options = kj_bootstrap_defaults();
    options.allocator = &allocator;
    kj_comparison out;
    const kj_status status =
        kj_metrics_compare(&rows, s.other, &options, &out, NULL);
    assert_int_equal(f.n_out, 0);
    if (status == KJ_OK)
      break;
    assert_int_equal(status, KJ_EMEMORY);
    n_failed++;
  }
  assert_int_equal(n_failed, 6);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(p_by_hand),
      cmocka_unit_test(swapping_the_models_mirrors),
      cmocka_unit_test(random_swaps_agree_with_all),
      cmocka_unit_test(p_is_never_zero),
      cmocka_unit_test(rate_of_false_alarms),
      cmocka_unit_test(coverage_of_differences),
      cmocka_unit_test(the_same_and_the_undefined),
      cmocka_unit_test(undefined_swaps_count),
      cmocka_unit_test(same_seed_same_bits),
      cmocka_unit_test(every_error),
      cmocka_unit_test(every_allocation_fails_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
