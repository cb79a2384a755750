/*
 * test_labels.c: what LABELS.csv says arrives, mapped to 1..5; what it must
 * not say is refused by line, column and cell.
 */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/tables.h"

static const char TABLE[] =
    "file,utterance,speaker,session,corpus,gender,start,end,weight,"
    "language,text,emotion,spontaneous,valence,arousal_0_100\n"
    "a/1.wav,u1,bob,s1,x,m,,,,de,\"Ja, ja\",joy,1,1,0\n"
    "/abs/2.wav,u2,ann,s1,x,f,0.5,2.25,2.5,,,,0,5,100\n"
    "a/1.wav,u3,bob,s2,x,,2,,0,,,,,,25\n";

static void read_ok(const char *path, const kj_target_spec *targets, size_t n,
                    kj_dataset **data)
{
  kj_error err = {0};
  *data = NULL;
  check_ok(kj_dataset_read_labels(path, targets, n, data, &err), &err);
}

static void every_column_arrives(void **state)
{
  const test_path path = write_text(state, "l.csv", TABLE);
  const test_path resolved = path_in(state, "a/1.wav");
  const kj_target_spec targets[] = {{"valence", "valence", 1, 5},
                                    {"activation", "arousal_0_100", 0, 100}};
  kj_dataset *d;
  read_ok(path.text, targets, 2, &d);
  assert_string_equal(d->path, path.text);
  assert_int_equal(d->n_rows, 3);
  assert_int_equal(d->n_targets, 2);
  assert_string_equal(d->target[1], "activation");
  assert_int_equal(d->n_inputs, 0);
  assert_null(d->x);
  assert_string_equal(d->row[0].name, "a/1.wav");
  assert_string_equal(d->row[0].file, resolved.text);
  assert_string_equal(d->row[1].file, "/abs/2.wav");
  assert_string_equal(d->row[2].utterance, "u3");
  assert_string_equal(d->row[1].gender, "f");
  assert_string_equal(d->row[2].gender, "");
  assert_string_equal(d->row[0].language, "de");
  assert_string_equal(d->row[0].text, "Ja, ja");
  assert_string_equal(d->row[0].emotion, "joy");
  assert_string_equal(d->row[1].text, "");
  assert_int_equal(d->row[0].spontaneous, 1);
  assert_int_equal(d->row[1].spontaneous, 0);
  assert_int_equal(d->row[2].spontaneous, -1);
  assert_true(d->row[0].start_s == 0 && d->row[0].end_s == 0);
  assert_true(d->row[1].start_s == 0.5 && d->row[1].end_s == 2.25);
  assert_true(d->row[2].start_s == 2 && d->row[2].end_s == 0);
  assert_true(d->row[0].weight == 1 && d->row[1].weight == 2.5);
  assert_true(d->row[2].weight == 0);
  assert_int_equal(d->row[2].line, 4);
  kj_dataset_destroy(d);
  kj_dataset_destroy(NULL);
}

static void ratings_are_mapped_to_1_to_5(void **state)
{
  const test_path path = write_text(state, "l.csv", TABLE);
  const kj_target_spec targets[] = {{"valence", "valence", 1, 5},
                                    {"activation", "arousal_0_100", 0, 100}};
  kj_dataset *d;
  read_ok(path.text, targets, 2, &d);
  assert_true(d->y[0] == 1.0f && d->y[1] == 1.0f);
  assert_true(d->y[2] == 5.0f && d->y[3] == 5.0f);
  assert_true(isnan(d->y[4]) && d->y[5] == 2.0f);
  kj_dataset_destroy(d);
  const kj_target_spec seven[] = {{"valence", "valence", 1, 7}};
  read_ok(path.text, seven, 1, &d);
  assert_true(fabs((double)d->y[1] - (1.0 + 4.0 * 4.0 / 6.0)) < 1e-6);
  kj_dataset_destroy(d);
}

