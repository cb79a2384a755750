/*
 * kernels.c: which table of kernels serves which tier.
 */
#include "network/kernels.h"

#include "network/kernels/tables.h"

#include <assert.h>

/* A tier's tables by precision; with kj_real double there is the plain one. */
#ifdef KJ_REAL_DOUBLE
#define TABLES_OF(wide, narrow)                                                \
  {                                                                            \
    &kj__kernels_plain, &kj__kernels_plain                                     \
  }
#else
#define TABLES_OF(wide, narrow)                                                \
  {                                                                            \
    [KJ__FP32] = &kj__kernels_##wide, [KJ__BF16] =                             \
                                          &kj__kernels_narrow_##narrow         \
  }
#endif

static const kj__kernels *const TABLES[KJ__N_TIERS][2] = {
    [KJ__TIER_BASELINE] = TABLES_OF(baseline, baseline),
#ifdef KJ__X86_TIERS
    [KJ__TIER_AVX2] = TABLES_OF(avx2, avx2),
    [KJ__TIER_AVX512] = TABLES_OF(avx512, avx512),
    /* in single precision it has nothing that avx512 has not */
    [KJ__TIER_AVX512BF16] = TABLES_OF(avx512, avx512bf16),
#endif
};

const kj__kernels *kj__kernels_get(kj__tier tier, kj__precision precision)
{
  assert((size_t)tier < KJ__N_TIERS && TABLES[tier][precision]);
  return TABLES[tier][precision];
}
