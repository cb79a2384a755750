/*
 * test_import_names.c: importers of file names on the real corpora of
 * ../shared/corpora: counts known from their README, ratings mapped by hand;
 * and what they hold survives a check, and audformat.
 */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/import/audformat.h"
#include "corpus/tables.h"
#include "kanjo/corpus_check.h"
#include "kanjo/corpus_export.h"
#include "kanjo/import.h"

/* The table of a corpus, imported into the folder of the test. */
static test_path import_shared(void **state, const char *name,
                               const char *folder, size_t n_rows,
                               size_t n_speakers)
{
  const test_path path = shared_file(folder);
  const test_path table = path_in(state, "labels.csv");
  kj_import_report report = {0};
  kj_error err = {0};
  check_ok(kj_import_run(name, path.text, NULL, table.text, &report, &err),
           &err);
  assert_int_equal(report.n_rows, n_rows);
  assert_int_equal(report.n_speakers, n_speakers);
  kj_import_report_clear(&report);
  return table;
}

static kj_dataset *read_table(const test_path *table, const char *target)
{
  kj_target_spec spec;
  kj_dataset *d = NULL;
  kj_error err = {0};
  check_ok(kj_target_parse(target, &spec, &err), &err);
  check_ok(kj_dataset_read_labels(table->text, &spec, 1, &d, &err), &err);
  return d;
}

static void check_row(const kj_dataset *d, const char *name, double rating)
{
  for (size_t i = 0; i < d->n_rows; i++)
    if (strcmp(d->row[i].utterance, name) == 0) {
      if (!(fabs((double)d->y[i] - rating) < 1e-6))
        fail_msg("%s is rated %.9g, not %.9g", name, (double)d->y[i], rating);
      return;
    }
  fail_msg("%s is not there", name);
}

static void emodb(void **state)
{
  const test_path table =
      import_shared(state, "emodb", "corpora/emodb", 342, 10);
  kj_dataset *d = read_table(&table, "activation");
  check_row(d, "03a01Wa", 1 + 4 * 81.167 / 100);
  assert_int_equal(access(d->row[0].file, R_OK), 0);
  kj_dataset_destroy(d);

  kj_checkup *checkup = NULL;
  kj_corpus_stats *stats = NULL;
  kj_error err = {0};
  check_ok(kj_corpus_check(table.text, NULL, &checkup, &err), &err);
  assert_int_equal(checkup->n, 0);
  kj_checkup_destroy(checkup);
  check_ok(kj_corpus_count(table.text, NULL, &stats, &err), &err);
  assert_int_equal(stats->n_timed_rows, 342);
  assert_int_equal(stats->target[0].n, 342);
  assert_int_equal(stats->genders.n, 2);
  kj_corpus_stats_destroy(stats);
}

static void emotale(void **state)
{
  const test_path table =
      import_shared(state, "emotale", "corpora/emotale-en", 350, 14);
  kj_dataset *d = read_table(&table, "dominance");
  check_row(d, "EN_001_A_2", (3.0 + 2.5 + 4.5) / 3);
  kj_dataset_destroy(d);
}

static void ravdess(void **state)
{
  import_shared(state, "ravdess", "corpora/ravdess", 720, 12);
}

static void cremad(void **state)
{
  import_shared(state, "cremad", "corpora/cremad", 12, 2);
}

static void what_is_exported_comes_back(void **state)
{
  const test_path table =
      import_shared(state, "emodb", "corpora/emodb", 342, 10);
  const test_path folder = path_in(state, "db");
  const test_path back = path_in(state, "back.csv");
  kj_export_report report = {0};
  kj_error err = {0};
  check_ok(kj_export_audformat(table.text, folder.text, &report, &err), &err);
  assert_int_equal(report.n_rows, 342);
  assert_string_equal(report.table, "files");
  check_ok(kj_import_run("audformat", folder.text, NULL, back.text, NULL, &err),
           &err);
  FILE *a = fopen(table.text, "r"), *b = fopen(back.text, "r");
  assert_true(a && b);
  size_t line = 1;
  for (int x = getc(a), y = getc(b); x != EOF || y != EOF;
       x = getc(a), y = getc(b)) {
    if (x != y)
      fail_msg("the tables differ in line %zu", line);
    line += x == '\n';
  }
  fclose(a);
  fclose(b);
}

static void times_of_pandas(void **state)
{
  static const struct {
    const char *text;
    double seconds; /* -1: refused; -2: NaN */
  } cases[] = {{"0 days 00:00:01.5", 1.5},
               {"2 days 01:00:00", 176400},
               {"1 day", 86400},
               {"00:01:00", 60},
               {"1.5s", 1.5},
               {"0.25", 0.25},
               {"NaT", -2},
               {"", -2},
               {"soon", -1},
               {"0 days 24:00:00", -1},
               {"-1 days 00:00:00", -1},
               {"0 days 00:60:00", -1},
               {"00:00:60", -1},
               {"s", -1},
               {"-3", -1}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double seconds = 0;
    const bool ok = kj__audformat_seconds(cases[i].text, &seconds);
    const double got = !ok ? -1 : isnan(seconds) ? -2 : seconds;
    if (fabs(got - cases[i].seconds) > 1e-9)
      fail_msg("\"%s\" gives %g, not %g", cases[i].text, got, cases[i].seconds);
  }
}

static void kinds_have_names_and_reasons(void **state)
{
  (void)state;
  for (size_t k = 0; k < KJ_N_PROBLEM_KINDS; k++) {
    assert_true(strlen(kj_problem_name((kj_problem_kind)k)) > 0);
    assert_true(strlen(kj_problem_why((kj_problem_kind)k)) > 20);
  }
  assert_string_equal(kj_problem_name(KJ_N_PROBLEM_KINDS), "unknown");
  assert_string_equal(kj_problem_why(KJ_N_PROBLEM_KINDS), "unknown");
}

#define TEST(name)                                                             \
  cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(emodb),
      TEST(emotale),
      TEST(ravdess),
      TEST(cremad),
      TEST(what_is_exported_comes_back),
      TEST(times_of_pandas),
      TEST(kinds_have_names_and_reasons),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
