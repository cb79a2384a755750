/* pitch_clean.h: the pitch candidates of a window of three long periods. */
#ifndef KJ_FEATURES_PITCH_CLEAN_H
#define KJ_FEATURES_PITCH_CLEAN_H

#include "features/fft.h"
#include "features/pitch_path.h"
#include "features/rate.h"

typedef struct kj__clean_pitch {
  double hz;     /* sampling rate */
  size_t margin; /* samples of the window before and after those of a frame */
  size_t window; /* samples */
  size_t fft_size;
  size_t min_lag, max_lag;
  kj__real_fft fft;
  kj__cosine cosine; /* of fft_size / 2 */
  double *hann;      /* shape (window) */
  double *inverse;   /* 1 / normalised correlation of hann; (max_lag + 2) */
  double *padded;    /* shape (fft_size); zero past the window */
  double *re, *im;   /* shape (fft_size / 2 + 1) */
} kj__clean_pitch;

void kj__clean_pitch_layout(kj__clean_pitch *p, const kj__rate *rate,
                            kj__arena *arena);
void kj__clean_pitch_init(kj__clean_pitch *p);

/* samples: shape (window), around the frame. Leaves candidate 0 as it is. */
void kj__clean_pitch_compute(const kj__clean_pitch *p, const float *samples,
                             kj__pitch_frame *frame);

#endif
