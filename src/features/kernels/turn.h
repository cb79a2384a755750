/*
 * turn.h: numbers of as many frames as there are lanes, turned into rows.
 *
 * A square of numbers is turned in steps that processors have: first within
 * groups of four (4 x 4 squares), then the groups themselves.
 */
#ifndef KJ_FEATURES_KERNELS_TURN_H
#define KJ_FEATURES_KERNELS_TURN_H

#include "base/kernels/vector.h"

#define KJ__PICK __builtin_shufflevector

#if defined(__AVX512F__)
#define KJ__LOW(a, b)                                                          \
  KJ__PICK(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define KJ__HIGH(a, b)                                                         \
  KJ__PICK(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define KJ__LEFT(a, b)                                                         \
  KJ__PICK(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define KJ__RIGHT(a, b)                                                        \
  KJ__PICK(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define KJ__EVEN(a, b)                                                         \
  KJ__PICK(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
#define KJ__ODD(a, b)                                                          \
  KJ__PICK(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31)
#elif defined(__AVX2__) && defined(__FMA__)
#define KJ__LOW(a, b) KJ__PICK(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define KJ__HIGH(a, b) KJ__PICK(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define KJ__LEFT(a, b) KJ__PICK(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define KJ__RIGHT(a, b) KJ__PICK(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define KJ__EVEN(a, b) KJ__PICK(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define KJ__ODD(a, b) KJ__PICK(a, b, 4, 5, 6, 7, 12, 13, 14, 15)
#else
#define KJ__LOW(a, b) KJ__PICK(a, b, 0, 4, 1, 5)
#define KJ__HIGH(a, b) KJ__PICK(a, b, 2, 6, 3, 7)
#define KJ__LEFT(a, b) KJ__PICK(a, b, 0, 1, 4, 5)
#define KJ__RIGHT(a, b) KJ__PICK(a, b, 2, 3, 6, 7)
#endif

/* Four vectors: each 4 x 4 square of them is turned. */
KJ__INLINE void kj__turn_fours(const kj__vec in[4], kj__vec out[4])
{
  const kj__vec a = KJ__LOW(in[0], in[1]), b = KJ__LOW(in[2], in[3]);
  const kj__vec c = KJ__HIGH(in[0], in[1]), d = KJ__HIGH(in[2], in[3]);
  out[0] = KJ__LEFT(a, b);
  out[1] = KJ__RIGHT(a, b);
  out[2] = KJ__LEFT(c, d);
  out[3] = KJ__RIGHT(c, d);
}

/* row[i] = number i of each frame, i < KJ__LANES. */
KJ__INLINE void kj__turn(const float *const frame[KJ__LANES], size_t first,
                         kj__vec row[KJ__LANES])
{
  kj__vec in[KJ__LANES], x[KJ__LANES];
#pragma GCC unroll 16
  for (size_t i = 0; i < KJ__LANES; i++)
    in[i] = kj__vec_load(frame[i] + first);
#pragma GCC unroll 4
  for (size_t i = 0; i < KJ__LANES; i += 4)
    kj__turn_fours(&in[i], &x[i]);
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; i++) {
#if defined(__AVX512F__)
    const kj__vec a = KJ__EVEN(x[i], x[4 + i]), c = KJ__ODD(x[i], x[4 + i]);
    const kj__vec b = KJ__EVEN(x[8 + i], x[12 + i]);
    const kj__vec d = KJ__ODD(x[8 + i], x[12 + i]);
    row[i] = KJ__EVEN(a, b);
    row[4 + i] = KJ__EVEN(c, d);
    row[8 + i] = KJ__ODD(a, b);
    row[12 + i] = KJ__ODD(c, d);
#elif defined(__AVX2__) && defined(__FMA__)
    row[i] = KJ__EVEN(x[i], x[4 + i]);
    row[4 + i] = KJ__ODD(x[i], x[4 + i]);
#else
    row[i] = x[i];
#endif
  }
}

#endif
