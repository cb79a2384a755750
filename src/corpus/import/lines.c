/*
 * lines.c: text files, a line at a time.
 */
#include "corpus/import/lines.h"

#include "base/error.h"
#include "base/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Far beyond the largest label file (MSP-Podcast's, some 100 MB). */
enum { MAX_BYTES = 1 << 29 };

kj_status kj__lines_each(const char *name, char *text, size_t size,
                         kj__line_visitor *visitor, void *context,
                         kj_error *err)
{
  static const char mark[] = "\xEF\xBB\xBF";
  kj__line line = {.name = name};
  char *next = strncmp(text, mark, 3) == 0 ? text + 3 : text;
  kj_status status = KJ_OK;
  while (status == KJ_OK && next < text + size) {
    line.number++;
    line.text = next;
    char *end = memchr(next, '\n', (size_t)(text + size - next));
    if (!end)
      end = text + size;
    next = end + 1;
    *end = '\0';
    const size_t length = strlen(line.text);
    if (line.text + length != end)
      return kj__line_fail(&line, err, "a zero byte; must be text");
    if (length > 0 && line.text[length - 1] == '\r')
      line.text[length - 1] = '\0';
    status = visitor(context, &line, err);
  }
  return status;
}

kj_status kj__lines_read(const char *path, kj__line_visitor *visitor,
                         void *context, kj_error *err)
{
  char *text = NULL;
  size_t size = 0;
  kj_status status = kj__file_read(path, MAX_BYTES, &text, &size, err);
  if (status == KJ_OK)
    status = kj__lines_each(path, text, size, visitor, context, err);
  free(text);
  return status;
}

kj_status kj__line_fail(const kj__line *line, kj_error *err, const char *format,
                        ...)
{
  char sentence[400];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  return kj__fail(err, KJ_EFORMAT, "%s:%zu: %s", line->name, line->number,
                  sentence);
}

char *kj__trimmed(char *text)
{
  text += strspn(text, " \t\r\n");
  size_t n = strlen(text);
  while (n > 0 && strchr(" \t\r\n", text[n - 1]))
    n--;
  text[n] = '\0';
  return text;
}
