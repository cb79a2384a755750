/*
 * search_state.h: a search while it runs: what was asked, and what came out.
 */
#ifndef KJ_EXPERIMENT_SEARCH_STATE_H
#define KJ_EXPERIMENT_SEARCH_STATE_H

#include "kanjo/search.h"

typedef struct kj__search {
  const kj_search_options *options;
  kj_search_evaluate *evaluate;
  void *context;
  kj_search_log *log;
  bool is_over; /* by budget or time: nothing more is tried */
} kj__search;

/* space.c: the value at a share 0..1 of a range's logarithm, and back. */
double kj__search_at(kj_search_parameter parameter, const kj_search_axis *axis,
                     double share);
double kj__search_share(const kj_search_axis *axis, double value);

/* explore.c: score a batch. What was tried before is not tried again; what is
 * beyond the budget gets NaN, and the search is over. score may be NULL. */
kj_status kj__search_try(kj__search *search, const kj_search_point *point,
                         size_t n, size_t rung, double *score, kj_error *err);

/* The strategies: draw.c, listed.c, nlopt.c. */
kj_status kj__search_paper(kj__search *search, kj_error *err);
kj_status kj__search_grid(kj__search *search, kj_error *err);
kj_status kj__search_random(kj__search *search, kj_error *err);
kj_status kj__search_halving(kj__search *search, kj_error *err);
kj_status kj__search_nlopt(kj__search *search, kj_error *err);

/* True if both are the same setting. */
bool kj__search_is_same(const kj_search_point *a, const kj_search_point *b);

#endif
