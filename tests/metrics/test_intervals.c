/*
 * test_intervals.c: how often the intervals hold the truth, in simulated
 * speakers whose truth is known; and the cases that have none.
 */
#include "metrics/clusters.h"
#include "metrics/quantile.h"
#include "metrics/support.h"

enum { N_DATA_SETS = 500, N_PERCENTILE = 1000, N_POPULATION = 100 };

static kj_metric_intervals intervals_of(const sample *s, size_t n_clusters)
{
  const kj_metric_rows rows = sample_rows(s, n_clusters);
  kj_metric_intervals intervals;
  kj_error err = {0};
  if (kj_metrics_intervals(&rows, NULL, &intervals, &err) != KJ_OK)
    fail_msg("kj_metrics_intervals: %s", err.message);
  return intervals;
}

/* The metrics of N_POPULATION data sets of 100 speakers each, pooled. */
static kj_metrics population(void)
{
  static sample s;
  const kj__origin origin = {3, 3};
  double sums[KJ__N_SUMS] = {0};
  for (uint64_t seed = 0; seed < N_POPULATION; seed++) {
    sample_draw(&s, 100, 1000000 + seed);
    for (size_t i = 0; i < s.n; i++)
      kj__sums_add(sums, s.truth[i], s.estimate[i], origin);
  }
  return kj__sums_metrics(sums, origin);
}

/* The percentile interval, for comparison: plain resamples of the clusters. */
static kj_metric_intervals percentile(const sample *s, size_t n_clusters,
                                      uint64_t seed)
{
  static double drawn[KJ_N_METRICS][N_PERCENTILE];
  const kj_metric_rows rows = sample_rows(s, n_clusters);
  kj__clusters clusters;
  assert_int_equal(kj__clusters_init(&clusters, &rows, NULL, NULL, NULL),
                   KJ_OK);
  kj__random random = kj__random_stream(seed, KJ__PURPOSE_TEST, 1, 1);
  for (size_t r = 0; r < N_PERCENTILE; r++) {
    double sums[KJ__N_SUMS] = {0};
    for (size_t c = 0; c < n_clusters; c++) {
      const size_t which = kj__random_below(&random, n_clusters);
      for (size_t k = 0; k < KJ__N_SUMS; k++)
        sums[k] += clusters.sums[which * KJ__N_SUMS + k];
    }
    const kj_metrics metrics = kj__sums_metrics(sums, clusters.origin);
    for (size_t m = 0; m < KJ_N_METRICS; m++)
      drawn[m][r] = kj_metric_value(&metrics, (kj_metric)m);
  }
  kj__clusters_clear(&clusters);
  kj_metric_intervals result;
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    result.of[m] = (kj_interval){kj__quantile(drawn[m], N_PERCENTILE, 0.025),
                                 kj__quantile(drawn[m], N_PERCENTILE, 0.975)};
  return result;
}

static bool holds(kj_interval interval, double value)
{
  return interval.low <= value && value <= interval.high;
}

typedef struct coverage {
  double ours[KJ_N_METRICS];
  double percentile[KJ_N_METRICS];
} coverage;

static coverage simulate(size_t n_clusters, const kj_metrics *truth)
{
  static sample s;
  coverage seen = {{0}, {0}};
  for (uint64_t seed = 1; seed <= N_DATA_SETS; seed++) {
    sample_draw(&s, n_clusters, seed);
    const kj_metric_intervals ours = intervals_of(&s, n_clusters);
    const kj_metric_intervals plain = percentile(&s, n_clusters, seed);
    for (size_t m = 0; m < KJ_N_METRICS; m++) {
      const double value = kj_metric_value(truth, (kj_metric)m);
      seen.ours[m] += holds(ours.of[m], value) / (double)N_DATA_SETS;
      seen.percentile[m] += holds(plain.of[m], value) / (double)N_DATA_SETS;
    }
  }
  return seen;
}

/* 95 % intervals of few speakers: coverage of mae and ccc .92 to .98, of the
 * others .91 to .98 (three standard errors of 500 data sets are .029; with 4000
 * it was .94 to .97); percentile intervals stay below ours. */
