/*
 * test_cross_validate.c: every row is estimated by a model that did not see
 * its fold, with the same bits on any number of threads.
 */
#include "experiment/toy.h"

#include "kanjo/metrics.h"

#include <pthread.h>

/* Estimate of contender c for row i, target k. */
static double estimate_at(const kj_cross_validation *result, size_t c, size_t i,
                          size_t k)
{
  return result->estimate[(c * result->n_rows + i) * result->n_targets + k];
}

/* ---- who is compared ---- */

static void contenders_are_those_of_every_table(void **state)
{
  (void)state;
  static const char *const names[] = {"constant", "ridge", "none",
                                      "noise",    "at",    "vat"};
  assert_int_equal(KJ_N_CONTENDERS, 6);
  for (size_t c = 0; c < 6; c++) {
    const kj_contender *contender = &KJ_CONTENDERS[c];
    assert_string_equal(contender->name, names[c]);
    const char *smoothing = kj_smoothing_name(contender->smoothing);
    if (contender->method == KJ_METHOD_NETWORK)
      assert_string_equal(contender->name, smoothing);
    else
      assert_string_equal(contender->name, kj_method_name(contender->method));
  }
}

static void outcome_has_its_shape(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  t->y[2 * 3] = NAN;
  const kj_cross_validation_options options = toy_validation();
  kj_cross_validation result = validated(t, &options);
  assert_int_equal(result.n_contenders, 6);
  assert_int_equal(result.n_rows, TOY_ROWS);
  assert_int_equal(result.n_targets, 2);
  assert_int_equal(result.n_folds, TOY_SPEAKERS);
  for (size_t i = 0; i < TOY_ROWS; i++)
    assert_int_equal(result.fold_of_row[i], i / TOY_ROWS_EACH);
  for (size_t i = 0; i < 6 * TOY_ROWS * 2; i++)
    assert_true(isfinite(result.estimate[i]) && result.estimate[i] != 0.0);
  for (size_t c = 0; c < 6; c++)
    for (size_t k = 0; k < 2; k++) {
      kj_result again;
      assert_int_equal(kj_measure(&t->data, all_rows(t), k,
                                  &result.estimate[c * TOY_ROWS * 2 + k], 2,
                                  &options.bootstrap, &again, NULL),
                       KJ_OK);
      assert_memory_equal(&result.result[c * 2 + k], &again, sizeof again);
      assert_int_equal(again.n_rows, k == 0 ? TOY_ROWS - 1 : TOY_ROWS);
      assert_int_equal(again.n_speakers, TOY_SPEAKERS);
    }
  kj_cross_validation_clear(&result);
  kj_cross_validation_clear(&result); /* harmless */
  free(t);
}

/* ---- nobody is estimated by who heard them ---- */

/* Exactly: the mean as a float, which is what a bias is. */
static void constant_is_the_mean_of_the_other_folds(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_cross_validation_options options = toy_validation();
  options.n_contenders = 1;
  kj_cross_validation result = validated(t, &options);
  for (size_t i = 0; i < TOY_ROWS; i++) {
    double sum = 0, n = 0;
    for (size_t other = 0; other < TOY_ROWS; other++)
      if (result.fold_of_row[other] != result.fold_of_row[i]) {
        sum += (double)t->y[other];
        n++;
      }
    if (result.estimate[i] != (double)(float)(sum / n))
      fail_msg("row %zu: %.17g, must be %.17g", i, result.estimate[i],
               (double)(float)(sum / n));
  }
  kj_cross_validation_clear(&result);
  free(t);
}

enum { FOLD = 2 }; /* whose ratings are changed */

static void check_untouched(const kj_cross_validation *before,
                            const kj_cross_validation *after,
                            size_t n_must_change)
{
  for (size_t c = 0; c < KJ_N_CONTENDERS; c++) {
    size_t n_changed = 0;
    for (size_t i = 0; i < TOY_ROWS; i++)
      for (size_t k = 0; k < 2; k++) {
        const bool same =
            estimate_at(before, c, i, k) == estimate_at(after, c, i, k);
        n_changed += !same;
        if (!same && before->fold_of_row[i] == FOLD)
          fail_msg("%s, row %zu, target %zu: its own rating has reached it",
                   KJ_CONTENDERS[c].name, i, k);
      }
    if (n_changed < n_must_change)
      fail_msg("%s: %zu estimates have changed, must be %zu",
               KJ_CONTENDERS[c].name, n_changed, n_must_change);
  }
}

