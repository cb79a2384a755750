/*
 * svg.c: a figure as SVG: axes, lines, marks, bars.
 *
 * Colours are of Okabe and Ito's palette, which tells them apart for all kinds
 * of colour vision; each scheme, light and dark, has shades that stand out
 * from its paper. Programs that know no variables of CSS get the light one.
 */
#include "experiment/report/svg.h"
#include "experiment/report/axis.h"
#include "experiment/report/chart.h"
#include "experiment/report/number.h"
#include "experiment/report/text.h"

#include <math.h>
#include <string.h>

/* The drawing, in units of the view box. */
enum { WIDTH = 640, LEFT = 70, RIGHT = 620, TOP = 44, BOTTOM = 330 };
enum { LEGEND_TOP = 388, LEGEND_LINE = 18, LEGEND_COLUMN = 184 };
enum { N_LEGEND = 3 }; /* names in a line */

const char kj__chart_style[] =
    ".chart{--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#aa4499;--c4:#7a6000;"
    "--c5:#56b4e9;--c6:#882255;--c7:#555555;--paper:#ffffff;--ink:#1b1b1b;"
    "--rule:#c8c8c8;font:13px system-ui,sans-serif}\n"
    "@media(prefers-color-scheme:dark){.chart{--c0:#66b7ee;--c1:#ff9a4d;"
    "--c2:#4fd3a6;--c3:#e08bd0;--c4:#e6cf5c;--c5:#9ad4f7;--c6:#f08cab;"
    "--c7:#bbbbbb;--paper:#16181b;--ink:#e8e8e8;--rule:#44484d}}\n"
    ".chart text{fill:#1b1b1b;fill:var(--ink)}.chart .title{font-weight:600}"
    ".chart .rule{stroke:#c8c8c8;stroke:var(--rule);fill:none}"
    ".chart .axis{stroke:#1b1b1b;stroke:var(--ink);fill:none}"
    ".chart .middle{text-anchor:middle}.chart .end{text-anchor:end}"
    ".chart .line{fill:none;stroke-width:2}"
    ".chart .dots{opacity:.55}"
    ".chart .s0{stroke:#0072b2;stroke:var(--c0);fill:#0072b2;fill:var(--c0)}"
    ".chart .s1{stroke:#d55e00;stroke:var(--c1);fill:#d55e00;fill:var(--c1)}"
    ".chart .s2{stroke:#009e73;stroke:var(--c2);fill:#009e73;fill:var(--c2)}"
    ".chart .s3{stroke:#aa4499;stroke:var(--c3);fill:#aa4499;fill:var(--c3)}"
    ".chart .s4{stroke:#7a6000;stroke:var(--c4);fill:#7a6000;fill:var(--c4)}"
    ".chart .s5{stroke:#56b4e9;stroke:var(--c5);fill:#56b4e9;fill:var(--c5)}"
    ".chart .s6{stroke:#882255;stroke:var(--c6);fill:#882255;fill:var(--c6)}"
    ".chart .s7{stroke:#555555;stroke:var(--c7);fill:#555555;fill:var(--c7)}"
    ".chart .line.s0,.chart .line.s1,.chart .line.s2,.chart .line.s3,"
    ".chart .line.s4,.chart .line.s5,.chart .line.s6,.chart .line.s7"
    "{fill:none}"
    ".chart .paper{fill:#ffffff;fill:var(--paper)}\n";

/* A coordinate. */
static kj__figure_text at(double value)
{
  return kj__fixed(value, 1);
}

void kj__svg_text(FILE *out, const char *class, double x, double y,
                  const char *text)
{
  fprintf(out, "<text class=\"%s\" x=\"%s\" y=\"%s\">", class, at(x).text,
          at(y).text);
  kj__report_html_text(text, out);
  fputs("</text>\n", out);
}

void kj__svg_line(FILE *out, const char *class, const double *from_to)
{
  fprintf(out, "<path class=\"%s\" d=\"M%s %sL%s %s\"/>\n", class,
          at(from_to[0]).text, at(from_to[1]).text, at(from_to[2]).text,
          at(from_to[3]).text);
}

/* A mark of the series' own shape. */
static void draw_mark(FILE *out, size_t series, double x, double y)
{
  static const char *const shape[] = {
      "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", /* circle */
      "m-4-4h8v8h-8z",                      /* square */
      "m0-5l5 9h-10z",                      /* triangle */
      "m0-5l5 5l-5 5l-5-5z",                /* diamond */
      "m0 5l5-9h-10z",                      /* triangle on its tip */
      "m-4-1.5h8v3h-8z",                    /* bar */
      "m-1.5-5h3v10h-3z",                   /* upright bar */
      "m-5 4l5-9l5 9l-5-3z"                 /* arrow */
  };
  const size_t n = sizeof shape / sizeof shape[0];
  fprintf(out, "<path class=\"s%zu\" d=\"M%s %s%s\"/>\n", series % 8,
          at(x).text, at(y).text, shape[series % n]);
}

