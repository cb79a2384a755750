/* mel.h: a magnitude spectrum in 26 mel bands. */
#ifndef KJ_FEATURES_MEL_H
#define KJ_FEATURES_MEL_H

#include "features/rate.h"

#include "features/arena.h"

#define KJ__SAMPLE_SCALE 32767.0f /* full scale of 16-bit samples */

enum { KJ__N_BANDS = 26 };

/* Band edges 0..27 cut the spectrum into 27 intervals; in interval j band j-1
 * falls and band j rises. */
typedef struct kj__mel {
  size_t first_bin[KJ__N_BANDS + 2]; /* of interval j; [27]: one past the end */
  float *falling; /* weight of the falling band at bin k; shape (n_bins) */
} kj__mel;

void kj__mel_layout(kj__mel *mel, const kj__rate *rate, kj__arena *arena);
void kj__mel_init(kj__mel *mel, const kj__rate *rate);

/* magnitude: shape (n_bins), full scale 1; bands in units of 16-bit samples. */
void kj__mel_compute(const kj__mel *mel, const float *magnitude,
                     float bands[KJ__N_BANDS]);

#endif
