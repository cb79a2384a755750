/*
 * test_store.c: what is put into a store comes out of it, bit for bit; what is
 * no store, or of another version, is refused.
 */
#define _GNU_SOURCE
#include "kanjo/runs.h"

#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct place {
  char folder[64], path[96];
} place;

static int make_place(void **state)
{
  place *p = calloc(1, sizeof *p);
  strcpy(p->folder, "/tmp/kanjo-store-XXXXXX");
  if (!mkdtemp(p->folder))
    return -1;
  snprintf(p->path, sizeof p->path, "%s/runs.sqlite", p->folder);
  *state = p;
  return 0;
}

static int remove_place(void **state)
{
  place *p = *state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", p->folder);
  const int code = system(command);
  free(p);
  return code;
}

static const double ESTIMATE[] = {0.1, -0.0, 1e-310, 3.0000000000000004};
static const double TRUTH[] = {1, 2, 3, 4};
static const double DEVIATION[] = {0.5, 0.05, 1e-3, 0.7000000000000001};

static kj_run_record record(const char *key)
{
  return (kj_run_record){.key = key,
                         .version = "1",
                         .data = "d",
                         .protocol = "p",
                         .name = "n",
                         .experiment = "e",
                         .fold = 3,
                         .seed = 7,
                         .contender = "vat",
                         .settings = "{}",
                         .history = "[]",
                         .robustness = "null",
                         .metrics = "{}",
                         .rows = "r",
                         .estimate = ESTIMATE,
                         .n_estimates = 4,
                         .seconds = 1.5};
}

static const kj_run_rows ROWS = {
    .key = "r", .names = "{}", .truth = TRUTH, .n_truths = 4};

static kj_run_store *open_store(const place *p, bool is_written)
{
  kj_run_store *store = NULL;
  kj_error err;
  if (kj_run_store_open(p->path, is_written, &store, &err) != KJ_OK)
    fail_msg("%s", err.message);
  return store;
}

typedef struct seen {
  size_t n;
  char last[8];
} seen;

static kj_status check_record(void *context, const kj_run_record *r,
                              kj_error *err)
{
  seen *s = context;
  (void)err;
  if (strcmp(r->key, s->last) <= 0)
    fail_msg("'%s' behind '%s'", r->key, s->last);
  snprintf(s->last, sizeof s->last, "%s", r->key);
  s->n++;
  assert_int_equal(r->fold, 3);
  assert_int_equal(r->seed, 7);
  assert_string_equal(r->contender, "vat");
  assert_int_equal(r->n_estimates, 4);
  assert_memory_equal(r->estimate, ESTIMATE, sizeof ESTIMATE);
  return KJ_OK;
}

static kj_status check_rows(void *context, const kj_run_rows *rows,
                            kj_error *err)
{
  (void)err;
  ++*(size_t *)context;
  assert_int_equal(rows->n_truths, 4);
  assert_memory_equal(rows->truth, TRUTH, sizeof TRUTH);
  return KJ_OK;
}

static void what_goes_in_comes_out(void **state)
{
  const place *p = *state;
  static const char *const keys[] = {"b2", "a1", "b1"};
  kj_run_store *store = open_store(p, true);
  bool has = true;
  kj_error err;
  assert_int_equal(kj_run_store_has(store, "a1", &has, &err), KJ_OK);
  assert_false(has);
  for (size_t i = 0; i < 3; i++) {
    const kj_run_record r = record(keys[i]);
    assert_int_equal(kj_run_store_add(store, &r, &ROWS, &err), KJ_OK);
  }
  kj_run_store_close(store);
  store = open_store(p, false);
  assert_int_equal(kj_run_store_has(store, "a1", &has, &err), KJ_OK);
  assert_true(has);
  seen all = {0}, some = {0};
  size_t n_rows = 0;
  assert_int_equal(kj_run_store_visit(store, "", check_record, &all, &err),
                   KJ_OK);
  assert_int_equal(kj_run_store_visit(store, "b", check_record, &some, &err),
                   KJ_OK);
  assert_int_equal(all.n, 3);
  assert_int_equal(some.n, 2);
  assert_int_equal(kj_run_store_rows(store, "r", check_rows, &n_rows, &err),
                   KJ_OK);
  assert_int_equal(n_rows, 1);
  assert_int_equal(kj_run_store_rows(store, "x", check_rows, &n_rows, &err),
                   KJ_EDATA);
  kj_run_store_close(store);
}

static void what_is_there_stays(void **state)
{
  const place *p = *state;
  kj_run_store *store = open_store(p, true);
  kj_run_record r = record("a1");
  kj_error err;
  assert_int_equal(kj_run_store_add(store, &r, &ROWS, &err), KJ_OK);
  r.estimate = TRUTH;
  assert_int_equal(kj_run_store_add(store, &r, &ROWS, &err), KJ_OK);
  seen all = {0};
  assert_int_equal(kj_run_store_visit(store, "", check_record, &all, &err),
                   KJ_OK);
  assert_int_equal(all.n, 1);
  kj_run_store_close(store);
}

