/* eigen.h: the top eigenvector of a small symmetric matrix. */
#ifndef KJ_SMOOTHING_EIGEN_H
#define KJ_SMOOTHING_EIGEN_H

#include <stddef.h>

/*
 * Compute the largest eigenvalue of `a` and its unit eigenvector u.
 *
 * a is symmetric positive semidefinite, shape (n, n), n 1..KJ_MAX_OUTPUTS, and
 * is destroyed. u has shape (n); of its two signs it has the one that makes
 * its entry of largest magnitude (the first of equals) positive. Where several
 * eigenvalues are equal, u is one of the vectors that share the largest.
 */
double kj__eigen_top(double *a, size_t n, double *u);

#endif
