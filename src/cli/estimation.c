/*
 * estimation.c: rows of estimates for people and for programs.
 */
#define _GNU_SOURCE
#include "cli/estimation.h"

#include "cli/table.h"
#include "corpus/csv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Columns of the table, in characters. */
enum {
  LEAST_NAME_WIDTH = 12,
  TIME_WIDTH = 8, /* 10 hours: 36000.00 */
  STATUS_WIDTH = 12,
  VALUE_WIDTH = 10,
  SD_WIDTH = 5,
  PROBABILITY_WIDTH = 8
};

static bool is_continuation(char c) /* of a character of UTF-8 */
{
  return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t count_characters(const char *text)
{
  size_t n = 0;
  for (; *text; text++)
    n += is_continuation(*text) ? 0 : 1;
  return n;
}

static int value_width(const cli_estimation *e, size_t k)
{
  const int length = (int)strlen(e->parts->target[k]);
  return length > VALUE_WIDTH ? length : VALUE_WIDTH;
}

/* As wide as the longest name; on a terminal, what the others leave. */
static void choose_name_width(cli_estimation *e)
{
  const int columns = isatty(fileno(e->output.stream))
                          ? cli_columns(fileno(e->output.stream))
                          : 0;
  int others = 1 + TIME_WIDTH + 1 + TIME_WIDTH + 1 + STATUS_WIDTH;
  for (size_t k = 0; k < e->parts->n_targets; k++)
    others += 1 + value_width(e, k) + cli_interval_width(&e->intervals, k);
  others += e->parts->novelty.n_rows > 0 ? 8 : 0; /* " novelty" */
  others += e->is_routed ? PROBABILITY_WIDTH + 1 : 0;
  others += e->has_sd ? (int)e->parts->n_targets * (SD_WIDTH + 1) : 0;
  const int left =
      columns < others + LEAST_NAME_WIDTH ? LEAST_NAME_WIDTH : columns - others;
  e->name_width = strlen("file");
  for (size_t i = 0; i < e->inputs.n; i++) {
    const size_t width = count_characters(e->inputs.input[i].name);
    e->name_width = width > e->name_width ? width : e->name_width;
  }
  if (columns > 0 && e->name_width > (size_t)left)
    e->name_width = (size_t)left;
}

/* A name that is too wide loses its beginning: "...last/part.wav". */
static void print_name(const cli_estimation *e, const char *name)
{
  FILE *f = e->output.stream;
  size_t n = count_characters(name);
  if (n > e->name_width) {
    fputs("...", f);
    for (; n + 3 > e->name_width; n--)
      do
        name++;
      while (is_continuation(*name));
    n += 3;
  }
  fprintf(f, "%s%*s", name, (int)(e->name_width - n), "");
}

static bool knows_novelty(const cli_estimation *e)
{
  return e->parts->novelty.n_rows > 0;
}

void cli_estimation_head(cli_estimation *e)
{
  FILE *f = e->output.stream;
  if (e->format == CLI_JSON_LINES)
    return;
  if (e->format == CLI_CSV) {
    fputs("file,start,end,status", f);
    for (size_t k = 0; k < e->parts->n_targets; k++) {
      cli_interval_head_csv(f, &e->intervals, k, e->parts->target[k]);
      if (e->has_sd)
        fprintf(f, ",%s_sd", e->parts->target[k]);
    }
    cli_interval_kind_head_csv(f, &e->intervals);
    fputs(e->is_routed ? ",p_spontaneous" : "", f);
    fputs(knows_novelty(e) ? ",novelty" : "", f);
    putc('\n', f);
    return;
  }
  choose_name_width(e);
  if (e->parts->link == KJ_LINK_LOGIT)
    fputs("Probability of spontaneous speech, ", f);
  else
    fprintf(f, "Estimates on the scale %g..%g, ", KJ_SCALE_LOW, KJ_SCALE_HIGH);
  cli_interval_title(f, &e->intervals);
  fputs("times in seconds\n", f);
  print_name(e, "file");
  fprintf(f, " %*s %*s %-*s", TIME_WIDTH, "start", TIME_WIDTH, "end",
          STATUS_WIDTH, "status");
  for (size_t k = 0; k < e->parts->n_targets; k++) {
    cli_interval_head(f, &e->intervals, k, value_width(e, k),
                      e->parts->target[k]);
    if (e->has_sd)
      fprintf(f, " %*s", SD_WIDTH, "+-sd");
  }
  if (e->is_routed)
    fprintf(f, " %*s", PROBABILITY_WIDTH, "p(spont)");
  fputs(knows_novelty(e) ? " novelty" : "", f);
  putc('\n', f);
}

/* Two decimals, or nothing. */
static void print_cell(FILE *f, int width, double value)
{
  if (isfinite(value))
    fprintf(f, " %*.2f", width, value);
  else
    fprintf(f, " %*s", width, "-");
}

static void print_csv_cell(FILE *f, double value)
{
  putc(',', f);
  cli_csv_number(f, value);
}

static void print_table_row(cli_estimation *e, const cli_estimate_row *row,
                            const cli_values *values)
{
  FILE *f = e->output.stream;
  print_name(e, row->name);
  fprintf(f, " %*.2f %*.2f %-*s", TIME_WIDTH, row->recording.start_s,
          TIME_WIDTH, row->recording.end_s, STATUS_WIDTH,
          kj_recording_status_text(row->recording.status));
  for (size_t k = 0; k < e->parts->n_targets; k++) {
    cli_interval_row(f, &e->intervals, k, value_width(e, k),
                     row->is_usable ? &values->value[k] : NULL);
    if (e->has_sd)
      print_cell(f, SD_WIDTH, row->is_usable ? values->sd[k] : (double)NAN);
  }
  if (e->is_routed)
    print_cell(f, PROBABILITY_WIDTH, row->probability);
  cli_novelty_cell(f, knows_novelty(e), row->novelty);
  putc('\n', f);
}

static void print_csv_row(cli_estimation *e, const cli_estimate_row *row,
                          const cli_values *values)
{
  FILE *f = e->output.stream;
  kj__csv_put_text(f, row->name);
  fprintf(f, ",%.9g,%.9g,%s", row->recording.start_s, row->recording.end_s,
          kj_recording_status_text(row->recording.status));
  for (size_t k = 0; k < e->parts->n_targets; k++) {
    cli_interval_row_csv(f, &e->intervals, k,
                         row->is_usable ? &values->value[k] : NULL);
    if (e->has_sd)
      print_csv_cell(f, row->is_usable ? values->sd[k] : (double)NAN);
  }
  cli_interval_kind_csv(f, &e->intervals, row->is_usable);
  if (e->is_routed)
    print_csv_cell(f, row->probability);
  if (knows_novelty(e))
    print_csv_cell(f, row->novelty);
  putc('\n', f);
}

static void set_sd(json_t *object, const char *target, double sd)
{
  char key[KJ_TARGET_NAME_SIZE + 4];
  snprintf(key, sizeof key, "%s_sd", target);
  json_object_set_new(object, key, cli_json_number(sd));
}

static void print_json_row(cli_estimation *e, const cli_estimate_row *row,
                           const cli_values *values)
{
  const bool is_probability = e->parts->link == KJ_LINK_LOGIT;
  json_t *object = json_pack(
      "{s:o, s:f, s:f, s:s, s:[f,f]}", "file", cli_json_text(row->name),
      "start", row->recording.start_s, "end", row->recording.end_s, "status",
      kj_recording_status_text(row->recording.status), "scale",
      is_probability ? 0.0 : KJ_SCALE_LOW,
      is_probability ? 1.0 : KJ_SCALE_HIGH);
  for (size_t k = 0; k < e->parts->n_targets; k++) {
    cli_interval_row_json(object, &e->intervals, k, e->parts->target[k],
                          row->is_usable ? &values->value[k] : NULL);
    if (e->has_sd)
      set_sd(object, e->parts->target[k],
             row->is_usable ? values->sd[k] : (double)NAN);
  }
  cli_interval_kind_json(object, &e->intervals);
  if (e->is_routed)
    json_object_set_new(object, "p_spontaneous",
                        cli_json_number(row->probability));
  if (knows_novelty(e))
    json_object_set_new(object, "novelty", cli_json_number(row->novelty));
  cli_print_json(e->output.stream, object);
}

/* Intervals of one row: what is relative is so to its own deviation. */
static cli_intervals intervals_of(const cli_estimation *e,
                                  const cli_values *values)
{
  cli_intervals intervals = e->intervals;
  for (size_t k = 0; k < e->parts->n_targets; k++)
    if (intervals.is_relative[k])
      intervals.half_width[k] *= values->sd[k];
  return intervals;
}

void cli_estimation_row(cli_estimation *e, const cli_estimate_row *row,
                        const cli_values *values)
{
  static void (*const print[])(cli_estimation *, const cli_estimate_row *,
                               const cli_values *) = {
      print_table_row, print_csv_row, print_json_row};
  const cli_intervals kept = e->intervals;
  if (row->is_usable)
    e->intervals = intervals_of(e, values);
  print[e->format](e, row, values);
  e->intervals = kept;
  if (e->output.stream == stdout)
    fflush(stdout);
}
