/*
 * test_runs.c: a protocol on the toy: the same for any number of threads and
 * however often it was stopped; each cell once; nobody tested on a voice that
 * was trained on or chosen with.
 */
#define _GNU_SOURCE
#include "experiment/runs.h"

#include <unistd.h>

#define MANY                                                                   \
  HEAD "experiments:\n"                                                        \
       "  - {id: x, train: [a, b], split: speaker, choose: {lambda: [0.5, "    \
       "2], folds: 2}}\n"                                                      \
       "  - {id: y, train: a, test: b, sweeps: [{over: lambda, values: [0, "   \
       "1.5]}], grid: {lambda: [0, 1], epsilon: [1, 1.5]}}\n"                  \
       "  - {id: z, train: a, test: b, adapt: {corpus: b, fraction: 0.4}}\n"   \
       "  - {id: w, train: [a, b], split: holdout-speaker:0.4}\n"

static void threads_change_nothing(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  told told_of;
  json_t *alone = results_of(MANY, t, 1, &told_of);
  json_t *together = results_of(MANY, t, 3, &told_of);
  expect_same(alone, together);
  json_decref(alone);
  json_decref(together);
  free(t);
}

/* Stopped after 1, 2, 3 ... cells, over and over, until it is done. */
static void stopping_changes_nothing(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  char folder[] = "/tmp/kanjo-runs-XXXXXX", path[64], command[64];
  told told_of;
  kj_error err;
  json_t *undisturbed = results_of(MANY, t, 1, &told_of), *results = NULL;
  kj_status status = KJ_EINTERRUPTED;
  size_t n_stopped = 0;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/r.sqlite", folder);
  while (status == KJ_EINTERRUPTED) {
    told_of = (told){.stop_after = n_stopped + 1, .n_threads = 2};
    status = run(MANY, t, path, &told_of, &results, &err);
    n_stopped += status == KJ_EINTERRUPTED;
  }
  assert_int_equal(status, KJ_OK);
  assert_true(n_stopped > 5);
  expect_same(undisturbed, results);
  json_decref(results);
  told_of = (told){0};
  assert_int_equal(run(MANY, t, path, &told_of, &results, &err), KJ_OK);
  assert_int_equal(told_of.n_done, 0);
  expect_same(undisturbed, results);
  json_decref(results);
  json_decref(undisturbed);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  assert_int_equal(system(command), 0);
  free(t);
}

static void the_same_cell_runs_once(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  told told_of;
  /* 5 speakers: constant and ridge once each; 4 networks with 2 seeds. */
  json_decref(results_of(LOSO, t, 1, &told_of));
  assert_int_equal(told_of.plan.n_cells, 5 * (2 + 4 * 2));
  assert_int_equal(told_of.n_done, told_of.plan.n_cells);
  /* lambda 0 is none; lambda 1.5 is vat; lambda 3 is new. */
  json_decref(results_of(
      HEAD "experiments: [{id: x, train: a, test: b, sweeps: [{over: lambda, "
           "values: [0, 1.5, 3]}]}]\n",
      t, 1, &told_of));
  assert_int_equal(told_of.plan.n_cells, 2 + 4 * 2 + 2);
  free(t);
}

static void expect_refused(const char *text, const toy *t, kj_status expected,
                           const char *part)
{
  told told_of = {0};
  json_t *results = NULL;
  kj_error err = {0};
  const kj_status status = run(text, t, ":memory:", &told_of, &results, &err);
  if (status != expected || !strstr(err.message, part))
    fail_msg("status %d, \"%s\"; must be %d, \"%s\"", (int)status, err.message,
             (int)expected, part);
  assert_null(results);
}

static void voices_on_both_sides_are_refused_or_flagged(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  told told_of;
  expect_refused(HEAD "experiments: [{id: x, train: [a, b], split: "
                      "'random:3'}]\n",
                 t, KJ_EDATA,
                 "split 'random:3' puts the same voices on both sides");
  expect_refused(HEAD "experiments: [{id: x, train: [a, b], test: b}]\n", t,
                 KJ_EDATA, "speaker 'cem' is trained on and tested");
  json_t *results = results_of(
      HEAD "form: paper\nexperiments: [{id: x, train: [a, b], split: "
           "'random:3'}, {id: y, train: a, test: b}]\n",
      t, 1, &told_of);
  const json_t *all = json_object_get(results, "experiments");
  assert_true(
      json_is_true(json_object_get(json_array_get(all, 0), "is_leaky")));
  assert_false(
      json_is_true(json_object_get(json_array_get(all, 1), "is_leaky")));
  json_decref(results);
  free(t);
}

static void nothing_to_do_is_told(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  expect_refused(HEAD "experiments: [{id: x, train: a, test: b, only: "
                      "{spontaneous: 1}}]\n",
                 t, KJ_EDATA, "experiment 'x': no row to");
  expect_refused(HEAD "experiments: [{id: x, train: a, test: b, choose: "
                      "{folds: 9}}]\n",
                 t, KJ_EDATA, "9 folds were asked for");
  free(t);
}

