/*
 * survey.c: tables of labels read with patience.
 */
#define _POSIX_C_SOURCE 200809L
#include "corpus/survey.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/nearest.h"
#include "corpus/number.h"
#include "corpus/path.h"
#include "kanjo/audio.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_SAMPLES = 4096 };

/* ---- columns ---- */

static kj_status find_split(kj__survey *s, const char *wanted, kj_error *err)
{
  const kj__sheet *sheet = &s->sheet;
  const char *name = wanted ? wanted : "part";
  char nearest[192];
  s->at[KJ__SURVEY_PART] = kj__sheet_find(sheet, name);
  s->split = s->at[KJ__SURVEY_PART] == KJ__NONE
                 ? ""
                 : sheet->column[s->at[KJ__SURVEY_PART]];
  if (!wanted || s->split[0])
    return KJ_OK;
  kj__nearest(nearest, sizeof nearest, wanted, NULL, sheet->column,
              sheet->n_columns);
  return kj__fail(err, KJ_EDATA,
                  "%s: no column \"%s\" for the parts of a split; the nearest "
                  "are: %s",
                  sheet->path, wanted, nearest);
}

static kj_status find_columns(kj__survey *s, const char *split, kj_error *err)
{
  static const char *const names[] = {
#define NAME_OF(id, name) name,
      KJ__SURVEY_LIST(NAME_OF)
#undef NAME_OF
  };
  for (size_t c = 0; c < sizeof names / sizeof names[0]; c++)
    s->at[c] = kj__sheet_find(&s->sheet, names[c]);
  if (s->at[KJ__SURVEY_FILE] == KJ__NONE &&
      s->at[KJ__SURVEY_UTTERANCE] == KJ__NONE)
    return kj__fail(err, KJ_EDATA,
                    "%s: no column \"file\" or \"utterance\" names the rows",
                    s->sheet.path);
  return find_split(s, split, err);
}

/* ---- targets ---- */

/* The column of a target; activation and arousal are one dimension. */
static size_t rating_column(const kj__sheet *sheet, const char *column)
{
  const size_t found = kj__sheet_find(sheet, column);
  if (found == KJ__NONE && strcmp(column, "activation") == 0)
    return kj__sheet_find(sheet, "arousal");
  if (found == KJ__NONE && strcmp(column, "arousal") == 0)
    return kj__sheet_find(sheet, "activation");
  return found;
}

static void add_target(kj__survey *s, const kj_target_spec *target,
                       size_t column)
{
  s->target[s->n_targets] = *target;
  s->rating[s->n_targets++] = column;
}

static kj_status find_default_targets(kj__survey *s, const kj_corpus_options *o,
                                      kj_error *err)
{
  static const char *const names[] = {"valence", "activation", "dominance"};
  for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
    kj_target_spec target;
    const kj_status status = kj_target_parse(names[k], &target, err);
    const size_t column = rating_column(&s->sheet, names[k]);
    if (status != KJ_OK)
      return status;
    if (o->high > o->low) {
      target.low = o->low;
      target.high = o->high;
    }
    if (column != KJ__NONE)
      add_target(s, &target, column);
  }
  return KJ_OK;
}

static kj_status find_targets(kj__survey *s, const kj_corpus_options *o,
                              kj_error *err)
{
  const kj_target_spec *target = o->targets;
  const size_t n = o->n_targets;
  char nearest[192];
  if (n > KJ_MAX_TARGETS)
    return kj__fail(err, KJ_EARGUMENT, "%zu targets; at most %d are allowed", n,
                    KJ_MAX_TARGETS);
  for (size_t k = 0; k < n; k++) {
    const size_t column = rating_column(&s->sheet, target[k].column);
    if (column == KJ__NONE) {
      kj__nearest(nearest, sizeof nearest, target[k].column, NULL,
                  s->sheet.column, s->sheet.n_columns);
      return kj__fail(err, KJ_EDATA,
                      "%s: no column \"%s\" for target %s; the nearest are: "
                      "%s",
                      s->sheet.path, target[k].column, target[k].name, nearest);
    }
    add_target(s, &target[k], column);
  }
  return n > 0 ? KJ_OK : find_default_targets(s, o, err);
}

/* ---- sounds ---- */

