/*
 * test_corpora.c: real tables of ../shared/corpora: counts known from their
 * README, ratings mapped by hand, features where they belong.
 */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/tables.h"

static kj_dataset *read_shared(const char *name, const kj_target_spec *targets,
                               size_t n)
{
  const test_path path = shared_file(name);
  kj_dataset *d = NULL;
  kj_error err = {0};
  check_ok(kj_dataset_read_labels(path.text, targets, n, &d, &err), &err);
  return d;
}

static void check_near(double got, double wanted, const char *what)
{
  if (!(fabs(got - wanted) < 1e-6))
    fail_msg("%s is %.9g, not %.9g", what, got, wanted);
}

static void emodb(void **state)
{
  (void)state;
  const kj_target_spec targets[] = {{"valence", "valence_0_100", 0, 100},
                                    {"activation", "arousal_0_100", 0, 100}};
  kj_dataset *d = read_shared("corpora/emodb/labels.csv", targets, 2);
  assert_int_equal(d->n_rows, 342);
  assert_int_equal(d->groups[KJ_GROUP_SPEAKER].n, 10);
  assert_string_equal(d->groups[KJ_GROUP_SPEAKER].name[0], "03");
  assert_string_equal(d->row[0].name, "audio/03a01Wa.flac");
  if (access(d->row[0].file, R_OK) != 0)
    fail_msg("%s cannot be read", d->row[0].file);
  /* 03a01Wa: 20.333 and 81.167 on 0..100 */
  check_near((double)d->y[0], 1.0 + 4.0 * 20.333 / 100.0, "valence of 03a01Wa");
  check_near((double)d->y[1], 1.0 + 4.0 * 81.167 / 100.0, "arousal of 03a01Wa");
  for (size_t i = 0; i < 2 * d->n_rows; i++)
    assert_true(d->y[i] >= 1.0f && d->y[i] <= 5.0f);

  size_t fold[342], n_folds;
  kj_folds folds;
  kj_error err = {0};
  check_ok(kj_folds_parse("speaker", &folds, &err), &err);
  check_ok(kj_folds_make(d, (kj_rows){NULL, d->n_rows}, &folds, fold, &n_folds,
                         &err),
           &err);
  assert_int_equal(n_folds, 10);
  kj_dataset_destroy(d);
}

/* The mistake everybody makes first says how to put it right. */
static void emodb_without_columns_or_scale(void **state)
{
  (void)state;
  const test_path path = shared_file("corpora/emodb/labels.csv");
  kj_target_spec target;
  kj_dataset *d;
  kj_error err = {0};
  check_ok(kj_target_parse("arousal", &target, &err), &err);
  check_failure(kj_dataset_read_labels(path.text, &target, 1, &d, &err),
                KJ_EDATA, &err, "the nearest are: arousal_0_100, arousal_sd");
  check_ok(kj_target_parse("activation=arousal_0_100", &target, &err), &err);
  check_failure(kj_dataset_read_labels(path.text, &target, 1, &d, &err),
                KJ_EDATA, &err,
                "labels.csv:2: column arousal_0_100: \"81.167\" is outside the "
                "scale 1..5; give the scale of the ratings, as in --scale "
                "0:100");
}

static void emotale(void **state)
{
  (void)state;
  const test_path features = shared_file("corpora/emotale-en/features.csv");
  const kj_target_spec targets[] = {{"valence", "valence", 1, 5},
                                    {"activation", "activation", 1, 5},
                                    {"dominance", "dominance", 1, 5}};
  kj_dataset *d = read_shared("corpora/emotale-en/labels.csv", targets, 3);
  kj_join_report report;
  kj_error err = {0};
  check_ok(kj_dataset_attach_features(d, features.text, &report, &err), &err);
  assert_int_equal(d->n_rows, 350);
  assert_int_equal(report.n_joined, 350);
  assert_int_equal(report.without_features.n, 0);
  assert_int_equal(report.without_labels.n, 0);
  assert_in_range(d->groups[KJ_GROUP_SPEAKER].n, 2, 14);
  assert_int_equal(d->n_inputs, 384);
  assert_string_equal(d->feature_set, "is09");
  assert_string_equal(d->input_name[0], "pcm_RMSenergy_sma_max");
  /* first row of either table: EN_001_A_1 */
  check_near((double)d->y[0], 1.8333, "valence of EN_001_A_1");
  check_near((double)d->y[1], 3.6667, "arousal of EN_001_A_1");
  check_near((double)d->y[2], 4.0, "dominance of EN_001_A_1");
  check_near((double)d->x[0], 0.0402827449, "its first feature");
  check_near((double)d->x[4], 277, "its fifth feature");
  for (size_t i = 0; i < d->n_rows * d->n_inputs; i++)
    assert_true(isfinite(d->x[i]));
  kj_dataset_destroy(d);
}

/* The features of each clip are those of its line, whatever the order. */
static void emotale_alone_and_joined(void **state)
{
  (void)state;
  const test_path features = shared_file("corpora/emotale-en/features.csv");
  kj_dataset *joined = read_shared("corpora/emotale-en/labels.csv", NULL, 0);
  kj_dataset *alone = NULL;
  kj_error err = {0};
  check_ok(kj_dataset_attach_features(joined, features.text, NULL, &err), &err);
  check_ok(kj_dataset_read_features(features.text, &alone, NULL, &err), &err);
  assert_int_equal(alone->n_rows, joined->n_rows);
  const size_t n = alone->n_inputs;
  for (size_t i = 0; i < alone->n_rows; i++) {
    size_t k = 0;
    while (strcmp(joined->row[k].utterance, alone->row[i].utterance) != 0)
      k++;
    if (memcmp(joined->x + k * n, alone->x + i * n, n * sizeof(float)) != 0)
      fail_msg("%s has other features alone", alone->row[i].utterance);
  }
  check_ok(kj_dataset_match_columns(alone, joined->input_name, n, &err), &err);
  kj_dataset_destroy(alone);
  kj_dataset_destroy(joined);
}

static void ravdess(void **state)
{
  (void)state;
  kj_dataset *d = read_shared("corpora/ravdess/labels.csv", NULL, 0);
  assert_int_equal(d->n_rows, 720);
  assert_int_equal(d->groups[KJ_GROUP_SPEAKER].n, 12);
  assert_string_equal(d->row[0].gender, "m");
  kj_dataset_destroy(d);
}

static void a_folder_of_clips(void **state)
{
  (void)state;
  const test_path folder = shared_file("corpora/emodb");
  kj_inputs inputs = {0};
  kj_error err = {0};
  check_ok(kj_inputs_add(&inputs, folder.text, &err), &err);
  assert_int_equal(inputs.n, 342);
  for (size_t i = 1; i < inputs.n; i++)
    assert_true(strcmp(inputs.input[i - 1].file, inputs.input[i].file) < 0);
  kj_inputs_clear(&inputs);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(emodb),
      cmocka_unit_test(emodb_without_columns_or_scale),
      cmocka_unit_test(emotale),
      cmocka_unit_test(emotale_alone_and_joined),
      cmocka_unit_test(ravdess),
      cmocka_unit_test(a_folder_of_clips)};
  return cmocka_run_group_tests_name("corpora", tests, NULL, NULL);
}
