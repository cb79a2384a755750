/*
 * import.c: what an importer calls, and what is told of the corpus.
 */
#define _GNU_SOURCE
#include "corpus/import/import.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_EXAMPLES = 3 };

/* ---- texts ---- */

/* A printf-style text of the arena, or NULL. */
static const char *formatted(kj__arena *arena, const char *format,
                             va_list arguments)
    __attribute__((format(printf, 2, 0)));

static const char *formatted(kj__arena *arena, const char *format,
                             va_list arguments)
{
  char *text = NULL;
  if (vasprintf(&text, format, arguments) < 0)
    return NULL;
  const char *kept = kj__arena_text(arena, text);
  free(text);
  return kept;
}

const char *kj__import_text(kj__import *import, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  const char *text = formatted(import->arena, format, arguments);
  va_end(arguments);
  return text;
}

const char *kj__import_path(kj__import *import, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  const char *name = formatted(import->arena, format, arguments);
  va_end(arguments);
  return name ? kj__import_text(import, "%s/%s", import->folder, name) : NULL;
}

bool kj__import_exists(const char *path)
{
  return access(path, F_OK) == 0;
}

kj_status kj__import_refuse(const kj__import *import, kj_error *err,
                            const char *format, ...)
{
  char sentence[400];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  return kj__fail(err, KJ_EDATA, "%s: is no %s: %s", import->folder,
                  import->importer->title, sentence);
}

/* ---- what is told ---- */

static kj_status add_note(kj__import *import, const char *note, kj_error *err)
{
  void *items = import->note;
  if (!note || !kj__grow(&items, &import->notes_capacity, import->n_notes + 1,
                         sizeof *import->note))
    return kj__fail_memory(err, "a note");
  import->note = items;
  import->note[import->n_notes++] = note;
  return KJ_OK;
}

kj_status kj__import_note(kj__import *import, kj_error *err, const char *format,
                          ...)
{
  va_list arguments;
  va_start(arguments, format);
  const char *note = formatted(import->arena, format, arguments);
  va_end(arguments);
  return add_note(import, note, err);
}

/* The tally of that name, made where there is none; NULL: memory is short. */
static kj__tally *tally_of(kj__import *import, const char *what)
{
  for (size_t i = 0; i < import->n_tallies; i++)
    if (strcmp(import->tally[i].what, what) == 0)
      return &import->tally[i];
  const char *name = kj__arena_text(import->arena, what);
  void *items = import->tally;
  if (!name || !kj__grow(&items, &import->tallies_capacity,
                         import->n_tallies + 1, sizeof *import->tally))
    return NULL;
  import->tally = items;
  kj__tally *tally = &import->tally[import->n_tallies++];
  *tally = (kj__tally){.what = name, .example = ""};
  return tally;
}

kj_status kj__import_tally(kj__import *import, kj_error *err, const char *what,
                           const char *format, ...)
{
  kj__tally *tally = tally_of(import, what);
  if (!tally)
    return kj__fail_memory(err, "a note");
  if (++tally->n > MAX_EXAMPLES)
    return KJ_OK;
  va_list arguments;
  va_start(arguments, format);
  const char *example = formatted(import->arena, format, arguments);
  va_end(arguments);
  if (example)
    example = kj__import_text(import, "%s%s%s", tally->example,
                              tally->n > 1 ? ", " : "", example);
  tally->example = example;
  return example ? KJ_OK : kj__fail_memory(err, "a note");
}

/* ---- utterances ---- */

/* `rating` brought into the row's scale; *is_outside set where it was not. */
static double clamped(const kj__imported *row, double rating, bool *is_outside)
{
  if (isnan(rating) || !(row->high > row->low))
    return rating;
  *is_outside |= rating < row->low || rating > row->high;
  return fmin(fmax(rating, row->low), row->high);
}

/* Own copies of a dimension's ratings, within the scale. */
static kj_status clamp_rated(kj__import *import, kj__imported *row, size_t d,
                             bool *is_outside, kj_error *err)
{
  const kj__rated given = row->rated[d];
  bool is_mean_outside = false, is_rating_outside = false;
  row->rated[d].mean = clamped(row, given.mean, &is_mean_outside);
  if (given.n_ratings > 0) {
    double *copy = kj__arena_take(import->arena, given.n_ratings, sizeof *copy);
    if (!copy)
      return kj__fail_memory(err, "ratings");
    for (size_t i = 0; i < given.n_ratings; i++)
      copy[i] = clamped(row, given.rating[i], &is_rating_outside);
    row->rated[d].rating = copy;
  }
  *is_outside |= is_mean_outside || is_rating_outside;
  if (!is_mean_outside && !is_rating_outside)
    return KJ_OK;
  const bool drops = import->options.out_of_range == KJ_OUT_OF_RANGE_DROP;
  const char *what =
      kj__import_text(import, "ratings outside %g..%g, %s", row->low, row->high,
                      drops ? "utterance dropped" : "clamped");
  if (!what)
    return kj__fail_memory(err, "a note");
  if (is_mean_outside)
    return kj__import_tally(import, err, what, "%s %s %g", row->utterance,
                            kj__dimension_name(d), given.mean);
  return kj__import_tally(import, err, what, "%s %s of one rater",
                          row->utterance, kj__dimension_name(d));
}

/* Own copies of a row's texts; false where memory is short. */
static bool copy_texts(kj__import *import, kj__imported *row)
{
  const char **const text[] = {&row->file,   &row->utterance, &row->speaker,
                               &row->gender, &row->session,   &row->language,
                               &row->corpus, &row->text,      &row->emotion,
                               &row->part,   &row->channel};
  for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
    if (*text[i]) {
      *text[i] = kj__arena_text(import->arena, *text[i]);
      if (!*text[i])
        return false;
    }
  return true;
}

/* What somebody said is left out where it is no UTF-8: a table is. */
static kj_status check_text(kj__import *import, kj__imported *row,
                            kj_error *err)
{
  if (!row->text || kj__utf8_is_valid(row->text, strlen(row->text)))
    return KJ_OK;
  row->text = NULL;
  return kj__import_tally(import, err, "texts that are no UTF-8, left out",
                          "%s", row->utterance);
}

static kj_status append(kj__import *import, const kj__imported *row,
                        kj_error *err)
{
  void *items = import->row;
  if (!kj__grow(&items, &import->capacity, import->n + 1, sizeof *row))
    return kj__fail_memory(err, "the utterances");
  import->row = items;
  import->row[import->n++] = *row;
  return KJ_OK;
}

kj_status kj__import_add(kj__import *import, const kj__imported *row,
                         kj_error *err)
{
  kj__imported own = *row;
  bool is_outside = false;
  kj_status status = check_text(import, &own, err);
  if (!own.corpus)
    own.corpus = import->importer->name;
  if (!copy_texts(import, &own))
    return kj__fail_memory(err, "the utterances");
  for (size_t d = 0; d < KJ__N_DIMENSIONS && status == KJ_OK; d++)
    status = clamp_rated(import, &own, d, &is_outside, err);
  if (status == KJ_OK && is_outside &&
      import->options.out_of_range == KJ_OUT_OF_RANGE_DROP)
    return KJ_OK;
  if (status == KJ_OK && own.file && !kj__import_exists(own.file))
    status = kj__import_tally(import, err, "sound files that are not there",
                              "%s", own.file);
  return status == KJ_OK ? append(import, &own, err) : status;
}
