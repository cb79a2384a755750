/*
 * window.c: zero-crossing rate, pre-emphasis, window and RMS of some frames.
 *
 * All of it has the bits of the plain version (features/frame.c).
 */
#include "features/kernels/functions.h"
#include "features/kernels/turn.h"

#include <math.h>
#include <string.h>

typedef struct squares {
  kj__vec_wide low, high;
} squares;

KJ__INLINE void add_square(squares *s, kj__vec z)
{
  const kj__vec square = z * z;
  s->low += kj__vec_widen_low(square);
  s->high += kj__vec_widen_high(square);
}

/* How many of the n samples after x[0] count as a change of sign. */
static int count_changes(const float *x, size_t n)
{
  int count = 0;
  for (size_t i = 0; i < n; i++) {
    const int at_zero = (x[i + 1] == 0.0f) & (x[i] * x[i + 2] <= 0.0f);
    const int between = x[i] * x[i + 1] < 0.0f;
    count += at_zero | between;
  }
  return count;
}

/* Frames overlap, a change is the same in all: those of each hop are counted
 * once, those of the part of a hop that ends a frame once more. */
static void cross_zero(kj__lanes *q, const float *samples, size_t n_frames)
{
  const kj__rate *rate = &q->plain->rate;
  const size_t hop = rate->hop_samples, n = rate->frame_samples - 2;
  const size_t n_whole = n / hop, rest = n % hop;
  int whole[KJ__LANES + 4];
  for (size_t k = 0; k < n_frames + n_whole; k++) {
    const float *x = samples + k * hop;
    const int head = count_changes(x, rest);
    int all = 0;
    if (k + 1 < n_frames + n_whole)
      all = head + count_changes(x + rest, hop - rest);
    whole[k] = all;
    if (k < n_whole)
      continue;
    int count = head;
    for (size_t j = 1; j <= n_whole; j++)
      count += whole[k - j];
    q->value[KJ__ZCR][k - n_whole] = (float)count / (float)rate->frame_samples;
  }
}

/* The next number of all frames: emphasised, windowed, kept. */
KJ__INLINE kj__vec window_row(kj__lanes *q, size_t i, kj__vec x, kj__vec before,
                              squares *s)
{
  const kj__vec emphasis = kj__vec_of(KJ__EMPHASIS);
  const kj__vec y =
      i == 0 ? kj__vec_of(1.0f - KJ__EMPHASIS) * x : x - emphasis * before;
  const kj__vec z = y * kj__vec_of(q->plain->frame.window[i]);
  kj__vec_store(q->wave + i * KJ__LANES, z);
  add_square(s, z);
  return x;
}

static void give_root_mean_square(kj__lanes *q, const squares *s)
{
  double sum[KJ__LANES];
  memcpy(sum, s, sizeof sum);
  const double n = (double)q->plain->rate.frame_samples;
  for (int l = 0; l < KJ__LANES; l++)
    q->value[KJ__RMS][l] = (float)sqrt(sum[l] / n);
}

void KJ__OF_TIER(kj__lanes_window)(kj__lanes *q, const float *samples,
                                   size_t n_frames)
{
  const kj__rate *rate = &q->plain->rate;
  const size_t n = rate->frame_samples;
  const float *frame[KJ__LANES];
  for (size_t l = 0; l < KJ__LANES; l++)
    frame[l] = samples + (l < n_frames ? l : n_frames - 1) * rate->hop_samples;

  squares s = {{0}, {0}};
  kj__vec before = kj__vec_of(0);
  size_t i = 0;
  for (; i + KJ__LANES <= n; i += KJ__LANES) {
    kj__vec x[KJ__LANES];
    kj__turn(frame, i, x);
#pragma GCC unroll 16
    for (size_t j = 0; j < KJ__LANES; j++)
      before = window_row(q, i + j, x[j], before, &s);
  }
  for (; i < n; i++) {
    kj__vec x;
    for (int l = 0; l < KJ__LANES; l++)
      x[l] = frame[l][i];
    before = window_row(q, i, x, before, &s);
  }
  for (; i < rate->fft_size; i++)
    kj__vec_store(q->wave + i * KJ__LANES, kj__vec_of(0));
  give_root_mean_square(q, &s);
  cross_zero(q, samples, n_frames);
}
