/*
 * sheet.c: tables kept whole.
 */
#include "corpus/sheet.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/index.h"
#include "corpus/path.h"

#include <string.h>

/* Copies of `n` texts, or NULL. */
static const char *const *copied(kj__arena *arena, const char *const *text,
                                 size_t n)
{
  const char **copy = kj__arena_take(arena, n, sizeof *copy);
  for (size_t i = 0; copy && i < n; i++) {
    copy[i] = kj__arena_text(arena, text[i]);
    if (!copy[i])
      return NULL;
  }
  return copy;
}

static kj_status read_header(void *context, const kj__csv *csv, kj_error *err)
{
  kj__sheet *sheet = context;
  sheet->n_columns = csv->n_columns;
  sheet->column = copied(sheet->arena, csv->column, csv->n_columns);
  return sheet->column ? KJ_OK : kj__fail_memory(err, csv->name);
}

static kj_status read_row(void *context, const kj__csv *csv, kj_error *err)
{
  kj__sheet *sheet = context;
  void *items = sheet->row;
  const char *const *cell = copied(sheet->arena, csv->cell, csv->n_columns);
  if (!cell || !kj__grow(&items, &sheet->capacity, sheet->n_rows + 1,
                         sizeof *sheet->row))
    return kj__fail_memory(err, csv->name);
  sheet->row = items;
  sheet->row[sheet->n_rows++] = (kj__sheet_row){csv->line, cell};
  return KJ_OK;
}

kj_status kj__sheet_parse(const kj__csv_source *source, kj__sheet *sheet,
                          kj_error *err)
{
  const char *path = source->name;
  const kj__csv_visitor visitor = {sheet, read_header, read_row};
  sheet->arena = kj__arena_create();
  sheet->path = sheet->arena ? kj__arena_text(sheet->arena, path) : NULL;
  sheet->folder = sheet->path ? kj__path_folder(sheet->arena, path) : NULL;
  if (!sheet->folder)
    return kj__fail_memory(err, path);
  const kj_status status = kj__csv_read(source, &visitor, err);
  if (status == KJ_OK && sheet->n_rows == 0)
    return kj__fail(err, KJ_EDATA, "%s: has no rows", path);
  return status;
}

kj_status kj__sheet_read(const char *path, kj__sheet *sheet, kj_error *err)
{
  const kj__csv_source source = {.name = path};
  return kj__sheet_parse(&source, sheet, err);
}

size_t kj__sheet_find(const kj__sheet *sheet, const char *name)
{
  for (size_t c = 0; c < sheet->n_columns; c++)
    if (strcmp(sheet->column[c], name) == 0)
      return c;
  return KJ__NONE;
}

const char *kj__sheet_cell(const kj__sheet *sheet, size_t row, size_t column)
{
  return column == KJ__NONE ? "" : sheet->row[row].cell[column];
}

void kj__sheet_clear(kj__sheet *sheet)
{
  kj__release(NULL, sheet->row);
  kj__arena_destroy(sheet->arena);
  *sheet = (kj__sheet){0};
}