static void groups_are_numbered_as_they_appear(void **state)
{
  const test_path path = write_text(state, "l.csv", TABLE);
  kj_dataset *d;
  read_ok(path.text, NULL, 0, &d);
  const kj_groups *speakers = &d->groups[KJ_GROUP_SPEAKER];
  assert_int_equal(speakers->n, 2);
  assert_string_equal(speakers->name[0], "bob");
  assert_string_equal(speakers->name[1], "ann");
  assert_int_equal(d->row[2].group[KJ_GROUP_SPEAKER], 0);
  assert_int_equal(d->row[2].group[KJ_GROUP_SESSION], 1);
  assert_string_equal(d->row[1].group_name[KJ_GROUP_SPEAKER], "ann");
  assert_int_equal(d->groups[KJ_GROUP_CORPUS].n, 1);

  kj_error err = {0};
  const unsigned char keep[] = {0, 1, 1}, none[] = {0, 0, 0};
  check_failure(kj_dataset_keep_rows(d, none, &err), KJ_EDATA, &err,
                "no row is left");
  check_ok(kj_dataset_keep_rows(d, keep, &err), &err);
  assert_int_equal(d->n_rows, 2);
  assert_string_equal(d->row[0].utterance, "u2");
  assert_string_equal(d->groups[KJ_GROUP_SPEAKER].name[0], "ann");
  assert_int_equal(d->row[0].group[KJ_GROUP_SPEAKER], 0);
  assert_int_equal(d->row[1].group[KJ_GROUP_SPEAKER], 1);
  kj_dataset_destroy(d);
}

static void a_key_and_ratings_are_enough(void **state)
{
  const test_path path = write_text(state, "l.csv", "utterance,v\na,1\nb,\n");
  const kj_target_spec target = {"valence", "v", 1, 5};
  kj_dataset *d;
  read_ok(path.text, &target, 1, &d);
  assert_string_equal(d->row[1].name, "b");
  assert_string_equal(d->row[1].file, "");
  assert_int_equal(d->groups[KJ_GROUP_SPEAKER].n, 1);
  assert_string_equal(d->groups[KJ_GROUP_SPEAKER].name[0], "");
  kj_dataset_destroy(d);
}

static void activation_and_arousal_are_one(void **state)
{
  static const struct {
    const char *header, *argument;
    float wanted;
  } rows[] = {{"file,activation,arousal\n", "activation", 2},
              {"file,activation,arousal\n", "arousal", 3},
              {"file,x,arousal\n", "activation", 3},
              {"file,activation,x\n", "arousal", 2},
              {"file,x,y\n", "activation=y", 3},
              {"file,x,arousal\n", "arousal=x", 2}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char text[128];
    snprintf(text, sizeof text, "%sa.wav,2,3\n", rows[i].header);
    const test_path path = write_text(state, "l.csv", text);
    kj_target_spec target;
    kj_error err = {0};
    kj_dataset *d;
    check_ok(kj_target_parse(rows[i].argument, &target, &err), &err);
    assert_string_equal(target.name, "activation");
    read_ok(path.text, &target, 1, &d);
    if (d->y[0] < rows[i].wanted || d->y[0] > rows[i].wanted)
      fail_msg("%s of %s gives %g", rows[i].argument, rows[i].header,
               (double)d->y[0]);
    kj_dataset_destroy(d);
  }
}

