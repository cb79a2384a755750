/*
 * join.c: by utterance, by file, by the name of the file; and by the part of
 * the file where several rows share one.
 */
#define _GNU_SOURCE
#include "corpus/join.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/path.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/* A table may give times of samples where the labels gave seconds; and a label
 * may end later than its recording does. */
static const double START_TOLERANCE_S = 0.001;
static const double END_TOLERANCE_S = 0.05;

static bool has(const kj__columns *columns, kj__column column)
{
  return columns->at[column] != KJ__NONE;
}

static kj_status choose_columns(kj__join *join, const kj__csv *csv,
                                kj_error *err)
{
  const kj_row *first = &join->labels->row[0];
  const bool utterance = has(&join->columns, KJ__COLUMN_UTTERANCE);
  const bool file = has(&join->columns, KJ__COLUMN_FILE);
  if (first->utterance[0] && utterance)
    join->on = KJ__JOIN_UTTERANCE;
  else if (first->file[0] && file)
    join->on = KJ__JOIN_FILE;
  else if (first->utterance[0] && file)
    join->on = KJ__JOIN_UTTERANCE_FILE;
  else if (first->file[0] && utterance)
    join->on = KJ__JOIN_FILE_UTTERANCE;
  else
    return kj__fail(err, KJ_EDATA,
                    "%s: no column \"utterance\" or \"file\" to join it to %s",
                    csv->name, join->labels->path);
  return KJ_OK;
}

/* The key of a row of the labels. */
static const char *label_key(const kj__join *join, const kj_row *row)
{
  switch (join->on) {
  case KJ__JOIN_FILE:
    return row->name;
  case KJ__JOIN_FILE_UTTERANCE:
    return kj__path_stem(join->arena, row->name);
  case KJ__JOIN_UTTERANCE:
  case KJ__JOIN_UTTERANCE_FILE:
    break;
  }
  return row->utterance;
}

/* Add row i under its key, behind the rows that have the same. */
static bool add(kj__index *index, size_t *next, const char *key, size_t i)
{
  size_t row;
  next[i] = KJ__NONE;
  if (!key || !kj__index_add(index, key, i, &row))
    return false;
  if (row == KJ__NONE)
    return true;
  next[i] = next[row];
  next[row] = i;
  return true;
}

static bool index_labels(kj__join *join)
{
  const kj_dataset *labels = join->labels;
  for (size_t i = 0; i < labels->n_rows; i++) {
    const kj_row *row = &labels->row[i];
    if (!add(&join->written, join->next_written, label_key(join, row), i))
      return false;
    if (join->on == KJ__JOIN_FILE &&
        !add(&join->resolved, join->next_resolved,
             kj__path_absolute(join->arena, join->labels_folder, row->file), i))
      return false;
  }
  return true;
}

kj_status kj__join_begin(kj__join *join, const kj_dataset *labels,
                         const kj__csv *csv, kj_error *err)
{
  *join = (kj__join){.labels = labels, .columns = kj__columns_find(csv)};
  const kj_status status = choose_columns(join, csv, err);
  if (status != KJ_OK)
    return status;
  join->arena = kj__arena_create();
  join->next_written = kj__allocate(NULL, labels->n_rows, sizeof(size_t));
  join->next_resolved = kj__allocate(NULL, labels->n_rows, sizeof(size_t));
  if (!join->arena || !join->next_written || !join->next_resolved)
    return kj__fail_memory(err, csv->name);
  char *working = getcwd(NULL, 0);
  join->labels_folder = kj__arena_text(join->arena, working ? working : "/");
  free(working);
  join->table_folder = kj__path_folder(join->arena, csv->name);
  if (!join->labels_folder || !join->table_folder || !index_labels(join))
    return kj__fail_memory(err, csv->name);
  return KJ_OK;
}

/* The column of the feature table that names its rows. */
static kj__column key_column(const kj__join *join)
{
  const bool by_file =
      join->on == KJ__JOIN_FILE || join->on == KJ__JOIN_UTTERANCE_FILE;
  return by_file ? KJ__COLUMN_FILE : KJ__COLUMN_UTTERANCE;
}

