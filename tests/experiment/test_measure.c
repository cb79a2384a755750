/*
 * test_measure.c: metrics over the rows that have a rating, and intervals over
 * their speakers.
 */
#include "experiment/toy.h"

enum { STRIDE = 3 };

/* Estimates of the toy: rating plus something, at values[i * STRIDE]. */
static void draw_estimates(const toy *t, uint64_t seed, double *values)
{
  kj__random random = test_stream(seed, 5);
  for (size_t i = 0; i < TOY_ROWS * STRIDE; i++)
    values[i] = (double)NAN;
  for (size_t i = 0; i < TOY_ROWS; i++) {
    const float y = t->y[i * t->data.n_targets];
    values[i * STRIDE] = (isnan(y) ? 3.0 : 0.7 * (double)y + 1.0) +
                         0.3 * kj__random_normal(&random);
  }
}

static kj_bootstrap_options small_bootstrap(void)
{
  kj_bootstrap_options options = kj_bootstrap_defaults();
  options.n_replicates = 200;
  return options;
}

/* The rows by hand: those of `rows` with a rating of target 0, in order. */
typedef struct gathered {
  double truth[TOY_ROWS], a[TOY_ROWS], b[TOY_ROWS];
  size_t cluster[TOY_ROWS], n, n_clusters;
} gathered;

static void gather(const toy *t, kj_rows rows, const double *a, const double *b,
                   bool by_speaker, gathered *g)
{
  size_t number[TOY_SPEAKERS] = {0};
  *g = (gathered){0};
  for (size_t i = 0; i < rows.n; i++) {
    const size_t row = kj__row(rows, i);
    const float y = t->y[row * t->data.n_targets];
    if (isnan(y))
      continue;
    g->truth[g->n] = (double)y;
    g->a[g->n] = a[i * STRIDE];
    g->b[g->n] = b[i * STRIDE];
    const size_t speaker = row / TOY_ROWS_EACH;
    if (by_speaker && number[speaker] == 0)
      number[speaker] = ++g->n_clusters;
    g->cluster[g->n] = by_speaker ? number[speaker] - 1 : g->n;
    g->n++;
  }
  if (!by_speaker)
    g->n_clusters = g->n;
}

static kj_metric_rows metric_rows(const gathered *g)
{
  return (kj_metric_rows){g->truth, g->a, g->cluster, g->n, g->n_clusters};
}

static void check_measured(const toy *t, kj_rows rows, bool by_speaker)
{
  const kj_bootstrap_options options = small_bootstrap();
  double a[TOY_ROWS * STRIDE], b[TOY_ROWS * STRIDE];
  gathered g;
  kj_result result;
  kj_comparison comparison, expected_comparison;
  kj_metrics metrics;
  kj_metric_intervals intervals;
  draw_estimates(t, 1, a);
  draw_estimates(t, 2, b);
  gather(t, rows, a, b, by_speaker, &g);
  const kj_metric_rows by_hand = metric_rows(&g);
  assert_int_equal(kj_metrics_compute(g.truth, g.a, g.n, &metrics, NULL), 0);
  assert_int_equal(kj_metrics_intervals(&by_hand, &options, &intervals, NULL),
                   0);
  assert_int_equal(
      kj_metrics_compare(&by_hand, g.b, &options, &expected_comparison, NULL),
      0);
  assert_int_equal(
      kj_measure(&t->data, rows, 0, a, STRIDE, &options, &result, NULL), KJ_OK);
  assert_int_equal(kj_measure_difference(&t->data, rows, 0, a, b, STRIDE,
                                         &options, &comparison, NULL),
                   KJ_OK);
  assert_int_equal(result.n_rows, g.n);
  assert_int_equal(result.n_speakers, by_speaker ? g.n_clusters : 0);
  assert_memory_equal(&result.metrics, &metrics, sizeof metrics);
  assert_memory_equal(&result.intervals, &intervals, sizeof intervals);
  assert_memory_equal(&comparison.difference, &expected_comparison.difference,
                      sizeof comparison.difference);
  assert_memory_equal(&comparison.intervals, &expected_comparison.intervals,
                      sizeof comparison.intervals);
  assert_memory_equal(comparison.p, expected_comparison.p, sizeof comparison.p);
  assert_true(result.metrics.mae > 0.0 && isfinite(result.intervals.of[0].low));
}

static void measured_by_speaker(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  check_measured(t, all_rows(t), true);
  for (size_t i = 0; i < TOY_ROWS; i += 5)
    t->y[2 * i] = NAN;
  check_measured(t, all_rows(t), true);
  free(t);
}

/* Rows of three speakers, mixed: numbered as they come. */
static void measured_on_some_rows(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  size_t index[18];
  for (size_t i = 0; i < 18; i++)
    index[i] = (TOY_ROWS - 1) - (i * 8 + i / 3) % 24;
  t->y[2 * index[4]] = NAN;
  check_measured(t, (kj_rows){index, 18}, true);
  free(t);
}

static void without_speakers_rows_are_clusters(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  drop_groups(t, KJ_GROUP_SPEAKER);
  check_measured(t, all_rows(t), false);
  free(t);
}

/* One voice says nothing of other voices: no interval, rather than a narrow
 * one over its rows. */
static void one_speaker_has_no_interval(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  const kj_bootstrap_options options = small_bootstrap();
  double a[TOY_ROWS * STRIDE];
  kj_result result;
  drop_groups(t, KJ_GROUP_SPEAKER);
  t->data.groups[KJ_GROUP_SPEAKER].name = t->speaker; /* "ann" */
  draw_estimates(t, 1, a);
  assert_int_equal(
      kj_measure(&t->data, all_rows(t), 0, a, STRIDE, &options, &result, NULL),
      KJ_OK);
  assert_int_equal(result.n_speakers, 1);
  assert_true(isfinite(result.metrics.mae));
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    assert_true(isnan(result.intervals.of[m].low));
  free(t);
}

static void nothing_to_measure_is_an_error(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  const kj_bootstrap_options options = small_bootstrap();
  double a[TOY_ROWS * STRIDE];
  kj_result result = {.n_rows = 77};
  kj_comparison comparison;
  kj_error err = {0};
  draw_estimates(t, 1, a);
  a[9 * STRIDE] = (double)NAN;
  check_error(
      "NaN",
      kj_measure(&t->data, all_rows(t), 0, a, STRIDE, &options, &result, &err),
      KJ_EDATA, &err, "9");
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->y[2 * i + 1] = NAN;
  const char *part = "toy.csv: no row has a rating of 'activation'";
  check_error(
      "measure",
      kj_measure(&t->data, all_rows(t), 1, a, STRIDE, &options, &result, &err),
      KJ_EDATA, &err, part);
  check_error("difference",
              kj_measure_difference(&t->data, all_rows(t), 1, a, a, STRIDE,
                                    &options, &comparison, &err),
              KJ_EDATA, &err, part);
  assert_int_equal(result.n_rows, 77); /* untouched */
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(measured_by_speaker),
      cmocka_unit_test(measured_on_some_rows),
      cmocka_unit_test(without_speakers_rows_are_clusters),
      cmocka_unit_test(one_speaker_has_no_interval),
      cmocka_unit_test(nothing_to_measure_is_an_error),
  };
  return cmocka_run_group_tests_name("experiment measure", tests, NULL, NULL);
}
