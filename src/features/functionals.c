/*
 * functionals.c: running statistics of contours.
 *
 * Sums, extremes and positions are those of the definition, bit for bit.
 * Moments and the residual of the regression line are updated row by row so
 * that no large numbers cancel, and at the end moved to the mean and the line
 * of the definition, both of which follow from the mean rounded to float.
 *
 * Sources: Pebay, Formulas for robust, one-pass parallel computation of
 * covariances and arbitrary-order statistical moments, SAND2008-6212 (2008),
 * section 3; Brown, Durbin, Evans, Techniques for testing the constancy of
 * regression relationships over time, J. R. Stat. Soc. B 37 (1975), eq. (5)
 * (residual sum of squares by recursive residuals).
 */
#include "features/functionals.h"

#include <assert.h>
#include <math.h>
#include <string.h>

void kj__functionals_layout(kj__functionals *f, size_t n_contours,
                            kj__arena *arena)
{
  f->n_contours = n_contours;
  f->contour = kj__arena_take(arena, n_contours, sizeof(kj__running));
}

void kj__functionals_reset(kj__functionals *f)
{
  f->n = 0;
  memset(f->contour, 0, f->n_contours * sizeof *f->contour);
}

/* The factors of an update that depend on the number of rows only. */
typedef struct step {
  uint64_t row;      /* index i of the new row */
  double i, n;       /* the index, and the number of rows with the new one */
  double inv_n;      /* 1/n */
  double m4_scale;   /* n^2 - 3 n + 3 */
  double ahead;      /* i minus the mean of the rows before: n/2 */
  double inv_spread; /* 1 / sum (i - mean i)^2 of the rows before */
  double inv_lever;  /* 1 / (1 + leverage of the new row) */
} step;

static step step_to(uint64_t n_before)
{
  const double b = (double)n_before, n = b + 1.0;
  step s = {n_before, b, n, 1.0 / n, n * n - 3.0 * n + 3.0, 0.5 * n, 0.0, 0.0};
  if (n_before >= 2) { /* fewer rows lie on a line */
    s.inv_spread = 12.0 / (b * (b * b - 1.0));
    s.inv_lever = 1.0 / (1.0 + 1.0 / b + s.ahead * s.ahead * s.inv_spread);
  }
  return s;
}

static void start(kj__running *r, float x)
{
  *r = (kj__running){.max = x, .min = x, .sum = (double)x, .origin = (double)x};
}

static void update(kj__running *r, const step *s, float value)
{
  if (value > r->max) {
    r->max = value;
    r->max_row = s->row;
  }
  if (value < r->min) {
    r->min = value;
    r->min_row = s->row;
  }
  const double x = (double)value;
  r->sum += x;
  r->sum_row += s->i * x;

  const double y = x - r->origin; /* or a mean far from 0 would stop moving */
  const double delta = y - r->mean;
  const double part = delta * s->inv_n;
  const double square = delta * part * s->i;
  const double miss = delta - r->co * s->inv_spread * s->ahead;
  r->residual += miss * miss * s->inv_lever;
  r->m4 += square * part * part * s->m4_scale + 6.0 * part * part * r->m2 -
           4.0 * part * r->m3;
  r->m3 += square * part * (s->n - 2.0) - 3.0 * part * r->m2;
  r->m2 += square;
  r->mean += part;
  r->co += s->ahead * (y - r->mean);
}

void kj__functionals_push(kj__functionals *f, const float *row)
{
  if (f->n == 0) {
    for (size_t c = 0; c < f->n_contours; c++)
      start(&f->contour[c], row[c]);
  } else {
    const step s = step_to(f->n);
    for (size_t c = 0; c < f->n_contours; c++)
      update(&f->contour[c], &s, row[c]);
  }
  f->n++;
}

