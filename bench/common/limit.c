/*
 * limit.c: multiply-adds in registers.
 *
 * Independent chains hide the latency of the units: 2 units of 4 to 5 cycles
 * want 10 of them; 12 fit into 16 registers with room for the operands.
 */
#include "common/limit.h"

#include "common/clock.h"

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define TARGET(names) __attribute__((target(names)))
#define FUSED_AVX2(a, b, c)                                                    \
  ((vec8)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define FUSED_AVX512(a, b, c)                                                  \
  ((vec16)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { N_CHAINS = 12, N_TERMS = 20000, N_BURSTS = 9 };

typedef float vec4 __attribute__((vector_size(16)));
typedef float vec8 __attribute__((vector_size(32)));
typedef float vec16 __attribute__((vector_size(64)));

#if defined(__ARM_NEON) && defined(__aarch64__)
#define BASELINE(a, b, c)                                                      \
  ((vec4)vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b)))
#else
#define BASELINE(a, b, c) ((c) + (a) * (b))
#endif

/* A function that runs N_TERMS terms through N_CHAINS chains. `x` is unknown to
 * the compiler, and the result depends on all chains. */
#define DEFINE_BURST(name, vec, attribute, multiply_add)                       \
  attribute static float name(float x)                                         \
  {                                                                            \
    const vec a = (vec){0} + x, b = (vec){0} + 0.5f * x;                       \
    vec sum[N_CHAINS];                                                         \
    for (int i = 0; i < N_CHAINS; i++)                                         \
      sum[i] = (vec){0} + (float)i;                                            \
    for (size_t k = 0; k < N_TERMS; k++)                                       \
      _Pragma("GCC unroll 12") for (int i = 0; i < N_CHAINS; i++) sum[i] =     \
          multiply_add(a, b, sum[i]);                                          \
    vec all = {0};                                                             \
    for (int i = 0; i < N_CHAINS; i++)                                         \
      all += sum[i];                                                           \
    return all[0];                                                             \
  }

DEFINE_BURST(burst_baseline, vec4, , BASELINE)
#if defined(__x86_64__)
DEFINE_BURST(burst_avx2, vec8, TARGET("avx2,fma"), FUSED_AVX2)
DEFINE_BURST(burst_avx512, vec16, TARGET("avx512f"), FUSED_AVX512)
#endif

typedef struct burst {
  float (*run)(float x);
  int n_lanes;
} burst;

static const burst BURST[KJ__N_TIERS] = {
    [KJ__TIER_BASELINE] = {burst_baseline, 4},
#if defined(__x86_64__)
    [KJ__TIER_AVX2] = {burst_avx2, 8},
    [KJ__TIER_AVX512] = {burst_avx512, 16},
    [KJ__TIER_AVX512BF16] = {burst_avx512, 16},
#endif
};

double kj_bench_multiply_add_limit(kj__tier tier)
{
  const burst *b = &BURST[tier];
  volatile float x = 1e-9f;
  double best_s = 1e9;
  for (int i = 0; i < N_BURSTS; i++) {
    const double start_s = kj_bench_now_s();
    x = 1e-9f * b->run(x);
    const double took_s = kj_bench_now_s() - start_s;
    best_s = took_s < best_s ? took_s : best_s;
  }
  return 2.0 * N_TERMS * N_CHAINS * b->n_lanes / best_s / 1e9;
}
