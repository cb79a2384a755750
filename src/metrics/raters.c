/*
 * raters.c: each rating against the mean of the row's other ones.
 */
#include "kanjo/raters.h"

#include "base/error.h"
#include "metrics/clusters.h"
#include "metrics/sums.h"

#include <math.h>

static kj_status check_ratings(const kj_ratings *ratings, kj_error *err)
{
  if (!ratings)
    return kj__fail(err, KJ_EARGUMENT, "ratings is NULL");
  const size_t *offset = ratings->offset;
  if (!offset)
    return kj__fail(err, KJ_EARGUMENT, "offset is NULL");
  if (offset[0] != 0)
    return kj__fail(err, KJ_EARGUMENT, "offset[0] is %zu; must be 0",
                    offset[0]);
  for (size_t i = 0; i < ratings->n_rows; i++)
    if (offset[i + 1] < offset[i])
      return kj__fail(err, KJ_EDATA,
                      "offset[%zu] is %zu; must be at least the one before, "
                      "%zu",
                      i + 1, offset[i + 1], offset[i]);
  const size_t n = offset[ratings->n_rows];
  return n == 0 ? KJ_OK : kj__check_values("values", ratings->values, n, err);
}

/* The pairs (mean of the others, rating) of one row of n >= 2 ratings. */
static void add_row(const double *ratings, size_t n, kj__origin origin,
                    double sums[KJ__N_SUMS])
{
  const double mean = kj__mean(ratings, n);
  for (size_t i = 0; i < n; i++) {
    const double others = mean - (ratings[i] - mean) / (double)(n - 1);
    kj__sums_add(sums, others, ratings[i], origin);
  }
}

kj_status kj_rater_ceiling(const kj_ratings *ratings, kj_ceiling *out,
                           kj_error *err)
{
  if (!out)
    return kj__fail(err, KJ_EARGUMENT, "out is NULL");
  const kj_status status = check_ratings(ratings, err);
  if (status != KJ_OK)
    return status;

  const size_t *offset = ratings->offset;
  const size_t n_values = offset[ratings->n_rows];
  const double centre = n_values > 0 ? kj__mean(ratings->values, n_values) : 0;
  const kj__origin origin = {centre, centre};
  double sums[KJ__N_SUMS] = {0};
  kj_ceiling result = {.mae = nan(""), .ccc = nan("")};
  for (size_t i = 0; i < ratings->n_rows; i++) {
    const size_t n = offset[i + 1] - offset[i];
    if (n < 2)
      continue;
    add_row(ratings->values + offset[i], n, origin, sums);
    result.n_rows++;
    result.n_pairs += n;
  }
  result.n_raters_mean = (double)result.n_pairs / (double)result.n_rows;
  if (result.n_rows > 0) {
    const kj_metrics metrics = kj__sums_metrics(sums, origin);
    result.mae = metrics.mae;
    result.ccc = metrics.ccc;
  }
  *out = result;
  return KJ_OK;
}
