/*
 * test_normalise.c: whose statistics standardise a row: those of the training
 * rows, of its own corpus, or of its own speaker.
 */
#include "experiment/toy.h"

/* Column j over the rows of one group, standardised by hand. */
static void check_group(const toy *t, kj_rows rows, kj_group kind, size_t group,
                        const float *scaled)
{
  for (size_t j = 0; j < TOY_INPUTS; j++) {
    double n = 0, mean = 0, variance = 0;
    for (int pass = 0; pass < 3; pass++)
      for (size_t i = 0; i < rows.n; i++) {
        const size_t row = kj__row(rows, i);
        const double x = (double)t->x[row * TOY_INPUTS + j];
        if (t->row[row].group[kind] != group)
          continue;
        if (pass == 0) {
          n++;
          mean += x;
        } else if (pass == 1) {
          variance += (x - mean / n) * (x - mean / n) / n;
        } else {
          assert_near("scaled", (double)scaled[i * TOY_INPUTS + j],
                      (x - mean / n) / sqrt(variance), 1e-4);
        }
      }
    assert_true(n >= 2);
  }
}

static void standardise(const toy *t, kj_rows rows, kj_normalisation how,
                        float *scaled)
{
  kj_error err;
  if (kj__standardise(&t->data, rows, how, NULL, scaled, &err) != KJ_OK)
    fail_msg("%s: %s", kj_normalisation_name(how), err.message);
}

static void groups_have_mean_0_and_deviation_1(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  float scaled[TOY_ROWS * TOY_INPUTS];
  standardise(t, all_rows(t), KJ_NORMALISE_SPEAKER, scaled);
  for (size_t s = 0; s < TOY_SPEAKERS; s++)
    check_group(t, all_rows(t), KJ_GROUP_SPEAKER, s, scaled);
  standardise(t, all_rows(t), KJ_NORMALISE_CORPUS, scaled);
  for (size_t c = 0; c < 2; c++)
    check_group(t, all_rows(t), KJ_GROUP_CORPUS, c, scaled);
  free(t);
}

/* Only the given rows count, in whatever order they are. */
static void statistics_are_of_the_given_rows(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  static const size_t index[] = {9, 2, 14, 0, 8, 5, 15};
  const kj_rows rows = {index, sizeof index / sizeof index[0]};
  float scaled[7 * TOY_INPUTS], again[7 * TOY_INPUTS];
  standardise(t, rows, KJ_NORMALISE_SPEAKER, scaled);
  check_group(t, rows, KJ_GROUP_SPEAKER, 0, scaled); /* 2, 0, 5 */
  check_group(t, rows, KJ_GROUP_SPEAKER, 1, scaled); /* 9, 14, 8, 15 */
  t->x[1 * TOY_INPUTS] = 1e6f;
  standardise(t, rows, KJ_NORMALISE_SPEAKER, again);
  assert_memory_equal(again, scaled, sizeof scaled);
  free(t);
}

static void training_statistics_are_the_scalers(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  float scaled[TOY_ROWS * TOY_INPUTS], expected[TOY_ROWS * TOY_INPUTS];
  float mean[TOY_INPUTS] = {1, 2, 3, 4}, inverse[TOY_INPUTS] = {1, 0.5f, 0, 9};
  const kj_scaler scaler = {TOY_INPUTS, mean, inverse, KJ_SCALER_CLIP};
  assert_int_equal(kj__standardise(&t->data, all_rows(t), KJ_NORMALISE_TRAIN,
                                   &scaler, scaled, NULL),
                   KJ_OK);
  kj_scaler_apply(&scaler, t->x, TOY_ROWS, expected);
  assert_memory_equal(scaled, expected, sizeof scaled);
  free(t);
}

/* What a speaker adds to all rows alike, such as a microphone's gain, changes
 * nothing where each speaker is standardised alone. */
static void a_speakers_own_level_does_not_matter(void **state)
{
  (void)state;
  for (kj_normalisation how = KJ_NORMALISE_TRAIN; how <= KJ_NORMALISE_SPEAKER;
       how++) {
    toy *t = new_toy(1);
    kj_fit_options options = toy_options();
    double before[TOY_ROWS], after[TOY_ROWS], largest = 0.0;
    options.normalisation = how;
    kj_estimator *estimator = fit_estimator(t, &options);
    estimate_toy(estimator, t, before);
    for (size_t i = 0; i < TOY_ROWS_EACH; i++)
      for (size_t j = 0; j < TOY_INPUTS; j++)
        t->x[i * TOY_INPUTS + j] = 2.0f * t->x[i * TOY_INPUTS + j] + 1.0f;
    estimate_toy(estimator, t, after);
    for (size_t i = 0; i < TOY_ROWS; i++)
      largest = fmax(largest, fabs(after[i] - before[i]));
    print_message("%s: estimates change by %.2g at most\n",
                  kj_normalisation_name(how), largest);
    assert_int_equal(largest < 1e-4, how == KJ_NORMALISE_SPEAKER);
    kj_estimator_destroy(estimator);
    free(t);
  }
}