const char *kj__join_key(const kj__join *join, const kj__csv *csv)
{
  return kj__columns_text(&join->columns, csv, key_column(join));
}

const char *kj__join_column(const kj__join *join)
{
  switch (join->on) {
  case KJ__JOIN_UTTERANCE:
    return "utterance";
  case KJ__JOIN_FILE:
    return "file";
  case KJ__JOIN_UTTERANCE_FILE:
  case KJ__JOIN_FILE_UTTERANCE:
    break;
  }
  return "utterance and the name of the file";
}

static bool is_whole_file(const kj_row *row)
{
  return row->start_s <= 0.0 && row->end_s <= 0.0;
}

/* How far the end of a part of a file is from that of row i; infinity where
 * it is not that part. A label without an end goes to the end of the file. */
static double segment_distance(const kj_row *row, double start_s, double end_s)
{
  const double apart = fabs(row->end_s - end_s);
  if (fabs(row->start_s - start_s) > START_TOLERANCE_S)
    return (double)INFINITY;
  if (row->end_s <= 0.0)
    return END_TOLERANCE_S;
  return apart <= END_TOLERANCE_S ? apart : (double)INFINITY;
}

/* Of the rows that share a key, beginning with `first`, the one whose part of
 * the file it is. */
static kj_status choose_segment(const kj__join *join, const kj__csv *csv,
                                const size_t *next, size_t *row, kj_error *err)
{
  const size_t first = *row;
  double start_s, end_s, best = (double)INFINITY;
  const kj_status status =
      kj__columns_segment(&join->columns, csv, &start_s, &end_s, err);
  if (status != KJ_OK)
    return status;
  if (next[first] == KJ__NONE &&
      (end_s <= 0.0 || is_whole_file(&join->labels->row[first])))
    return KJ_OK;
  if (end_s <= 0.0)
    return kj__csv_fail(csv, join->columns.at[key_column(join)], err,
                        "stands in several rows of %.128s; columns utterance, "
                        "or start and end, must tell which",
                        join->labels->path);
  *row = KJ__NONE;
  for (size_t i = first; i != KJ__NONE; i = next[i]) {
    const double apart =
        segment_distance(&join->labels->row[i], start_s, end_s);
    if (apart < best) {
      best = apart;
      *row = i;
    }
  }
  return KJ_OK;
}

/* The first row with the same file, however it is written. */
static bool find_resolved(kj__join *join, const char *file, size_t *row)
{
  const char *from_table = kj__path_in(join->arena, join->table_folder, file);
  const char *key =
      from_table
          ? kj__path_absolute(join->arena, join->labels_folder, from_table)
          : NULL;
  if (!key)
    return false;
  *row = kj__index_find(&join->resolved, key);
  if (*row != KJ__NONE)
    return true;
  key = kj__path_absolute(join->arena, join->labels_folder, file);
  if (!key)
    return false;
  *row = kj__index_find(&join->resolved, key);
  return true;
}

kj_status kj__join_find(kj__join *join, const kj__csv *csv, size_t *row,
                        kj_error *err)
{
  const char *key = kj__join_key(join, csv);
  const size_t *next = join->next_written;
  if (join->on == KJ__JOIN_UTTERANCE_FILE)
    key = kj__path_stem(join->arena, key);
  if (!key)
    return kj__fail_memory(err, csv->name);
  *row = kj__index_find(&join->written, key);
  if (*row == KJ__NONE && join->on == KJ__JOIN_FILE) {
    next = join->next_resolved;
    if (!find_resolved(join, key, row))
      return kj__fail_memory(err, csv->name);
  }
  if (*row == KJ__NONE || join->on == KJ__JOIN_UTTERANCE)
    return KJ_OK;
  return choose_segment(join, csv, next, row, err);
}

void kj__join_clear(kj__join *join)
{
  kj__index_clear(&join->written);
  kj__index_clear(&join->resolved);
  kj__release(NULL, join->next_written);
  kj__release(NULL, join->next_resolved);
  kj__arena_destroy(join->arena);
  *join = (kj__join){0};
}