static void coverage_of_few_speakers(void **state)
{
  (void)state;
  static const size_t sizes[] = {4, 10, 14};
  const kj_metrics truth = population();
  printf("coverage of 95 %% intervals, %d data sets\n%-10s %-9s %-10s %-10s\n",
         N_DATA_SETS, "speakers", "metric", "kanjo", "percentile");
  bool good = true;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    const coverage seen = simulate(sizes[i], &truth);
    for (size_t m = 0; m < KJ_N_METRICS; m++) {
      printf("%-10zu %-9s %-10.3f %-10.3f\n", sizes[i],
             kj_metric_name((kj_metric)m), seen.ours[m], seen.percentile[m]);
      const double least =
          m == KJ_METRIC_MAE || m == KJ_METRIC_CCC ? 0.92 : 0.91;
      good &= seen.ours[m] >= least && seen.ours[m] <= 0.98 &&
              seen.percentile[m] < seen.ours[m];
    }
  }
  if (!good)
    fail_msg("a coverage above is out of bounds, or below percentile's");
}

static void same_seed_same_bits(void **state)
{
  (void)state;
  static sample s;
  sample_draw(&s, 10, 3);
  const kj_metric_rows rows = sample_rows(&s, 10);
  kj_metric_intervals first, again, other_seed;
  kj_bootstrap_options options = kj_bootstrap_defaults();
  assert_int_equal(kj_metrics_intervals(&rows, NULL, &first, NULL), KJ_OK);
  assert_int_equal(kj_metrics_intervals(&rows, &options, &again, NULL), KJ_OK);
  options.seed = 2;
  assert_int_equal(kj_metrics_intervals(&rows, &options, &other_seed, NULL),
                   KJ_OK);
  assert_memory_equal(&first, &again, sizeof first);
  for (size_t m = 0; m < KJ_N_METRICS; m++) {
    assert_true(first.of[m].low != other_seed.of[m].low);
    const double width = first.of[m].high - first.of[m].low;
    check_near("low at another seed", other_seed.of[m].low, first.of[m].low,
               0.1 * width);
  }
}

/* Each interval holds its metric, and a higher level holds a lower one's. */
static void levels_are_nested(void **state)
{
  (void)state;
  static sample s;
  static const double levels[] = {0.5, 0.8, 0.95, 0.99};
  static const size_t sizes[] = {2, 5, 6, 12};
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    sample_draw(&s, sizes[k], 5);
    const kj_metric_rows rows = sample_rows(&s, sizes[k]);
    kj_metrics metrics;
    kj_metric_intervals inner = {0};
    kj_metrics_compute(s.truth, s.estimate, s.n, &metrics, NULL);
    for (size_t m = 0; m < KJ_N_METRICS; m++)
      inner.of[m].low = inner.of[m].high =
          kj_metric_value(&metrics, (kj_metric)m);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
      kj_bootstrap_options options = kj_bootstrap_defaults();
      kj_metric_intervals outer;
      options.level = levels[i];
      assert_int_equal(kj_metrics_intervals(&rows, &options, &outer, NULL),
                       KJ_OK);
      for (size_t m = 0; m < KJ_N_METRICS; m++)
        if (!(outer.of[m].low < inner.of[m].low) ||
            !(outer.of[m].high > inner.of[m].high))
          fail_msg("%s of %zu speakers at %g: %.17g..%.17g within %.17g..%.17g",
                   kj_metric_name((kj_metric)m), sizes[k], levels[i],
                   outer.of[m].low, outer.of[m].high, inner.of[m].low,
                   inner.of[m].high);
      inner = outer;
    }
  }
}

/* Row order, gaps in the cluster numbers and a common offset change nothing
 * but rounding; a unit scales mae and rmse. */
static void invariances(void **state)
{
  (void)state;
  static sample s, turned;
  sample_draw(&s, 8, 11);
  turned = s;
  for (size_t i = 0; i < s.n; i++) {
    const size_t from = s.n - 1 - i;
    turned.truth[i] = 100 + 2 * s.truth[from];
    turned.estimate[i] = 100 + 2 * s.estimate[from];
    turned.cluster[i] = 3 * s.cluster[from] + 1;
  }
  const kj_metric_intervals a = intervals_of(&s, 8);
  const kj_metric_intervals b = intervals_of(&turned, 30);
  for (size_t m = 0; m < KJ_N_METRICS; m++) {
    const double unit = m == KJ_METRIC_MAE || m == KJ_METRIC_RMSE ? 2 : 1;
    check_near("low", b.of[m].low, unit * a.of[m].low, 1e-9);
    check_near("high", b.of[m].high, unit * a.of[m].high, 1e-9);
  }
}