kj__summary kj__functionals_get(const kj__functionals *f, size_t contour)
{
  const kj__running *r = &f->contour[contour];
  return (kj__summary){.max = (double)r->max,
                       .min = (double)r->min,
                       .max_row = (double)r->max_row,
                       .min_row = (double)r->min_row,
                       .sum = r->sum,
                       .sum_row = r->sum_row,
                       .origin = r->origin,
                       .mean = r->mean,
                       .m2 = r->m2,
                       .m3 = r->m3,
                       .m4 = r->m4,
                       .co = r->co,
                       .residual = r->residual};
}

void kj__functionals_put(kj__functionals *f, size_t contour,
                         const kj__summary *s)
{
  f->contour[contour] = (kj__running){.max = (float)s->max,
                                      .min = (float)s->min,
                                      .max_row = (uint64_t)s->max_row,
                                      .min_row = (uint64_t)s->min_row,
                                      .sum = s->sum,
                                      .sum_row = s->sum_row,
                                      .origin = s->origin,
                                      .mean = s->mean,
                                      .m2 = s->m2,
                                      .m3 = s->m3,
                                      .m4 = s->m4,
                                      .co = s->co,
                                      .residual = s->residual};
}

static float finite_or_zero(double value)
{
  return isfinite(value) ? (float)value : 0.0f;
}

/* Where the first value is not a number, the extremes are neither. */
static void give_extremes(const kj__running *r, float *out)
{
  const int none = isnan(r->max);
  out[KJ__MAX] = r->max;
  out[KJ__MIN] = r->min;
  out[KJ__RANGE] = r->max - r->min;
  out[KJ__MAX_POSITION] = none ? -1.0f : (float)r->max_row;
  out[KJ__MIN_POSITION] = none ? -1.0f : (float)r->min_row;
}

/* The line x = m i + t by the normal equations, from the rounded mean. */
static void give_line(const kj__running *r, double n, double mean, float *out)
{
  double m = 0.0, t = mean, error = 0.0;
  if (n > 1.0) {
    const double s1 = n * (n - 1.0) / 2.0;
    const double s2 = n * (n - 1.0) * (2.0 * n - 1.0) / 6.0;
    const double scale = n - s1 * s1 / s2;
    t = scale == 0.0 ? 0.0 : (n * mean - r->sum_row * s1 / s2) / scale;
    m = (r->sum_row - t * s1) / s2;
    /* from the best line to this one: another slope, another height */
    const double middle = 0.5 * (n - 1.0), spread = n * (n * n - 1.0) / 12.0;
    const double tilt = m - r->co / spread;
    const double lift = r->mean + (r->origin - t) - m * middle;
    error = (r->residual + tilt * tilt * spread + lift * lift * n) / n;
  }
  out[KJ__SLOPE] = finite_or_zero(m);
  out[KJ__OFFSET] = finite_or_zero(t);
  out[KJ__LINE_ERROR] = finite_or_zero(error);
}

/* Central moments about the rounded mean, from those about the mean. */
static void give_moments(const kj__running *r, double n, double mean,
                         float *out)
{
  const double d = r->mean + (r->origin - mean);
  const double m2 = r->m2 / n + d * d;
  const double m3 = r->m3 / n + 3.0 * d * r->m2 / n + d * d * d;
  const double m4 =
      r->m4 / n + 4.0 * d * r->m3 / n + 6.0 * d * d * r->m2 / n + d * d * d * d;
  const int flat = !(m2 > 0.0); /* constant, or not a number */
  out[KJ__DEVIATION] = flat ? 0.0f : (float)sqrt(m2);
  out[KJ__SKEWNESS] = flat ? 0.0f : (float)(m3 / (m2 * sqrt(m2)));
  out[KJ__KURTOSIS] = flat ? 0.0f : (float)(m4 / (m2 * m2));
}

void kj__functionals_compute(const kj__functionals *f, float *out)
{
  assert(f->n > 0);
  const double n = (double)f->n;
  for (size_t c = 0; c < f->n_contours; c++, out += KJ__N_FUNCTIONALS) {
    const kj__running *r = &f->contour[c];
    const float mean = (float)(r->sum / n);
    give_extremes(r, out);
    out[KJ__MEAN] = mean;
    give_line(r, n, (double)mean, out);
    give_moments(r, n, (double)mean, out);
  }
}
