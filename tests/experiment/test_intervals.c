/*
 * test_intervals.c: intervals in a protocol: widths and counts are those of
 * residuals collected by hand, nobody who is tested takes part, and coverage
 * is counted within and across corpora.
 */
#define _GNU_SOURCE
#include "experiment/runs.h"

#include "kanjo/coverage.h"

#define ACROSS                                                                 \
  HEAD "methods: [constant, ridge]\nexperiments: [{id: x, train: b, test: a, " \
       "intervals: {folds: speaker, level: 0.8, methods: constant}}]\n"
#define WITHIN                                                                 \
  HEAD "methods: [ridge, {name: sure, smoothing: vat, loss: nll}]\n"           \
       "experiments: [{id: x, train: [a, b], split: speaker, "                 \
       "intervals: {folds: 2}}]\n"

#define HELD_OUT                                                               \
  HEAD "methods: [ridge]\nexperiments: [{id: x, train: [a, b], split: "        \
       "corpus, intervals: {folds: speaker}}]\n"

static const json_t *intervals_of(const json_t *results)
{
  return json_object_get(
      json_array_get(json_object_get(results, "experiments"), 0), "intervals");
}

static const json_t *method_of(const json_t *results, size_t target,
                               size_t method)
{
  const json_t *one =
      json_array_get(json_object_get(intervals_of(results), "targets"), target);
  return json_array_get(json_object_get(one, "methods"), method);
}

static double value_of(const json_t *method, const char *key, size_t index,
                       const char *what)
{
  const json_t *share = json_array_get(json_object_get(method, key), index);
  return json_number_value(json_object_get(share, what));
}

/* Of corpus b alone: the constant needs no feature, so rows without a rating
 * are as good as not there. */
static double width_by_hand(const toy *t)
{
  kj_error err;
  kj_residuals residuals[2];
  double width = (double)NAN;
  kj_residuals_options options = {.fit = kj_fit_defaults(),
                                  .folds = {.group = KJ_GROUP_SPEAKER},
                                  .n_threads = 1};
  kj_dataset data = t->data;
  size_t n = 0;
  while (strcmp(t->row[n].group_name[KJ_GROUP_CORPUS], "a") == 0)
    n++;
  data.row += n;
  data.x += n * TOY_INPUTS;
  data.y += n * 2;
  data.n_rows -= n;
  options.fit.method = KJ_METHOD_CONSTANT;
  if (kj_residuals_collect(&data, NULL, &options, residuals, &err) != KJ_OK ||
      kj_residuals_half_width(&residuals[0], 0.8, &width, &err) != KJ_OK)
    fail_msg("%s", err.message);
  return width;
}

static void widths_and_counts_are_those_by_hand(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  told told_of;
  json_t *results = results_of(ACROSS, t, 1, &told_of);
  const json_t *method = method_of(results, 0, 0);
  const double width = width_by_hand(t);
  double mean = 0.0, n_inside = 0.0, n[2] = {0.0, 0.0};
  expect_near(json_number_value(json_object_get(method, "half_width")), width,
              1e-12);
  for (size_t i = 0; i < TOY_ROWS; i++)
    if (t->row[i].group[KJ_GROUP_CORPUS] == 1) {
      mean += (double)t->y[i * 2];
      n[1] += 1.0;
    }
  for (size_t i = 0; i < TOY_ROWS; i++)
    if (t->row[i].group[KJ_GROUP_CORPUS] == 0) {
      n_inside += fabs((double)t->y[i * 2] - mean / n[1]) <= width;
      n[0] += 1.0;
    }
  expect_number("rows", value_of(method, "all", 0, "n"), n[0]);
  expect_near(value_of(method, "all", 0, "share"), n_inside / n[0], 1e-12);
  expect_near(value_of(method, "across", 0, "share"), n_inside / n[0], 1e-12);
  assert_int_equal(json_array_size(json_object_get(method, "within")), 0);
  assert_int_equal(json_array_size(json_object_get(method, "speakers")), 2);
  assert_null(method_of(results, 0, 1)); /* of ridge nothing was asked */
  json_decref(results);
  free(t);
}

static void cells_are_shared_and_threads_change_nothing(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  told told_of;
  json_t *alone = results_of(WITHIN, t, 1, &told_of);
  /* 5 folds of ridge and two inner ones each; sure with 2 seeds. */
  assert_int_equal(told_of.plan.n_cells, 5 * 3 + 10 * 3);
  json_t *together = results_of(WITHIN, t, 3, &told_of);
  expect_same(alone, together);
  const json_t *sure = method_of(alone, 1, 1);
  expect_number("rows", value_of(sure, "within", 0, "n"), TOY_ROWS);
  assert_int_equal(json_array_size(json_object_get(sure, "across")), 0);
  assert_int_equal(json_array_size(json_object_get(sure, "corpora")), 2);
  json_decref(alone);
  json_decref(together);
  free(t);
}

/* Each fold tests the corpus that it did not train on. */
static void a_corpus_that_is_held_out_is_another(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  told told_of;
  json_t *results = results_of(HELD_OUT, t, 1, &told_of);
  const json_t *ridge = method_of(results, 1, 0);
  expect_number("rows", value_of(ridge, "across", 0, "n"), TOY_ROWS);
  assert_int_equal(json_array_size(json_object_get(ridge, "within")), 0);
  json_decref(results);
  free(t);
}

/* A tested speaker's ratings, whatever they are, change no width. */
static void the_tested_take_no_part(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  told told_of;
  json_t *before = results_of(ACROSS, t, 1, &told_of);
  for (size_t i = 0; i < TOY_ROWS; i++)
    if (t->row[i].group[KJ_GROUP_CORPUS] == 0)
      t->y[i * 2] = i % 2 ? 1.0f : 5.0f;
  json_t *after = results_of(ACROSS, t, 1, &told_of);
  const json_t *was = method_of(before, 0, 0), *is = method_of(after, 0, 0);
  expect_number("half_width",
                json_number_value(json_object_get(is, "half_width")),
                json_number_value(json_object_get(was, "half_width")));
  assert_true(value_of(is, "all", 0, "share") !=
              value_of(was, "all", 0, "share"));
  json_decref(before);
  json_decref(after);
  free(t);
}

static void expect_wrong(const char *intervals, const char *part)
{
  char text[600];
  kj_protocol *protocol = NULL;
  kj_error err = {0};
  snprintf(text, sizeof text,
           HEAD "experiments: [{id: x, train: a, test: b, intervals: %s}]",
           intervals);
  const kj_status status =
      kj_protocol_parse("p.yaml", text, strlen(text), &protocol, &err);
  check_error(intervals, status, KJ_EFORMAT, &err, part);
}

static void keys_are_checked(void **state)
{
  (void)state;
  expect_wrong("{folds: 'random:3'}",
               "p.yaml:7: intervals: folds are of rows; must be of speakers");
  expect_wrong("{folds: many}", "p.yaml:7: intervals: ");
  expect_wrong("{level: 0.4}", "must be a number in 0.5..0.99");
  expect_wrong("{methods: vatt}", "method 'vatt' is not in this protocol");
  expect_wrong("{lewel: 0.9}",
               "intervals: unknown key 'lewel'; nearest: level");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(widths_and_counts_are_those_by_hand),
      cmocka_unit_test(cells_are_shared_and_threads_change_nothing),
      cmocka_unit_test(a_corpus_that_is_held_out_is_another),
      cmocka_unit_test(the_tested_take_no_part),
      cmocka_unit_test(keys_are_checked)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
