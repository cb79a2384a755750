/*
 * test_file.c: whole files in; files out that are there whole or not at all.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "corpus/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio_ext.h>

/* What FOLDER/name holds, as a malloc'ed text. */
static char *content(void **state, const char *name)
{
  char *data = NULL;
  size_t size;
  kj_error err;
  check_ok(kj__file_read(path_in(state, name).text, 1000, &data, &size, &err),
           &err);
  return data;
}

static void check_content(void **state, const char *name, const char *expected)
{
  char *data = content(state, name);
  assert_string_equal(data, expected);
  free(data);
}

static bool exists(void **state, const char *name)
{
  return access(path_in(state, name).text, F_OK) == 0;
}

/* ---- reading ---- */

static void whole_file_is_read(void **state)
{
  static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 200000};
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    const size_t n = sizes[s];
    char *written = malloc(n + 1), *data = NULL;
    assert_non_null(written);
    for (size_t i = 0; i < n; i++)
      written[i] = (char)(i * 31 + i / 256);
    const test_path path = path_in(state, "bytes");
    FILE *stream = fopen(path.text, "wb");
    assert_int_equal(fwrite(written, 1, n, stream), n);
    fclose(stream);
    size_t size = 99;
    kj_error err;
    check_ok(kj__file_read(path.text, n, &data, &size, &err), &err);
    assert_int_equal(size, n);
    assert_memory_equal(data, written, n);
    assert_int_equal(data[n], 0);
    free(data);
    if (n > 0) {
      data = NULL;
      check_failure(kj__file_read(path.text, n - 1, &data, &size, &err),
                    KJ_EFILE, &err, "bytes: larger than ");
      assert_null(data);
    }
    free(written);
  }
}

static void unreadable_is_an_error(void **state)
{
  char *data = NULL;
  size_t size = 99;
  kj_error err;
  check_failure(
      kj__file_read(path_in(state, "none").text, 9, &data, &size, &err),
      KJ_EFILE, &err, "none: No such file");
  check_failure(kj__file_read(*state, 9, &data, &size, &err), KJ_EFILE, &err,
                "Is a directory");
  assert_null(data);
  assert_int_equal(size, 99);
  check_failure(kj__file_read("/dev/zero", 100000, &data, &size, &err),
                KJ_EFILE, &err, "/dev/zero: larger than 100000 bytes");
}

/* ---- writing ---- */

static kj__output open_output(const char *path)
{
  kj__output output;
  kj_error err;
  check_ok(kj__output_open(&output, path, &err), &err);
  return output;
}

static void committed_file_is_there(void **state)
{
  const test_path path = path_in(state, "out");
  kj_error err;
  kj__output output = open_output(path.text);
  fputs("new", output.stream);
  fflush(output.stream);
  assert_false(exists(state, "out")); /* not before it is whole */
  assert_true(exists(state, "out.tmp"));
  check_ok(kj__output_commit(&output, &err), &err);
  check_content(state, "out", "new");
  assert_false(exists(state, "out.tmp"));
  assert_null(output.stream);
  kj__output_discard(&output); /* harmless */
  check_content(state, "out", "new");
}

static void old_file_stays_until_commit(void **state)
{
  const test_path path = write_text(state, "out", "old");
  write_text(state, "out.tmp", "left by somebody who was killed");
  kj_error err;
  kj__output output = open_output(path.text);
  fputs("new", output.stream);
  fflush(output.stream);
  check_content(state, "out", "old");
  kj__output_discard(&output);
  check_content(state, "out", "old");
  assert_false(exists(state, "out.tmp"));
  kj__output_discard(&output); /* twice is harmless */
  output = open_output(path.text);
  check_ok(kj__output_commit(&output, &err), &err);
  check_content(state, "out", "");
}

static void unwritable_place_is_an_error(void **state)
{
  kj__output output;
  kj_error err;
  const test_path inside = path_in(state, "no/such/folder");
  check_failure(kj__output_open(&output, inside.text, &err), KJ_EFILE, &err,
                "folder: cannot be written: No such file");
  check_failure(kj__output_open(&output, *state, &err), KJ_EFILE, &err,
                "Is a directory");
  write_text(state, "file", "");
  check_failure(kj__output_open(&output, path_in(state, "file/x").text, &err),
                KJ_EFILE, &err, "Not a directory");
  kj__output_discard(&output); /* nothing is open */
}

