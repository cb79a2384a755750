/*
 * tier.h: some tests run once for every tier of kernels, named by
 * KANJO_CPU (tests.cmake). What this machine does not have is skipped.
 */
#ifndef KJ_TESTS_TIER_H
#define KJ_TESTS_TIER_H

#include "base/tier.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIER_SKIPPED = 77 /* what CTest is told to take for it */ };

/* Whether the tier asked for is missing here; says so on stderr. */
static inline bool tier_is_missing(void)
{
  const char *name = getenv("KANJO_CPU");
  for (int t = 0; name && t < KJ__N_TIERS; t++)
    if (strcmp(name, kj__tier_name((kj__tier)t)) == 0 &&
        !kj__tier_is_here((kj__tier)t)) {
      fprintf(stderr, "skipped: this machine has no %s\n", name);
      return true;
    }
  return false;
}

#endif
