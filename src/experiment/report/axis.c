/*
 * axis.c: round numbers for an axis.
 */
#include "experiment/report/axis.h"

#include <math.h>

/* 1, 2 or 5 times a power of ten, so that about five steps fill the range. */
static double round_step(double range)
{
  const double rough = range / 5.0;
  const double power = pow(10.0, floor(log10(rough)));
  const double part = rough / power;
  return power * (part <= 1.0 ? 1.0 : part <= 2.0 ? 2.0 : part <= 5.0 ? 5 : 10);
}

kj__axis kj__axis_make(double low, double high, double from, double to)
{
  if (high - low <= 1e-9 * (fabs(low) + fabs(high) + 1e-9)) {
    const double half = fabs(low) > 0.0 ? 0.1 * fabs(low) : 1.0;
    low -= half;
    high += half;
  }
  const double step = round_step(high - low);
  kj__axis axis = {.low = step * floor(low / step + 1e-9),
                   .high = step * ceil(high / step - 1e-9),
                   .from = from,
                   .to = to};
  const double n = (axis.high - axis.low) / step;
  for (size_t i = 0; i < KJ__MOST_TICKS && (double)i <= n + 0.5; i++)
    axis.tick[axis.n_ticks++] = axis.low + step * (double)i;
  return axis;
}

double kj__axis_at(const kj__axis *axis, double value)
{
  const double part = (value - axis->low) / (axis->high - axis->low);
  return axis->from + part * (axis->to - axis->from);
}
