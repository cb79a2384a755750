/*
 * csv_put.c: a cell of a table that is written; csv.h.
 */
#include "corpus/csv.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Spaces around a cell without quotes do not count when it is read. */
static bool needs_quotes(const char *text)
{
  const size_t n = strlen(text);
  return strpbrk(text, ",\"\r\n") ||
         (n > 0 && (strchr(" \t", text[0]) || strchr(" \t", text[n - 1])));
}

void kj__csv_put_text(FILE *stream, const char *text)
{
  if (!needs_quotes(text)) {
    fputs(text, stream);
    return;
  }
  putc('"', stream);
  for (const char *c = text; *c; c++) {
    if (*c == '"')
      putc('"', stream);
    putc(*c, stream);
  }
  putc('"', stream);
}
