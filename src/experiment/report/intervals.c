/*
 * intervals.c: the section of intervals: how wide, whose ratings they miss,
 * and what predicted deviations are worth.
 */
#include "experiment/report/number.h"
#include "experiment/report/sections.h"
#include "experiment/report/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Intervals of one kind: measured ones of a method, or those that its
 * deviations alone make. */
typedef struct intervals {
  const char *method;
  const json_t *outcome;
  bool is_relative, is_predicted;
} intervals;

static intervals measured_of(const json_t *method)
{
  return (intervals){kj__report_text(method, "method"), method,
                     strcmp(kj__report_text(method, "unit"), "sd") == 0, false};
}

/* outcome NULL where there are none. */
static intervals predicted_of(const json_t *method)
{
  const json_t *predicted = json_object_get(method, "predicted");
  return (intervals){kj__report_text(method, "method"),
                     json_is_object(predicted) ? predicted : NULL, true, true};
}

static void put_name(kj__document *d, const intervals *of)
{
  kj__document_cell(d, "%s%s", of->method,
                    of->is_predicted ? ", predicted" : "");
}

static void put_share(kj__document *d, const intervals *of, const char *whose,
                      const json_t *share)
{
  const char *name = kj__report_text(share, "name");
  const double half_width = kj__report_number(of->outcome, "half_width");
  const double mean = kj__report_number(of->outcome, "mean_half_width");
  put_name(d, of);
  if (of->is_relative)
    kj__document_cell(d, "±%s sd, ±%s", kj__fixed(half_width, 3).text,
                      kj__fixed(mean, 3).text);
  else
    kj__document_cell(d, "±%s", kj__fixed(half_width, 3).text);
  kj__document_cell(d, "%s%s%s", whose, name[0] ? " " : "", name);
  kj__document_cell(d, "%s", kj__short(kj__report_number(share, "n")).text);
  kj__document_cell(
      d, "%s %%", kj__fixed(100.0 * kj__report_number(share, "share"), 1).text);
}

/* Each of them, where there are several to tell apart. */
static void put_shares(kj__document *d, const intervals *of, const char *key,
                       const char *whose)
{
  const json_t *shares = json_object_get(of->outcome, key);
  const size_t n = json_array_size(shares);
  const bool is_one_of_all =
      n == 1 && (strcmp(key, "genders") == 0 || strcmp(key, "corpora") == 0);
  for (size_t i = 0; !is_one_of_all && i < n; i++)
    put_share(d, of, whose, json_array_get(shares, i));
}

static void put_worst(kj__document *d, const intervals *of)
{
  const json_t *speakers = json_object_get(of->outcome, "speakers");
  const json_t *worst = NULL;
  for (size_t i = 0; i < json_array_size(speakers); i++) {
    const json_t *one = json_array_get(speakers, i);
    if (!worst ||
        kj__report_number(one, "share") < kj__report_number(worst, "share"))
      worst = one;
  }
  if (worst)
    put_share(d, of, "the worst speaker", worst);
}

static void put_intervals(kj__document *d, const intervals *of)
{
  if (!of->outcome)
    return;
  put_shares(d, of, "all", "all");
  put_worst(d, of);
  put_shares(d, of, "genders", "gender");
  put_shares(d, of, "corpora", "corpus");
  put_shares(d, of, "within", "corpora that were trained on");
  put_shares(d, of, "across", "other corpora");
}

static void put_target(kj__document *d, const json_t *target, double level)
{
  static const char *const header[] = {"method", "interval", "rows of", "rows",
                                       "inside"};
  const json_t *methods = json_object_get(target, "methods");
  kj__document_table(d, 5, "%s: ratings inside intervals of the level %s %%",
                     kj__report_text(target, "name"),
                     kj__short(100.0 * level).text);
  for (size_t i = 0; i < 5; i++)
    kj__document_cell(d, "%s", header[i]);
  for (size_t m = 0; m < json_array_size(methods); m++) {
    const intervals of[] = {measured_of(json_array_get(methods, m)),
                            predicted_of(json_array_get(methods, m))};
    put_intervals(d, &of[0]);
    put_intervals(d, &of[1]);
  }
}

/* ---- speakers ---- */

enum {
  MOST_COLUMNS = 64,
  MOST_SPEAKERS = 60,  /* more are too many to look at */
  LOWEST_SPEAKERS = 20 /* of so many */
};

/* All intervals of a target; their number. */
static size_t list_intervals(const json_t *target, intervals *list)
{
  const json_t *methods = json_object_get(target, "methods");
  size_t n = 0;
  for (size_t m = 0; m < json_array_size(methods) && n + 2 <= MOST_COLUMNS;
       m++) {
    const intervals beside = predicted_of(json_array_get(methods, m));
    list[n++] = measured_of(json_array_get(methods, m));
    if (beside.outcome)
      list[n++] = beside;
  }
  return n;
}

/* A row: a speaker's share of each of the intervals, and their mean. */
typedef struct speaker {
  const char *name;
  double n, mean, share[MOST_COLUMNS];
} speaker;

/* Speaker i of the first intervals; all of them count the same rows, and so
 * have the speakers in the same order. */
