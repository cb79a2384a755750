/*
 * test_results.c: the numbers of results.json are those of a cross-validation,
 * of the paired tests, and of the definitions of ceiling and robustness.
 */
#include "experiment/runs.h"
#include "kanjo/paired.h"

static void compare_with(const json_t *results, const kj_cross_validation *cv,
                         const toy *t)
{
  for (size_t k = 0; k < t->data.n_targets; k++)
    for (size_t c = 0; c < KJ_N_CONTENDERS; c++)
      for (int m = 0; m < KJ_N_METRICS; m++) {
        const kj_result *r = &cv->result[c * t->data.n_targets + k];
        const json_t *one =
            contender_of(target_of(results, 0, k), KJ_CONTENDERS[c].name);
        const char *name = kj_metric_name((kj_metric)m);
        expect_number(name, number_of(one, name, "mean"),
                      kj_metric_value(&r->metrics, (kj_metric)m));
        expect_number(name, number_of(one, name, "low"),
                      r->intervals.of[m].low);
        expect_number(name, number_of(one, name, "high"),
                      r->intervals.of[m].high);
      }
}

/* vat against none, as kj_paired_compare has it from the same estimates. */
static void compare_pair(const json_t *results, const kj_cross_validation *cv,
                         const toy *t, size_t target)
{
  enum { NONE = 2, VAT = 5, SEEDS = 2 };
  double truth[TOY_ROWS], estimate[2][SEEDS * TOY_ROWS];
  size_t cluster[TOY_ROWS];
  kj_paired wanted;
  for (size_t i = 0; i < TOY_ROWS; i++) {
    truth[i] = (double)t->y[i * 2 + target];
    cluster[i] = i / TOY_ROWS_EACH;
    for (size_t s = 0; s < SEEDS; s++)
      for (size_t m = 0; m < 2; m++)
        estimate[m][s * TOY_ROWS + i] =
            cv->estimate[((s * KJ_N_CONTENDERS + (m ? NONE : VAT)) * TOY_ROWS +
                          i) *
                             2 +
                         target];
  }
  const kj_paired_rows rows = {.truth = truth,
                               .a = estimate[0],
                               .b = estimate[1],
                               .cluster = cluster,
                               .n = TOY_ROWS,
                               .n_clusters = TOY_SPEAKERS,
                               .n_seeds_a = SEEDS,
                               .n_seeds_b = SEEDS};
  assert_int_equal(kj_paired_compare(&rows, KJ_METRIC_MAE, NULL, &wanted, NULL),
                   KJ_OK);
  const json_t *all =
      json_object_get(target_of(results, 0, target), "comparisons");
  assert_int_equal(json_array_size(all), 10);
  const json_t *one = json_array_get(all, 4);
  assert_string_equal(json_string_value(json_object_get(one, "a")), "vat");
  assert_string_equal(json_string_value(json_object_get(one, "b")), "none");
  expect_near(json_number_value(json_object_get(one, "difference")),
              wanted.difference, 1e-12);
  expect_near(json_number_value(json_object_get(one, "p_signflip")),
              wanted.p_signflip, 1e-12);
  expect_near(json_number_value(json_object_get(one, "p_wilcoxon")),
              wanted.p_wilcoxon, 1e-12);
  assert_true(json_number_value(json_object_get(one, "p_signflip_holm")) >=
              wanted.p_signflip);
}

static void numbers_are_those_of_a_cross_validation(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  told told_of;
  kj_cross_validation cv;
  kj_error err;
  kj_cross_validation_options options = {.fit = kj_fit_defaults(),
                                         .n_seeds = 2,
                                         .folds = {.group = KJ_GROUP_SPEAKER},
                                         .n_contenders = KJ_N_CONTENDERS,
                                         .contender = KJ_CONTENDERS,
                                         .n_threads = 1,
                                         .bootstrap = kj_bootstrap_defaults()};
  options.fit.n_hidden = 1;
  options.fit.hidden[0] = 4;
  options.fit.epochs = 3;
  options.fit.batch = 8;
  if (kj_cross_validate(&t->data, NULL, &options, &cv, &err) != KJ_OK)
    fail_msg("%s", err.message);
  json_t *results = results_of(LOSO, t, 1, &told_of);
  compare_with(results, &cv, t);
  compare_pair(results, &cv, t, 0);
  compare_pair(results, &cv, t, 1);
  json_decref(results);
  kj_cross_validation_clear(&cv);
  free(t);
}