/* What a contender says of a fold is what a fit of the other rows says. */
static void estimates_are_those_of_fits(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  const kj_cross_validation_options options = toy_validation();
  kj_cross_validation result = validated(t, &options);
  enum { N_TEST = TOY_ROWS_EACH, N_TRAIN = TOY_ROWS - N_TEST };
  size_t train[N_TRAIN], test[N_TEST]; /* the last speaker */
  for (size_t i = 0; i < TOY_ROWS; i++)
    *(i < N_TRAIN ? &train[i] : &test[i - N_TRAIN]) = i;
  for (size_t c = 0; c < KJ_N_CONTENDERS; c++) {
    kj_fit_options fit_options = options.fit;
    double values[N_TEST * 2];
    kj_fit *fit = NULL;
    fit_options.method = KJ_CONTENDERS[c].method;
    fit_options.smoothing.kind = KJ_CONTENDERS[c].smoothing;
    assert_int_equal(kj_fit_create(&t->data, (kj_rows){train, N_TRAIN}, NULL,
                                   &fit_options, &fit, NULL),
                     KJ_OK);
    run_fit(fit);
    kj_estimator *estimator = estimator_of(fit);
    assert_int_equal(kj_estimate_rows(estimator, &t->data,
                                      (kj_rows){test, N_TEST}, values, NULL),
                     KJ_OK);
    for (size_t i = 0; i < N_TEST * 2; i++)
      if (estimate_at(&result, c, N_TRAIN + i / 2, i % 2) != values[i])
        fail_msg("%s, row %zu, target %zu: %.9g, must be %.9g",
                 KJ_CONTENDERS[c].name, N_TRAIN + i / 2, i % 2,
                 estimate_at(&result, c, N_TRAIN + i / 2, i % 2), values[i]);
    kj_estimator_destroy(estimator);
    kj_fit_destroy(fit);
  }
  kj_cross_validation_clear(&result);
  free(t);
}

/* Other ratings in one fold: its own estimates stay, bit for bit, with every
 * contender; those of the other folds do not (with calibration a constant may
 * stay: it is the mean of the speakers that its fit holds out). */
static void ratings_of_a_fold_do_not_reach_it(void **state)
{
  (void)state;
  for (int calibrate = 0; calibrate <= 1; calibrate++) {
    toy *t = new_toy(2);
    kj_cross_validation_options options = toy_validation();
    if (calibrate)
      options.fit.validation = (kj_split){KJ_GROUP_SPEAKER, 0.3, 0};
    options.fit.calibrate = calibrate;
    kj_cross_validation before = validated(t, &options);
    for (size_t i = FOLD * TOY_ROWS_EACH; i < (FOLD + 1) * TOY_ROWS_EACH; i++)
      for (size_t k = 0; k < 2; k++)
        t->y[2 * i + k] = 5.0f - (float)(i % 3);
    kj_cross_validation after = validated(t, &options);
    check_untouched(&before, &after,
                    calibrate ? 1 : 2 * (TOY_ROWS - TOY_ROWS_EACH));
    kj_cross_validation_clear(&before);
    kj_cross_validation_clear(&after);
    free(t);
  }
}

/* Features that say who speaks, and ratings that hang on that alone: whoever
 * has heard the speaker knows the rating. */
static toy *leaky_toy(void)
{
  static const float rating[TOY_SPEAKERS] = {1.5f, 4.5f, 2.0f, 4.0f, 3.0f};
  toy *t = new_toy(1);
  for (size_t i = 0; i < TOY_ROWS; i++) {
    const size_t s = i / TOY_ROWS_EACH;
    for (size_t j = 0; j < TOY_INPUTS; j++)
      t->x[i * TOY_INPUTS + j] = s == j ? 1.0f : 0.0f;
    t->y[i] = rating[s] + 0.01f * (float)(i % 3);
  }
  return t;
}

