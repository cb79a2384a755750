/*
 * test_fit_many.c: many fits at once: other seeds, other rows to estimate.
 */
#include "experiment/toy.h"

/* A cross-validation over seeds 5, 6, 7 is the three of them; its results are
 * their means. */
static void seeds_are_repeated(void **state)
{
  (void)state;
  enum { N_SEEDS = 3, EACH = 6 * TOY_ROWS * 2 };
  toy *t = new_toy(2);
  kj_cross_validation_options options = toy_validation();
  options.fit.seed = 5;
  options.n_threads = 2;
  options.n_seeds = N_SEEDS;
  kj_cross_validation all = validated(t, &options);
  assert_int_equal(all.n_seeds, N_SEEDS);
  double mean[6 * 2] = {0}, high[6 * 2] = {0}, square[6 * 2] = {0};
  options.n_seeds = 0; /* one */
  for (size_t s = 0; s < N_SEEDS; s++) {
    options.fit.seed = 5 + s;
    kj_cross_validation one = validated(t, &options);
    assert_int_equal(one.n_seeds, 1);
    assert_memory_equal(all.estimate + s * EACH, one.estimate,
                        EACH * sizeof *one.estimate);
    assert_memory_equal(all.seed_result + s * 12, one.result,
                        12 * sizeof *one.result);
    for (size_t i = 0; i < 12; i++) {
      mean[i] += one.result[i].metrics.ccc / N_SEEDS;
      high[i] += one.result[i].intervals.of[KJ_METRIC_CCC].high / N_SEEDS;
      square[i] += one.result[i].metrics.ccc * one.result[i].metrics.ccc;
      assert_true(one.spread[i].ccc == 0.0);
    }
    kj_cross_validation_clear(&one);
  }
  for (size_t i = 0; i < 12; i++) {
    const double variance =
        fmax(0.0, square[i] - N_SEEDS * mean[i] * mean[i]) / (N_SEEDS - 1);
    assert_float_equal(all.result[i].metrics.ccc, mean[i], 1e-12);
    assert_float_equal(all.result[i].intervals.of[KJ_METRIC_CCC].high, high[i],
                       1e-12);
    assert_float_equal(all.spread[i].ccc, sqrt(variance), 1e-7);
  }
  assert_true(all.spread[4].ccc > 0.0);
  kj_cross_validation_clear(&all);
  free(t);
}

/* A job may estimate rows of another dataset, and is named where it fails. */
static void many_fits_estimate_what_they_are_told(void **state)
{
  (void)state;
  toy *t = new_toy(1), *other = new_toy(1);
  for (size_t i = 0; i < TOY_ROWS * TOY_INPUTS; i++)
    other->x[i] = 0.5f * t->x[i];
  double values[2][3], again[3];
  const size_t rows[3] = {4, 0, 7};
  kj_fit_job jobs[2] = {{.name = "first", .options = toy_options()},
                        {.name = "second", .options = toy_options()}};
  for (size_t j = 0; j < 2; j++) {
    jobs[j].options.epochs = 2;
    jobs[j].trained = all_rows(t);
    jobs[j].estimated = (kj_rows){rows, 3};
    jobs[j].values = values[j];
  }
  jobs[1].estimated_data = &other->data;
  kj_fit_pool pool = {.n_threads = 2};
  kj_error err = {0};
  if (kj_fit_many(&t->data, NULL, jobs, 2, &pool, &err) != KJ_OK)
    fail_msg("%s", err.message);
  kj_fit *fit = NULL;
  assert_int_equal(
      kj_fit_create(&t->data, all_rows(t), NULL, &jobs[1].options, &fit, NULL),
      KJ_OK);
  assert_int_equal(pool.fit_bytes, kj_fit_memory(fit));
  run_fit(fit);
  kj_estimator *estimator = estimator_of(fit);
  assert_int_equal(kj_estimate_rows(estimator, &other->data, (kj_rows){rows, 3},
                                    again, NULL),
                   KJ_OK);
  assert_memory_equal(values[1], again, sizeof again);
  assert_memory_not_equal(values[0], again, sizeof again);
  kj_estimator_destroy(estimator);
  kj_fit_destroy(fit);
  jobs[1].options.batch = 0;
  check_error("a bad job", kj_fit_many(&t->data, NULL, jobs, 2, &pool, &err),
              KJ_EARGUMENT, &err, "second: ");
  free(t);
  free(other);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(seeds_are_repeated),
      cmocka_unit_test(many_fits_estimate_what_they_are_told),
  };
  return cmocka_run_group_tests_name("experiment many fits", tests, NULL, NULL);
}
