/*
 * msp_clips.c: files of evaluations as the MSP laboratory writes them
 * (MSP-IMPROV's Evaluation.txt, MSP-Podcast's labels.txt):
 *
 *   UTD-IMPROV-S01A-F01-P-FM01.avi; N; A:4.0; V:2.8; D:2.8 ; N:3.2;
 *   WORKER1; Neutral; Neutral,Sad; A:3.0; V:3.0; D:2.0; N:4.0;
 *
 * A line that names a file begins a clip, with the means; one line a worker
 * follows. Values are found by their letter and may be NaN; other fields (N:,
 * naturalness) are passed over.
 */
#define _POSIX_C_SOURCE 200809L /* strtok_r, strcasecmp */
#include "corpus/import/msp.h"

#include "base/file.h"
#include "corpus/import/lines.h"
#include "corpus/number.h"
#include "corpus/path.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_BYTES = 1 << 29 };

static const char LETTER[KJ__N_DIMENSIONS] = {'V', 'A', 'D'};

typedef struct reader {
  kj__msp_visitor *visitor;
  void *context;
  bool has_clip;
  kj__msp_clip clip;
} reader;

/* A line's fields. */
typedef struct fields {
  const char *name, *emotion;
  double value[KJ__N_DIMENSIONS];
} fields;

/* "A:4.000000": the dimension of its letter, or KJ__N_DIMENSIONS. */
static size_t dimension_of(const char *field)
{
  size_t d = 0;
  while (d < KJ__N_DIMENSIONS && field[0] != LETTER[d])
    d++;
  return field[0] && field[1] == ':' ? d : (size_t)KJ__N_DIMENSIONS;
}

static kj_status read_value(const kj__line *line, char *field, double *value,
                            kj_error *err)
{
  const char *number = kj__trimmed(field + 2);
  if (number[0] == '\0' || strcasecmp(number, "nan") == 0)
    return KJ_OK;
  if (kj__number_parse(number, value))
    return KJ_OK;
  return kj__line_fail(line, err, "%c is \"%.40s\"; must be a number", field[0],
                       number);
}

static kj_status split(const kj__line *line, fields *f, kj_error *err)
{
  char *rest = NULL;
  size_t i = 0;
  *f = (fields){.name = "",
                .emotion = "",
                .value = {(double)NAN, (double)NAN, (double)NAN}};
  for (char *t = strtok_r(line->text, ";", &rest); t;
       t = strtok_r(NULL, ";", &rest), i++) {
    char *field = kj__trimmed(t);
    const size_t d = i < 2 ? (size_t)KJ__N_DIMENSIONS : dimension_of(field);
    if (i == 0)
      f->name = field;
    else if (i == 1)
      f->emotion = field;
    if (d == KJ__N_DIMENSIONS)
      continue;
    const kj_status status = read_value(line, field, &f->value[d], err);
    if (status != KJ_OK)
      return status;
  }
  if (i < 3 || strlen(f->name) >= KJ__MSP_NAME_SIZE)
    return kj__line_fail(line, err,
                         "\"%.40s\" is not understood; must be a file or a "
                         "worker, an emotion, and A:, V:, D: with numbers, "
                         "with ; between",
                         f->name);
  return KJ_OK;
}

static kj_status flush(reader *r, kj_error *err)
{
  const bool had_clip = r->has_clip;
  r->has_clip = false;
  return had_clip ? r->visitor(r->context, &r->clip, err) : KJ_OK;
}

static kj_status begin_clip(reader *r, const kj__line *line, const fields *f,
                            kj_error *err)
{
  const kj_status status = flush(r, err);
  r->has_clip = true;
  r->clip.line = line->number;
  r->clip.n_workers = r->clip.n_duplicates = 0;
  snprintf(r->clip.name, sizeof r->clip.name, "%s", f->name);
  snprintf(r->clip.emotion, sizeof r->clip.emotion, "%s", f->emotion);
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++) {
    r->clip.mean[d] = f->value[d];
    r->clip.n_ratings[d] = 0;
  }
  return status;
}

static bool is_known(const kj__msp_clip *clip, const char *worker)
{
  for (size_t i = 0; i < clip->n_workers; i++)
    if (strcmp(clip->worker[i], worker) == 0)
      return true;
  return false;
}

static void add_worker(kj__msp_clip *clip, const fields *f)
{
  if (is_known(clip, f->name)) {
    clip->n_duplicates++;
    return;
  }
  if (clip->n_workers == KJ__MSP_MAX_RATERS)
    return;
  snprintf(clip->worker[clip->n_workers++], KJ__MSP_NAME_SIZE, "%s", f->name);
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++)
    if (!isnan(f->value[d]))
      clip->rating[d][clip->n_ratings[d]++] = f->value[d];
}

static kj_status read_line(void *context, const kj__line *line, kj_error *err)
{
  reader *r = context;
  fields f;
  if (kj__trimmed(line->text)[0] == '\0')
    return KJ_OK;
  const kj_status status = split(line, &f, err);
  if (status != KJ_OK)
    return status;
  if (kj__path_ends(f.name, ".avi") || kj__path_ends(f.name, ".wav"))
    return begin_clip(r, line, &f, err);
  if (!r->has_clip)
    return kj__line_fail(line, err,
                         "\"%.40s\" is neither an .avi nor a .wav file, and no "
                         "file stands before it",
                         f.name);
  add_worker(&r->clip, &f);
  return KJ_OK;
}

kj_status kj__msp_read(const char *name, char *text, size_t size,
                       kj__msp_visitor *visitor, void *context, kj_error *err)
{
  reader r = {.visitor = visitor, .context = context};
  const kj_status status = kj__lines_each(name, text, size, read_line, &r, err);
  return status == KJ_OK ? flush(&r, err) : status;
}

kj_status kj__msp_read_file(const char *path, kj__msp_visitor *visitor,
                            void *context, kj_error *err)
{
  char *text = NULL;
  size_t size = 0;
  kj_status status = kj__file_read(path, MAX_BYTES, &text, &size, err);
  if (status == KJ_OK)
    status = kj__msp_read(path, text, size, visitor, context, err);
  free(text);
  return status;
}

const char *kj__msp_emotion(const char *letter)
{
  static const struct {
    char letter;
    const char *word;
  } words[] = {{'A', "angry"},       {'C', "contempt"}, {'D', "disgust"},
               {'F', "fear"},        {'H', "happy"},    {'N', "neutral"},
               {'O', "other"},       {'S', "sad"},      {'U', "surprise"},
               {'X', "no agreement"}};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (letter[0] == words[i].letter && letter[1] == '\0')
      return words[i].word;
  return letter;
}
