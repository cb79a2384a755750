/*
 * pitch.c: voicing probability and lag of the pitch, of every lane.
 *
 * Autocorrelation and cepstrum are cosine transforms of real sequences, and
 * are computed as the real and the imaginary part of one of a complex sequence
 *
 *   x[k] = a P[k] + i ln(1 + P[k]),   k = 0..n,  n = M/2
 *   S[t] = x[0]/2 + (-1)^t x[n]/2 + sum_{k=1}^{n-1} x[k] cos(pi k t / n)
 *
 * with `a` such that neither part loses digits to the other. Even t are a
 * transform of the same kind and half the size, odd t one of another kind
 * (DCT-III) that a Fourier transform of n/2 points gives.
 *
 * What is decided from them must not hang on the rounding, which differs from
 * that of the plain version (features/pitch.c): where a comparison is closer
 * than KJ__PITCH_MARGIN of the value at lag 0, the lag is KJ__LAG_UNSURE.
 *
 * Source of the DCT-III: Makhoul, A fast cosine transform in one and two
 * dimensions, IEEE Trans. ASSP 28 (1980), equations (14) to (17).
 *
 * x takes the place of the wave; what a Fourier transform works on, once x is
 * filled, that of the power.
 */
#include "features/kernels/fourier.h"
#include "features/kernels/functions.h"
#include "features/kernels/logarithm.h"

/* Of the sum of P. Below the one, the plain version's ln(1 + P) loses digits,
 * as that of openSMILE does; beyond the other, numbers may overflow. */
#define QUIETEST 1e-6f
#define LOUDEST 1e30f

KJ__INLINE kj__vec magnitude_of(kj__vec v)
{
  return (kj__vec)((kj__vec_mask)v & 0x7fffffff);
}

/* Where the mask is set v, else 0. */
KJ__INLINE kj__vec only(kj__vec_mask mask, kj__vec v)
{
  return (kj__vec)((kj__vec_mask)v & mask);
}

/* Where all P are 0, or so small, large or not a number that nothing can be
 * decided. */
typedef struct doubts {
  kj__vec_mask silent, unsure;
} doubts;

/* Sums of P and of ln(1 + P). */
typedef struct totals {
  kj__vec powers, logs;
} totals;

/* The logarithms of bins k and l, each of which counts `weight`. */
KJ__INLINE void fill_logarithms(kj__lanes *q, size_t k, size_t l, float weight,
                                totals *sum)
{
  const kj__two power = {{kj__vec_load(q->power + k * KJ__LANES),
                          kj__vec_load(q->power + l * KJ__LANES)}};
  const kj__two log = kj__logs_of_one_and(power);
  kj__vec_store(q->wave + k * KJ__POINT + KJ__LANES, log.v[0]);
  kj__vec_store(q->wave + l * KJ__POINT + KJ__LANES, log.v[1]);
  sum->powers += weight * (power.v[0] + power.v[1]);
  sum->logs += weight * (log.v[0] + log.v[1]);
}

/* x into q->wave. */
static doubts fill_sequence(kj__lanes *q)
{
  const size_t n = q->plain->rate.n_lags;
  totals sum = {kj__vec_of(0), kj__vec_of(0)};
  fill_logarithms(q, 0, n, 0.5f, &sum);
  fill_logarithms(q, n / 2, n / 2, 0.5f, &sum);
  for (size_t k = 1; k < n / 2; k++)
    fill_logarithms(q, k, n - k, 1.0f, &sum);
  const doubts d = {
      (kj__vec_mask)(sum.powers == 0.0f),
      ~(kj__vec_mask)((sum.powers > QUIETEST) & (sum.powers < LOUDEST))};
  const kj__vec scale = only(~d.silent, 0.25f * sum.logs / sum.powers);
  for (size_t k = 0; k <= n; k++)
    kj__vec_store(q->wave + k * KJ__POINT,
                  scale * kj__vec_load(q->power + k * KJ__LANES));
  return d;
}