static void planted_leak_does_not_help(void **state)
{
  (void)state;
  toy *t = leaky_toy();
  kj_cross_validation_options options = toy_validation();
  options.n_contenders = 2; /* constant, ridge */
  double mae[2][2];
  for (int random = 0; random <= 1; random++) {
    options.folds = (kj_folds){
        .group = random ? KJ_GROUP_ROW : KJ_GROUP_SPEAKER, .n = random ? 5 : 0};
    kj_cross_validation result = validated(t, &options);
    assert_int_equal(result.n_folds, 5);
    for (size_t c = 0; c < 2; c++)
      mae[random][c] = result.result[c].metrics.mae;
    kj_cross_validation_clear(&result);
  }
  print_message("MAE by speaker: constant %.3f, ridge %.3f; random folds, "
                "which leak: constant %.3f, ridge %.3f\n",
                mae[0][0], mae[0][1], mae[1][0], mae[1][1]);
  assert_true(mae[0][1] > 0.7 * mae[0][0]);
  assert_true(mae[1][1] < 0.05 * mae[1][0]);
  free(t);
}

/* Features of a fold are seen in one way only: scaled by the others. */
static void scaler_does_not_see_the_fold(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_cross_validation_options options = toy_validation();
  options.n_contenders = 2;
  kj_cross_validation before = validated(t, &options);
  t->x[3 * TOY_INPUTS] = 1e4f; /* row 3, of fold 0 */
  kj_cross_validation after = validated(t, &options);
  for (size_t i = 0; i < TOY_ROWS_EACH; i++) /* ridge */
    assert_int_equal(
        estimate_at(&before, 1, i, 0) == estimate_at(&after, 1, i, 0), i != 3);
  kj_cross_validation_clear(&before);
  kj_cross_validation_clear(&after);
  free(t);
}

/* ---- threads, progress, interruption ---- */

/* Counts its calls, on whatever threads: one at a time, as promised. */
typedef struct watch {
  size_t n_reports, last_done, total, n_asked, stop_at;
  int n_inside;
} watch;

static void report(void *context, size_t done, size_t total)
{
  watch *w = context;
  if (w->n_inside++ != 0 || done != w->last_done + 1)
    abort(); /* an assertion cannot leave another thread */
  w->last_done = done;
  w->total = total;
  w->n_reports++;
  w->n_inside--;
}

static bool ask(void *context)
{
  watch *w = context;
  if (w->n_inside++ != 0)
    abort();
  const bool stop = ++w->n_asked == w->stop_at;
  w->n_inside--;
  return stop;
}

static void threads_do_not_change_the_bits(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  kj_cross_validation_options options = toy_validation();
  options.progress = report;
  options.stop = ask;
  watch w = {0};
  options.context = &w;
  kj_cross_validation alone = validated(t, &options);
  assert_int_equal(w.n_reports, KJ_N_CONTENDERS * TOY_SPEAKERS);
  assert_int_equal(w.total, w.n_reports);
  assert_true(w.n_asked > w.n_reports);
  for (size_t n_threads = 3; n_threads <= 40; n_threads += 37) {
    w = (watch){0};
    options.n_threads = n_threads;
    kj_cross_validation result = validated(t, &options);
    assert_memory_equal(result.estimate, alone.estimate,
                        6 * TOY_ROWS * 2 * sizeof(double));
    assert_memory_equal(result.fold_of_row, alone.fold_of_row,
                        TOY_ROWS * sizeof(size_t));
    assert_memory_equal(result.result, alone.result,
                        6 * 2 * sizeof *alone.result);
    assert_int_equal(w.n_reports, KJ_N_CONTENDERS * TOY_SPEAKERS);
    kj_cross_validation_clear(&result);
  }
  kj_cross_validation_clear(&alone);
  free(t);
}

static void stop_interrupts_it(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_cross_validation_options options = toy_validation();
  watch w = {0};
  options.stop = ask;
  options.context = &w;
  kj_cross_validation undisturbed = validated(t, &options);
  kj_cross_validation_clear(&undisturbed);
  const size_t n_questions = w.n_asked;
  print_message("asked %zu times\n", n_questions);
  for (size_t n_threads = 1; n_threads <= 3; n_threads += 2)
    for (size_t stop_at = 1; stop_at <= n_questions; stop_at += 17) {
      kj_cross_validation result = {.n_folds = 77};
      kj_error err = {0};
      w = (watch){.stop_at = stop_at};
      options.n_threads = n_threads;
      check_error("stop",
                  kj_cross_validate(&t->data, NULL, &options, &result, &err),
                  KJ_EINTERRUPTED, &err, "stopped");
      assert_int_equal(result.n_folds, 77); /* untouched */
      assert_int_equal(w.n_asked, stop_at); /* asked no more */
    }
  free(t);
}

/* ---- folds, seeds, failures ---- */

