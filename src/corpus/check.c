/*
 * check.c: what is wrong with a table of labels: one function a kind of
 * problem, in the order of KJ_PROBLEM_LIST.
 */
#define _GNU_SOURCE
#include "base/error.h"
#include "base/memory.h"
#include "corpus/survey.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An end may lie so far behind the end of its file: times are rounded. */
static const double END_TOLERANCE_S = 0.05;
/* Segments may share so much: likewise. */
static const double OVERLAP_TOLERANCE_S = 0.01;

typedef struct checker {
  kj__survey survey;
  kj_checkup *checkup;
  kj_problem *problem; /* of the arena of the checkup at the end */
  size_t capacity;
} checker;

#define NAME_OF(id, name, why) name,
#define WHY_OF(id, name, why) why,

const char *kj_problem_name(kj_problem_kind kind)
{
  static const char *const names[] = {KJ_PROBLEM_LIST(NAME_OF)};
  return (size_t)kind < KJ_N_PROBLEM_KINDS ? names[kind] : "unknown";
}

const char *kj_problem_why(kj_problem_kind kind)
{
  static const char *const whys[] = {KJ_PROBLEM_LIST(WHY_OF)};
  return (size_t)kind < KJ_N_PROBLEM_KINDS ? whys[kind] : "unknown";
}

/* ---- the list ---- */

