/* pitch.h: voicing probability and fundamental frequency. */
#ifndef KJ_FEATURES_PITCH_H
#define KJ_FEATURES_PITCH_H

#include "features/fft.h"
#include "features/rate.h"

#include <stdbool.h>

#define KJ__VOICING_THRESHOLD 0.55
#define KJ__PEAK_THRESHOLD 0.6 /* of maximum + mean magnitude */

/* What F0 remembers from frame to frame, all Hz; zeros before the first. */
typedef struct kj__pitch_track {
  float last;        /* pitch of the frame before */
  float second_last; /* and of the one before that, as far as it was kept */
  float mean;        /* running mean of the pitch; 0: none yet */
  bool onset;        /* the frame before was voiced, the one before it not */
} kj__pitch_track;

typedef struct kj__pitch {
  kj__rate rate;
  kj__cosine cosine; /* of n_lags */
  double *spectrum;  /* shape (n_bins): transformed in place */
  float *acf;        /* shape (n_lags), rectified */
  float *cepstrum;   /* shape (n_lags) */
} kj__pitch;

void kj__pitch_layout(kj__pitch *pitch, const kj__rate *rate, kj__arena *arena);
void kj__pitch_init(kj__pitch *pitch);

/* Voicing probability and pitch (Hz; 0: unvoiced) of the frame with this
 * magnitude spectrum, shape (n_bins). */
void kj__pitch_compute(const kj__pitch *pitch, const float *magnitude,
                       float *voicing, float *pitch_hz);

/* Largest rising value of the autocorrelation from lag `skip` on over that at
 * lag 0; 0 where that is not positive. acf: shape (n). */
double kj__voicing(const float *acf, size_t n, size_t skip);

/* Lag of the first high peak of the cepstrum, shape (n); 0: none. */
size_t kj__pitch_lag(const float *cepstrum, size_t n, size_t skip);

static inline float kj__pitch_of_lag(const kj__rate *rate, float lag)
{
  return 1.0f / (lag * rate->lag_s);
}

/* F0 in Hz (0: unvoiced) to give out for a frame, one frame late. */
float kj__pitch_track_next(kj__pitch_track *track, float pitch_hz);

#endif
