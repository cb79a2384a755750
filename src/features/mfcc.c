/*
 * mfcc.c: mel frequency cepstral coefficients 1..12.
 *
 * c[i] = sqrt(2/26) (1 + 11 sin(pi i/22)) sum_b ln(m[b]) cos(pi i (b+1/2)/26).
 * A band below 1 counts as 1 (its logarithm as 0), so silence gives exactly 0.
 *
 * Source: HTK Book (Young et al. 2006), sections 5.3 (lifter, L = 22) and 5.6.
 */
#include "features/mfcc.h"

#include <math.h>

static const float lifter_length = 22.0f; /* HTK Book 5.3 */

void kj__mfcc_init(kj__mfcc *mfcc)
{
  const float norm = (float)sqrt(2.0 / (double)KJ__N_BANDS);
  for (size_t i = 0; i < KJ__N_MFCC; i++) {
    const double order = (double)(i + 1);
    const float angle = (float)(KJ__PI * order / (double)lifter_length);
    const float sine = (float)sin((double)angle);
    mfcc->scale[i] = (1.0f + 0.5f * lifter_length * sine) * norm;
    for (size_t b = 0; b < KJ__N_BANDS; b++)
      mfcc->cosine[b][i] =
          (float)cos(KJ__PI * order * ((double)b + 0.5) / (double)KJ__N_BANDS);
  }
}

void kj__mfcc_transform(const kj__mfcc *mfcc, const float level[KJ__N_BANDS],
                        float coefficients[KJ__N_MFCC])
{
  float sum[KJ__N_MFCC] = {0.0f};
  for (size_t b = 0; b < KJ__N_BANDS; b++)
    for (size_t i = 0; i < KJ__N_MFCC; i++)
      sum[i] += level[b] * mfcc->cosine[b][i];
  for (size_t i = 0; i < KJ__N_MFCC; i++)
    coefficients[i] = sum[i] * mfcc->scale[i];
}

void kj__mfcc_compute(const kj__mfcc *mfcc, const float bands[KJ__N_BANDS],
                      float coefficients[KJ__N_MFCC])
{
  float level[KJ__N_BANDS];
  for (size_t b = 0; b < KJ__N_BANDS; b++)
    level[b] = bands[b] < 1.0f ? 0.0f : logf(bands[b]);
  kj__mfcc_transform(mfcc, level, coefficients);
}
