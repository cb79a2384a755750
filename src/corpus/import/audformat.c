/*
 * audformat.c: databases of audformat (audEERING), their CSV part:
 *
 *   DIR/db.yaml            the header: schemes, splits, tables
 *   DIR/db.TABLE.csv       file,COLUMN...  or  file,start,end,COLUMN...
 *
 * A column is what the name of its scheme says, else its own. If there is a
 * segmented table, the segments are the utterances, and what is said of their
 * files holds for them; else the files are. The first table that says
 * something counts. Minimum and maximum of a scheme are the scale of its
 * ratings. What `kanjo corpus export` wrote becomes the same table again.
 */
#define _GNU_SOURCE
#include "corpus/import/audformat.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "corpus/import/import.h"
#include "corpus/index.h"
#include "corpus/number.h"
#include "corpus/path.h"
#include "corpus/sheet.h"
#include "corpus/survey.h"
#include "kanjo/estimator.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_HEADER = 1 << 26, MAX_RATINGS = 64 };

/* What an utterance can be said to have; the first three are ratings, in the
 * order of kj__dimension, then their deviations, then single ratings. */
typedef enum field {
  SD = KJ__N_DIMENSIONS,
  RATINGS = SD + KJ__N_DIMENSIONS,
  UTTERANCE = RATINGS + KJ__N_DIMENSIONS,
  SPEAKER,
  GENDER,
  SESSION,
  LANGUAGE,
  CORPUS,
  TEXT,
  SPONTANEOUS,
  EMOTION,
  SCALE,
  PART,
  CHANNEL,
  N_FIELDS
} field;

static const struct {
  const char *name;
  unsigned field;
} NAMES[] = {{"valence", 0},
             {"arousal", 1},
             {"activation", 1},
             {"dominance", 2},
             {"valence_sd", SD},
             {"arousal_sd", SD + 1},
             {"activation_sd", SD + 1},
             {"dominance_sd", SD + 2},
             {"valence_ratings", RATINGS},
             {"arousal_ratings", RATINGS + 1},
             {"activation_ratings", RATINGS + 1},
             {"dominance_ratings", RATINGS + 2},
             {"utterance", UTTERANCE},
             {"speaker", SPEAKER},
             {"gender", GENDER},
             {"sex", GENDER},
             {"session", SESSION},
             {"language", LANGUAGE},
             {"corpus", CORPUS},
             {"text", TEXT},
             {"transcription", TEXT},
             {"transcript", TEXT},
             {"spontaneous", SPONTANEOUS},
             {"emotion", EMOTION},
             {"emotions", EMOTION},
             {"scale", SCALE},
             {"part", PART},
             {"split", PART},
             {"channel", CHANNEL}};

/* A cell, and the scheme that explains it. */
typedef struct value {
  const char *text; /* NULL: nothing is said */
  const kj__audformat_scheme *scheme;
} value;

/* A file or a segment. */
typedef struct item {
  const char *file;
  double start, end; /* NaN: not said */
  value value[N_FIELDS];
} item;

typedef struct reader {
  kj__import *import;
  kj__audformat header;
  item *item;
  size_t n, capacity;
  kj__index index; /* key -> item */
  size_t n_segments;
} reader;

/* ---- tables to items ---- */

static field field_of(const kj__audformat_column *column)
{
  const char *const names[] = {column->scheme ? column->scheme->name : "",
                               column->name};
  for (size_t n = 0; n < 2; n++)
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
      if (strcmp(names[n], NAMES[i].name) == 0)
        return (field)NAMES[i].field;
  return N_FIELDS;
}

/* The item of a key, made where there is none; NULL: memory is short. */
static item *item_of(reader *r, const char *file, double start, double end)
{
  const char *key =
      isnan(start) ? file
                   : kj__import_text(r->import, "%s\n%a\n%a", file, start, end);
  size_t known = KJ__NONE;
  void *items = r->item;
  if (!key || !kj__grow(&items, &r->capacity, r->n + 1, sizeof *r->item))
    return NULL;
  r->item = items;
  if (!kj__index_add(&r->index, key, r->n, &known))
    return NULL;
  if (known != KJ__NONE)
    return &r->item[known];
  r->n_segments += isnan(start) ? 0 : 1;
  r->item[r->n] = (item){.file = file, .start = start, .end = end};
  return &r->item[r->n++];
}