/* V[k] = (c + i s) (d - i e). */
KJ__INLINE kj__point twist(kj__point d, kj__point e, kj__vec c, kj__vec s)
{
  const kj__vec re = d.re + e.im, im = d.im - e.re;
  return (kj__point){kj__vec_multiply_subtract(im, s, re * c),
                     kj__vec_multiply_add(re, s, im * c)};
}

/* From x[0..2 half]: the sequence of the even t into x[0..half], and into v
 * what a Fourier transform turns to the odd ones. */
static void fold(float *x, size_t half, float *v, const float *circle,
                 size_t step)
{
  const size_t size = 2 * half;
  const kj__point first = kj__point_load(x);
  const kj__point middle = kj__point_load(x + half * KJ__POINT);
  const kj__point last = kj__point_load(x + size * KJ__POINT);
  kj__point_store(x, kj__point_add(first, last));
  kj__point_store(x + half * KJ__POINT, kj__point_add(middle, middle));
  const kj__point d = kj__point_subtract(first, last);
  kj__point_store(v, (kj__point){0.5f * d.re, 0.5f * d.im});
  for (size_t k = 1; k <= half / 2; k++) {
    float *const xk = x + k * KJ__POINT, *const xl = x + (half - k) * KJ__POINT;
    const kj__point a = kj__point_load(xk), b = kj__point_load(xl);
    const kj__point c = kj__point_load(x + (half + k) * KJ__POINT);
    const kj__point e = kj__point_load(x + (size - k) * KJ__POINT);
    const kj__vec cosine = kj__vec_of(0.5f * circle[2 * k * step]);
    const kj__vec sine = kj__vec_of(0.5f * circle[2 * k * step + 1]);
    const kj__point dk = kj__point_subtract(a, e);
    const kj__point dl = kj__point_subtract(b, c);
    kj__point_store(xk, kj__point_add(a, e));
    kj__point_store(xl, kj__point_add(b, c));
    kj__point_store(v + k * KJ__POINT, twist(dk, dl, cosine, sine));
    kj__point_store(v + (half - k) * KJ__POINT, twist(dl, dk, sine, cosine));
  }
}

KJ__INLINE void give_lag(kj__lanes *q, size_t t, kj__point s)
{
  s.re = magnitude_of(s.re);
  kj__point_store(q->lags + t * KJ__POINT, s);
}

/* Odd lags, `apart` times, from the transform of v: it runs backwards, with
 * the even ones of them in its first half, and its order is that of reversed
 * bits, `half` having `n_fewer` bits less than n. */
static void give_odd_lags(kj__lanes *q, size_t half, unsigned n_fewer,
                          size_t apart)
{
  const uint32_t *reverse = q->reverse;
  give_lag(q, apart, kj__point_load(q->power));
  for (size_t i = 1; i <= half / 2; i++) {
    const size_t even = reverse[half - i] >> n_fewer;
    const size_t odd = reverse[i] >> n_fewer;
    if (2 * i < half)
      give_lag(q, (4 * i + 1) * apart,
               kj__point_load(q->power + even * KJ__POINT));
    give_lag(q, (4 * i - 1) * apart,
             kj__point_load(q->power + odd * KJ__POINT));
  }
}

static void transform_sequence(kj__lanes *q)
{
  float *const x = q->wave;
  unsigned n_fewer = 1;
  size_t half = q->plain->rate.n_lags / 2;
  for (size_t apart = 1; half >= 1; half /= 2, apart *= 2) {
    fold(x, half, q->power, q->circle, apart);
    kj__fourier(q->power, half, q->circle, 4 * apart);
    give_odd_lags(q, half, n_fewer++, apart);
  }
  const kj__point sum =
      kj__point_add(kj__point_load(x), kj__point_load(x + KJ__POINT));
  give_lag(q, 0, (kj__point){0.5f * sum.re, 0.5f * sum.im});
}

/* Autocorrelation and cepstrum at lag t. */
KJ__INLINE kj__vec acf_at(const kj__lanes *q, size_t t)
{
  return kj__vec_load(q->lags + t * KJ__POINT);
}

