/*
 * svg_heat.c: a number for each pair of column and row, as shade and as text.
 *
 * The shade runs from the least number to the greatest; the text, which says
 * the number, stands on it in the colour that can be read there.
 */
#include "experiment/report/number.h"
#include "experiment/report/svg.h"

#include <math.h>

enum { LEFT = 70, TOP = 44, RIGHT = 620, BOTTOM = 330, MOST = 32 };

/* The different values of one coordinate, in order of appearance. */
typedef struct values {
  double value[MOST];
  size_t n;
} values;

static size_t find(values *v, double value)
{
  for (size_t i = 0; i < v->n; i++)
    if (fabs(v->value[i] - value) < 1e-12)
      return i;
  if (v->n < MOST)
    v->value[v->n++] = value;
  return v->n - 1;
}

static void draw_cell(const kj__point *p, const double *box, double share,
                      FILE *out)
{
  const double opacity = isfinite(share) ? 0.12 + 0.78 * share : 0.0;
  fprintf(out,
          "<rect class=\"s0\" stroke-width=\"0\" style=\"fill-opacity:%s\" "
          "x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>\n",
          kj__fixed(opacity, 2).text, kj__fixed(box[0], 1).text,
          kj__fixed(box[1], 1).text, kj__fixed(box[2] - 2, 1).text,
          kj__fixed(box[3] - 2, 1).text);
  fprintf(out, "<text class=\"middle\"%s x=\"%s\" y=\"%s\">%s</text>\n",
          opacity > 0.55 ? " style=\"fill:#ffffff;fill:var(--paper)\"" : "",
          kj__fixed(box[0] + box[2] / 2, 1).text,
          kj__fixed(box[1] + box[3] / 2 + 4, 1).text,
          kj__fixed(p->low, 3).text);
}

void kj__svg_heat(const kj__chart *chart, FILE *out)
{
  const kj__series *s = &chart->series[0];
  values columns = {{0}, 0}, rows = {{0}, 0};
  double low = (double)INFINITY, high = -(double)INFINITY;
  for (size_t i = 0; i < s->n; i++) {
    find(&columns, s->point[i].x);
    find(&rows, s->point[i].y);
    low = fmin(low, s->point[i].low);
    high = fmax(high, s->point[i].low);
  }
  const double width = (double)(RIGHT - LEFT) / (double)columns.n;
  const double height = (double)(BOTTOM - TOP) / (double)rows.n;
  for (size_t i = 0; i < s->n; i++) {
    const kj__point *p = &s->point[i];
    const double box[4] = {LEFT + width * (double)find(&columns, p->x),
                           BOTTOM - height * (double)(find(&rows, p->y) + 1),
                           width, height};
    draw_cell(p, box, high > low ? (p->low - low) / (high - low) : 0.0, out);
  }
  for (size_t c = 0; c < columns.n; c++)
    kj__svg_text(out, "middle", LEFT + width * ((double)c + 0.5), BOTTOM + 19,
                 kj__short(columns.value[c]).text);
  for (size_t r = 0; r < rows.n; r++)
    kj__svg_text(out, "end", LEFT - 8, BOTTOM - height * ((double)r + 0.5) + 4,
                 kj__short(rows.value[r]).text);
  kj__svg_text(out, "middle", (LEFT + RIGHT) / 2.0, BOTTOM + 38,
               chart->x_label);
  kj__svg_text(out, "", 8, TOP - 12, chart->y_label);
}