static kj_status read_time(const kj__sheet *sheet, size_t row, const char *name,
                           double *seconds, kj_error *err)
{
  const size_t column = kj__sheet_find(sheet, name);
  const char *cell = kj__sheet_cell(sheet, row, column);
  if (kj__audformat_seconds(cell, seconds))
    return KJ_OK;
  return kj__fail(err, KJ_EDATA,
                  "%s:%zu: column %s: \"%s\" is no time such as 0 days "
                  "00:00:01.5",
                  sheet->path, sheet->row[row].line, name, cell);
}

static void take_values(const kj__audformat_table *table,
                        const kj__sheet *sheet, size_t row, item *it)
{
  if (table->part[0] && !it->value[PART].text)
    it->value[PART].text = table->part;
  for (size_t c = 0; c < table->n_columns; c++) {
    const kj__audformat_column *column = &table->column[c];
    const field f = field_of(column);
    const char *cell =
        kj__sheet_cell(sheet, row, kj__sheet_find(sheet, column->name));
    if (f != N_FIELDS && cell[0] && !it->value[f].text)
      it->value[f] = (value){cell, column->scheme};
  }
}

static kj_status read_rows(reader *r, const kj__audformat_table *table,
                           const kj__sheet *sheet, kj_error *err)
{
  const size_t at = kj__sheet_find(sheet, "file");
  if (at == KJ__NONE)
    return kj__fail(err, KJ_EDATA, "%s: no column \"file\"", sheet->path);
  for (size_t i = 0; i < sheet->n_rows; i++) {
    double start = (double)NAN, end = (double)NAN;
    kj_status status = KJ_OK;
    if (table->is_segmented)
      status = read_time(sheet, i, "start", &start, err);
    if (status == KJ_OK && table->is_segmented)
      status = read_time(sheet, i, "end", &end, err);
    if (status != KJ_OK)
      return status;
    if (table->is_segmented && isnan(start))
      start = 0;
    const char *file =
        kj__arena_text(r->import->arena, kj__sheet_cell(sheet, i, at));
    item *it = file ? item_of(r, file, start, end) : NULL;
    if (!it)
      return kj__fail_memory(err, sheet->path);
    take_values(table, sheet, i, it);
  }
  return KJ_OK;
}

/* Columns with no place in the standard table are told. */
static kj_status tell_columns(reader *r, const kj__audformat_table *table,
                              kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t c = 0; c < table->n_columns && status == KJ_OK; c++)
    if (field_of(&table->column[c]) == N_FIELDS)
      status = kj__import_tally(r->import, err, "columns that have no place",
                                "%s of %s", table->column[c].name, table->name);
  return status;
}

static kj_status read_table(reader *r, const kj__audformat_table *table,
                            kj__sheet *sheet, kj_error *err)
{
  const char *path = kj__import_path(r->import, "db.%s.csv", table->name);
  if (!path)
    return kj__fail_memory(err, table->name);
  if (!kj__import_exists(path))
    return kj__import_tally(r->import, err,
                            "tables that are not there as CSV, left out", "%s",
                            table->name);
  kj_status status = kj__sheet_read(path, sheet, err);
  if (status == KJ_OK)
    status = read_rows(r, table, sheet, err);
  return status == KJ_OK ? tell_columns(r, table, err) : status;
}

/* ---- items to utterances ---- */

/* What is said of an item, or of its file. */
static value said(const reader *r, const item *it, field f)
{
  value v = it->value[f];
  if (!v.text && !isnan(it->start)) {
    const size_t file = kj__index_find(&r->index, it->file);
    if (file != KJ__NONE)
      v = r->item[file].value[f];
  }
  return v;
}

static const kj__audformat_label *label_of(const value *v)
{
  for (size_t i = 0; v->text && v->scheme && i < v->scheme->n_labels; i++)
    if (strcmp(v->scheme->label[i].value, v->text) == 0)
      return &v->scheme->label[i];
  return NULL;
}

/* A cell, or what its label says. */
static const char *text_of(const reader *r, const item *it, field f)
{
  const value v = said(r, it, f);
  const kj__audformat_label *label = label_of(&v);
  return label && label->text[0] ? label->text : v.text;
}

static const char *lower(kj__import *import, const char *text)
{
  char *copy = text ? kj__arena_take(import->arena, strlen(text) + 1, 1) : NULL;
  for (size_t i = 0; copy && text[i]; i++)
    copy[i] = (char)tolower((unsigned char)text[i]);
  return copy;
}

static const char *gender_of(const reader *r, const item *it)
{
  const value speaker = said(r, it, SPEAKER);
  const kj__audformat_label *label = label_of(&speaker);
  const char *gender = text_of(r, it, GENDER);
  if (!gender && label)
    gender = label->gender;
  if (!gender || !strchr("fFmM", gender[0]))
    return NULL;
  return strchr("fF", gender[0]) ? "f" : "m";
}

