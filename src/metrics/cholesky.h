/* cholesky.h: products A^T A and Cholesky's decomposition, in double. */
#ifndef KJ_METRICS_CHOLESKY_H
#define KJ_METRICS_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/* C[i][j] += sign * sum_k A[k][i] A[k][j] for 0 <= i <= j < n; below the
 * diagonal C is left as it may. */
typedef struct kj__gram {
  double *c; /* (n, n), rows ldc apart */
  size_t ldc;
  const double *a; /* (n_k, n), rows lda apart; not overlapping c */
  size_t lda;
  size_t n_k, n;
  double sign;
} kj__gram;

void kj__gram_add(const kj__gram *gram);

/* From the upper triangle of the symmetric G (n, n) to that of R in
 * G = R^T R, in place; false (G spoilt) where a pivot is not positive. */
bool kj__cholesky(double *g, size_t n);

/* Solve R^T R x = b, x in the place of b. */
void kj__cholesky_solve(const double *r, size_t n, double *b);

#endif