/* Whatever is lost on the way, the old file stays and commit says so. */
static void lost_write_is_an_error(void **state)
{
  const test_path path = write_text(state, "out", "old");
  kj_error err;
  kj__output output = open_output(path.text);
  FILE *full = fopen("/dev/full", "wb");
  assert_non_null(full);
  fclose(output.stream);
  output.stream = full;
  fputs("new", output.stream);
  check_failure(kj__output_commit(&output, &err), KJ_EFILE, &err,
                "out: cannot be written: No space left");
  check_content(state, "out", "old");
  assert_false(exists(state, "out.tmp"));
}

static void failed_rename_leaves_nothing(void **state)
{
  kj_error err;
  const test_path path = path_in(state, "taken");
  kj__output output = open_output(path.text);
  assert_int_equal(mkdir(path.text, 0755), 0); /* by somebody, meanwhile */
  write_text(state, "taken/inside", "");
  check_failure(kj__output_commit(&output, &err), KJ_EFILE, &err,
                "taken: cannot be written: ");
  assert_false(exists(state, "taken.tmp"));
}

/* Nobody else writes it until it has its name. */
static void file_has_one_writer(void **state)
{
  const test_path path = path_in(state, "out");
  kj_error err;
  kj__output first = open_output(path.text), second;
  fputs("first", first.stream);
  check_failure(kj__output_open(&second, path.text, &err), KJ_EFILE, &err,
                "out: is being written by another process");
  check_ok(kj__output_commit(&first, &err), &err);
  check_content(state, "out", "first");
  first = open_output(path.text);
  check_ok(kj__output_commit(&first, &err), &err);
}

static void part_has_one_writer(void **state)
{
  const test_path path = path_in(state, "out");
  kj_error err;
  kj__output first, second;
  check_ok(kj__output_open_part(&first, path.text, 0, &err), &err);
  fputs("first", first.stream);
  fflush(first.stream);
  for (uint64_t size = 0; size <= 5; size += 5)
    check_failure(kj__output_open_part(&second, path.text, size, &err),
                  KJ_EFILE, &err, "is being written by another process");
  check_content(state, "out.part", "first");
  kj__output_leave(&first);
  check_ok(kj__output_open_part(&second, path.text, 5, &err), &err);
  fputs(", second", second.stream);
  assert_false(kj__output_is_named(path.text, 13));
  check_ok(kj__output_commit(&second, &err), &err);
  check_content(state, "out", "first, second");
  assert_true(kj__output_is_named(path.text, 13));
  assert_false(kj__output_is_named(path.text, 12));
}

/* What a link points to is replaced, not the link. */
static void link_is_followed(void **state)
{
  const test_path link = path_in(state, "link");
  kj_error err;
  write_text(state, "file", "old");
  assert_int_equal(symlink("file", link.text), 0);
  kj__output output = open_output(link.text);
  fputs("new", output.stream);
  assert_true(exists(state, "file.tmp"));
  check_ok(kj__output_commit(&output, &err), &err);
  check_content(state, "file", "new");
  struct stat info;
  assert_int_equal(lstat(link.text, &info), 0);
  assert_true(S_ISLNK(info.st_mode));
}

static void devices_are_written_directly(void **state)
{
  (void)state;
  kj_error err;
  kj__output output = open_output("/dev/null");
  assert_null(output.temporary);
  fputs("x", output.stream);
  check_ok(kj__output_commit(&output, &err), &err);
  output = open_output("/dev/full");
  fputs("x", output.stream);
  check_failure(kj__output_commit(&output, &err), KJ_EFILE, &err,
                "/dev/full: cannot be written: No space left");
  struct stat info;
  assert_int_equal(stat("/dev/null", &info), 0);
  assert_false(S_ISREG(info.st_mode));
}

/* Half a megabyte to a full disk: the failure comes with an early write, and
 * is not forgotten by the last. */
static void early_failure_is_remembered(void **state)
{
  (void)state;
  kj_error err;
  kj__output output = open_output("/dev/full");
  for (int i = 0; i < 50000; i++)
    fputs("0123456789", output.stream);
  check_failure(kj__output_commit(&output, &err), KJ_EFILE, &err,
                "/dev/full: cannot be written");
}

/* A disk that is full for one write, and has room again for the next. */
static ssize_t write_full_once(void *context, const char *bytes, size_t n)
{
  int *is_full = context;
  (void)bytes;
  if (!*is_full)
    return (ssize_t)n;
  *is_full = 0;
  errno = ENOSPC;
  return 0;
}

