/*
 * band.c: a band by a filter of linear phase whose delay is taken out: the
 * difference of two low-passes, sin(2 pi f t) / (pi t) under a Blackman
 * window (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.5).
 */
#include "audio/disturb/disturb.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* A Blackman window of length T falls over 5.5 / T hertz: 55 ms for 100 Hz
 * to each side of the edge's middle. */
#define HALF_LENGTH_S 0.0275

static const double PI = 3.14159265358979323846;

static double low_pass(double f, double t)
{
  return fabs(t) < 1e-12 ? 2.0 * f : sin(2.0 * PI * f * t) / (PI * t);
}

static void design(float *tap, size_t half, unsigned rate_hz, const double *hz)
{
  for (size_t i = 0; i <= 2 * half; i++) {
    const double t = ((double)i - (double)half) / rate_hz;
    const double phase = PI * (double)i / (double)half;
    const double window = 0.42 - 0.5 * cos(phase) + 0.08 * cos(2.0 * phase);
    tap[i] =
        (float)(window * (low_pass(hz[1], t) - low_pass(hz[0], t)) / rate_hz);
  }
}

kj_status kj__band_pass(float *x, size_t n, unsigned rate_hz, const double *hz,
                        kj_error *err)
{
  const size_t half = (size_t)(HALF_LENGTH_S * rate_hz);
  float *tap = kj__allocate(NULL, 2 * half + 1, sizeof *tap);
  float *padded = kj__allocate(NULL, n + 2 * half, sizeof *padded);
  if (!tap || !padded) {
    kj__release(NULL, tap);
    kj__release(NULL, padded);
    return kj__fail_memory(err, "a filter");
  }
  design(tap, half, rate_hz, hz);
  memcpy(padded + half, x, n * sizeof *x);
  memset(x, 0, n * sizeof *x);
  for (size_t j = 0; j <= 2 * half; j++) /* the filter is symmetric */
    for (size_t i = 0; i < n; i++)
      x[i] += tap[j] * padded[i + j];
  kj__release(NULL, tap);
  kj__release(NULL, padded);
  return KJ_OK;
}
