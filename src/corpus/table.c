/*
 * table.c: from the cells of a row to a kj_row; the dataset that grows.
 */
#include "corpus/table.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/index.h"
#include "corpus/number.h"
#include "corpus/path.h"
#include "kanjo/audio.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const COLUMN_NAMES[] = {
#define COLUMN_NAME(id, name) name,
    KJ__COLUMN_LIST(COLUMN_NAME)};

kj__columns kj__columns_find(const kj__csv *csv)
{
  kj__columns columns;
  for (size_t i = 0; i < KJ__N_COLUMNS; i++)
    columns.at[i] = kj__csv_find(csv, COLUMN_NAMES[i]);
  return columns;
}

bool kj__column_is_known(const char *name)
{
  for (size_t i = 0; i < KJ__N_COLUMNS; i++)
    if (strcmp(COLUMN_NAMES[i], name) == 0)
      return true;
  return false;
}

const char *kj__columns_text(const kj__columns *columns, const kj__csv *csv,
                             kj__column column)
{
  const size_t at = columns->at[column];
  return at == KJ__NONE ? "" : csv->cell[at];
}

/* A number that is not negative; *value is left where there is none. */
static kj_status read_number(const kj__columns *columns, const kj__csv *csv,
                             kj__column column, double *value, kj_error *err)
{
  const size_t at = columns->at[column];
  double number;
  if (at == KJ__NONE)
    return KJ_OK;
  const kj_status status = kj__csv_number(csv, at, &number, err);
  if (status != KJ_OK || isnan(number))
    return status;
  if (number < 0.0)
    return kj__csv_fail(csv, at, err, "is negative; must be at least 0");
  *value = number;
  return KJ_OK;
}

kj_status kj__columns_segment(const kj__columns *columns, const kj__csv *csv,
                              double *start_s, double *end_s, kj_error *err)
{
  double start = 0.0, end = (double)NAN; /* empty: all to the end */
  kj_status status = read_number(columns, csv, KJ__COLUMN_START, &start, err);
  if (status == KJ_OK)
    status = read_number(columns, csv, KJ__COLUMN_END, &end, err);
  if (status != KJ_OK)
    return status;
  if (start > KJ_MAX_TIME_S || end > KJ_MAX_TIME_S)
    return kj__csv_fail(
        csv,
        columns->at[start > KJ_MAX_TIME_S ? KJ__COLUMN_START : KJ__COLUMN_END],
        err, "is too late; must be at most %g seconds", KJ_MAX_TIME_S);
  /* 0 and 0 are what a row of unknown length has: all of the file */
  if (!isnan(end) && (start > 0.0 || end > 0.0) && end <= start)
    return kj__csv_fail(csv, columns->at[KJ__COLUMN_END], err,
                        "is not after the start");
  *start_s = start;
  *end_s = isnan(end) ? 0.0 : end;
  return KJ_OK;
}

kj_status kj__columns_channel(const kj__columns *columns, const kj__csv *csv,
                              int *channel, kj_error *err)
{
  static const struct {
    const char *name;
    int channel;
  } names[] = {{"", 0}, {"mix", KJ_CHANNEL_MIX}, {"left", 1}, {"right", 2}};
  const char *text = kj__columns_text(columns, csv, KJ__COLUMN_CHANNEL);
  double number = 0.0;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(text, names[i].name) == 0) {
      *channel = names[i].channel;
      return KJ_OK;
    }
  if (!kj__number_parse(text, &number) || number != floor(number) ||
      number < 1.0 || number > KJ_MAX_CHANNELS)
    return kj__csv_fail(csv, columns->at[KJ__COLUMN_CHANNEL], err,
                        "must be left, right, 1..%d, mix or empty",
                        KJ_MAX_CHANNELS);
  *channel = (int)number;
  return KJ_OK;
}

int kj_channel_choose(int said, int asked)
{
  if (said == 0)
    return asked;
  return said < 0 ? KJ_CHANNEL_MIX : said - 1;
}

kj_status kj__table_begin(kj__table *table, const char *path, kj_error *err)
{
  *table = (kj__table){.dataset = kj__allocate(NULL, 1, sizeof(kj_dataset))};
  kj_dataset *d = table->dataset;
  if (d)
    d->arena = kj__arena_create();
  if (!d || !d->arena)
    return kj__fail_memory(err, path);
  d->path = kj__arena_text(d->arena, path);
  d->feature_set = "table";
  table->folder = kj__path_folder(d->arena, path);
  return d->path && table->folder ? KJ_OK : kj__fail_memory(err, path);
}

/* items with room for n, or NULL and the old ones still there. */
static void *enlarge(void *items, size_t n, size_t size)
{
  size_t total;
  return kj__size_multiply(n, size, &total) ? realloc(items, total) : NULL;
}

