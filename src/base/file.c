/*
 * file.c: whole files in; files out under a temporary name, then renamed.
 */
#define _GNU_SOURCE
#include "base/file.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static kj_status read_all(FILE *stream, const char *path, size_t max_size,
                          char **data, size_t *size, kj_error *err)
{
  void *buffer = NULL;
  size_t capacity = 0, n = 0;
  for (;;) {
    if (!kj__grow(&buffer, &capacity, n + 65536, 1)) {
      free(buffer);
      return kj__fail_memory(err, path);
    }
    const size_t got = fread((char *)buffer + n, 1, capacity - n - 1, stream);
    n += got;
    if (got == 0 || n > max_size)
      break;
  }
  if (ferror(stream) || n > max_size) {
    free(buffer);
    return n > max_size
               ? kj__fail(err, KJ_EFILE, "%s: larger than %zu bytes", path,
                          max_size)
               : kj__fail(err, KJ_EFILE, "%s: %s", path, strerror(errno));
  }
  ((char *)buffer)[n] = '\0';
  *data = buffer;
  *size = n;
  return KJ_OK;
}

kj_status kj__file_read(const char *path, size_t max_size, char **data,
                        size_t *size, kj_error *err)
{
  FILE *stream = fopen(path, "rb");
  if (!stream)
    return kj__fail(err, KJ_EFILE, "%s: %s", path, strerror(errno));
  const kj_status status = read_all(stream, path, max_size, data, size, err);
  fclose(stream);
  return status;
}

/* Written directly: standard output, and what is there but no plain file. */
static kj_status open_directly(kj__output *output, const char *path,
                               kj_error *err)
{
  output->stream = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
  if (!output->stream)
    return kj__fail(err, KJ_EFILE, "%s: %s", path, strerror(errno));
  return KJ_OK;
}

