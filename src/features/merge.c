/*
 * merge.c: the statistics of a contour, from those of its parts.
 *
 * n_a values and the n_b that follow them, with means and central moments of
 * each, d the difference of the means, w_a = n_a/n, w_b = n_b/n:
 *
 *   M2 = M2a + M2b + d^2 n w_a w_b
 *   M3 = M3a + M3b + d^3 n w_a w_b (w_a - w_b) + 3 d (w_a M2b - w_b M2a)
 *   M4 = M4a + M4b + d^4 n w_a w_b (1 - 3 w_a w_b)
 *        + 6 d^2 (w_a^2 M2b + w_b^2 M2a) + 4 d (w_a M3b - w_b M3a)
 *
 * The best line through all has the slope m = co/S, S the spread of the rows,
 * where co and S merge as M2 does; what it misses is what each part's own line
 * (slope m_a, spread S_a) misses, and what tilting and lifting them onto it
 * adds:
 *
 *   R = Ra + Rb + (m_a - m)^2 S_a + (m_b - m)^2 S_b
 *       + n w_a w_b (d - m e)^2
 *
 * e being how far the middles of the parts are apart: n/2 where every row has a
 * value, and then S = n (n^2 - 1)/12. All terms are sums of squares, so that
 * nothing cancels; sums of powers of the values would lose all digits where the
 * mean is large against the deviation.
 *
 * Sources: Chan, Golub, LeVeque, Updating formulae and a pairwise algorithm
 * for computing sample variances, Stanford STAN-CS-79-773 (1979), eq. (2.1);
 * Pebay, SAND2008-6212 (2008), eqs. (2.1)-(2.3). The residual is ours.
 */
#include "features/merge.h"

#include <math.h>

/* How many values each part has, on which rows, and what follows from that. */
typedef struct shares {
  double a, b;        /* w_a, w_b */
  double between;     /* n w_a w_b */
  double before;      /* rows of the first part */
  double apart;       /* e */
  double s_a, s_b, s; /* spreads of the row indices */
} shares;

static double spread(double n)
{
  return n * (n * n - 1.0) / 12.0;
}

static shares share(uint64_t n_before, uint64_t n_next)
{
  const double n_a = (double)n_before, n_b = (double)n_next, n = n_a + n_b;
  return (shares){.a = n_a / n,
                  .b = n_b / n,
                  .between = n_a * n_b / n,
                  .before = n_a,
                  .apart = 0.5 * n,
                  .s_a = spread(n_a),
                  .s_b = spread(n_b),
                  .s = spread(n)};
}

static shares share_voiced(const kj__voiced *v, const kj__voiced *next,
                           uint64_t n_rows)
{
  const double n_a = (double)v->n, n_b = (double)next->n, n = n_a + n_b;
  const double between = n_a * n_b / n, before = (double)n_rows;
  const double apart = next->mean_row + before - v->mean_row;
  return (shares){.a = n_a / n,
                  .b = n_b / n,
                  .between = between,
                  .before = before,
                  .apart = apart,
                  .s_a = v->spread,
                  .s_b = next->spread,
                  .s = v->spread + next->spread + between * apart * apart};
}

static double slope(double co, double s)
{
  return s > 0.0 ? co / s : 0.0;
}

static void merge_extremes(kj__summary *a, const kj__summary *b, double before)
{
  if (b->max > a->max) {
    a->max = b->max;
    a->max_row = before + b->max_row;
  }
  if (b->min < a->min) {
    a->min = b->min;
    a->min_row = before + b->min_row;
  }
  a->sum_row += before * b->sum + b->sum_row;
  a->sum += b->sum;
}

static void merge_moments(kj__summary *a, const kj__summary *b, const shares *w,
                          double d)
{
  const double part = d * d * w->between, product = w->a * w->b;
  const double both = w->a * b->m2 - w->b * a->m2;
  a->m4 += b->m4 + part * d * d * (1.0 - 3.0 * product) +
           6.0 * d * d * (w->a * w->a * b->m2 + w->b * w->b * a->m2) +
           4.0 * d * (w->a * b->m3 - w->b * a->m3);
  a->m3 += b->m3 + part * d * (w->a - w->b) + 3.0 * d * both;
  a->m2 += b->m2 + part;
}

static void merge_line(kj__summary *a, const kj__summary *b, const shares *w,
                       double d)
{
  const double m_a = slope(a->co, w->s_a), m_b = slope(b->co, w->s_b);
  const double co = a->co + b->co + d * w->apart * w->between;
  const double m = slope(co, w->s), miss = d - m * w->apart;
  a->residual += b->residual + (m_a - m) * (m_a - m) * w->s_a +
                 (m_b - m) * (m_b - m) * w->s_b + w->between * miss * miss;
  a->co = co;
}

static void merge(kj__summary *a, const kj__summary *b, const shares *w)
{
  const double d = b->mean + (b->origin - a->origin) - a->mean;
  merge_extremes(a, b, w->before);
  merge_line(a, b, w, d);
  merge_moments(a, b, w, d);
  a->mean += d * w->b;
}

void kj__functionals_merge(kj__functionals *f, const kj__functionals *next)
{
  if (next->n == 0)
    return;
  const shares w = share(f->n, next->n);
  for (size_t c = 0; c < f->n_contours; c++) {
    kj__summary a;
    const kj__summary b = kj__functionals_get(next, c);
    if (f->n > 0) {
      a = kj__functionals_get(f, c);
      merge(&a, &b, &w);
    } else {
      a = b;
    }
    kj__functionals_put(f, c, &a);
  }
  f->n += next->n;
}

void kj__voiced_merge(kj__voiced *v, const kj__voiced *next, uint64_t n_rows)
{
  if (next->n == 0)
    return;
  if (v->n == 0) {
    *v = *next;
    v->mean_row += (double)n_rows;
    v->of.max_row += (double)n_rows;
    v->of.min_row += (double)n_rows;
    return;
  }
  const shares w = share_voiced(v, next, n_rows);
  merge(&v->of, &next->of, &w);
  v->mean_row += w.apart * w.b;
  v->spread = w.s;
  v->n += next->n;
}
