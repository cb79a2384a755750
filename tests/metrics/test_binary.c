/*
 * test_binary.c: the metrics of a classifier by their definitions, and the
 * coverage of their intervals by simulation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "kanjo/binary.h"
#include <math.h>
#include <string.h>

static kj_binary_metrics compute(const double *y, const double *p, size_t n)
{
  kj_binary_metrics m;
  kj_error err;
  if (kj_binary_metrics_compute(&(kj_binary_rows){y, p, n, NULL, 0}, &m,
                                &err) != KJ_OK)
    fail_msg("%s", err.message);
  return m;
}

static void assert_near(const char *what, double got, double want)
{
  if (!(fabs(got - want) <= 1e-12))
    fail_msg("%s is %.17g, must be %.17g", what, got, want);
}

static void a_small_table_by_hand(void **state)
{
  (void)state;
  const double y[] = {1, 1, 1, 0, 0};
  const double p[] = {0.9, 0.5, 0.25, 0.25, 0.125};
  const kj_binary_metrics m = compute(y, p, 5);
  assert_near("accuracy", m.accuracy, 0.8);
  assert_near("balanced accuracy", m.balanced_accuracy, (2.0 / 3.0 + 1.0) / 2);
  assert_near("auc", m.auc, (2.0 + 2.0 + 1.5) / 6.0);
  assert_near("log loss", m.log_loss,
              -(log(0.9) + log(0.5) + log(0.25) + log(0.75) + log(0.875)) / 5);
  assert_near("calibration error", m.calibration_error,
              (0.1 + 0.5 + 2 * fabs(0.5 - 0.25) + 0.125) / 5);
  assert_int_equal(m.count[1][1], 2);
  assert_int_equal(m.count[1][0], 1);
  assert_int_equal(m.count[0][1], 0);
  assert_int_equal(m.count[0][0], 2);
  assert_int_equal(m.bin[2].n, 2);
  assert_int_equal(m.bin[9].n, 1);
}

/* By every pair, with many ties. */
static void the_auc_is_a_share_of_pairs(void **state)
{
  (void)state;
  enum { N = 200 };
  double y[N], p[N], pairs = 0.0, better = 0.0;
  kj__random random = kj__random_stream(11, KJ__PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < N; i++) {
    y[i] = (double)kj__random_below(&random, 2);
    p[i] = (double)kj__random_below(&random, 9) / 8.0;
  }
  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < N; j++)
      if (y[i] > y[j]) {
        pairs += 1.0;
        better += p[i] > p[j] ? 1.0 : p[i] < p[j] ? 0.0 : 0.5;
      }
  assert_near("auc", compute(y, p, N).auc, better / pairs);
}

static void what_is_undefined_is_nan(void **state)
{
  (void)state;
  const double y[] = {1, 1}, p[] = {1.0, 0.0};
  const kj_binary_metrics m = compute(y, p, 2);
  assert_true(isnan(m.auc) && isnan(m.balanced_accuracy));
  assert_near("log loss", m.log_loss, -(log(1e-15) + log1p(-1e-15)) / 2.0);
}

static void what_is_wrong_is_named(void **state)
{
  (void)state;
  const double y[] = {1, 0.5}, z[] = {1, 0}, p[] = {0.5, 1.5}, q[] = {0.5, 0.5};
  const size_t cluster[] = {0, 7};
  kj_interval intervals[KJ_N_BINARY_METRICS];
  kj_binary_metrics m;
  kj_error err;
  assert_int_equal(
      kj_binary_metrics_compute(&(kj_binary_rows){y, q, 0, NULL, 0}, &m, &err),
      KJ_EARGUMENT);
  assert_int_equal(
      kj_binary_metrics_compute(&(kj_binary_rows){y, q, 2, NULL, 0}, &m, &err),
      KJ_EARGUMENT);
  assert_non_null(strstr(err.message, "truth of row 1"));
  assert_int_equal(
      kj_binary_metrics_compute(&(kj_binary_rows){z, p, 2, NULL, 0}, &m, &err),
      KJ_EARGUMENT);
  assert_non_null(strstr(err.message, "probability of row 1"));
  assert_int_equal(kj_binary_metrics_intervals(
                       &(kj_binary_rows){z, q, 2, cluster, 2}, intervals, &err),
                   KJ_EARGUMENT);
  assert_non_null(strstr(err.message, "cluster of row 1"));
}

