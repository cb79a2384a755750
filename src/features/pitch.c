/*
 * pitch.c: voicing probability and fundamental frequency.
 *
 * The voicing probability is read off the autocorrelation, the pitch off the
 * cepstrum, both by cosine transforms of the power spectrum of the windowed
 * frame. Sources: Noll, Cepstrum pitch determination, J. Acoust. Soc. Am. 41
 * (1967); Rabiner, On the use of autocorrelation analysis for pitch detection,
 * IEEE Trans. ASSP 25 (1977).
 *
 * As in openSMILE, and unlike the textbook: the autocorrelation is circular
 * over the FFT size, rectified, and not freed of the window, so that voices
 * below about 120 Hz hardly count as voiced; the cepstrum is that of
 * ln(1 + power), so it depends on the level; the pitch is the first peak over
 * a threshold, without interpolation; F0 comes one frame late, averaged over
 * two frames, and a single voiced frame is dropped.
 */
#include "features/pitch.h"

#include <math.h>

static const float octave_low = 0.6f, octave_high = 1.4f; /* of the mean */
static const float mean_update = 0.3f;

void kj__pitch_layout(kj__pitch *pitch, const kj__rate *rate, kj__arena *arena)
{
  pitch->rate = *rate;
  kj__cosine_layout(&pitch->cosine, rate->n_lags, arena);
  pitch->spectrum = kj__arena_take(arena, rate->n_bins, sizeof(double));
  pitch->acf = kj__arena_take(arena, rate->n_lags, sizeof(float));
  pitch->cepstrum = kj__arena_take(arena, rate->n_lags, sizeof(float));
}

void kj__pitch_init(kj__pitch *pitch)
{
  kj__cosine_init(&pitch->cosine);
}

static void autocorrelation(const kj__pitch *pitch, const float *magnitude)
{
  const kj__rate *rate = &pitch->rate;
  double *s = pitch->spectrum;
  for (size_t k = 0; k < rate->n_bins; k++)
    s[k] = (double)(magnitude[k] * magnitude[k]);
  kj__cosine_transform(&pitch->cosine, s, s);
  for (size_t t = 0; t < rate->n_lags; t++)
    pitch->acf[t] = (float)(fabs(s[t]) / (double)rate->n_bins);
}

static void cepstrum(const kj__pitch *pitch, const float *magnitude)
{
  const kj__rate *rate = &pitch->rate;
  double *s = pitch->spectrum;
  for (size_t k = 0; k < rate->n_bins; k++) {
    const float power = magnitude[k] * magnitude[k];
    s[k] = power > 0.0f ? (double)(float)log(1.0 + (double)power) : 0.0;
  }
  kj__cosine_transform(&pitch->cosine, s, s);
  for (size_t t = 0; t < rate->n_lags; t++)
    pitch->cepstrum[t] = (float)(s[t] / (double)rate->n_bins);
}

double kj__voicing(const float *acf, size_t n, size_t skip)
{
  if (!(acf[0] > 0.0f))
    return 0.0;
  float largest = acf[n - 1];
  for (size_t i = skip > 1 ? skip : 1; i < n; i++)
    if (acf[i] > largest && acf[i] > acf[i - 1])
      largest = acf[i];
  return (double)largest / (double)acf[0];
}

size_t kj__pitch_lag(const float *cepstrum, size_t n, size_t skip)
{
  float largest = cepstrum[n - 1];
  for (size_t t = skip + 1; t < n; t++)
    if (cepstrum[t] > largest)
      largest = cepstrum[t];
  double sum = 0.0;
  for (size_t t = 0; t < n; t++)
    sum += (double)fabsf(cepstrum[t]);
  const double threshold =
      KJ__PEAK_THRESHOLD * ((double)largest + sum / (double)n);

  for (size_t t = skip + 2; t + 1 < n; t++)
    if ((double)cepstrum[t] > threshold && cepstrum[t] > cepstrum[t - 1] &&
        cepstrum[t] > cepstrum[t + 1])
      return t;
  return 0;
}

void kj__pitch_compute(const kj__pitch *pitch, const float *magnitude,
                       float *voicing, float *pitch_hz)
{
  const kj__rate *rate = &pitch->rate;
  autocorrelation(pitch, magnitude);
  cepstrum(pitch, magnitude);
  const double probability =
      kj__voicing(pitch->acf, rate->n_lags, rate->lag_skip);
  const size_t lag =
      kj__pitch_lag(pitch->cepstrum, rate->n_lags, rate->lag_skip);
  const bool voiced = lag > 0 && !(probability < KJ__VOICING_THRESHOLD);
  *voicing = (float)probability;
  *pitch_hz = voiced ? kj__pitch_of_lag(rate, (float)lag) : 0.0f;
}

/* A pitch far from the running mean is taken for an octave error and replaced
 * by the mean, which follows it only slowly. */
static float correct_octave(kj__pitch_track *track, float pitch_hz)
{
  if (track->mean == 0.0f)
    track->mean = pitch_hz;
  const float before = track->mean;
  const bool near =
      pitch_hz > octave_low * before && pitch_hz < octave_high * before;
  const float update = near ? mean_update : mean_update / 3.0f;
  track->mean = (1.0f - update) * before + update * pitch_hz;
  return near ? pitch_hz : before;
}

float kj__pitch_track_next(kj__pitch_track *track, float pitch_hz)
{
  if (pitch_hz == 0.0f && track->onset)
    track->last = 0.0f;
  track->onset = track->last == 0.0f && pitch_hz > 0.0f;
  if (pitch_hz > 0.0f)
    pitch_hz = correct_octave(track, pitch_hz);

  const bool both = track->last != 0.0f && track->second_last != 0.0f;
  const float given =
      both ? (track->second_last + track->last) / 2.0f : track->last;
  track->second_last = track->last;
  track->last = pitch_hz;
  return given;
}
