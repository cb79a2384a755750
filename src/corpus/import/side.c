/*
 * side.c: tables of ratings, votes or speakers that lie beside the sound.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "corpus/import/names.h"
#include "corpus/number.h"
#include "corpus/path.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 1 << 28 };

/* R writes the names of rows into a column without a name: it gets one. */
static kj_status read_sheet(const char *path, kj__sheet *sheet, kj_error *err)
{
  static const char name[] = "row";
  char *text = NULL, *named = NULL;
  size_t size = 0;
  kj_status status = kj__file_read(path, MAX_BYTES, &text, &size, err);
  if (status != KJ_OK)
    return status;
  const size_t skipped = strncmp(text, "\"\",", 3) == 0 ? 2 : 0;
  kj__csv_source source = {.name = path, .data = text, .size = size};
  if (text[skipped] == ',') {
    named = kj__allocate(NULL, size + sizeof name, 1);
    if (named) {
      memcpy(named, name, sizeof name - 1);
      memcpy(named + sizeof name - 1, text + skipped, size - skipped);
      source.data = named;
      source.size = size - skipped + sizeof name - 1;
    } else {
      status = kj__fail_memory(err, path);
    }
  }
  if (status == KJ_OK)
    status = kj__sheet_parse(&source, sheet, err);
  kj__release(NULL, named);
  free(text);
  return status;
}

kj_status kj__side_read(const char *path, const char *const *keys,
                        kj__side *side, kj_error *err)
{
  kj_status status = read_sheet(path, &side->sheet, err);
  size_t column = KJ__NONE, known;
  const char *first = keys[0];
  if (status != KJ_OK)
    return status;
  for (; *keys && column == KJ__NONE; keys++)
    column = kj__sheet_find(&side->sheet, *keys);
  if (column == KJ__NONE)
    return kj__fail(err, KJ_EDATA, "%s: no column \"%s\"", path, first);
  for (size_t i = 0; i < side->sheet.n_rows; i++) {
    const char *stem = kj__path_stem(side->sheet.arena,
                                     kj__sheet_cell(&side->sheet, i, column));
    if (!stem || !kj__index_add(&side->index, stem, i, &known))
      return kj__fail_memory(err, path);
  }
  return KJ_OK;
}

size_t kj__side_row(const kj__side *side, const char *name)
{
  return kj__index_find(&side->index, name);
}

const char *kj__side_cell(const kj__side *side, size_t row, const char *column)
{
  return row == KJ__NONE ? ""
                         : kj__sheet_cell(&side->sheet, row,
                                          kj__sheet_find(&side->sheet, column));
}

/* A column of ratings: its dimension, and the scale that its name says. */
typedef struct rating_column {
  size_t dimension;
  bool is_sd;
  double low, high;
} rating_column;

/* "_0_100" into a scale; "" is 1..5. */
static bool read_scale(const char *text, rating_column *column)
{
  char *end;
  column->low = 1;
  column->high = 5;
  if (!text[0])
    return true;
  if (text[0] != '_')
    return false;
  const long low = strtol(text + 1, &end, 10);
  if (end == text + 1 || *end != '_')
    return false;
  text = end + 1;
  const long high = strtol(text, &end, 10);
  column->low = (double)low;
  column->high = (double)high;
  return end != text && *end == '\0' && high > low;
}

static bool read_column(const char *name, rating_column *column)
{
  static const struct {
    const char *name;
    size_t dimension;
  } names[] = {{"valence", KJ__VALENCE},
               {"activation", KJ__ACTIVATION},
               {"arousal", KJ__ACTIVATION},
               {"dominance", KJ__DOMINANCE}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const size_t n = strlen(names[i].name);
    if (strncmp(name, names[i].name, n) != 0)
      continue;
    column->dimension = names[i].dimension;
    column->is_sd = strcmp(name + n, "_sd") == 0;
    return column->is_sd || read_scale(name + n, column);
  }
  return false;
}

static kj_status read_cell(const kj__side *side, size_t row, size_t column,
                           double *value, kj_error *err)
{
  const char *cell = kj__sheet_cell(&side->sheet, row, column);
  *value = (double)NAN;
  if (!cell[0] || kj__number_parse(cell, value))
    return KJ_OK;
  return kj__fail(err, KJ_EDATA,
                  "%s:%zu: column %s: \"%s\" is not a finite number",
                  side->sheet.path, side->sheet.row[row].line,
                  side->sheet.column[column], cell);
}

kj_status kj__side_rate(const kj__side *side, size_t row, kj__imported *rated,
                        kj_error *err)
{
  if (row == KJ__NONE)
    return KJ_OK;
  for (size_t c = 0; c < side->sheet.n_columns; c++) {
    rating_column column = {0};
    double value;
    if (!read_column(side->sheet.column[c], &column))
      continue;
    const kj_status status = read_cell(side, row, c, &value, err);
    if (status != KJ_OK)
      return status;
    if (column.is_sd) {
      rated->rated[column.dimension].sd = value;
      continue;
    }
    if (rated->high > rated->low &&
        (rated->low != column.low || rated->high != column.high))
      return kj__fail(err, KJ_EDATA,
                      "%s: column %s: is on another scale than the ratings "
                      "before it",
                      side->sheet.path, side->sheet.column[c]);
    rated->rated[column.dimension].mean = value;
    rated->low = column.low;
    rated->high = column.high;
  }
  return KJ_OK;
}

void kj__side_clear(kj__side *side)
{
  kj__index_clear(&side->index);
  kj__sheet_clear(&side->sheet);
}
