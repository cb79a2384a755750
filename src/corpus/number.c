/*
 * number.c: strtod without its locale and without what else it accepts.
 */
#define _GNU_SOURCE
#include "corpus/number.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool kj__number_parse(const char *text, double *value)
{
  const size_t length = strlen(text);
  if (length == 0 || strspn(text, "+-.0123456789eE") != length)
    return false;
  /* The C library keeps one "C" locale; asking for it allocates nothing. */
  const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (c == (locale_t)0)
    return false;
  char *end;
  const double number = strtod_l(text, &end, c);
  freelocale(c);
  if (end != text + length || !isfinite(number))
    return false;
  *value = number;
  return true;
}
