/*
 * file.c: whole files in; files out under a temporary name, then renamed.
 */
#define _GNU_SOURCE
#include "base/file.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
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

static kj_status open_temporary(kj__output *output, const char *path,
                                kj_error *err)
{
  if (asprintf(&output->temporary, "%s.tmp", path) < 0) {
    output->temporary = NULL;
    return kj__fail_memory(err, path);
  }
  output->stream = fopen(output->temporary, "wb");
  if (!output->stream)
    return kj__fail(err, KJ_EFILE, "%s: cannot be written: %s", path,
                    strerror(errno));
  return KJ_OK;
}

static bool is_special(const char *path)
{
  struct stat info;
  return strcmp(path, "-") == 0 ||
         (stat(path, &info) == 0 && !S_ISREG(info.st_mode));
}

kj_status kj__output_open(kj__output *output, const char *path, kj_error *err)
{
  *output = (kj__output){.path = kj__copy_text(path)};
  if (!output->path)
    return kj__fail_memory(err, path);
  const kj_status status = is_special(path) ? open_directly(output, path, err)
                                            : open_temporary(output, path, err);
  if (status != KJ_OK)
    kj__output_discard(output);
  return status;
}

/* PATH.part with its first `size` bytes; what is there stays if it fails. */
static kj_status open_part(kj__output *output, uint64_t size, kj_error *err)
{
  struct stat info;
  FILE *stream = fopen(output->temporary, size > 0 ? "r+b" : "w+b");
  if (!stream)
    return kj__fail(err, KJ_EFILE, "%s: cannot be written: %s",
                    size > 0 ? output->temporary : output->path,
                    strerror(errno));
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
  *output =
      (kj__output){.path = kj__copy_text(path), .temporary = part_of(path)};
  if (!output->path || !output->temporary) {
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
  char *part = part_of(path);
  const bool has_part = !part || lstat(part, &info) == 0 || errno != ENOENT;
  free(part);
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

/* Close a stream whose content is complete; 0, or the errno of what failed. */
static int finish_stream(kj__output *output)
{
  int reason = ferror(output->stream) ? earlier_reason() : 0;
  if (fflush(output->stream) != 0)
    reason = errno;
  if (reason == 0 && output->temporary && fsync(fileno(output->stream)) != 0)
    reason = errno;
  if (output->stream != stdout && fclose(output->stream) != 0 && reason == 0)
    reason = errno;
  output->stream = NULL;
  return reason;
}

kj_status kj__output_name(kj__output *output, kj_error *err)
{
  int reason = finish_stream(output);
  if (reason == 0 && output->temporary &&
      rename(output->temporary, output->path) != 0)
    reason = errno;
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
  if (output->stream && output->stream != stdout)
    fclose(output->stream);
  if (output->temporary)
    unlink(output->temporary);
  free(output->temporary);
  free(output->path);
  *output = (kj__output){0};
}