KJ__INLINE kj__vec cepstrum_at(const kj__lanes *q, size_t t)
{
  return kj__vec_load(q->lags + t * KJ__POINT + KJ__LANES);
}

/* What is known of every lane. */
typedef struct verdict {
  kj__vec_mask voiced, unsure;
  kj__vec lag;
} verdict;

/* kj__voicing: the largest rising value counting those that surely rise, and
 * all that may. */
static void judge_voicing(kj__lanes *q, verdict *v)
{
  const kj__rate *rate = &q->plain->rate;
  const size_t skip = rate->lag_skip > 1 ? rate->lag_skip : 1;
  const kj__vec zero = acf_at(q, 0), margin = zero * KJ__PITCH_MARGIN;
  kj__vec low = acf_at(q, rate->n_lags - 1), high = low;
  kj__vec before = acf_at(q, skip - 1);
  for (size_t t = skip; t < rate->n_lags; t++) {
    const kj__vec here = acf_at(q, t), rise = here - before;
    low = kj__vec_larger(only(rise > margin, here), low);
    high = kj__vec_larger(only(rise > -margin, here), high);
    before = here;
  }
  const kj__vec over = high - zero * (float)KJ__VOICING_THRESHOLD;
  v->unsure |=
      (kj__vec_mask)((high - low > margin) | (magnitude_of(over) <= margin));
  v->voiced = (kj__vec_mask)(over > 0.0f);
  const kj__vec_mask any = (kj__vec_mask)(zero > 0.0f);
  kj__vec_store(q->value[KJ__VOICING], only(any, high / zero));
}

/* 0.6 (largest + mean magnitude). */
static kj__vec peak_threshold(const kj__lanes *q)
{
  const kj__rate *rate = &q->plain->rate;
  const size_t n = rate->n_lags;
  kj__vec largest = cepstrum_at(q, n - 1), sum = kj__vec_of(0);
  for (size_t t = 0; t <= rate->lag_skip; t++)
    sum += magnitude_of(cepstrum_at(q, t));
  for (size_t t = rate->lag_skip + 1; t < n; t++) {
    const kj__vec here = cepstrum_at(q, t);
    sum += magnitude_of(here);
    largest = kj__vec_larger(here, largest);
  }
  return (largest + sum / (float)n) * (float)KJ__PEAK_THRESHOLD;
}

/* kj__pitch_lag, of the lanes that are voiced. */
static void find_lag(const kj__lanes *q, verdict *v)
{
  const kj__rate *rate = &q->plain->rate;
  const kj__vec threshold = peak_threshold(q);
  const kj__vec margin = cepstrum_at(q, 0) * KJ__PITCH_MARGIN;
  kj__vec_mask open = v->voiced & ~v->unsure;
  for (size_t t = rate->lag_skip + 2; t + 1 < rate->n_lags; t++) {
    const kj__vec here = cepstrum_at(q, t), over = here - threshold;
    kj__vec_mask may = open & (kj__vec_mask)(over > -margin);
    if (!kj__vec_any(may))
      continue;
    const kj__vec left = here - cepstrum_at(q, t - 1);
    const kj__vec right = here - cepstrum_at(q, t + 1);
    may &= (kj__vec_mask)((left > -margin) & (right > -margin));
    const kj__vec_mask is =
        may &
        (kj__vec_mask)((over > margin) & (left > margin) & (right > margin));
    v->lag = kj__vec_choose(is, kj__vec_of((float)t), v->lag);
    v->unsure |= may & ~is;
    open &= ~may;
  }
}

void KJ__OF_TIER(kj__lanes_pitch)(kj__lanes *q)
{
  const doubts d = fill_sequence(q);
  transform_sequence(q);
  verdict v = {.unsure = d.unsure, .lag = kj__vec_of(0)};
  judge_voicing(q, &v);
  find_lag(q, &v);
  v.unsure &= ~d.silent;
  kj__vec_store(q->value[KJ__F0],
                kj__vec_choose(v.unsure, kj__vec_of(KJ__LAG_UNSURE), v.lag));
}
