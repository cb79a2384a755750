/*
 * test_features.c: features find their rows by utterance, by file, by name
 * and by segment; what does not join is counted, what cannot be used refused.
 */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/tables.h"

/* Labels and features are written, read and joined; the outcome as a text:
 * "name:x0,x1 name:x0,x1" in the order of the labels. */
static kj_status join(void **state, const char *labels, const char *features,
                      char outcome[256], kj_join_report *report, kj_error *err)
{
  const test_path l = write_text(state, "l.csv", labels);
  const test_path f = write_text(state, "f.csv", features);
  kj_dataset *d = NULL;
  check_ok(kj_dataset_read_labels(l.text, NULL, 0, &d, err), err);
  const kj_status status = kj_dataset_attach_features(d, f.text, report, err);
  size_t n = 0;
  outcome[0] = '\0';
  for (size_t i = 0; i < d->n_rows && status == KJ_OK; i++) {
    n += (size_t)snprintf(outcome + n, 256 - n, "%s%s:", i > 0 ? " " : "",
                          d->row[i].utterance[0] ? d->row[i].utterance
                                                 : d->row[i].name);
    for (size_t k = 0; k < d->n_inputs; k++)
      n += (size_t)snprintf(outcome + n, 256 - n, "%s%g", k > 0 ? "," : "",
                            (double)d->x[i * d->n_inputs + k]);
  }
  if (status != KJ_OK) {
    assert_null(d->x);
    assert_int_equal(d->n_inputs, 0);
  }
  kj_dataset_destroy(d);
  return status;
}

static const struct {
  const char *labels, *features, *outcome;
} JOINS[] = {
    /* by utterance, in any order, whatever the files are */
    {"utterance\na\nb\n", "utterance,p,q\nb,3,4\na,1,2\n", "a:1,2 b:3,4"},
    {"utterance,file\na,x.wav\nb,y.wav\n", "file,utterance,p\nx.wav,b,1\n",
     "b:1"},
    /* by file, as written */
    {"file\nx/a.wav\nx/b.wav\n", "file,p\nx/b.wav,2\nx/a.wav,1\n",
     "x/a.wav:1 x/b.wav:2"},
    /* by file, another way to write it */
    {"file\nx/a.wav\n./x/b.wav\n", "file,p\n./x/../x/a.wav,1\nx//b.wav,2\n",
     "x/a.wav:1 ./x/b.wav:2"},
    /* by the name of the file */
    {"utterance\na\nb\n", "file,p\nsome/a.wav,1\nother/b.flac,2\n", "a:1 b:2"},
    {"file\nsome/a.wav\nsome/b.wav\n", "utterance,p\nb,2\na,1\n",
     "some/a.wav:1 some/b.wav:2"},
    /* by segment: start to 1 ms, end to 50 ms, the nearest end */
    {"file,start,end\na,0,1\na,1,2.5\na,0,2\n",
     "file,start,end,p\na,1.0004,2.49,2\na,0,1.97,3\na,0,1,1\n", "a:1 a:2 a:3"},
    {"file,start,end\na,,\na,1,2\n", "file,start,end,p\na,0,3,1\na,1,2,2\n",
     "a:1 a:2"},
    {"file,start,end\na,2,\n", "file,start,end,p\na,0,9,1\na,2,9,2\n", "a:2"},
    {"file,start,end\na,0,1\na,0,1.04\n",
     "file,start,end,p\na,0,1.03,2\na,0,1.01,1\n", "a:1 a:2"},
    {"file,start,end\nx/a,0,1\n./x/a,1,2\n",
     "file,start,end,p\nx//a,1,2,2\nx//a,0,1,1\n", "x/a:1 ./x/a:2"},
    /* one row a file: its segment needs not be told */
    {"file,start,end\na,1,2\n", "file,p\na,7\n", "a:7"},
    {"file\na\n", "file,start,end,p\na,0.5,3.5,7\n", "a:7"},
    /* columns with a meaning are no features */
    {"file\na\n",
     "p,file,speaker,start,q,gender,status,weight,end,session,corpus\n"
     "1,a,7,,2,m,ok,3,,5,6\n",
     "a:1,2"}};

