/*
 * tier.h: which instructions the kernels may use, chosen at run time.
 *
 * A tier counts only where processor and operating system both support it.
 * The environment variable KANJO_CPU forces one by name.
 */
#ifndef KJ_BASE_TIER_H
#define KJ_BASE_TIER_H

#include "kanjo/status.h"
#include <stdbool.h>

/* X(enum, name), each with all that the one before it has. The baseline is
 * what the compiler assumes of the machine: SSE2 on x86-64, NEON on AArch64. */
#define KJ__TIER_LIST(X)                                                       \
  X(KJ__TIER_BASELINE, "baseline")                                             \
  X(KJ__TIER_AVX2, "avx2")             /* and FMA */                           \
  X(KJ__TIER_AVX512, "avx512")         /* F, BW, DQ, VL */                     \
  X(KJ__TIER_AVX512BF16, "avx512bf16") /* and BF16 */

typedef enum kj__tier {
#define KJ__TIER_ENUM(id, name) id,
  KJ__TIER_LIST(KJ__TIER_ENUM)
#undef KJ__TIER_ENUM
      KJ__N_TIERS
} kj__tier;

const char *kj__tier_name(kj__tier tier);

/* Whether this machine has a tier, and the library was built with it. */
bool kj__tier_is_here(kj__tier tier);

/* Whether sums are of fused multiply-adds on the tier that is chosen: what is
 * computed has other last digits than where they are not. */
bool kj__tier_is_fused(void);

/* The best tier, or the one that KANJO_CPU names.
 *
 * Returns KJ_OK; KJ_EARGUMENT if KANJO_CPU names no tier, or one that this
 * machine does not have (the message lists those it has). */
kj_status kj__tier_choose(kj__tier *tier, kj_error *err);

#endif
