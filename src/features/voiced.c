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

#include "features/functionals.h"

#include <math.h>
#include <string.h>

static void extremes(kj__voiced *v, double i, double x)
{
  if (v->n == 0 || x > v->max) {
    v->max = x;
    v->max_row = i;
  }
  if (v->n == 0 || x < v->min) {
    v->min = x;
    v->min_row = i;
  }
}

static void line(kj__voiced *v, double i, double x)
{
  const double b = (double)v->n, n = b + 1.0;
  const double ahead = i - v->mean_row, delta = x - v->mean;
  if (v->n >= 2) { /* fewer values lie on a line */
    const double miss = delta - v->co / v->spread * ahead;
    v->residual += miss * miss / (1.0 + 1.0 / b + ahead * ahead / v->spread);
  }
  v->co += ahead * delta * b / n;
  v->spread += ahead * ahead * b / n;
  v->mean_row += ahead / n;
}

static void moments(kj__voiced *v, double x)
{
  const double b = (double)v->n, n = b + 1.0;
  const double delta = x - v->mean, part = delta / n;
  const double square = delta * part * b;
  v->m4 += square * part * part * (n * n - 3.0 * n + 3.0) +
           6.0 * part * part * v->m2 - 4.0 * part * v->m3;
  v->m3 += square * part * (n - 2.0) - 3.0 * part * v->m2;
  v->m2 += square;
  v->mean += part;
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
  const double n = (double)v->n, m2 = v->m2 / n;
  memset(out, 0, KJ__N_FUNCTIONALS * sizeof *out);
  if (v->n == 0)
    return;
  const double slope = v->n > 1 ? v->co / v->spread : 0.0;
  out[KJ__MAX] = (float)v->max;
  out[KJ__MIN] = (float)v->min;
  out[KJ__RANGE] = (float)(v->max - v->min);
  out[KJ__MAX_POSITION] = (float)v->max_row;
  out[KJ__MIN_POSITION] = (float)v->min_row;
  out[KJ__MEAN] = (float)v->mean;
  out[KJ__SLOPE] = (float)slope;
  out[KJ__OFFSET] = (float)(v->mean - slope * v->mean_row);
  out[KJ__LINE_ERROR] = (float)(v->residual / n);
  if (!(m2 > 0.0))
    return;
  out[KJ__DEVIATION] = (float)sqrt(m2);
  out[KJ__SKEWNESS] = (float)(v->m3 / n / (m2 * sqrt(m2)));
  out[KJ__KURTOSIS] = (float)(v->m4 / n / (m2 * m2));
}
