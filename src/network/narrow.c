/*
 * narrow.c: copies in bf16 that the products of kernels.h read.
 *
 * In pairs, the two numbers of neighbouring terms of a sum share 32 bits, the
 * earlier one the lower half: what VDPBF16PS multiplies and adds as a whole.
 *
 * Nothing but integers is computed: no processor changes a bit.
 */
#include "network/narrow.h"

#include "network/panels.h"

#include <assert.h>

/* How many of the 32 columns from `column` on are in a matrix of n. */
static size_t columns_in(size_t n, size_t column)
{
  if (column >= n)
    return 0;
  return n - column < KJ__PANEL ? n - column : KJ__PANEL;
}

/* n pairs of whole rows, 32 numbers each. */
static void pair_rows(const kj_real *restrict rows, size_t n,
                      kj__bf16 *restrict pairs)
{
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < KJ__PANEL; j++) {
      const size_t even = i * 2 * KJ__PANEL + j;
      pairs[i * 2 * KJ__PANEL + 2 * j] = kj__narrow(rows[even]);
      pairs[i * 2 * KJ__PANEL + 2 * j + 1] = kj__narrow(rows[even + KJ__PANEL]);
    }
}

static void narrow_all(const kj_real *restrict from, size_t n,
                       kj__bf16 *restrict to)
{
  for (size_t i = 0; i < n; i++)
    to[i] = kj__narrow(from[i]);
}

static void interleave(const kj__bf16 *restrict even,
                       const kj__bf16 *restrict odd, size_t n,
                       kj__bf16 *restrict pairs)
{
  for (size_t i = 0; i < n; i++) {
    pairs[2 * i] = even[i];
    pairs[2 * i + 1] = odd[i];
  }
}

static void interleave_zeros(const kj__bf16 *even, size_t n, kj__bf16 *pairs)
{
  for (size_t i = 0; i < n; i++) {
    pairs[2 * i] = even[i];
    pairs[2 * i + 1] = 0;
  }
}

/* Of n lines of `width` numbers each, those from `used` on become 0. */
static void clear_ends(kj__bf16 *lines, size_t n, size_t width, size_t used)
{
  if (used < width)
    for (size_t i = 0; i < n; i++)
      memset(lines + i * width + used, 0, (width - used) * sizeof *lines);
}

/* One panel of n_a rows, n columns. The last row of an odd number has zeros
 * for its neighbour. */
static void pair_panel(const kj_real *panel, size_t n_a, size_t n,
                       kj__bf16 *pairs)
{
  enum { LINE = 2 * KJ__PANEL };
  const size_t n_pairs = n_a / 2;
  pair_rows(panel, n_pairs, pairs);
  clear_ends(pairs + n_pairs * LINE, kj__pad(n_a) / 2 - n_pairs, LINE, 0);
  if (n_a % 2)
    for (size_t j = 0; j < KJ__PANEL; j++)
      pairs[n_pairs * LINE + 2 * j] = kj__narrow(panel[n_pairs * LINE + j]);
  clear_ends(pairs, kj__even(n_a) / 2, LINE, 2 * n);
}

void kj__narrow_pairs(const kj_real *panels, size_t n_a, size_t n_b,
                      size_t first, size_t last, kj__bf16 *pairs)
{
  assert(first % KJ__PANEL == 0 && last % KJ__PANEL == 0);
  for (size_t column = first; column < last; column += KJ__PANEL)
    pair_panel(panels + column * kj__pad(n_a), n_a, columns_in(n_b, column),
               pairs + column * kj__pad(n_a));
}

void kj__narrow_panels(const kj_real *panels, size_t n_a, size_t n_b,
                       size_t first, size_t last, kj__bf16 *narrow)
{
  assert(first % KJ__PANEL == 0 && last % KJ__PANEL == 0);
  for (size_t column = first; column < last; column += KJ__PANEL) {
    kj__bf16 *to = narrow + column * kj__pad(n_a);
    narrow_all(panels + column * kj__pad(n_a), n_a * KJ__PANEL, to);
    clear_ends(to, n_a, KJ__PANEL, columns_in(n_b, column));
    clear_ends(to + n_a * KJ__PANEL, kj__pad(n_a) - n_a, KJ__PANEL, 0);
  }
}

void kj__narrow_weights(const kj_real *weights, size_t n_in, size_t n_out,
                        size_t first, size_t last, kj__bf16 *forward,
                        kj__bf16 *backward)
{
  assert(first % 2 == 0 && (last % 2 == 0 || last == n_out));
  const size_t row = kj__even(n_in);
  for (size_t o = first; o < last; o++)
    narrow_all(weights + o * n_in, n_in, forward + o * row);
  if (n_in % 2)
    for (size_t o = first; o < last; o++)
      forward[o * row + n_in] = 0;
  for (size_t o = first; o + 1 < last; o += 2)
    interleave(forward + o * row, forward + (o + 1) * row, n_in,
               backward + o * n_in);
  if (last == n_out && n_out % 2)
    interleave_zeros(forward + (last - 1) * row, n_in,
                     backward + (last - 1) * n_in);
}
