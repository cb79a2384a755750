/* mfcc.h: mel frequency cepstral coefficients 1..12 of 26 bands. */
#ifndef KJ_FEATURES_MFCC_H
#define KJ_FEATURES_MFCC_H

#include "features/mel.h"

enum { KJ__N_MFCC = 12 };

typedef struct kj__mfcc {
  float cosine[KJ__N_BANDS][KJ__N_MFCC];
  float scale[KJ__N_MFCC]; /* of the transform, times the lifter */
} kj__mfcc;

void kj__mfcc_init(kj__mfcc *mfcc);

/* level: logarithms of the bands. */
void kj__mfcc_transform(const kj__mfcc *mfcc, const float level[KJ__N_BANDS],
                        float coefficients[KJ__N_MFCC]);
void kj__mfcc_compute(const kj__mfcc *mfcc, const float bands[KJ__N_BANDS],
                      float coefficients[KJ__N_MFCC]);

#endif
