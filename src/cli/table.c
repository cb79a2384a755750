/*
 * table.c: rows of results as text.
 */
#include "cli/table.h"

#include "cli/decimal.h"
#include "corpus/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void cli_csv_number(FILE *stream, double value)
{
  char text[CLI_DECIMAL_SIZE];
  if (isfinite(value))
    fwrite(text, 1, cli_decimal(value, text), stream);
}

json_t *cli_json_number(double value)
{
  return isfinite(value) ? json_real(value) : json_null();
}

/* Bytes of the UTF-8 character that text begins with; 0: it is none. */
static size_t character_size(const char *text)
{
  for (size_t n = 1; n <= 4 && text[n - 1] != '\0'; n++)
    if (kj__utf8_is_valid(text, n))
      return n;
  return 0;
}

json_t *cli_json_text(const char *text)
{
  static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */
  const size_t width = sizeof replacement - 1;
  char *clean = malloc(strlen(text) * width + 1);
  if (!clean)
    return NULL;
  size_t n = 0;
  for (const char *c = text; *c;) {
    const size_t size = character_size(c);
    memcpy(clean + n, size ? c : replacement, size ? size : width);
    n += size ? size : width;
    c += size ? size : 1;
  }
  json_t *string = json_stringn(clean, n);
  free(clean);
  return string;
}

void cli_print_json(FILE *stream, json_t *value)
{
  json_dumpf(value, stream, JSON_COMPACT | JSON_REAL_PRECISION(9));
  putc('\n', stream);
  json_decref(value);
}

json_t *cli_json_metric(double value, kj_interval interval)
{
  json_t *entry = json_object();
  json_object_set_new(entry, "value", cli_json_number(value));
  json_object_set_new(entry, "low", cli_json_number(interval.low));
  json_object_set_new(entry, "high", cli_json_number(interval.high));
  return entry;
}

json_t *cli_json_result(const kj_result *result)
{
  json_t *object = json_object();
  json_object_set_new(object, "rows", json_integer((json_int_t)result->n_rows));
  json_object_set_new(object, "speakers",
                      json_integer((json_int_t)result->n_speakers));
  for (int m = 0; m < KJ_N_METRICS; m++) {
    json_t *entry =
        cli_json_metric(kj_metric_value(&result->metrics, (kj_metric)m),
                        result->intervals.of[m]);
    json_object_set_new(object, kj_metric_name((kj_metric)m), entry);
  }
  return object;
}

json_t *cli_json_comparison(const kj_comparison *comparison)
{
  json_t *object = json_object();
  for (int m = 0; m < KJ_N_METRICS; m++) {
    json_t *entry =
        cli_json_metric(kj_metric_value(&comparison->difference, (kj_metric)m),
                        comparison->intervals.of[m]);
    json_object_set_new(entry, "p", cli_json_number(comparison->p[m]));
    json_object_set_new(object, kj_metric_name((kj_metric)m), entry);
  }
  return object;
}

enum { NAME_WIDTH = 11, CELL_WIDTH = 13 };

void cli_metric_header(FILE *stream, const char *title)
{
  fprintf(stream, "%-*s", NAME_WIDTH, title);
  for (int m = 0; m < KJ_N_METRICS; m++)
    fprintf(stream, "%*s", CELL_WIDTH, kj_metric_name((kj_metric)m));
  putc('\n', stream);
}

/* Without the sign of what is rounded to nothing. */
static double rounded(double value, double step)
{
  return fabs(value) < 0.5 * step ? 0.0 : value;
}

static void print_cell(FILE *stream, const char *text)
{
  fprintf(stream, "%*s", CELL_WIDTH, text);
}

void cli_metric_row(FILE *stream, const char *name, const kj_metrics *metrics,
                    const kj_metric_intervals *intervals)
{
  char cell[64];
  fprintf(stream, "%-*s", NAME_WIDTH, name);
  for (int m = 0; m < KJ_N_METRICS; m++) {
    const double value = kj_metric_value(metrics, (kj_metric)m);
    snprintf(cell, sizeof cell, "%.3f", rounded(value, 1e-3));
    print_cell(stream, isfinite(value) ? cell : "-");
  }
  fprintf(stream, "\n%-*s", NAME_WIDTH, "");
  for (int m = 0; m < KJ_N_METRICS; m++) {
    const kj_interval interval = intervals->of[m];
    snprintf(cell, sizeof cell, "%.2f..%.2f", rounded(interval.low, 1e-2),
             rounded(interval.high, 1e-2));
    print_cell(stream,
               isfinite(interval.low) && isfinite(interval.high) ? cell : "-");
  }
  putc('\n', stream);
}

void cli_spread_row(FILE *stream, const kj_metrics *spread)
{
  fprintf(stream, "%-*s", NAME_WIDTH, "");
  for (int m = 0; m < KJ_N_METRICS; m++) {
    char cell[64];
    const double value = kj_metric_value(spread, (kj_metric)m);
    snprintf(cell, sizeof cell, "+-%.3f", value);
    print_cell(stream, isfinite(value) ? cell : "-");
  }
  putc('\n', stream);
}