static bool is_one(const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool kj__file_is_same(const char *a, const char *b)
{
  struct stat of_a, of_b;
  return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && is_one(&of_a, &of_b);
}

/* Is a descriptor still that of the file of this name? */
static bool is_of(int file, const char *path)
{
  struct stat of_file, of_path;
  return fstat(file, &of_file) == 0 && stat(path, &of_path) == 0 &&
         is_one(&of_file, &of_path);
}

/* Open a temporary file, which must be there unless it may be made, for this
 * process alone: errno EWOULDBLOCK where another has it open. It is that
 * process's until it is closed; where a file system knows no locks, anybody's.
 */
static FILE *open_alone(const char *path, bool may_make)
{
  for (;;) {
    const int file =
        open(path, O_RDWR | O_CLOEXEC | (may_make ? O_CREAT : 0), 0666);
    if (file < 0)
      return NULL;
    if (flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      close(file);
      errno = EWOULDBLOCK;
      return NULL;
    }
    if (is_of(file, path))
      return fdopen(file, "r+b");
    close(file); /* it got its own name in between, or was removed */
  }
}

static kj_status fail_to_open(const char *path, kj_error *err)
{
  if (errno == EWOULDBLOCK)
    return kj__fail(err, KJ_EFILE, "%s: is being written by another process",
                    path);
  return kj__fail(err, KJ_EFILE, "%s: cannot be written: %s", path,
                  strerror(errno));
}

static kj_status open_temporary(kj__output *output, kj_error *err)
{
  if (asprintf(&output->temporary, "%s.tmp", output->path) < 0) {
    output->temporary = NULL;
    return kj__fail_memory(err, output->path);
  }
  output->stream = open_alone(output->temporary, true);
  if (output->stream && ftruncate(fileno(output->stream), 0) == 0)
    return KJ_OK;
  const kj_status status = fail_to_open(output->path, err);
  if (!output->stream) { /* what is there is not this one's to remove */
    free(output->temporary);
    output->temporary = NULL;
  }
  return status;
}

/* The file that a path means: behind a link to one, that. NULL: memory was
 * short. */
static char *resolve(const char *path)
{
  struct stat link, file;
  char *real = NULL;
  if (lstat(path, &link) == 0 && S_ISLNK(link.st_mode) &&
      stat(path, &file) == 0 && S_ISREG(file.st_mode))
    real = realpath(path, NULL);
  return real ? real : kj__copy_text(path);
}

static bool is_special(const char *path)
{
  struct stat info;
  return strcmp(path, "-") == 0 ||
         (stat(path, &info) == 0 && !S_ISREG(info.st_mode));
}

kj_status kj__output_open(kj__output *output, const char *path, kj_error *err)
{
  *output = (kj__output){.path = resolve(path)};
  if (!output->path)
    return kj__fail_memory(err, path);
  const kj_status status = is_special(path) ? open_directly(output, path, err)
                                            : open_temporary(output, err);
  if (status != KJ_OK)
    kj__output_discard(output);
  return status;
}

/* PATH.part with its first `size` bytes; what is there stays if it fails. */
static kj_status open_part(kj__output *output, uint64_t size, kj_error *err)
{
  struct stat info;
  FILE *stream = open_alone(output->temporary, size == 0);
  if (!stream && size > 0 && errno == ENOENT)
    return kj__fail(err, KJ_EDATA, "%s: is gone, with %llu bytes",
                    output->temporary, (unsigned long long)size);
  if (!stream)
    return fail_to_open(size > 0 ? output->temporary : output->path, err);
  kj_status status = KJ_OK;
  if (fstat(fileno(stream), &info) != 0 || (uint64_t)info.st_size < size)
    status = kj__fail(err, KJ_EDATA, "%s: is shorter than %llu bytes",
                      output->temporary, (unsigned long long)size);
  else if (ftruncate(fileno(stream), (off_t)size) != 0 ||
           fseeko(stream, 0, SEEK_END) != 0)
    status = kj__fail(err, KJ_EFILE, "%s: cannot be written: %s", output->path,
                      strerror(errno));
  if (status == KJ_OK)
    output->stream = stream;
  else
    fclose(stream);
  return status;
}

static char *part_of(const char *path)
{
  char *part;
  return asprintf(&part, "%s.part", path) < 0 ? NULL : part;
}

kj_status kj__output_open_part(kj__output *output, const char *path,
                               uint64_t size, kj_error *err)
{
  if (is_special(path))
    return kj__output_open(output, path, err);
  *output = (kj__output){.path = resolve(path)};
  if (output->path)
    output->temporary = part_of(output->path);
  if (!output->temporary) {
    kj__output_leave(output);
    return kj__fail_memory(err, path);
  }
  const kj_status status = open_part(output, size, err);
  if (status != KJ_OK)
    kj__output_leave(output);
  return status;
}

bool kj__output_is_named(const char *path, uint64_t size)
{
  struct stat info;
  char *file = resolve(path), *part = file ? part_of(file) : NULL;
  const bool has_part = !part || lstat(part, &info) == 0 || errno != ENOENT;
  free(part);
  free(file);
  return !has_part && stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
         (uint64_t)info.st_size == size;
}

void kj__output_leave(kj__output *output)
{
  free(output->temporary);
  output->temporary = NULL;
  kj__output_discard(output);
}

/* Why an earlier write failed: errno, where it still is of a write. */
static int earlier_reason(void)
{
  static const int of_writes[] = {ENOSPC, EFBIG, EDQUOT, EPIPE, EROFS};
  for (size_t i = 0; i < sizeof of_writes / sizeof of_writes[0]; i++)
    if (errno == of_writes[i])
      return errno;
  return EIO;
}

static kj_status fail_to_write(const kj__output *output, int reason,
                               kj_error *err)
{
  const bool is_standard = strcmp(output->path, "-") == 0;
  return kj__fail(err, KJ_EFILE, "%s: cannot be written: %s",
                  is_standard ? "standard output" : output->path,
                  strerror(reason));
}

kj_status kj__output_check(const kj__output *output, kj_error *err)
{
  return ferror(output->stream) ? fail_to_write(output, earlier_reason(), err)
                                : KJ_OK;
}

kj_status kj__output_secure(kj__output *output, uint64_t *size, kj_error *err)
{
  int reason = ferror(output->stream) ? earlier_reason() : 0;
  if (reason == 0 && fflush(output->stream) != 0)
    reason = errno;
  if (reason == 0 && output->temporary &&
      fdatasync(fileno(output->stream)) != 0)
    reason = errno;
  const off_t at = output->temporary ? ftello(output->stream) : 0;
  if (reason == 0 && at < 0)
    reason = errno;
  if (reason != 0)
    return fail_to_write(output, reason, err);
  *size = (uint64_t)at;
  return KJ_OK;
}

/* Close a stream whose content is complete; 0, or the errno of what failed.
 * A file gets its name before it is closed, for then others may write it. */
static int finish_stream(kj__output *output)
{
  int reason = ferror(output->stream) ? earlier_reason() : 0;
  if (fflush(output->stream) != 0)
    reason = errno;
  if (reason == 0 && output->temporary && fsync(fileno(output->stream)) != 0)
    reason = errno;
  if (reason == 0 && output->temporary &&
      rename(output->temporary, output->path) != 0)
    reason = errno;
  if (output->stream != stdout && fclose(output->stream) != 0 && reason == 0)
    reason = errno;
  output->stream = NULL;
  return reason;
}

kj_status kj__output_name(kj__output *output, kj_error *err)
{
  const int reason = finish_stream(output);
  if (reason != 0)
    return fail_to_write(output, reason, err);
  free(output->temporary);
  output->temporary = NULL;
  return KJ_OK;
}

kj_status kj__output_commit(kj__output *output, kj_error *err)
{
  const kj_status status = kj__output_name(output, err);
  kj__output_discard(output);
  return status;
}

void kj__output_discard(kj__output *output)
{
  if (output->temporary)
    unlink(output->temporary);
  if (output->stream && output->stream != stdout)
    fclose(output->stream);
  free(output->temporary);
  free(output->path);
  *output = (kj__output){0};
}
