/*
 * lanes.c: tables and scratch of the kernels, and which kernels serve a tier.
 */
#include "features/lanes.h"

#include "features/kernels/table.h"

#include <assert.h>
#include <math.h>

void kj__lanes_layout(kj__lanes *q, const kj__descriptors *plain,
                      size_t n_lanes, kj__arena *arena)
{
  const kj__rate *rate = &plain->rate;
  const size_t m = rate->fft_size, row = n_lanes * sizeof(float);
  q->plain = plain;
  q->circle = kj__arena_take(arena, 3 * m / 4, 2 * sizeof(float));
  q->reverse = kj__arena_take(arena, m / 2, sizeof(uint32_t));
  kj__arena_align(arena);
  q->wave = kj__arena_take(arena, m + 2, row);
  q->power = kj__arena_take(arena, rate->n_bins, row);
  q->magnitude = kj__arena_take(arena, rate->n_bins, row);
  q->lags = kj__arena_take(arena, m, row);
}

void kj__lanes_init(kj__lanes *q)
{
  const size_t m = q->plain->rate.fft_size;
  const double step = 2.0 * KJ__PI / (double)m;
  for (size_t k = 0; k < 3 * m / 4; k++) {
    q->circle[2 * k] = (float)cos((double)k * step);
    q->circle[2 * k + 1] = (float)sin((double)k * step);
  }
  q->reverse[0] = 0;
  for (size_t n = 1, bit = m / 4; n < m / 2; n *= 2, bit /= 2)
    for (size_t k = 0; k < n; k++)
      q->reverse[n + k] = q->reverse[k] + (uint32_t)bit;
}

static const kj__lane_kernels *const TABLES[KJ__N_TIERS] = {
    [KJ__TIER_BASELINE] = &kj__lane_kernels_baseline,
#ifdef KJ__X86_TIERS
    [KJ__TIER_AVX2] = &kj__lane_kernels_avx2,
    [KJ__TIER_AVX512] = &kj__lane_kernels_avx512,
    [KJ__TIER_AVX512BF16] = &kj__lane_kernels_avx512,
#endif
};

const kj__lane_kernels *kj__lane_kernels_get(kj__tier tier)
{
  assert((size_t)tier < KJ__N_TIERS && TABLES[tier]);
  return TABLES[tier];
}
