/* descriptors_clean.h: the descriptors of one frame but voicing and F0. */
#ifndef KJ_FEATURES_DESCRIPTORS_CLEAN_H
#define KJ_FEATURES_DESCRIPTORS_CLEAN_H

#include "features/descriptors.h"

typedef struct kj__clean_descriptors {
  kj__descriptors spectrum; /* its window, transform, bands */
  float *centred;           /* shape (frame_samples) */
} kj__clean_descriptors;

void kj__clean_descriptors_layout(kj__clean_descriptors *d,
                                  const kj__rate *rate, kj__arena *arena);
void kj__clean_descriptors_init(kj__clean_descriptors *d);

/* samples: shape (frame_samples). Leaves raw[KJ__VOICING], raw[KJ__F0]. */
void kj__clean_descriptors_compute(kj__clean_descriptors *d,
                                   const float *samples, float raw[KJ__N_RAW]);

/* Share of pairs of samples where the sign changes; zeros have none. */
float kj__sign_changes(const float *x, size_t n);

#endif
