/* axis.h: a range of numbers onto a range of a drawing, and its ticks. */
#ifndef KJ_EXPERIMENT_REPORT_AXIS_H
#define KJ_EXPERIMENT_REPORT_AXIS_H

#include <stddef.h>

enum { KJ__MOST_TICKS = 12 };

typedef struct kj__axis {
  double low, high; /* of the numbers */
  double from, to;  /* of the drawing */
  size_t n_ticks;
  double tick[KJ__MOST_TICKS];
} kj__axis;

/* An axis that shows low..high on from..to, ends at round numbers and has
 * ticks 1, 2 or 5 times a power of ten apart. */
kj__axis kj__axis_make(double low, double high, double from, double to);

/* Where a number is drawn. */
double kj__axis_at(const kj__axis *axis, double value);

#endif
