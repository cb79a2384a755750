/*
 * merge.h: the statistics of a contour, from those of its parts.
 */
#ifndef KJ_FEATURES_MERGE_H
#define KJ_FEATURES_MERGE_H

#include "features/functionals.h"
#include "features/voiced.h"

/* Add the rows of `next`, which follow those of `f`, without their values: as
 * if they had been pushed. As many contours; either may have no row. */
void kj__functionals_merge(kj__functionals *f, const kj__functionals *next);

/* Likewise; rows of `next` are counted from its own first, which is row n_rows
 * of `v`. */
void kj__voiced_merge(kj__voiced *v, const kj__voiced *next, uint64_t n_rows);

#endif
