/*
 * scaler.c: standardise features by column means and standard deviations.
 *
 * Columns are fitted a block at a time, so that the sums of a block stay in
 * registers and cache while the rows go by, and nothing is allocated.
 */
#include "kanjo/estimator.h"

#include "base/error.h"
#include <float.h>
#include <math.h>

enum { BLOCK = 64 }; /* columns fitted together */

/* A column varies if its standard deviation is above this share of its
 * largest magnitude: about the rounding of one float (2^-24 = 6e-8). */
static const double CONSTANT_SHARE = 1e-7;

/* The rows a scaler is fitted on. */
typedef struct row_view {
  const float *x;
  const size_t *rows; /* NULL: all, in order */
  size_t n_rows;
  size_t n; /* columns */
} row_view;

/* A few neighbouring columns, and what the passes collect for each. */
typedef struct column_block {
  size_t first;
  size_t width;           /* at most BLOCK */
  double mean[BLOCK];     /* a sum, until it is divided */
  double largest[BLOCK];  /* magnitude */
  double variance[BLOCK]; /* of the population; a sum, until divided */
} column_block;

static size_t index_of(const row_view *view, size_t i)
{
  return view->rows ? view->rows[i] : i;
}

static const float *row_of(const row_view *view, size_t i)
{
  return view->x + index_of(view, i) * view->n;
}

static kj_status check_finite(const row_view *view, kj_error *err)
{
  for (size_t i = 0; i < view->n_rows; i++) {
    const float *row = row_of(view, i);
    for (size_t j = 0; j < view->n; j++)
      if (!isfinite(row[j]))
        return kj__fail(err, KJ_EDATA,
                        "row %zu, column %zu (from 0) is %g; must be finite",
                        index_of(view, i), j, (double)row[j]);
  }
  return KJ_OK;
}

static void find_means(const row_view *view, column_block *block)
{
  for (size_t i = 0; i < view->n_rows; i++) {
    const float *row = row_of(view, i) + block->first;
    for (size_t j = 0; j < block->width; j++) {
      block->mean[j] += (double)row[j];
      block->largest[j] = fmax(block->largest[j], fabs((double)row[j]));
    }
  }
  for (size_t j = 0; j < block->width; j++)
    block->mean[j] /= (double)view->n_rows;
}

static void find_variances(const row_view *view, column_block *block)
{
  for (size_t i = 0; i < view->n_rows; i++) {
    const float *row = row_of(view, i) + block->first;
    for (size_t j = 0; j < block->width; j++) {
      const double deviation = (double)row[j] - block->mean[j];
      block->variance[j] += deviation * deviation;
    }
  }
  for (size_t j = 0; j < block->width; j++)
    block->variance[j] /= (double)view->n_rows;
}

/* 1 / sd, or 0 for a column that does not vary, or so little that the
 * inverse is no float. */
static float inverse_or_zero(double sd, double largest)
{
  const double inverse = 1.0 / sd;
  return sd > CONSTANT_SHARE * largest && inverse <= (double)FLT_MAX
             ? (float)inverse
             : 0.0f;
}

static void fit_block(kj_scaler *scaler, const row_view *view, size_t first)
{
  const size_t left = scaler->n - first;
  column_block block = {.first = first, .width = left < BLOCK ? left : BLOCK};
  find_means(view, &block);
  find_variances(view, &block);
  for (size_t j = 0; j < block.width; j++) {
    scaler->mean[first + j] = (float)block.mean[j];
    scaler->inverse_sd[first + j] =
        inverse_or_zero(sqrt(block.variance[j]), block.largest[j]);
  }
}

kj_status kj_scaler_fit(kj_scaler *scaler, const float *x, const size_t *rows,
                        size_t n_rows, kj_error *err)
{
  const row_view view = {x, rows, n_rows, scaler->n};
  if (n_rows == 0)
    return kj__fail(err, KJ_EDATA, "n_rows is 0; a scaler needs at least 1");
  const kj_status status = check_finite(&view, err);
  if (status != KJ_OK)
    return status;
  for (size_t first = 0; first < scaler->n; first += BLOCK)
    fit_block(scaler, &view, first);
  return KJ_OK;
}

/* inverse_sd 0 must give 0 even where x - mean overflows to infinity. */
static float scale_one(float x, float mean, float inverse_sd, float clip)
{
  const float scaled = inverse_sd > 0.0f ? (x - mean) * inverse_sd : 0.0f;
  return scaled > clip ? clip : scaled < -clip ? -clip : scaled;
}

void kj_scaler_apply(const kj_scaler *scaler, const float *x, size_t n_rows,
                     float *scaled)
{
  const size_t n = scaler->n;
  for (size_t i = 0; i < n_rows; i++)
    for (size_t j = 0; j < n; j++)
      scaled[i * n + j] = scale_one(x[i * n + j], scaler->mean[j],
                                    scaler->inverse_sd[j], scaler->clip);
}
