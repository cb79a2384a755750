/*
 * test_number.c: numbers are read whole or not at all, to the nearest double,
 * and in the same way where the decimal sign is a comma.
 */
#define _GNU_SOURCE
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/number.h"
#include "corpus/tables.h"

static const struct {
  const char *text;
  double value;
} GOOD[] = {{"0", 0.0},
            {"-0.0", -0.0},
            {"3.6667", 3.6667},
            {"+.5", 0.5},
            {"5.", 5.0},
            {"1e-3", 0.001},
            {"-1.5E+2", -150.0},
            {"5.09433703e-05", 5.09433703e-05},
            {"0.1000000000000000055511151231257827", 0.1},
            {"1.7976931348623157e308", 1.7976931348623157e308},
            {"4.9406564584124654e-324", 4.9406564584124654e-324}};

static const char *const BAD[] = {
    "",    " 1",   "1 ", "1,5",   "1;5",      "abc", "0x10",  "inf",   "-inf",
    "nan", "1e",   "e5", "1.2.3", "--1",      "+-1", "1e999", ".",     "1e5.5",
    "1_0", "1\n2", "١",  "1f",    "infinity", "NA",  "1-2",   "-1e999"};

static void check_all(void)
{
  for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
    double value = 99.0;
    if (!kj__number_parse(GOOD[i].text, &value) ||
        memcmp(&value, &GOOD[i].value, sizeof value) != 0)
      fail_msg("\"%s\" gives %.17g, not %.17g", GOOD[i].text, value,
               GOOD[i].value);
  }
  for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
    double value = 99.0;
    if (kj__number_parse(BAD[i], &value))
      fail_msg("\"%s\" was read as %g", BAD[i], value);
    if (value < 99.0 || value > 99.0)
      fail_msg("\"%s\" was refused, but left %g", BAD[i], value);
  }
}

static void whole_or_not_at_all(void **state)
{
  (void)state;
  check_all();
}

/* A locale with decimal commas: an installed one, or one compiled here. */
static int use_comma_locale(void **state)
{
  static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8",
                                      "de_DE.utf8", "ru_RU.UTF-8"};
  char command[TEST_PATH_SIZE + 96];
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (setlocale(LC_ALL, names[i]))
      return 1;
  snprintf(command, sizeof command,
           "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1",
           (const char *)*state);
  if (system(command) != 0)
    return 0;
  return setenv("LOCPATH", *state, 1) == 0 &&
         setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static void commas_of_a_locale_do_not_matter(void **state)
{
  const test_path labels = write_text(
      state, "labels.csv", "file,valence,start,end\na.wav,2.5,0.25,1.75\n");
  kj_target_spec target;
  kj_dataset *data = NULL;
  kj_error err;
  double low, high;
  if (!use_comma_locale(state)) {
    print_message("skipped: no locale with decimal commas, no localedef\n");
    skip();
  }
  assert_string_equal(localeconv()->decimal_point, ",");
  check_all();
  check_ok(kj_target_parse("valence", &target, &err), &err);
  check_ok(kj_scale_parse("0.5:10.5", &low, &high, &err), &err);
  assert_true(low == 0.5 && high == 10.5);
  check_ok(kj_dataset_read_labels(labels.text, &target, 1, &data, &err), &err);
  assert_true(data->y[0] == 2.5f);
  assert_true(data->row[0].start_s == 0.25 && data->row[0].end_s == 1.75);
  kj_dataset_destroy(data);
  assert_string_equal(localeconv()->decimal_point, ",");
  setlocale(LC_ALL, "C");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_or_not_at_all),
      cmocka_unit_test_setup_teardown(commas_of_a_locale_do_not_matter,
                                      make_folder, remove_folder)};
  return cmocka_run_group_tests_name("numbers", tests, NULL, NULL);
}