/* audformat writes ISO 639-3; the table has ISO 639-1. */
static const char *language_of(const reader *r, const item *it)
{
  static const char *const codes[][2] = {
      {"deu", "de"}, {"eng", "en"}, {"jpn", "ja"}, {"dan", "da"}, {"ita", "it"},
      {"fra", "fr"}, {"spa", "es"}, {"pol", "pl"}, {"zho", "zh"}, {"cmn", "zh"},
      {"kor", "ko"}, {"nld", "nl"}, {"por", "pt"}, {"rus", "ru"}, {"tur", "tr"},
      {"fas", "fa"}, {"ara", "ar"}, {"est", "et"}, {"ell", "el"}};
  const value speaker = said(r, it, SPEAKER);
  const kj__audformat_label *label = label_of(&speaker);
  const char *language = text_of(r, it, LANGUAGE);
  if (!language)
    language =
        label && label->language[0] ? label->language : r->header.language;
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
    if (strcmp(language, codes[i][0]) == 0)
      return codes[i][1];
  return language;
}

/* ---- ratings ---- */

/* How the ratings of one dimension go to the row's own scale. */
typedef struct line {
  double slope, offset;
} line;

static kj_status fail_rating(const reader *r, const item *it, const value *v,
                             const char *what, kj_error *err)
{
  return kj__fail(err, KJ_EDATA, "%s: %s: %s is \"%s\"; %s", r->import->folder,
                  it->file, v->scheme ? v->scheme->name : "a rating", v->text,
                  what);
}

/* The scale of the row: that which the column `scale` says, else that of its
 * first scheme. */
static kj_status find_scale(reader *r, const item *it, kj__imported *row,
                            kj_error *err)
{
  const char *scale = text_of(r, it, SCALE);
  if (scale)
    return kj_scale_parse(scale, &row->low, &row->high, err);
  for (size_t d = 0; d < KJ__N_DIMENSIONS && row->high <= row->low; d++) {
    const value v = said(r, it, (field)d);
    if (!v.text)
      continue;
    if (!v.scheme || !(v.scheme->maximum > v.scheme->minimum))
      return fail_rating(r, it, &v,
                         "its scheme must have a minimum and a maximum", err);
    row->low = v.scheme->minimum;
    row->high = v.scheme->maximum;
  }
  return KJ_OK;
}

static line line_to(const kj__imported *row, const kj__audformat_scheme *scheme)
{
  const double low = scheme ? scheme->minimum : (double)NAN;
  const double high = scheme ? scheme->maximum : (double)NAN;
  const double slope = (row->high - row->low) / (high - low);
  return high > low ? (line){slope, row->low - slope * low} : (line){1, 0};
}

static kj_status read_number(const reader *r, const item *it, const value *v,
                             double *number, kj_error *err)
{
  *number = (double)NAN;
  if (!v->text || kj__number_parse(v->text, number))
    return KJ_OK;
  return fail_rating(r, it, v, "must be a number", err);
}

/* "3;4.5" into ratings, which are the arena's. */
static kj_status read_ratings(reader *r, const item *it, const value *v,
                              line to, kj__rated *rated, kj_error *err)
{
  const size_t size = (v->text ? strlen(v->text) : 0) / 2 + 1;
  double *rating = kj__arena_take(r->import->arena, size, sizeof *rating);
  if (!rating)
    return kj__fail_memory(err, "ratings");
  for (const char *c = v->text; c && *c;) {
    char number[40];
    const size_t n = strcspn(c, ";");
    snprintf(number, sizeof number, "%.*s", (int)(n < 39 ? n : 39), c);
    if (!kj__number_parse(number, &rating[rated->n_ratings]))
      return fail_rating(r, it, v, "must be numbers with ; between", err);
    rating[rated->n_ratings] = to.slope * rating[rated->n_ratings] + to.offset;
    rated->n_ratings++;
    c += n + (c[n] == ';');
  }
  rated->rating = rating;
  return KJ_OK;
}

static kj_status rate(reader *r, const item *it, kj__imported *row,
                      kj_error *err)
{
  kj_status status = find_scale(r, it, row, err);
  for (size_t d = 0; d < KJ__N_DIMENSIONS && status == KJ_OK; d++) {
    const value mean = said(r, it, (field)d);
    const value sd = said(r, it, (field)(SD + d));
    const value ratings = said(r, it, (field)(RATINGS + d));
    const line to = line_to(row, mean.scheme);
    kj__rated *rated = &row->rated[d];
    status = read_number(r, it, &mean, &rated->mean, err);
    if (status == KJ_OK)
      status = read_number(r, it, &sd, &rated->sd, err);
    if (status == KJ_OK)
      status = read_ratings(r, it, &ratings, to, rated, err);
    rated->mean = to.slope * rated->mean + to.offset;
    rated->sd *= to.slope;
  }
  return status;
}

