/*
 * ridge.h: linear regression with a squared penalty, the baseline that every
 * network has to beat.
 */
#ifndef KANJO_RIDGE_H
#define KANJO_RIDGE_H

#include "kanjo/memory.h"
#include "kanjo/status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(penalty): 10^-1 to 10^5 in half decades, rising. Literal numbers, since
 * pow() may differ in its last bit from one libm to the next. */
#define KJ_RIDGE_PENALTY_LIST(X)                                               \
  X(0.1)                                                                       \
  X(0.31622776601683794)                                                       \
  X(1.0)                                                                       \
  X(3.1622776601683795)                                                        \
  X(10.0)                                                                      \
  X(31.622776601683793)                                                        \
  X(100.0)                                                                     \
  X(316.22776601683796)                                                        \
  X(1000.0)                                                                    \
  X(3162.2776601683795)                                                        \
  X(10000.0)                                                                   \
  X(31622.776601683792)                                                        \
  X(100000.0)

enum { KJ_RIDGE_MAX_FOLDS = 5 };

/**
 * Rows to fit a line to; all arrays belong to the caller.
 *
 * Columns should come standardised: the penalty treats them alike. A row of
 * weight 0 is as if it were not there and nothing of it is read, so that a
 * missing target is masked by its weight.
 */
typedef struct kj_ridge_problem {
  const float *x;       /* (n_rows, n_in), row-major, finite */
  const double *y;      /* n_rows targets, finite */
  const double *weight; /* n_rows, finite, >= 0; NULL: all 1 */
  const size_t *group;  /* n_rows, any numbers: rows of one group (speaker)
                           are never split; NULL: one group */
  size_t n_rows;
  size_t n_in;
  const kj_allocator *allocator; /* of the scratch; NULL: malloc/free */
} kj_ridge_problem;

/**
 * Find the w and b with the least
 * sum_i weight_i (y_i - b - w.x_i)^2 + penalty |w|^2.
 *
 * The intercept b is not penalised. Everything in double, by Cholesky's
 * decomposition of the normal equations or of their dual, whichever is
 * smaller.
 *
 * @param[in]  problem    the rows; `group` is not used.
 * @param[in]  penalty    above 0, finite.
 * @param[out] weights    w; n_in values; untouched on failure.
 * @param[out] intercept  b; untouched on failure.
 * @return KJ_OK; KJ_EARGUMENT if a pointer is NULL, a size 0 or the penalty
 *         out of range; KJ_ESHAPE if n_rows times n_in is no possible size;
 *         KJ_EDATA naming the row of a value that is not finite or a weight
 *         below 0, if all weights are 0, or if the values are so large that
 *         the penalty drowns in rounding; KJ_EMEMORY.
 *
 * Memory: scratch only (the rows once in double, and min(n_rows, n_in)^2
 * twice), released before the return.  Threads: any number.
 * Cost: O(n_rows n_in m) with m = min(n_rows, n_in).
 * Source: Hoerl and Kennard, Ridge regression, Technometrics 12, 1970; dual:
 * Saunders, Gammerman and Vovk, Ridge regression learning algorithm in dual
 * variables, ICML 1998.  Agrees with numpy.linalg.solve to 1e-9.
 */
kj_status kj_ridge_solve(const kj_ridge_problem *problem, double penalty,
                         double *weights, double *intercept, kj_error *err);

/**
 * Fit as kj_ridge_solve, with the penalty chosen by folds over the groups.
 *
 * Groups go to min(5, number of groups) folds in turn, in the order in which
 * they first appear. With one group, the rows go to min(5, rows) contiguous
 * folds of equal size (within 1). The penalty of the list above with the least
 * weighted mean squared error over all held-out rows wins; among equals the
 * largest. With a single row there is nothing to hold out: the largest. Rows
 * of weight 0 take no part in any of this.
 *
 * @param[in]  problem    the rows.
 * @param[out] weights    w; n_in values; untouched on failure.
 * @param[out] intercept  b; untouched on failure.
 * @param[out] penalty    the one chosen; may be NULL; untouched on failure.
 * @return as kj_ridge_solve.
 *
 * Memory: as kj_ridge_solve.  Threads: any number.
 * Cost: O(n_rows n_in m + 13 m^3) for each fold; 308 rows of 384 columns take
 * about a tenth of a second.
 */
kj_status kj_ridge_fit(const kj_ridge_problem *problem, double *weights,
                       double *intercept, double *penalty, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
