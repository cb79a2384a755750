/*
 * matmul.c: the matrix product, cache-blocked, in plain loops.
 *
 * B is taken in panels of 128 x 32, copied so that they lie in the first-level
 * cache without gaps and padded with 0. A tile of 2 x 32 elements of C stays in
 * registers while k runs through a panel; between panels the sums wait in C,
 * so that every element is summed in the order of k. The last few columns are
 * summed a column at a time, or one row of input would cost as much as 32.
 *
 * The shape of the tile is one that gcc 12 and clang 14 both keep in registers:
 * 54-71 GF/s measured for the products of 384-1200-600 with 32 rows, where the
 * core's limit for separate multiplications and additions is about 100. Other
 * shapes (4 x 16, 4 x 32, 3 x 24) fall to 3-35 with one of the two.
 */
#include "network/matmul.h"

#include "network/clones.h"
#include <string.h>

enum {
  TILE_M = 2,
  TILE_N = 32,
  PANEL_K = 128, /* times TILE_N floats: 16 KiB, half of a usual L1 */
  NARROW_N = 4,  /* so many columns or fewer go one at a time */
  NARROW_M = 8   /* rows summed side by side: hides the adder's latency */
};

/* A helper must be inlined to be compiled for the clone that calls it. */
#define KJ__INLINE static inline __attribute__((always_inline))

KJ__INLINE size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* panel (n_k, TILE_N) = rows p.. of B, columns j.. , padded with 0. */
KJ__INLINE void copy_panel(const kj__matmul_problem *q, size_t p, size_t n_k,
                           size_t j, size_t n_columns,
                           kj_real panel[PANEL_K][TILE_N])
{
  for (size_t r = 0; r < n_k; r++) {
    const kj_real *from = q->b + (p + r) * q->b_row + j;
    memcpy(panel[r], from, n_columns * sizeof *from);
    for (size_t s = n_columns; s < TILE_N; s++)
      panel[r][s] = 0;
  }
}

/* c (m, TILE_N) += a (m, n_k) panel; m is a constant where this is inlined. */
KJ__INLINE void add_tile(size_t m, size_t n_k, const kj_real *a, size_t a_row,
                         size_t a_column, kj_real panel[PANEL_K][TILE_N],
                         kj_real *c, size_t c_row)
{
  kj_real sum[TILE_M][TILE_N];
  for (size_t i = 0; i < m; i++)
    for (size_t s = 0; s < TILE_N; s++)
      sum[i][s] = c[i * c_row + s];
  for (size_t p = 0; p < n_k; p++)
    for (size_t i = 0; i < m; i++) {
      const kj_real a_ip = a[i * a_row + p * a_column];
      for (size_t s = 0; s < TILE_N; s++)
        sum[i][s] += a_ip * panel[p][s];
    }
  for (size_t i = 0; i < m; i++)
    for (size_t s = 0; s < TILE_N; s++)
      c[i * c_row + s] = sum[i][s];
}

/* The same for a tile that reaches over the right edge of C. */
KJ__INLINE void add_edge_tile(size_t n_k, const kj_real *a, size_t a_column,
                              kj_real panel[PANEL_K][TILE_N], kj_real *c,
                              size_t n_columns)
{
  kj_real tile[TILE_N] = {0};
  memcpy(tile, c, n_columns * sizeof *c);
  add_tile(1, n_k, a, 0, a_column, panel, tile, 0);
  memcpy(c, tile, n_columns * sizeof *c);
}

/* C (., j..) += A (., p..) panel, row after row. */
KJ__INLINE void add_panel(const kj__matmul_problem *q, size_t p, size_t n_k,
                          size_t j, size_t n_columns,
                          kj_real panel[PANEL_K][TILE_N])
{
  const kj_real *a = q->a + p * q->a_column;
  kj_real *c = q->c + j;
  size_t i = 0;
  if (n_columns == TILE_N)
    for (; i + TILE_M <= q->m; i += TILE_M)
      add_tile(TILE_M, n_k, a + i * q->a_row, q->a_row, q->a_column, panel,
               c + i * q->c_row, q->c_row);
  for (; i < q->m; i++)
    add_edge_tile(n_k, a + i * q->a_row, q->a_column, panel, c + i * q->c_row,
                  n_columns);
}

/* C (., j) += A B (., j) for m rows from row i; m is a constant. */
KJ__INLINE void add_column(const kj__matmul_problem *q, size_t m, size_t i,
                           size_t j)
{
  kj_real sum[NARROW_M];
  for (size_t r = 0; r < m; r++)
    sum[r] = q->c[(i + r) * q->c_row + j];
  for (size_t p = 0; p < q->k; p++)
    for (size_t r = 0; r < m; r++)
      sum[r] +=
          q->a[(i + r) * q->a_row + p * q->a_column] * q->b[p * q->b_row + j];
  for (size_t r = 0; r < m; r++)
    q->c[(i + r) * q->c_row + j] = sum[r];
}

KJ__CLONES static void add_narrow(const kj__matmul_problem *q, size_t j)
{
  size_t i = 0;
  for (; i + NARROW_M <= q->m; i += NARROW_M)
    add_column(q, NARROW_M, i, j);
  for (; i < q->m; i++)
    add_column(q, 1, i, j);
}

KJ__CLONES static void add_wide(const kj__matmul_problem *q, size_t j,
                                size_t n_columns)
{
  _Alignas(64) kj_real panel[PANEL_K][TILE_N];
  for (size_t p = 0; p < q->k; p += PANEL_K) {
    const size_t n_k = smaller(PANEL_K, q->k - p);
    copy_panel(q, p, n_k, j, n_columns, panel);
    add_panel(q, p, n_k, j, n_columns, panel);
  }
}

void kj__matmul(const kj__matmul_problem *q)
{
  for (size_t i = 0; i < q->m && !q->accumulate; i++)
    memset(q->c + i * q->c_row, 0, q->n * sizeof *q->c);
  size_t j = 0;
  for (; q->n - j > NARROW_N; j += smaller(TILE_N, q->n - j))
    add_wide(q, j, smaller(TILE_N, q->n - j));
  for (; j < q->n; j++)
    add_narrow(q, j);
}
