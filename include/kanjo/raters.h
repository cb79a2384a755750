/*
 * raters.h: how well raters agree with each other, the yardstick beside every
 * model's error.
 */
#ifndef KANJO_RATERS_H
#define KANJO_RATERS_H

#include "kanjo/status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Single ratings of rows: row i has values[offset[i]] up to, not including,
 * values[offset[i + 1]]; a row may have none. The arrays are the caller's.
 */
typedef struct kj_ratings {
  const size_t *offset; /* (n_rows + 1), never falling, offset[0] = 0 */
  const double *values; /* (offset[n_rows]) on one scale */
  size_t n_rows;
} kj_ratings;

/** One rater against the mean of the others; NaN where undefined. */
typedef struct kj_ceiling {
  double mae;
  double ccc;
  size_t n_rows;        /* rows with at least 2 ratings */
  size_t n_pairs;       /* ratings of those rows */
  double n_raters_mean; /* n_pairs / n_rows */
} kj_ceiling;

/**
 * Compute how far a single rating is from the mean of the row's other ones.
 *
 * Each rating x of a row with k >= 2 of them makes a pair (truth, estimate) =
 * (mean of the other k - 1, x); mae and ccc are those of all pairs, as in
 * kj_metrics. Who gave a rating does not matter, so the order within a row
 * does not either. Rows with one rating or none count for nothing; without any
 * others mae and ccc are NaN; ccc is NaN where all means are the same.
 *
 * @param[in]  ratings  within +-1e100.
 * @param[out] out      the agreement; untouched on failure.
 * @return KJ_OK; KJ_EARGUMENT if a pointer is NULL (`values` may be where
 *         there are none) or offset[0] is not 0; KJ_EDATA naming the index of
 *         an offset that falls or of a value that is not finite.
 *
 * Memory: allocates nothing.  Threads: any number.  Cost: O(ratings).
 */
kj_status kj_rater_ceiling(const kj_ratings *ratings, kj_ceiling *out,
                           kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
