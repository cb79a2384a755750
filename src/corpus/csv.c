/*
 * csv.c: RFC 4180 through libcsv, with limits, line numbers and messages.
 *
 * libcsv splits bytes into cells and rows. What it leaves to its caller is
 * here: the byte order mark, the separator, the lines that a row spans, limits
 * on all counts, and that every row has as many cells as the header.
 */
#include "corpus/csv.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/arena.h"
#include "corpus/index.h"
#include "corpus/number.h"
#include "corpus/utf8.h"

#include <csv.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
  CHUNK = 65536,        /* bytes given to libcsv at a time */
  CELL_IN_MESSAGE = 48, /* bytes shown of a cell */
  NAME_IN_MESSAGE = 64  /* bytes shown of a column name */
};

typedef struct parse {
  kj__csv csv;
  const kj__csv_visitor *visitor;
  struct csv_parser parser;
  kj__arena *arena;   /* column names */
  const char **cells; /* csv.cell, once the header is read */

  void *text; /* the cells of the row, each with a zero byte after it */
  size_t text_size, text_capacity;
  void *starts; /* size_t: where in text each cell begins */
  size_t starts_capacity;
  size_t n_cells; /* of the row so far; those past the header's not stored */

  size_t n_rows;
  size_t line;       /* being read, from 1 */
  bool after_return; /* a CR ended the last line: an LF belongs to it */
  kj_status status;  /* of the first thing that went wrong */
  kj_error *err;
} parse;

/* The number of lines ended within a cell. */
static size_t count_line_ends(const char *s, size_t n)
{
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    count += s[i] == '\n' || (s[i] == '\r' && (i + 1 == n || s[i + 1] != '\n'));
  return count;
}

static kj_status fail_cell_size(const parse *p, size_t line)
{
  return kj__fail(p->err, KJ_EFORMAT,
                  "%s:%zu: a cell has more than %d bytes; is a quote never "
                  "closed?",
                  p->csv.name, line, KJ__CSV_MAX_CELL);
}

static kj_status check_cell(const parse *p, const char *s, size_t n)
{
  const char *name = p->csv.name;
  if (n > KJ__CSV_MAX_CELL)
    return fail_cell_size(p, p->csv.line);
  if (memchr(s, '\0', n))
    return kj__fail(p->err, KJ_EFORMAT, "%s:%zu: a cell has a NUL byte", name,
                    p->csv.line);
  if (!kj__utf8_is_valid(s, n))
    return kj__fail(p->err, KJ_EFORMAT,
                    "%s:%zu: not UTF-8 text; save the table as UTF-8", name,
                    p->csv.line);
  if (p->n_cells >= KJ__CSV_MAX_COLUMNS && !p->cells)
    return kj__fail(p->err, KJ_EFORMAT, "%s:%zu: more than %d columns", name,
                    p->csv.line, KJ__CSV_MAX_COLUMNS);
  if (p->text_size + n + 1 > KJ__CSV_MAX_ROW)
    return kj__fail(p->err, KJ_EFORMAT, "%s:%zu: a row has more than %d bytes",
                    name, p->csv.line, KJ__CSV_MAX_ROW);
  return KJ_OK;
}

static kj_status store_cell(parse *p, const char *s, size_t n)
{
  if (!kj__grow(&p->text, &p->text_capacity, p->text_size + n + 1, 1) ||
      !kj__grow(&p->starts, &p->starts_capacity, p->n_cells + 1,
                sizeof(size_t)))
    return kj__fail_memory(p->err, p->csv.name);
  ((size_t *)p->starts)[p->n_cells] = p->text_size;
  char *cell = (char *)p->text + p->text_size;
  if (n > 0)
    memcpy(cell, s, n);
  cell[n] = '\0';
  p->text_size += n + 1;
  return KJ_OK;
}

/* libcsv has read a cell. */
static void on_cell(void *cell, size_t size, void *context)
{
  parse *p = context;
  const char *s = cell ? cell : "";
  const size_t n = cell ? size : 0;
  if (p->status != KJ_OK)
    return;
  if (p->n_cells == 0)
    p->csv.line = p->line;
  p->line += count_line_ends(s, n);
  p->after_return = false;
  p->status = check_cell(p, s, n);
  if (p->status == KJ_OK && (!p->cells || p->n_cells < p->csv.n_columns))
    p->status = store_cell(p, s, n);
  p->n_cells++;
}