static kj_status find_sounds(kj__survey *s, kj_error *err)
{
  kj__index index = {0};
  s->sound_of_row = kj__allocate(NULL, s->sheet.n_rows, sizeof(size_t));
  s->sound = kj__allocate(NULL, s->sheet.n_rows, sizeof *s->sound);
  bool ok = s->sound_of_row && s->sound;
  for (size_t i = 0; i < s->sheet.n_rows && ok; i++) {
    const char *file = kj__survey_text(s, i, KJ__SURVEY_FILE);
    s->sound_of_row[i] = KJ__NONE;
    if (!file[0])
      continue;
    const char *path = kj__path_in(s->sheet.arena, s->sheet.folder, file);
    size_t known = KJ__NONE;
    ok = path && kj__index_add(&index, path, s->n_sounds, &known);
    s->sound_of_row[i] = known == KJ__NONE ? s->n_sounds : known;
    if (ok && known == KJ__NONE)
      s->sound[s->n_sounds++] =
          (kj__sound){.path = path,
                      .is_missing = access(path, F_OK) != 0,
                      .length_s = (double)NAN};
  }
  kj__index_clear(&index);
  return ok ? KJ_OK : kj__fail_memory(err, s->sheet.path);
}

kj_status kj__sound_length(const char *path, double *length_s, kj_error *err)
{
  float samples[READ_SAMPLES];
  kj_audio_options options = kj_audio_default_options();
  kj_audio *audio = NULL;
  size_t n = 1;
  options.rate_hz = 0;
  kj_status status = kj_audio_open(path, &options, &audio, err);
  while (status == KJ_OK && n > 0)
    status = kj_audio_read(audio, samples, READ_SAMPLES, &n, err);
  if (status == KJ_OK) {
    const kj_audio_info info = kj_audio_get_info(audio);
    *length_s = (double)info.n_source_samples / info.source_rate_hz;
  }
  kj_audio_close(audio);
  return status;
}

kj_status kj__survey_listen(kj__survey *survey, size_t sound, kj_error *err)
{
  kj__sound *s = &survey->sound[sound];
  kj_error fault;
  if (s->is_heard || s->is_missing)
    return KJ_OK;
  s->is_heard = true;
  const kj_status status = kj__sound_length(s->path, &s->length_s, &fault);
  if (status == KJ_OK)
    return KJ_OK;
  s->fault = kj__arena_text(survey->sheet.arena, fault.message);
  if (status == KJ_EMEMORY || !s->fault)
    return kj__fail_memory(err, s->path);
  return KJ_OK;
}

/* ---- all of it ---- */

kj_status kj__survey_read(const char *path, const kj_corpus_options *options,
                          kj__survey *survey, kj_error *err)
{
  static const kj_corpus_options defaults = {0};
  const kj_corpus_options *o = options ? options : &defaults;
  kj_status status = kj__sheet_read(path, &survey->sheet, err);
  if (status == KJ_OK)
    status = find_columns(survey, o->split, err);
  if (status == KJ_OK)
    status = find_targets(survey, o, err);
  return status == KJ_OK ? find_sounds(survey, err) : status;
}

const char *kj__survey_text(const kj__survey *survey, size_t row,
                            kj__survey_column column)
{
  return kj__sheet_cell(&survey->sheet, row, survey->at[column]);
}

const char *kj__survey_name(const kj__survey *survey, size_t row)
{
  const char *utterance = kj__survey_text(survey, row, KJ__SURVEY_UTTERANCE);
  return utterance[0] ? utterance
                      : kj__survey_text(survey, row, KJ__SURVEY_FILE);
}

bool kj__survey_number(const kj__survey *survey, size_t row, size_t column,
                       double *value)
{
  const char *cell = kj__sheet_cell(&survey->sheet, row, column);
  *value = (double)NAN;
  return !cell[0] || kj__number_parse(cell, value);
}

bool kj__survey_rating(const kj__survey *survey, size_t row, size_t target,
                       double *rating)
{
  const kj_target_spec *t = &survey->target[target];
  return kj__survey_number(survey, row, survey->rating[target], rating) &&
         !(*rating < t->low || *rating > t->high);
}

void kj__survey_clear(kj__survey *survey)
{
  kj__release(NULL, survey->sound);
  kj__release(NULL, survey->sound_of_row);
  kj__sheet_clear(&survey->sheet);
  *survey = (kj__survey){0};
}
