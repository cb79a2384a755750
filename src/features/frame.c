/*
 * frame.c: zero-crossing rate, pre-emphasis, Hamming window, RMS of a frame.
 *
 * Source: HTK Book (Young et al. 2006), section 5.2. Done as openSMILE does:
 * pre-emphasis starts afresh in every frame, the RMS is that of the
 * pre-emphasised, windowed frame, the zero-crossing rate that of the samples.
 */
#include "features/frame.h"

#include "features/rate.h"

#include <assert.h>
#include <math.h>

void kj__frame_layout(kj__frame *frame, size_t n, kj__arena *arena)
{
  frame->n = n;
  frame->window = kj__arena_take(arena, n, sizeof(float));
}

void kj__frame_init(kj__frame *frame)
{
  const double step = 2.0 * KJ__PI / (double)(frame->n - 1);
  for (size_t i = 0; i < frame->n; i++)
    frame->window[i] = (float)(0.54 - 0.46 * cos((double)i * step));
}

/* A change through an exact zero counts at the zero, so that digital silence
 * counts everywhere. The last pair is never looked at, and the divisor is n:
 * silence gives (n - 2)/n. */
float kj__zero_crossing_rate(const float *x, size_t n)
{
  assert(n >= 3);
  size_t count = 0;
  for (size_t i = 1; i < n - 1; i++) {
    const int at_zero = (x[i] == 0.0f) & (x[i - 1] * x[i + 1] <= 0.0f);
    const int between = x[i - 1] * x[i] < 0.0f;
    count += (size_t)(at_zero | between);
  }
  return (float)count / (float)n;
}

void kj__frame_window(const kj__frame *frame, const float *x, float *z)
{
  z[0] = (1.0f - KJ__EMPHASIS) * x[0] * frame->window[0];
  for (size_t i = 1; i < frame->n; i++)
    z[i] = (x[i] - KJ__EMPHASIS * x[i - 1]) * frame->window[i];
}

float kj__root_mean_square(const float *z, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++)
    sum += (double)(z[i] * z[i]);
  return (float)sqrt(sum / (double)n);
}
