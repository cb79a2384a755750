/*
 * level.c: noise at a given distance, gain, clipping.
 *
 * SNR is 10 log10(P_x / P_noise), P the mean of the squares over the whole
 * recording, pauses included; the noise is scaled to have it exactly.
 */
#include "audio/disturb/disturb.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double power(const float *x, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++)
    sum += (double)x[i] * (double)x[i];
  return n > 0 ? sum / (double)n : 0.0;
}

static double noise_gain(double signal, double noise, double snr_db)
{
  return noise > 0.0 ? sqrt(signal / noise / pow(10.0, snr_db / 10.0)) : 0.0;
}

/* The stream is drawn twice, so that no memory is needed. */
void kj__add_white(float *x, size_t n, double snr_db, kj__random *random)
{
  kj__random again = *random;
  double noise = 0.0;
  for (size_t i = 0; i < n; i++) {
    const double value = kj__random_normal(random);
    noise += value * value;
  }
  const double gain = noise_gain(power(x, n) * (double)n, noise, snr_db);
  for (size_t i = 0; i < n; i++)
    x[i] += (float)(gain * kj__random_normal(&again));
}

void kj__add_sound(float *x, const float *other, size_t n, double snr_db)
{
  const double gain = noise_gain(power(x, n), power(other, n), snr_db);
  for (size_t i = 0; i < n; i++)
    x[i] += (float)(gain * (double)other[i]);
}

void kj__gain(float *x, size_t n, double db)
{
  const double gain = pow(10.0, db / 20.0);
  for (size_t i = 0; i < n; i++)
    x[i] = (float)(gain * (double)x[i]);
}

static int compare(const void *a, const void *b)
{
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

kj_status kj__clip(float *x, size_t n, double share, kj_error *err)
{
  if (n == 0)
    return KJ_OK;
  float *sorted = kj__allocate(NULL, n, sizeof *sorted);
  if (!sorted)
    return kj__fail_memory(err, "clipping");
  for (size_t i = 0; i < n; i++)
    sorted[i] = fabsf(x[i]);
  qsort(sorted, n, sizeof *sorted, compare);
  const size_t n_beyond = (size_t)(share * (double)n);
  const float level = sorted[n - 1 - (n_beyond < n ? n_beyond : n - 1)];
  for (size_t i = 0; i < n; i++)
    x[i] = fmaxf(-level, fminf(level, x[i]));
  kj__release(NULL, sorted);
  return KJ_OK;
}