/* Two clusters: g -+ t_1 s with s = |g(a) - g(b)| / 2, by hand for mae. */
static void two_clusters_by_hand(void **state)
{
  (void)state;
  const double truth[] = {1, 2, 3, 4};
  const double estimate[] = {1.5, 2.5, 4, 3};
  const size_t cluster[] = {0, 0, 1, 1};
  const kj_metric_rows rows = {truth, estimate, cluster, 4, 2};
  kj_metric_intervals intervals;
  assert_int_equal(kj_metrics_intervals(&rows, NULL, &intervals, NULL), KJ_OK);
  const double half = 12.706204736432095 * log(2) / 2;
  const kj_interval mae = intervals.of[KJ_METRIC_MAE];
  check_near("low", log(mae.low), log(0.75) - half, 1e-9);
  check_near("high", log(mae.high), log(0.75) + half, 1e-9);
}

static void check_interval(const char *what, kj_interval seen, double low,
                           double high)
{
  const bool same = isnan(low) ? isnan(seen.low) && isnan(seen.high)
                               : seen.low == low && seen.high == high;
  if (!same)
    fail_msg("%s is %.17g..%.17g; must be %.17g..%.17g", what, seen.low,
             seen.high, low, high);
}

static void one_cluster_has_none(void **state)
{
  (void)state;
  static sample s;
  const double none = (double)NAN;
  sample_draw(&s, 1, 1);
  const kj_metric_intervals one = intervals_of(&s, 1);
  const kj_metric_intervals one_used = intervals_of(&s, 9);
  memcpy(s.estimate, s.truth, sizeof s.estimate);
  const kj_metric_intervals perfect = intervals_of(&s, 1);
  for (size_t m = 0; m < KJ_N_METRICS; m++) {
    check_interval("of one cluster", one.of[m], none, none);
    check_interval("of one used cluster", one_used.of[m], none, none);
    check_interval("of one perfect cluster", perfect.of[m], none, none);
  }
}

static void perfect_and_constant(void **state)
{
  (void)state;
  static sample s;
  static const size_t sizes[] = {3, 10};
  for (size_t k = 0; k < 2; k++) {
    sample_draw(&s, sizes[k], 4);
    for (size_t i = 0; i < s.n; i++)
      s.estimate[i] = 0.1;
    const kj_metric_intervals constant = intervals_of(&s, sizes[k]);
    check_interval("constant ccc", constant.of[KJ_METRIC_CCC], 0, 0);
    check_interval("constant sd", constant.of[KJ_METRIC_SD_RATIO], 0, 0);
    check_interval("constant pearson", constant.of[KJ_METRIC_PEARSON],
                   (double)NAN, (double)NAN);
    assert_true(constant.of[KJ_METRIC_MAE].low <
                constant.of[KJ_METRIC_MAE].high);
    memcpy(s.estimate, s.truth, sizeof s.estimate);
    const kj_metric_intervals perfect = intervals_of(&s, sizes[k]);
    check_interval("perfect mae", perfect.of[KJ_METRIC_MAE], 0, 0);
    check_interval("perfect rmse", perfect.of[KJ_METRIC_RMSE], 0, 0);
    check_interval("perfect ccc", perfect.of[KJ_METRIC_CCC], 1, 1);
    check_near("perfect sd low", perfect.of[KJ_METRIC_SD_RATIO].low, 1, 1e-12);
    check_near("perfect sd high", perfect.of[KJ_METRIC_SD_RATIO].high, 1,
               1e-12);
  }
}

/* All errors, or all spread of the truth, from one of eight speakers: without
 * it the metric is at an end, or undefined. */
static void everything_hangs_on_one(void **state)
{
  (void)state;
  static sample s;
  const double none = (double)NAN;
  sample_draw(&s, 8, 6);
  static sample one_errs, one_varies;
  one_errs = one_varies = s;
  for (size_t i = 0; i < s.n; i++)
    if (s.cluster[i] != 3) {
      one_errs.estimate[i] = one_errs.truth[i];
      one_varies.truth[i] = 2.7;
    }
  const kj_metric_intervals errs = intervals_of(&one_errs, 8);
  check_interval("mae", errs.of[KJ_METRIC_MAE], none, none);
  check_interval("rmse", errs.of[KJ_METRIC_RMSE], none, none);
  check_interval("ccc", errs.of[KJ_METRIC_CCC], none, none);
  const kj_metric_intervals varies = intervals_of(&one_varies, 8);
  check_interval("ccc", varies.of[KJ_METRIC_CCC], none, none);
  check_interval("pearson", varies.of[KJ_METRIC_PEARSON], none, none);
  check_interval("sd_ratio", varies.of[KJ_METRIC_SD_RATIO], none, none);
  assert_true(varies.of[KJ_METRIC_MAE].low < varies.of[KJ_METRIC_MAE].high);
}