static void rows_find_each_other(void **state)
{
  for (size_t i = 0; i < sizeof JOINS / sizeof JOINS[0]; i++) {
    char outcome[256];
    kj_error err = {0};
    check_ok(
        join(state, JOINS[i].labels, JOINS[i].features, outcome, NULL, &err),
        &err);
    if (strcmp(outcome, JOINS[i].outcome) != 0)
      fail_msg("join %zu: got \"%s\", wanted \"%s\"", i, outcome,
               JOINS[i].outcome);
  }
}

static void paths_from_the_working_folder(void **state)
{
  char outcome[256], features[TEST_PATH_SIZE + 64];
  kj_error err = {0};
  const test_path file = path_in(state, "sub/a.wav");
  char *before = getcwd(NULL, 0);
  assert_non_null(before);
  /* as extract writes it when run from the folder above */
  snprintf(features, sizeof features, "file,p\n%s/sub/a.wav,5\n",
           strrchr(*state, '/') + 1);
  assert_int_equal(chdir("/tmp"), 0);
  check_ok(join(state, "file\nsub/a.wav\n", features, outcome, NULL, &err),
           &err);
  assert_string_equal(outcome, "sub/a.wav:5");
  assert_int_equal(chdir(before), 0);
  snprintf(features, sizeof features, "file,p\n%s,6\n", file.text);
  check_ok(join(state, "file\nsub/a.wav\n", features, outcome, NULL, &err),
           &err);
  assert_string_equal(outcome, "sub/a.wav:6");
  free(before);
}

static void what_does_not_join_is_counted(void **state)
{
  char outcome[256];
  kj_join_report report;
  kj_error err = {0};
  check_ok(join(state, "utterance\nl1\na\nl2\nb\nl3\nl4\nl5\nl6\n",
                "utterance,status,p\n"
                "a,ok,1\nf1,ok,1\nl1,too_short,\nl2,decode_error,\n"
                "b,silent,2\nl3,not_finite,nan\nf2,clipped,\n",
                outcome, &report, &err),
           &err);
  assert_string_equal(outcome, "a:1 b:2");
  assert_int_equal(report.n_joined, 2);
  assert_int_equal(report.without_features.n, 6);
  assert_string_equal(report.without_features.name[0], "l1");
  assert_string_equal(report.without_features.name[4], "l5");
  assert_int_equal(report.without_labels.n, 2);
  assert_string_equal(report.without_labels.name[1], "f2");
  assert_int_equal(report.unusable.n, 3);
  assert_string_equal(report.unusable.name[0], "l1 (too_short)");
  assert_string_equal(report.unusable.name[1], "l2 (decode_error)");
  assert_string_equal(report.unusable.name[2], "l3 (not_finite)");
}

static const struct {
  const char *labels, *features, *message;
} BAD[] = {
    {"utterance\na\n", "name,p\na,1\n",
     "f.csv: no column \"utterance\" or \"file\" to join it to "},
    {"utterance\na\n", "utterance\na\n",
     "f.csv: 0 columns are features; must be 1..65536"},
    {"utterance\na\n", "utterance,p\nb,1\nc,1\n",
     "compared by utterance: \"b\" here, \"a\" there"},
    {"file\nx/a.wav\n", "file,p\ny/a.wav,1\n",
     "compared by file: \"y/a.wav\" here, \"x/a.wav\" there"},
    {"utterance\na\n", "file,p\nb.wav,1\n",
     "compared by utterance and the name of the file: \"b.wav\" here, \"a\" "},
    {"utterance\na\n", "utterance,status,p\na,too_short,\n",
     "\"a (too_short)\" here, \"a\" there"},
    {"utterance\na\n", "utterance,p\n", "\"\" here, \"a\" there"},
    {"utterance\na\nb\n", "utterance,p\na,1\nb,2\na,3\n",
     "f.csv:4: features of \"a\" again; the first are in line 2"},
    {"file,start,end\na,0,1\na,1,2\n", "file,p\na,1\n",
     "f.csv:2: column file: \"a\" stands in several rows of "},
    {"file\nx/a.wav\ny/a.wav\n", "utterance,p\na,1\n",
     "f.csv:2: column utterance: \"a\" stands in several rows of "},
    {"utterance\na\n", "utterance,p,q\na,1,\n",
     "f.csv:2: column q: \"\" is empty; a feature must be a finite number"},
    {"utterance\na\n", "utterance,p\na,nan\n",
     "f.csv:2: column p: \"nan\" is not a finite number"},
    {"utterance\na\n", "utterance,p\na,-1e39\n",
     "f.csv:2: column p: \"-1e39\" is too large; must be within +-3.4e38"},
    {"utterance\na\n", "utterance,p,status\na,1,broken\n",
     "f.csv:2: column status: \"broken\" is no status that kanjo extract"},
    {"file\na\n", "file,start,p\na,x,1\n",
     "f.csv:2: column start: \"x\" is not a finite number"}};

