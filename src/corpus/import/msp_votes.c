/*
 * msp_votes.c: the single ratings of MSP-Podcast:
 *
 *   labels.txt            as msp_clips.c reads it
 *   labels_detailed.csv   a row a rater: FileName, EmoAct, EmoVal, EmoDom, ...
 *   labels_detailed.json  {file: {worker: {"EmoAct": 4, ...}, ...}, ...}
 */
#include "corpus/import/msp_podcast.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/csv.h"
#include "corpus/import/msp.h"
#include "corpus/number.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static const char *const KEY[KJ__N_DIMENSIONS] = {"EmoVal", "EmoAct", "EmoDom"};

typedef struct reader {
  kj__import *import;
  kj__votes *votes;
  size_t column[KJ__N_DIMENSIONS], file; /* of labels_detailed.csv */
} reader;

/* ---- keeping ---- */

/* The raters of a file, made where there are none; NULL: memory is short. */
static kj__votes_file *file_of(reader *r, const char *name)
{
  kj__votes *votes = r->votes;
  const size_t found = kj__index_find(&votes->index, name);
  if (found != KJ__NONE)
    return &votes->file[found];
  void *items = votes->file;
  size_t existing = 0;
  const char *key = kj__arena_text(r->import->arena, name);
  if (!key ||
      !kj__grow(&items, &votes->capacity, votes->n + 1, sizeof *votes->file))
    return NULL;
  votes->file = items;
  if (!kj__index_add(&votes->index, key, votes->n, &existing))
    return NULL;
  votes->file[votes->n] = (kj__votes_file){0};
  return &votes->file[votes->n++];
}

static kj_status add(reader *r, const char *name,
                     const double value[KJ__N_DIMENSIONS], kj_error *err)
{
  kj__votes_file *file = file_of(r, name);
  kj__votes_rater *rater =
      file ? kj__arena_take(r->import->arena, 1, sizeof *rater) : NULL;
  if (!rater)
    return kj__fail_memory(err, "the single ratings");
  memcpy(rater->value, value, sizeof rater->value);
  if (file->last)
    file->last->next = rater;
  else
    file->first = rater;
  file->last = rater;
  return KJ_OK;
}

kj_status kj__votes_get(kj__import *import, const kj__votes *votes,
                        const char *name, kj__dimension dimension,
                        kj__rated *rated, kj_error *err)
{
  const size_t found = kj__index_find(&votes->index, name);
  const kj__votes_rater *first =
      found == KJ__NONE ? NULL : votes->file[found].first;
  size_t n_raters = 0;
  for (const kj__votes_rater *r = first; r; r = r->next)
    n_raters++;
  double *values = kj__arena_take(import->arena, n_raters, sizeof *values);
  if (!values)
    return kj__fail_memory(err, "the single ratings");
  size_t n = 0;
  for (const kj__votes_rater *r = first; r; r = r->next)
    if (!isnan(r->value[dimension]))
      values[n++] = r->value[dimension];
  *rated = kj__rated_over(values, n);
  return KJ_OK;
}

void kj__votes_clear(kj__votes *votes)
{
  kj__index_clear(&votes->index);
  kj__release(NULL, votes->file);
  *votes = (kj__votes){0};
}

/* ---- labels.txt ---- */

static kj_status add_clip(void *context, const kj__msp_clip *clip,
                          kj_error *err)
{
  reader *r = context;
  kj_status status = KJ_OK;
  size_t most = 0;
  if (clip->n_duplicates > 0)
    status = kj__import_tally(r->import, err,
                              "clips with a rater's line twice, counted once",
                              "%s", clip->name);
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++)
    most = clip->n_ratings[d] > most ? clip->n_ratings[d] : most;
  for (size_t i = 0; i < most && status == KJ_OK; i++) {
    double value[KJ__N_DIMENSIONS];
    for (size_t d = 0; d < KJ__N_DIMENSIONS; d++)
      value[d] = i < clip->n_ratings[d] ? clip->rating[d][i] : (double)NAN;
    status = add(r, clip->name, value, err);
  }
  return status;
}

