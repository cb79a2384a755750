/*
 * test_eigen.c: the top eigenvector of matrices whose eigenvectors are known.
 *
 * A = Q diag(mu) Q' with a random orthogonal Q; so A q_0 = mu_0 q_0.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "kanjo/network.h"
#include "smoothing/eigen.h"
#include <math.h>
#include <string.h>

enum { MAX_N = KJ_MAX_OUTPUTS, SEED = 3 };

static double dot(const double *a, const double *b, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

/* Rows q_0 .. q_(n-1), orthonormal: Gram-Schmidt, twice, of normal numbers. */
static void draw_orthogonal(kj__random *random, size_t n, double *q)
{
  for (size_t i = 0; i < n; i++) {
    double *row = q + i * n;
    for (size_t j = 0; j < n; j++)
      row[j] = kj__random_normal(random);
    for (size_t k = 0; k < 2 * i; k++) {
      const double *other = q + k / 2 * n;
      const double part = dot(row, other, n);
      for (size_t j = 0; j < n; j++)
        row[j] -= part * other[j];
    }
    const double norm = sqrt(dot(row, row, n));
    for (size_t j = 0; j < n; j++)
      row[j] /= norm;
  }
}

static void compose(const double *q, const double *mu, size_t n, double *a)
{
  memset(a, 0, n * n * sizeof *a);
  for (size_t k = 0; k < n; k++)
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++)
        a[i * n + j] += mu[k] * q[k * n + i] * q[k * n + j];
}

/* Largest |u_i|, with its sign. */
static double largest(const double *u, size_t n)
{
  double value = 0.0;
  for (size_t i = 0; i < n; i++)
    if (fabs(u[i]) > fabs(value))
      value = u[i];
  return value;
}

static void check_known(size_t n, double ratio, double *worst)
{
  kj__random random = kj__random_stream(SEED, KJ__PURPOSE_TEST, n, 0);
  double q[MAX_N * MAX_N], mu[MAX_N] = {0.0}, a[MAX_N * MAX_N], u[MAX_N];
  draw_orthogonal(&random, n, q);
  for (size_t k = 0; k < n; k++)
    mu[k] = 7.0 * pow(ratio, (double)k);
  compose(q, mu, n, a);
  const double value = kj__eigen_top(a, n, u);
  const double distance = 1.0 - fabs(dot(u, q, n));
  if (!(fabs(value - 7.0) < 1e-13 && distance < 1e-13 && largest(u, n) > 0.0))
    fail_msg("n %zu, ratio %g, seed %d: eigenvalue %.17g must be 7; 1 - |cos| "
             "%g must be 0; largest entry %g must be positive",
             n, ratio, SEED, value, distance, largest(u, n));
  *worst = fmax(*worst, distance);
}

static void known_eigenvectors_are_found(void **state)
{
  (void)state;
  static const double RATIOS[] = {0.0, 1e-9, 0.1, 0.9, 0.99};
  double worst = 0.0;
  for (size_t n = 1; n <= MAX_N; n++)
    for (size_t i = 0; i < sizeof RATIOS / sizeof RATIOS[0]; i++)
      check_known(n, RATIOS[i], &worst);
  print_message("n 1..16: worst 1 - |cos| %.2g\n", worst);
}

static void a_shared_largest_eigenvalue_gives_one_of_its_vectors(void **state)
{
  (void)state;
  enum { N = 5 };
  kj__random random = kj__random_stream(SEED, KJ__PURPOSE_TEST, 0, 0);
  const double mu[N] = {3.0, 3.0, 1.0, 0.5, 0.0};
  double q[N * N], a[N * N], u[N];
  draw_orthogonal(&random, N, q);
  compose(q, mu, N, a);
  const double value = kj__eigen_top(a, N, u);
  const double c0 = dot(u, q, N), c1 = dot(u, q + N, N);
  if (!(fabs(value - 3.0) < 1e-13 && fabs(c0 * c0 + c1 * c1 - 1.0) < 1e-13))
    fail_msg("eigenvalue %.17g must be 3; length in its plane %.17g must be 1",
             value, c0 * c0 + c1 * c1);
}

static void diagonal_zero_and_nan_matrices_end_well(void **state)
{
  (void)state;
  double diagonal[9] = {1.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0, 2.0};
  double zero[9] = {0.0}, not_a_number[9], u[3];
  assert_true(kj__eigen_top(diagonal, 3, u) == 4.0);
  assert_true(u[0] == 0.0 && u[1] == 1.0 && u[2] == 0.0);
  assert_true(kj__eigen_top(zero, 3, u) == 0.0);
  assert_true(u[0] == 1.0 && u[1] == 0.0 && u[2] == 0.0);
  for (size_t i = 0; i < 9; i++)
    not_a_number[i] = (double)NAN;
  assert_true(isnan(kj__eigen_top(not_a_number, 3, u)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_eigenvectors_are_found),
      cmocka_unit_test(a_shared_largest_eigenvalue_gives_one_of_its_vectors),
      cmocka_unit_test(diagonal_zero_and_nan_matrices_end_well),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
