/*
 * statistics.h: the functionals of all contours of some rows, as a feature set
 * defines them, kept while the rows come.
 */
#ifndef KJ_FEATURES_STATISTICS_H
#define KJ_FEATURES_STATISTICS_H

#include "features/functionals.h"
#include "features/recipe.h"
#include "features/voiced.h"

typedef struct kj__statistics {
  const kj__recipe *recipe;
  kj__functionals contours;
  kj__voiced f0, f0_delta; /* where recipe->sums_up_voiced */
} kj__statistics;

void kj__statistics_layout(kj__statistics *s, const kj__recipe *recipe,
                           kj__arena *arena);

/* Ready for the first row (also of the next recording). */
void kj__statistics_reset(kj__statistics *s);

/* row: shape (n_contours of all stages). */
void kj__statistics_push(kj__statistics *s, const float *row);

/* Add the rows of `next`, which follow those of `s`, without their values. */
void kj__statistics_merge(kj__statistics *s, const kj__statistics *next);

/* out: all functionals of the set; at least one row was pushed. */
void kj__statistics_compute(const kj__statistics *s, float *out);

#endif