enum { SPEAKERS = 20, ROWS = 30, TRIALS = 400 };

/* A row's score is that of its kind, of its speaker, and its own. */
static void draw(kj__random *random, double *y, double *p, size_t *cluster,
                 size_t n_speakers)
{
  for (size_t s = 0; s < n_speakers; s++) {
    const double speaker = kj__random_normal(random);
    for (size_t i = s * ROWS; i < (s + 1) * ROWS; i++) {
      y[i] = (double)kj__random_below(random, 2);
      const double score =
          1.5 * (y[i] - 0.5) + 0.7 * speaker + kj__random_normal(random);
      p[i] = 1.0 / (1.0 + exp(-score));
      cluster[i] = s;
    }
  }
}

/* The truth, from very many speakers. */
static kj_binary_metrics truth_of(kj__random *random)
{
  enum { MANY = 4000 };
  double *y = test_calloc(MANY * ROWS, sizeof *y);
  double *p = test_calloc(MANY * ROWS, sizeof *p);
  size_t *cluster = test_calloc(MANY * ROWS, sizeof *cluster);
  draw(random, y, p, cluster, MANY);
  const kj_binary_metrics m = compute(y, p, MANY * ROWS);
  test_free(y);
  test_free(p);
  test_free(cluster);
  return m;
}

static void intervals_cover_the_truth(void **state)
{
  (void)state;
  static const kj_binary_metric LOOKED_AT[] = {
      KJ_BINARY_ACCURACY, KJ_BINARY_BALANCED_ACCURACY, KJ_BINARY_AUC,
      KJ_BINARY_LOG_LOSS};
  kj__random random = kj__random_stream(12, KJ__PURPOSE_TEST, 0, 0);
  const kj_binary_metrics truth = truth_of(&random);
  double y[SPEAKERS * ROWS], p[SPEAKERS * ROWS];
  size_t cluster[SPEAKERS * ROWS], covered[KJ_N_BINARY_METRICS] = {0};
  kj_interval intervals[KJ_N_BINARY_METRICS];
  const kj_binary_rows rows = {y, p, SPEAKERS * ROWS, cluster, SPEAKERS};
  for (size_t t = 0; t < TRIALS; t++) {
    draw(&random, y, p, cluster, SPEAKERS);
    assert_int_equal(kj_binary_metrics_intervals(&rows, intervals, NULL),
                     KJ_OK);
    for (size_t m = 0; m < KJ_N_BINARY_METRICS; m++) {
      const double value = kj_binary_metric_value(&truth, (kj_binary_metric)m);
      covered[m] += intervals[m].low <= value && value <= intervals[m].high;
    }
  }
  for (size_t i = 0; i < sizeof LOOKED_AT / sizeof LOOKED_AT[0]; i++) {
    const char *name = kj_binary_metric_name(LOOKED_AT[i]);
    const double share = (double)covered[LOOKED_AT[i]] / TRIALS;
    print_message("%-18s covered %.3f of %d times\n", name, share, TRIALS);
    if (!(share >= 0.90 && share <= 0.985))
      fail_msg("95 %% intervals of %s cover %.3f; must be .90...985", name,
               share);
  }
}

static void one_speaker_gives_no_interval(void **state)
{
  (void)state;
  const double y[] = {1, 0}, p[] = {0.7, 0.2};
  const size_t cluster[] = {3, 3};
  kj_interval intervals[KJ_N_BINARY_METRICS];
  assert_int_equal(kj_binary_metrics_intervals(
                       &(kj_binary_rows){y, p, 2, cluster, 4}, intervals, NULL),
                   KJ_OK);
  assert_true(isnan(intervals[KJ_BINARY_AUC].low));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_small_table_by_hand),
      cmocka_unit_test(the_auc_is_a_share_of_pairs),
      cmocka_unit_test(what_is_undefined_is_nan),
      cmocka_unit_test(what_is_wrong_is_named),
      cmocka_unit_test(intervals_cover_the_truth),
      cmocka_unit_test(one_speaker_gives_no_interval),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
