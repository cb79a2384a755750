/*
 * kernels_support.h: the definition of the kernels' sums, term by term, and
 * matrices in panels that show where something was written.
 */
#ifndef KJ_TESTS_NETWORK_KERNELS_SUPPORT_H
#define KJ_TESTS_NETWORK_KERNELS_SUPPORT_H

#include "network/kernels.h"
#include "network/panels.h"
#include "support.h"
#include <stdio.h>

enum { GUARD = 64, MOST_KINDS = 1 + KJ__N_TIERS };

/* What nothing has written. */
static const kj_real UNTOUCHED = (kj_real)-12345.5;

/* What lies in the padding of inputs: finite, and seen if it got in. */
static const kj_real PADDING = 777777;

/* A layer, its rows, and which of its units to compute at a time. */
typedef struct extent {
  size_t n_in, n_out, n_rows, n_units_a_call;
} extent;

static const extent EXTENTS[] = {
    {1, 1, 1, 12},       {7, 5, 5, 12},      {5, 7, 31, 12},
    {33, 31, 32, 12},    {31, 33, 33, 24},   {12, 24, 64, 12},
    {65, 50, 100, 36},   {770, 25, 37, 12},  {384, 1200, 33, 600},
    {384, 1200, 1, 324}, {100, 1, 100, 12},  {1200, 90, 70, 1200},
    {16, 100, 500, 48},  {512, 150, 40, 60},
};
enum { N_EXTENTS = sizeof EXTENTS / sizeof EXTENTS[0] };

/* All kernels that this machine has, the plain ones first. */
static inline size_t all_kinds(const kj__kernels *kinds[MOST_KINDS])
{
  size_t n = 0;
  kinds[n++] = &kj__kernels_plain;
  for (int t = 0; t < KJ__N_TIERS; t++)
    if (kj__tier_is_here((kj__tier)t))
      kinds[n++] = kj__kernels_get((kj__tier)t, KJ__FP32);
  return n;
}

static inline kj_real multiply_add(bool fused, kj_real a, kj_real b,
                                   kj_real sum)
{
  if (fused)
    return fmaf(a, b, sum);
  const volatile kj_real product = a * b;
  return sum + product;
}

/* n numbers, UNTOUCHED, and as many before and behind as GUARD. */
static inline kj_real *new_untouched(size_t n)
{
  kj_real *block = malloc((n + 2 * GUARD) * sizeof *block);
  assert_non_null(block);
  for (size_t i = 0; i < n + 2 * GUARD; i++)
    block[i] = UNTOUCHED;
  return block + GUARD;
}

static inline void free_guarded(const char *what, kj_real *values, size_t n)
{
  if (!values)
    return;
  const kj_real *block = values - GUARD;
  for (size_t i = 0; i < GUARD; i++)
    if (block[i] != UNTOUCHED || block[GUARD + n + i] != UNTOUCHED)
      fail_msg("%s: written before or behind its memory", what);
  free(values - GUARD);
}

/* Panels of (a, b), of normal numbers; in the padding, PADDING. */
static inline kj_real *draw_panels(kj__random *random, size_t a, size_t b)
{
  kj_real *panels = new_untouched(kj__panels_size(a, b));
  for (size_t i = 0; i < kj__panels_size(a, b); i++)
    panels[i] = PADDING;
  for (size_t i = 0; i < a; i++)
    for (size_t j = 0; j < b; j++)
      panels[kj__panels_at(a, i, j)] = (kj_real)kj__random_normal(random);
  return panels;
}

static inline void free_panels(const char *what, kj_real *panels, size_t a,
                               size_t b)
{
  free_guarded(what, panels, kj__panels_size(a, b));
}

/* sums (n_units, n_columns), row-major, += a b, term after term; element
 * (u, k) of a is a[u * a_unit + k * a_term], b is in panels. */
static inline void add_product(bool fused, size_t n_units, size_t n_terms,
                               size_t n_columns, const kj_real *a,
                               size_t a_unit, size_t a_term, const kj_real *b,
                               kj_real *sums)
{
  for (size_t u = 0; u < n_units; u++)
    for (size_t k = 0; k < n_terms; k++)
      for (size_t j = 0; j < n_columns; j++)
        sums[u * n_columns + j] = multiply_add(
            fused, a[u * a_unit + k * a_term], b[kj__panels_at(n_terms, k, j)],
            sums[u * n_columns + j]);
}

/* panels (a, b) hold `expected` (row-major) exactly; where only units below
 * n_done were computed, the rest is untouched. Padding on the b side is free,
 * that on the a side untouched. */
static inline void assert_panels(const char *what, const kj_real *panels,
                                 const kj_real *expected, size_t a, size_t b,
                                 size_t n_done)
{
  for (size_t i = 0; i < kj__pad(a); i++)
    for (size_t j = 0; j < kj__pad(b); j++) {
      const kj_real got = panels[kj__panels_at(a, i, j)];
      const bool done = i < n_done;
      if (done && j >= b)
        continue;
      const kj_real right = done ? expected[i * b + j] : UNTOUCHED;
      if (!(got == right || (isnan(got) && isnan(right))))
        fail_msg("%s: unit %zu, row %zu is %a, must be %a", what, i, j,
                 (double)got, (double)right);
    }
}

/* "avx2 forward 384-1200, 33 rows" */
static inline const char *name_case(char text[120], const kj__kernels *kernels,
                                    const char *what, const extent *e)
{
  snprintf(text, 120, "%s %s %zu-%zu, %zu rows", kernels->name, what, e->n_in,
           e->n_out, e->n_rows);
  return text;
}

static inline size_t smaller_of(size_t a, size_t b)
{
  return a < b ? a : b;
}

#endif