static const struct {
  const char *table;
  kj_status status;
  const char *message;
} BAD[] = {
    {"", KJ_EFORMAT, "l.csv: empty"},
    {"file,valence\n", KJ_EDATA, "l.csv: no row that can be used"},
    {"name,valence\na,1\n", KJ_EDATA,
     "l.csv: no column \"file\" or \"utterance\" names the rows"},
    {"file,valenz,valence_0_100\na,1,1\n", KJ_EDATA,
     "l.csv: no column \"valence\" for target valence; the nearest are: "
     "valence_0_100, valenz, file (say valence=COLUMN)"},
    {"file,valence\na,1\na,2\n", KJ_EDATA,
     "l.csv:3: column file: \"a\" is there twice with the same start and end; "
     "the first is in line 2"},
    {"file,start,end,valence\na,,,1\na,0,1,2\na,0,1.0,2\n", KJ_EDATA,
     "l.csv:4: column file: \"a\" is there twice with the same start and end; "
     "the first is in line 3"},
    {"file,valence\nx/a,1\nx/a,2\n", KJ_EDATA, "\"x/a\" is there twice"},
    {"utterance,valence\na,1\nb,1\na,2\n", KJ_EDATA,
     "l.csv:4: column utterance: \"a\" is there twice; the first is in line 2"},
    {"utterance,valence\n,1\n", KJ_EDATA,
     "l.csv:2: column utterance: \"\" is empty; every row needs one"},
    {"file,utterance,valence\n,u,1\n", KJ_EDATA,
     "l.csv:2: column file: \"\" is empty; every row needs one"},
    {"file,valence\na,good\n", KJ_EDATA,
     "l.csv:2: column valence: \"good\" is not a finite number (decimals have "
     "a point)"},
    {"file,valence\na,nan\n", KJ_EDATA, "\"nan\" is not a finite number"},
    {"file;valence\na;2,5\n", KJ_EDATA, "\"2,5\" is not a finite number"},
    {"file,valence\na,1\nb,81.167\n", KJ_EDATA,
     "l.csv:3: column valence: \"81.167\" is outside the scale 1..5; give the "
     "scale of the ratings, as in --scale 0:100"},
    {"file,valence\na,0.999\n", KJ_EDATA, "is outside the scale 1..5"},
    {"file,valence\na,\nb,\n", KJ_EDATA,
     "l.csv: target valence has no rating in any row"},
    {"file,valence,weight\na,1,-1\n", KJ_EDATA,
     "l.csv:2: column weight: \"-1\" is negative; must be at least 0"},
    {"file,valence,weight\na,1,inf\n", KJ_EDATA, "is not a finite number"},
    {"file,valence,start\na,1,-0.5\n", KJ_EDATA, "is negative"},
    {"file,valence,spontaneous\na,1,yes\n", KJ_EDATA,
     "\"yes\" must be 1 (spontaneous), 0 (acted or read) or empty"},
    {"file,valence,start\na,1,x\n", KJ_EDATA, "column start: \"x\" is not"},
    {"file,valence,start,end\na,1,2,2\n", KJ_EDATA,
     "l.csv:2: column end: \"2\" is not after the start"},
    {"file,valence,start,end\na,1,2,1e10\n", KJ_EDATA,
     "l.csv:2: column end: \"1e10\" is too late; must be at most 1e+09"},
    {"file,valence,start,end\na,1,2e9,3\n", KJ_EDATA,
     "l.csv:2: column start: \"2e9\" is too late"},
    {"file,valence,start,end\na,1,2e9,\n", KJ_EDATA,
     "l.csv:2: column start: \"2e9\" is too late"},
    {"file,valence,start\na,1,2e9\n", KJ_EDATA,
     "l.csv:2: column start: \"2e9\" is too late"}};

static void every_mistake_is_named(void **state)
{
  const kj_target_spec target = {"valence", "valence", 1, 5};
  for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
    const test_path path = write_text(state, "l.csv", BAD[i].table);
    kj_dataset *d = (void *)1;
    kj_error err = {0};
    const kj_status status =
        kj_dataset_read_labels(path.text, &target, 1, &d, &err);
    check_failure(status, BAD[i].status, &err, BAD[i].message);
    assert_ptr_equal(d, (void *)1);
    assert_int_equal(kj_dataset_read_labels(path.text, &target, 1, &d, NULL),
                     BAD[i].status);
  }
}

static void a_file_that_is_not_there(void **state)
{
  const test_path path = path_in(state, "none.csv");
  kj_dataset *d;
  kj_error err = {0};
  check_failure(kj_dataset_read_labels(path.text, NULL, 0, &d, &err), KJ_EFILE,
                &err, "none.csv: No such file");
}

