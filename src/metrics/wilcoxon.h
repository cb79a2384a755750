/* wilcoxon.h: Wilcoxon's signed ranks; described at kj_paired_test. */
#ifndef KJ_METRICS_WILCOXON_H
#define KJ_METRICS_WILCOXON_H

#include "kanjo/memory.h"
#include "kanjo/status.h"
#include <stdbool.h>

typedef struct kj__wilcoxon {
  double p; /* two-sided; 1 where nothing differs */
  double rank_biserial;
  bool is_exact;
} kj__wilcoxon;

/* The test of n >= 1 finite differences. */
kj_status kj__wilcoxon_test(const double *difference, size_t n,
                            const kj_allocator *allocator, kj__wilcoxon *out,
                            kj_error *err);

#endif