/* Is column i, just named, a name of its own? */
static kj_status check_name(parse *p, kj__index *seen, size_t i)
{
  const char *name = p->csv.column[i];
  size_t first;
  if (!name || !kj__index_add(seen, name, i, &first))
    return kj__fail_memory(p->err, p->csv.name);
  if (name[0] == '\0')
    return kj__fail(p->err, KJ_EFORMAT,
                    "%s:%zu: column %zu has no name; name or remove it",
                    p->csv.name, p->csv.line, i + 1);
  if (first != KJ__NONE) {
    char shown[NAME_IN_MESSAGE];
    kj__utf8_shorten(shown, sizeof shown, name);
    return kj__fail(p->err, KJ_EFORMAT,
                    "%s:%zu: columns %zu and %zu are both named \"%s\"",
                    p->csv.name, p->csv.line, first + 1, i + 1, shown);
  }
  return KJ_OK;
}

/* Keep the names in the first row. */
static kj_status take_header(parse *p)
{
  kj__index seen = {0};
  kj_status status = KJ_OK;
  const char **column = kj__arena_take(p->arena, p->n_cells, sizeof *column);
  p->cells = kj__arena_take(p->arena, p->n_cells, sizeof *p->cells);
  if (!column || !p->cells)
    return kj__fail_memory(p->err, p->csv.name);
  p->csv.column = column;
  p->csv.cell = p->cells;
  p->csv.n_columns = p->n_cells;
  for (size_t i = 0; i < p->n_cells && status == KJ_OK; i++) {
    column[i] = kj__arena_text(p->arena, (const char *)p->text +
                                             ((const size_t *)p->starts)[i]);
    status = check_name(p, &seen, i);
  }
  kj__index_clear(&seen);
  return status;
}

static kj_status take_row(parse *p)
{
  if (p->n_cells != p->csv.n_columns)
    return kj__fail(p->err, KJ_EFORMAT, "%s:%zu: %zu cells; the header has %zu",
                    p->csv.name, p->csv.line, p->n_cells, p->csv.n_columns);
  if (++p->n_rows > KJ__CSV_MAX_ROWS)
    return kj__fail(p->err, KJ_EFORMAT, "%s:%zu: more than %d rows",
                    p->csv.name, p->csv.line, KJ__CSV_MAX_ROWS);
  for (size_t i = 0; i < p->n_cells; i++)
    p->cells[i] = (const char *)p->text + ((const size_t *)p->starts)[i];
  return p->visitor->row(p->visitor->context, &p->csv, p->err);
}

/* A row, or a line without any cell, has ended with `end`, -1 at the end of
 * the file. */
static void on_row_end(int end, void *context)
{
  parse *p = context;
  if (p->status != KJ_OK)
    return;
  if (p->n_cells > 0 && p->cells) {
    p->status = take_row(p);
  } else if (p->n_cells > 0) {
    p->status = take_header(p);
    if (p->status == KJ_OK)
      p->status = p->visitor->header(p->visitor->context, &p->csv, p->err);
  }
  if (end != -1 && !(end == '\n' && p->after_return))
    p->line++;
  p->after_return = end == '\r';
  p->n_cells = 0;
  p->text_size = 0;
}

/* The separator of a table that begins so: see kanjo/corpus.h. */
static unsigned char find_separator(const char *data, size_t size)
{
  size_t n[3] = {0};
  const char separators[3] = {',', ';', '\t'};
  size_t i = 0;
  while (i < size && (data[i] == '\r' || data[i] == '\n'))
    i++;
  for (bool quoted = false; i < size; i++) {
    if (data[i] == '"')
      quoted = !quoted;
    if (!quoted && (data[i] == '\r' || data[i] == '\n'))
      break;
    for (int k = 0; k < 3 && !quoted; k++)
      n[k] += data[i] == separators[k];
  }
  for (int k = 0; k < 3; k++)
    if (n[k] > 0)
      return (unsigned char)separators[k];
  return ',';
}

/* Where the row that is being read begins. */
static size_t current_line(const parse *p)
{
  return p->n_cells > 0 ? p->csv.line : p->line;
}

/* Say what libcsv could not read. */
static kj_status fail_syntax(parse *p)
{
  if (csv_error(&p->parser) == CSV_EPARSE)
    return kj__fail(p->err, KJ_EFORMAT,
                    "%s:%zu: a quote in the middle of a cell, or one that is "
                    "never closed",
                    p->csv.name, current_line(p));
  return kj__fail_memory(p->err, p->csv.name);
}

