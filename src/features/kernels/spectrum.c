/*
 * spectrum.c: power and magnitude spectrum of every lane.
 *
 * M real numbers are transformed as M/2 complex ones, as in features/fft.c,
 * here in single precision.
 */
#include "features/kernels/fourier.h"
#include "features/kernels/functions.h"

KJ__INLINE void give(kj__lanes *q, size_t k, kj__vec power)
{
  kj__vec_store(q->power + k * KJ__LANES, power);
  kj__vec_store(q->magnitude + k * KJ__LANES, kj__vec_root(power));
}

KJ__INLINE kj__vec square(kj__point x)
{
  return kj__vec_multiply_add(x.re, x.re, x.im * x.im);
}

/* With E, U the transforms of the even and odd samples and Z = E + i U:
 * X[k] = E[k] + w^k U[k],  X[M/2-k] = conj(E[k] - w^k U[k]).
 * Both sides are twice as large here until the end. */
KJ__INLINE void give_pair(kj__lanes *q, size_t k, size_t n)
{
  const kj__vec quarter = kj__vec_of(0.25f);
  const kj__point a = kj__point_load(q->wave + q->reverse[k] * KJ__POINT);
  const kj__point b = kj__point_load(q->wave + q->reverse[n - k] * KJ__POINT);
  const kj__point e = {a.re + b.re, a.im - b.im};
  const kj__point u = {a.im + b.im, b.re - a.re};
  const kj__point w = kj__point_turn(u, q->circle + 2 * k);
  give(q, k, quarter * square(kj__point_add(e, w)));
  give(q, n - k, quarter * square(kj__point_subtract(e, w)));
}

void KJ__OF_TIER(kj__lanes_spectrum)(kj__lanes *q)
{
  const size_t n = q->plain->rate.fft_size / 2;
  kj__fourier(q->wave, n, q->circle, 2);
  const kj__point first = kj__point_load(q->wave);
  const kj__vec sum = first.re + first.im, difference = first.re - first.im;
  give(q, 0, sum * sum);
  give(q, n, difference * difference);
  for (size_t k = 1; k < n / 2; k++)
    give_pair(q, k, n);
  const size_t middle = q->reverse[n / 2];
  give(q, n / 2, square(kj__point_load(q->wave + middle * KJ__POINT)));
}