static void every_mistake_is_named(void **state)
{
  for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
    char outcome[256];
    kj_join_report report = {.n_joined = 99};
    kj_error err = {0};
    check_failure(
        join(state, BAD[i].labels, BAD[i].features, outcome, &report, &err),
        KJ_EDATA, &err, BAD[i].message);
    assert_int_equal(report.n_joined, 0);
  }
}

/* Numbers of rows that nobody uses need not be numbers. */
static void only_rows_that_are_used_are_checked(void **state)
{
  char outcome[256];
  kj_error err = {0};
  check_ok(join(state, "utterance\na\n", "utterance,p\nz,nan\na,1\ny,\n",
                outcome, NULL, &err),
           &err);
  assert_string_equal(outcome, "a:1");
}

static void ratings_and_groups_stay_with_their_rows(void **state)
{
  const test_path l = write_text(state, "l.csv",
                                 "utterance,speaker,valence,weight\n"
                                 "a,s1,1,1\nb,s2,2,2\nc,s3,,3\nd,s2,4,4\n");
  const test_path f =
      write_text(state, "f.csv", "utterance,p,q\nd,7,8\nc,5,6\nb,3,4\n");
  const kj_target_spec target = {"valence", "valence", 1, 5};
  kj_dataset *d;
  kj_error err = {0};
  check_ok(kj_dataset_read_labels(l.text, &target, 1, &d, &err), &err);
  check_ok(kj_dataset_attach_features(d, f.text, NULL, &err), &err);
  assert_int_equal(d->n_rows, 3);
  assert_true(d->y[0] == 2 && isnan(d->y[1]) && d->y[2] == 4);
  assert_true(d->x[0] == 3 && d->x[3] == 6 && d->x[4] == 7);
  assert_true(d->row[2].weight == 4);
  assert_string_equal(d->groups[KJ_GROUP_SPEAKER].name[0], "s2");
  assert_int_equal(d->groups[KJ_GROUP_SPEAKER].n, 2);
  assert_int_equal(d->row[1].group[KJ_GROUP_SPEAKER], 1);
  assert_string_equal(d->input_name[1], "q");
  assert_string_equal(d->feature_set, "table");
  assert_int_equal(d->feature_set_version, 0);
  check_failure(kj_dataset_attach_features(d, f.text, NULL, &err), KJ_EARGUMENT,
                &err, "has 2 features already");
  kj_dataset_destroy(d);
}

static void a_table_by_itself(void **state)
{
  const test_path f =
      write_text(state, "f.csv",
                 "file,status,speaker,p,q\n"
                 "a,ok,s,1,2\nb,too_short,,,\nc,silent,t,3,4\n");
  kj_join_report report;
  kj_dataset *d = NULL;
  kj_error err = {0};
  check_ok(kj_dataset_read_features(f.text, &d, &report, &err), &err);
  assert_int_equal(d->n_rows, 2);
  assert_int_equal(d->n_targets, 0);
  assert_int_equal(d->n_inputs, 2);
  assert_true(d->x[2] == 3 && d->x[3] == 4);
  assert_string_equal(d->row[1].group_name[KJ_GROUP_SPEAKER], "t");
  assert_int_equal(report.n_joined, 2);
  assert_int_equal(report.unusable.n, 1);
  assert_string_equal(report.unusable.name[0], "b (too_short)");
  kj_dataset_destroy(d);

  write_text(state, "f.csv", "p\n1\n2\n");
  check_ok(kj_dataset_read_features(f.text, &d, NULL, &err), &err);
  assert_int_equal(d->n_rows, 2);
  assert_string_equal(d->row[0].name, "");
  kj_dataset_destroy(d);
}

