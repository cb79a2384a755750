/*
 * pitch_clean.c: pitch candidates by the autocorrelation of a long window,
 * divided by that of the window.
 *
 * r[t] = (a[t] / a[0]) / (w[t] / w[0]), a of the windowed samples without their
 * mean, w of the Hann window of three periods of 65 Hz. A periodic voice has
 * r = 1 at its period, whatever its pitch and its level. Peaks are refined by a
 * parabola; what comes out above 1 is taken as 1/r.
 *
 * Source: Boersma, Accurate short-term analysis of the fundamental frequency
 * and the harmonics-to-noise ratio of a sampled sound, Proc. Inst. Phonetic
 * Sciences 17, Amsterdam (1993), steps 3 and 4, eq. (9); there the peaks are
 * refined by sinc interpolation.
 */
#include "features/pitch_clean.h"

#include "features/centred.h"

#include <math.h>

static const double lowest_hz = 65.0, highest_hz = 600.0;
static const double n_periods = 3.0;    /* Boersma, section 3 */
static const double octave_cost = 0.01; /* likewise, eq. (24) */

void kj__clean_pitch_layout(kj__clean_pitch *p, const kj__rate *rate,
                            kj__arena *arena)
{
  p->hz = (double)rate->hz;
  const double needed = n_periods * p->hz / lowest_hz;
  p->margin = (size_t)ceil(0.5 * (needed - (double)rate->frame_samples));
  p->window = rate->frame_samples + 2 * p->margin;
  p->min_lag = (size_t)floor(p->hz / highest_hz);
  p->max_lag = (size_t)ceil(p->hz / lowest_hz);
  p->fft_size = 4;
  while (p->fft_size < p->window + p->max_lag + 2)
    p->fft_size *= 2;
  kj__real_fft_layout(&p->fft, p->fft_size, arena);
  kj__cosine_layout(&p->cosine, p->fft_size / 2, arena);
  p->hann = kj__arena_take(arena, p->window, sizeof(double));
  p->inverse = kj__arena_take(arena, p->max_lag + 2, sizeof(double));
  p->padded = kj__arena_take(arena, p->fft_size, sizeof(double));
  p->re = kj__arena_take(arena, p->fft_size / 2 + 1, sizeof(double));
  p->im = kj__arena_take(arena, p->fft_size / 2 + 1, sizeof(double));
}

/* Of what is in `padded`, in place of its spectrum: p->re[t]. */
static const double *correlate(const kj__clean_pitch *p)
{
  kj__real_fft_transform(&p->fft, p->padded, p->re, p->im);
  for (size_t k = 0; k <= p->fft_size / 2; k++)
    p->re[k] = p->re[k] * p->re[k] + p->im[k] * p->im[k];
  kj__cosine_transform(&p->cosine, p->re, p->re);
  return p->re;
}

void kj__clean_pitch_init(kj__clean_pitch *p)
{
  kj__real_fft_init(&p->fft);
  kj__cosine_init(&p->cosine);
  for (size_t i = 0; i < p->fft_size; i++)
    p->padded[i] = 0.0;
  for (size_t i = 0; i < p->window; i++) {
    const double turn = ((double)i + 0.5) / (double)p->window;
    p->padded[i] = p->hann[i] = 0.5 - 0.5 * cos(2.0 * KJ__PI * turn);
  }
  const double *own = correlate(p);
  for (size_t t = 0; t < p->max_lag + 2; t++)
    p->inverse[t] = own[0] / own[t];
}

/* The peak at lag t, between its neighbours. */
static kj__candidate refine(const kj__clean_pitch *p, size_t t, double left,
                            double here, double right)
{
  const double shift = 0.5 * (left - right) / (left - 2.0 * here + right);
  const double peak = here - 0.25 * (left - right) * shift;
  const double r = peak > 1.0 ? 1.0 / peak : peak;
  const double hz = p->hz / ((double)t + shift);
  return (kj__candidate){r - octave_cost * log2(lowest_hz / hz), r, hz};
}

/* Keep the strongest, in order; of equals the shorter lag first. */
static void insert(kj__pitch_frame *frame, const kj__candidate *new)
{
  size_t at = frame->n;
  while (at > 1 && new->strength > frame->candidate[at - 1].strength)
    at--;
  if (at == KJ__N_CANDIDATES)
    return;
  if (frame->n < KJ__N_CANDIDATES)
    frame->n++;
  for (size_t i = frame->n - 1; i > at; i--)
    frame->candidate[i] = frame->candidate[i - 1];
  frame->candidate[at] = *new;
}

static void find_peaks(const kj__clean_pitch *p, const double *a,
                       kj__pitch_frame *frame)
{
  const double scale = 1.0 / a[0];
  double left = a[p->min_lag - 1] * scale * p->inverse[p->min_lag - 1];
  double here = a[p->min_lag] * scale * p->inverse[p->min_lag];
  for (size_t t = p->min_lag; t <= p->max_lag; t++) {
    const double right = a[t + 1] * scale * p->inverse[t + 1];
    if (here > 0.0 && here > left && here >= right) {
      const kj__candidate found = refine(p, t, left, here, right);
      if (found.hz >= lowest_hz && found.hz <= highest_hz)
        insert(frame, &found);
    }
    left = here;
    here = right;
  }
}

void kj__clean_pitch_compute(const kj__clean_pitch *p, const float *samples,
                             kj__pitch_frame *frame)
{
  const float mean = kj__mean_of(samples, p->window);
  frame->peak = 0.0;
  frame->n = 1;
  for (size_t i = 0; i < p->window; i++) {
    const double x = (double)(samples[i] - mean);
    frame->peak = fabs(x) > frame->peak ? fabs(x) : frame->peak;
    p->padded[i] = x * p->hann[i];
  }
  const double *a = correlate(p);
  if (a[0] > 0.0)
    find_peaks(p, a, frame);
}
