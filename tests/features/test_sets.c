/*
 * test_sets.c: the table of feature sets and the names of their columns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kanjo/features.h"

#include <stdio.h>
#include <string.h>

enum { N_VALUES = 384, N_COLUMNS = 32 };

static const kj_feature_set *is09(void)
{
  const kj_feature_set *set = kj_feature_set_find("is09");
  assert_non_null(set);
  return set;
}

static void table_is_consistent(void **state)
{
  (void)state;
  const size_t count = kj_feature_set_count();
  assert_true(count >= 1);
  for (size_t i = 0; i < count; i++) {
    const kj_feature_set *set = kj_feature_set_get(i);
    assert_non_null(set);
    assert_ptr_equal(kj_feature_set_find(set->name), set);
    assert_true(set->version >= 1);
    assert_true(strlen(set->title) > 0);
    assert_true(set->min_rate_hz <= set->default_rate_hz);
    assert_true(set->default_rate_hz <= set->max_rate_hz);
  }
  assert_null(kj_feature_set_get(count));
  assert_null(kj_feature_set_get(SIZE_MAX));
  assert_null(kj_feature_set_find("is10"));
  assert_null(kj_feature_set_find(""));
  assert_null(kj_feature_set_find(NULL));
}

static void is09_has_its_sizes(void **state)
{
  (void)state;
  assert_int_equal(is09()->n_functionals, N_VALUES);
  assert_int_equal(is09()->n_descriptors, N_COLUMNS);
  assert_int_equal(is09()->default_rate_hz, 16000);
  assert_int_equal(is09()->min_rate_hz, 4000);
  assert_int_equal(is09()->max_rate_hz, 384000);
}

/* Same names, so that models and tables of either look alike. */
static void is09_clean_has_the_names_of_is09(void **state)
{
  (void)state;
  const kj_feature_set *clean = kj_feature_set_find("is09-clean");
  assert_non_null(clean);
  assert_int_equal(clean->n_functionals, N_VALUES);
  assert_int_equal(clean->n_descriptors, N_COLUMNS);
  for (size_t i = 0; i < N_VALUES; i++) {
    char own[KJ_FEATURE_NAME_SIZE], other[KJ_FEATURE_NAME_SIZE];
    assert_int_equal(
        kj_feature_set_column(clean, KJ_LEVEL_FUNCTIONALS, i, own, NULL),
        KJ_OK);
    assert_int_equal(
        kj_feature_set_column(is09(), KJ_LEVEL_FUNCTIONALS, i, other, NULL),
        KJ_OK);
    assert_string_equal(own, other);
  }
}

typedef struct expected_name {
  kj_feature_level level;
  size_t index;
  const char *name;
} expected_name;

static const expected_name expected_names[] = {
    {KJ_LEVEL_FUNCTIONALS, 0, "pcm_RMSenergy_sma_max"},
    {KJ_LEVEL_FUNCTIONALS, 2, "pcm_RMSenergy_sma_range"},
    {KJ_LEVEL_FUNCTIONALS, 4, "pcm_RMSenergy_sma_minPos"},
    {KJ_LEVEL_FUNCTIONALS, 12 * 3 + 6, "pcm_fftMag_mfcc_sma[3]_linregc1"},
    {KJ_LEVEL_FUNCTIONALS, 12 * 12 + 8, "pcm_fftMag_mfcc_sma[12]_linregerrQ"},
    {KJ_LEVEL_FUNCTIONALS, 12 * 13 + 5, "pcm_zcr_sma_amean"},
    {KJ_LEVEL_FUNCTIONALS, 12 * 14 + 9, "voiceProb_sma_stddev"},
    {KJ_LEVEL_FUNCTIONALS, 12 * 15 + 1, "F0_sma_min"},
    {KJ_LEVEL_FUNCTIONALS, 12 * 16 + 3, "pcm_RMSenergy_sma_de_maxPos"},
    {KJ_LEVEL_FUNCTIONALS, 12 * 17 + 10, "pcm_fftMag_mfcc_sma_de[1]_skewness"},
    {KJ_LEVEL_FUNCTIONALS, 12 * 31 + 7, "F0_sma_de_linregc2"},
    {KJ_LEVEL_FUNCTIONALS, 383, "F0_sma_de_kurtosis"},
};

