/*
 * packed.c: one row: columns of weights, times an input each, added up.
 *
 * Four inputs at a time go over all units, so that the sums are loaded and
 * stored once for four columns of weights; the columns of the next four, which
 * are somewhere behind, are fetched meanwhile.
 */
#include "network/packed.h"

#include "base/kernels/vector.h"
#include <string.h>

enum {
  GROUP = 4, /* inputs */
  BLOCK = KJ__PACKED_PAD,
  VECTORS = BLOCK / KJ__LANES,
  CACHE_LINE = 64 /* bytes */
};

/* ---- vectors of whole numbers ---- */

typedef uint32_t words __attribute__((vector_size(4 * KJ__LANES)));
typedef int32_t whole __attribute__((vector_size(4 * KJ__LANES)));
typedef int16_t halves __attribute__((vector_size(4 * KJ__LANES)));
typedef int8_t bytes __attribute__((vector_size(2 * KJ__LANES)));

/* Lane by lane x_2i y_2i + x_(2i+1) y_(2i+1), exact where it fits. */
KJ__INLINE whole multiply_pairs(halves x, halves y)
{
#if defined(__AVX512BW__)
  return (whole)_mm512_madd_epi16((__m512i)x, (__m512i)y);
#elif defined(__AVX2__) && defined(__FMA__)
  return (whole)_mm256_madd_epi16((__m256i)x, (__m256i)y);
#elif defined(__SSE2__)
  return (whole)_mm_madd_epi16((__m128i)x, (__m128i)y);
#elif defined(__wasm_simd128__)
  return (whole)wasm_i32x4_dot_i16x8((v128_t)x, (v128_t)y);
#else
  const whole low = (whole)((words)x << 16) >> 16;
  const whole low_y = (whole)((words)y << 16) >> 16;
  return low * low_y + ((whole)x >> 16) * ((whole)y >> 16);
#endif
}

/* Steps of weights from memory, 8 bits to 16. */
KJ__INLINE halves load_steps(const uint8_t *from)
{
#if defined(__AVX512BW__)
  return (halves)_mm512_cvtepi8_epi16(_mm256_loadu_si256((const void *)from));
#elif defined(__AVX2__) && defined(__FMA__)
  return (halves)_mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)from));
#elif defined(__SSE2__)
  const __m128i w = _mm_loadl_epi64((const void *)from);
  return (halves)_mm_srai_epi16(_mm_unpacklo_epi8(w, w), 8);
#else
  bytes w;
  memcpy(&w, from, sizeof w);
  return __builtin_convertvector(w, halves);
#endif
}

/* Two inputs' steps in every lane. */
KJ__INLINE halves spread_pair(const int16_t *steps)
{
  float pair; /* its bits are two whole numbers */
  memcpy(&pair, steps, sizeof pair);
  return (halves)kj__vec_of(pair);
}

/* ---- a group of inputs ---- */

typedef struct group {
  const uint8_t *column[GROUP]; /* of weights */
  const uint8_t *next[GROUP];   /* to be fetched */
  uint32_t input[GROUP];
} group;

KJ__INLINE group group_at(const kj__packed_product *q, size_t at, size_t n,
                          size_t column_bytes)
{
  group g;
  for (size_t i = 0; i < n; i++) {
    const size_t later = at + GROUP + i < q->n_active ? at + GROUP + i : at;
    g.input[i] = q->active[at + i];
    g.column[i] = (const uint8_t *)q->weights + g.input[i] * column_bytes;
    g.next[i] = (const uint8_t *)q->weights + q->active[later] * column_bytes;
  }
  return g;
}

KJ__INLINE void fetch(const uint8_t *next, size_t n_bytes)
{
  for (size_t b = 0; b < n_bytes; b += CACHE_LINE)
    __builtin_prefetch(next + b, 0, 3);
}

/* ---- fp32 ---- */

enum { FLOAT_BYTES = 4 * BLOCK };

