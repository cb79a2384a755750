/*
 * descriptors_clean.c: energy, MFCC and zero-crossing rate of a frame without
 * its mean.
 *
 * Unlike descriptors.c: a constant offset changes nothing; a zero has no sign,
 * so silence crosses nowhere; the floor of the mel bands is 80 dB below the
 * largest band of the frame, so that the MFCC do not depend on the level.
 */
#include "features/descriptors_clean.h"

#include "features/centred.h"

#include <math.h>

static const float band_floor = 1e-4f; /* 80 dB; Hamming leaks at 43 dB */

void kj__clean_descriptors_layout(kj__clean_descriptors *d,
                                  const kj__rate *rate, kj__arena *arena)
{
  kj__descriptors_layout(&d->spectrum, rate, arena);
  d->centred = kj__arena_take(arena, rate->frame_samples, sizeof(float));
}

void kj__clean_descriptors_init(kj__clean_descriptors *d)
{
  kj__descriptors_init(&d->spectrum);
}

float kj__sign_changes(const float *x, size_t n)
{
  size_t count = 0;
  float last = 0.0f;
  for (size_t i = 0; i < n; i++) {
    count += (last < 0.0f && x[i] > 0.0f) || (last > 0.0f && x[i] < 0.0f);
    last = x[i] < 0.0f || x[i] > 0.0f ? x[i] : last;
  }
  return (float)count / (float)(n - 1);
}

/* Logarithms relative to the largest band; of silence 0. */
static void levels(const float bands[KJ__N_BANDS], float level[KJ__N_BANDS])
{
  float largest = 0.0f;
  for (size_t b = 0; b < KJ__N_BANDS; b++)
    largest = bands[b] > largest ? bands[b] : largest;
  for (size_t b = 0; b < KJ__N_BANDS; b++) {
    const float share = bands[b] / largest;
    level[b] = largest > 0.0f ? logf(share < band_floor ? band_floor : share)
                              : bands[b]; /* 0, or not a number */
  }
}

void kj__clean_descriptors_compute(kj__clean_descriptors *d,
                                   const float *samples, float raw[KJ__N_RAW])
{
  const size_t n = d->spectrum.rate.frame_samples;
  const float mean = kj__mean_of(samples, n);
  float level[KJ__N_BANDS];
  for (size_t i = 0; i < n; i++)
    d->centred[i] = samples[i] - mean;
  raw[KJ__ZCR] = kj__sign_changes(d->centred, n);
  kj__descriptors_bands(&d->spectrum, d->centred);
  raw[KJ__RMS] = kj__root_mean_square(d->spectrum.windowed, n);
  levels(d->spectrum.bands, level);
  kj__mfcc_transform(&d->spectrum.mfcc, level, &raw[KJ__MFCC]);
}
