/*
 * vector.h: vectors of floats, as wide as the tier that is being compiled.
 *
 * The files of the folders called kernels are compiled once a tier, with the
 * compiler's options for its instructions and KJ__TIER as its name; what they
 * share among themselves carries that name. The operators of GCC's and clang's
 * vectors do the arithmetic. Nothing is contracted: a fused multiply-add is
 * where kj__vec_multiply_add stands, and nowhere else.
 */
#ifndef KJ_BASE_KERNELS_VECTOR_H
#define KJ_BASE_KERNELS_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

/* A helper must be inlined, or its sums would leave the registers. */
#define KJ__INLINE static inline __attribute__((always_inline))
/* And one that is too large for that must not. */
#define KJ__APART __attribute__((noinline))

/* Before a loop over a tile's units, whose number is a constant: unless every
 * sum has an index of its own, none stays in a register. Clang unrolls such
 * loops itself, and with a pragma does so too early to see the constant. */
#if defined(__clang__)
#define KJ__UNROLL
#else
#define KJ__UNROLL _Pragma("GCC unroll 12")
#endif

#define KJ__JOIN(a, b) a##_##b
#define KJ__JOIN_VALUES(a, b) KJ__JOIN(a, b)
#if defined(KJ__NARROW)
#define KJ__OF_TIER(name) KJ__JOIN_VALUES(name##_narrow, KJ__TIER)
#else
#define KJ__OF_TIER(name) KJ__JOIN_VALUES(name, KJ__TIER)
#endif

#if defined(__AVX512F__)
enum { KJ__LANES = 16, KJ__REGISTERS = 32, KJ__FUSED = 1 };
#elif defined(__AVX2__) && defined(__FMA__)
enum { KJ__LANES = 8, KJ__REGISTERS = 16, KJ__FUSED = 1 };
#elif defined(__ARM_NEON) && defined(__aarch64__)
enum { KJ__LANES = 4, KJ__REGISTERS = 32, KJ__FUSED = 1 };
#else
enum { KJ__LANES = 4, KJ__REGISTERS = 16, KJ__FUSED = 0 };
#endif

typedef float kj__vec __attribute__((vector_size(4 * KJ__LANES)));
typedef int32_t kj__vec_mask __attribute__((vector_size(4 * KJ__LANES)));
typedef float kj__vec_in_memory
    __attribute__((vector_size(4 * KJ__LANES), aligned(4), may_alias));

KJ__INLINE kj__vec kj__vec_load(const float *p)
{
  return *(const kj__vec_in_memory *)p;
}

KJ__INLINE void kj__vec_store(float *p, kj__vec v)
{
  *(kj__vec_in_memory *)p = v;
}

KJ__INLINE kj__vec kj__vec_of(float x)
{
#if defined(__AVX512F__)
  return (kj__vec)_mm512_set1_ps(x);
#elif defined(__AVX2__) && defined(__FMA__)
  return (kj__vec)_mm256_set1_ps(x);
#else
  return (kj__vec){x, x, x, x};
#endif
}

/* sum + a b, rounded once where KJ__FUSED. */
KJ__INLINE kj__vec kj__vec_multiply_add(kj__vec a, kj__vec b, kj__vec sum)
{
#if defined(__AVX512F__)
  return (kj__vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)sum);
#elif defined(__AVX2__) && defined(__FMA__)
  return (kj__vec)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)sum);
#elif defined(__ARM_NEON) && defined(__aarch64__)
  return (kj__vec)vfmaq_f32((float32x4_t)sum, (float32x4_t)a, (float32x4_t)b);
#else
  return sum + a * b;
#endif
}

/* sum - a b, rounded once where KJ__FUSED. */
KJ__INLINE kj__vec kj__vec_multiply_subtract(kj__vec a, kj__vec b, kj__vec sum)
{
#if defined(__AVX512F__)
  return (kj__vec)_mm512_fnmadd_ps((__m512)a, (__m512)b, (__m512)sum);
#elif defined(__AVX2__) && defined(__FMA__)
  return (kj__vec)_mm256_fnmadd_ps((__m256)a, (__m256)b, (__m256)sum);
#elif defined(__ARM_NEON) && defined(__aarch64__)
  return (kj__vec)vfmsq_f32((float32x4_t)sum, (float32x4_t)a, (float32x4_t)b);
#else
  return sum - a * b;
#endif
}