static kj_status add(checker *c, kj_problem problem, kj_error *err,
                     const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static kj_status add(checker *c, kj_problem problem, kj_error *err,
                     const char *format, ...)
{
  kj__arena *arena = c->checkup->arena;
  void *items = c->problem;
  char *text = NULL;
  va_list arguments;
  va_start(arguments, format);
  const int n = vasprintf(&text, format, arguments);
  va_end(arguments);
  if (n >= 0) {
    problem.text = kj__arena_text(arena, text);
    problem.name = kj__arena_text(arena, problem.name);
    free(text);
  }
  if (n < 0 || !problem.text || !problem.name ||
      !kj__grow(&items, &c->capacity, c->checkup->n + 1, sizeof problem))
    return kj__fail_memory(err, "the problems");
  c->problem = items;
  c->problem[c->checkup->n++] = problem;
  c->checkup->count[problem.kind]++;
  return KJ_OK;
}

/* A problem of a row. */
static kj_problem of_row(const checker *c, kj_problem_kind kind, size_t row)
{
  return (kj_problem){kind, c->survey.sheet.row[row].line,
                      kj__survey_name(&c->survey, row), ""};
}

static size_t n_rows(const checker *c)
{
  return c->survey.sheet.n_rows;
}

static const char *text_at(const checker *c, size_t row,
                           kj__survey_column column)
{
  return kj__survey_text(&c->survey, row, column);
}

static size_t line_of(const checker *c, size_t row)
{
  return c->survey.sheet.row[row].line;
}

/* ---- sound ---- */

static kj_status check_missing(checker *c, kj_error *err)
{
  kj_status status = KJ_OK;
  if (c->survey.at[KJ__SURVEY_FILE] == KJ__NONE)
    return KJ_OK;
  for (size_t i = 0; i < n_rows(c) && status == KJ_OK; i++) {
    const kj_problem problem = of_row(c, KJ_PROBLEM_MISSING_FILE, i);
    const size_t sound = c->survey.sound_of_row[i];
    if (sound == KJ__NONE)
      status = add(c, problem, err, "names no file");
    else if (c->survey.sound[sound].is_missing)
      status =
          add(c, problem, err, "%s is not there", c->survey.sound[sound].path);
  }
  return status;
}

static kj_status check_unreadable(checker *c, kj_error *err)
{
  for (size_t i = 0; i < n_rows(c); i++) {
    const size_t sound = c->survey.sound_of_row[i];
    if (sound == KJ__NONE)
      continue;
    kj_status status = kj__survey_listen(&c->survey, sound, err);
    if (status == KJ_OK && c->survey.sound[sound].fault)
      status = add(c, of_row(c, KJ_PROBLEM_UNREADABLE_FILE, i), err, "%s",
                   c->survey.sound[sound].fault);
    if (status != KJ_OK)
      return status;
  }
  return KJ_OK;
}

/* ---- duplicates ---- */

static kj_status check_utterances(checker *c, kj_error *err)
{
  kj__index index = {0};
  kj_status status = KJ_OK;
  for (size_t i = 0; i < n_rows(c) && status == KJ_OK; i++) {
    const char *name = text_at(c, i, KJ__SURVEY_UTTERANCE);
    size_t first = KJ__NONE;
    if (name[0] && !kj__index_add(&index, name, i, &first))
      status = kj__fail_memory(err, "the utterances");
    if (status == KJ_OK && first != KJ__NONE)
      status = add(c, of_row(c, KJ_PROBLEM_DUPLICATE_UTTERANCE, i), err,
                   "utterance is that of line %zu", line_of(c, first));
  }
  kj__index_clear(&index);
  return status;
}

/* File, channel, start and end in one text, or NULL. */
static const char *segment_key(checker *c, size_t row)
{
  char times[80];
  double start = NAN, end = NAN;
  const size_t sound = c->survey.sound_of_row[row];
  kj__arena *arena = c->survey.sheet.arena;
  kj__survey_number(&c->survey, row, c->survey.at[KJ__SURVEY_START], &start);
  kj__survey_number(&c->survey, row, c->survey.at[KJ__SURVEY_END], &end);
  snprintf(times, sizeof times, "\n%a:%a\n", isnan(start) ? 0 : start,
           isnan(end) ? 0 : end);
  const char *key = kj__arena_joined(arena, c->survey.sound[sound].path, times);
  return key ? kj__arena_joined(arena, key, text_at(c, row, KJ__SURVEY_CHANNEL))
             : NULL;
}

static kj_status check_segments_unique(checker *c, kj_error *err)
{
  kj__index index = {0};
  kj_status status = KJ_OK;
  for (size_t i = 0; i < n_rows(c) && status == KJ_OK; i++) {
    if (c->survey.sound_of_row[i] == KJ__NONE)
      continue;
    const char *key = segment_key(c, i);
    size_t first = KJ__NONE;
    if (!key || !kj__index_add(&index, key, i, &first))
      status = kj__fail_memory(err, "the segments");
    else if (first != KJ__NONE)
      status = add(c, of_row(c, KJ_PROBLEM_DUPLICATE_SEGMENT, i), err,
                   "file, start and end are those of line %zu (%s)",
                   line_of(c, first), kj__survey_name(&c->survey, first));
  }
  kj__index_clear(&index);
  return status;
}

/* ---- start and end ---- */

typedef struct segment {
  size_t row, sound;
  const char *voice, *channel;
  double start, end; /* end 0: to that of the file */
} segment;

/* False: start or end is no number, below 0, or not in this order. */
static bool read_segment(const checker *c, size_t row, segment *s)
{
  const kj__survey *survey = &c->survey;
  *s = (segment){.row = row,
                 .sound = survey->sound_of_row[row],
                 .voice = text_at(c, row, KJ__SURVEY_SPEAKER),
                 .channel = text_at(c, row, KJ__SURVEY_CHANNEL)};
  if (!kj__survey_number(survey, row, survey->at[KJ__SURVEY_START],
                         &s->start) ||
      !kj__survey_number(survey, row, survey->at[KJ__SURVEY_END], &s->end))
    return false;
  s->start = isnan(s->start) ? 0 : s->start;
  s->end = isnan(s->end) ? 0 : s->end;
  return s->start >= 0 && (s->end == 0 || s->end > s->start);
}

/* The length of a segment's file, NaN where it is not known. */
static double length_of(const checker *c, const segment *s)
{
  return s->sound == KJ__NONE ? (double)NAN
                              : c->survey.sound[s->sound].length_s;
}

static kj_status check_segments(checker *c, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t i = 0; i < n_rows(c) && status == KJ_OK; i++) {
    segment s;
    const kj_problem problem = of_row(c, KJ_PROBLEM_BAD_SEGMENT, i);
    if (!read_segment(c, i, &s)) {
      status =
          add(c, problem, err,
              "start is \"%s\" and end \"%s\"; must be seconds, 0 <= "
              "start < end",
              text_at(c, i, KJ__SURVEY_START), text_at(c, i, KJ__SURVEY_END));
      continue;
    }
    const double length_s = length_of(c, &s);
    if (s.start > 0 && s.start >= length_s)
      status = add(c, problem, err, "start is %g s; the file has %g s", s.start,
                   length_s);
    else if (s.end > length_s + END_TOLERANCE_S)
      status = add(c, problem, err, "end is %g s; the file has %g s", s.end,
                   length_s);
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
static kj_status check_sorted(checker *c, const segment *s, size_t n,
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
      status =
          add(c, of_row(c, KJ_PROBLEM_OVERLAP, b->row), err,
              "begins at %g s, before line %zu of the same %s ends", b->start,
              line_of(c, a->row), b->voice[0] ? "speaker" : "file");
    if (a->end > 0 && (b->end == 0 || b->end > a->end))
      last = i;
  }
  return status;
}

static kj_status check_overlaps(checker *c, kj_error *err)
{
  segment *s = kj__allocate(NULL, n_rows(c), sizeof *s);
  size_t n = 0;
  if (!s)
    return kj__fail_memory(err, "the segments");
  for (size_t i = 0; i < n_rows(c); i++)
    if (c->survey.sound_of_row[i] != KJ__NONE && read_segment(c, i, &s[n]))
      n++;
  qsort(s, n, sizeof *s, by_time);
  const kj_status status = check_sorted(c, s, n, err);
  kj__release(NULL, s);
  return status;
}

/* ---- ratings ---- */

static kj_status check_scale(checker *c, kj_error *err)
{
  const kj__survey *s = &c->survey;
  kj_status status = KJ_OK;
  for (size_t i = 0; i < n_rows(c); i++)
    for (size_t k = 0; k < s->n_targets && status == KJ_OK; k++) {
      double rating;
      if (!kj__survey_rating(s, i, k, &rating))
        status =
            add(c, of_row(c, KJ_PROBLEM_OFF_SCALE, i), err,
                "%s is \"%s\"; must be a number in %g..%g", s->target[k].name,
                kj__sheet_cell(&s->sheet, i, s->rating[k]), s->target[k].low,
                s->target[k].high);
    }
  return status;
}

/* The number of rows with a rating for a target. */
static size_t count_rated(const checker *c, size_t k)
{
  size_t n = 0;
  for (size_t i = 0; i < n_rows(c); i++)
    n += kj__sheet_cell(&c->survey.sheet, i, c->survey.rating[k])[0] != '\0';
  return n;
}

/* A target that no row is rated for is none that the corpus has. */
static kj_status check_unrated(checker *c, kj_error *err)
{
  const kj__survey *s = &c->survey;
  kj_status status = KJ_OK;
  for (size_t k = 0; k < s->n_targets; k++) {
    const bool is_rated = count_rated(c, k) > 0;
    for (size_t i = 0; i < n_rows(c) && is_rated && status == KJ_OK; i++)
      if (!kj__sheet_cell(&s->sheet, i, s->rating[k])[0])
        status = add(c, of_row(c, KJ_PROBLEM_MISSING_RATING, i), err,
                     "%s is empty", s->target[k].name);
  }
  return status;
}

static kj_status check_constant(checker *c, kj_error *err)
{
  const kj__survey *s = &c->survey;
  kj_status status = KJ_OK;
  for (size_t k = 0; k < s->n_targets && status == KJ_OK; k++) {
    double low = INFINITY, high = -INFINITY;
    size_t n = 0, first = 0;
    for (size_t i = 0; i < n_rows(c); i++) {
      double v;
      if (!kj__survey_rating(s, i, k, &v) || isnan(v))
        continue;
      first = n++ == 0 ? i : first;
      low = fmin(low, v);
      high = fmax(high, v);
    }
    if (n > 1 && low == high)
      status = add(c,
                   (kj_problem){KJ_PROBLEM_CONSTANT_RATINGS, line_of(c, first),
                                s->target[k].name, ""},
                   err, "is %g in all %zu rated rows", low, n);
  }
  return status;
}

/* ---- speakers ---- */

static kj_status check_speakers(checker *c, kj_error *err)
{
  kj_status status = KJ_OK;
  size_t n_without = 0;
  for (size_t i = 0; i < n_rows(c); i++)
    n_without += !text_at(c, i, KJ__SURVEY_SPEAKER)[0];
  if (n_without == n_rows(c))
    return add(c, (kj_problem){KJ_PROBLEM_NO_SPEAKER, 1, "speaker", ""}, err,
               "no row has one");
  for (size_t i = 0; i < n_rows(c) && status == KJ_OK; i++)
    if (!text_at(c, i, KJ__SURVEY_SPEAKER)[0])
      status =
          add(c, of_row(c, KJ_PROBLEM_NO_SPEAKER, i), err, "speaker is empty");
  return status;
}

/* A column whose value another one must decide. */
typedef struct rule {
  kj_problem_kind kind;
  kj__survey_column key, value;
  const char *sentence; /* of this value, the first, its line */
} rule;

static kj_status add_conflict(checker *c, const rule *r, size_t row,
                              size_t first, kj_error *err)
{
  const kj_problem problem = {r->kind, line_of(c, row), text_at(c, row, r->key),
                              ""};
  return add(c, problem, err, "%s \"%s\" here, and \"%s\" in line %zu",
             r->sentence, text_at(c, row, r->value),
             text_at(c, first, r->value), line_of(c, first));
}

/* One problem for each further value of a key. */
static kj_status check_rule(checker *c, const rule *r, kj_error *err)
{
  kj__index keys = {0}, pairs = {0};
  kj__arena *arena = c->survey.sheet.arena;
  kj_status status = KJ_OK;
  for (size_t i = 0; i < n_rows(c) && status == KJ_OK; i++) {
    const char *key = text_at(c, i, r->key), *value = text_at(c, i, r->value);
    if (!key[0] || !value[0])
      continue;
    const char *head = kj__arena_joined(arena, key, "\n");
    const char *pair = head ? kj__arena_joined(arena, head, value) : NULL;
    size_t first = KJ__NONE, known = KJ__NONE;
    if (!pair || !kj__index_add(&keys, key, i, &first) ||
        !kj__index_add(&pairs, pair, i, &known))
      status = kj__fail_memory(err, "the values");
    else if (first != KJ__NONE && known == KJ__NONE)
      status = add_conflict(c, r, i, first, err);
  }
  kj__index_clear(&keys);
  kj__index_clear(&pairs);
  return status;
}

static kj_status check_genders(checker *c, kj_error *err)
{
  const rule r = {KJ_PROBLEM_TWO_GENDERS, KJ__SURVEY_SPEAKER, KJ__SURVEY_GENDER,
                  "gender is"};
  return check_rule(c, &r, err);
}

static kj_status check_split_speakers(checker *c, kj_error *err)
{
  const rule r = {KJ_PROBLEM_LEAKED_SPEAKER, KJ__SURVEY_SPEAKER,
                  KJ__SURVEY_PART, "speaker is in part"};
  return check_rule(c, &r, err);
}

static kj_status check_split_texts(checker *c, kj_error *err)
{
  const rule r = {KJ_PROBLEM_LEAKED_TEXT, KJ__SURVEY_TEXT, KJ__SURVEY_PART,
                  "text is in part"};
  return check_rule(c, &r, err);
}

/* ---- all of it ---- */

static kj_status check_all(checker *c, kj_error *err)
{
  static kj_status (*const checks[])(checker *, kj_error *) = {
      check_missing,         check_unreadable, check_utterances,
      check_segments_unique, check_segments,   check_overlaps,
      check_scale,           check_unrated,    check_constant,
      check_speakers,        check_genders,    check_split_speakers,
      check_split_texts};
  kj_status status = KJ_OK;
  for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
    if (status == KJ_OK)
      status = checks[i](c, err);
  return status;
}

static kj_status keep(checker *c, kj_error *err)
{
  kj_checkup *u = c->checkup;
  kj_problem *problem = kj__arena_take(u->arena, u->n, sizeof *problem);
  u->split = kj__arena_text(u->arena, c->survey.split);
  if ((u->n > 0 && !problem) || !u->split)
    return kj__fail_memory(err, "the problems");
  if (u->n > 0)
    memcpy(problem, c->problem, u->n * sizeof *problem);
  u->problem = problem;
  u->n_rows = n_rows(c);
  return KJ_OK;
}

kj_status kj_corpus_check(const char *path, const kj_corpus_options *options,
                          kj_checkup **out, kj_error *err)
{
  checker c = {.checkup = kj__allocate(NULL, 1, sizeof *c.checkup)};
  if (c.checkup)
    c.checkup->arena = kj__arena_create();
  kj_status status = c.checkup && c.checkup->arena
                         ? kj__survey_read(path, options, &c.survey, err)
                         : kj__fail_memory(err, path);
  if (status == KJ_OK)
    status = check_all(&c, err);
  if (status == KJ_OK)
    status = keep(&c, err);
  if (status == KJ_OK)
    *out = c.checkup;
  else
    kj_checkup_destroy(c.checkup);
  kj__release(NULL, c.problem);
  kj__survey_clear(&c.survey);
  return status;
}

void kj_checkup_destroy(kj_checkup *checkup)
{
  if (checkup)
    kj__arena_destroy(checkup->arena);
  kj__release(NULL, checkup);
}