static void a_table_by_itself_that_is_none(void **state)
{
  static const struct {
    const char *table, *message;
  } bad[] = {{"file\na\n", "0 columns are features"},
             {"file,p\n", "no row that can be used"},
             {"file,status,p\na,too_short,\n", "no row that can be used"},
             {"file,p\na,x\n", "f.csv:2: column p: \"x\" is not"},
             {"file,p\na,\n", "f.csv:2: column p: \"\" is empty"}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    const test_path f = write_text(state, "f.csv", bad[i].table);
    kj_dataset *d;
    kj_error err = {0};
    check_failure(kj_dataset_read_features(f.text, &d, NULL, &err), KJ_EDATA,
                  &err, bad[i].message);
  }
}

/* 1000 rows, each in its place. */
static void many_rows(void **state)
{
  enum { N = 1000 };
  const test_path f = path_in(state, "f.csv");
  FILE *stream = fopen(f.text, "wb");
  assert_non_null(stream);
  fputs("utterance,p,q\n", stream);
  for (int i = 0; i < N; i++)
    fprintf(stream, "u%d,%d,%d.5\n", i, i, -i);
  fclose(stream);
  kj_dataset *d;
  kj_error err = {0};
  check_ok(kj_dataset_read_features(f.text, &d, NULL, &err), &err);
  assert_int_equal(d->n_rows, N);
  for (int i = 0; i < N; i++)
    if (d->x[2 * i] < (float)i || d->x[2 * i] > (float)i ||
        d->row[i].line != (size_t)i + 2)
      fail_msg("row %d has %g and line %zu", i, (double)d->x[2 * i],
               d->row[i].line);
  kj_dataset_destroy(d);
}

static void columns_in_the_order_of_a_model(void **state)
{
  const test_path f =
      write_text(state, "f.csv", "p,file,q,r\n1,a,2,3\n4,b,5,6\n");
  const char *const order[] = {"r", "p", "q", "p"};
  const char *const other[] = {"r", "p", "s"};
  kj_dataset *d;
  kj_error err = {0};
  check_ok(kj_dataset_read_features(f.text, &d, NULL, &err), &err);
  check_failure(kj_dataset_match_columns(d, other, 3, &err), KJ_EDATA, &err,
                "f.csv: no column \"s\", feature 3 of the model's 3");
  check_failure(kj_dataset_match_columns(d, order, 2, &err), KJ_EDATA, &err,
                "f.csv: column \"q\" is no feature of the model; the table has "
                "3 features, the model 2");
  check_failure(kj_dataset_match_columns(d, order, 4, &err), KJ_EDATA, &err,
                "f.csv: the model names a feature twice");
  assert_true(d->x[0] == 1);
  check_ok(kj_dataset_match_columns(d, order, 3, &err), &err);
  const float wanted[] = {3, 1, 2, 6, 4, 5};
  for (size_t i = 0; i < 6; i++)
    if (d->x[i] < wanted[i] || d->x[i] > wanted[i])
      fail_msg("x[%zu] is %g, not %g", i, (double)d->x[i], (double)wanted[i]);
  assert_string_equal(d->input_name[0], "r");
  assert_string_equal(d->input_name[2], "q");
  kj_dataset_destroy(d);
}

