/*
 * check_segments.c: parts of files: the same twice, outside their file, or one
 * over the other.
 */
#include "corpus/check.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An end may lie so far behind the end of its file: times are rounded. */
static const double END_TOLERANCE_S = 0.05;
/* Segments may share so much: likewise. */
static const double OVERLAP_TOLERANCE_S = 0.01;

/* File, channel, start and end in one text, or NULL. */
static const char *segment_key(kj__checker *c, size_t row)
{
  char times[80];
  double start = (double)NAN, end = (double)NAN;
  const size_t sound = c->survey.sound_of_row[row];
  kj__arena *arena = c->survey.sheet.arena;
  kj__survey_number(&c->survey, row, c->survey.at[KJ__SURVEY_START], &start);
  kj__survey_number(&c->survey, row, c->survey.at[KJ__SURVEY_END], &end);
  snprintf(times, sizeof times, "\n%a:%a\n", isnan(start) ? 0 : start,
           isnan(end) ? 0 : end);
  const char *key = kj__arena_joined(arena, c->survey.sound[sound].path, times);
  return key ? kj__arena_joined(arena, key,
                                kj__check_text(c, row, KJ__SURVEY_CHANNEL))
             : NULL;
}

kj_status kj__check_duplicates(kj__checker *c, kj_error *err)
{
  kj__index index = {0};
  kj_status status = KJ_OK;
  for (size_t i = 0; i < kj__check_n_rows(c) && status == KJ_OK; i++) {
    if (c->survey.sound_of_row[i] == KJ__NONE)
      continue;
    const char *key = segment_key(c, i);
    size_t first = KJ__NONE;
    if (!key || !kj__index_add(&index, key, i, &first))
      status = kj__fail_memory(err, "the segments");
    else if (first != KJ__NONE)
      status = kj__check_add(
          c, kj__check_of_row(c, KJ_PROBLEM_DUPLICATE_SEGMENT, i), err,
          "file, start and end are those of line %zu (%s)",
          kj__check_line(c, first), kj__survey_name(&c->survey, first));
  }
  kj__index_clear(&index);
  return status;
}

typedef struct segment {
  size_t row, sound;
  const char *voice, *channel;
  double start, end; /* end 0: to that of the file */
} segment;

/* False: start or end is no number, below 0, or not in this order. */
static bool read_segment(const kj__checker *c, size_t row, segment *s)
{
  const kj__survey *survey = &c->survey;
  *s = (segment){.row = row,
                 .sound = survey->sound_of_row[row],
                 .voice = kj__check_text(c, row, KJ__SURVEY_SPEAKER),
                 .channel = kj__check_text(c, row, KJ__SURVEY_CHANNEL)};
  if (!kj__survey_number(survey, row, survey->at[KJ__SURVEY_START],
                         &s->start) ||
      !kj__survey_number(survey, row, survey->at[KJ__SURVEY_END], &s->end))
    return false;
  s->start = isnan(s->start) ? 0 : s->start;
  s->end = isnan(s->end) ? 0 : s->end;
  return s->start >= 0 && (s->end == 0 || s->end > s->start);
}

/* The length of a segment's file, NaN where it is not known. */
static double length_of(const kj__checker *c, const segment *s)
{
  return s->sound == KJ__NONE ? (double)NAN
                              : c->survey.sound[s->sound].length_s;
}

kj_status kj__check_segments(kj__checker *c, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t i = 0; i < kj__check_n_rows(c) && status == KJ_OK; i++) {
    segment s;
    const kj_problem problem = kj__check_of_row(c, KJ_PROBLEM_BAD_SEGMENT, i);
    if (!read_segment(c, i, &s)) {
      status =
          kj__check_add(c, problem, err,
                        "start is \"%s\" and end \"%s\"; must be seconds, 0 <= "
                        "start < end",
                        kj__check_text(c, i, KJ__SURVEY_START),
                        kj__check_text(c, i, KJ__SURVEY_END));
      continue;
    }
    const double length_s = length_of(c, &s);
    if (s.start > 0 && s.start >= length_s)
      status =
          kj__check_add(c, problem, err, "start is %g s; the file has %g s",
                        s.start, length_s);
    else if (s.end > length_s + END_TOLERANCE_S)
      status = kj__check_add(c, problem, err, "end is %g s; the file has %g s",
                             s.end, length_s);
  }
  return status;
}

static int by_time(const void *a, const void *b)
{
  const segment *x = a, *y = b;
  int order = (x->sound > y->sound) - (x->sound < y->sound);
  if (order == 0)
    order = strcmp(x->channel, y->channel);
  if (order == 0)
    order = strcmp(x->voice, y->voice);
  if (order == 0)
    order = (x->start > y->start) - (x->start < y->start);
  return order ? order : (x->row > y->row) - (x->row < y->row);
}

static bool is_same_voice(const segment *a, const segment *b)
{
  return a->sound == b->sound && strcmp(a->channel, b->channel) == 0 &&
         strcmp(a->voice, b->voice) == 0;
}

/* Segments of sorted voices; what is wholly the same is a duplicate. */
static kj_status check_sorted(kj__checker *c, const segment *s, size_t n,
                              kj_error *err)
{
  kj_status status = KJ_OK;
  size_t last = 0; /* of the voice, the one that ends last so far */
  for (size_t i = 1; i < n && status == KJ_OK; i++) {
    const segment *a = &s[last], *b = &s[i];
    const double end = a->end > 0 ? a->end : (double)INFINITY;
    const bool is_same = a->start == b->start && a->end == b->end;
    if (!is_same_voice(a, b)) {
      last = i;
      continue;
    }
    if (!is_same && b->start < end - OVERLAP_TOLERANCE_S)
      status = kj__check_add(
          c, kj__check_of_row(c, KJ_PROBLEM_OVERLAP, b->row), err,
          "begins at %g s, before line %zu of the same %s ends", b->start,
          kj__check_line(c, a->row), b->voice[0] ? "speaker" : "file");
    if (a->end > 0 && (b->end == 0 || b->end > a->end))
      last = i;
  }
  return status;
}

kj_status kj__check_overlaps(kj__checker *c, kj_error *err)
{
  segment *s = kj__allocate(NULL, kj__check_n_rows(c), sizeof *s);
  size_t n = 0;
  if (!s)
    return kj__fail_memory(err, "the segments");
  for (size_t i = 0; i < kj__check_n_rows(c); i++)
    if (c->survey.sound_of_row[i] != KJ__NONE && read_segment(c, i, &s[n]))
      n++;
  qsort(s, n, sizeof *s, by_time);
  const kj_status status = check_sorted(c, s, n, err);
  kj__release(NULL, s);
  return status;
}
