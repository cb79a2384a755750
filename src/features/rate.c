/*
 * rate.c: the constants that follow from a sampling rate.
 *
 * Frame of 25 ms every 10 ms, FFT of the next power of two. Where 25 ms is no
 * whole number of samples, everything after the framing believes in the
 * sampling rate L / 25 ms, as openSMILE does: the duration of the FFT is
 * taken as 25 ms M / L. Some values are rounded to float before they are used;
 * the lag skip at 8, 16, 32 kHz (15, 31, 63) depends on it.
 */
#include "features/rate.h"

#include <math.h>

static const double frame_s = 0.025;
static const double hop_s = 0.010;
static const double mel_top_hz = 8000.0;
static const double highest_pitch_hz = 500.0;

kj__rate kj__rate_of(unsigned sample_rate_hz)
{
  const double sample_s = 1.0 / (double)sample_rate_hz;
  kj__rate rate = {.hz = sample_rate_hz, .fft_size = 4};
  rate.frame_samples = (size_t)round(frame_s / sample_s);
  rate.hop_samples = (size_t)round(hop_s / sample_s);
  while (rate.fft_size < rate.frame_samples)
    rate.fft_size *= 2;
  rate.n_lags = rate.fft_size / 2;
  rate.n_bins = rate.n_lags + 1;

  const double m = (double)rate.fft_size;
  const double fft_s = frame_s * (m / (double)rate.frame_samples);
  const double lag_s = (double)(float)fft_s / m;
  rate.lag_s = (float)lag_s;
  rate.lag_skip = (size_t)(1.0 / (highest_pitch_hz * lag_s));
  rate.bin_hz = (float)(1.0 / fft_s);
  rate.top_hz = (float)fmin(mel_top_hz, 0.5 * (double)(float)(m / fft_s));
  return rate;
}
