/*
 * wilcoxon.c: Wilcoxon's signed ranks, exact or by the normal approximation.
 */
#include "metrics/wilcoxon.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_EXACT = 50, MAX_RANK_SUM = MAX_EXACT * (MAX_EXACT + 1) / 2 };

typedef struct ranks {
  double plus;  /* W+, the sum of the ranks of positive differences */
  double minus; /* W- */
  double ties;  /* sum of t^3 - t over groups of t equal sizes */
  size_t n;     /* differences that are not 0 */
} ranks;

static int by_size(const void *left, const void *right)
{
  const double a = fabs(*(const double *)left);
  const double b = fabs(*(const double *)right);
  return (a > b) - (a < b);
}

/* Differences sorted by size, none 0, to sums of their (mid-)ranks. */
static ranks rank_sorted(const double *d, size_t n)
{
  ranks r = {.n = n};
  for (size_t first = 0, end; first < n; first = end) {
    for (end = first + 1; end < n && fabs(d[end]) == fabs(d[first]);)
      end++;
    const double rank = (double)(first + 1 + end) / 2;
    const double t = (double)(end - first);
    for (size_t i = first; i < end; i++)
      *(d[i] > 0 ? &r.plus : &r.minus) += rank;
    r.ties += t * t * t - t;
  }
  return r;
}

/* P(W+ <= sum) twice, for the smaller of the two rank sums: of the 2^n subsets
 * of 1..n, those whose sum is at most that. Counts below 2^53 are exact. */
static double exact_p(const ranks *r)
{
  double count[MAX_RANK_SUM + 1] = {1};
  const size_t total = r->n * (r->n + 1) / 2;
  for (size_t rank = 1; rank <= r->n; rank++)
    for (size_t sum = total; sum >= rank; sum--)
      count[sum] += count[sum - rank];
  double below = 0;
  for (size_t sum = 0; sum <= (size_t)fmin(r->plus, r->minus); sum++)
    below += count[sum];
  return fmin(1, ldexp(below, 1 - (int)r->n));
}

static double normal_p(const ranks *r)
{
  const double n = (double)r->n;
  const double mean = n * (n + 1) / 4;
  const double variance = (n * (n + 1) * (2 * n + 1) - r->ties / 2) / 24;
  return erfc(fabs(r->plus - mean) / sqrt(2 * variance));
}

kj_status kj__wilcoxon_test(const double *difference, size_t n,
                            const kj_allocator *allocator, kj__wilcoxon *out,
                            kj_error *err)
{
  double *d = kj__allocate(allocator, n, sizeof *d);
  if (!d)
    return kj__fail_memory(err, "the ranks of the differences");
  size_t n_kept = 0;
  for (size_t i = 0; i < n; i++)
    if (difference[i] != 0)
      d[n_kept++] = difference[i];
  qsort(d, n_kept, sizeof *d, by_size);
  const ranks r = rank_sorted(d, n_kept);
  kj__release(allocator, d);

  *out =
      (kj__wilcoxon){.p = 1,
                     .rank_biserial = (r.plus - r.minus) / (r.plus + r.minus),
                     .is_exact = n_kept == n && r.ties == 0 && n <= MAX_EXACT};
  if (n_kept > 0)
    out->p = out->is_exact ? exact_p(&r) : normal_p(&r);
  return KJ_OK;
}
