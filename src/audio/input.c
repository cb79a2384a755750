/*
 * input.c: opens files; copies pipes to an unlinked temporary file, because
 * most formats cannot be read without seeking.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64
#include "audio/input.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 65536 };

static const char empty_message[] = "is empty; a sound file was expected";

const char *kj__input_label(const char *path)
{
  return strcmp(path, "-") == 0 ? "standard input" : path;
}

static ssize_t read_some(int descriptor, void *buffer, size_t size)
{
  ssize_t n;
  do
    n = read(descriptor, buffer, size);
  while (n < 0 && errno == EINTR);
  return n;
}

/* Everything from `source` into `copy`, which then stands at its start. */
static kj_status copy_all(int source, FILE *copy, kj_error *err)
{
  char buffer[COPY_BYTES];
  ssize_t n;
  size_t total = 0;
  while ((n = read_some(source, buffer, sizeof buffer)) > 0) {
    total += (size_t)n;
    if (fwrite(buffer, 1, (size_t)n, copy) != (size_t)n)
      break;
  }
  if (n < 0)
    return kj__fail(err, KJ_EFILE, "cannot be read: %s", strerror(errno));
  if (n > 0 || fflush(copy) != 0 || lseek(fileno(copy), 0, SEEK_SET) != 0)
    return kj__fail(err, KJ_EFILE, "cannot be copied to a temporary file: %s",
                    strerror(errno));
  if (total == 0)
    return kj__fail(err, KJ_EFORMAT, "%s", empty_message);
  return KJ_OK;
}

/* A descriptor of its own, which the caller may close. */
static kj_status keep(int source, int *descriptor, kj_error *err)
{
  const int kept = fcntl(source, F_DUPFD_CLOEXEC, 0);
  if (kept < 0)
    return kj__fail(err, KJ_EFILE, "cannot be kept open: %s", strerror(errno));
  *descriptor = kept;
  return KJ_OK;
}

static kj_status spool(int source, int *descriptor, kj_error *err)
{
  FILE *copy = tmpfile();
  if (!copy)
    return kj__fail(err, KJ_EFILE, "no temporary file for a copy of it: %s",
                    strerror(errno));
  kj_status status = copy_all(source, copy, err);
  if (status == KJ_OK)
    status = keep(fileno(copy), descriptor, err);
  fclose(copy);
  return status;
}

static kj_status take_stream(int source, bool is_stream, int *descriptor,
                             kj_error *err)
{
  return is_stream ? keep(source, descriptor, err)
                   : spool(source, descriptor, err);
}

kj_status kj__input_open(const char *path, bool is_stream, int *descriptor,
                         kj_error *err)
{
  if (strcmp(path, "-") == 0)
    return take_stream(STDIN_FILENO, is_stream, descriptor, err);
  const int opened = open(path, O_RDONLY | O_CLOEXEC);
  if (opened < 0)
    return kj__fail(err, KJ_EFILE, "%s", strerror(errno));
  struct stat info;
  kj_status status = KJ_OK;
  if (fstat(opened, &info) != 0)
    status = kj__fail(err, KJ_EFILE, "%s", strerror(errno));
  else if (S_ISDIR(info.st_mode))
    status = kj__fail(err, KJ_EFILE, "is a folder, not a sound file");
  else if (!S_ISREG(info.st_mode))
    status = take_stream(opened, is_stream, descriptor, err);
  else if (info.st_size == 0)
    status = kj__fail(err, KJ_EFORMAT, "%s", empty_message);
  else {
    *descriptor = opened;
    return KJ_OK;
  }
  close(opened);
  return status;
}
