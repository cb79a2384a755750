/*
 * fuzz_list.c: any bytes as a list of names. Each line that is not blank is
 * given once, in order, or comes with its trouble. Names are kept from being
 * those of folders, which would be walked.
 */
#define _GNU_SOURCE
#include "corpus/input_stream.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
  if (!condition)
    abort();
}

/* Lines with anything but their end in them. */
static size_t count_lines(const char *text, size_t size)
{
  size_t n = 0;
  for (size_t start = 0; start < size;) {
    const char *end = memchr(text + start, '\n', size - start);
    const size_t stop = end ? (size_t)(end - text) : size;
    size_t length = stop - start;
    while (length > 0 && text[start + length - 1] == '\r')
      length--;
    n += length > 0 ? 1 : 0;
    start = stop + 1;
  }
  return n;
}

static void read_all(const char *path, size_t n_lines)
{
  kj__input_stream stream;
  kj__input_run run;
  kj_error err;
  size_t n = 0;
  const kj_status status = kj__input_stream_open(&stream, NULL, 0, path, &err);
  require(status == (n_lines > 0 ? KJ_OK : KJ_EDATA));
  if (status != KJ_OK)
    return;
  do {
    require(kj__input_stream_next(&stream, &run, &err) == KJ_OK);
    require(run.n <= 1);
    if (run.n > 0)
      require(run.input[0].name && run.input[0].file && run.input[0].speaker);
    n += run.n;
  } while (run.n > 0);
  require(n == n_lines);
  kj__input_stream_close(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[64];
  char *text = malloc(size + 1);
  const int file = memfd_create("fuzz", 0);
  require(text && file >= 0);
  for (size_t i = 0; i < size; i++)
    text[i] = data[i] == '/' || data[i] == '.' ? '_' : (char)data[i];
  require(write(file, text, size) == (ssize_t)size);
  lseek(file, 0, SEEK_SET);
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  read_all(path, count_lines(text, size));
  close(file);
  free(text);
  return 0;
}