static kj_status read_text(reader *r, const char *path, kj_error *err)
{
  return kj__msp_read_file(path, add_clip, r, err);
}

/* ---- labels_detailed.csv ---- */

static kj_status read_header(void *context, const kj__csv *csv, kj_error *err)
{
  reader *r = context;
  r->file = kj__csv_find(csv, "FileName");
  bool ok = r->file != KJ__NONE;
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++) {
    r->column[d] = kj__csv_find(csv, KEY[d]);
    ok = ok && r->column[d] != KJ__NONE;
  }
  return ok ? KJ_OK
            : kj__fail(err, KJ_EDATA,
                       "%s: must have columns FileName, EmoAct, EmoVal, EmoDom",
                       csv->name);
}

static kj_status read_row(void *context, const kj__csv *csv, kj_error *err)
{
  reader *r = context;
  double value[KJ__N_DIMENSIONS];
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++) {
    const kj_status status = kj__csv_number(csv, r->column[d], &value[d], err);
    if (status != KJ_OK)
      return status;
  }
  return add(r, csv->cell[r->file], value, err);
}

static kj_status read_table(reader *r, const char *path, kj_error *err)
{
  const kj__csv_source source = {.name = path};
  const kj__csv_visitor visitor = {r, read_header, read_row};
  return kj__csv_read(&source, &visitor, err);
}

/* ---- labels_detailed.json ---- */

/* A number, or a number as text; NaN for anything else. */
static double number_of(const json_t *value)
{
  double number = (double)NAN;
  if (json_is_number(value))
    return json_number_value(value);
  if (json_is_string(value))
    kj__number_parse(json_string_value(value), &number);
  return number;
}

static kj_status read_workers(reader *r, const char *name, json_t *workers,
                              kj_error *err)
{
  const char *worker;
  json_t *labels;
  kj_status status = KJ_OK;
  json_object_foreach(workers, worker, labels)
  {
    double value[KJ__N_DIMENSIONS];
    for (size_t d = 0; d < KJ__N_DIMENSIONS; d++)
      value[d] = number_of(json_object_get(labels, KEY[d]));
    if (status == KJ_OK)
      status = add(r, name, value, err);
  }
  return status;
}

static kj_status read_json(reader *r, const char *path, kj_error *err)
{
  json_error_t problem;
  json_t *root = json_load_file(path, 0, &problem);
  if (!root)
    return kj__fail(err, KJ_EFORMAT, "%s:%d: %s", path, problem.line,
                    problem.text);
  kj_status status = KJ_OK;
  const char *name;
  json_t *workers;
  if (!json_is_object(root))
    status =
        kj__fail(err, KJ_EFORMAT, "%s: must be {file: {worker: {...}}}", path);
  json_object_foreach(root, name, workers)
  {
    if (status == KJ_OK)
      status = read_workers(r, name, workers, err);
  }
  json_decref(root);
  return status;
}

/* ---- the first that is there ---- */

kj_status kj__votes_read(kj__import *import, const char *folder,
                         kj__votes *votes, kj_error *err)
{
  static const struct {
    const char *name;
    kj_status (*read)(reader *r, const char *path, kj_error *err);
  } kinds[] = {{"labels.txt", read_text},
               {"labels_detailed.csv", read_table},
               {"labels_detailed.json", read_json}};
  reader r = {.import = import, .votes = votes};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    const char *path = kj__import_text(import, "%s/%s", folder, kinds[i].name);
    if (!path)
      return kj__fail_memory(err, "a name");
    if (kj__import_exists(path))
      return kinds[i].read(&r, path, err);
  }
  return kj__import_note(import, err,
                         "no single ratings: neither labels.txt nor "
                         "labels_detailed.csv nor labels_detailed.json in %s",
                         folder);
}
