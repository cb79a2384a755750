/*
 * mel.c: a magnitude spectrum in 26 mel bands from 0 to 8000 Hz.
 *
 * Triangles that are straight on the mel scale, each starting at the peak of
 * the one before, so that at every bin the weights of the two bands sum to 1.
 * Magnitudes are used, not powers; the first and the last bin are left out.
 *
 * Source: HTK Book (Young et al. 2006), section 5.4. Values are rounded to
 * float where openSMILE rounds them.
 */
#include "features/mel.h"

#include <math.h>

static double mel_of(float hz)
{
  return 1127.0 * log(1.0 + (double)hz / 700.0);
}

void kj__mel_layout(kj__mel *mel, const kj__rate *rate, kj__arena *arena)
{
  mel->falling = kj__arena_take(arena, rate->n_bins, sizeof(float));
}

void kj__mel_init(kj__mel *mel, const kj__rate *rate)
{
  float edge[KJ__N_BANDS + 2];
  const float width = (float)mel_of(rate->top_hz) / (float)(KJ__N_BANDS + 1);
  for (size_t j = 0; j < KJ__N_BANDS + 2; j++)
    edge[j] = (float)j * width;

  size_t end = (size_t)roundf(rate->top_hz / rate->bin_hz);
  if (end > rate->n_bins)
    end = rate->n_bins;
  size_t j = 0;
  mel->first_bin[0] = 1;
  for (size_t k = 1; k < end; k++) {
    const float at = (float)mel_of((float)k * rate->bin_hz);
    while (j < KJ__N_BANDS && at > edge[j + 1])
      mel->first_bin[++j] = k;
    mel->falling[k] = (edge[j + 1] - at) / (edge[j + 1] - edge[j]);
  }
  while (j < KJ__N_BANDS + 1)
    mel->first_bin[++j] = end;
}

void kj__mel_compute(const kj__mel *mel, const float *magnitude,
                     float bands[KJ__N_BANDS])
{
  float rising = 0.0f;
  for (size_t j = 0; j <= KJ__N_BANDS; j++) {
    float falling = rising;
    rising = 0.0f;
    for (size_t k = mel->first_bin[j]; k < mel->first_bin[j + 1]; k++) {
      const float part = magnitude[k] * mel->falling[k];
      falling += part;
      rising += magnitude[k] - part;
    }
    if (j > 0)
      bands[j - 1] = falling * KJ__SAMPLE_SCALE;
  }
}
