/*
 * chart.c: the points of a figure, and their table.
 */
#include "experiment/report/chart.h"

#include "base/memory.h"
#include "corpus/csv.h"
#include "experiment/report/number.h"
#include "experiment/report/text.h"

#include <math.h>
#include <string.h>

kj__series *kj__chart_series(kj__chart *chart, const char *name)
{
  if (chart->n_series == chart->capacity) {
    const size_t capacity = chart->capacity ? 2 * chart->capacity : 8;
    kj__series *more =
        kj__report_grow(chart->series, capacity, sizeof *chart->series);
    if (!more) {
      chart->is_short_of_memory = true;
      return NULL;
    }
    chart->series = more;
    chart->capacity = capacity;
  }
  kj__series *series = &chart->series[chart->n_series++];
  *series = (kj__series){0};
  kj__report_copy(series->name, sizeof series->name, name);
  return series;
}

void kj__chart_point(kj__chart *chart, kj__series *series, kj__point point)
{
  if (!series)
    return;
  if (series->n == series->capacity) {
    const size_t capacity = series->capacity ? 2 * series->capacity : 16;
    kj__point *more =
        kj__report_grow(series->point, capacity, sizeof *series->point);
    if (!more) {
      chart->is_short_of_memory = true;
      return;
    }
    series->point = more;
    series->capacity = capacity;
  }
  series->point[series->n++] = point;
}

bool kj__chart_has_points(const kj__chart *chart)
{
  for (size_t s = 0; s < chart->n_series; s++)
    for (size_t i = 0; i < chart->series[s].n; i++)
      if (isfinite(chart->series[s].point[i].y))
        return true;
  return false;
}

void kj__chart_clear(kj__chart *chart)
{
  for (size_t s = 0; s < chart->n_series; s++)
    kj__release(NULL, chart->series[s].point);
  kj__release(NULL, chart->series);
  *chart = (kj__chart){0};
}

static void write_cell(double value, FILE *out)
{
  putc(',', out);
  if (isfinite(value))
    fputs(kj__precise(value).text, out);
}

void kj__chart_csv(const kj__chart *chart, FILE *out)
{
  kj__csv_put_text(out, "series");
  putc(',', out);
  if (chart->kind == KJ__CHART_BARS)
    fputs("label,", out);
  kj__csv_put_text(out, chart->x_label);
  putc(',', out);
  kj__csv_put_text(out, chart->y_label);
  fputs(chart->kind == KJ__CHART_HEAT ? ",value\n" : ",low,high\n", out);
  for (size_t s = 0; s < chart->n_series; s++)
    for (size_t i = 0; i < chart->series[s].n; i++) {
      const kj__point *p = &chart->series[s].point[i];
      kj__csv_put_text(out, chart->series[s].name);
      if (chart->kind == KJ__CHART_BARS) {
        putc(',', out);
        kj__csv_put_text(out, p->label);
      }
      write_cell(p->x, out);
      write_cell(p->y, out);
      write_cell(p->low, out);
      if (chart->kind != KJ__CHART_HEAT)
        write_cell(p->high, out);
      putc('\n', out);
    }
}
