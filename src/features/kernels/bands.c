/*
 * bands.c: mel bands and MFCC of every lane; features/mel.c, features/mfcc.c.
 */
#include "features/kernels/functions.h"
#include "features/kernels/logarithm.h"

/* Interval j of the spectrum: what its bins add to the band that falls there,
 * and to the one that rises. */
KJ__INLINE void add_interval(const kj__lanes *q, size_t j, kj__vec *falling,
                             kj__vec *rising)
{
  const kj__mel *mel = &q->plain->mel;
  for (size_t k = mel->first_bin[j]; k < mel->first_bin[j + 1]; k++) {
    const kj__vec magnitude = kj__vec_load(q->magnitude + k * KJ__LANES);
    const kj__vec part = magnitude * kj__vec_of(mel->falling[k]);
    *falling += part;
    *rising += magnitude - part;
  }
}

/* The next two bands from b on, and how they are told from silence: a band
 * below 1 counts as 1. */
KJ__INLINE kj__two levels(const kj__lanes *q, size_t b, kj__vec *rising)
{
  const kj__vec scale = kj__vec_of(KJ__SAMPLE_SCALE);
  kj__two bands;
  for (size_t i = 0; i < 2; i++) {
    kj__vec falling = *rising;
    *rising = kj__vec_of(0);
    add_interval(q, b + i + 1, &falling, rising);
    bands.v[i] = kj__vec_larger(falling * scale, kj__vec_of(1));
  }
  return kj__logs(bands);
}

void KJ__OF_TIER(kj__lanes_bands)(kj__lanes *q)
{
  _Static_assert(KJ__N_BANDS % 2 == 0, "bands go in twos");
  const kj__mfcc *mfcc = &q->plain->mfcc;
  kj__vec sum[KJ__N_MFCC], rising = kj__vec_of(0);
  for (size_t i = 0; i < KJ__N_MFCC; i++)
    sum[i] = kj__vec_of(0);
  add_interval(q, 0, &(kj__vec){0}, &rising);
  for (size_t b = 0; b < KJ__N_BANDS; b += 2) {
    const kj__two level = levels(q, b, &rising);
    /* not fused: rounded as in the plain version */
    for (size_t i = 0; i < KJ__N_MFCC; i++)
      sum[i] = (sum[i] + level.v[0] * mfcc->cosine[b][i]) +
               level.v[1] * mfcc->cosine[b + 1][i];
  }
  for (size_t i = 0; i < KJ__N_MFCC; i++)
    kj__vec_store(q->value[KJ__MFCC + i], sum[i] * mfcc->scale[i]);
}