/* A table with the columns of a set; `reversed` in the other direction. */
static test_path write_set(void **state, const kj_feature_set *set,
                           int reversed)
{
  const test_path f = path_in(state, "set.csv");
  char name[KJ_FEATURE_NAME_SIZE];
  FILE *stream = fopen(f.text, "wb");
  assert_non_null(stream);
  fputs("file", stream);
  for (size_t i = 0; i < set->n_functionals; i++) {
    const size_t k = reversed ? set->n_functionals - 1 - i : i;
    assert_int_equal(
        kj_feature_set_column(set, KJ_LEVEL_FUNCTIONALS, k, name, NULL), KJ_OK);
    fprintf(stream, ",%s", name);
  }
  fputs("\na", stream);
  for (size_t i = 0; i < set->n_functionals; i++)
    fprintf(stream, ",%zu", reversed ? set->n_functionals - 1 - i : i);
  fclose(stream);
  return f;
}

static void a_registered_set_is_known_by_its_columns(void **state)
{
  const kj_feature_set *set = kj_feature_set_get(0);
  kj_dataset *plain, *reversed;
  kj_error err = {0};
  assert_non_null(set);
  const test_path f = write_set(state, set, 0);
  check_ok(kj_dataset_read_features(f.text, &plain, NULL, &err), &err);
  assert_string_equal(plain->feature_set, set->name);
  assert_int_equal(plain->feature_set_version, set->version);
  write_set(state, set, 1);
  check_ok(kj_dataset_read_features(f.text, &reversed, NULL, &err), &err);
  assert_string_equal(reversed->feature_set, "table");
  check_ok(kj_dataset_match_columns(reversed, plain->input_name,
                                    plain->n_inputs, &err),
           &err);
  assert_string_equal(reversed->feature_set, set->name);
  assert_memory_equal(reversed->x, plain->x,
                      plain->n_inputs * sizeof *plain->x);
  kj_dataset_destroy(plain);
  kj_dataset_destroy(reversed);
}

static void functionals_of_the_rows_own_files(void **state)
{
  const kj_feature_set *set = kj_feature_set_get(0);
  const test_path l = write_text(state, "l.csv", "file\na\nb\nc\n");
  const size_t n = set->n_functionals;
  float *x = malloc(3 * n * sizeof *x);
  const unsigned char usable[] = {1, 0, 1}, none[] = {0, 0, 0};
  kj_dataset *d;
  kj_error err = {0};
  assert_non_null(x);
  for (size_t i = 0; i < 3 * n; i++)
    x[i] = i / n == 1 ? NAN : (float)i;
  check_ok(kj_dataset_read_labels(l.text, NULL, 0, &d, &err), &err);
  check_failure(kj_dataset_attach_functionals(d, set, x, none, &err), KJ_EDATA,
                &err, "no row");
  x[2 * n + 7] = INFINITY;
  check_failure(kj_dataset_attach_functionals(d, set, x, usable, &err),
                KJ_EDATA, &err, "\"c\": feature 8 is not finite");
  assert_null(d->x);
  assert_int_equal(d->n_rows, 3);
  x[2 * n + 7] = 0;
  check_ok(kj_dataset_attach_functionals(d, set, x, usable, &err), &err);
  assert_int_equal(d->n_rows, 2);
  assert_int_equal(d->n_inputs, n);
  assert_string_equal(d->row[1].name, "c");
  assert_memory_equal(d->x + n, x + 2 * n, n * sizeof *x);
  assert_string_equal(d->feature_set, set->name);
  check_failure(kj_dataset_attach_functionals(d, set, x, usable, &err),
                KJ_EARGUMENT, &err, "features already");
  kj_dataset_destroy(d);
  free(x);
}

#define IN_FOLDER(test)                                                        \
  cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_FOLDER(rows_find_each_other),
      IN_FOLDER(paths_from_the_working_folder),
      IN_FOLDER(what_does_not_join_is_counted),
      IN_FOLDER(every_mistake_is_named),
      IN_FOLDER(only_rows_that_are_used_are_checked),
      IN_FOLDER(ratings_and_groups_stay_with_their_rows),
      IN_FOLDER(a_table_by_itself),
      IN_FOLDER(a_table_by_itself_that_is_none),
      IN_FOLDER(many_rows),
      IN_FOLDER(columns_in_the_order_of_a_model),
      IN_FOLDER(a_registered_set_is_known_by_its_columns),
      IN_FOLDER(functionals_of_the_rows_own_files)};
  return cmocka_run_group_tests_name("features", tests, NULL, NULL);
}
