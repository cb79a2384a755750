/*
 * test_standard.c: the standard table, byte by byte: order, numbers, names of
 * files, quotes; and what is refused.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "corpus/import/relative.h"
#include "corpus/import/standard.h"
#include "corpus/tables.h"

#include <locale.h>
#include <math.h>

#define HEADER                                                                 \
  "file,start,end,utterance,speaker,gender,session,language,corpus,text,"      \
  "spontaneous,emotion,valence,activation,dominance,valence_sd,"               \
  "activation_sd,dominance_sd,valence_ratings,activation_ratings,"             \
  "dominance_ratings,scale,part"

static kj__imported named(const char *utterance)
{
  kj__imported row = kj__imported_empty();
  row.utterance = utterance;
  return row;
}

static void check_table(void **state, const kj__imported *row, size_t n,
                        const char *wanted)
{
  kj_error err = {0};
  char *got = NULL;
  size_t size = 0;
  const test_path path = path_in(state, "t.csv");
  check_ok(kj__standard_write(row, n, path.text, &err), &err);
  check_ok(kj__file_read(path.text, 65536, &got, &size, &err), &err);
  assert_string_equal(got, wanted);
  free(got);
}

static void a_row_in_which_nothing_is_known(void **state)
{
  const kj__imported row = named("u");
  check_table(state, &row, 1, HEADER "\n,,,u,,,,,,,,,,,,,,,,,,,\n");
}

/* 1..7 to 1..5: 1 + 4 (x - 1) / 6, and differences by 4 / 6. */
static void a_row_in_which_all_is_known(void **state)
{
  static const double valence[] = {7, 4, 1}, activation[] = {2};
  kj__imported row = named("u 1");
  const test_path file = path_in(state, "a b/c.wav");
  row.file = file.text;
  row.start_s = 0;
  row.end_s = 1.25;
  row.speaker = "s";
  row.gender = "f";
  row.session = "1,2";
  row.language = "ja";
  row.corpus = "c";
  row.text = " he said \"no\"\n";
  row.spontaneous = 0;
  row.emotion = "sad";
  row.rated[KJ__VALENCE] = kj__rated_over(valence, 3);
  row.rated[KJ__ACTIVATION] = kj__rated_over(activation, 1);
  row.low = 1;
  row.high = 7;
  row.part = "train";
  check_table(state, &row, 1,
              HEADER "\na b/c.wav,0,1.25,u 1,s,f,\"1,2\",ja,c,"
                     "\" he said \"\"no\"\"\n\",0,sad,3,1.66666667,,2,,,"
                     "5;3;1,1.66666667,,1:7,train\n");
}

static void rows_are_sorted_by_bytes(void **state)
{
  const kj__imported rows[] = {named("b10"), named("B"), named("b2"),
                               named("a")};
  check_table(state, rows, 4,
              HEADER "\n,,,B,,,,,,,,,,,,,,,,,,,\n"
                     ",,,a,,,,,,,,,,,,,,,,,,,\n"
                     ",,,b10,,,,,,,,,,,,,,,,,,,\n"
                     ",,,b2,,,,,,,,,,,,,,,,,,,\n");
}

static void a_column_for_channels_where_one_is_needed(void **state)
{
  kj__imported rows[] = {named("a"), named("b")};
  rows[1].channel = "right";
  check_table(state, rows, 2,
              HEADER ",channel\n,,,a,,,,,,,,,,,,,,,,,,,,\n"
                     ",,,b,,,,,,,,,,,,,,,,,,,,right\n");
}

static void numbers_have_a_point_in_any_locale(void **state)
{
  char command[3 * TEST_PATH_SIZE];
  kj__imported row = named("u");
  const test_path folder = path_in(state, "comma");
  snprintf(command, sizeof command,
           "mkdir %s && sed 's/\\./,/' /usr/lib/locale/C.utf8/LC_NUMERIC "
           ">%s/LC_NUMERIC",
           folder.text, folder.text);
  if (system(command) != 0)
    skip();
  assert_int_equal(setenv("LOCPATH", *state, 1), 0);
  if (!setlocale(LC_NUMERIC, "comma"))
    skip();
  assert_string_equal(localeconv()->decimal_point, ",");
  row.start_s = 0.125;
  row.end_s = 1e-7;
  row.low = 0;
  row.high = 1;
  row.rated[KJ__DOMINANCE].mean = 0.1;
  check_table(state, &row, 1,
              HEADER "\n,0.125,1e-07,u,,,,,,,,,,,1.4,,,,,,,0:1,\n");
  setlocale(LC_NUMERIC, "C");
}

static void deviations_are_over_raters(void **state)
{
  static const double rating[] = {1, 2, 4};
  (void)state;
  const kj__rated none = kj__rated_over(rating, 0);
  const kj__rated one = kj__rated_over(rating, 1);
  const kj__rated three = kj__rated_over(rating, 3);
  assert_true(isnan(none.mean) && isnan(none.sd));
  assert_true(one.mean == 1 && isnan(one.sd));
  /* sum of squares 16/9 + 1/9 + 25/9 over n - 1 = 2 */
  assert_true(fabs(three.mean - 7.0 / 3) < 1e-15);
  assert_true(fabs(three.sd - sqrt(7.0 / 3)) < 1e-15);
}

static void a_name_twice_is_refused(void **state)
{
  kj_error err = {0};
  kj__imported rows[] = {named("a"), named("b"), named("a")};
  rows[2].file = "x.wav";
  const test_path path = path_in(state, "t.csv");
  check_failure(kj__standard_write(rows, 3, path.text, &err), KJ_EDATA, &err,
                "utterance \"a\" is there twice");
  assert_int_not_equal(access(path.text, F_OK), 0);
}

static void names_of_files(void **state)
{
  static const struct {
    const char *table, *file, *wanted;
  } cases[] = {
      {"/a/b/t.csv", "/a/b/c/x.wav", "c/x.wav"},
      {"/a/b/t.csv", "/a/b/x.wav", "x.wav"},
      {"/a/b/t.csv", "/a/c/x.wav", "../c/x.wav"},
      {"/a/b/t.csv", "/a/bc/x.wav", "../bc/x.wav"},
      {"/a/b/d/t.csv", "/a/x.wav", "../../x.wav"},
      {"/a/b/t.csv", "/c/x.wav", "/c/x.wav"},
      {"/t.csv", "/c/x.wav", "c/x.wav"},
      {"/a/t.csv", "/x.wav", "/x.wav"},
      {"/a/b/../t.csv", "/a/./c//x.wav", "c/x.wav"},
      {"/a/t.csv", "", ""},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    kj_error err = {0};
    kj__relative relative = {0};
    check_ok(kj__relative_init(&relative, cases[i].table, &err), &err);
    for (int again = 0; again < 2; again++)
      assert_string_equal(kj__relative_name(&relative, cases[i].file),
                          cases[i].wanted);
    kj__relative_clear(&relative);
  }
}

#define IN_FOLDER(test)                                                        \
  cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_FOLDER(a_row_in_which_nothing_is_known),
      IN_FOLDER(a_row_in_which_all_is_known),
      IN_FOLDER(rows_are_sorted_by_bytes),
      IN_FOLDER(a_column_for_channels_where_one_is_needed),
      IN_FOLDER(numbers_have_a_point_in_any_locale),
      cmocka_unit_test(deviations_are_over_raters),
      IN_FOLDER(a_name_twice_is_refused),
      cmocka_unit_test(names_of_files)};
  return cmocka_run_group_tests_name("standard", tests, NULL, NULL);
}
