/*
 * sums.c: one more row of contours in the sums of features/functionals.h.
 *
 * A block of contours is a loop of fixed length over arrays of its own, which
 * compilers make vector code of; nothing here is fused, so all tiers agree to
 * the bit.
 */
#include "features/kernels/functions.h"

KJ__INLINE void update_extremes(kj__sums *r, double row, const float *value)
{
  for (size_t c = 0; c < KJ__SUMS_BLOCK; c++) {
    const double x = (double)value[c];
    const int above = x > r->max[c], below = x < r->min[c];
    r->max[c] = above ? x : r->max[c];
    r->max_row[c] = above ? row : r->max_row[c];
    r->min[c] = below ? x : r->min[c];
    r->min_row[c] = below ? row : r->min_row[c];
    r->sum[c] += x;
    r->sum_row[c] += row * x;
  }
}

KJ__INLINE void update_moments(kj__sums *r, const kj__sums_step *s,
                               const float *value)
{
  for (size_t c = 0; c < KJ__SUMS_BLOCK; c++) {
    /* from the origin, or a mean far from 0 would stop moving */
    const double y = (double)value[c] - r->origin[c];
    const double delta = y - r->mean[c];
    const double part = delta * s->inv_n;
    const double square = delta * part * s->i;
    const double miss = delta - r->co[c] * s->inv_spread * s->ahead;
    const double m2 = r->m2[c], m3 = r->m3[c];
    const double mean = r->mean[c] + part;
    r->residual[c] += miss * miss * s->inv_lever;
    r->m4[c] += square * part * part * s->m4_scale + 6.0 * part * part * m2 -
                4.0 * part * m3;
    r->m3[c] = m3 + (square * part * (s->n - 2.0) - 3.0 * part * m2);
    r->m2[c] = m2 + square;
    r->mean[c] = mean;
    r->co[c] += s->ahead * (y - mean);
  }
}

void KJ__OF_TIER(kj__lanes_sum)(kj__sums *sums, size_t n_blocks,
                                const kj__sums_step *step, const float *row)
{
  for (size_t b = 0; b < n_blocks; b++) {
    update_extremes(&sums[b], step->i, row + b * KJ__SUMS_BLOCK);
    update_moments(&sums[b], step, row + b * KJ__SUMS_BLOCK);
  }
}