/* Without a file behind it there is nothing to sync: only the stream's own
 * memory of the failure is left. */
static void lost_middle_is_an_error(void **state)
{
  (void)state;
  int is_full = 1;
  kj_error err;
  kj__output output = open_output("/dev/null");
  fclose(output.stream);
  output.stream = fopencookie(
      &is_full, "w", (cookie_io_functions_t){.write = write_full_once});
  assert_non_null(output.stream);
  fputs("lost", output.stream);
  fflush(output.stream);
  fputs("kept", output.stream);
  check_failure(kj__output_commit(&output, &err), KJ_EFILE, &err,
                "/dev/null: cannot be written");
  assert_int_equal(is_full, 0);
}

static void *read_pipe(void *path)
{
  char *data = NULL;
  size_t size;
  return kj__file_read(path, 100, &data, &size, NULL) == KJ_OK ? data : NULL;
}

static void pipe_is_written_and_read(void **state)
{
  const test_path path = path_in(state, "pipe");
  kj_error err;
  pthread_t reader;
  void *data;
  assert_int_equal(mkfifo(path.text, 0600), 0);
  char name[TEST_PATH_SIZE];
  strcpy(name, path.text);
  assert_int_equal(pthread_create(&reader, NULL, read_pipe, name), 0);
  kj__output output = open_output(path.text);
  assert_null(output.temporary);
  fputs("through", output.stream);
  check_ok(kj__output_commit(&output, &err), &err);
  assert_int_equal(pthread_join(reader, &data), 0);
  assert_non_null(data);
  assert_string_equal(data, "through");
  free(data);
}

static void dash_is_standard_output(void **state)
{
  const test_path path = path_in(state, "stdout");
  kj_error err;
  fflush(stdout);
  const int kept = dup(STDOUT_FILENO);
  const int file = open(path.text, O_WRONLY | O_CREAT, 0600);
  assert_true(kept >= 0 && file >= 0);
  dup2(file, STDOUT_FILENO);
  kj__output output = open_output("-");
  const bool is_stdout = output.stream == stdout && !output.temporary;
  fputs("to standard output", output.stream);
  const kj_status status = kj__output_commit(&output, &err);
  const bool is_open = fputs(", still open", stdout) >= 0;
  fflush(stdout);
  dup2(kept, STDOUT_FILENO);
  close(kept);
  close(file);
  check_ok(status, &err);
  assert_true(is_stdout && is_open);
  check_content(state, "stdout", "to standard output, still open");
}

/* Standard output is not closed here, so the flush is all there is. */
static void full_standard_output_is_an_error(void **state)
{
  (void)state;
  kj_error err = {0};
  fflush(stdout);
  const int kept = dup(STDOUT_FILENO), full = open("/dev/full", O_WRONLY);
  assert_true(kept >= 0 && full >= 0);
  dup2(full, STDOUT_FILENO);
  kj__output output = open_output("-");
  fputs("lost", output.stream);
  const kj_status status = kj__output_commit(&output, &err);
  __fpurge(stdout);
  clearerr(stdout);
  dup2(kept, STDOUT_FILENO);
  close(kept);
  close(full);
  check_failure(status, KJ_EFILE, &err,
                "standard output: cannot be written: No space");
}

#define IN_FOLDER(test)                                                        \
  cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_FOLDER(whole_file_is_read),
      IN_FOLDER(unreadable_is_an_error),
      IN_FOLDER(committed_file_is_there),
      IN_FOLDER(old_file_stays_until_commit),
      IN_FOLDER(unwritable_place_is_an_error),
      IN_FOLDER(lost_write_is_an_error),
      IN_FOLDER(failed_rename_leaves_nothing),
      IN_FOLDER(file_has_one_writer),
      IN_FOLDER(part_has_one_writer),
      IN_FOLDER(link_is_followed),
      IN_FOLDER(devices_are_written_directly),
      IN_FOLDER(early_failure_is_remembered),
      IN_FOLDER(lost_middle_is_an_error),
      IN_FOLDER(pipe_is_written_and_read),
      IN_FOLDER(dash_is_standard_output),
      IN_FOLDER(full_standard_output_is_an_error),
  };
  return cmocka_run_group_tests_name("base file", tests, NULL, NULL);
}
