/*
 * calibrate.c: the estimator of a fit, and the slope and offset that fit its
 * held-out rows best.
 *
 * Smoothing pulls estimates towards the mean; a straight line, fitted by
 * weighted least squares on speakers that the network never saw, undoes it:
 * rating = slope * output + offset. The slope is at least 0: a network that
 * puts held-out voices into the wrong order is worth their mean. Log odds are
 * calibrated by platt.c.
 */
#include "experiment/fit_state.h"
#include "experiment/platt.h"

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
  *slope = is_flat ? 1.0 : fmax(covariance / variance, 0.0);
  *offset = mean_y - *slope * mean_x;
}

/* Held-out rows with a rating of one target. */
typedef struct pairs {
  double *output, *rating, *weight; /* (n_rows of the fit) */
  size_t n;
  double weights; /* their sum */
} pairs;

/* output: of all rows of the fit, (n_rows, n_targets). */
static void gather(const kj_fit *fit, const double *output, size_t k, pairs *p)
{
  const kj_dataset *data = fit->data;
  p->n = 0;
  p->weights = 0.0;
  for (size_t i = 0; i < fit->n_rows; i++) {
    const size_t row = fit->index[i];
    const double y = (double)data->y[row * data->n_targets + k];
    if (!fit->held_out[i] || !isfinite(y))
      continue;
    p->rating[p->n] = y;
    p->output[p->n] = output[i * data->n_targets + k];
    p->weight[p->n++] = data->row[row].weight;
    p->weights += data->row[row].weight;
  }
}

static void fit_ratings(const pairs *p, double *slope, double *offset)
{
  line sums = {.weight = p->weights};
  for (size_t i = 0; i < p->n; i++) {
    const double x = p->output[i], y = p->rating[i];
    sums.x += p->weight[i] * x;
    sums.y += p->weight[i] * y;
    sums.xx += p->weight[i] * x * x;
    sums.xy += p->weight[i] * x * y;
  }
  fit_line(&sums, slope, offset);
}

static kj_status calibrate_targets(const kj_fit *fit, const double *output,
                                   pairs *p, kj_estimator_parts *parts,
                                   kj_error *err)
{
  for (size_t k = 0; k < parts->n_targets; k++) {
    gather(fit, output, k, p);
    if (!(p->weights > 0.0))
      return kj__fail(err, KJ_EDATA,
                      "%s: no held-out rating of '%s' to calibrate on",
                      fit->data->path, parts->target[k]);
    if (fit->options.loss == KJ_LOSS_BCE)
      kj__platt(&(kj__answers){p->output, p->rating, p->weight, p->n},
                &parts->slope[k], &parts->offset[k]);
    else
      fit_ratings(p, &parts->slope[k], &parts->offset[k]);
  }
  return KJ_OK;
}

static kj_status calibrate(const kj_fit *fit, const double *output,
                           kj_estimator_parts *parts, kj_error *err)
{
  pairs p = {0};
  p.output = kj__allocate(NULL, fit->n_rows, sizeof *p.output);
  p.rating = kj__allocate(NULL, fit->n_rows, sizeof *p.rating);
  p.weight = kj__allocate(NULL, fit->n_rows, sizeof *p.weight);
  const kj_status status = p.output && p.rating && p.weight
                               ? calibrate_targets(fit, output, &p, parts, err)
                               : kj__fail_memory(err, "the calibration");
  kj__release(NULL, p.weight);
  kj__release(NULL, p.rating);
  kj__release(NULL, p.output);
  return status;
}

static void assemble(const kj_fit *fit, kj_estimator_parts *parts)
{
  const kj_dataset *data = fit->data;
  *parts = (kj_estimator_parts){.n_targets = data->n_targets,
                                .scaler = fit->scaler,
                                .normalisation = fit->options.normalisation,
                                .predicts_sd = fit->part[0].n_outputs >
                                               fit->part[0].n_targets,
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

static kj_link link_of(const kj_fit *fit)
{
  return fit->options.loss == KJ_LOSS_BCE ? KJ_LINK_LOGIT : KJ_LINK_IDENTITY;
}

/* What comes out before there is a slope, an offset and a link. */
static kj_status run_plain(const kj_fit *fit, const kj_estimator_parts *parts,
                           double *output, kj_error *err)
{
  kj_estimator *plain = NULL;
  kj_status status = kj_estimator_create(parts, NULL, &plain, err);
  if (status == KJ_OK)
    status = kj_estimate_rows(plain, fit->data,
                              (kj_rows){fit->index, fit->n_rows}, output, err);
  kj_estimator_destroy(plain);
  return status;
}

kj_status kj_fit_estimator(const kj_fit *fit, kj_estimator **out, kj_error *err)
{
  kj_estimator_parts parts;
  kj_status status = KJ_OK;
  if (!kj_fit_is_done(fit))
    return kj__fail(err, KJ_EARGUMENT, "the fit is not done yet");
  assemble(fit, &parts);
  if (fit->options.calibrate) {
    double *output =
        kj__allocate(NULL, fit->n_rows, parts.n_targets * sizeof *output);
    status = output ? run_plain(fit, &parts, output, err)
                    : kj__fail_memory(err, "the calibration");
    if (status == KJ_OK)
      status = calibrate(fit, output, &parts, err);
    kj__release(NULL, output);
  }
  parts.link = link_of(fit);
  return status == KJ_OK ? kj_estimator_create(&parts, NULL, out, err) : status;
}

kj_status kj_ensemble_attach(const kj_estimator *first,
                             kj_estimator *const *others, size_t n,
                             kj_estimator **out, kj_error *err)
{
  kj_estimator_parts parts = *kj_estimator_get_parts(first);
  memset(parts.residuals, 0, sizeof parts.residuals);
  parts.n_others = n;
  for (size_t m = 0; m < n && m < KJ_MAX_MEMBERS - 1; m++)
    parts.other[m] = others[m];
  return kj_estimator_create(&parts, NULL, out, err);
}
