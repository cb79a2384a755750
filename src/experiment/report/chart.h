/*
 * chart.h: a figure: what it shows, drawn as SVG and written as CSV.
 *
 * Drawn here and not by a plotting program, so that a report needs nothing
 * else installed, has the same bytes everywhere, and follows the reader's
 * light or dark scheme: colours are classes of one style sheet. A series is
 * told by the shape of its marks as well as by its colour.
 */
#ifndef KJ_EXPERIMENT_REPORT_CHART_H
#define KJ_EXPERIMENT_REPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
  KJ__CHART_SERIES = 12, /* at most; more are not drawn but in the CSV */
  KJ__CHART_NAME = 64
};

typedef enum kj__chart_kind {
  KJ__CHART_LINES,   /* y over x, with intervals where there are some */
  KJ__CHART_SCATTER, /* points, and the line where both axes agree */
  KJ__CHART_BARS,    /* one bar a label */
  KJ__CHART_HEAT     /* a number for each pair of column and row */
} kj__chart_kind;

/* low and high are NaN where there is no interval. */
typedef struct kj__point {
  double x, y, low, high;
  char label[KJ__CHART_NAME]; /* of a bar */
} kj__point;

/* Points of one name. */
typedef struct kj__series {
  char name[KJ__CHART_NAME];
  bool is_marks_only; /* no line between the points */
  size_t n, capacity;
  kj__point *point;
} kj__series;

/* A heat map has one series: x the column's value, y the row's, low the
 * number. */
typedef struct kj__chart {
  kj__chart_kind kind;
  char id[KJ__CHART_NAME]; /* of the file and the element */
  char title[256];         /* that a screen reader says */
  char head[96];           /* that is drawn */
  char x_label[96], y_label[96];
  size_t n_series, capacity;
  kj__series *series;
  bool is_short_of_memory;
} kj__chart;

/* Add a series; NULL, and the chart says so, where memory is short. */
kj__series *kj__chart_series(kj__chart *chart, const char *name);

/* Add a point to it; nothing where series is NULL. */
void kj__chart_point(kj__chart *chart, kj__series *series, kj__point point);

/* True if there is something finite to draw. */
bool kj__chart_has_points(const kj__chart *chart);

void kj__chart_clear(kj__chart *chart);

/* Write it as SVG: alone with a style sheet of its own, else for a page that
 * has kj__chart_style. */
void kj__chart_svg(const kj__chart *chart, bool is_alone, FILE *out);

/* The style sheet of the drawings. */
extern const char kj__chart_style[];

/* Write its numbers. */
void kj__chart_csv(const kj__chart *chart, FILE *out);

#endif