static void read_speaker(const intervals *list, size_t n, size_t i,
                         speaker *out)
{
  double sum = 0.0;
  for (size_t c = 0; c < n; c++) {
    const json_t *speakers = json_object_get(list[c].outcome, "speakers");
    const json_t *one = json_array_get(speakers, i);
    if (c == 0)
      *out = (speaker){.name = kj__report_text(one, "name"),
                       .n = kj__report_number(one, "n")};
    else if (strcmp(kj__report_text(one, "name"), out->name) != 0)
      one = kj__report_find(speakers, "name", out->name);
    out->share[c] = kj__report_number(one, "share");
    sum += out->share[c];
  }
  out->mean = sum / (double)n;
}

/* Lowest first; those with a column that is not defined last. */
static int by_mean(const void *left, const void *right)
{
  const speaker *a = left, *b = right;
  if (isnan(a->mean) != isnan(b->mean))
    return isnan(a->mean) ? 1 : -1;
  if (a->mean < b->mean || a->mean > b->mean)
    return a->mean < b->mean ? -1 : 1;
  return strcmp(a->name, b->name);
}

static void put_table(kj__document *d, const speaker *rows, size_t n_rows,
                      const intervals *list, size_t n)
{
  kj__document_cell(d, "speaker");
  kj__document_cell(d, "rows");
  for (size_t c = 0; c < n; c++)
    put_name(d, &list[c]);
  for (size_t i = 0; i < n_rows; i++) {
    kj__document_cell(d, "%s", rows[i].name);
    kj__document_cell(d, "%s", kj__short(rows[i].n).text);
    for (size_t c = 0; c < n; c++)
      kj__document_cell(d, "%s %%",
                        kj__fixed(100.0 * rows[i].share[c], 1).text);
  }
}

/* A row a speaker, a column a method. */
static void put_speakers(kj__document *d, const json_t *target)
{
  intervals list[MOST_COLUMNS];
  const size_t n = list_intervals(target, list);
  const json_t *speakers =
      n > 0 ? json_object_get(list[0].outcome, "speakers") : NULL;
  const size_t n_speakers = json_array_size(speakers);
  if (n_speakers < 2)
    return;
  speaker *rows = kj__report_grow(NULL, n_speakers, sizeof *rows);
  d->is_short_of_memory |= !rows;
  if (!rows)
    return;
  for (size_t i = 0; i < n_speakers; i++)
    read_speaker(list, n, i, &rows[i]);
  if (n_speakers > MOST_SPEAKERS) {
    qsort(rows, n_speakers, sizeof *rows, by_mean);
    kj__document_table(d, 2 + n,
                       "%s: ratings inside, by speaker: the %d lowest of %zu, "
                       "by the mean of the columns; results.json has all",
                       kj__report_text(target, "name"), LOWEST_SPEAKERS,
                       n_speakers);
    put_table(d, rows, LOWEST_SPEAKERS, list, n);
  } else {
    kj__document_table(d, 2 + n, "%s: ratings inside, by speaker",
                       kj__report_text(target, "name"));
    put_table(d, rows, n_speakers, list, n);
  }
  free(rows);
}

/* ---- predicted deviations ---- */

static void put_likelihoods(kj__document *d, const json_t *target)
{
  intervals list[MOST_COLUMNS];
  const size_t n = list_intervals(target, list);
  bool is_headed = false;
  for (size_t i = 0; i < n; i++) {
    if (!list[i].is_predicted)
      continue;
    if (!is_headed) {
      kj__document_table(d, 3, "%s: predicted deviations of tested rows",
                         kj__report_text(target, "name"));
      kj__document_cell(d, "method");
      kj__document_cell(d, "mean deviation");
      kj__document_cell(d, "mean negative log-likelihood");
    }
    is_headed = true;
    kj__document_cell(d, "%s", list[i].method);
    kj__document_cell(
        d, "%s",
        kj__fixed(kj__report_number(list[i].outcome, "mean_sd"), 3).text);
    kj__document_cell(
        d, "%s", kj__fixed(kj__report_number(list[i].outcome, "nll"), 3).text);
  }
}

void kj__section_intervals(kj__document *d, const json_t *experiment)
{
  const json_t *results = json_object_get(experiment, "intervals");
  const json_t *targets = json_object_get(results, "targets");
  if (!json_is_object(results))
    return;
  kj__document_heading(d, 3, "%s: intervals",
                       kj__report_text(experiment, "title"));
  kj__document_text(
      d, KJ__BLOCK_TEXT,
      "Each training part is divided into folds (%s); how far a method is off "
      "on a fold that it was not trained on gives the interval's half-width, "
      "every speaker with the same weight. Rows are means over the seeds. That "
      "so many ratings lie inside is counted here and promised nowhere: a "
      "voice, room or language that was never heard may be far below. Where a "
      "method predicts a deviation (sd) for each row, the interval is so many "
      "of these wide, and its mean half-width stands beside it; predicted "
      "intervals follow from these deviations alone.",
      kj__report_text(results, "folds"));
  for (size_t k = 0; k < json_array_size(targets); k++) {
    const json_t *target = json_array_get(targets, k);
    put_target(d, target, kj__report_number(results, "level"));
    put_likelihoods(d, target);
    put_speakers(d, target);
  }
}
