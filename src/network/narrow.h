/*
 * narrow.h: bfloat16, the upper half of a float: sign, 8 bits of exponent, 8
 * bits of mantissa, the first of them not stored.
 */
#ifndef KJ_NETWORK_NARROW_H
#define KJ_NETWORK_NARROW_H

#include "kanjo/real.h"
#include "network/kernels.h"
#include <string.h>

/* Nearest, and of two equally near the one whose last bit is 0; what lies at
 * or above the middle between the largest finite number and 2^128 becomes an
 * infinity; a NaN becomes a quiet one of its sign.
 *
 * In integers, so that no machine and no rounding or denormal mode changes a
 * bit: below .5 of the last place adding 0x7fff does not carry into the upper
 * half, above it does, and at .5 only with the odd last bit added. */
static inline kj__bf16 kj__narrow(kj_real value)
{
  const float single = (float)value;
  uint32_t bits;
  memcpy(&bits, &single, sizeof bits);
  const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  const bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
  return (kj__bf16)(is_nan ? bits >> 16 | 0x40 : rounded);
}

/* Exact. */
static inline float kj__widen(kj__bf16 narrow)
{
  const uint32_t bits = (uint32_t)narrow << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#endif
