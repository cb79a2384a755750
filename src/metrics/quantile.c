/*
 * quantile.c: quantiles of a sample (Hyndman and Fan, Sample quantiles in
 * statistical packages, 1996, type 7) and of Student's t (Abramowitz and
 * Stegun 26.7.3 and 26.7.4, bisected).
 */
#include "metrics/quantile.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *left, const void *right)
{
  const double a = *(const double *)left;
  const double b = *(const double *)right;
  return (a > b) - (a < b);
}

double kj__quantile(double *values, size_t n, double p)
{
  qsort(values, n, sizeof *values, ascending);
  const double position = p * (double)(n - 1);
  const size_t below = (size_t)position;
  const double part = position - (double)below;
  if (part == 0 || below + 1 >= n)
    return values[below];
  return values[below] + part * (values[below + 1] - values[below]);
}

/* A(t | degrees) = P(|T| <= t) with theta = atan(t / sqrt(degrees)): finite
 * sums in powers of cos^2, one for odd and one for even degrees. */
static double student_inside(double theta, unsigned degrees)
{
  static const double TWO_OVER_PI = 0.63661977236758134;
  const double cos_2 = cos(theta) * cos(theta);
  const unsigned odd = degrees % 2;
  double term = odd ? cos(theta) : 1;
  double sum = 0;
  for (unsigned k = 2; k <= degrees; k += 2) {
    sum += term;
    const double top = k - 1 + odd;
    term *= cos_2 * top / (top + 1);
  }
  return odd ? TWO_OVER_PI * (theta + sin(theta) * sum) : sin(theta) * sum;
}

double kj__student_quantile(double level, unsigned degrees)
{
  static const double HALF_PI = 1.5707963267948966;
  double low = 0;
  double high = HALF_PI;
  while (1) {
    const double middle = (low + high) / 2;
    if (middle <= low || middle >= high)
      break;
    if (student_inside(middle, degrees) < level)
      low = middle;
    else
      high = middle;
  }
  return sqrt((double)degrees) * tan(low);
}
