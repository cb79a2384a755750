/*
 * test_coverage.c: residuals are those of held-out speakers, each of whom
 * weighs the same; coverage is counted by group.
 */
#include "experiment/toy.h"

#include "kanjo/coverage.h"

static kj_residuals_options toy_residuals(kj_method method)
{
  kj_residuals_options o = {.fit = toy_options(),
                            .folds = {.group = KJ_GROUP_SPEAKER},
                            .n_threads = 1};
  o.fit.method = method;
  return o;
}

static void collect(const toy *t, const kj_residuals_options *options,
                    kj_residuals *out)
{
  kj_error err;
  if (kj_residuals_collect(&t->data, NULL, options, out, &err) != KJ_OK)
    fail_msg("kj_residuals_collect: %s", err.message);
}

/* The least residual that a share p of the weight does not exceed, by the
 * definition: the constant of a fold is the mean rating of the others. */
static double define_quantile(const toy *t, double p)
{
  double size[TOY_ROWS], weight[TOY_ROWS], least = (double)INFINITY;
  for (size_t s = 0; s < TOY_SPEAKERS; s++) {
    double sum = 0.0, n_others = 0.0, n_own = 0.0;
    for (size_t i = 0; i < TOY_ROWS; i++)
      if (i / TOY_ROWS_EACH != s && isfinite(t->y[i])) {
        sum += (double)t->y[i];
        n_others += 1.0;
      } else if (isfinite(t->y[i]))
        n_own += 1.0;
    for (size_t i = s * TOY_ROWS_EACH; i < (s + 1) * TOY_ROWS_EACH; i++) {
      size[i] = fabs((double)t->y[i] - sum / n_others);
      weight[i] = 1.0 / (TOY_SPEAKERS * n_own);
    }
  }
  for (size_t i = 0; i < TOY_ROWS; i++) {
    double below = 0.0;
    for (size_t j = 0; j < TOY_ROWS; j++)
      below += size[j] <= size[i] ? weight[j] : 0.0;
    if (below >= p - 1e-9 && size[i] < least)
      least = size[i];
  }
  return least;
}

/* One speaker keeps a single rating, and so weighs as much as eight rows. */
static void quantiles_are_as_defined(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  for (size_t i = 1; i < TOY_ROWS_EACH; i++)
    t->y[i] = NAN;
  const kj_residuals_options options = toy_residuals(KJ_METHOD_CONSTANT);
  kj_residuals r;
  collect(t, &options, &r);
  assert_int_equal(r.n_residuals, TOY_ROWS - TOY_ROWS_EACH + 1);
  assert_int_equal(r.n_speakers, TOY_SPEAKERS);
  for (size_t q = 0; q < KJ_RESIDUAL_LEVELS; q++) {
    const double expected = define_quantile(t, 0.01 * (double)q);
    if (fabs(r.quantile[q] - expected) > 1e-6)
      fail_msg("quantile %zu is %.9g; by its definition %.9g", q, r.quantile[q],
               expected);
  }
  free(t);
}

static void threads_do_not_change_the_bits(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  kj_residuals_options options = toy_residuals(KJ_METHOD_NETWORK);
  kj_residuals one[2], three[2];
  collect(t, &options, one);
  options.n_threads = 3;
  collect(t, &options, three);
  assert_memory_equal(one, three, sizeof one);
  free(t);
}

static void folds_of_rows_are_refused(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_residuals_options options = toy_residuals(KJ_METHOD_RIDGE);
  options.folds = (kj_folds){.group = KJ_GROUP_ROW, .n = 4};
  kj_residuals r;
  kj_error err;
  assert_int_equal(kj_residuals_collect(&t->data, NULL, &options, &r, &err),
                   KJ_EARGUMENT);
  assert_non_null(strstr(err.message, "must be of speakers"));
  free(t);
}

