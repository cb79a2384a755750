/*
 * standard.c: rows of utterances to the standard table.
 */
#define _GNU_SOURCE
#include "corpus/import/standard.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "corpus/arena.h"
#include "corpus/csv.h"
#include "corpus/import/relative.h"
#include "corpus/path.h"
#include "kanjo/estimator.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char HEADER[] =
    "file,start,end,utterance,speaker,gender,session,language,corpus,text,"
    "spontaneous,emotion,valence,activation,dominance,valence_sd,"
    "activation_sd,dominance_sd,valence_ratings,activation_ratings,"
    "dominance_ratings,scale,part";

const char *kj__dimension_name(size_t dimension)
{
  static const char *const names[KJ__N_DIMENSIONS] = {"valence", "activation",
                                                      "dominance"};
  return names[dimension];
}

kj__imported kj__imported_empty(void)
{
  const kj__rated none = {.mean = (double)NAN, .sd = (double)NAN};
  return (kj__imported){.spontaneous = -1, .rated = {none, none, none}};
}

kj__rated kj__rated_over(const double *rating, size_t n)
{
  kj__rated rated = {
      .mean = (double)NAN, .sd = (double)NAN, .rating = rating, .n_ratings = n};
  if (n == 0)
    return rated;
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++)
    sum += rating[i];
  rated.mean = sum / (double)n;
  for (size_t i = 0; i < n; i++)
    squares += (rating[i] - rated.mean) * (rating[i] - rated.mean);
  if (n > 1)
    rated.sd = sqrt(squares / (double)(n - 1));
  return rated;
}

/* ---- cells ---- */

/* Nine digits, and a point in any locale; nothing for what is unknown. */
static void put_number(FILE *stream, double value)
{
  char digits[40];
  if (!isfinite(value))
    return;
  snprintf(digits, sizeof digits, "%.9g", value);
  bool in_point = false;
  for (const char *c = digits; *c; c++) {
    const bool is_digit = strchr("0123456789+-e", *c) != NULL;
    if (is_digit)
      putc(*c, stream);
    else if (!in_point)
      putc('.', stream);
    in_point = !is_digit;
  }
}

/* Each text with a comma before it. */
static void put_texts(FILE *stream, const char *const *text, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    putc(',', stream);
    kj__csv_put_text(stream, text[i] ? text[i] : "");
  }
}

/* ---- rows ---- */

static bool has_scale(const kj__imported *row)
{
  return row->high > row->low;
}

/* Ratings run from 1 to 5 in the table, whatever they did in the corpus. */
static double widened(const kj__imported *row, double difference)
{
  return has_scale(row) ? (KJ_SCALE_HIGH - KJ_SCALE_LOW) * difference /
                              (row->high - row->low)
                        : (double)NAN;
}

static double mapped(const kj__imported *row, double rating)
{
  return KJ_SCALE_LOW + widened(row, rating - row->low);
}

static void put_ratings(FILE *stream, const kj__imported *row)
{
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++) {
    putc(',', stream);
    put_number(stream, mapped(row, row->rated[d].mean));
  }
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++) {
    putc(',', stream);
    put_number(stream, widened(row, row->rated[d].sd));
  }
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++)
    for (size_t i = 0; i < row->rated[d].n_ratings || i == 0; i++) {
      putc(i == 0 ? ',' : ';', stream);
      if (i < row->rated[d].n_ratings)
        put_number(stream, mapped(row, row->rated[d].rating[i]));
    }
}

static bool is_rated(const kj__imported *row)
{
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++)
    if (isfinite(row->rated[d].mean))
      return has_scale(row);
  return false;
}

static void put_row(FILE *stream, const kj__imported *row, const char *file,
                    bool with_channel)
{
  const bool is_segment = row->end_s > 0;
  kj__csv_put_text(stream, file ? file : "");
  putc(',', stream);
  put_number(stream, is_segment ? row->start_s : (double)NAN);
  putc(',', stream);
  put_number(stream, is_segment ? row->end_s : (double)NAN);
  put_texts(stream,
            (const char *const[]){row->utterance, row->speaker, row->gender,
                                  row->session, row->language, row->corpus,
                                  row->text,
                                  row->spontaneous < 0    ? ""
                                  : row->spontaneous == 0 ? "0"
                                                          : "1",
                                  row->emotion},
            9);
  put_ratings(stream, row);
  putc(',', stream);
  if (is_rated(row)) {
    put_number(stream, row->low);
    putc(':', stream);
    put_number(stream, row->high);
  }
  put_texts(stream, &row->part, 1);
  if (with_channel)
    put_texts(stream, &row->channel, 1);
  putc('\n', stream);
}

/* ---- the table ---- */

static int by_utterance(const void *a, const void *b)
{
  const kj__imported *const *x = a, *const *y = b;
  return strcmp((*x)->utterance, (*y)->utterance);
}

/* The rows in the order of their utterances (malloc'ed), or NULL. */
static const kj__imported **sorted(const kj__imported *row, size_t n)
{
  const kj__imported **order = kj__allocate(NULL, n, sizeof *order);
  for (size_t i = 0; order && i < n; i++)
    order[i] = &row[i];
  if (order)
    qsort(order, n, sizeof *order, by_utterance);
  return order;
}

static kj_status check_unique(const kj__imported *const *order, size_t n,
                              kj_error *err)
{
  for (size_t i = 1; i < n; i++)
    if (strcmp(order[i - 1]->utterance, order[i]->utterance) == 0)
      return kj__fail(err, KJ_EDATA,
                      "utterance \"%s\" is there twice (%s and %s); each name "
                      "must be there once",
                      order[i]->utterance,
                      order[i - 1]->file ? order[i - 1]->file : "no file",
                      order[i]->file ? order[i]->file : "no file");
  return KJ_OK;
}

static bool has_channel(const kj__imported *row, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (row[i].channel)
      return true;
  return false;
}

static kj_status put_rows(FILE *stream, const kj__imported *const *order,
                          size_t n, bool with_channel, kj__relative *relative,
                          kj_error *err)
{
  fprintf(stream, "%s%s\n", HEADER, with_channel ? ",channel" : "");
  for (size_t i = 0; i < n; i++) {
    const char *file = kj__relative_name(relative, order[i]->file);
    if (!file)
      return kj__fail_memory(err, "the names of files");
    put_row(stream, order[i], file, with_channel);
  }
  return KJ_OK;
}

kj_status kj__standard_write(const kj__imported *row, size_t n,
                             const char *path, kj_error *err)
{
  kj__output output = {0};
  kj__relative relative = {0};
  const kj__imported **order = sorted(row, n);
  kj_status status = order ? check_unique(order, n, err)
                           : kj__fail_memory(err, "the order of the rows");
  if (status == KJ_OK)
    status = kj__relative_init(&relative, path, err);
  if (status == KJ_OK)
    status = kj__output_open(&output, path, err);
  if (status == KJ_OK)
    status =
        put_rows(output.stream, order, n, has_channel(row, n), &relative, err);
  if (status == KJ_OK)
    status = kj__output_commit(&output, err);
  kj__output_discard(&output);
  kj__relative_clear(&relative);
  free(order);
  return status;
}