static kj_status feed(parse *p, const char *data, size_t size)
{
  const size_t n = csv_parse(&p->parser, data, size, on_cell, on_row_end, p);
  if (p->status != KJ_OK)
    return p->status;
  if (n != size)
    return fail_syntax(p);
  /* A cell that is still growing: stop before memory is gone. */
  if (p->parser.entry_pos > KJ__CSV_MAX_CELL)
    return fail_cell_size(p, current_line(p));
  return KJ_OK;
}

/* The first bytes of the table: they tell how to read the others. */
static kj_status feed_first(parse *p, const char *data, size_t size)
{
  if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
    data += 3;
    size -= 3;
  }
  csv_set_delim(&p->parser, find_separator(data, size));
  return feed(p, data, size);
}

static kj_status feed_memory(parse *p, const kj__csv_source *source)
{
  const char *data = source->data;
  kj_status status = KJ_OK;
  for (size_t at = 0; at < source->size && status == KJ_OK; at += CHUNK) {
    const size_t left = source->size - at;
    const size_t size = left < CHUNK ? left : CHUNK;
    status = at == 0 ? feed_first(p, data, size) : feed(p, data + at, size);
  }
  return status;
}

static kj_status feed_file(parse *p)
{
  FILE *stream = fopen(p->csv.name, "rb");
  if (!stream)
    return kj__fail(p->err, KJ_EFILE, "%s: %s", p->csv.name, strerror(errno));
  kj_status status = KJ_OK;
  char *chunk = kj__allocate(NULL, CHUNK, 1);
  if (!chunk)
    status = kj__fail_memory(p->err, p->csv.name);
  for (bool first = true; status == KJ_OK; first = false) {
    const size_t n = fread(chunk, 1, CHUNK, stream);
    if (ferror(stream))
      status =
          kj__fail(p->err, KJ_EFILE, "%s: %s", p->csv.name, strerror(errno));
    if (n == 0 || status != KJ_OK)
      break;
    status = first ? feed_first(p, chunk, n) : feed(p, chunk, n);
  }
  kj__release(NULL, chunk);
  fclose(stream);
  return status;
}

/* The table has ended: so has its last row, with or without a line end. */
static kj_status finish(parse *p)
{
  const int failed = csv_fini(&p->parser, on_cell, on_row_end, p);
  if (p->status != KJ_OK)
    return p->status;
  if (failed)
    return fail_syntax(p);
  if (!p->cells)
    return kj__fail(p->err, KJ_EFORMAT,
                    "%s: empty; must begin with a line of column names",
                    p->csv.name);
  return KJ_OK;
}

kj_status kj__csv_read(const kj__csv_source *source,
                       const kj__csv_visitor *visitor, kj_error *err)
{
  parse p = {.csv = {.name = source->name},
             .visitor = visitor,
             .arena = kj__arena_create(),
             .line = 1,
             .err = err};
  if (!p.arena)
    return kj__fail_memory(err, source->name);
  csv_init(&p.parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL);
  kj_status status = source->data ? feed_memory(&p, source) : feed_file(&p);
  if (status == KJ_OK)
    status = finish(&p);
  csv_free(&p.parser);
  kj__release(NULL, p.text);
  kj__release(NULL, p.starts);
  kj__arena_destroy(p.arena);
  return status;
}

size_t kj__csv_find(const kj__csv *csv, const char *name)
{
  for (size_t i = 0; i < csv->n_columns; i++)
    if (strcmp(csv->column[i], name) == 0)
      return i;
  return KJ__NONE;
}

kj_status kj__csv_number(const kj__csv *csv, size_t column, double *value,
                         kj_error *err)
{
  *value = (double)NAN;
  if (csv->cell[column][0] == '\0' ||
      kj__number_parse(csv->cell[column], value))
    return KJ_OK;
  return kj__csv_fail(csv, column, err,
                      "is not a finite number (decimals have a point)");
}

kj_status kj__csv_fail(const kj__csv *csv, size_t column, kj_error *err,
                       const char *format, ...)
{
  char cell[CELL_IN_MESSAGE], name[NAME_IN_MESSAGE], what[256];
  kj__utf8_shorten(cell, sizeof cell, csv->cell[column]);
  kj__utf8_shorten(name, sizeof name, csv->column[column]);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  return kj__fail(err, KJ_EDATA, "%s:%zu: column %s: \"%s\" %s", csv->name,
                  csv->line, name, cell, what);
}
