/*
 * check.c: what is wrong with a table of labels: one function a kind of
 * problem, in the order of KJ_PROBLEM_LIST.
 */
#define _GNU_SOURCE
#include "corpus/check.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

kj_status kj__check_add(kj__checker *c, kj_problem problem, kj_error *err,
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

kj_problem kj__check_of_row(const kj__checker *c, kj_problem_kind kind,
                            size_t row)
{
  return (kj_problem){kind, c->survey.sheet.row[row].line,
                      kj__survey_name(&c->survey, row), ""};
}

size_t kj__check_n_rows(const kj__checker *c)
{
  return c->survey.sheet.n_rows;
}

const char *kj__check_text(const kj__checker *c, size_t row,
                           kj__survey_column column)
{
  return kj__survey_text(&c->survey, row, column);
}

size_t kj__check_line(const kj__checker *c, size_t row)
{
  return c->survey.sheet.row[row].line;
}

/* ---- sound ---- */

static kj_status check_missing(kj__checker *c, kj_error *err)
{
  kj_status status = KJ_OK;
  if (c->survey.at[KJ__SURVEY_FILE] == KJ__NONE)
    return KJ_OK;
  for (size_t i = 0; i < kj__check_n_rows(c) && status == KJ_OK; i++) {
    const kj_problem problem = kj__check_of_row(c, KJ_PROBLEM_MISSING_FILE, i);
    const size_t sound = c->survey.sound_of_row[i];
    if (sound == KJ__NONE)
      status = kj__check_add(c, problem, err, "names no file");
    else if (c->survey.sound[sound].is_missing)
      status = kj__check_add(c, problem, err, "%s is not there",
                             c->survey.sound[sound].path);
  }
  return status;
}

static kj_status check_unreadable(kj__checker *c, kj_error *err)
{
  for (size_t i = 0; i < kj__check_n_rows(c); i++) {
    const size_t sound = c->survey.sound_of_row[i];
    if (sound == KJ__NONE)
      continue;
    kj_status status = kj__survey_listen(&c->survey, sound, err);
    if (status == KJ_OK && c->survey.sound[sound].fault)
      status =
          kj__check_add(c, kj__check_of_row(c, KJ_PROBLEM_UNREADABLE_FILE, i),
                        err, "%s", c->survey.sound[sound].fault);
    if (status != KJ_OK)
      return status;
  }
  return KJ_OK;
}

/* ---- duplicates ---- */

static kj_status check_utterances(kj__checker *c, kj_error *err)
{
  kj__index index = {0};
  kj_status status = KJ_OK;
  for (size_t i = 0; i < kj__check_n_rows(c) && status == KJ_OK; i++) {
    const char *name = kj__check_text(c, i, KJ__SURVEY_UTTERANCE);
    size_t first = KJ__NONE;
    if (name[0] && !kj__index_add(&index, name, i, &first))
      status = kj__fail_memory(err, "the utterances");
    if (status == KJ_OK && first != KJ__NONE)
      status = kj__check_add(
          c, kj__check_of_row(c, KJ_PROBLEM_DUPLICATE_UTTERANCE, i), err,
          "utterance is that of line %zu", kj__check_line(c, first));
  }
  kj__index_clear(&index);
  return status;
}

/* ---- ratings ---- */

static kj_status check_scale(kj__checker *c, kj_error *err)
{
  const kj__survey *s = &c->survey;
  kj_status status = KJ_OK;
  for (size_t i = 0; i < kj__check_n_rows(c); i++)
    for (size_t k = 0; k < s->n_targets && status == KJ_OK; k++) {
      double rating;
      if (!kj__survey_rating(s, i, k, &rating))
        status = kj__check_add(c, kj__check_of_row(c, KJ_PROBLEM_OFF_SCALE, i),
                               err, "%s is \"%s\"; must be a number in %g..%g",
                               s->target[k].name,
                               kj__sheet_cell(&s->sheet, i, s->rating[k]),
                               s->target[k].low, s->target[k].high);
    }
  return status;
}

/* The number of rows with a rating for a target. */
static size_t count_rated(const kj__checker *c, size_t k)
{
  size_t n = 0;
  for (size_t i = 0; i < kj__check_n_rows(c); i++)
    n += kj__sheet_cell(&c->survey.sheet, i, c->survey.rating[k])[0] != '\0';
  return n;
}

/* A target that no row is rated for is none that the corpus has. */
static kj_status check_unrated(kj__checker *c, kj_error *err)
{
  const kj__survey *s = &c->survey;
  kj_status status = KJ_OK;
  for (size_t k = 0; k < s->n_targets; k++) {
    const bool is_rated = count_rated(c, k) > 0;
    for (size_t i = 0; i < kj__check_n_rows(c) && is_rated && status == KJ_OK;
         i++)
      if (!kj__sheet_cell(&s->sheet, i, s->rating[k])[0])
        status =
            kj__check_add(c, kj__check_of_row(c, KJ_PROBLEM_MISSING_RATING, i),
                          err, "%s is empty", s->target[k].name);
  }
  return status;
}

static kj_status check_constant(kj__checker *c, kj_error *err)
{
  const kj__survey *s = &c->survey;
  kj_status status = KJ_OK;
  for (size_t k = 0; k < s->n_targets && status == KJ_OK; k++) {
    double low = (double)INFINITY, high = -(double)INFINITY;
    size_t n = 0, first = 0;
    for (size_t i = 0; i < kj__check_n_rows(c); i++) {
      double v;
      if (!kj__survey_rating(s, i, k, &v) || isnan(v))
        continue;
      first = n++ == 0 ? i : first;
      low = fmin(low, v);
      high = fmax(high, v);
    }
    if (n > 1 && low == high)
      status = kj__check_add(c,
                             (kj_problem){KJ_PROBLEM_CONSTANT_RATINGS,
                                          kj__check_line(c, first),
                                          s->target[k].name, ""},
                             err, "is %g in all %zu rated rows", low, n);
  }
  return status;
}

/* ---- speakers ---- */

static kj_status check_speakers(kj__checker *c, kj_error *err)
{
  kj_status status = KJ_OK;
  size_t n_without = 0;
  for (size_t i = 0; i < kj__check_n_rows(c); i++)
    n_without += !kj__check_text(c, i, KJ__SURVEY_SPEAKER)[0];
  if (n_without == kj__check_n_rows(c))
    return kj__check_add(c,
                         (kj_problem){KJ_PROBLEM_NO_SPEAKER, 1, "speaker", ""},
                         err, "no row has one");
  for (size_t i = 0; i < kj__check_n_rows(c) && status == KJ_OK; i++)
    if (!kj__check_text(c, i, KJ__SURVEY_SPEAKER)[0])
      status = kj__check_add(c, kj__check_of_row(c, KJ_PROBLEM_NO_SPEAKER, i),
                             err, "speaker is empty");
  return status;
}

/* A column whose value another one must decide. */
typedef struct rule {
  kj_problem_kind kind;
  kj__survey_column key, value;
  const char *sentence; /* of this value, the first, its line */
} rule;

static kj_status add_conflict(kj__checker *c, const rule *r, size_t row,
                              size_t first, kj_error *err)
{
  const kj_problem problem = {r->kind, kj__check_line(c, row),
                              kj__check_text(c, row, r->key), ""};
  return kj__check_add(
      c, problem, err, "%s \"%s\" here, and \"%s\" in line %zu", r->sentence,
      kj__check_text(c, row, r->value), kj__check_text(c, first, r->value),
      kj__check_line(c, first));
}

/* One problem for each further value of a key. */
static kj_status check_rule(kj__checker *c, const rule *r, kj_error *err)
{
  kj__index keys = {0}, pairs = {0};
  kj__arena *arena = c->survey.sheet.arena;
  kj_status status = KJ_OK;
  for (size_t i = 0; i < kj__check_n_rows(c) && status == KJ_OK; i++) {
    const char *key = kj__check_text(c, i, r->key),
               *value = kj__check_text(c, i, r->value);
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

static kj_status check_genders(kj__checker *c, kj_error *err)
{
  const rule r = {KJ_PROBLEM_TWO_GENDERS, KJ__SURVEY_SPEAKER, KJ__SURVEY_GENDER,
                  "gender is"};
  return check_rule(c, &r, err);
}

static kj_status check_split_speakers(kj__checker *c, kj_error *err)
{
  const rule r = {KJ_PROBLEM_LEAKED_SPEAKER, KJ__SURVEY_SPEAKER,
                  KJ__SURVEY_PART, "speaker is in part"};
  return check_rule(c, &r, err);
}

static kj_status check_split_texts(kj__checker *c, kj_error *err)
{
  const rule r = {KJ_PROBLEM_LEAKED_TEXT, KJ__SURVEY_TEXT, KJ__SURVEY_PART,
                  "text is in part"};
  return check_rule(c, &r, err);
}

/* ---- all of it ---- */

static kj_status check_all(kj__checker *c, kj_error *err)
{
  static const struct {
    kj_status (*run)(kj__checker *c, kj_error *err);
  } checks[] = {
      {check_missing},        {check_unreadable},   {check_utterances},
      {kj__check_duplicates}, {kj__check_segments}, {kj__check_overlaps},
      {check_scale},          {check_unrated},      {check_constant},
      {check_speakers},       {check_genders},      {check_split_speakers},
      {check_split_texts}};
  kj_status status = KJ_OK;
  for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
    if (status == KJ_OK)
      status = checks[i].run(c, err);
  return status;
}

static kj_status keep(kj__checker *c, kj_error *err)
{
  kj_checkup *u = c->checkup;
  kj_problem *problem = kj__arena_take(u->arena, u->n, sizeof *problem);
  u->split = kj__arena_text(u->arena, c->survey.split);
  if ((u->n > 0 && !problem) || !u->split)
    return kj__fail_memory(err, "the problems");
  if (u->n > 0)
    memcpy(problem, c->problem, u->n * sizeof *problem);
  u->problem = problem;
  u->n_rows = kj__check_n_rows(c);
  return KJ_OK;
}

kj_status kj_corpus_check(const char *path, const kj_corpus_options *options,
                          kj_checkup **out, kj_error *err)
{
  kj__checker c = {.checkup = kj__allocate(NULL, 1, sizeof *c.checkup)};
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
