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
#include <string.h>

/* In units of the view box; a character takes about 7.5. */
enum { LABELS = 176, LEAST_PANEL = 230, MARGIN = 44, TOP = 82, ROW = 17 };
enum { BAR = 11, CHARACTER = 8, N_GROUPS = KJ_N_TRAITS * KJ_N_ASPECTS };

/* A bar of nothing has a scale too. */
static const double LEAST = 1e-3;

void kj__explanation_add(kj__explanation_chart *chart,
                         const kj_explanation *why, size_t n_targets)
{
  chart->n_recordings++;
  for (size_t k = 0; k < n_targets; k++) {
    chart->baseline[k] += why[k].baseline;
    chart->estimate[k] += why[k].estimate;
    chart->probability[k] += why[k].probability;
    for (int g = 0; g < KJ__N_BARS; g++) {
      const double moved =
          g < N_GROUPS ? why[k].group[g / KJ_N_ASPECTS][g % KJ_N_ASPECTS]
                       : why[k].gate;
      chart->moved[k][g] += moved;
      chart->size[k][g] += fabs(moved);
    }
  }
}

static int bars_of(const kj__explanation_chart *chart)
{
  return N_GROUPS + (chart->reads_gate ? 1 : 0);
}

static double mean(const kj__explanation_chart *chart, double sum)
{
  return sum / (double)chart->n_recordings;
}

static double largest(const kj__explanation_chart *chart)
{
  double most = LEAST;
  for (size_t k = 0; k < chart->n_targets; k++)
    for (int g = 0; g < bars_of(chart); g++)
      most = fmax(most, mean(chart, chart->size[k][g]));
  return most;
}

static double row_y(int g)
{
  /* traits stand a little apart */
  return TOP + ROW * g + 6.0 * (g / KJ_N_ASPECTS);
}

static double bottom_of(const kj__explanation_chart *chart)
{
  return row_y(bars_of(chart) - 1) + ROW;
}

static void draw_labels(const kj__explanation_chart *chart, FILE *out)
{
  char label[64];
  for (int g = 0; g < bars_of(chart); g++) {
    if (g < N_GROUPS)
      snprintf(label, sizeof label, "%s, %s",
               kj_trait_name((kj_trait)(g / KJ_N_ASPECTS)),
               kj_aspect_name((kj_aspect)(g % KJ_N_ASPECTS)));
    else
      snprintf(label, sizeof label, "gate's probability");
    kj__svg_text(out, "end", LABELS - 8, row_y(g) + BAR - 1, label);
  }
}

static void draw_bar(const kj__axis *axis, int g, double value,
                     const char *class, FILE *out)
{
  const double zero = kj__axis_at(axis, 0.0), end = kj__axis_at(axis, value);
  fprintf(out,
          "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" "
          "height=\"%d\"/>\n",
          class, kj__fixed(fmin(zero, end), 1).text,
          kj__fixed(row_y(g), 1).text, kj__fixed(fabs(end - zero), 1).text,
          BAR);
}

/* The mean size on the side of the mean, and the mean on it. */
static void draw_bars(const kj__explanation_chart *chart, size_t k,
                      const kj__axis *axis, FILE *out)
{
  for (int g = 0; g < bars_of(chart); g++) {
    const double moved = mean(chart, chart->moved[k][g]);
    const char *class = moved < 0.0 ? "s1" : "s0";
    if (chart->n_recordings > 1)
      draw_bar(axis, g, copysign(mean(chart, chart->size[k][g]), moved), "size",
               out);
    draw_bar(axis, g, moved, class, out);
  }
}

/* At least what a name takes in semibold of 13 units, of which W and M take
 * more than one em and small letters less than 9 units. */
static int name_width(const char *name)
{
  enum { SMALL = 9, LARGE = 15 };
  int width = 0;
  for (; *name; name++)
    width += strchr("mw@%&<>", *name) || (*name >= 'A' && *name <= 'Z') ? LARGE
                                                                        : SMALL;
  return width;
}

/* Wide enough for its heading. */
static int panel_width(const kj__explanation_chart *chart, size_t k)
{
  const int heading = name_width(chart->target[k]);
  return MARGIN +
         (heading > LEAST_PANEL - MARGIN ? heading : LEAST_PANEL - MARGIN);
}

