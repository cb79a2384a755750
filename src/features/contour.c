/*
 * contour.c: smoothing over three frames and deltas over five, as they come.
 *
 * s[k] = (r[k-1] + r[k] + r[k+1]) / 3,  k = 0..N (one row more than frames),
 * d[k] = (s[k+1] - s[k-1] + 2 (s[k+2] - s[k-2])) / 10,
 * indices past either end read the value there. In recordings of one or two
 * frames some reads past the end give 0: those of s[0] with one frame, and of
 * the first two deltas. openSMILE does so.
 *
 * Source of the delta: HTK Book (Young et al. 2006), section 5.9, theta = 2.
 */
#include "features/contour.h"

#include <string.h>

void kj__contours_layout(kj__contours *c, size_t n, kj__arena *arena)
{
  c->n = n;
  c->raw = kj__arena_take(arena, KJ__RAW_RING * n, sizeof(float));
  c->smoothed = kj__arena_take(arena, KJ__SMOOTHED_RING * n, sizeof(float));
  c->zeros = kj__arena_take(arena, n, sizeof(float));
  c->row = kj__arena_take(arena, 2 * n, sizeof(float));
}

void kj__contours_reset(kj__contours *c)
{
  c->n_raw = c->n_smoothed = c->n_rows = 0;
  memset(c->zeros, 0, c->n * sizeof *c->zeros);
}

static uint64_t at_most(uint64_t index, uint64_t last)
{
  return index < last ? index : last;
}

static uint64_t before(uint64_t index, uint64_t step)
{
  return index > step ? index - step : 0;
}

static float *raw_at(const kj__contours *c, uint64_t k)
{
  return c->raw + (size_t)(k % KJ__RAW_RING) * c->n;
}

static float *smoothed_at(const kj__contours *c, uint64_t k)
{
  return c->smoothed + (size_t)(k % KJ__SMOOTHED_RING) * c->n;
}

static void smooth(kj__contours *c)
{
  const uint64_t k = c->n_smoothed, last = c->n_raw - 1;
  const float *here = raw_at(c, at_most(k, last));
  const float *left = raw_at(c, before(k, 1));
  const float *right =
      last == 0 && k == 0 ? c->zeros : raw_at(c, at_most(k + 1, last));
  float *s = smoothed_at(c, k);
  for (size_t i = 0; i < c->n; i++)
    s[i] = ((here[i] + left[i]) + right[i]) / 3.0f;
  c->n_smoothed++;
}

/* s[k + step] of the row k being made, as far as there is one. */
static const float *ahead(const kj__contours *c, uint64_t step)
{
  const uint64_t k = c->n_rows;
  if (c->n_raw < 3 && k < 2 && step >= c->n_raw)
    return c->zeros;
  return smoothed_at(c, at_most(k + step, c->n_smoothed - 1));
}

static const float *make_row(kj__contours *c)
{
  const uint64_t k = c->n_rows;
  const float *s = smoothed_at(c, k);
  const float *l1 = smoothed_at(c, before(k, 1));
  const float *l2 = smoothed_at(c, before(k, 2));
  const float *r1 = ahead(c, 1), *r2 = ahead(c, 2);
  float *delta = c->row + c->n;
  for (size_t i = 0; i < c->n; i++) {
    c->row[i] = s[i];
    delta[i] = ((r1[i] - l1[i]) + 2.0f * (r2[i] - l2[i])) / 10.0f;
  }
  c->n_rows++;
  return c->row;
}

const float *kj__contours_push(kj__contours *c, const float *raw)
{
  memcpy(raw_at(c, c->n_raw), raw, c->n * sizeof *raw);
  c->n_raw++;
  if (c->n_raw < 2)
    return NULL;
  smooth(c);
  return c->n_smoothed < 3 ? NULL : make_row(c);
}

const float *kj__contours_drain(kj__contours *c)
{
  if (c->n_raw == 0 || c->n_rows > c->n_raw)
    return NULL;
  if (c->n_smoothed <= c->n_raw)
    smooth(c);
  return make_row(c);
}
