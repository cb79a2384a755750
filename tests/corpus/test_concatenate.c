/*
 * test_concatenate.c: several corpora in one dataset; single ratings are read
 * and go along.
 */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/tables.h"

static const kj_target_spec VALENCE = {"valence", "v", 1, 7};

static kj_dataset *read_corpus(void **state, const char *name,
                               const char *labels, const char *features)
{
  char file[64];
  kj_dataset *data = NULL;
  kj_error err;
  snprintf(file, sizeof file, "%s.csv", name);
  const test_path path = write_text(state, file, labels);
  snprintf(file, sizeof file, "%s-f.csv", name);
  const test_path table = write_text(state, file, features);
  kj_status status =
      kj_dataset_read_labels(path.text, &VALENCE, 1, &data, &err);
  if (status == KJ_OK)
    status = kj_dataset_attach_features(data, table.text, NULL, &err);
  if (status != KJ_OK)
    fail_msg("%s", err.message);
  return data;
}

static kj_dataset *first(void **state)
{
  return read_corpus(state, "first",
                     "utterance,speaker,session,corpus,v,v_ratings\n"
                     "u1,ann,1,x,1,1;1\nu2,bob,1,x,7,\nu3,,2,x,4,3;4;5\n",
                     "utterance,p,q\nu1,1,2\nu2,3,4\nu3,5,6\n");
}

static kj_dataset *second(void **state)
{
  return read_corpus(state, "second",
                     "utterance,speaker,v,valence_ratings\n"
                     "u1,ann,2,7\nu2,eve,,1;2.5\nu3,eve,2,\n",
                     "utterance,q,p\nu1,20,10\nu2,40,30\nu3,60,50\n");
}

static kj_dataset *both(void **state)
{
  static const char *const names[] = {"a", "b"};
  kj_dataset *part[] = {first(state), second(state)}, *all = NULL;
  kj_error err;
  if (kj_dataset_concatenate(part, names, 2, &all, &err) != KJ_OK)
    fail_msg("%s", err.message);
  kj_dataset_destroy(part[0]);
  kj_dataset_destroy(part[1]);
  return all;
}

static void rows_stand_one_behind_the_other(void **state)
{
  static const float x[] = {1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60};
  kj_dataset *all = both(state);
  assert_int_equal(all->n_rows, 6);
  assert_int_equal(all->n_inputs, 2);
  assert_string_equal(all->input_name[0], "p");
  assert_memory_equal(all->x, x, sizeof x);
  assert_true(all->y[1] == 5.0f && isnan(all->y[4]));
  assert_string_equal(all->row[3].utterance, "u1");
  kj_dataset_destroy(all);
}

static void the_same_name_is_two_speakers(void **state)
{
  static const char *const speakers[] = {"a:ann", "a:bob", "",
                                         "b:ann", "b:eve", "b:eve"};
  static const char *const sessions[] = {"a:1", "a:1", "a:2", "", "", ""};
  kj_dataset *all = both(state);
  for (size_t i = 0; i < 6; i++) {
    const kj_row *row = &all->row[i];
    assert_string_equal(row->group_name[KJ_GROUP_SPEAKER], speakers[i]);
    assert_string_equal(row->group_name[KJ_GROUP_SESSION], sessions[i]);
    assert_string_equal(row->group_name[KJ_GROUP_CORPUS], i < 3 ? "a" : "b");
  }
  assert_int_equal(all->groups[KJ_GROUP_SPEAKER].n, 5);
  assert_int_equal(all->groups[KJ_GROUP_CORPUS].n, 2);
  kj_dataset_destroy(all);
}

/* 1..7 becomes 1..5; the column may have the target's name or its column's. */
static void single_ratings_go_along(void **state)
{
  static const size_t n[] = {2, 0, 3, 1, 2, 0};
  kj_dataset *all = both(state);
  for (size_t i = 0; i < 6; i++)
    assert_int_equal(all->row[i].rating[0].n, n[i]);
  assert_true(all->row[0].rating[0].value[1] == 1.0);
  assert_true(all->row[2].rating[0].value[1] == 3.0);
  assert_true(all->row[3].rating[0].value[0] == 5.0);
  assert_true(all->row[4].rating[0].value[1] == 2.0);
  kj_dataset_destroy(all);
}

