/*
 * cholesky.c: G = R^T R by blocks of rows (Golub and Van Loan, Matrix
 * Computations, 4th ed., section 4.2.6, outer product form).
 *
 * Nearly all the work is the update of what lies right of and below a block
 * by the product of the block with itself; kj__gram_add does it, and is also
 * what makes normal equations from data. Each sum runs in one order whatever
 * the tile, so bits do not depend on the vector width.
 */
#include "metrics/cholesky.h"

#include <math.h>

/* The tile whose sums stay in registers, and the rows of A that stay in the
 * first-level cache while a strip of C is swept (128 rows of 4 + 8). */
enum { TILE_ROWS = 4, TILE_COLUMNS = 8, CACHED_ROWS = 128 };
enum { BLOCK = 32 };

static void full_tile(const kj__gram *g, size_t i, size_t j, size_t k_begin,
                      size_t k_end)
{
  double sum[TILE_ROWS][TILE_COLUMNS] = {{0}};
  for (size_t k = k_begin; k < k_end; k++) {
    const double *left = g->a + k * g->lda + i;
    const double *right = g->a + k * g->lda + j;
    for (size_t p = 0; p < TILE_ROWS; p++)
      for (size_t q = 0; q < TILE_COLUMNS; q++)
        sum[p][q] += left[p] * right[q];
  }
  for (size_t p = 0; p < TILE_ROWS; p++)
    for (size_t q = 0; q < TILE_COLUMNS; q++)
      g->c[(i + p) * g->ldc + j + q] += g->sign * sum[p][q];
}

static void part_tile(const kj__gram *g, size_t i, size_t j, size_t k_begin,
                      size_t k_end)
{
  for (size_t p = i; p < g->n && p < i + TILE_ROWS; p++)
    for (size_t q = j; q < g->n && q < j + TILE_COLUMNS; q++) {
      double sum = 0;
      for (size_t k = k_begin; k < k_end; k++)
        sum += g->a[k * g->lda + p] * g->a[k * g->lda + q];
      g->c[p * g->ldc + q] += g->sign * sum;
    }
}

static void add_rows(const kj__gram *g, size_t k_begin, size_t k_end)
{
  for (size_t j = 0; j < g->n; j += TILE_COLUMNS)
    for (size_t i = 0; i < g->n && i < j + TILE_COLUMNS; i += TILE_ROWS)
      if (i + TILE_ROWS <= g->n && j + TILE_COLUMNS <= g->n)
        full_tile(g, i, j, k_begin, k_end);
      else
        part_tile(g, i, j, k_begin, k_end);
}

void kj__gram_add(const kj__gram *gram)
{
  for (size_t k = 0; k < gram->n_k; k += CACHED_ROWS)
    add_rows(gram, k,
             k + CACHED_ROWS < gram->n_k ? k + CACHED_ROWS : gram->n_k);
}

/* The rows k_begin..k_end-1 of R from those of G, which the rows above have
 * already been taken out of. */
static bool factor_rows(double *g, size_t n, size_t k_begin, size_t k_end)
{
  for (size_t k = k_begin; k < k_end; k++) {
    double *row = g + k * n;
    if (!(row[k] > 0) || isinf(row[k]))
      return false;
    const double pivot = sqrt(row[k]);
    for (size_t j = k; j < n; j++)
      row[j] /= pivot;
    for (size_t i = k + 1; i < k_end; i++) {
      double *below = g + i * n;
      const double factor = row[i];
      for (size_t j = i; j < n; j++)
        below[j] -= factor * row[j];
    }
  }
  return true;
}

bool kj__cholesky(double *g, size_t n)
{
  for (size_t k = 0; k < n; k += BLOCK) {
    const size_t next = k + BLOCK < n ? k + BLOCK : n;
    if (!factor_rows(g, n, k, next))
      return false;
    kj__gram_add(&(kj__gram){.c = g + next * n + next,
                             .ldc = n,
                             .a = g + k * n + next,
                             .lda = n,
                             .n_k = next - k,
                             .n = n - next,
                             .sign = -1});
  }
  return true;
}

void kj__cholesky_solve(const double *r, size_t n, double *b)
{
  for (size_t k = 0; k < n; k++) {
    b[k] /= r[k * n + k];
    for (size_t j = k + 1; j < n; j++)
      b[j] -= r[k * n + j] * b[k];
  }
  for (size_t k = n; k-- > 0;) {
    double sum = b[k];
    for (size_t j = k + 1; j < n; j++)
      sum -= r[k * n + j] * b[j];
    b[k] = sum / r[k * n + k];
  }
}