static void names_are_those_of_the_challenge(void **state)
{
  (void)state;
  char name[KJ_FEATURE_NAME_SIZE];
  for (size_t i = 0; i < sizeof expected_names / sizeof *expected_names; i++) {
    const expected_name *e = &expected_names[i];
    assert_int_equal(
        kj_feature_set_column(is09(), e->level, e->index, name, NULL), KJ_OK);
    assert_string_equal(name, e->name);
  }
}

static void thirty_two_descriptors(void **state)
{
  (void)state;
  static const char *const smoothed[] = {
      "pcm_RMSenergy_sma",       "pcm_fftMag_mfcc_sma[1]",
      "pcm_fftMag_mfcc_sma[2]",  "pcm_fftMag_mfcc_sma[3]",
      "pcm_fftMag_mfcc_sma[4]",  "pcm_fftMag_mfcc_sma[5]",
      "pcm_fftMag_mfcc_sma[6]",  "pcm_fftMag_mfcc_sma[7]",
      "pcm_fftMag_mfcc_sma[8]",  "pcm_fftMag_mfcc_sma[9]",
      "pcm_fftMag_mfcc_sma[10]", "pcm_fftMag_mfcc_sma[11]",
      "pcm_fftMag_mfcc_sma[12]", "pcm_zcr_sma",
      "voiceProb_sma",           "F0_sma"};
  char name[KJ_FEATURE_NAME_SIZE], expected[KJ_FEATURE_NAME_SIZE];
  for (size_t i = 0; i < N_COLUMNS; i++) {
    const char *base = smoothed[i % 16], *stage = strstr(base, "_sma");
    snprintf(expected, sizeof expected, "%.*s_sma%s%s", (int)(stage - base),
             base, i < 16 ? "" : "_de", stage + strlen("_sma"));
    assert_int_equal(
        kj_feature_set_column(is09(), KJ_LEVEL_DESCRIPTORS, i, name, NULL),
        KJ_OK);
    assert_string_equal(name, expected);
  }
}

static void names_equal_the_shared_list(void **state)
{
  (void)state;
  FILE *list =
      fopen(KJ_TEST_SHARED_DIR "/features/is09-feature-names.txt", "r");
  if (!list) {
    print_message("skipped: no %s/features\n", KJ_TEST_SHARED_DIR);
    skip();
    return;
  }
  char line[256], name[KJ_FEATURE_NAME_SIZE];
  size_t n = 0;
  for (; fgets(line, sizeof line, list); n++) {
    line[strcspn(line, "\r\n")] = '\0';
    assert_int_equal(
        kj_feature_set_column(is09(), KJ_LEVEL_FUNCTIONALS, n, name, NULL),
        KJ_OK);
    assert_string_equal(name, line);
  }
  fclose(list);
  assert_int_equal(n, N_VALUES);
}

typedef struct bad_call {
  int has_set, level;
  size_t index;
  int has_name;
  const char *message;
} bad_call;

static const bad_call bad_calls[] = {
    {0, KJ_LEVEL_FUNCTIONALS, 0, 1, "set is NULL"},
    {1, 2, 0, 1, "level is 2; must be functionals (0) or descriptors (1)"},
    {1, KJ_LEVEL_FUNCTIONALS, 384, 1, "index is 384; must be 0..383"},
    {1, KJ_LEVEL_DESCRIPTORS, 32, 1, "index is 32; must be 0..31"},
    {1, KJ_LEVEL_DESCRIPTORS, 0, 0, "name is NULL"},
};

static void every_error_says_what_was_wrong(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof bad_calls / sizeof *bad_calls; i++) {
    const bad_call *b = &bad_calls[i];
    char name[KJ_FEATURE_NAME_SIZE] = "untouched";
    kj_error err = {0};
    assert_int_equal(kj_feature_set_column(b->has_set ? is09() : NULL,
                                           (kj_feature_level)b->level, b->index,
                                           b->has_name ? name : NULL, &err),
                     KJ_EARGUMENT);
    assert_int_equal(err.status, KJ_EARGUMENT);
    assert_string_equal(err.message, b->message);
    assert_string_equal(name, "untouched");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(table_is_consistent),
      cmocka_unit_test(is09_has_its_sizes),
      cmocka_unit_test(is09_clean_has_the_names_of_is09),
      cmocka_unit_test(names_are_those_of_the_challenge),
      cmocka_unit_test(thirty_two_descriptors),
      cmocka_unit_test(names_equal_the_shared_list),
      cmocka_unit_test(every_error_says_what_was_wrong),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
