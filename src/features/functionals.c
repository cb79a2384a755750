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

#include "features/kernels/table.h"

#include <assert.h>
#include <math.h>
#include <string.h>

void kj__functionals_layout(kj__functionals *f, size_t n_contours,
                            kj__arena *arena)
{
  f->n_contours = n_contours;
  f->add = kj__lane_kernels_baseline.sum;
  kj__arena_align(arena);
  const size_t n_blocks = (n_contours + KJ__SUMS_BLOCK - 1) / KJ__SUMS_BLOCK;
  f->sums = kj__arena_take(arena, n_blocks, sizeof *f->sums);
}

void kj__functionals_reset(kj__functionals *f)
{
  f->n = 0;
}

static kj__sums_step step_to(uint64_t n_before)
{
  const double b = (double)n_before, n = b + 1.0;
  kj__sums_step s = {b, n, 1.0 / n, n * n - 3.0 * n + 3.0, 0.5 * n, 0.0, 0.0};
  if (n_before >= 2) { /* fewer rows lie on a line */
    s.inv_spread = 12.0 / (b * (b * b - 1.0));
    s.inv_lever = 1.0 / (1.0 + 1.0 / b + s.ahead * s.ahead * s.inv_spread);
  }
  return s;
}

static void start(kj__sums *sums, size_t n_blocks, const float *row)
{
  memset(sums, 0, n_blocks * sizeof *sums);
  for (size_t b = 0; b < n_blocks; b++)
    for (size_t c = 0; c < KJ__SUMS_BLOCK; c++) {
      const double x = (double)row[b * KJ__SUMS_BLOCK + c];
      sums[b].max[c] = sums[b].min[c] = sums[b].sum[c] = sums[b].origin[c] = x;
    }
}

static void add(const kj__functionals *f, kj__sums *sums, size_t n_blocks,
                const float *row)
{
  if (f->n == 0) {
    start(sums, n_blocks, row);
    return;
  }
  const kj__sums_step step = step_to(f->n);
  f->add(sums, n_blocks, &step, row);
}

void kj__functionals_push(kj__functionals *f, const float *row)
{
  const size_t n_blocks = f->n_contours / KJ__SUMS_BLOCK;
  const size_t n_whole = n_blocks * KJ__SUMS_BLOCK;
  add(f, f->sums, n_blocks, row);
  if (n_whole < f->n_contours) {
    float rest[KJ__SUMS_BLOCK] = {0.0f};
    memcpy(rest, row + n_whole, (f->n_contours - n_whole) * sizeof *row);
    add(f, f->sums + n_blocks, 1, rest);
  }
  f->n++;
}

kj__summary kj__functionals_get(const kj__functionals *f, size_t contour)
{
  const kj__sums *s = &f->sums[contour / KJ__SUMS_BLOCK];
  const size_t c = contour % KJ__SUMS_BLOCK;
  return (kj__summary){.max = s->max[c],
                       .min = s->min[c],
                       .max_row = s->max_row[c],
                       .min_row = s->min_row[c],
                       .sum = s->sum[c],
                       .sum_row = s->sum_row[c],
                       .origin = s->origin[c],
                       .mean = s->mean[c],
                       .m2 = s->m2[c],
                       .m3 = s->m3[c],
                       .m4 = s->m4[c],
                       .co = s->co[c],
                       .residual = s->residual[c]};
}

void kj__functionals_put(kj__functionals *f, size_t contour,
                         const kj__summary *summary)
{
  kj__sums *s = &f->sums[contour / KJ__SUMS_BLOCK];
  const size_t c = contour % KJ__SUMS_BLOCK;
  s->max[c] = summary->max;
  s->min[c] = summary->min;
  s->max_row[c] = summary->max_row;
  s->min_row[c] = summary->min_row;
  s->sum[c] = summary->sum;
  s->sum_row[c] = summary->sum_row;
  s->origin[c] = summary->origin;
  s->mean[c] = summary->mean;
  s->m2[c] = summary->m2;
  s->m3[c] = summary->m3;
  s->m4[c] = summary->m4;
  s->co[c] = summary->co;
  s->residual[c] = summary->residual;
}

static float finite_or_zero(double value)
{
  return isfinite(value) ? (float)value : 0.0f;
}

/* Where the first value is not a number, the extremes are neither. */
static void give_extremes(const kj__summary *r, float *out)
{
  const int none = isnan(r->max);
  const float max = (float)r->max, min = (float)r->min;
  out[KJ__MAX] = max;
  out[KJ__MIN] = min;
  out[KJ__RANGE] = max - min;
  out[KJ__MAX_POSITION] = none ? -1.0f : (float)r->max_row;
  out[KJ__MIN_POSITION] = none ? -1.0f : (float)r->min_row;
}

/* The line x = m i + t by the normal equations, from the rounded mean. */
static void give_line(const kj__summary *r, double n, double mean, float *out)
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
static void give_moments(const kj__summary *r, double n, double mean,
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
    const kj__summary r = kj__functionals_get(f, c);
    const float mean = (float)(r.sum / n);
    give_extremes(&r, out);
    out[KJ__MEAN] = mean;
    give_line(&r, n, (double)mean, out);
    give_moments(&r, n, (double)mean, out);
  }
}
