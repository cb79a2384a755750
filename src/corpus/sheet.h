/* sheet.h: a whole table as texts, for those who judge or copy it. */
#ifndef KJ_CORPUS_SHEET_H
#define KJ_CORPUS_SHEET_H

#include "corpus/arena.h"
#include "corpus/csv.h"
#include "kanjo/status.h"
#include <stddef.h>

typedef struct kj__sheet_row {
  size_t line;             /* in the table, from 1 */
  const char *const *cell; /* shape (n_columns) */
} kj__sheet_row;

/* All zero: empty. */
typedef struct kj__sheet {
  const char *path;
  const char *folder; /* of the table, with its final '/', or "" */
  kj__arena *arena;   /* of all texts */
  size_t n_columns;
  const char *const *column; /* names */
  size_t n_rows, capacity;
  kj__sheet_row *row;
} kj__sheet;

/* Read a table; *sheet is all zero before, and to be cleared after, also
 * after a failure. As kj__csv_read; KJ_EDATA: there is no row. */
kj_status kj__sheet_read(const char *path, kj__sheet *sheet, kj_error *err);

/* The same from any source, which may be gone afterwards. */
kj_status kj__sheet_parse(const kj__csv_source *source, kj__sheet *sheet,
                          kj_error *err);

/* The column of that name, or KJ__NONE (corpus/index.h). */
size_t kj__sheet_find(const kj__sheet *sheet, const char *name);

/* A cell; "" where the column is KJ__NONE. */
const char *kj__sheet_cell(const kj__sheet *sheet, size_t row, size_t column);

void kj__sheet_clear(kj__sheet *sheet);

#endif