/* Against `none`, and against the network that is alike in all but smoothing;
 * another loss, or dropout, is another network. */
static void what_is_smoothed_meets_the_same_without(void **state)
{
  (void)state;
  static const char *const wanted[][2] = {
      {"bare", "none"}, {"other", "none"}, {"third", "none"}, {"joint", "none"},
      {"ramp", "none"}, {"joint", "bare"}, {"ramp", "bare"},
  };
  enum { N = sizeof wanted / sizeof wanted[0] };
  toy *t = new_toy(2);
  told told_of;
  json_t *results = results_of(
      "kanjo: 1\nname: toy\ncorpora: {a: {}, b: {}}\ntargets: [valence, "
      "activation]\nseeds: 1\nfit: {hidden: [4], epochs: 2}\n"
      "methods: [none, {name: bare, smoothing: none, joint: true}, {name: "
      "other, smoothing: none, joint: true, dropout: 0.5}, {name: third, "
      "smoothing: none, joint: true, loss: ccc}, {name: joint, smoothing: vat, "
      "joint: true}, {name: ramp, smoothing: noise, joint: true, ramp: 2}]\n"
      "experiments: [{id: x, train: a, split: speaker}]\n",
      t, 1, &told_of);
  const json_t *all = json_object_get(target_of(results, 0, 0), "comparisons");
  assert_int_equal(json_array_size(all), 2 * N);
  for (size_t i = 0; i < 2 * N; i++) {
    const json_t *one = json_array_get(all, i);
    assert_string_equal(json_string_value(json_object_get(one, "a")),
                        wanted[i / 2][0]);
    assert_string_equal(json_string_value(json_object_get(one, "b")),
                        wanted[i / 2][1]);
  }
  json_decref(results);
  free(t);
}

/* Two raters half a point to each side of every rating: a rater is a point
 * from the other. */
static void raters_are_the_ceiling(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  told told_of;
  double rating[TOY_ROWS][2];
  for (size_t i = 0; i < TOY_ROWS; i++) {
    rating[i][0] = (double)t->y[i * 2] - 0.5;
    rating[i][1] = (double)t->y[i * 2] + 0.5;
    t->row[i].rating[0] = (kj_rating_list){rating[i], 2};
  }
  json_t *results = results_of(LOSO, t, 1, &told_of);
  const json_t *ceiling = json_object_get(target_of(results, 0, 0), "ceiling");
  expect_near(json_number_value(json_object_get(ceiling, "mae")), 1.0, 1e-12);
  assert_int_equal(json_integer_value(json_object_get(ceiling, "n_rows")),
                   TOY_ROWS);
  assert_true(
      json_is_null(json_object_get(target_of(results, 0, 1), "ceiling")));
  json_decref(results);
  free(t);
}

/* Without a hidden layer the output moves by |w| eps along the gradient, for
 * every row, and by no more in any other direction. */
static void a_linear_output_moves_with_the_length_of_r(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  told told_of;
  json_t *results = results_of(
      "kanjo: 1\nname: toy\ncorpora: {a: {}, b: {}}\ntargets: [valence]\n"
      "seeds: 1\nfit: {hidden: [], output: linear, epochs: 3}\n"
      "methods: [none]\nexperiments: [{id: x, train: a, test: b}]\n",
      t, 1, &told_of);
  const json_t *one = json_array_get(
      json_object_get(target_of(results, 0, 0), "robustness"), 0);
  const json_t *epsilon = json_object_get(one, "epsilon");
  double slope = 0.0;
  assert_int_equal(json_array_size(epsilon), 6);
  for (size_t e = 0; e < 6; e++) {
    const double eps = json_number_value(json_array_get(epsilon, e));
    const double far = json_number_value(
        json_array_get(json_object_get(one, "adversarial"), e));
    const double near =
        json_number_value(json_array_get(json_object_get(one, "random"), e));
    slope = e == 0 ? far / eps : slope;
    expect_near(far / eps, slope, 1e-5 * slope);
    assert_true(near > 0.0 && near < far);
  }
  json_decref(results);
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_those_of_a_cross_validation),
      cmocka_unit_test(what_is_smoothed_meets_the_same_without),
      cmocka_unit_test(raters_are_the_ceiling),
      cmocka_unit_test(a_linear_output_moves_with_the_length_of_r),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