static void draw_legend(const kj__chart *chart, FILE *out)
{
  const size_t n = kj__chart_drawn(chart);
  for (size_t s = 0; n > 1 && s < n; s++) {
    const double x = LEFT + (double)(s % N_LEGEND * LEGEND_COLUMN);
    const double y = LEGEND_TOP + (double)(s / N_LEGEND * LEGEND_LINE);
    draw_mark(out, s, x, y - 4);
    kj__svg_text(out, "", x + 12, y, chart->series[s].name);
  }
}

static void draw_axes(const kj__chart *chart, const kj__axis *x,
                      const kj__axis *y, FILE *out)
{
  for (size_t i = 0; i < y->n_ticks; i++) {
    const double py = kj__axis_at(y, y->tick[i]);
    kj__svg_line(out, "rule", (double[]){LEFT, py, RIGHT, py});
    kj__svg_text(out, "end", LEFT - 8, py + 4, kj__short(y->tick[i]).text);
  }
  for (size_t i = 0; x && i < x->n_ticks; i++) {
    const double px = kj__axis_at(x, x->tick[i]);
    kj__svg_line(out, "rule", (double[]){px, BOTTOM, px, BOTTOM + 5});
    kj__svg_text(out, "middle", px, BOTTOM + 19, kj__short(x->tick[i]).text);
  }
  kj__svg_line(out, "axis", (double[]){LEFT, BOTTOM, RIGHT, BOTTOM});
  kj__svg_line(out, "axis", (double[]){LEFT, TOP, LEFT, BOTTOM});
  kj__svg_text(out, "middle", (LEFT + RIGHT) / 2.0, BOTTOM + 38,
               chart->x_label);
  kj__svg_text(out, "", 8, TOP - 12, chart->y_label);
}

static void widen(double *low, double *high, double value)
{
  if (!isfinite(value))
    return;
  *low = value < *low ? value : *low;
  *high = value > *high ? value : *high;
}

/* The least and the greatest of all that is drawn. */
static void measure(const kj__chart *chart, double *x, double *y)
{
  x[0] = y[0] = (double)INFINITY;
  x[1] = y[1] = -(double)INFINITY;
  for (size_t s = 0; s < kj__chart_drawn(chart); s++)
    for (size_t i = 0; i < chart->series[s].n; i++) {
      const kj__point *p = &chart->series[s].point[i];
      widen(&x[0], &x[1], p->x);
      widen(&y[0], &y[1], p->y);
      widen(&y[0], &y[1], p->low);
      widen(&y[0], &y[1], p->high);
    }
}

static void draw_path(const kj__series *series, size_t s, const kj__axis *x,
                      const kj__axis *y, FILE *out)
{
  const char *join = "M";
  fprintf(out, "<path class=\"line s%zu\" d=\"", s % 8);
  for (size_t i = 0; i < series->n; i++) {
    const kj__point *p = &series->point[i];
    if (!isfinite(p->x) || !isfinite(p->y))
      continue;
    fprintf(out, "%s%s %s", join, at(kj__axis_at(x, p->x)).text,
            at(kj__axis_at(y, p->y)).text);
    join = "L";
  }
  fputs("\"/>\n", out);
}

static void draw_series(const kj__chart *chart, size_t s, const kj__axis *x,
                        const kj__axis *y, FILE *out)
{
  const kj__series *series = &chart->series[s];
  const bool marks = chart->kind == KJ__CHART_SCATTER ||
                     series->is_marks_only || series->n <= 20;
  char class[16];
  snprintf(class, sizeof class, "line s%zu", s % 8);
  if (chart->kind == KJ__CHART_LINES && !series->is_marks_only)
    draw_path(series, s, x, y, out);
  for (size_t i = 0; i < series->n; i++) {
    const kj__point *p = &series->point[i];
    if (!isfinite(p->x) || !isfinite(p->y))
      continue;
    const double px = kj__axis_at(x, p->x), py = kj__axis_at(y, p->y);
    if (isfinite(p->low) && isfinite(p->high))
      kj__svg_line(
          out, class,
          (double[]){px, kj__axis_at(y, p->low), px, kj__axis_at(y, p->high)});
    if (marks)
      draw_mark(out, s, px, py);
  }
}

