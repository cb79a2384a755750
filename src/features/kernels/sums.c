/*
 * sums.c: one more row of contours in the sums of features/functionals.h.
 *
 * In double, half as many contours at a time as there are lanes. Nothing is
 * fused, so all tiers agree to the bit.
 */
#include "features/kernels/functions.h"

enum { KJ__WIDE_LANES = KJ__LANES / 2 };

typedef kj__vec_wide wide;
typedef int64_t wide_mask __attribute__((vector_size(4 * KJ__LANES)));
typedef wide wide_in_memory __attribute__((aligned(8), may_alias));

KJ__INLINE wide load(const double *p)
{
  return *(const wide_in_memory *)p;
}

KJ__INLINE void store(double *p, wide v)
{
  *(wide_in_memory *)p = v;
}

KJ__INLINE void add(double *p, wide v)
{
  store(p, load(p) + v);
}

KJ__INLINE wide choose(wide_mask mask, wide a, wide b)
{
  return (wide)(((wide_mask)a & mask) | ((wide_mask)b & ~mask));
}

KJ__INLINE wide values(const float *row)
{
  wide x = {0};
  for (int i = 0; i < KJ__WIDE_LANES; i++)
    x[i] = (double)row[i];
  return x;
}

/* The extreme and its row, of the values where `is` is set. */
KJ__INLINE void replace(double *extreme, double *at, wide_mask is, wide x,
                        double row)
{
  const wide rows = (wide){0} + row;
  store(extreme, choose(is, x, load(extreme)));
  store(at, choose(is, rows, load(at)));
}

KJ__INLINE void update_extremes(kj__sums *r, size_t c, double row, wide x)
{
  replace(r->max + c, r->max_row + c, (wide_mask)(x > load(r->max + c)), x,
          row);
  replace(r->min + c, r->min_row + c, (wide_mask)(x < load(r->min + c)), x,
          row);
}

KJ__INLINE void update_moments(kj__sums *r, size_t c, const kj__sums_step *s,
                               wide x)
{
  /* from the origin, or a mean far from 0 would stop moving */
  const wide y = x - load(r->origin + c);
  const wide before = load(r->mean + c), delta = y - before;
  const wide part = delta * s->inv_n, mean = before + part;
  const wide square = delta * part * s->i;
  const wide m2 = load(r->m2 + c), m3 = load(r->m3 + c);
  const wide co = load(r->co + c);
  const wide miss = delta - co * s->inv_spread * s->ahead;
  add(r->residual + c, miss * miss * s->inv_lever);
  add(r->m4 + c, square * part * part * s->m4_scale + 6.0 * part * part * m2 -
                     4.0 * part * m3);
  store(r->m3 + c, m3 + (square * part * (s->n - 2.0) - 3.0 * part * m2));
  store(r->m2 + c, m2 + square);
  store(r->mean + c, mean);
  store(r->co + c, co + s->ahead * (y - mean));
}

void KJ__OF_TIER(kj__lanes_sum)(kj__sums *sums, size_t n_blocks,
                                const kj__sums_step *step, const float *row)
{
  for (size_t b = 0; b < n_blocks; b++, row += KJ__SUMS_BLOCK)
    for (size_t c = 0; c < KJ__SUMS_BLOCK; c += KJ__WIDE_LANES) {
      const wide x = values(row + c);
      update_extremes(&sums[b], c, step->i, x);
      add(sums[b].sum + c, x);
      add(sums[b].sum_row + c, step->i * x);
      update_moments(&sums[b], c, step, x);
    }
}
