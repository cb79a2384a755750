/*
 * tier.c: what the processor and the operating system support.
 *
 * The compiler's own test of the processor asks the operating system too:
 * AVX2 and AVX-512 count only where it saves their registers.
 */
#include "base/tier.h"

#include "base/error.h"
#include "base/kernels/vector.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIER_NAME(id, name) [id] = name,
static const char *const NAME[KJ__N_TIERS] = {KJ__TIER_LIST(TIER_NAME)};
#undef TIER_NAME

const char *kj__tier_name(kj__tier tier)
{
  return (size_t)tier < KJ__N_TIERS ? NAME[tier] : NULL;
}

bool kj__tier_is_here(kj__tier tier)
{
  bool here[KJ__N_TIERS] = {[KJ__TIER_BASELINE] = true};
#ifdef KJ__X86_TIERS
  __builtin_cpu_init();
  here[KJ__TIER_AVX2] =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  here[KJ__TIER_AVX512] =
      here[KJ__TIER_AVX2] && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  here[KJ__TIER_AVX512BF16] =
      here[KJ__TIER_AVX512] && __builtin_cpu_supports("avx512bf16");
#endif
  return (size_t)tier < KJ__N_TIERS && here[tier];
}

/* The tier of this name that is here; else KJ__N_TIERS. */
static kj__tier find(const char *name)
{
  for (int t = 0; t < KJ__N_TIERS; t++)
    if (strcmp(name, NAME[t]) == 0 && kj__tier_is_here((kj__tier)t))
      return (kj__tier)t;
  return KJ__N_TIERS;
}

static kj_status fail(const char *name, kj_error *err)
{
  char allowed[64];
  size_t n = 0;
  for (int t = 0; t < KJ__N_TIERS; t++)
    if (kj__tier_is_here((kj__tier)t))
      n += (size_t)snprintf(allowed + n, sizeof allowed - n, "%s%s",
                            n > 0 ? ", " : "", NAME[t]);
  return kj__fail(err, KJ_EARGUMENT,
                  "KANJO_CPU is \"%.40s\"; must be one that this machine has: "
                  "%s",
                  name, allowed);
}

kj_status kj__tier_choose(kj__tier *tier, kj_error *err)
{
  const char *name = getenv("KANJO_CPU");
  kj__tier chosen = KJ__TIER_BASELINE;
  if (name && name[0]) {
    chosen = find(name);
    if (chosen == KJ__N_TIERS)
      return fail(name, err);
  } else {
    for (int t = 0; t < KJ__N_TIERS; t++)
      if (kj__tier_is_here((kj__tier)t))
        chosen = (kj__tier)t;
  }
  *tier = chosen;
  return KJ_OK;
}

bool kj__tier_is_fused(void)
{
  kj__tier tier = KJ__TIER_BASELINE;
  kj_error err; /* told by whoever makes an object */
  (void)kj__tier_choose(&tier, &err);
  return tier != KJ__TIER_BASELINE || KJ__FUSED;
}