/* The square root, correctly rounded. */
KJ__INLINE kj__vec kj__vec_root(kj__vec v)
{
#if defined(__AVX512F__)
  return (kj__vec)_mm512_sqrt_ps((__m512)v);
#elif defined(__AVX2__) && defined(__FMA__)
  return (kj__vec)_mm256_sqrt_ps((__m256)v);
#elif defined(__SSE2__)
  return (kj__vec)_mm_sqrt_ps((__m128)v);
#elif defined(__ARM_NEON) && defined(__aarch64__)
  return (kj__vec)vsqrtq_f32((float32x4_t)v);
#elif defined(__wasm_simd128__)
  return (kj__vec)wasm_f32x4_sqrt((v128_t)v);
#else
  for (int i = 0; i < KJ__LANES; i++)
    v[i] = __builtin_sqrtf(v[i]);
  return v;
#endif
}

/* A half of a vector, in double. */
typedef double kj__vec_wide __attribute__((vector_size(4 * KJ__LANES)));

KJ__INLINE kj__vec_wide kj__vec_widen_low(kj__vec v)
{
#if defined(__AVX512F__)
  return (kj__vec_wide)_mm512_cvtps_pd(_mm512_castps512_ps256((__m512)v));
#elif defined(__AVX2__) && defined(__FMA__)
  return (kj__vec_wide)_mm256_cvtps_pd(_mm256_castps256_ps128((__m256)v));
#elif defined(__SSE2__)
  return (kj__vec_wide)_mm_cvtps_pd((__m128)v);
#else
  return (kj__vec_wide){(double)v[0], (double)v[1]};
#endif
}

KJ__INLINE kj__vec_wide kj__vec_widen_high(kj__vec v)
{
#if defined(__AVX512F__)
  return (kj__vec_wide)_mm512_cvtps_pd(_mm512_extractf32x8_ps((__m512)v, 1));
#elif defined(__AVX2__) && defined(__FMA__)
  return (kj__vec_wide)_mm256_cvtps_pd(_mm256_extractf128_ps((__m256)v, 1));
#elif defined(__SSE2__)
  return (kj__vec_wide)_mm_cvtps_pd(_mm_movehl_ps((__m128)v, (__m128)v));
#else
  return (kj__vec_wide){(double)v[2], (double)v[3]};
#endif
}

/* Lane by lane: where the mask is set a, else b. */
KJ__INLINE kj__vec kj__vec_choose(kj__vec_mask mask, kj__vec a, kj__vec b)
{
  return (kj__vec)(((kj__vec_mask)a & mask) | ((kj__vec_mask)b & ~mask));
}

/* The larger of both; b where one is not a number. */
KJ__INLINE kj__vec kj__vec_larger(kj__vec a, kj__vec b)
{
#if defined(__AVX512F__)
  return (kj__vec)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__) && defined(__FMA__)
  return (kj__vec)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__SSE2__)
  return (kj__vec)_mm_max_ps((__m128)a, (__m128)b);
#else
  return kj__vec_choose((kj__vec_mask)(a > b), a, b);
#endif
}

/* Whether the mask is set in any lane. */
KJ__INLINE int kj__vec_any(kj__vec_mask mask)
{
#if defined(__AVX512F__)
  return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(__AVX2__) && defined(__FMA__)
  return !_mm256_testz_si256((__m256i)mask, (__m256i)mask);
#elif defined(__SSE2__)
  return _mm_movemask_ps((__m128)mask) != 0;
#else
  int32_t any = 0;
  for (int i = 0; i < KJ__LANES; i++)
    any |= mask[i];
  return any != 0;
#endif
}

/* max(0, z); a NaN stays one, so that a network gone wrong shows it. */
KJ__INLINE kj__vec kj__vec_relu(kj__vec z)
{
  return (kj__vec)((kj__vec_mask)z & ~(kj__vec_mask)(z < kj__vec_of(0)));
}

#endif
