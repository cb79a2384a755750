/*
 * error.c: status texts, and the one place that writes error sentences.
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *kj_status_text(kj_status status)
{
  switch (status) {
#define KJ_STATUS_CASE(name, number, text)                                     \
  case name:                                                                   \
    return text;
    KJ_STATUS_LIST(KJ_STATUS_CASE)
#undef KJ_STATUS_CASE
  }
  return "unknown status";
}

/* A text that fills its memory may have been cut inside a character of UTF-8:
 * without the bytes of that one it is UTF-8 still. */
static void drop_partial_character(char *text, size_t size)
{
  const size_t n = strlen(text);
  size_t start = n; /* of the last character, behind its first byte */
  if (n < size - 1)
    return;
  while (start > 1 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
    start--;
  const unsigned char first = (unsigned char)text[start - 1];
  const size_t length = first < 0xC0   ? 1
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                                       : 4;
  if (n - (start - 1) < length)
    text[start - 1] = '\0';
}

kj_status kj__fail(kj_error *err, kj_status status, const char *format, ...)
{
  if (err) {
    va_list arguments;
    va_start(arguments, format);
    err->status = status;
    vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    drop_partial_character(err->message, sizeof err->message);
  }
  return status;
}

/* Put `more` behind `text`, as much as fits in `size` bytes with the zero. */
static void append(char *text, size_t size, const char *more)
{
  const size_t length = strlen(text);
  size_t n = strlen(more);
  if (n > size - 1 - length)
    n = size - 1 - length;
  memcpy(text + length, more, n);
  text[length + n] = '\0';
}

kj_status kj__fail_in(kj_error *err, kj_status status, const char *format, ...)
{
  if (err) {
    char inner[sizeof err->message];
    memcpy(inner, err->message, sizeof inner);
    va_list arguments;
    va_start(arguments, format);
    err->status = status;
    vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    append(err->message, sizeof err->message, ": ");
    append(err->message, sizeof err->message, inner);
    drop_partial_character(err->message, sizeof err->message);
  }
  return status;
}

kj_status kj__fail_memory(kj_error *err, const char *what)
{
  return kj__fail(err, KJ_EMEMORY, "out of memory for %s", what);
}
