/*
 * test_import.c: the frame of importers: the table of corpora, the walk of
 * folders, lines of text, and the oddities of label files that the tests of
 * the command line do not reach.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/import/folder.h"
#include "corpus/import/iemocap.h"
#include "corpus/import/lines.h"
#include "corpus/tables.h"
#include "kanjo/import.h"

/* ---- the table ---- */

static void corpora_say_all_of_themselves(void **state)
{
  (void)state;
  assert_in_range(kj_importer_count(), 6, 1000);
  assert_null(kj_importer_at(kj_importer_count()));
  for (size_t i = 0; i < kj_importer_count(); i++) {
    const kj_importer *importer = kj_importer_at(i);
    if (!importer->name[0] || !importer->title[0] || !importer->languages[0] ||
        !importer->scale || !importer->licence[0] || !importer->source[0])
      fail_msg("importer %zu (%s) has an empty field", i, importer->name);
    for (size_t j = 0; j < i; j++)
      assert_string_not_equal(importer->name, kj_importer_at(j)->name);
  }
}

static void a_report_is_optional(void **state)
{
  kj_error err = {0};
  kj_import_report report = {0};
  assert_int_equal(mkdir(path_in(state, "Acted").text, 0755), 0);
  assert_int_equal(mkdir(path_in(state, "Acted/wav").text, 0755), 0);
  assert_int_equal(mkdir(path_in(state, "Acted/wav/F1").text, 0755), 0);
  write_text(state, "Acted/wav/F1/FOY0101JOY3.wav", "");
  const test_path table = path_in(state, "t.csv");
  check_ok(kj_import_run("ogvc", *state, NULL, table.text, NULL, &err), &err);
  check_ok(kj_import_run("ogvc", *state, NULL, table.text, &report, &err),
           &err);
  assert_int_equal(report.n_rows, 1);
  assert_int_equal(report.n_speakers, 1);
  assert_int_equal(report.n_notes, 1);
  assert_string_equal(report.note[0], "1 utterances; the whole corpus has "
                                      "11770");
  kj_import_report_clear(&report);
  assert_null(report.note);
  kj_import_report_clear(&report);
  kj_import_report_clear(NULL);
  assert_int_equal(
      kj_import_run("ogvc", *state, NULL, "/no/where/t.csv", NULL, NULL),
      KJ_EFILE);
}

/* ---- folders ---- */

static void check_files(void **state, const kj__files *files,
                        const char *wanted)
{
  char got[1024] = "";
  for (size_t i = 0; i < files->n; i++)
    snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s",
             i > 0 ? " " : "", files->path[i] + strlen(*state));
  assert_string_equal(got, wanted);
}

static void folders_are_walked_in_one_order(void **state)
{
  static const char *const names[] = {"b/2.WAV", "b/10.wav", "a.wav",
                                      "._a.wav", "Z.wav",    "b/x.txt"};
  kj_error err = {0};
  kj__files files = {0};
  kj__arena *arena = kj__arena_create();
  assert_int_equal(mkdir(path_in(state, "b").text, 0755), 0);
  assert_int_equal(mkdir(path_in(state, ".c").text, 0755), 0);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    write_text(state, names[i], "");
  write_text(state, ".c/y.wav", "");
  assert_int_equal(symlink("..", path_in(state, "b/up").text), 0);
  assert_int_equal(symlink("gone", path_in(state, "gone.wav").text), 0);
  check_ok(kj__folder_files(*state, ".wav", arena, &files, &err), &err);
  check_files(state, &files, "/Z.wav /a.wav /b/10.wav /b/2.WAV");
  kj__files_clear(&files);
  check_ok(kj__folder_files_in(*state, ".wav", arena, &files, &err), &err);
  check_files(state, &files, "/Z.wav /a.wav");
  check_failure(
      kj__folder_files(path_in(state, "no").text, ".wav", arena, &files, &err),
      KJ_EFILE, &err, "no: No such file");
  kj__files_clear(&files);
  kj__arena_destroy(arena);
}

/* ---- lines ---- */

static kj_status note_line(void *context, const kj__line *line, kj_error *err)
{
  char *seen = context;
  (void)err;
  snprintf(seen + strlen(seen), 256 - strlen(seen), "%zu[%s]", line->number,
           line->text);
  return KJ_OK;
}

static void lines_end_in_either_way(void **state)
{
  static const struct {
    const char *text, *seen;
  } cases[] = {{"", ""},
               {"\n", "1[]"},
               {"a", "1[a]"},
               {"a\r\n\r\nb\n", "1[a]2[]3[b]"},
               {"\xEF\xBB\xBF"
                "a\nb\r",
                "1[a]2[b]"},
               {"\xEF\xBB\xBF", ""}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    kj_error err = {0};
    char text[64], seen[256] = "";
    snprintf(text, sizeof text, "%s", cases[i].text);
    check_ok(kj__lines_each("t", text, strlen(text), note_line, seen, &err),
             &err);
    assert_string_equal(seen, cases[i].seen);
  }
}

static void a_zero_byte_is_no_text(void **state)
{
  kj_error err = {0};
  char text[] = "a\nb\0c\n", seen[256] = "";
  (void)state;
  check_failure(
      kj__lines_each("t", text, sizeof text - 1, note_line, seen, &err),
      KJ_EFORMAT, &err, "t:2: a zero byte; must be text");
}

/* ---- ids of IEMOCAP ---- */

static kj_status count_turn(void *context, const kj__iemocap_turn *turn,
                            kj_error *err)
{
  (void)turn;
  (void)err;
  (*(size_t *)context)++;
  return KJ_OK;
}

static bool is_taken(const char *id)
{
  char line[160];
  kj_error err = {0};
  size_t n = 0;
  snprintf(line, sizeof line, "[1.0 - 2.0]\t%s\txxx\t[1.0, 1.0, 1.0]", id);
  const kj_status status =
      kj__iemocap_read("t", line, strlen(line), count_turn, &n, &err);
  assert_true((status == KJ_OK) == (n == 1));
  return n == 1;
}

static void ids_of_both_kinds_and_no_others(void **state)
{
  static const char *const good[] = {
      "Ses01F_impro01_F000",    "Ses05M_impro07_M123",
      "Ses03M_impro05a_M010",   "Ses03M_impro08b_F000",
      "Ses02F_script03_2_F046", "Ses05M_script01_1b_M012"};
  static const char *const bad[] = {"Ses1F_impro01_F000",
                                    "Ses01X_impro01_F000",
                                    "Ses01F_impro01_X000",
                                    "Ses01F_impro01_F00",
                                    "Ses01F_impro01_F0000",
                                    "Ses01F_impro1_F000",
                                    "Ses01F_impro01ab_F000",
                                    "Ses01F_script01_F000",
                                    "Ses01F_script_1_F000",
                                    "Ses01F_impro01_MXX0",
                                    "Ses01F",
                                    "impro01_F000"};
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    if (!is_taken(good[i]))
      fail_msg("%s is refused", good[i]);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    if (is_taken(bad[i]))
      fail_msg("%s is taken", bad[i]);
}

#define IN_FOLDER(test)                                                        \
  cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(corpora_say_all_of_themselves),
      IN_FOLDER(a_report_is_optional),
      IN_FOLDER(folders_are_walked_in_one_order),
      cmocka_unit_test(lines_end_in_either_way),
      cmocka_unit_test(a_zero_byte_is_no_text),
      cmocka_unit_test(ids_of_both_kinds_and_no_others)};
  return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
