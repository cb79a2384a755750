/*
 * tables.h: a folder for the files of a test, which is gone afterwards, and
 * checks whose failure says what was got.
 */
#ifndef KJ_TEST_TABLES_H
#define KJ_TEST_TABLES_H

#include "kanjo/corpus.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEST_PATH_SIZE = 512 };

typedef struct test_path {
  char text[TEST_PATH_SIZE];
} test_path;

/* Setup of a test: *state is the name of an empty folder. */
static inline int make_folder(void **state)
{
  char *folder = strdup("/tmp/kanjo-test-corpus-XXXXXX");
  *state = folder;
  return folder && mkdtemp(folder) ? 0 : -1;
}

static inline int remove_one(const char *path, const struct stat *info,
                             int type, struct FTW *walk)
{
  (void)info;
  (void)type;
  (void)walk;
  return remove(path);
}

/* Teardown: the folder and all in it are removed. */
static inline int remove_folder(void **state)
{
  const int failed = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  free(*state);
  return failed;
}

/* "FOLDER/name". */
static inline test_path path_in(void **state, const char *name)
{
  test_path path;
  const int n = snprintf(path.text, sizeof path.text, "%s/%s",
                         (const char *)*state, name);
  assert_true(n > 0 && (size_t)n < sizeof path.text);
  return path;
}

/* Write a text into FOLDER/name. */
static inline test_path write_text(void **state, const char *name,
                                   const char *text)
{
  const test_path path = path_in(state, name);
  FILE *stream = fopen(path.text, "wb");
  assert_non_null(stream);
  assert_int_equal(fwrite(text, 1, strlen(text), stream), strlen(text));
  assert_int_equal(fclose(stream), 0);
  return path;
}

/* The call failed with this status, and `part` is in its message. */
static inline void check_failure(kj_status got, kj_status wanted,
                                 const kj_error *err, const char *part)
{
  if (got != wanted)
    fail_msg("got \"%s\" (%s), wanted \"%s\"", kj_status_text(got),
             got == KJ_OK ? "" : err->message, kj_status_text(wanted));
  if (err->status != wanted || !strstr(err->message, part))
    fail_msg("the message \"%s\" does not hold \"%s\"", err->message, part);
}

static inline void check_ok(kj_status got, const kj_error *err)
{
  if (got != KJ_OK)
    fail_msg("failed: %s", err->message);
}

/* KJ_TEST_SHARED_DIR/name; skips the test where it is not there. */
static inline test_path shared_file(const char *name)
{
  test_path path;
  snprintf(path.text, sizeof path.text, "%s/%s", KJ_TEST_SHARED_DIR, name);
  if (access(path.text, R_OK) != 0) {
    print_message("skipped: no ../shared/%s\n", name);
    skip();
  }
  return path;
}

#endif
