/*
 * csv.h: tables of text, a row at a time.
 *
 * The header and then each row are shown to a visitor; nothing but the
 * current row is kept, so that a large table of numbers goes straight to
 * where it is wanted. What is accepted is described in kanjo/corpus.h.
 */
#ifndef KJ_CORPUS_CSV_H
#define KJ_CORPUS_CSV_H

#include "kanjo/status.h"
#include <stddef.h>
#include <stdio.h>

enum {
  KJ__CSV_MAX_COLUMNS = 70000,
  KJ__CSV_MAX_ROWS = 10000000,
  KJ__CSV_MAX_CELL = 65536,          /* bytes */
  KJ__CSV_MAX_ROW = 64 * 1024 * 1024 /* bytes of all its cells */
};

/* Where a table comes from. */
typedef struct kj__csv_source {
  const char *name; /* the file; of memory, its name in messages */
  const void *data; /* NULL: read the file */
  size_t size;
} kj__csv_source;

/* The table as far as it is read; valid during a call of the visitor. */
typedef struct kj__csv {
  const char *name;
  size_t line; /* that the row begins in, from 1 */
  size_t n_columns;
  const char *const *column; /* names, all different; shape (n_columns) */
  const char *const *cell;   /* of the row; shape (n_columns) */
} kj__csv;

/* Whoever reads the table; a call that fails ends the reading. */
typedef struct kj__csv_visitor {
  void *context;
  kj_status (*header)(void *context, const kj__csv *csv, kj_error *err);
  kj_status (*row)(void *context, const kj__csv *csv, kj_error *err);
} kj__csv_visitor;

/* Read a whole table. KJ_EFILE if it cannot be read, KJ_EFORMAT if it is no
 * table, KJ_EMEMORY, or what the visitor returned. */
kj_status kj__csv_read(const kj__csv_source *source,
                       const kj__csv_visitor *visitor, kj_error *err);

/* The column of that name, or KJ__NONE (corpus/index.h). */
size_t kj__csv_find(const kj__csv *csv, const char *name);

/* The finite number in a cell of the row, or NaN for an empty cell. */
kj_status kj__csv_number(const kj__csv *csv, size_t column, double *value,
                         kj_error *err);

/* KJ_EDATA: 'NAME:LINE: column COLUMN: "CELL" ' and the sentence. */
kj_status kj__csv_fail(const kj__csv *csv, size_t column, kj_error *err,
                       const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Write a cell, quoted where RFC 4180 wants it and where it would not be read
 * again as it is. */
void kj__csv_put_text(FILE *stream, const char *text);

#endif