static bool reserve(kj__table *table, size_t needed)
{
  kj_dataset *d = table->dataset;
  if (needed <= table->capacity)
    return true;
  const size_t n = table->capacity ? 2 * table->capacity : 256;
  kj_row *row = enlarge(d->row, n, sizeof *row);
  if (!row)
    return false;
  d->row = row;
  if (d->n_targets > 0) {
    float *y = enlarge(d->y, n, d->n_targets * sizeof *y);
    if (!y)
      return false;
    d->y = y;
  }
  if (d->n_inputs > 0) {
    float *x = enlarge(d->x, n, d->n_inputs * sizeof *x);
    if (!x)
      return false;
    d->x = x;
  }
  table->capacity = n;
  return true;
}

/* The texts of a row that are taken as they are written. */
static const struct {
  kj__column column;
  size_t offset; /* of the field in kj_row */
} TEXTS[] = {
    {KJ__COLUMN_UTTERANCE, offsetof(kj_row, utterance)},
    {KJ__COLUMN_GENDER, offsetof(kj_row, gender)},
    {KJ__COLUMN_LANGUAGE, offsetof(kj_row, language)},
    {KJ__COLUMN_TEXT, offsetof(kj_row, text)},
    {KJ__COLUMN_EMOTION, offsetof(kj_row, emotion)},
    {KJ__COLUMN_SPEAKER, offsetof(kj_row, group_name[KJ_GROUP_SPEAKER])},
    {KJ__COLUMN_SESSION, offsetof(kj_row, group_name[KJ_GROUP_SESSION])},
    {KJ__COLUMN_CORPUS, offsetof(kj_row, group_name[KJ_GROUP_CORPUS])},
};

/* Copy the texts of the current row; false where memory is short. */
static bool read_texts(const kj__table *table, const kj__csv *csv, kj_row *row)
{
  kj__arena *arena = table->dataset->arena;
  const kj__columns *c = &table->columns;
  const char *file =
      kj__arena_text(arena, kj__columns_text(c, csv, KJ__COLUMN_FILE));
  if (!file)
    return false;
  for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
    const char *text =
        kj__arena_text(arena, kj__columns_text(c, csv, TEXTS[i].column));
    if (!text)
      return false;
    memcpy((char *)row + TEXTS[i].offset, &text, sizeof text);
  }
  row->name = file[0] ? file : row->utterance;
  row->file = file[0] ? kj__path_in(arena, table->folder, file) : file;
  return row->file != NULL;
}

/* 1, 0, or nothing for unknown. */
static kj_status read_spontaneous(const kj__columns *columns,
                                  const kj__csv *csv, int *value, kj_error *err)
{
  const char *text = kj__columns_text(columns, csv, KJ__COLUMN_SPONTANEOUS);
  *value = text[0] == '\0' ? -1 : text[0] - '0';
  if (text[0] != '\0' && strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
    return kj__csv_fail(csv, columns->at[KJ__COLUMN_SPONTANEOUS], err,
                        "must be 1 (spontaneous), 0 (acted or read) or empty");
  return KJ_OK;
}

kj_status kj__table_add(kj__table *table, const kj__csv *csv, kj_error *err)
{
  kj_dataset *d = table->dataset;
  kj_row row = {.weight = 1.0, .line = csv->line};
  if (!reserve(table, d->n_rows + 1) || !read_texts(table, csv, &row))
    return kj__fail_memory(err, d->path);
  kj_status status =
      kj__columns_segment(&table->columns, csv, &row.start_s, &row.end_s, err);
  if (status == KJ_OK)
    status =
        read_number(&table->columns, csv, KJ__COLUMN_WEIGHT, &row.weight, err);
  if (status == KJ_OK)
    status = kj__columns_channel(&table->columns, csv, &row.channel, err);
  if (status == KJ_OK)
    status = read_spontaneous(&table->columns, csv, &row.spontaneous, err);
  if (status != KJ_OK)
    return status;
  const size_t i = d->n_rows++;
  d->row[i] = row;
  for (size_t k = 0; k < d->n_targets; k++)
    d->y[i * d->n_targets + k] = NAN;
  if (d->n_inputs > 0)
    memset(d->x + i * d->n_inputs, 0, d->n_inputs * sizeof *d->x);
  return KJ_OK;
}

kj_status kj__table_end(kj__table *table, kj_error *err)
{
  kj_dataset *d = table->dataset;
  if (d->n_rows == 0)
    return kj__fail(err, KJ_EDATA, "%s: no row that can be used", d->path);
  return kj__dataset_group(d, err);
}
