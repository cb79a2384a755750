/*
 * ratings.c: single ratings in one cell.
 */
#include "corpus/ratings.h"

#include "base/error.h"
#include "corpus/index.h"
#include "corpus/number.h"

#include <stdio.h>
#include <string.h>

size_t kj__ratings_find(const kj__csv *csv, const kj_target_spec *target)
{
  const char *const name[] = {target->column, target->name};
  char column[KJ_COLUMN_NAME_SIZE + 16];
  size_t found = KJ__NONE;
  for (size_t i = 0; i < 2 && found == KJ__NONE; i++) {
    snprintf(column, sizeof column, "%s_ratings", name[i]);
    found = kj__csv_find(csv, column);
  }
  return found;
}

static size_t count(const char *text)
{
  size_t n = text[0] != '\0' ? 1 : 0;
  for (; *text; text++)
    n += *text == ';';
  return n;
}

/* The number before the next ';', and where the one behind it begins. */
static bool next(const char **text, double *value)
{
  char number[64];
  const size_t n = strcspn(*text, ";");
  if (n >= sizeof number)
    return false;
  memcpy(number, *text, n);
  number[n] = '\0';
  *text += (*text)[n] == ';' ? n + 1 : n;
  return kj__number_parse(number, value);
}

kj_status kj__ratings_read(const kj__csv *csv, size_t column,
                           const kj_target_spec *target, kj__arena *arena,
                           kj_rating_list *out, kj_error *err)
{
  const char *text = column == KJ__NONE ? "" : csv->cell[column];
  const size_t n = count(text);
  *out = (kj_rating_list){0};
  if (n == 0)
    return KJ_OK;
  double *value = kj__arena_take(arena, n, sizeof *value);
  if (!value)
    return kj__fail_memory(err, csv->name);
  for (size_t i = 0; i < n; i++) {
    double v;
    if (!next(&text, &v))
      return kj__csv_fail(csv, column, err, "must be numbers with ';' between");
    const double part = (v - target->low) / (target->high - target->low);
    value[i] = KJ_SCALE_LOW + (KJ_SCALE_HIGH - KJ_SCALE_LOW) * part;
  }
  *out = (kj_rating_list){value, n};
  return KJ_OK;
}
