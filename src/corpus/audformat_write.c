/*
 * audformat_write.c: the standard table as a database of audformat: db.yaml
 * and one table, whose index is file, or file, start and end.
 */
#define _POSIX_C_SOURCE 200809L
#include "kanjo/corpus_export.h"

#include "base/error.h"
#include "base/file.h"
#include "corpus/csv.h"
#include "corpus/import/relative.h"
#include "corpus/index.h"
#include "corpus/number.h"
#include "corpus/path.h"
#include "corpus/sheet.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct writer {
  kj__sheet sheet;
  const char *folder; /* DIR */
  size_t file, start, end;
  bool is_segmented;
  kj__relative relative;
} writer;

/* ---- what is asked ---- */

static kj_status find_columns(writer *w, kj_error *err)
{
  w->file = kj__sheet_find(&w->sheet, "file");
  w->start = kj__sheet_find(&w->sheet, "start");
  w->end = kj__sheet_find(&w->sheet, "end");
  if (w->file == KJ__NONE)
    return kj__fail(err, KJ_EDATA, "%s: no column \"file\"", w->sheet.path);
  for (size_t i = 0; i < w->sheet.n_rows; i++)
    if (kj__sheet_cell(&w->sheet, i, w->start)[0] ||
        kj__sheet_cell(&w->sheet, i, w->end)[0])
      w->is_segmented = true;
  return KJ_OK;
}

/* A time of the table in seconds; NaN where the cell is empty. */
static kj_status read_time(const writer *w, size_t row, size_t column,
                           double *seconds, kj_error *err)
{
  const char *cell = kj__sheet_cell(&w->sheet, row, column);
  *seconds = (double)NAN;
  if (!cell[0] ||
      (kj__number_parse(cell, seconds) && *seconds >= 0 && *seconds <= 1e9))
    return KJ_OK;
  return kj__fail(
      err, KJ_EDATA, "%s:%zu: column %s: \"%s\" must be seconds, 0..1e9",
      w->sheet.path, w->sheet.row[row].line, w->sheet.column[column], cell);
}

static kj_status check_row(writer *w, size_t row, kj__index *keys,
                           kj_error *err)
{
  const kj__sheet *s = &w->sheet;
  double start, end;
  size_t first = KJ__NONE;
  const char *file = kj__sheet_cell(s, row, w->file);
  kj_status status = read_time(w, row, w->start, &start, err);
  if (status == KJ_OK)
    status = read_time(w, row, w->end, &end, err);
  if (status != KJ_OK)
    return status;
  if (!file[0])
    return kj__fail(err, KJ_EDATA,
                    "%s:%zu: column file is empty; every row needs one",
                    s->path, s->row[row].line);
  char times[80];
  snprintf(times, sizeof times, "\n%a:%a", start, end);
  const char *key = kj__arena_joined(s->arena, file, times);
  if (!key || !kj__index_add(keys, key, row, &first))
    return kj__fail_memory(err, s->path);
  if (first != KJ__NONE)
    return kj__fail(err, KJ_EDATA,
                    "%s:%zu: column file: \"%s\" is there twice with the same "
                    "start and end; the first is in line %zu",
                    s->path, s->row[row].line, file, s->row[first].line);
  return KJ_OK;
}

static kj_status check_rows(writer *w, kj_error *err)
{
  kj__index keys = {0};
  kj_status status = KJ_OK;
  for (size_t i = 0; i < w->sheet.n_rows && status == KJ_OK; i++)
    status = check_row(w, i, &keys, err);
  kj__index_clear(&keys);
  return status;
}

/* ---- the header ---- */

static bool is_key(const writer *w, size_t column)
{
  return column == w->file || column == w->start || column == w->end;
}

/* activation is called arousal in that world. */
static const char *rest_of_activation(const char *name)
{
  const size_t n = strlen("activation");
  const bool is_it = strncmp(name, "activation", n) == 0 &&
                     (name[n] == '\0' || name[n] == '_');
  return is_it ? name + n : NULL;
}

/* A name as YAML has it: JSON texts are YAML. */
static bool put_yaml(FILE *stream, const char *name)
{
  const char *rest = rest_of_activation(name);
  if (rest) {
    fprintf(stream, "arousal%s", rest);
    return true;
  }
  json_t *text = json_string(name);
  char *quoted = text ? json_dumps(text, JSON_ENCODE_ANY) : NULL;
  if (quoted)
    fputs(quoted, stream);
  json_decref(text);
  free(quoted);
  return quoted != NULL;
}

