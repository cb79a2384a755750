/* rate.h: the constants that follow from a sampling rate. */
#ifndef KJ_FEATURES_RATE_H
#define KJ_FEATURES_RATE_H

#include <stddef.h>

#define KJ__PI 3.14159265358979323846

typedef struct kj__rate {
  unsigned hz;
  size_t frame_samples; /* L */
  size_t hop_samples;   /* H */
  size_t fft_size;      /* M: power of two >= L */
  size_t n_bins;        /* B = M/2 + 1 */
  size_t n_lags;        /* M/2 */
  size_t lag_skip;      /* s: lags below are above the highest pitch */
  float bin_hz;         /* width of a bin */
  float top_hz;         /* highest frequency of the mel bands */
  float lag_s;          /* duration of one lag */
} kj__rate;

kj__rate kj__rate_of(unsigned sample_rate_hz);

#endif
