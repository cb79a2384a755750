/*
 * eigen.c: cyclic Jacobi for a small symmetric positive semidefinite matrix.
 *
 * Plane rotations set the entries off the diagonal to 0 one after the other,
 * sweep by sweep, until all are negligible; the diagonal then holds the
 * eigenvalues and the product of the rotations the eigenvectors.
 *
 * Source: Golub & Van Loan, Matrix Computations, 4th ed., section 8.5. An
 * entry counts as 0 by the criterion of Demmel & Veselic, SIAM J. Matrix
 * Anal. Appl. 13 (1992), which keeps small eigenvalues exact as well.
 */
#include "smoothing/eigen.h"
#include "kanjo/network.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>

/* Convergence is quadratic: 6 sweeps do for 16 x 16; the limit ends the loop
 * for a matrix with NaN. */
enum { MAX_SWEEPS = 40 };

/* Turn coordinates p and q of one row or column: `step` apart in memory. */
static void rotate_pair(double *p, double *q, double c, double s)
{
  const double old_p = *p;
  const double old_q = *q;
  *p = c * old_p - s * old_q;
  *q = s * old_p + c * old_q;
}

/* Set a[p][q] to 0 by one rotation, noted in v. */
static void rotate(double *a, double *v, size_t n, size_t p, size_t q)
{
  const double apq = a[p * n + q];
  const double theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
  const double t = copysign(1.0, theta) / (fabs(theta) + hypot(theta, 1.0));
  const double c = 1.0 / sqrt(t * t + 1.0);
  const double s = t * c;
  for (size_t i = 0; i < n; i++)
    rotate_pair(&a[i * n + p], &a[i * n + q], c, s);
  for (size_t i = 0; i < n; i++)
    rotate_pair(&a[p * n + i], &a[q * n + i], c, s);
  for (size_t i = 0; i < n; i++)
    rotate_pair(&v[i * n + p], &v[i * n + q], c, s);
  a[p * n + q] = 0.0;
  a[q * n + p] = 0.0;
}

/* Rotate away every entry that matters; false if there was none. */
static bool sweep(double *a, double *v, size_t n)
{
  bool rotated = false;
  for (size_t p = 0; p < n; p++) {
    for (size_t q = p + 1; q < n; q++) {
      const double size = sqrt(fabs(a[p * n + p])) * sqrt(fabs(a[q * n + q]));
      if (fabs(a[p * n + q]) <= 0.5 * DBL_EPSILON * size)
        continue;
      rotate(a, v, n, p, q);
      rotated = true;
    }
  }
  return rotated;
}

/* +1, or -1 where the entry of largest magnitude is negative. */
static double sign_of_largest(const double *u, size_t n)
{
  size_t largest = 0;
  for (size_t i = 1; i < n; i++) {
    if (fabs(u[i]) > fabs(u[largest]))
      largest = i;
  }
  return u[largest] < 0.0 ? -1.0 : 1.0;
}

double kj__eigen_top(double *a, size_t n, double *u)
{
  assert(n >= 1 && n <= KJ_MAX_OUTPUTS);
  double v[KJ_MAX_OUTPUTS * KJ_MAX_OUTPUTS] = {0.0};
  for (size_t i = 0; i < n; i++)
    v[i * n + i] = 1.0;
  for (int i = 0; i < MAX_SWEEPS && sweep(a, v, n); i++)
    continue;

  size_t top = 0;
  for (size_t i = 1; i < n; i++) {
    if (a[i * n + i] > a[top * n + top])
      top = i;
  }
  for (size_t i = 0; i < n; i++)
    u[i] = v[i * n + top];
  const double sign = sign_of_largest(u, n);
  for (size_t i = 0; i < n; i++)
    u[i] *= sign;
  return a[top * n + top];
}
