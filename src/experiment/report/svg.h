/* svg.h: the pieces of a drawing. */
#ifndef KJ_EXPERIMENT_REPORT_SVG_H
#define KJ_EXPERIMENT_REPORT_SVG_H

#include "experiment/report/chart.h"

/* How many series are drawn. */
size_t kj__chart_drawn(const kj__chart *chart);

void kj__svg_text(FILE *out, const char *class, double x, double y,
                  const char *text);

/* From (x, y) to (x, y). */
void kj__svg_line(FILE *out, const char *class, const double *from_to);

/* The cells of a heat map, with axes. */
void kj__svg_heat(const kj__chart *chart, FILE *out);

#endif