KJ__INLINE void add_floats(const kj__packed_product *q, size_t at, size_t n)
{
  const group g = group_at(q, at, n, q->pitch * 4);
  float *const z = q->z;
  kj__vec x[GROUP];
  for (size_t i = 0; i < n; i++)
    x[i] = kj__vec_of(q->x[g.input[i]]);
  for (size_t o = 0; o < q->pitch; o += BLOCK) {
    for (size_t i = 0; i < n; i++)
      fetch(g.next[i] + o * 4, FLOAT_BYTES);
#pragma GCC unroll 8
    for (size_t v = 0; v < VECTORS; v++) {
      const size_t unit = o + v * KJ__LANES;
      kj__vec sum = kj__vec_load(z + unit);
      for (size_t i = 0; i < n; i++)
        sum = kj__vec_multiply_add(
            kj__vec_load((const float *)(const void *)g.column[i] + unit), x[i],
            sum);
      kj__vec_store(z + unit, sum);
    }
  }
}

static void run_fp32(const kj__packed_product *q)
{
  size_t at = 0;
  for (; at + GROUP <= q->n_active; at += GROUP)
    add_floats(q, at, GROUP);
  for (; at < q->n_active; at++)
    add_floats(q, at, 1);
}

/* ---- bf16 ---- */

enum { NARROW_BYTES = 2 * BLOCK };

/* 16 words have units i of 32 below and 16 + i above. */
KJ__INLINE void add_narrow(const kj__packed_product *q, size_t at, size_t n)
{
  const group g = group_at(q, at, n, q->pitch * 2);
  float *const z = q->z;
  kj__vec x[GROUP];
  for (size_t i = 0; i < n; i++)
    x[i] = kj__vec_of(q->x[g.input[i]]);
  for (size_t o = 0; o < q->pitch; o += BLOCK) {
    for (size_t i = 0; i < n; i++)
      fetch(g.next[i] + o * 2, NARROW_BYTES);
#pragma GCC unroll 4
    for (size_t v = 0; v < VECTORS / 2; v++) {
      const size_t unit = o + v * KJ__LANES;
      kj__vec low = kj__vec_load(z + unit);
      kj__vec high = kj__vec_load(z + unit + BLOCK / 2);
      for (size_t i = 0; i < n; i++) {
        words w;
        memcpy(&w, g.column[i] + o * 2 + v * sizeof w, sizeof w);
        low = kj__vec_multiply_add((kj__vec)(w << 16), x[i], low);
        high = kj__vec_multiply_add((kj__vec)(w & 0xffff0000u), x[i], high);
      }
      kj__vec_store(z + unit, low);
      kj__vec_store(z + unit + BLOCK / 2, high);
    }
  }
}

static void run_bf16(const kj__packed_product *q)
{
  size_t at = 0;
  for (; at + GROUP <= q->n_active; at += GROUP)
    add_narrow(q, at, GROUP);
  for (; at < q->n_active; at++)
    add_narrow(q, at, 1);
}

/* ---- int8 ---- */

enum { PAIR_BYTES = 2 * BLOCK };

KJ__INLINE void add_pairs(const kj__packed_product *q, size_t at, size_t n)
{
  const group g = group_at(q, at, n, q->pitch * 2);
  int32_t *const sums = q->sum;
  halves a[GROUP];
  for (size_t i = 0; i < n; i++)
    a[i] = spread_pair(q->steps + 2 * (size_t)g.input[i]);
  for (size_t o = 0; o < q->pitch; o += BLOCK) {
    for (size_t i = 0; i < n; i++)
      fetch(g.next[i] + o * 2, PAIR_BYTES);
#pragma GCC unroll 8
    for (size_t v = 0; v < VECTORS; v++) {
      const size_t unit = o + v * KJ__LANES;
      whole sum;
      memcpy(&sum, sums + unit, sizeof sum);
      for (size_t i = 0; i < n; i++)
        sum += multiply_pairs(load_steps(g.column[i] + unit * 2), a[i]);
      memcpy(sums + unit, &sum, sizeof sum);
    }
  }
}

static void run_int8(const kj__packed_product *q)
{
  size_t at = 0;
  for (; at + GROUP <= q->n_active; at += GROUP)
    add_pairs(q, at, GROUP);
  for (; at < q->n_active; at++)
    add_pairs(q, at, 1);
}

const kj__packed_kernels KJ__OF_TIER(kj__packed_kernels) = {
    .run = {[KJ_WEIGHTS_FP32] = run_fp32,
            [KJ_WEIGHTS_BF16] = run_bf16,
            [KJ_WEIGHTS_INT8] = run_int8}};