static size_t count_of(const json_t *results, size_t experiment,
                       const char *what)
{
  return (size_t)json_integer_value(json_object_get(
      json_array_get(json_object_get(results, "experiments"), experiment),
      what));
}

/* The unlabelled speakers are not tested; noise and vat see them, at, none and
 * the baselines do not. */
static void adaptation_takes_speakers_away_from_the_test(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  told told_of;
  json_t *results = results_of(
      HEAD "experiments:\n"
           "  - {id: x, train: a, test: b, adapt: {corpus: b, fraction: "
           "0.4}}\n"
           "methods: [constant, ridge, none, noise, at, vat, {name: alone, "
           "smoothing: vat, adapt: false}]\n",
      t, 1, &told_of);
  const size_t n_unlabelled = count_of(results, 0, "n_unlabelled_rows");
  assert_int_equal(n_unlabelled, TOY_ROWS_EACH);
  assert_int_equal(count_of(results, 0, "n_test_rows"), 2 * TOY_ROWS_EACH);
  assert_int_equal(count_of(results, 0, "n_speakers"), 2);
  const json_t *target = target_of(results, 0, 0);
  const double vat = number_of(contender_of(target, "vat"), "mae", "mean");
  const double alone = number_of(contender_of(target, "alone"), "mae", "mean");
  assert_true(vat != alone);
  json_decref(results);
  free(t);
}

static char *chosen_of(const toy *t)
{
  told told_of;
  json_t *results = results_of(
      HEAD "methods: [vat]\nexperiments: [{id: x, train: [a, b], split: "
           "speaker, choose: {lambda: [0.01, 1, 100], epsilon: [1, 3], folds: "
           "2}}]\n",
      t, 1, &told_of);
  const json_t *chosen =
      json_object_get(contender_of(target_of(results, 0, 0), "vat"), "chosen");
  assert_int_equal(json_array_size(chosen), 5);
  char *first = dump(json_array_get(chosen, 0));
  json_decref(results);
  return first;
}

/* Fold 1 holds out the first speaker: whatever her ratings, the choice for it
 * is the same. */
static void the_choice_never_sees_the_tested(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  char *before = chosen_of(t);
  for (size_t i = 0; i < TOY_ROWS_EACH * 2; i++)
    t->y[i] = i % 3 == 0 ? 1.0f : 5.0f;
  char *after = chosen_of(t);
  assert_string_equal(before, after);
  free(before);
  free(after);
  free(t);
}

/* Columns may have the same names and numbers, and mean something else. */
static void another_feature_set_is_other_cells(void **state)
{
  (void)state;
  static const char *const labels[] = {NULL, "is09/1", "is09-clean/1",
                                       "is09-clean/2"};
  toy *t = new_toy(2);
  char folder[] = "/tmp/kanjo-runs-XXXXXX", path[64], command[64];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/r.sqlite", folder);
  for (size_t again = 0; again < 2; again++)
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
      json_t *results = NULL;
      told told_of = {0};
      t->data.set_label = labels[i];
      assert_int_equal(run(LOSO, t, path, &told_of, &results, NULL), KJ_OK);
      const char *said =
          json_string_value(json_object_get(results, "feature_set"));
      if (told_of.plan.n_done != (again ? told_of.plan.n_cells : 0))
        fail_msg("%s, time %zu: %zu of %zu cells done before",
                 labels[i] ? labels[i] : "nothing", again + 1,
                 told_of.plan.n_done, told_of.plan.n_cells);
      assert_true(labels[i] ? said && strcmp(said, labels[i]) == 0 : !said);
      json_decref(results);
    }
  snprintf(command, sizeof command, "rm -rf %s", folder);
  assert_int_equal(system(command), 0);
  free(t);
}

static void other_data_are_other_cells(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  char folder[] = "/tmp/kanjo-runs-XXXXXX", path[64], command[64];
  json_t *results = NULL;
  told told_of = {0};
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/r.sqlite", folder);
  assert_int_equal(run(LOSO, t, path, &told_of, &results, NULL), KJ_OK);
  json_decref(results);
  t->y[0] += 0.25f; /* of a row in every cell: trained on, or estimated */
  told_of = (told){0};
  assert_int_equal(run(LOSO, t, path, &told_of, &results, NULL), KJ_OK);
  assert_int_equal(told_of.plan.n_done, 0);
  json_decref(results);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  assert_int_equal(system(command), 0);
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(stopping_changes_nothing),
      cmocka_unit_test(the_same_cell_runs_once),
      cmocka_unit_test(voices_on_both_sides_are_refused_or_flagged),
      cmocka_unit_test(nothing_to_do_is_told),
      cmocka_unit_test(adaptation_takes_speakers_away_from_the_test),
      cmocka_unit_test(the_choice_never_sees_the_tested),
      cmocka_unit_test(other_data_are_other_cells),
      cmocka_unit_test(another_feature_set_is_other_cells),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
