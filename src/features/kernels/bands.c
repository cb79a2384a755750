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

/* A band below 1 counts as 1. */
KJ__INLINE kj__vec level_of(kj__vec band)
{
  const kj__vec scale = kj__vec_of(KJ__SAMPLE_SCALE);
  return kj__log(kj__vec_larger(band * scale, kj__vec_of(1)));
}

void KJ__OF_TIER(kj__lanes_bands)(kj__lanes *q)
{
  const kj__mfcc *mfcc = &q->plain->mfcc;
  kj__vec sum[KJ__N_MFCC], rising = kj__vec_of(0);
  for (size_t i = 0; i < KJ__N_MFCC; i++)
    sum[i] = kj__vec_of(0);
  add_interval(q, 0, &(kj__vec){0}, &rising);
  for (size_t b = 0; b < KJ__N_BANDS; b++) {
    kj__vec falling = rising;
    rising = kj__vec_of(0);
    add_interval(q, b + 1, &falling, &rising);
    const kj__vec level = level_of(falling);
    for (size_t i = 0; i < KJ__N_MFCC; i++)
      sum[i] = kj__vec_multiply_add(level, kj__vec_of(mfcc->cosine[b][i]),
                                    sum[i]);
  }
  for (size_t i = 0; i < KJ__N_MFCC; i++)
    kj__vec_store(q->value[KJ__MFCC + i],
                  sum[i] * kj__vec_of(mfcc->scale[i]));
}