/* ---- rows ---- */

/* A segment that runs to the end of its file needs that file's length. */
static kj_status find_end(reader *r, kj__imported *row, bool *is_known,
                          kj_error *err)
{
  kj_error fault;
  *is_known = row->start_s <= 0 || row->end_s > 0 ||
              kj__sound_length(row->file, &row->end_s, &fault) == KJ_OK;
  return *is_known ? KJ_OK
                   : kj__import_tally(r->import, err,
                                      "segments to the end of a file whose "
                                      "length is not known, left out",
                                      "%s", row->utterance);
}

static const char *name_of(reader *r, const item *it)
{
  const char *name = text_of(r, it, UTTERANCE);
  if (name)
    return name;
  const char *dot = strrchr(it->file, '.');
  const int n =
      dot && !strchr(dot, '/') ? (int)(dot - it->file) : (int)strlen(it->file);
  if (isnan(it->start))
    return kj__import_text(r->import, "%.*s", n, it->file);
  return kj__import_text(r->import, "%.*s@%.9g", n, it->file, it->start);
}

static kj_status add_item(reader *r, const item *it, kj_error *err)
{
  kj__imported row = kj__imported_empty();
  const char *spontaneous = text_of(r, it, SPONTANEOUS);
  const char *corpus = text_of(r, it, CORPUS);
  bool is_known = true;
  row.file = it->file[0] == '/' ? it->file
                                : kj__import_path(r->import, "%s", it->file);
  row.utterance = name_of(r, it);
  if (!row.file || !row.utterance)
    return kj__fail_memory(err, it->file);
  row.start_s = isnan(it->start) ? 0 : it->start;
  row.end_s = isnan(it->end) ? 0 : it->end;
  const value speaker = said(r, it, SPEAKER);
  row.speaker = speaker.text;
  row.gender = gender_of(r, it);
  row.session = text_of(r, it, SESSION);
  row.language = language_of(r, it);
  row.corpus = corpus ? corpus : r->header.name[0] ? r->header.name : NULL;
  row.text = text_of(r, it, TEXT);
  row.emotion = lower(r->import, text_of(r, it, EMOTION));
  row.part = text_of(r, it, PART);
  row.channel = text_of(r, it, CHANNEL);
  if (spontaneous)
    row.spontaneous = spontaneous[0] == '1' || strcmp(spontaneous, "True") == 0;
  kj_status status = rate(r, it, &row, err);
  if (status == KJ_OK)
    status = find_end(r, &row, &is_known, err);
  return status == KJ_OK && is_known ? kj__import_add(r->import, &row, err)
                                     : status;
}

/* ---- all of it ---- */

static kj_status read_header(reader *r, kj_error *err)
{
  const char *path = kj__import_path(r->import, "db.yaml");
  char *text = NULL;
  size_t size = 0;
  if (!path)
    return kj__fail_memory(err, r->import->folder);
  if (!kj__import_exists(path))
    return kj__import_refuse(r->import, err, "no db.yaml");
  kj_status status = kj__file_read(path, MAX_HEADER, &text, &size, err);
  if (status == KJ_OK)
    status = kj__audformat_parse(path, text, size, r->import->arena, &r->header,
                                 err);
  free(text);
  return status;
}

kj_status kj__import_audformat(kj__import *import, kj_error *err)
{
  reader r = {.import = import};
  kj_status status = read_header(&r, err);
  const size_t n = r.header.n_tables;
  kj__sheet *sheet = kj__allocate(NULL, n, sizeof *sheet);
  if (status == KJ_OK && !sheet)
    status = kj__fail_memory(err, "the tables");
  for (size_t i = 0; i < n && status == KJ_OK; i++)
    status = read_table(&r, &r.header.table[i], &sheet[i], err);
  for (size_t i = 0; i < r.n && status == KJ_OK; i++)
    if (r.n_segments == 0 || !isnan(r.item[i].start))
      status = add_item(&r, &r.item[i], err);
  for (size_t i = 0; i < n && sheet; i++)
    kj__sheet_clear(&sheet[i]);
  kj__release(NULL, sheet);
  kj__index_clear(&r.index);
  kj__release(NULL, r.item);
  return status;
}