static void draw_curves(const kj__chart *chart, FILE *out)
{
  double x_range[2], y_range[2];
  measure(chart, x_range, y_range);
  if (chart->kind == KJ__CHART_SCATTER) {
    /* The whole scale of ratings; estimates may lie beyond it. */
    const double scale[] = {1.0, 5.0};
    for (size_t i = 0; i < 2; i++) {
      widen(&x_range[0], &x_range[1], scale[i]);
      widen(&y_range[0], &y_range[1], scale[i]);
    }
  }
  const kj__axis x = kj__axis_make(x_range[0], x_range[1], LEFT + 12, RIGHT);
  const kj__axis y = kj__axis_make(y_range[0], y_range[1], BOTTOM - 4, TOP);
  draw_axes(chart, &x, &y, out);
  if (chart->kind == KJ__CHART_SCATTER) {
    kj__svg_line(out, "axis",
                 (double[]){kj__axis_at(&x, 1), kj__axis_at(&y, 1),
                            kj__axis_at(&x, 5), kj__axis_at(&y, 5)});
    fputs("<g class=\"dots\">\n", out);
  }
  for (size_t s = 0; s < kj__chart_drawn(chart); s++)
    draw_series(chart, s, &x, &y, out);
  if (chart->kind == KJ__CHART_SCATTER)
    fputs("</g>\n", out);
  draw_legend(chart, out);
}

/* The room that every label gets: a digit is about 7 wide at 13 px, and none
 * is told from its neighbour without a gap. */
static double widest_label(const kj__chart *chart)
{
  size_t most = 1;
  for (size_t i = 0; i < chart->series[0].n; i++) {
    const size_t n = strlen(chart->series[0].point[i].label);
    most = n > most ? n : most;
  }
  return 7.0 * (double)most + 4.0;
}

/* One group of bars a label, a bar a series. */
static void draw_bars(const kj__chart *chart, FILE *out)
{
  double x_range[2], y_range[2];
  const size_t n_series = kj__chart_drawn(chart);
  const size_t n = chart->series[0].n > 0 ? chart->series[0].n : 1;
  measure(chart, x_range, y_range);
  const kj__axis y =
      kj__axis_make(fmin(0.0, y_range[0]), y_range[1], BOTTOM, TOP);
  const double slot = (double)(RIGHT - LEFT) / (double)n;
  const double bar = 0.8 * slot / (double)n_series;
  draw_axes(chart, NULL, &y, out);
  for (size_t s = 0; s < n_series; s++)
    for (size_t i = 0; i < chart->series[s].n && i < n; i++) {
      const double value = chart->series[s].point[i].y;
      const double px = LEFT + slot * ((double)i + 0.1) + bar * (double)s;
      const double top = kj__axis_at(&y, isfinite(value) ? value : 0.0);
      fprintf(out,
              "<rect class=\"s%zu\" x=\"%s\" y=\"%s\" width=\"%s\" "
              "height=\"%s\"/>\n",
              s % 8, at(px).text, at(top).text, at(bar * 0.9).text,
              at(BOTTOM - top).text);
    }
  const size_t every = (size_t)ceil(widest_label(chart) / slot);
  for (size_t i = 0; i < chart->series[0].n; i += every)
    kj__svg_text(out, "middle", LEFT + slot * ((double)i + 0.5), BOTTOM + 19,
                 chart->series[0].point[i].label);
  draw_legend(chart, out);
}

size_t kj__chart_drawn(const kj__chart *chart)
{
  return chart->n_series < KJ__CHART_SERIES ? chart->n_series
                                            : KJ__CHART_SERIES;
}

void kj__chart_svg(const kj__chart *chart, bool is_alone, FILE *out)
{
  const size_t n_lines = (kj__chart_drawn(chart) + N_LEGEND - 1) / N_LEGEND;
  const size_t height =
      chart->kind == KJ__CHART_HEAT ? 390 : 384 + LEGEND_LINE * n_lines;
  fprintf(out,
          "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" "
          "viewBox=\"0 0 %d %zu\" role=\"img\" aria-labelledby=\"%s\">\n"
          "<title id=\"%s\">",
          WIDTH, height, chart->id, chart->id);
  kj__report_html_text(chart->title, out);
  fputs("</title>\n", out);
  if (is_alone)
    fprintf(out, "<style>%s</style>\n", kj__chart_style);
  if (is_alone)
    fprintf(out, "<rect class=\"paper\" width=\"%d\" height=\"%zu\"/>\n", WIDTH,
            height);
  kj__svg_text(out, "title", 8, 16, chart->head);
  if (chart->kind == KJ__CHART_HEAT)
    kj__svg_heat(chart, out);
  else if (chart->kind == KJ__CHART_BARS)
    draw_bars(chart, out);
  else
    draw_curves(chart, out);
  fputs("</svg>\n", out);
}