/* Those of "a1" are predicted, others are not. */
static kj_status check_deviations(void *context, const kj_run_record *r,
                                  kj_error *err)
{
  (void)err;
  ++*(size_t *)context;
  if (strcmp(r->key, "a1") == 0)
    assert_memory_equal(r->sd, DEVIATION, sizeof DEVIATION);
  else
    assert_null(r->sd);
  return KJ_OK;
}

static void expect_deviations(const place *p, size_t n)
{
  kj_run_store *store = open_store(p, false);
  size_t n_seen = 0;
  kj_error err;
  assert_int_equal(
      kj_run_store_visit(store, "", check_deviations, &n_seen, &err), KJ_OK);
  assert_int_equal(n_seen, n);
  kj_run_store_close(store);
}

static void add(const place *p, const char *key, const double *sd)
{
  kj_run_store *store = open_store(p, true);
  kj_run_record r = record(key);
  kj_error err;
  r.sd = sd;
  assert_int_equal(kj_run_store_add(store, &r, &ROWS, &err), KJ_OK);
  kj_run_store_close(store);
}

static void deviations_are_there_where_they_were_predicted(void **state)
{
  const place *p = *state;
  add(p, "a1", DEVIATION);
  add(p, "b1", NULL);
  expect_deviations(p, 2);
}

static void expect_refused(const place *p, bool is_written, kj_status expected,
                           const char *part)
{
  kj_run_store *store = NULL;
  kj_error err = {0};
  const kj_status status = kj_run_store_open(p->path, is_written, &store, &err);
  if (status != expected || !strstr(err.message, part) ||
      !strstr(err.message, "runs.sqlite"))
    fail_msg("status %d, expected %d; \"%s\" in \"%s\"?", (int)status,
             (int)expected, part, err.message);
  assert_null(store);
}

static void write_file(const char *path, const char *text, size_t size)
{
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, size, f), size);
  fclose(f);
}

static void other_files_are_refused(void **state)
{
  const place *p = *state;
  char noise[5000];
  expect_refused(p, false, KJ_EFILE, "unable to open");
  memset(noise, 'x', sizeof noise);
  write_file(p->path, noise, sizeof noise);
  expect_refused(p, true, KJ_EFORMAT, "not a database");
  expect_refused(p, false, KJ_EFORMAT, "not a database");
  unlink(p->path);
  assert_int_equal(mkdir(p->path, 0777), 0);
  expect_refused(p, true, KJ_EFILE, "unable to open");
}

static void execute(const place *p, const char *sql)
{
  sqlite3 *db;
  assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
}

static void other_databases_are_refused(void **state)
{
  const place *p = *state;
  execute(p, "CREATE TABLE t (x)");
  expect_refused(p, true, KJ_EFORMAT, "no store of runs");
  unlink(p->path);
  kj_run_store_close(open_store(p, true));
  execute(p, "PRAGMA user_version = 1");
  expect_refused(p, true, KJ_EFORMAT, "version 1; this program has 2");
  execute(p, "PRAGMA user_version = 99");
  expect_refused(p, true, KJ_EFORMAT, "version 99");
  expect_refused(p, false, KJ_EFORMAT, "version 99");
}

static void deviations_of_another_number_are_refused(void **state)
{
  const place *p = *state;
  add(p, "a1", DEVIATION);
  execute(p, "UPDATE cell SET sd = x'0000000000000000'");
  kj_run_store *store = open_store(p, false);
  kj_error err = {0};
  size_t n = 0;
  assert_int_equal(kj_run_store_visit(store, "", check_deviations, &n, &err),
                   KJ_EFORMAT);
  assert_non_null(strstr(err.message, "a1: 1 deviations; must be 4"));
  assert_int_equal(n, 0);
  kj_run_store_close(store);
}

static void an_empty_file_is_no_store_to_read(void **state)
{
  const place *p = *state;
  write_file(p->path, "", 0);
  expect_refused(p, false, KJ_EFORMAT, "no store of runs");
  kj_run_store_close(open_store(p, true));
  kj_run_store_close(open_store(p, false));
}

static void a_store_that_cannot_be_written_says_so(void **state)
{
  const place *p = *state;
  kj_run_store_close(open_store(p, true));
  kj_run_store *store = open_store(p, false);
  const kj_run_record r = record("a1");
  kj_error err = {0};
  assert_int_equal(kj_run_store_add(store, &r, &ROWS, &err), KJ_EFILE);
  assert_non_null(strstr(err.message, "runs.sqlite"));
  kj_run_store_close(store);
}

#define IN_PLACE(test)                                                         \
  cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_PLACE(what_goes_in_comes_out),
      IN_PLACE(deviations_are_there_where_they_were_predicted),
      IN_PLACE(deviations_of_another_number_are_refused),
      IN_PLACE(what_is_there_stays),
      IN_PLACE(other_files_are_refused),
      IN_PLACE(other_databases_are_refused),
      IN_PLACE(an_empty_file_is_no_store_to_read),
      IN_PLACE(a_store_that_cannot_be_written_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