static void coverage_is_counted_by_group(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  double estimate[TOY_ROWS];
  for (size_t i = 0; i < TOY_ROWS; i++) {
    t->row[i].gender = i % 2 ? "f" : "m";
    estimate[i] = (double)t->y[i] + (i < 3 ? 2.0 : -0.5);
  }
  t->y[TOY_ROWS - 1] = NAN;
  const kj_covering covering = {.data = &t->data,
                                .estimate = estimate,
                                .stride = 1,
                                .half_width = 0.5 + 1e-6};
  static const size_t groups[] = {1, TOY_SPEAKERS, 2, 2};
  for (int by = 0; by <= KJ_COVERAGE_CORPUS; by++) {
    kj_coverage *list = NULL;
    size_t n = 0, n_rows = 0, n_inside = 0;
    assert_int_equal(
        kj_coverage_count(&covering, (kj_coverage_by)by, &list, &n, NULL),
        KJ_OK);
    assert_int_equal(n, groups[by]);
    for (size_t g = 0; g < n; g++) {
      n_rows += list[g].n_rows;
      n_inside += list[g].n_inside;
    }
    assert_int_equal(n_rows, TOY_ROWS - 1);
    assert_int_equal(n_inside, TOY_ROWS - 4);
    if (by == KJ_COVERAGE_SPEAKER) {
      assert_string_equal(list[0].name, "ann");
      assert_int_equal(list[0].n_inside, TOY_ROWS_EACH - 3);
      assert_int_equal(list[4].n_rows, TOY_ROWS_EACH - 1);
    }
    free(list);
  }
  free(t);
}

static void estimator_takes_them_along(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_fit_options fit_options = toy_options();
  fit_options.method = KJ_METHOD_RIDGE;
  const kj_residuals_options options = toy_residuals(KJ_METHOD_RIDGE);
  kj_residuals r;
  collect(t, &options, &r);
  kj_fit *fit = new_fit(t, NULL, &fit_options);
  kj_estimator *plain = NULL, *sure = NULL, *narrow = NULL;
  assert_int_equal(kj_fit_run_epoch(fit, NULL, NULL, NULL), KJ_OK);
  assert_int_equal(kj_fit_estimator(fit, &plain, NULL), KJ_OK);
  assert_int_equal(kj_residuals_attach(plain, &r, &sure, NULL), KJ_OK);
  assert_int_equal(
      kj_estimator_convert(sure, KJ_WEIGHTS_BF16, NULL, 0, &narrow, NULL),
      KJ_OK);
  assert_memory_equal(&kj_estimator_get_parts(sure)->residuals[0], &r,
                      sizeof r);
  assert_memory_equal(&kj_estimator_get_parts(narrow)->residuals[0], &r,
                      sizeof r);
  assert_int_equal(kj_estimator_get_parts(plain)->residuals[0].n_residuals, 0);
  kj_estimator_destroy(narrow);
  kj_estimator_destroy(sure);
  kj_estimator_destroy(plain);
  kj_fit_destroy(fit);
  free(t);
}

static void expect_near(double value, double wanted)
{
  if (!(fabs(value - wanted) < 1e-12))
    fail_msg("%.17g, expected %.17g", value, wanted);
}

/* Two rows by hand: ln s + z^2 / 2 + ln(2 pi) / 2; a third has no rating. */
static void likelihood_is_that_of_a_normal_distribution(void **state)
{
  (void)state;
  float y[] = {2.0f, 4.0f, NAN};
  const double estimate[] = {3.0, 3.0, 3.0}, sd[] = {0.5, 2.0, 100.0};
  const kj_dataset data = {.n_rows = 3, .n_targets = 1, .y = y};
  const kj_covering covering = {
      .data = &data, .estimate = estimate, .sd = sd, .stride = 1};
  const kj_likelihood l = kj_likelihood_measure(&covering);
  assert_int_equal(l.n_rows, 2);
  expect_near(l.sd, 1.25);
  expect_near(l.nll, (log(0.5) + 2.0 + log(2.0) + 0.125) / 2.0 +
                         log(2.0 * acos(-1.0)) / 2.0);
}

static void half_width_is_the_normal_quantile(void **state)
{
  (void)state;
  expect_near(kj_normal_half_width(0.9), 1.6448536269514722);
  expect_near(kj_normal_half_width(0.5), 0.6744897501960817);
  expect_near(kj_normal_half_width(0.0), 0.0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quantiles_are_as_defined),
      cmocka_unit_test(threads_do_not_change_the_bits),
      cmocka_unit_test(folds_of_rows_are_refused),
      cmocka_unit_test(coverage_is_counted_by_group),
      cmocka_unit_test(likelihood_is_that_of_a_normal_distribution),
      cmocka_unit_test(half_width_is_the_normal_quantile),
      cmocka_unit_test(estimator_takes_them_along),
  };
  return cmocka_run_group_tests_name("experiment coverage", tests, NULL, NULL);
}
