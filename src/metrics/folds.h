/* folds.h: rows to folds, without splitting a group. */
#ifndef KJ_METRICS_FOLDS_H
#define KJ_METRICS_FOLDS_H

#include "kanjo/memory.h"
#include "kanjo/status.h"

/* A row and the group it belongs to. */
typedef struct kj__member {
  size_t group;
  size_t row;
} kj__member;

/* Give each of the n rows its fold, as kj_ridge_fit says; group[i] is that of
 * row i, NULL one group. `member` is scratch for n. Returns how many folds
 * there are: at most max_folds, 1 where there is nothing to hold out. */
size_t kj__folds_assign(const size_t *group, size_t n, size_t max_folds,
                        kj__member *member, size_t *fold);

#endif