static void what_cannot_be_joined_is_refused(void **state)
{
  static const char *const names[] = {"a", "b"};
  kj_dataset *part[] = {first(state), NULL}, *all = NULL;
  kj_error err = {0};
  assert_int_equal(kj_dataset_concatenate(part, names, 0, &all, &err),
                   KJ_EARGUMENT);
  part[1] = read_corpus(state, "other", "utterance,v\nu1,2\n",
                        "utterance,p,r\nu1,1,2\n");
  assert_int_equal(kj_dataset_concatenate(part, names, 2, &all, &err),
                   KJ_EDATA);
  assert_non_null(strstr(err.message, "no column \"q\""));
  part[1]->n_targets = 0;
  assert_int_equal(kj_dataset_concatenate(part, names, 2, &all, &err),
                   KJ_EARGUMENT);
  assert_non_null(strstr(err.message, "other targets"));
  kj_dataset_destroy(part[1]);
  const kj_target_spec target = VALENCE;
  const test_path path = write_text(state, "bare.csv", "utterance,v\nu1,2\n");
  assert_int_equal(
      kj_dataset_read_labels(path.text, &target, 1, &part[1], &err), KJ_OK);
  assert_int_equal(kj_dataset_concatenate(part, names, 2, &all, &err),
                   KJ_EDATA);
  assert_non_null(strstr(err.message, "no features"));
  assert_null(all);
  kj_dataset_destroy(part[0]);
  kj_dataset_destroy(part[1]);
}

/* Corpora whose tables say these sets, or nothing; NULL: they go together. */
static void join_sets(void **state, const char *const *sets, size_t n,
                      const char *refused)
{
  static const char *const names[] = {"a", "b", "c"};
  kj_dataset *part[3] = {NULL}, *all = NULL;
  kj_error err = {0};
  for (size_t p = 0; p < n; p++) {
    char text[128];
    snprintf(text, sizeof text, "utterance,p,feature_set\nu1,1,%s\n", sets[p]);
    part[p] = read_corpus(state, names[p], "utterance,v\nu1,2\n", text);
  }
  const kj_status status = kj_dataset_concatenate(part, names, n, &all, &err);
  if (status != (refused ? KJ_EDATA : KJ_OK) ||
      (refused && !strstr(err.message, refused)))
    fail_msg("\"%s\", \"%s\", ...: status %d, %s", sets[0], sets[1],
             (int)status, err.message);
  if (!refused)
    assert_string_equal(all->set_label, "x/1");
  kj_dataset_destroy(all);
  for (size_t p = 0; p < n; p++)
    kj_dataset_destroy(part[p]);
}

static void tables_of_different_sets_stay_apart(void **state)
{
  join_sets(state, (const char *const[]){"x/1", "x/1"}, 2, NULL);
  join_sets(state, (const char *const[]){"", "x/1"}, 2, NULL);
  join_sets(state, (const char *const[]){"x/1", "y/1"}, 2,
            "b-f.csv: features are of the set y/1; must be x/1");
  join_sets(state, (const char *const[]){"x/1", "x/2"}, 2,
            "features are of the set x/2; must be x/1");
  join_sets(state, (const char *const[]){"", "x/1", "y/1"}, 3,
            "c-f.csv: features are of the set y/1; must be x/1");
}

static void a_rating_that_is_no_number_is_told(void **state)
{
  static const char *const cells[] = {"x", "1;", ";1", "1,2", "1;;2", "1 2"};
  for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
    char text[128];
    kj_dataset *data = NULL;
    kj_error err = {0};
    snprintf(text, sizeof text, "utterance,v,v_ratings\nu1,2,\"%s\"\n",
             cells[i]);
    const test_path path = write_text(state, "bad.csv", text);
    const kj_status status =
        kj_dataset_read_labels(path.text, &VALENCE, 1, &data, &err);
    if (status != KJ_EDATA || !strstr(err.message, "bad.csv:2") ||
        !strstr(err.message, "numbers with ';' between"))
      fail_msg("\"%s\": status %d, %s", cells[i], (int)status, err.message);
    assert_null(data);
  }
}

#define IN_FOLDER(test)                                                        \
  cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_FOLDER(rows_stand_one_behind_the_other),
      IN_FOLDER(the_same_name_is_two_speakers),
      IN_FOLDER(single_ratings_go_along),
      IN_FOLDER(what_cannot_be_joined_is_refused),
      IN_FOLDER(tables_of_different_sets_stay_apart),
      IN_FOLDER(a_rating_that_is_no_number_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