static void seed_and_folds_are_used(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_cross_validation_options options = toy_validation();
  size_t expected[TOY_ROWS], n_folds;
  options.n_contenders = 1;
  options.folds = (kj_folds){.group = KJ_GROUP_ROW, .n = 4, .seed = 12345};
  options.fit.seed = 3;
  kj_cross_validation result = validated(t, &options);
  const kj_folds folds = {.group = KJ_GROUP_ROW, .n = 4, .seed = 3};
  assert_int_equal(
      kj_folds_make(&t->data, all_rows(t), &folds, expected, &n_folds, NULL),
      KJ_OK);
  assert_int_equal(result.n_folds, 4);
  assert_memory_equal(result.fold_of_row, expected, sizeof expected);
  kj_cross_validation_clear(&result);
  free(t);
}

static void check_fails(const toy *t,
                        const kj_cross_validation_options *options,
                        kj_status expected, const char *part)
{
  kj_cross_validation result = {.n_folds = 77};
  kj_error err = {0};
  check_error(part, kj_cross_validate(&t->data, NULL, options, &result, &err),
              expected, &err, part);
  assert_int_equal(result.n_folds, 77);
  assert_int_equal(kj_cross_validate(&t->data, NULL, options, &result, NULL),
                   expected);
}

/* Only speaker "cem" (fold 3) has ratings of activation: without him there is
 * nothing to learn. */
static void failure_names_fold_and_contender(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  kj_cross_validation_options options = toy_validation();
  for (size_t i = 0; i < TOY_ROWS; i++)
    if (i / TOY_ROWS_EACH != 2)
      t->y[2 * i + 1] = NAN;
  for (size_t n_threads = 1; n_threads <= 3; n_threads += 2) {
    options.n_threads = n_threads;
    options.contender = &KJ_CONTENDERS[1]; /* ridge alone */
    options.n_contenders = 1;
    check_fails(t, &options, KJ_EDATA,
                "fold 3 of 5, ridge: activation: toy.csv: no row with a rating "
                "of 'activation' is left");
  }
  options = toy_validation();
  options.folds.n = 1;
  check_fails(t, &options, KJ_EARGUMENT, "1 fold; must be at least 2");
  drop_groups(t, KJ_GROUP_SPEAKER);
  options.folds.n = 0;
  check_fails(t, &options, KJ_EDATA, "no row has a speaker");
  free(t);
}

/* Fits that were stopped because of it are not what is told, even where they
 * come first: those of folds 1 and 2 run long, fold 3 fails at once. */
static void failure_is_told_before_interruptions(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  kj_cross_validation_options options = toy_validation();
  const kj_contender contenders[] = {KJ_CONTENDERS[1], KJ_CONTENDERS[5]};
  for (size_t i = 0; i < TOY_ROWS; i++)
    if (i / TOY_ROWS_EACH != 2)
      t->y[2 * i + 1] = NAN;
  options.contender = contenders;
  options.n_contenders = 2;
  options.n_threads = 10;
  options.fit.epochs = 20000;
  check_fails(t, &options, KJ_EDATA, "fold 3 of 5, ");
  free(t);
}

/* A training that fails is told by its network, too. */
static void failed_training_is_named(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_cross_validation_options options = toy_validation();
  options.fit.output = KJ_ACTIVATION_RELU;
  options.contender = &KJ_CONTENDERS[2];
  options.n_contenders = 1;
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->y[i] -= 30.0f;
  check_fails(t, &options, KJ_ETRAINING,
              "fold 1 of 5, none: valence: output 0 is 0 for all 32 training "
              "rows in epoch 1");
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(contenders_are_those_of_every_table),
      cmocka_unit_test(outcome_has_its_shape),
      cmocka_unit_test(constant_is_the_mean_of_the_other_folds),
      cmocka_unit_test(estimates_are_those_of_fits),
      cmocka_unit_test(ratings_of_a_fold_do_not_reach_it),
      cmocka_unit_test(planted_leak_does_not_help),
      cmocka_unit_test(scaler_does_not_see_the_fold),
      cmocka_unit_test(threads_do_not_change_the_bits),
      cmocka_unit_test(stop_interrupts_it),
      cmocka_unit_test(seed_and_folds_are_used),
      cmocka_unit_test(failure_names_fold_and_contender),
      cmocka_unit_test(failure_is_told_before_interruptions),
      cmocka_unit_test(failed_training_is_named),
  };
  return cmocka_run_group_tests_name("experiment cross-validation", tests, NULL,
                                     NULL);
}
