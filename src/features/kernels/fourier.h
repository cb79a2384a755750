/*
 * fourier.h: the complex Fourier transform of every lane.
 *
 * In place, decimated in frequency, radix 4 with one radix-2 pass where the
 * size asks for it; Z[k] ends where the bits of k, reversed, say. Half a
 * radix-4 step is a radix-2 step, so that order is the same for both.
 *
 * Source: Van Loan, Computational Frameworks for the Fast Fourier Transform,
 * sections 1.9 (decimation in frequency) and 2.4 (radix 4).
 */
#ifndef KJ_FEATURES_KERNELS_FOURIER_H
#define KJ_FEATURES_KERNELS_FOURIER_H

#include "base/kernels/vector.h"

/* A complex number of each lane: two rows, one after the other. */
typedef struct kj__point {
  kj__vec re, im;
} kj__point;

enum { KJ__POINT = 2 * KJ__LANES }; /* floats */

KJ__INLINE kj__point kj__point_load(const float *p)
{
  return (kj__point){kj__vec_load(p), kj__vec_load(p + KJ__LANES)};
}

KJ__INLINE void kj__point_store(float *p, kj__point z)
{
  kj__vec_store(p, z.re);
  kj__vec_store(p + KJ__LANES, z.im);
}

KJ__INLINE kj__point kj__point_add(kj__point a, kj__point b)
{
  return (kj__point){a.re + b.re, a.im + b.im};
}

KJ__INLINE kj__point kj__point_subtract(kj__point a, kj__point b)
{
  return (kj__point){a.re - b.re, a.im - b.im};
}

/* a (c - i s), with (c, s) at cs. */
KJ__INLINE kj__point kj__point_turn(kj__point a, const float cs[2])
{
  const kj__vec c = kj__vec_of(cs[0]), s = kj__vec_of(cs[1]);
  return (kj__point){kj__vec_multiply_add(a.im, s, a.re * c),
                     kj__vec_multiply_subtract(a.re, s, a.im * c)};
}

/* The four sums of four numbers that are `apart` floats from each other, in
 * the order of frequencies 0, 2, 1, 3. */
KJ__INLINE void kj__point_cross(const float *z, size_t apart, kj__point y[4])
{
  const kj__point a = kj__point_load(z), b = kj__point_load(z + apart);
  const kj__point c = kj__point_load(z + 2 * apart);
  const kj__point d = kj__point_load(z + 3 * apart);
  const kj__point ac = kj__point_add(a, c), bd = kj__point_add(b, d);
  const kj__point e = kj__point_subtract(a, c), f = kj__point_subtract(b, d);
  y[0] = kj__point_add(ac, bd);
  y[1] = kj__point_subtract(ac, bd);
  y[2] = (kj__point){e.re + f.im, e.im - f.re};
  y[3] = (kj__point){e.re - f.im, e.im + f.re};
}

/* Blocks of `size` points; cos, sin of 2 pi k/size at circle[2 k step]. */
static inline void kj__fourier_pass4(float *z, size_t n, size_t size,
                                     const float *circle, size_t step)
{
  const size_t apart = size / 4 * KJ__POINT;
  for (size_t k = 0; k < size / 4; k++) {
    const float *w1 = circle + 2 * k * step, *w2 = circle + 4 * k * step;
    const float *w3 = circle + 6 * k * step;
    for (size_t j = k; j < n; j += size) {
      float *p = z + j * KJ__POINT;
      kj__point y[4];
      kj__point_cross(p, apart, y);
      kj__point_store(p, y[0]);
      kj__point_store(p + apart, kj__point_turn(y[1], w2));
      kj__point_store(p + 2 * apart, kj__point_turn(y[2], w1));
      kj__point_store(p + 3 * apart, kj__point_turn(y[3], w3));
    }
  }
}

/* The last pass: nothing is turned. */
static inline void kj__fourier_last4(float *z, size_t n)
{
  for (float *p = z; p < z + n * KJ__POINT; p += 4 * KJ__POINT) {
    kj__point y[4];
    kj__point_cross(p, KJ__POINT, y);
    kj__point_store(p, y[0]);
    kj__point_store(p + KJ__POINT, y[1]);
    kj__point_store(p + 2 * KJ__POINT, y[2]);
    kj__point_store(p + 3 * KJ__POINT, y[3]);
  }
}

static inline void kj__fourier_last2(float *z, size_t n)
{
  for (float *p = z; p < z + n * KJ__POINT; p += 2 * KJ__POINT) {
    const kj__point a = kj__point_load(p), b = kj__point_load(p + KJ__POINT);
    kj__point_store(p, kj__point_add(a, b));
    kj__point_store(p + KJ__POINT, kj__point_subtract(a, b));
  }
}

/* Z[k] = sum_j z[j] exp(-2 pi i j k/n) of n points, n a power of 2; cos, sin
 * of 2 pi k/n at circle[2 k step]. */
static inline void kj__fourier(float *z, size_t n, const float *circle,
                               size_t step)
{
  size_t size = n;
  for (; size > 4; size /= 4, step *= 4)
    kj__fourier_pass4(z, n, size, circle, step);
  if (size == 4)
    kj__fourier_last4(z, n);
  else if (size == 2)
    kj__fourier_last2(z, n);
}

#endif
