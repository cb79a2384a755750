/* descriptors.h: the 16 numbers that describe one frame. */
#ifndef KJ_FEATURES_DESCRIPTORS_H
#define KJ_FEATURES_DESCRIPTORS_H

#include "features/frame.h"
#include "features/mfcc.h"
#include "features/pitch.h"

/* Order of the descriptors. */
enum {
  KJ__RMS = 0,
  KJ__MFCC = 1,
  KJ__ZCR = KJ__MFCC + KJ__N_MFCC,
  KJ__VOICING,
  KJ__F0,
  KJ__N_RAW
};

typedef struct kj__descriptors {
  kj__rate rate;
  kj__frame frame;
  kj__real_fft fft;
  kj__mel mel;
  kj__mfcc mfcc;
  kj__pitch pitch;
  kj__pitch_track track;
  /* The frame last computed, stage by stage. */
  float *windowed;  /* shape (frame_samples) */
  double *padded;   /* shape (fft_size); zero past the frame */
  double *re, *im;  /* shape (n_bins) */
  float *magnitude; /* shape (n_bins) */
  float bands[KJ__N_BANDS];
} kj__descriptors;

void kj__descriptors_layout(kj__descriptors *d, const kj__rate *rate,
                            kj__arena *arena);
void kj__descriptors_init(kj__descriptors *d);

/* Forget the frames before. */
void kj__descriptors_reset(kj__descriptors *d);

/* The windowed frame, its magnitudes and mel bands: of the frame, the part that
 * every set may use. */
void kj__descriptors_bands(kj__descriptors *d, const float *samples);

/* What one frame alone tells: as KJ__F0 its pitch, of its own. */
void kj__descriptors_measure(kj__descriptors *d, const float *samples,
                             float raw[KJ__N_RAW]);

/* The descriptors of the next frame; samples: shape (frame_samples). */
void kj__descriptors_compute(kj__descriptors *d, const float *samples,
                             float raw[KJ__N_RAW]);

#endif
