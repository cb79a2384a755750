/*
 * panels.c: from rows to panels, back, and transposed.
 */
#include "network/panels.h"

#include <assert.h>
#include <string.h>

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

void kj__panels_from_rows(const kj_real *rows, size_t n_rows, size_t n_columns,
                          kj_real *panels)
{
  memset(panels, 0, kj__panels_size(n_columns, n_rows) * sizeof *panels);
  for (size_t r = 0; r < n_rows; r += KJ__PANEL) {
    const size_t n = smaller(KJ__PANEL, n_rows - r);
    kj_real *panel = panels + r * kj__pad(n_columns);
    for (size_t c = 0; c < n_columns; c++)
      for (size_t i = 0; i < n; i++)
        panel[c * KJ__PANEL + i] = rows[(r + i) * n_columns + c];
  }
}

void kj__panels_to_rows(const kj_real *panels, size_t n_rows, size_t n_columns,
                        kj_real *rows)
{
  for (size_t r = 0; r < n_rows; r += KJ__PANEL) {
    const size_t n = smaller(KJ__PANEL, n_rows - r);
    const kj_real *panel = panels + r * kj__pad(n_columns);
    for (size_t c = 0; c < n_columns; c++)
      for (size_t i = 0; i < n; i++)
        rows[(r + i) * n_columns + c] = panel[c * KJ__PANEL + i];
  }
}

typedef kj_real four
    __attribute__((vector_size(4 * sizeof(kj_real)), aligned(sizeof(kj_real))));

/* The transpose of 4 x 4: halves of rows 0 and 1, of 2 and 3, then both. */
static void turn_four(const kj_real *from, kj_real *to)
{
  four row[4];
  memcpy(&row[0], from, sizeof(four));
  memcpy(&row[1], from + KJ__PANEL, sizeof(four));
  memcpy(&row[2], from + 2 * KJ__PANEL, sizeof(four));
  memcpy(&row[3], from + 3 * KJ__PANEL, sizeof(four));
  const four a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
  const four b = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
  const four c = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
  const four d = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
  row[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  row[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  row[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  row[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
  for (size_t i = 0; i < 4; i++)
    memcpy(to + i * KJ__PANEL, &row[i], sizeof(four));
}

/* to = the transpose of from, 32 x 32 in one piece each. */
static void turn_block(const kj_real *restrict from, kj_real *restrict to)
{
  for (size_t i = 0; i < KJ__PANEL; i += 4)
    for (size_t j = 0; j < KJ__PANEL; j += 4)
      turn_four(from + j * KJ__PANEL + i, to + i * KJ__PANEL + j);
}

void kj__panels_transpose(const kj_real *panels, size_t n_a, size_t n_b,
                          size_t first, size_t last, kj_real *columns)
{
  assert(first % KJ__PANEL == 0 && last % KJ__PANEL == 0);
  const size_t pad_a = kj__pad(n_a), pad_b = kj__pad(n_b);
  for (size_t b = first; b < last; b += KJ__PANEL)
    for (size_t a = 0; a < n_a; a += KJ__PANEL)
      turn_block(panels + b * pad_a + a * KJ__PANEL,
                 columns + a * pad_b + b * KJ__PANEL);
}
