/*
 * explanation_chart.c: attributions as bars that begin at 0, and as CSV. The
 * report's bars stand upright, one a label, and have no room for twenty names.
 */
#include "experiment/explanation_chart.h"

#include "corpus/csv.h"
#include "experiment/report/axis.h"
#include "experiment/report/number.h"
#include "experiment/report/svg.h"
#include "experiment/report/text.h"

#include <math.h>

/* In units of the view box. */
enum { LABELS = 140, PANEL = 200, MARGIN = 14, TOP = 64, ROW = 17, BAR = 11 };
enum { N_ROWS = KJ_N_TRAITS * KJ_N_ASPECTS };

static double largest(const kj__explanation_chart *chart)
{
  double most = 1e-3; /* a chart of nothing has a scale too */
  for (size_t k = 0; k < chart->n_targets; k++)
    for (int g = 0; g < N_ROWS; g++)
      most =
          fmax(most, fabs(chart->group[k][g / KJ_N_ASPECTS][g % KJ_N_ASPECTS]));
  return most;
}

static double row_y(int g)
{
  /* traits stand a little apart */
  return TOP + ROW * g + 6.0 * (g / KJ_N_ASPECTS);
}

static void draw_labels(FILE *out)
{
  char label[64];
  for (int g = 0; g < N_ROWS; g++) {
    snprintf(label, sizeof label, "%s, %s",
             kj_trait_name((kj_trait)(g / KJ_N_ASPECTS)),
             kj_aspect_name((kj_aspect)(g % KJ_N_ASPECTS)));
    kj__svg_text(out, "end", LABELS - 8, row_y(g) + BAR - 1, label);
  }
}

static void draw_bar(const kj__axis *axis, int g, double value, FILE *out)
{
  const double zero = kj__axis_at(axis, 0.0), end = kj__axis_at(axis, value);
  fprintf(out,
          "<rect class=\"s%d\" x=\"%s\" y=\"%s\" width=\"%s\" "
          "height=\"%d\"/>\n",
          value < 0.0, kj__fixed(fmin(zero, end), 1).text,
          kj__fixed(row_y(g), 1).text, kj__fixed(fabs(end - zero), 1).text,
          BAR);
}

static void draw_panel(const kj__explanation_chart *chart, size_t k,
                       double most, FILE *out)
{
  const double from = LABELS + (double)k * PANEL, to = from + PANEL - MARGIN;
  const double bottom = row_y(N_ROWS - 1) + ROW;
  const kj__axis axis = kj__axis_make(-most, most, from, to);
  char head[256];
  snprintf(head, sizeof head, "%s %s, mean %s", chart->target[k],
           kj__fixed(chart->estimate[k], 2).text,
           kj__fixed(chart->baseline[k], 2).text);
  kj__svg_text(out, "", from, TOP - 14, head);
  for (size_t i = 0; i < axis.n_ticks; i += 2) {
    const double x = kj__axis_at(&axis, axis.tick[i]);
    kj__svg_line(out, "rule", (double[]){x, TOP - 4, x, bottom});
    kj__svg_text(out, "middle", x, bottom + 16, kj__short(axis.tick[i]).text);
  }
  for (int g = 0; g < N_ROWS; g++)
    draw_bar(&axis, g, chart->group[k][g / KJ_N_ASPECTS][g % KJ_N_ASPECTS],
             out);
  const double zero = kj__axis_at(&axis, 0.0);
  kj__svg_line(out, "axis", (double[]){zero, TOP - 4, zero, bottom});
}

void kj__explanation_svg(const kj__explanation_chart *chart, FILE *out)
{
  const double most = largest(chart);
  const int width = LABELS + PANEL * (int)chart->n_targets;
  const int height = (int)row_y(N_ROWS - 1) + ROW + 28;
  fprintf(out,
          "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" "
          "viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"why\">\n"
          "<title id=\"why\">What moves the estimates from those of the mean "
          "of the training rows, on the scale 1 to 5; mean of %zu "
          "recordings</title>\n<style>%s</style>\n"
          "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n",
          width, height, chart->n_recordings, kj__chart_style, width, height);
  kj__svg_text(out, "title", 8, 18, "What moves the estimates");
  draw_labels(out);
  for (size_t k = 0; k < chart->n_targets; k++)
    draw_panel(chart, k, most, out);
  fputs("</svg>\n", out);
}

void kj__explanation_csv(const kj__explanation_chart *chart, FILE *out)
{
  fputs("target,trait,aspect,attribution\n", out);
  for (size_t k = 0; k < chart->n_targets; k++)
    for (int g = 0; g < N_ROWS; g++) {
      const int trait = g / KJ_N_ASPECTS, aspect = g % KJ_N_ASPECTS;
      kj__csv_put_text(out, chart->target[k]);
      fprintf(out, ",%s,%s,%s\n", kj_trait_name((kj_trait)trait),
              kj_aspect_name((kj_aspect)aspect),
              kj__precise(chart->group[k][trait][aspect]).text);
    }
}
