/*
 * calibrate.c: the estimator of a fit, and the slope and offset that fit its
 * held-out rows best.
 *
 * Smoothing pulls estimates towards the mean; a straight line, fitted by
 * weighted least squares on speakers that the network never saw, undoes it:
 * rating = slope * output + offset.
 */
#include "experiment/fit_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Sums of a weighted straight-line fit of ratings y on outputs x. */
typedef struct line {
  double weight, x, y, xx, xy;
} line;

static void fit_line(const line *sums, double *slope, double *offset)
{
  const double mean_x = sums->x / sums->weight;
  const double mean_y = sums->y / sums->weight;
  const double variance = sums->xx / sums->weight - mean_x * mean_x;
  const double covariance = sums->xy / sums->weight - mean_x * mean_y;
  /* Outputs that do not vary tell nothing of a slope. */
  const bool is_flat = !(variance > 1e-12 * (1.0 + mean_x * mean_x));
  *slope = is_flat ? 1.0 : covariance / variance;
  *offset = mean_y - *slope * mean_x;
}

/* output: estimates of all rows of the fit, (n_rows, n_targets). */
static kj_status calibrate(const kj_fit *fit, const double *output,
                           kj_estimator_parts *parts, kj_error *err)
{
  const kj_dataset *data = fit->data;
  for (size_t k = 0; k < data->n_targets; k++) {
    line sums = {0};
    for (size_t i = 0; i < fit->n_rows; i++) {
      const size_t row = fit->index[i];
      const double y = (double)data->y[row * data->n_targets + k];
      const double x = output[i * data->n_targets + k];
      const double weight = data->row[row].weight;
      if (!fit->held_out[i] || !isfinite(y))
        continue;
      sums.weight += weight;
      sums.x += weight * x;
      sums.y += weight * y;
      sums.xx += weight * x * x;
      sums.xy += weight * x * y;
    }
    if (!(sums.weight > 0.0))
      return kj__fail(err, KJ_EDATA,
                      "%s: no held-out rating of '%s' to calibrate on",
                      data->path, data->target[k]);
    fit_line(&sums, &parts->slope[k], &parts->offset[k]);
  }
  return KJ_OK;
}

static void assemble(const kj_fit *fit, kj_estimator_parts *parts)
{
  const kj_dataset *data = fit->data;
  *parts = (kj_estimator_parts){.n_targets = data->n_targets,
                                .scaler = fit->scaler,
                                .normalisation = fit->options.normalisation,
                                .n_parts = fit->n_parts};
  for (size_t k = 0; k < data->n_targets; k++) {
    memcpy(parts->target[k], data->target[k], sizeof parts->target[k]);
    parts->slope[k] = 1.0;
  }
  for (size_t p = 0; p < fit->n_parts; p++) {
    const kj__fit_part *part = &fit->part[p];
    parts->part[p] = (kj_estimator_part){
        .network =
            part->trainer ? kj_trainer_network(part->trainer) : part->baseline,
        .first_target = part->first_target};
  }
}

kj_status kj_fit_estimator(const kj_fit *fit, kj_estimator **out, kj_error *err)
{
  if (!kj_fit_is_done(fit))
    return kj__fail(err, KJ_EARGUMENT, "the fit is not done yet");
  kj_estimator_parts parts;
  kj_estimator *plain = NULL;
  assemble(fit, &parts);
  kj_status status = kj_estimator_create(&parts, NULL, &plain, err);
  if (status != KJ_OK || !fit->options.calibrate) {
    if (status == KJ_OK)
      *out = plain;
    return status;
  }
  double *output =
      kj__allocate(NULL, fit->n_rows, parts.n_targets * sizeof *output);
  if (!output)
    status = kj__fail_memory(err, "the calibration");
  if (status == KJ_OK)
    status = kj_estimate_rows(plain, fit->data,
                              (kj_rows){fit->index, fit->n_rows}, output, err);
  if (status == KJ_OK)
    status = calibrate(fit, output, &parts, err);
  if (status == KJ_OK)
    status = kj_estimator_create(&parts, NULL, out, err);
  kj__release(NULL, output);
  kj_estimator_destroy(plain);
  return status;
}
