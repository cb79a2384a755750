/*
 * panels.h: how matrices lie in memory while a pass runs.
 *
 * A matrix (a, b) is cut into panels of 32 columns, one behind the other, each
 * with its 32 columns side by side; both sides are padded to a multiple of 32:
 *
 *   element (i, j)  at  (j / 32) * 32 * pad(a)  +  i * 32  +  j % 32
 *
 * With features as i and the rows of a batch as j, a product W X broadcasts a
 * weight and runs along the 32 rows of a panel, without packing or a
 * transposed copy; and so does W' dZ. The transposed matrix, again in panels,
 * serves the product dZ H'. Transposing moves blocks of 32 x 32, which lie in
 * one piece on both sides.
 *
 * What lies in the padding is finite and never enters a result.
 */
#ifndef KJ_NETWORK_PANELS_H
#define KJ_NETWORK_PANELS_H

#include "kanjo/real.h"
#include <stddef.h>
#include <stdint.h>

enum { KJ__PANEL = 32 };

/* n rounded up to whole panels. */
static inline size_t kj__pad(size_t n)
{
  return (n + KJ__PANEL - 1) / KJ__PANEL * KJ__PANEL;
}

/* Numbers that a matrix (a, b) takes in panels. */
static inline size_t kj__panels_size(size_t a, size_t b)
{
  return kj__pad(a) * kj__pad(b);
}

/* Where element (i, j) of a matrix (a, .) lies. */
static inline size_t kj__panels_at(size_t a, size_t i, size_t j)
{
  return j / KJ__PANEL * KJ__PANEL * kj__pad(a) + i * KJ__PANEL + j % KJ__PANEL;
}

/* panels of (n_columns, n_rows) = the transpose of rows (n_rows, n_columns),
 * row-major; the padding is set to 0. */
void kj__panels_from_rows(const kj_real *rows, size_t n_rows, size_t n_columns,
                          kj_real *panels);

/* The inverse: rows (n_rows, n_columns), row-major. */
void kj__panels_to_rows(const kj_real *panels, size_t n_rows, size_t n_columns,
                        kj_real *rows);

/* columns, panels of (n_b, n_a) = the transpose of panels of (n_a, n_b): of
 * its panels first..last of the b side, first and last multiples of 32. */
void kj__panels_transpose(const kj_real *panels, size_t n_a, size_t n_b,
                          size_t first, size_t last, kj_real *columns);

#endif
