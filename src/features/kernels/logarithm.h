/*
 * logarithm.h: natural logarithms of every lane, ln(x) within 1 and ln(1 + x)
 * within 1.6 units in the last place (tests/features/logarithm.c measures).
 *
 * x = 2^e (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2); then ln(1 + f) = f +
 * f^2 R(f), R a polynomial of least largest relative error (5e-9), found by
 * linear programming over a grid of points.
 */
#ifndef KJ_FEATURES_KERNELS_LOGARITHM_H
#define KJ_FEATURES_KERNELS_LOGARITHM_H

#include "base/kernels/vector.h"

/* Two logarithms at a time, step by step: while one waits for the result of a
 * step, the other has something to do. */
typedef struct kj__two {
  kj__vec v[2];
} kj__two;

#define KJ__BOTH _Pragma("GCC unroll 2") for (int i = 0; i < 2; i++)

/* low + high f */
KJ__INLINE kj__two kj__log_terms(kj__two f, float low, float high)
{
  kj__two sum;
  KJ__BOTH sum.v[i] =
      kj__vec_multiply_add(kj__vec_of(high), f.v[i], kj__vec_of(low));
  return sum;
}

/* a b + c */
KJ__INLINE kj__two kj__two_multiply_add(kj__two a, kj__two b, kj__two c)
{
  KJ__BOTH c.v[i] = kj__vec_multiply_add(a.v[i], b.v[i], c.v[i]);
  return c;
}

/* f^2 R(f), in pairs of terms (Estrin's scheme): fewer wait for each other. */
KJ__INLINE kj__two kj__log_rest(kj__two f)
{
  kj__two f2, f4, top;
  KJ__BOTH f2.v[i] = f.v[i] * f.v[i];
  const kj__two a = kj__log_terms(f, -0.49999988f, 0.33333325f);
  const kj__two b = kj__log_terms(f, -0.25001618f, 0.20002066f);
  KJ__BOTH f4.v[i] = f2.v[i] * f2.v[i];
  const kj__two c = kj__log_terms(f, -0.16608249f, 0.14179365f);
  const kj__two d = kj__log_terms(f, -0.13247834f, 0.12923378f);
  KJ__BOTH top.v[i] = kj__vec_of(-0.076333545f);
  top = kj__two_multiply_add(top, f4, kj__two_multiply_add(d, f2, c));
  top = kj__two_multiply_add(top, f4, kj__two_multiply_add(b, f2, a));
  KJ__BOTH top.v[i] *= f2.v[i];
  return top;
}

/* x = 2^exponent (1 + f), and rest = f^2 R(f). */
typedef struct kj__log_parts {
  kj__two exponent, f, rest;
} kj__log_parts;

/* Of x + lost, 2^-126 <= x < 2^127, |lost| at most half a unit of x's last
 * place. */
KJ__INLINE kj__log_parts kj__log_split(kj__two x, kj__two lost)
{
  kj__log_parts parts;
  KJ__BOTH
  {
    const kj__vec_mask bits = (kj__vec_mask)x.v[i];
    const kj__vec_mask e = (bits - 0x3f3504f3) >> 23; /* of sqrt(1/2) */
    const kj__vec mantissa = (kj__vec)(bits - (e << 23));
    const kj__vec scale = (kj__vec)((127 - e) << 23); /* 2^-e */
    parts.f.v[i] = kj__vec_multiply_add(lost.v[i], scale, mantissa - 1.0f);
    parts.exponent.v[i] = __builtin_convertvector(e, kj__vec);
  }
  parts.rest = kj__log_rest(parts.f);
  return parts;
}

/* ln(x), 2^-126 <= x < 2^127. */
KJ__INLINE kj__two kj__logs(kj__two x)
{
  const kj__vec zero = kj__vec_of(0);
  const kj__log_parts p = kj__log_split(x, (kj__two){{zero, zero}});
  KJ__BOTH
  {
    /* ln 2 in two parts: the product with the first, 355/512, is exact. */
    const kj__vec low = kj__vec_multiply_add(
        p.exponent.v[i], kj__vec_of(-2.12194440e-4f), p.rest.v[i]);
    const kj__vec high = p.exponent.v[i] * 0.693359375f;
    const kj__vec sum = high + p.f.v[i];
    x.v[i] = sum + (low + (p.f.v[i] - (sum - high)));
  }
  return x;
}

/* ln(1 + x), 0 <= x < 2^127. What rounding 1 + x loses comes back (Knuth,
 * The Art of Computer Programming 2, section 4.2.2, theorem B). */
KJ__INLINE kj__two kj__logs_of_one_and(kj__two x)
{
  const float ln2 = 0.693147181f;
  kj__two sums, lost;
  KJ__BOTH
  {
    const kj__vec sum = x.v[i] + 1.0f, part = sum - x.v[i];
    sums.v[i] = sum;
    lost.v[i] = (x.v[i] - (sum - part)) + (1.0f - part);
  }
  const kj__log_parts p = kj__log_split(sums, lost);
  KJ__BOTH x.v[i] = kj__vec_multiply_add(p.exponent.v[i], kj__vec_of(ln2),
                                         p.f.v[i] + p.rest.v[i]);
  return x;
}

#endif
