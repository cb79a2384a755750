/*
 * holm.c: Holm's correction (1979) of a family of p values.
 */
#include "kanjo/paired.h"

#include "base/error.h"

#include <math.h>

/* p[i] comes before p[j] in the order of size; equal ones by their index. */
static bool is_before(const double *p, size_t i, size_t j)
{
  return p[i] < p[j] || (p[i] == p[j] && i < j);
}

static kj_status check_p(const double *p, size_t n, size_t *n_family,
                         kj_error *err)
{
  *n_family = 0;
  for (size_t i = 0; i < n; i++) {
    if (p[i] < 0 || p[i] > 1)
      return kj__fail(err, KJ_EDATA, "p[%zu] is %g; must be 0..1 or NaN", i,
                      p[i]);
    *n_family += isnan(p[i]) ? 0 : 1;
  }
  return KJ_OK;
}

/* The smallest p that comes after p[last]; after none where last is n. */
static size_t next_smallest(const double *p, size_t n, size_t last)
{
  size_t next = n;
  for (size_t i = 0; i < n; i++)
    if (!isnan(p[i]) && (last == n || is_before(p, last, i)) &&
        (next == n || is_before(p, i, next)))
      next = i;
  return next;
}

kj_status kj_holm(const double *p, size_t n, double *out, kj_error *err)
{
  if (n > 0 && !p)
    return kj__fail(err, KJ_EARGUMENT, "p is NULL");
  if (n > 0 && !out)
    return kj__fail(err, KJ_EARGUMENT, "out is NULL");
  size_t n_left;
  const kj_status status = check_p(p, n, &n_left, err);
  if (status != KJ_OK)
    return status;

  for (size_t i = 0; i < n; i++)
    out[i] = p[i]; /* the NaN among them stay */
  double adjusted = 0;
  for (size_t last = n; n_left > 0; n_left--) {
    last = next_smallest(p, n, last);
    adjusted = fmax(adjusted, fmin(1, (double)n_left * p[last]));
    out[last] = adjusted;
  }
  return KJ_OK;
}
