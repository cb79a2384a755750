/*
 * test_cholesky.c: the blocked products and decomposition against the plain
 * formulas, for sizes on both sides of every tile and block.
 */
#include "metrics/cholesky.h"
#include "metrics/support.h"

static const size_t SIZES[] = {1,  2,  3,  4,  5,  7,  8,   9,   12,
                               31, 32, 33, 40, 63, 65, 100, 129, 260};
enum { N_SIZES = sizeof SIZES / sizeof *SIZES };

static double *random_matrix(size_t n_rows, size_t n_columns, uint64_t seed)
{
  kj__random random = kj__random_stream(seed, KJ__PURPOSE_TEST, 0, 0);
  double *matrix = malloc(n_rows * n_columns * sizeof *matrix);
  assert_non_null(matrix);
  for (size_t i = 0; i < n_rows * n_columns; i++)
    matrix[i] = kj__random_normal(&random);
  return matrix;
}

/* G = A^T A + 0.5 I of a random A (n + 5, n). */
static double *positive_matrix(size_t n)
{
  double *a = random_matrix(n + 5, n, n);
  double *g = calloc(n * n, sizeof *g);
  assert_non_null(g);
  for (size_t i = 0; i < n; i++)
    g[i * n + i] = 0.5;
  kj__gram_add(&(kj__gram){
      .c = g, .ldc = n, .a = a, .lda = n, .n_k = n + 5, .n = n, .sign = 1});
  free(a);
  return g;
}

/* C += sign A^T A with rows of A and C further apart than they are long. */
static void gram_is_the_plain_product(void **state)
{
  (void)state;
  static const size_t depths[] = {0, 1, 127, 128, 129, 300};
  for (size_t s = 0; s < N_SIZES; s++)
    for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) {
      const size_t n = SIZES[s], n_k = depths[d], lda = n + 3, ldc = n + 2;
      double *a = random_matrix(n_k + 1, lda, 1);
      double *c = random_matrix(n, ldc, 2);
      double *before = random_matrix(n, ldc, 2);
      kj__gram_add(&(kj__gram){c, ldc, a, lda, n_k, n, -1});
      for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++) {
          double sum = before[i * ldc + j];
          for (size_t k = 0; k < n_k; k++)
            sum -= a[k * lda + i] * a[k * lda + j];
          if (!(fabs(c[i * ldc + j] - sum) <= 1e-13 * (double)(n_k + 1)))
            fail_msg("n %zu, n_k %zu: C[%zu][%zu] is %.17g, must be %.17g", n,
                     n_k, i, j, c[i * ldc + j], sum);
        }
      free(before);
      free(c);
      free(a);
    }
}

static void factor_times_itself(void **state)
{
  (void)state;
  for (size_t s = 0; s < N_SIZES; s++) {
    const size_t n = SIZES[s];
    double *g = positive_matrix(n);
    double *r = positive_matrix(n);
    assert_true(kj__cholesky(r, n));
    for (size_t i = 0; i < n; i++)
      for (size_t j = i; j < n; j++) {
        double sum = 0;
        for (size_t k = 0; k <= i; k++)
          sum += r[k * n + i] * r[k * n + j];
        if (!(fabs(sum - g[i * n + j]) <= 1e-13 * g[i * n + i]))
          fail_msg("n %zu: (R^T R)[%zu][%zu] is %.17g, must be %.17g", n, i, j,
                   sum, g[i * n + j]);
      }
    free(r);
    free(g);
  }
}

static void solution_solves(void **state)
{
  (void)state;
  for (size_t s = 0; s < N_SIZES; s++) {
    const size_t n = SIZES[s];
    double *g = positive_matrix(n);
    double *r = positive_matrix(n);
    double *b = random_matrix(n, 1, 3);
    double *x = random_matrix(n, 1, 3);
    assert_true(kj__cholesky(r, n));
    kj__cholesky_solve(r, n, x);
    for (size_t i = 0; i < n; i++) {
      double sum = 0;
      for (size_t j = 0; j < n; j++)
        sum += g[i < j ? i * n + j : j * n + i] * x[j];
      if (!(fabs(sum - b[i]) <= 1e-11))
        fail_msg("n %zu: (G x)[%zu] is %.17g, must be %.17g", n, i, sum, b[i]);
    }
    free(x);
    free(b);
    free(r);
    free(g);
  }
}

/* One pivot 0, negative or not finite, in the first block and in a later one,
 * is refused. */
static void refused_matrices(void **state)
{
  (void)state;
  static const size_t places[] = {0, 5, 47, 69};
  const double bad[] = {0, -1, (double)NAN, HUGE_VAL};
  for (size_t p = 0; p < sizeof places / sizeof *places; p++)
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
      double *g = positive_matrix(70);
      g[places[p] * 70 + places[p]] = bad[b];
      if (kj__cholesky(g, 70))
        fail_msg("diagonal %zu is %g, and was accepted", places[p], bad[b]);
      free(g);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gram_is_the_plain_product),
      cmocka_unit_test(factor_times_itself),
      cmocka_unit_test(solution_solves),
      cmocka_unit_test(refused_matrices),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
