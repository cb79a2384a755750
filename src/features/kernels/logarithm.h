/*
 * logarithm.h: natural logarithms of every lane, within 1.3 units in the last
 * place (tests/features/test_lanes.c measures it).
 *
 * x = 2^e (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2); then ln(1 + f) = f +
 * f^2 R(f), R a polynomial of least largest relative error (5e-9), found by
 * linear programming over a grid of points.
 */
#ifndef KJ_FEATURES_KERNELS_LOGARITHM_H
#define KJ_FEATURES_KERNELS_LOGARITHM_H

#include "base/kernels/vector.h"

/* ln(1 + f) - f over f^2. */
KJ__INLINE kj__vec kj__log_rest(kj__vec f)
{
  static const float r[] = {-0.49999988f, 0.33333325f, -0.25001618f,
                            0.20002066f,  -0.16608249f, 0.14179365f,
                            -0.13247834f, 0.12923378f, -0.076333545f};
  enum { LAST = sizeof r / sizeof r[0] - 1 };
  kj__vec sum = kj__vec_of(r[LAST]);
#pragma GCC unroll 8
  for (int i = LAST - 1; i >= 0; i--)
    sum = kj__vec_multiply_add(sum, f, kj__vec_of(r[i]));
  return sum;
}

/* ln(x + rest), x >= 2^-126 and finite, |rest| at most half a unit of x's last
 * place. */
KJ__INLINE kj__vec kj__log_of_sum(kj__vec x, kj__vec rest)
{
  const kj__vec_mask bits = (kj__vec_mask)x;
  const kj__vec_mask e = (bits - 0x3f3504f3) >> 23; /* of sqrt(1/2) */
  const kj__vec mantissa = (kj__vec)(bits - (e << 23));
  const kj__vec scale = (kj__vec)((127 - e) << 23); /* 2^-e */
  const kj__vec f = kj__vec_multiply_add(rest, scale, mantissa - 1.0f);
  const kj__vec exponent = __builtin_convertvector(e, kj__vec);
  /* ln 2 in two parts: the product with the first is exact. */
  const kj__vec low = kj__vec_multiply_add(
      exponent, kj__vec_of(-2.12194440e-4f), f * f * kj__log_rest(f));
  return kj__vec_multiply_add(exponent, kj__vec_of(0.693359375f), low + f);
}

/* ln(x), x >= 2^-126 and finite. */
KJ__INLINE kj__vec kj__log(kj__vec x)
{
  return kj__log_of_sum(x, kj__vec_of(0));
}

/* ln(1 + x), x >= 0 and finite. What rounding 1 + x loses comes back (Knuth,
 * The Art of Computer Programming 2, section 4.2.2, theorem B). */
KJ__INLINE kj__vec kj__log_of_one_and(kj__vec x)
{
  const kj__vec sum = x + 1.0f, part = sum - x;
  const kj__vec rest = (x - (sum - part)) + (1.0f - part);
  return kj__log_of_sum(sum, rest);
}

#endif