static const char *dtype_of(const char *column)
{
  static const struct {
    const char *column, *dtype;
  } types[] = {{"valence", "{dtype: float, minimum: 1, maximum: 5}"},
               {"activation", "{dtype: float, minimum: 1, maximum: 5}"},
               {"dominance", "{dtype: float, minimum: 1, maximum: 5}"},
               {"valence_sd", "{dtype: float, minimum: 0}"},
               {"activation_sd", "{dtype: float, minimum: 0}"},
               {"dominance_sd", "{dtype: float, minimum: 0}"},
               {"spontaneous", "{dtype: int, minimum: 0, maximum: 1}"}};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    if (strcmp(types[i].column, column) == 0)
      return types[i].dtype;
  return "{dtype: str}";
}

static const char *table_of(const writer *w)
{
  return w->is_segmented ? "segments" : "files";
}

static bool put_languages(const writer *w, FILE *stream)
{
  const size_t column = kj__sheet_find(&w->sheet, "language");
  kj__index seen = {0};
  bool ok = true;
  fputs("languages: [", stream);
  for (size_t i = 0; i < w->sheet.n_rows && ok; i++) {
    const char *language = kj__sheet_cell(&w->sheet, i, column);
    size_t first = KJ__NONE;
    if (!language[0])
      continue;
    ok = kj__index_add(&seen, language, i, &first);
    if (ok && first == KJ__NONE) {
      fputs(seen.n > 1 ? ", " : "", stream);
      ok = put_yaml(stream, language);
    }
  }
  kj__index_clear(&seen);
  fputs("]\n", stream);
  return ok;
}

/* The name of the database: that of the first row's corpus. */
static bool put_name(const writer *w, FILE *stream)
{
  const char *name =
      kj__sheet_cell(&w->sheet, 0, kj__sheet_find(&w->sheet, "corpus"));
  fputs("name: ", stream);
  const bool ok = put_yaml(stream, name[0] ? name : "kanjo");
  fputs("\nsource: kanjo corpus export\nusage: other\n", stream);
  return ok;
}

static kj_status put_header(const writer *w, FILE *stream, kj_error *err)
{
  bool ok = put_name(w, stream) && put_languages(w, stream);
  fputs("schemes:\n", stream);
  for (size_t c = 0; c < w->sheet.n_columns && ok; c++) {
    if (is_key(w, c))
      continue;
    fputs("  ", stream);
    ok = put_yaml(stream, w->sheet.column[c]);
    fprintf(stream, ": %s\n", dtype_of(w->sheet.column[c]));
  }
  fprintf(stream, "tables:\n  %s:\n    type: %s\n    columns:\n", table_of(w),
          w->is_segmented ? "segmented" : "filewise");
  for (size_t c = 0; c < w->sheet.n_columns && ok; c++) {
    if (is_key(w, c))
      continue;
    fputs("      ", stream);
    ok = put_yaml(stream, w->sheet.column[c]);
    fputs(": {scheme_id: ", stream);
    ok = ok && put_yaml(stream, w->sheet.column[c]);
    fputs("}\n", stream);
  }
  return ok ? KJ_OK : kj__fail_memory(err, "the header");
}

/* ---- the table ---- */

/* "0 days 00:00:01.500000000", as pandas reads it; nothing for NaN. */
static void put_time(FILE *stream, double seconds)
{
  putc(',', stream);
  if (isnan(seconds))
    return;
  const double whole = floor(seconds);
  long long s = (long long)whole;
  long long ns = llround((seconds - whole) * 1e9);
  if (ns == 1000000000) {
    s++;
    ns = 0;
  }
  fprintf(stream, "%lld days %02lld:%02lld:%02lld.%09lld", s / 86400,
          s / 3600 % 24, s / 60 % 60, s % 60, ns);
}

static kj_status put_times(const writer *w, FILE *stream, size_t row,
                           kj_error *err)
{
  double start, end;
  kj_status status = read_time(w, row, w->start, &start, err);
  if (status == KJ_OK)
    status = read_time(w, row, w->end, &end, err);
  if (status == KJ_OK) {
    put_time(stream, isnan(start) ? 0 : start);
    put_time(stream, end);
  }
  return status;
}

