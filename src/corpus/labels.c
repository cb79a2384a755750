/*
 * labels.c: LABELS.csv: keys that are unique, ratings mapped to 1..5.
 */
#include "corpus/labels.h"

#include "base/error.h"
#include "corpus/index.h"
#include "corpus/nearest.h"
#include "corpus/ratings.h"
#include "corpus/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct reader {
  kj__table table;
  const kj_target_spec *targets;
  size_t rating[KJ_MAX_TARGETS];  /* the column of each target */
  size_t ratings[KJ_MAX_TARGETS]; /* that of its single ratings, or KJ__NONE */
  bool is_rated[KJ_MAX_TARGETS];  /* in any row so far */
  kj__index keys;                 /* key -> line */
} reader;

/* activation and arousal are one dimension; NULL for any other name. */
static const char *other_name(const char *column)
{
  if (strcmp(column, "activation") == 0)
    return "arousal";
  return strcmp(column, "arousal") == 0 ? "activation" : NULL;
}

static kj_status find_rating(reader *r, const kj__csv *csv, size_t k,
                             kj_error *err)
{
  const kj_target_spec *target = &r->targets[k];
  const char *other = other_name(target->column);
  r->rating[k] = kj__csv_find(csv, target->column);
  if (r->rating[k] == KJ__NONE && other)
    r->rating[k] = kj__csv_find(csv, other);
  if (r->rating[k] != KJ__NONE)
    return KJ_OK;
  char nearest[192];
  kj__nearest(nearest, sizeof nearest, target->column, other, csv->column,
              csv->n_columns);
  return kj__fail(err, KJ_EDATA,
                  "%s: no column \"%s\" for target %s; the nearest are: %s "
                  "(say %s=COLUMN)",
                  csv->name, target->column, target->name, nearest,
                  target->name);
}

static kj_status read_header(void *context, const kj__csv *csv, kj_error *err)
{
  reader *r = context;
  r->table.columns = kj__columns_find(csv);
  if (r->table.columns.at[KJ__COLUMN_FILE] == KJ__NONE &&
      r->table.columns.at[KJ__COLUMN_UTTERANCE] == KJ__NONE)
    return kj__fail(err, KJ_EDATA,
                    "%s: no column \"file\" or \"utterance\" names the rows",
                    csv->name);
  kj_status status = KJ_OK;
  for (size_t k = 0; k < r->table.dataset->n_targets && status == KJ_OK; k++) {
    status = find_rating(r, csv, k, err);
    r->ratings[k] = kj__ratings_find(csv, &r->targets[k]);
  }
  return status;
}

/* The key of a row: its utterance, or its file with start and end. */
static const char *key_of(const kj_dataset *d, const kj_row *row)
{
  char segment[80]; /* %a: exact, and the same for the same numbers */
  if (row->utterance[0])
    return row->utterance;
  snprintf(segment, sizeof segment, "\n%a:%a", row->start_s, row->end_s);
  return kj__arena_joined(d->arena, row->file, segment);
}

static kj_status check_key(reader *r, const kj__csv *csv, kj_error *err)
{
  const kj_dataset *d = r->table.dataset;
  const kj_row *row = &d->row[d->n_rows - 1];
  const size_t *at = r->table.columns.at;
  const bool by_utterance = at[KJ__COLUMN_UTTERANCE] != KJ__NONE;
  size_t line;
  if (by_utterance && !row->utterance[0])
    return kj__csv_fail(csv, at[KJ__COLUMN_UTTERANCE], err,
                        "is empty; every row needs one");
  if (at[KJ__COLUMN_FILE] != KJ__NONE && !row->file[0])
    return kj__csv_fail(csv, at[KJ__COLUMN_FILE], err,
                        "is empty; every row needs one");
  const char *key = key_of(d, row);
  if (!key || !kj__index_add(&r->keys, key, csv->line, &line))
    return kj__fail_memory(err, csv->name);
  if (line != KJ__NONE)
    return kj__csv_fail(
        csv, at[by_utterance ? KJ__COLUMN_UTTERANCE : KJ__COLUMN_FILE], err,
        "is there twice%s; the first is in line %zu",
        by_utterance ? "" : " with the same start and end", line);
  return KJ_OK;
}