/* Two of six speakers vary: (4/6)^6 + 6 * 2/6 (4/6)^5 + ... of the replicates
 * have no t*, more than 5 %, so q is infinite: no interval. */
static void too_many_replicates_degenerate(void **state)
{
  (void)state;
  static sample s;
  sample_draw(&s, 6, 8);
  for (size_t i = 0; i < s.n; i++)
    if (s.cluster[i] > 1)
      s.truth[i] = 2.7;
  const kj_metric_intervals intervals = intervals_of(&s, 6);
  check_interval("ccc", intervals.of[KJ_METRIC_CCC], (double)NAN, (double)NAN);
  assert_true(intervals.of[KJ_METRIC_MAE].low <
              intervals.of[KJ_METRIC_MAE].high);
}

typedef struct bad_call {
  kj_metric_rows rows;
  kj_bootstrap_options options;
  kj_status status;
  const char *text;
} bad_call;

static void every_error(void **state)
{
  (void)state;
  static const double y[] = {1, 2, 3};
  static const size_t c[] = {0, 1, 2};
  const double bad[] = {1, (double)NAN, 3};
  const kj_metric_rows good = {y, y, c, 3, 3};
  const kj_bootstrap_options usual = kj_bootstrap_defaults();
  const bad_call calls[] = {
      {{NULL, y, c, 3, 3}, usual, KJ_EARGUMENT, "truth is NULL"},
      {{y, NULL, c, 3, 3}, usual, KJ_EARGUMENT, "estimate is NULL"},
      {{y, y, NULL, 3, 3}, usual, KJ_EARGUMENT, "cluster is NULL"},
      {{y, y, c, 0, 3}, usual, KJ_EARGUMENT, "n is 0"},
      {{y, y, c, 3, 0}, usual, KJ_EARGUMENT, "n_clusters is 0"},
      {{y, y, c, 3, 2}, usual, KJ_EDATA, "cluster[2] is 2; must be below"},
      {{bad, y, c, 3, 3}, usual, KJ_EDATA, "truth[1] is nan"},
      {{y, bad, c, 3, 3}, usual, KJ_EDATA, "estimate[1] is nan"},
      {good, {.level = 0, .n_replicates = 200}, KJ_EARGUMENT, "level is 0"},
      {good, {.level = 1, .n_replicates = 200}, KJ_EARGUMENT, "level is 1"},
      {good, {.level = 0.9, .n_replicates = 99}, KJ_EARGUMENT, "is 99"},
      {good, {.level = 0.9, .n_replicates = 1000001}, KJ_EARGUMENT, "1000001"},
      {{y, y, c, 3, SIZE_MAX / 4}, usual, KJ_EMEMORY, "sums"}};
  kj_metric_intervals out;
  memset(&out, 1, sizeof out);
  const kj_metric_intervals before = out;
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    kj_error err = {0};
    const kj_status status =
        kj_metrics_intervals(&calls[i].rows, &calls[i].options, &out, &err);
    check_failure(status, &err, calls[i].status, calls[i].text);
  }
  kj_error err = {0};
  check_failure(kj_metrics_intervals(NULL, NULL, &out, &err), &err,
                KJ_EARGUMENT, "rows is NULL");
  check_failure(kj_metrics_intervals(&good, NULL, NULL, &err), &err,
                KJ_EARGUMENT, "out is NULL");
  assert_memory_equal(&out, &before, sizeof out);
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
    kj_metric_intervals out;
    const kj_status status = kj_metrics_intervals(&rows, &options, &out, NULL);
    assert_int_equal(f.n_out, 0);
    if (status == KJ_OK)
      break;
    assert_int_equal(status, KJ_EMEMORY);
    n_failed++;
  }
  assert_int_equal(n_failed, 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(coverage_of_few_speakers),
      cmocka_unit_test(same_seed_same_bits),
      cmocka_unit_test(levels_are_nested),
      cmocka_unit_test(invariances),
      cmocka_unit_test(two_clusters_by_hand),
      cmocka_unit_test(one_cluster_has_none),
      cmocka_unit_test(perfect_and_constant),
      cmocka_unit_test(everything_hangs_on_one),
      cmocka_unit_test(too_many_replicates_degenerate),
      cmocka_unit_test(every_error),
      cmocka_unit_test(every_allocation_fails_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