static void put_value(const writer *w, FILE *stream, size_t row, size_t column)
{
  const char *cell = kj__sheet_cell(&w->sheet, row, column);
  const bool is_gender = strcmp(w->sheet.column[column], "gender") == 0;
  putc(',', stream);
  if (is_gender && strcmp(cell, "f") == 0)
    cell = "female";
  else if (is_gender && strcmp(cell, "m") == 0)
    cell = "male";
  kj__csv_put_text(stream, cell);
}

static kj_status put_row(writer *w, FILE *stream, size_t row, kj_error *err)
{
  const char *file = kj__path_in(w->sheet.arena, w->sheet.folder,
                                 kj__sheet_cell(&w->sheet, row, w->file));
  const char *seen = file ? kj__relative_name(&w->relative, file) : NULL;
  if (!seen)
    return kj__fail_memory(err, "the names of files");
  kj__csv_put_text(stream, seen);
  const kj_status status =
      w->is_segmented ? put_times(w, stream, row, err) : KJ_OK;
  for (size_t c = 0; c < w->sheet.n_columns && status == KJ_OK; c++)
    if (!is_key(w, c))
      put_value(w, stream, row, c);
  putc('\n', stream);
  return status;
}

static kj_status put_table(writer *w, FILE *stream, kj_error *err)
{
  kj_status status = KJ_OK;
  fputs(w->is_segmented ? "file,start,end" : "file", stream);
  for (size_t c = 0; c < w->sheet.n_columns; c++) {
    const char *name = w->sheet.column[c];
    const char *rest = rest_of_activation(name);
    if (is_key(w, c))
      continue;
    fputs(rest ? ",arousal" : ",", stream);
    kj__csv_put_text(stream, rest ? rest : name);
  }
  putc('\n', stream);
  for (size_t i = 0; i < w->sheet.n_rows && status == KJ_OK; i++)
    status = put_row(w, stream, i, err);
  return status;
}

/* ---- all of it ---- */

static kj_status make_folder(const char *folder, kj_error *err)
{
  if (mkdir(folder, 0777) == 0 || errno == EEXIST)
    return KJ_OK;
  return kj__fail(err, KJ_EFILE, "%s: %s", folder, strerror(errno));
}

static const char *path_in(const writer *w, const char *name)
{
  const char *folder = kj__arena_joined(w->sheet.arena, w->folder, "/");
  return folder ? kj__arena_joined(w->sheet.arena, folder, name) : NULL;
}

static kj_status write_table(writer *w, kj_error *err)
{
  kj__output output = {0};
  const char *path =
      path_in(w, w->is_segmented ? "db.segments.csv" : "db.files.csv");
  if (!path)
    return kj__fail_memory(err, w->folder);
  kj_status status = kj__relative_init(&w->relative, path, err);
  if (status == KJ_OK)
    status = kj__output_open(&output, path, err);
  if (status == KJ_OK)
    status = put_table(w, output.stream, err);
  if (status == KJ_OK)
    status = kj__output_commit(&output, err);
  kj__output_discard(&output);
  return status;
}

static kj_status write_header(writer *w, kj_error *err)
{
  kj__output output = {0};
  const char *path = path_in(w, "db.yaml");
  kj_status status = path ? kj__output_open(&output, path, err)
                          : kj__fail_memory(err, w->folder);
  if (status == KJ_OK)
    status = put_header(w, output.stream, err);
  if (status == KJ_OK)
    status = kj__output_commit(&output, err);
  kj__output_discard(&output);
  return status;
}

kj_status kj_export_audformat(const char *path, const char *folder,
                              kj_export_report *report, kj_error *err)
{
  writer w = {.folder = folder};
  kj_status status = kj__sheet_read(path, &w.sheet, err);
  if (status == KJ_OK)
    status = find_columns(&w, err);
  if (status == KJ_OK)
    status = check_rows(&w, err);
  if (status == KJ_OK)
    status = make_folder(folder, err);
  if (status == KJ_OK)
    status = write_table(&w, err);
  if (status == KJ_OK)
    status = write_header(&w, err);
  if (status == KJ_OK && report)
    *report = (kj_export_report){table_of(&w), w.sheet.n_rows};
  kj__relative_clear(&w.relative);
  kj__sheet_clear(&w.sheet);
  return status;
}
