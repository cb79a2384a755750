/* frame.h: what is measured on the samples of a frame, and its windowing. */
#ifndef KJ_FEATURES_FRAME_H
#define KJ_FEATURES_FRAME_H

#include "features/arena.h"

#define KJ__EMPHASIS 0.97f /* HTK Book 5.2 */

typedef struct kj__frame {
  size_t n;      /* L, samples */
  float *window; /* shape (n) */
} kj__frame;

void kj__frame_layout(kj__frame *frame, size_t n, kj__arena *arena);
void kj__frame_init(kj__frame *frame);

/* Share of samples where the sign changes; x: shape (n), n >= 3. */
float kj__zero_crossing_rate(const float *x, size_t n);

/* z = pre-emphasised and windowed x; shapes (n). */
void kj__frame_window(const kj__frame *frame, const float *x, float *z);

/* sqrt(mean(z^2)). */
float kj__root_mean_square(const float *z, size_t n);

#endif
