/*
 * descriptors.c: the 16 numbers that describe one frame.
 *
 * Source: Schuller, Steidl, Batliner, INTERSPEECH 2009, table 1. The fifth
 * kind of descriptor is the voicing probability; the article calls it HNR.
 */
#include "features/descriptors.h"

#include <math.h>

void kj__descriptors_layout(kj__descriptors *d, const kj__rate *rate,
                            kj__arena *arena)
{
  d->rate = *rate;
  kj__frame_layout(&d->frame, rate->frame_samples, arena);
  kj__real_fft_layout(&d->fft, rate->fft_size, arena);
  kj__mel_layout(&d->mel, rate, arena);
  kj__pitch_layout(&d->pitch, rate, arena);
  d->windowed = kj__arena_take(arena, rate->frame_samples, sizeof(float));
  d->padded = kj__arena_take(arena, rate->fft_size, sizeof(double));
  d->re = kj__arena_take(arena, rate->n_bins, sizeof(double));
  d->im = kj__arena_take(arena, rate->n_bins, sizeof(double));
  d->magnitude = kj__arena_take(arena, rate->n_bins, sizeof(float));
}

void kj__descriptors_init(kj__descriptors *d)
{
  kj__frame_init(&d->frame);
  kj__real_fft_init(&d->fft);
  kj__mel_init(&d->mel, &d->rate);
  kj__mfcc_init(&d->mfcc);
  kj__pitch_init(&d->pitch);
  for (size_t i = 0; i < d->rate.fft_size; i++)
    d->padded[i] = 0.0;
  kj__descriptors_reset(d);
}

void kj__descriptors_reset(kj__descriptors *d)
{
  d->track = (kj__pitch_track){0};
}

static void magnitudes(const kj__descriptors *d)
{
  for (size_t i = 0; i < d->rate.frame_samples; i++)
    d->padded[i] = (double)d->windowed[i];
  kj__real_fft_transform(&d->fft, d->padded, d->re, d->im);
  for (size_t k = 0; k < d->rate.n_bins; k++) {
    const float re = (float)d->re[k], im = (float)d->im[k];
    d->magnitude[k] = sqrtf(re * re + im * im);
  }
}

void kj__descriptors_bands(kj__descriptors *d, const float *samples)
{
  kj__frame_window(&d->frame, samples, d->windowed);
  magnitudes(d);
  kj__mel_compute(&d->mel, d->magnitude, d->bands);
}

void kj__descriptors_measure(kj__descriptors *d, const float *samples,
                             float raw[KJ__N_RAW])
{
  const size_t n = d->rate.frame_samples;
  raw[KJ__ZCR] = kj__zero_crossing_rate(samples, n);
  kj__descriptors_bands(d, samples);
  raw[KJ__RMS] = kj__root_mean_square(d->windowed, n);
  kj__mfcc_compute(&d->mfcc, d->bands, &raw[KJ__MFCC]);
  kj__pitch_compute(&d->pitch, d->magnitude, &raw[KJ__VOICING], &raw[KJ__F0]);
}

void kj__descriptors_compute(kj__descriptors *d, const float *samples,
                             float raw[KJ__N_RAW])
{
  kj__descriptors_measure(d, samples, raw);
  raw[KJ__F0] = kj__pitch_track_next(&d->track, raw[KJ__F0]);
}
