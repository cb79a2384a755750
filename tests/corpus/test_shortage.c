/*
 * test_shortage.c: allocation number 1, 2, 3 ... fails, for every function
 * that allocates: "out of memory", and (under a sanitizer) nothing leaks.
 *
 * The linker puts the __wrap_ functions here in the place of the originals
 * for all of libkanjo (tests.cmake).
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/tables.h"
#include "kanjo/import.h"
#include "shortage.h"

/* Files and datasets that the calls work on. */
typedef struct work {
  test_path labels, features, folder, corpora;
  kj_dataset *data; /* read anew for each call; NULL if it is not needed */
} work;

typedef kj_status (*call)(work *w, kj_error *err);

static kj_status read_labels(work *w, kj_error *err)
{
  const kj_target_spec target = {"valence", "valence", 1, 5};
  return kj_dataset_read_labels(w->labels.text, &target, 1, &w->data, err);
}

static kj_status read_features(work *w, kj_error *err)
{
  return kj_dataset_read_features(w->features.text, &w->data, NULL, err);
}

static kj_status attach_features(work *w, kj_error *err)
{
  return kj_dataset_attach_features(w->data, w->features.text, NULL, err);
}

static kj_status attach_functionals(work *w, kj_error *err)
{
  static const unsigned char usable[] = {1, 1, 0};
  static const float x[3 * 512] = {0};
  const kj_feature_set *set = kj_feature_set_get(0);
  assert_in_range(set->n_functionals, 1, 512);
  return kj_dataset_attach_functionals(w->data, set, x, usable, err);
}

static kj_status match_columns(work *w, kj_error *err)
{
  static const char *const names[] = {"q", "p"};
  return kj_dataset_match_columns(w->data, names, 2, err);
}

static kj_status split_make(work *w, kj_error *err)
{
  const kj_split split = {KJ_GROUP_SPEAKER, 0.3, 1};
  unsigned char held[3];
  return kj_split_make(w->data, (kj_rows){NULL, 3}, &split, held, err);
}

static kj_status folds_make(work *w, kj_error *err)
{
  const kj_folds folds = {KJ_GROUP_SPEAKER, 2, 1};
  size_t fold[3], n;
  return kj_folds_make(w->data, (kj_rows){NULL, 3}, &folds, fold, &n, err);
}

static kj_status add_inputs(work *w, kj_error *err)
{
  kj_inputs inputs = {0};
  kj_status status = kj_inputs_add(&inputs, w->folder.text, err);
  if (status == KJ_OK)
    status = kj_inputs_add(&inputs, w->labels.text, err);
  kj_inputs_clear(&inputs);
  return status;
}

static kj_status import_corpora(work *w, kj_error *err)
{
  static const char *const names[] = {"iemocap", "uudb", "msp-improv",
                                      "msp-podcast", "ogvc"};
  char table[TEST_PATH_SIZE + 16];
  kj_status status = KJ_OK;
  snprintf(table, sizeof table, "%s/t.csv", w->corpora.text);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    kj_import_report report = {0};
    if (status == KJ_OK)
      status =
          kj_import_run(names[i], w->corpora.text, NULL, table, &report, err);
    kj_import_report_clear(&report);
  }
  return status;
}

/* What is called, and what makes its dataset before. */
static const struct {
  const char *name;
  call prepare, run;
} CALLS[] = {{"read_labels", NULL, read_labels},
             {"read_features", NULL, read_features},
             {"attach_features", read_labels, attach_features},
             {"attach_functionals", read_labels, attach_functionals},
             {"match_columns", read_features, match_columns},
             {"split_make", read_labels, split_make},
             {"folds_make", read_labels, folds_make},
             {"add_inputs", NULL, add_inputs},
             {"import_corpora", NULL, import_corpora}};

/* The call with its allocation number `at` failing: did it succeed? */
static bool run_short(work *w, size_t i, size_t at)
{
  kj_error err = {0};
  w->data = NULL;
  if (CALLS[i].prepare)
    check_ok(CALLS[i].prepare(w, &err), &err);
  *countdown() = at;
  const kj_status status = CALLS[i].run(w, &err);
  *countdown() = 0;
  kj_dataset_destroy(w->data);
  if (status == KJ_OK)
    return true;
  if (status != KJ_EMEMORY || !strstr(err.message, "out of memory for "))
    fail_msg("%s without allocation %zu: %s: %s", CALLS[i].name, at,
             kj_status_text(status), err.message);
  return false;
}

/* One utterance of each corpus, all in one folder. */
static test_path write_corpora(void **state)
{
  static const char *const folders[] = {
      "c",          "c/Session1",   "c/Session1/dialog",
      "c/Sessions", "c/Sessions/C", "c/Session1/dialog/EmoEvaluation",
      "c/Labels",   "c/Acted",      "c/Acted/wav"};
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
    assert_int_equal(mkdir(path_in(state, folders[i]).text, 0755), 0);
  write_text(state, "c/Session1/dialog/EmoEvaluation/d.txt",
             "[1 - 2] Ses01F_impro01_F000 neu [1, 2, 6]\n"
             "A-E1: val 1; act 2; dom 7;\n");
  write_text(state, "c/Sessions/C/C.xml",
             "<d><Utterance UtteranceID=\"1\" Channel=\"L\" "
             "UtteranceStartTime=\"0\" UtteranceEndTime=\"1\">"
             "<Rating Arousal=\"1\"/></Utterance></d>");
  write_text(state, "c/Evaluation.txt",
             "UTD-IMPROV-S01A-F01-P-FM01.avi; N; A:1; V:2; D:3;\n");
  write_text(state, "c/Labels/labels_consensus.csv",
             "FileName,EmoAct,EmoVal,EmoDom\na_b.wav,1,2,3\n");
  write_text(state, "c/Labels/labels.txt",
             "a_b.wav; N; A:1; V:2; D:3;\nW; N; N; A:1; V:2; D:3;\n");
  write_text(state, "c/Acted/wav/FOY0101JOY1.wav", "");
  return path_in(state, "c");
}

static void every_allocation_may_fail(void **state)
{
  work w = {.labels = write_text(state, "l.csv",
                                 "file,speaker,valence\nx/a.wav,s,1\n"
                                 "b.wav,t,2\nc.wav,u,3\n"),
            .features = write_text(state, "f.csv",
                                   "file,p,q\n./x/a.wav,1,2\n./b.wav,3,4\n"),
            .folder = path_in(state, "x"),
            .corpora = write_corpora(state)};
  assert_int_equal(mkdir(w.folder.text, 0755), 0);
  write_text(state, "x/a.wav", "");
  write_text(state, "x/b.wav", "");
  for (size_t i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++) {
    size_t n = 1;
    while (!run_short(&w, i, n))
      n++;
    print_message("%s: %zu allocations\n", CALLS[i].name, n - 1);
    if (n < 3 || n > 400)
      fail_msg("%s has %zu allocations", CALLS[i].name, n - 1);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
      every_allocation_may_fail, make_folder, remove_folder)};
  return cmocka_run_group_tests_name("corpus shortage", tests, NULL, NULL);
}
