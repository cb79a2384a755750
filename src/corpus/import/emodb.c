/*
 * emodb.c: the Berlin Database of Emotional Speech. 03a01Fa.wav: speaker 03,
 * text a01, emotion F, take a. The corpus has no ratings: a table of them is
 * --ratings, or labels.csv in its folder.
 */
#include "base/error.h"
#include "corpus/import/names.h"

#include <stdio.h>
#include <string.h>

static const kj__code EMOTIONS[] = {
    {"W", "anger"},     {"L", "boredom"}, {"E", "disgust"}, {"A", "fear"},
    {"F", "happiness"}, {"T", "sadness"}, {"N", "neutral"}, {NULL, NULL}};
static const kj__code TEXTS[] = {{"a01", ""}, {"a02", ""}, {"a04", ""},
                                 {"a05", ""}, {"a07", ""}, {"b01", ""},
                                 {"b02", ""}, {"b03", ""}, {"b09", ""},
                                 {"b10", ""}, {NULL, NULL}};
static const kj__code GENDERS[] = {{"03", "m"}, {"08", "f"}, {"09", "f"},
                                   {"10", "m"}, {"11", "m"}, {"12", "m"},
                                   {"13", "f"}, {"14", "f"}, {"15", "m"},
                                   {"16", "f"}, {NULL, NULL}};

typedef struct reader {
  kj__import *import;
  kj__side ratings;
  size_t n_rated;
  kj_status status;
  kj_error *err;
  char speaker[3], text[4];
} reader;

static bool read_name(void *context, const char *path, const char *stem,
                      kj__imported *row)
{
  reader *r = context;
  (void)path;
  if (strlen(stem) != 7)
    return false;
  const char emotion[2] = {stem[5], '\0'};
  snprintf(r->speaker, sizeof r->speaker, "%.2s", stem);
  snprintf(r->text, sizeof r->text, "%.3s", stem + 2);
  row->speaker = r->speaker;
  row->text = r->text;
  row->gender = kj__code_word(GENDERS, r->speaker);
  row->emotion = kj__code_word(EMOTIONS, emotion);
  row->language = "de";
  row->spontaneous = 0;
  if (!row->gender || !row->emotion || !kj__code_word(TEXTS, r->text))
    return false;
  const size_t at = kj__side_row(&r->ratings, stem);
  r->n_rated += at != KJ__NONE;
  if (r->status == KJ_OK)
    r->status = kj__side_rate(&r->ratings, at, row, r->err);
  return true;
}

static kj_status read_ratings(reader *r, kj_error *err)
{
  static const char *const keys[] = {"file", "utterance", NULL};
  const char *path = r->import->options.ratings;
  if (!path) {
    path = kj__import_path(r->import, "labels.csv");
    if (!path)
      return kj__fail_memory(err, r->import->folder);
    if (!kj__import_exists(path))
      return kj__import_note(r->import, err,
                             "no table of ratings, so no valence and no "
                             "activation (--ratings)");
  }
  return kj__side_read(path, keys, &r->ratings, err);
}

static kj_status tell_ratings(const reader *r, kj_error *err)
{
  const size_t n = r->ratings.sheet.n_rows;
  if (n == 0 || (n == r->n_rated && n == r->import->n))
    return KJ_OK;
  return kj__import_note(r->import, err,
                         "%zu of %zu utterances are rated; the table of "
                         "ratings has %zu rows",
                         r->n_rated, r->import->n, n);
}

kj_status kj__import_emodb(kj__import *import, kj_error *err)
{
  reader r = {.import = import, .err = err};
  kj_status status = read_ratings(&r, err);
  if (status == KJ_OK)
    status = kj__names_each(import, read_name, &r, "03a01Fa.wav", err);
  if (status == KJ_OK)
    status = r.status;
  if (status == KJ_OK)
    status = tell_ratings(&r, err);
  kj__side_clear(&r.ratings);
  return status;
}