static kj_status read_rating(reader *r, const kj__csv *csv, size_t k,
                             kj_error *err)
{
  const kj_target_spec *t = &r->targets[k];
  const kj_dataset *d = r->table.dataset;
  double v;
  const kj_status status = kj__csv_number(csv, r->rating[k], &v, err);
  if (status != KJ_OK || isnan(v))
    return status;
  if (v < t->low || v > t->high)
    return kj__csv_fail(csv, r->rating[k], err,
                        "is outside the scale %g..%g; give the scale of the "
                        "ratings, as in --scale 0:100",
                        t->low, t->high);
  const double part = (v - t->low) / (t->high - t->low);
  d->y[(d->n_rows - 1) * d->n_targets + k] =
      (float)(KJ_SCALE_LOW + (KJ_SCALE_HIGH - KJ_SCALE_LOW) * part);
  r->is_rated[k] = true;
  return KJ_OK;
}

static kj_status read_row(void *context, const kj__csv *csv, kj_error *err)
{
  reader *r = context;
  const kj_dataset *d = r->table.dataset;
  kj_status status = kj__table_add(&r->table, csv, err);
  if (status == KJ_OK)
    status = check_key(r, csv, err);
  for (size_t k = 0; k < d->n_targets && status == KJ_OK; k++) {
    status = read_rating(r, csv, k, err);
    if (status == KJ_OK)
      status = kj__ratings_read(csv, r->ratings[k], &r->targets[k], d->arena,
                                &d->row[d->n_rows - 1].rating[k], err);
  }
  return status;
}

static kj_status check_rated(const reader *r, kj_error *err)
{
  const kj_dataset *d = r->table.dataset;
  for (size_t k = 0; k < d->n_targets; k++)
    if (!r->is_rated[k])
      return kj__fail(err, KJ_EDATA, "%s: target %s has no rating in any row",
                      d->path, d->target[k]);
  return KJ_OK;
}

static kj_status check_targets(const kj_target_spec *targets, size_t n,
                               kj_error *err)
{
  if (n > KJ_MAX_TARGETS)
    return kj__fail(err, KJ_EARGUMENT, "%zu targets; at most %d are allowed", n,
                    KJ_MAX_TARGETS);
  for (size_t k = 0; k < n; k++) {
    const kj_target_spec *t = &targets[k];
    if (!(isfinite(t->low) && isfinite(t->high) && t->low < t->high))
      return kj__fail(err, KJ_EARGUMENT,
                      "target %s: scale %g:%g; must be LOW:HIGH with LOW below "
                      "HIGH",
                      t->name, t->low, t->high);
    for (size_t other = 0; other < k; other++)
      if (strcmp(targets[other].name, t->name) == 0)
        return kj__fail(err, KJ_EARGUMENT, "target %s is given twice", t->name);
  }
  return KJ_OK;
}

kj_status kj__labels_read(const kj__csv_source *source,
                          const kj_target_spec *targets, size_t n,
                          kj_dataset **out, kj_error *err)
{
  reader r = {.targets = targets};
  const kj__csv_visitor visitor = {&r, read_header, read_row};
  kj_status status = check_targets(targets, n, err);
  if (status != KJ_OK)
    return status;
  status = kj__table_begin(&r.table, source->name, err);
  if (status == KJ_OK) {
    r.table.dataset->n_targets = n;
    for (size_t k = 0; k < n; k++)
      memcpy(r.table.dataset->target[k], targets[k].name,
             sizeof targets[k].name);
    status = kj__csv_read(source, &visitor, err);
  }
  if (status == KJ_OK)
    status = kj__table_end(&r.table, err);
  if (status == KJ_OK)
    status = check_rated(&r, err);
  kj__index_clear(&r.keys);
  if (status == KJ_OK)
    *out = r.table.dataset;
  else
    kj_dataset_destroy(r.table.dataset);
  return status;
}

kj_status kj_dataset_read_labels(const char *path,
                                 const kj_target_spec *targets, size_t n,
                                 kj_dataset **out, kj_error *err)
{
  const kj__csv_source source = {.name = path};
  return kj__labels_read(&source, targets, n, out, err);
}
