/*
 * voiced.c: running statistics of values that come at some of the rows.
 *
 * As functionals.c, whose rows follow one another without a gap; here the line
 * is fitted over (row, value), with the row of each value as it is.
 *
 * Sources: Pebay, SAND2008-6212 (2008), section 3; Brown, Durbin, Evans,
 * J. R. Stat. Soc. B 37 (1975), eq. (5).
 */
#include "features/voiced.h"

#include <math.h>
#include <string.h>

static void extremes(kj__voiced *v, double i, double x)
{
  if (v->n == 0 || x > v->of.max) {
    v->of.max = x;
    v->of.max_row = i;
  }
  if (v->n == 0 || x < v->of.min) {
    v->of.min = x;
    v->of.min_row = i;
  }
}

static void line(kj__voiced *v, double i, double x)
{
  const double b = (double)v->n, n = b + 1.0;
  const double ahead = i - v->mean_row, delta = x - v->of.mean;
  if (v->n >= 2) { /* fewer values lie on a line */
    const double miss = delta - v->of.co / v->spread * ahead;
    v->of.residual += miss * miss / (1.0 + 1.0 / b + ahead * ahead / v->spread);
  }
  v->of.co += ahead * delta * b / n;
  v->spread += ahead * ahead * b / n;
  v->mean_row += ahead / n;
}

static void moments(kj__voiced *v, double x)
{
  const double b = (double)v->n, n = b + 1.0;
  const double delta = x - v->of.mean, part = delta / n;
  const double square = delta * part * b;
  v->of.m4 += square * part * part * (n * n - 3.0 * n + 3.0) +
              6.0 * part * part * v->of.m2 - 4.0 * part * v->of.m3;
  v->of.m3 += square * part * (n - 2.0) - 3.0 * part * v->of.m2;
  v->of.m2 += square;
  v->of.mean += part;
}

void kj__voiced_push(kj__voiced *v, uint64_t row, float x)
{
  extremes(v, (double)row, (double)x);
  line(v, (double)row, (double)x);
  moments(v, (double)x);
  v->n++;
}

void kj__voiced_compute(const kj__voiced *v, float *out)
{
  const double n = (double)v->n, m2 = v->of.m2 / n;
  memset(out, 0, KJ__N_FUNCTIONALS * sizeof *out);
  if (v->n == 0)
    return;
  const double slope = v->n > 1 ? v->of.co / v->spread : 0.0;
  out[KJ__MAX] = (float)v->of.max;
  out[KJ__MIN] = (float)v->of.min;
  out[KJ__RANGE] = (float)(v->of.max - v->of.min);
  out[KJ__MAX_POSITION] = (float)v->of.max_row;
  out[KJ__MIN_POSITION] = (float)v->of.min_row;
  out[KJ__MEAN] = (float)v->of.mean;
  out[KJ__SLOPE] = (float)slope;
  out[KJ__OFFSET] = (float)(v->of.mean - slope * v->mean_row);
  out[KJ__LINE_ERROR] = (float)(v->of.residual / n);
  if (!(m2 > 0.0))
    return;
  out[KJ__DEVIATION] = (float)sqrt(m2);
  out[KJ__SKEWNESS] = (float)(v->of.m3 / n / (m2 * sqrt(m2)));
  out[KJ__KURTOSIS] = (float)(v->of.m4 / n / (m2 * m2));
}