/* Estimates of such a model are of the rows given: in one go or not. */
static void model_tells_how_it_was_made(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_fit_options options = toy_options();
  double all[TOY_ROWS], own[TOY_ROWS_EACH];
  size_t index[TOY_ROWS_EACH];
  options.normalisation = KJ_NORMALISE_SPEAKER;
  kj_estimator *estimator = fit_estimator(t, &options);
  assert_int_equal(kj_estimator_get_parts(estimator)->normalisation,
                   KJ_NORMALISE_SPEAKER);
  estimate_toy(estimator, t, all);
  for (size_t i = 0; i < TOY_ROWS_EACH; i++)
    index[i] = 2 * TOY_ROWS_EACH + i;
  assert_int_equal(kj_estimate_rows(estimator, &t->data,
                                    (kj_rows){index, TOY_ROWS_EACH}, own, NULL),
                   KJ_OK);
  assert_memory_equal(own, all + 2 * TOY_ROWS_EACH, sizeof own);
  kj_estimator_destroy(estimator);
  free(t);
}

/* ---- groups that cannot be used ---- */

static void expect_refused(const toy *t, kj_rows rows, kj_normalisation how,
                           const char *part)
{
  float scaled[TOY_ROWS * TOY_INPUTS];
  kj_fit_options options = toy_options();
  kj_fit *fit = NULL;
  kj_error err = {0};
  check_error("rows", kj__standardise(&t->data, rows, how, NULL, scaled, &err),
              KJ_EDATA, &err, part);
  options.normalisation = how;
  check_error("fit", kj_fit_create(&t->data, rows, NULL, &options, &fit, &err),
              KJ_EDATA, &err, part);
  assert_null(fit);
}

static void group_of_one_row_is_an_error(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  static const size_t index[] = {0, 1, 2, 8, 9, 16};
  expect_refused(t, (kj_rows){index, 6}, KJ_NORMALISE_SPEAKER,
                 "toy.csv: 'cem' has 1 row here; standardising it by itself "
                 "needs at least 2");
  expect_refused(t, (kj_rows){index, 6}, KJ_NORMALISE_CORPUS,
                 "toy.csv: 'b' has 1 row here");
  free(t);
}

/* Rows of nobody are not one speaker; a table without a column of corpora is
 * one corpus. */
static void rows_without_a_speaker_are_an_error(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  float scaled[TOY_ROWS * TOY_INPUTS];
  drop_groups(t, KJ_GROUP_SPEAKER);
  drop_groups(t, KJ_GROUP_CORPUS);
  expect_refused(t, all_rows(t), KJ_NORMALISE_SPEAKER,
                 "toy.csv:2: the row has no speaker");
  standardise(t, all_rows(t), KJ_NORMALISE_CORPUS, scaled);
  check_group(t, all_rows(t), KJ_GROUP_CORPUS, 0, scaled);
  free(t);
}

static void unlabelled_rows_need_their_speaker(void **state)
{
  (void)state;
  toy *t = new_toy(1), *other = new_toy(1);
  kj_fit_options options = toy_options();
  kj_fit *fit = NULL;
  kj_error err = {0};
  options.normalisation = KJ_NORMALISE_SPEAKER;
  drop_groups(other, KJ_GROUP_SPEAKER);
  other->data.path = "unlabelled.csv";
  const kj_unlabelled rows = all_unlabelled(other);
  check_error("unlabelled",
              kj_fit_create(&t->data, all_rows(t), &rows, &options, &fit, &err),
              KJ_EDATA, &err, "unlabelled.csv:2: the row has no speaker");
  free(t);
  free(other);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(groups_have_mean_0_and_deviation_1),
      cmocka_unit_test(statistics_are_of_the_given_rows),
      cmocka_unit_test(training_statistics_are_the_scalers),
      cmocka_unit_test(a_speakers_own_level_does_not_matter),
      cmocka_unit_test(model_tells_how_it_was_made),
      cmocka_unit_test(group_of_one_row_is_an_error),
      cmocka_unit_test(rows_without_a_speaker_are_an_error),
      cmocka_unit_test(unlabelled_rows_need_their_speaker),
  };
  return cmocka_run_group_tests_name("experiment normalise", tests, NULL, NULL);
}
