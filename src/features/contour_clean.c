/*
 * contour_clean.c: smoothing over three frames and deltas over five, for N rows
 * of N frames.
 *
 * s[k] = (r[k-1] + r[k] + r[k+1]) / 3,
 * d[k] = (s[k+1] - s[k-1] + 2 (s[k+2] - s[k-2])) / 10,
 * indices past either end read the value there. A voiced stretch is a recording
 * of its own to F0, whose values are 0 in unvoiced frames.
 */
#include "features/contour_clean.h"

#include <string.h>

void kj__clean_contours_reset(kj__clean_contours *c)
{
  c->n_raw = c->n_smoothed = c->n_rows = 0;
}

static float *raw_at(kj__clean_contours *c, uint64_t k)
{
  return c->raw[k % KJ__CLEAN_RING];
}

static float *smoothed_at(kj__clean_contours *c, uint64_t k)
{
  return c->smoothed[k % KJ__CLEAN_RING];
}

/* Row k + n, or k - n going left, or the last one on the way there: in the
 * recording, and in the voiced stretch if that is asked. */
static uint64_t walk(kj__clean_contours *c, uint64_t k, int n, bool in_voice)
{
  const int step = n < 0 ? -1 : 1;
  for (; n != 0; n -= step) {
    const uint64_t next = step > 0 ? k + 1 : k - 1; /* before 0: very large */
    if (next >= c->n_raw || (in_voice && !(raw_at(c, next)[KJ__F0] > 0.0f)))
      break;
    k = next;
  }
  return k;
}

static float mean_of_three(float here, float left, float right)
{
  return ((here + left) + right) / 3.0f;
}

static void smooth(kj__clean_contours *c)
{
  const uint64_t k = c->n_smoothed++;
  const float *r = raw_at(c, k);
  const float *left = raw_at(c, walk(c, k, -1, false));
  const float *right = raw_at(c, walk(c, k, 1, false));
  float *s = smoothed_at(c, k);
  for (size_t i = 0; i < KJ__F0; i++)
    s[i] = mean_of_three(r[i], left[i], right[i]);
  s[KJ__F0] = 0.0f;
  if (r[KJ__F0] > 0.0f)
    s[KJ__F0] =
        mean_of_three(r[KJ__F0], raw_at(c, walk(c, k, -1, true))[KJ__F0],
                      raw_at(c, walk(c, k, 1, true))[KJ__F0]);
}

/* Columns first .. last - 1 of the deltas of row k. */
static void slopes(kj__clean_contours *c, uint64_t k, size_t first, size_t last,
                   bool in_voice)
{
  const float *l1 = smoothed_at(c, walk(c, k, -1, in_voice));
  const float *l2 = smoothed_at(c, walk(c, k, -2, in_voice));
  const float *r1 = smoothed_at(c, walk(c, k, 1, in_voice));
  const float *r2 = smoothed_at(c, walk(c, k, 2, in_voice));
  for (size_t i = first; i < last; i++)
    c->row[KJ__N_RAW + i] = ((r1[i] - l1[i]) + 2.0f * (r2[i] - l2[i])) / 10.0f;
}

static const float *make_row(kj__clean_contours *c)
{
  const uint64_t k = c->n_rows++;
  memcpy(c->row, smoothed_at(c, k), KJ__N_RAW * sizeof *c->row);
  slopes(c, k, 0, KJ__F0, false);
  c->row[KJ__N_RAW + KJ__F0] = 0.0f;
  if (raw_at(c, k)[KJ__F0] > 0.0f)
    slopes(c, k, KJ__F0, KJ__N_RAW, true);
  return c->row;
}

const float *kj__clean_contours_push(kj__clean_contours *c,
                                     const float raw[KJ__N_RAW])
{
  memcpy(raw_at(c, c->n_raw++), raw, KJ__N_RAW * sizeof *raw);
  if (c->n_raw < 2)
    return NULL;
  smooth(c);
  return c->n_smoothed < 3 ? NULL : make_row(c);
}

const float *kj__clean_contours_drain(kj__clean_contours *c)
{
  if (c->n_rows == c->n_raw)
    return NULL;
  if (c->n_smoothed < c->n_raw)
    smooth(c);
  return make_row(c);
}