static void targets_are_checked(void **state)
{
  const test_path path = write_text(state, "l.csv", "file,valence\na,1\n");
  const kj_target_spec twice[] = {{"valence", "valence", 1, 5},
                                  {"valence", "valence", 1, 5}};
  const kj_target_spec flat = {"valence", "valence", 5, 5};
  const kj_target_spec endless = {"valence", "valence", 0, (double)INFINITY};
  kj_target_spec many[KJ_MAX_TARGETS + 1];
  kj_dataset *d;
  kj_error err = {0};
  check_failure(kj_dataset_read_labels(path.text, twice, 2, &d, &err),
                KJ_EARGUMENT, &err, "target valence is given twice");
  check_failure(kj_dataset_read_labels(path.text, &flat, 1, &d, &err),
                KJ_EARGUMENT, &err, "target valence: scale 5:5; must be");
  check_failure(kj_dataset_read_labels(path.text, &endless, 1, &d, &err),
                KJ_EARGUMENT, &err, "scale 0:inf");
  check_failure(
      kj_dataset_read_labels(path.text, many, KJ_MAX_TARGETS + 1, &d, &err),
      KJ_EARGUMENT, &err, "17 targets; at most 16");
}

static void targets_of_a_command_line(void **state)
{
  (void)state;
  kj_target_spec t;
  kj_error err = {0};
  check_ok(kj_target_parse("valence", &t, &err), &err);
  assert_string_equal(t.name, "valence");
  assert_string_equal(t.column, "valence");
  assert_true(t.low == 1 && t.high == 5);
  check_ok(kj_target_parse("activation=arousal_0_100", &t, &err), &err);
  assert_string_equal(t.name, "activation");
  assert_string_equal(t.column, "arousal_0_100");
  check_ok(kj_target_parse("my-target_2=the column=2", &t, &err), &err);
  assert_string_equal(t.column, "the column=2");
  static const char *const bad[] = {
      "",         "=x", "a b",
      "valence=", "é",  "a-name-that-is-longer-than-thirty-one-bytes"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    check_failure(kj_target_parse(bad[i], &t, &err), KJ_EARGUMENT, &err,
                  bad[i]);
  char far[200] = "valence=";
  memset(far + 8, 'x', 128);
  check_failure(kj_target_parse(far, &t, &err), KJ_EARGUMENT, &err,
                "the column must have 1..127 bytes");
  assert_string_equal(t.column, "the column=2");
}

static void scales_of_a_command_line(void **state)
{
  (void)state;
  double low = 9, high = 9;
  kj_error err = {0};
  static const char *const bad[] = {"",      "1",    "1:",    ":5",  "5:1",
                                    "1:1",   "1-5",  "1:5:7", "a:b", "1:inf",
                                    "nan:5", "1: 5", "1;5"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    check_failure(kj_scale_parse(bad[i], &low, &high, &err), KJ_EARGUMENT, &err,
                  "must be LOW:HIGH");
    assert_true(low == 9 && high == 9);
  }
  check_ok(kj_scale_parse("0:100", &low, &high, &err), &err);
  assert_true(low == 0 && high == 100);
  check_ok(kj_scale_parse("-3.5:3.5", &low, &high, &err), &err);
  assert_true(low == -3.5 && high == 3.5);
}

#define IN_FOLDER(test)                                                        \
  cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_FOLDER(every_column_arrives),
      IN_FOLDER(ratings_are_mapped_to_1_to_5),
      IN_FOLDER(groups_are_numbered_as_they_appear),
      IN_FOLDER(a_key_and_ratings_are_enough),
      IN_FOLDER(activation_and_arousal_are_one),
      IN_FOLDER(every_mistake_is_named),
      IN_FOLDER(a_file_that_is_not_there),
      IN_FOLDER(targets_are_checked),
      cmocka_unit_test(targets_of_a_command_line),
      cmocka_unit_test(scales_of_a_command_line)};
  return cmocka_run_group_tests_name("labels", tests, NULL, NULL);
}
