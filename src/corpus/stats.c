/*
 * stats.c: what a table of labels holds.
 */
#include "base/error.h"
#include "base/memory.h"
#include "corpus/survey.h"
#include "kanjo/estimator.h"

#include <math.h>
#include <string.h>

static const double BIN_WIDTH = (KJ_SCALE_HIGH - KJ_SCALE_LOW) / KJ_STATS_BINS;

/* How often each value of a column stands there. */
static kj_status count_values(const kj__survey *s, kj__survey_column column,
                              kj__arena *arena, kj_value_counts *counts,
                              kj_error *err)
{
  kj__index index = {0};
  kj_value_count *value = kj__arena_take(arena, s->sheet.n_rows, sizeof *value);
  bool ok = value != NULL;
  size_t n = 0;
  for (size_t i = 0; i < s->sheet.n_rows && ok; i++) {
    const char *text = kj__survey_text(s, i, column);
    size_t known = KJ__NONE;
    if (!text[0])
      continue;
    ok = kj__index_add(&index, text, n, &known);
    if (ok && known == KJ__NONE) {
      known = n++;
      value[known].value = kj__arena_text(arena, text);
      ok = value[known].value != NULL;
    }
    if (ok)
      value[known].n++;
  }
  kj__index_clear(&index);
  *counts = (kj_value_counts){n, value};
  return ok ? KJ_OK : kj__fail_memory(err, s->sheet.path);
}

static kj_status count_columns(const kj__survey *s, kj_corpus_stats *stats,
                               kj_error *err)
{
  const struct {
    kj__survey_column column;
    kj_value_counts *counts;
  } columns[] = {{KJ__SURVEY_SPEAKER, &stats->speakers},
                 {KJ__SURVEY_SESSION, &stats->sessions},
                 {KJ__SURVEY_GENDER, &stats->genders},
                 {KJ__SURVEY_LANGUAGE, &stats->languages},
                 {KJ__SURVEY_CORPUS, &stats->corpora},
                 {KJ__SURVEY_EMOTION, &stats->emotions},
                 {KJ__SURVEY_PART, &stats->parts}};
  for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
    const kj_status status = count_values(s, columns[c].column, stats->arena,
                                          columns[c].counts, err);
    if (status != KJ_OK)
      return status;
  }
  for (size_t i = 0; i < s->sheet.n_rows; i++) {
    const char *text = kj__survey_text(s, i, KJ__SURVEY_SPONTANEOUS);
    stats->n_spontaneous += strcmp(text, "1") == 0;
    stats->n_not_spontaneous += strcmp(text, "0") == 0;
  }
  return KJ_OK;
}

/* The length of a row in seconds, NaN where it is not known. */
static kj_status length_of(kj__survey *s, size_t row, double *length_s,
                           kj_error *err)
{
  double start = (double)NAN, end = (double)NAN;
  *length_s = (double)NAN;
  if (!kj__survey_number(s, row, s->at[KJ__SURVEY_START], &start) ||
      !kj__survey_number(s, row, s->at[KJ__SURVEY_END], &end))
    return KJ_OK;
  start = isnan(start) ? 0 : start;
  const size_t sound = s->sound_of_row[row];
  if (isnan(end) || end <= 0) {
    if (sound == KJ__NONE)
      return KJ_OK;
    const kj_status status = kj__survey_listen(s, sound, err);
    if (status != KJ_OK)
      return status;
    end = s->sound[sound].length_s;
  }
  if (end > start)
    *length_s = end - start;
  return KJ_OK;
}

static kj_status count_hours(kj__survey *s, kj_corpus_stats *stats,
                             kj_error *err)
{
  double sum = 0;
  for (size_t i = 0; i < s->sheet.n_rows; i++) {
    double length_s;
    const kj_status status = length_of(s, i, &length_s, err);
    if (status != KJ_OK)
      return status;
    if (isnan(length_s))
      continue;
    stats->n_timed_rows++;
    sum += length_s;
  }
  stats->hours = sum / 3600;
  stats->n_files = s->n_sounds;
  for (size_t f = 0; f < s->n_sounds; f++)
    stats->n_missing_files += s->sound[f].is_missing || s->sound[f].fault;
  return KJ_OK;
}

/* A rating on 1..5, NaN where there is none that counts. */
static double rating_at(const kj__survey *s, size_t row, size_t k)
{
  const kj_target_spec *t = &s->target[k];
  double v;
  if (!kj__survey_rating(s, row, k, &v))
    return (double)NAN;
  return KJ_SCALE_LOW +
         (KJ_SCALE_HIGH - KJ_SCALE_LOW) * (v - t->low) / (t->high - t->low);
}

static size_t bin_of(double rating)
{
  const double bin = floor((rating - KJ_SCALE_LOW) / BIN_WIDTH);
  return bin >= KJ_STATS_BINS ? KJ_STATS_BINS - 1 : (size_t)bin;
}

static kj_rating_stats rating_stats(const kj__survey *s, size_t k)
{
  kj_rating_stats stats = {
      .sd = (double)NAN, .min = (double)NAN, .max = (double)NAN};
  double sum = 0, squares = 0;
  memcpy(stats.name, s->target[k].name, sizeof stats.name);
  for (size_t i = 0; i < s->sheet.n_rows; i++) {
    const double v = rating_at(s, i, k);
    if (isnan(v))
      continue;
    stats.n++;
    sum += v;
    stats.min = fmin(v, stats.min);
    stats.max = fmax(v, stats.max);
    stats.bin[bin_of(v)]++;
  }
  stats.mean = stats.n > 0 ? sum / (double)stats.n : (double)NAN;
  for (size_t i = 0; i < s->sheet.n_rows; i++) {
    const double v = rating_at(s, i, k);
    if (!isnan(v))
      squares += (v - stats.mean) * (v - stats.mean);
  }
  if (stats.n > 1)
    stats.sd = sqrt(squares / (double)(stats.n - 1));
  return stats;
}

kj_status kj_corpus_count(const char *path, const kj_corpus_options *options,
                          kj_corpus_stats **out, kj_error *err)
{
  kj__survey survey = {0};
  kj_corpus_stats *stats = kj__allocate(NULL, 1, sizeof *stats);
  if (stats)
    stats->arena = kj__arena_create();
  kj_status status = stats && stats->arena ? KJ_OK : kj__fail_memory(err, path);
  if (status == KJ_OK)
    status = kj__survey_read(path, options, &survey, err);
  if (status == KJ_OK)
    status = count_columns(&survey, stats, err);
  if (status == KJ_OK)
    status = count_hours(&survey, stats, err);
  if (status == KJ_OK) {
    stats->n_rows = survey.sheet.n_rows;
    stats->n_targets = survey.n_targets;
    for (size_t k = 0; k < survey.n_targets; k++)
      stats->target[k] = rating_stats(&survey, k);
    *out = stats;
    stats = NULL;
  }
  kj__survey_clear(&survey);
  kj_corpus_stats_destroy(stats);
  return status;
}

void kj_corpus_stats_destroy(kj_corpus_stats *stats)
{
  if (stats)
    kj__arena_destroy(stats->arena);
  kj__release(NULL, stats);
}