/* The target, and the numbers that the bars lead to and come from. */
static void draw_heading(const kj__explanation_chart *chart, size_t k, double x,
                         FILE *out)
{
  char numbers[400], probability[128] = "";
  if (chart->is_gate)
    snprintf(probability, sizeof probability, " (probability %s)",
             kj__fixed(mean(chart, chart->probability[k]), 2).text);
  snprintf(numbers, sizeof numbers, "%s%s, from %s",
           kj__fixed(mean(chart, chart->estimate[k]), 2).text, probability,
           kj__fixed(mean(chart, chart->baseline[k]), 2).text);
  kj__svg_text(out, "title", x, TOP - 28, chart->target[k]);
  kj__svg_text(out, "", x, TOP - 12, numbers);
}

static void draw_panel(const kj__explanation_chart *chart, size_t k,
                       const kj__axis *axis, FILE *out)
{
  const double bottom = bottom_of(chart);
  draw_heading(chart, k, axis->from, out);
  for (size_t i = 0; i < axis->n_ticks; i++) {
    const double x = kj__axis_at(axis, axis->tick[i]);
    const bool is_named =
        i == 0 || i + 1 == axis->n_ticks || fabs(axis->tick[i]) < LEAST * LEAST;
    kj__svg_line(out, "rule", (double[]){x, TOP - 4, x, bottom});
    if (is_named)
      kj__svg_text(out, "middle", x, bottom + 16,
                   kj__short(axis->tick[i]).text);
  }
  draw_bars(chart, k, axis, out);
  kj__svg_text(out, "middle", 0.5 * (axis->from + axis->to), bottom + 36,
               chart->is_gate ? "attribution, in log odds"
                              : "attribution, of the scale 1 to 5");
  const double zero = kj__axis_at(axis, 0.0);
  kj__svg_line(out, "axis", (double[]){zero, TOP - 4, zero, bottom});
}

/* What the bars are. */
static void draw_title(const kj__explanation_chart *chart, FILE *out)
{
  char text[160];
  const char *unit = chart->is_gate ? "log odds" : "on the scale 1 to 5";
  if (chart->n_recordings == 1)
    snprintf(text, sizeof text, "one recording, %s", unit);
  else
    snprintf(text, sizeof text,
             "%zu recordings, %s; pale: mean size, full: mean",
             chart->n_recordings, unit);
  kj__svg_text(out, "title", 8, 18,
               "What moves estimates from the training mean's");
  kj__svg_text(out, "", 8, 36, text);
}

static int width_of(const kj__explanation_chart *chart)
{
  const int least = CHARACTER * 62; /* the title */
  int width = LABELS;
  for (size_t k = 0; k < chart->n_targets; k++)
    width += panel_width(chart, k);
  return width > least ? width : least;
}

void kj__explanation_svg(const kj__explanation_chart *chart, FILE *out)
{
  const double most = largest(chart);
  const int width = width_of(chart), height = (int)bottom_of(chart) + 48;
  const bool is_one = chart->n_recordings == 1;
  double from = LABELS;
  fprintf(out,
          "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" "
          "viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"why\">\n"
          "<title id=\"why\">What moves the estimates of %zu recording%s from "
          "those of the mean of the training rows, %s%s</title>\n"
          "<style>%s.chart .size{fill:#c8c8c8;fill:var(--rule)}</style>\n"
          "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n",
          width, height, chart->n_recordings, is_one ? "" : "s",
          chart->is_gate ? "in log odds" : "on the scale 1 to 5",
          is_one ? "" : ": mean size and mean of attributions", kj__chart_style,
          width, height);
  draw_title(chart, out);
  draw_labels(chart, out);
  for (size_t k = 0; k < chart->n_targets; k++) {
    const double to = from + panel_width(chart, k) - MARGIN;
    const kj__axis axis = kj__axis_make(-most, most, from, to);
    draw_panel(chart, k, &axis, out);
    from = to + MARGIN;
  }
  fputs("</svg>\n", out);
}

void kj__explanation_csv(const kj__explanation_chart *chart, FILE *out)
{
  fputs("target,trait,aspect,attribution,size,unit\n", out);
  for (size_t k = 0; k < chart->n_targets; k++)
    for (int g = 0; g < bars_of(chart); g++) {
      const bool is_group = g < N_GROUPS;
      kj__csv_put_text(out, chart->target[k]);
      fprintf(out, ",%s,%s,%s,%s,%s\n",
              is_group ? kj_trait_name((kj_trait)(g / KJ_N_ASPECTS)) : "gate",
              is_group ? kj_aspect_name((kj_aspect)(g % KJ_N_ASPECTS))
                       : "probability",
              kj__precise(mean(chart, chart->moved[k][g])).text,
              kj__precise(mean(chart, chart->size[k][g])).text,
              chart->is_gate ? "log odds" : "rating");
    }
}
