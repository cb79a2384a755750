/*
 * residuals.c: how far estimates lie from the ratings of speakers that the
 * fit did not hear: a cross-validation inside the training rows.
 */
#include "experiment/fit_state.h"
#include "kanjo/coverage.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { FEWEST_REPLICATES = 100 }; /* of a bootstrap that nobody looks at */

/* Sums of weights are not exact: 0.1 ten times is a little less than 1. */
static const double SLACK = 1e-9;

typedef struct residual {
  double size, weight;
} residual;

static int by_size(const void *left, const void *right)
{
  const double a = ((const residual *)left)->size;
  const double b = ((const residual *)right)->size;
  return (a > b) - (a < b);
}

static size_t speaker_of(const kj_dataset *data, size_t row)
{
  return data->row[row].group[KJ_GROUP_SPEAKER];
}

/* Rows with a size, of each speaker; returns the number of speakers. */
static size_t count_by_speaker(const kj_dataset *data, const double *size,
                               size_t *count)
{
  size_t n_speakers = 0;
  for (size_t i = 0; i < data->n_rows; i++)
    if (isfinite(size[i]) && count[speaker_of(data, i)]++ == 0)
      n_speakers++;
  return n_speakers;
}

/* The least size that at least the share p of the weight does not exceed;
 * `at` and `sum` go on from the last, smaller p: 0 and the first weight. */
static double quantile_at(const residual *list, size_t n, double p, size_t *at,
                          double *sum)
{
  while (*sum < p - SLACK && *at + 1 < n)
    *sum += list[++*at].weight;
  return list[*at].size;
}

static void take_quantiles(const residual *list, kj_residuals *out)
{
  double sum = list[0].weight;
  size_t at = 0;
  for (size_t q = 0; q < KJ_RESIDUAL_LEVELS; q++)
    out->quantile[q] =
        quantile_at(list, out->n_residuals,
                    (double)q / (KJ_RESIDUAL_LEVELS - 1), &at, &sum);
}

/* The sizes that are known, in order, with weights; and how many. */
static kj_status list_sizes(const kj_dataset *data, const double *size,
                            residual **list, kj_residuals *out, kj_error *err)
{
  const size_t n_groups = data->groups[KJ_GROUP_SPEAKER].n;
  size_t *count = kj__allocate(NULL, n_groups + 1, sizeof *count);
  *list = kj__allocate(NULL, data->n_rows, sizeof **list);
  *out = (kj_residuals){.covered = -1.0, .least_covered = -1.0};
  if (!count || !*list) {
    kj__release(NULL, count);
    return kj__fail_memory(err, "quantiles of speakers");
  }
  out->n_speakers = count_by_speaker(data, size, count);
  for (size_t i = 0; i < data->n_rows; i++)
    if (isfinite(size[i])) {
      const double n = (double)out->n_speakers;
      (*list)[out->n_residuals++] =
          (residual){size[i], 1.0 / (n * (double)count[speaker_of(data, i)])};
    }
  qsort(*list, out->n_residuals, sizeof **list, by_size);
  kj__release(NULL, count);
  return KJ_OK;
}

kj_status kj__speaker_quantiles(const kj_dataset *data, const double *size,
                                kj_residuals *out, kj_error *err)
{
  residual *list = NULL;
  const kj_status status = list_sizes(data, size, &list, out, err);
  if (status == KJ_OK && out->n_residuals > 0)
    take_quantiles(list, out);
  kj__release(NULL, list);
  return status;
}

kj_status kj__speaker_quantile(const kj_dataset *data, const double *size,
                               double level, kj_residuals *counts,
                               double *quantile, kj_error *err)
{
  residual *list = NULL;
  kj_status status = list_sizes(data, size, &list, counts, err);
  if (status == KJ_OK && counts->n_residuals == 0)
    status = kj__fail(err, KJ_EDATA, "no rows of held-out speakers known");
  if (status == KJ_OK) {
    const double n = (double)counts->n_residuals;
    double sum = list[0].weight;
    size_t at = 0;
    *quantile = quantile_at(list, counts->n_residuals,
                            fmin(1.0, level * (n + 1.0) / n), &at, &sum);
  }
  kj__release(NULL, list);
  return status;
}

/* Hide what is not of others than this speaker; or show all again. */
static void mask(const kj_dataset *data, const double *size, size_t speaker,
                 double *others)
{
  for (size_t i = 0; i < data->n_rows; i++)
    others[i] = speaker_of(data, i) == speaker ? (double)NAN : size[i];
}

/* Each speaker's residuals against the interval that the others' make. */
static kj_status count_covered(const kj_dataset *data, const double *size,
                               double *others, kj_residuals *out, kj_error *err)
{
  size_t n_inside = 0, n_rows = 0;
  double least = 1.0;
  for (size_t s = 0; s < data->groups[KJ_GROUP_SPEAKER].n; s++) {
    kj_residuals rest;
    double half_width;
    size_t inside = 0, n = 0;
    mask(data, size, s, others);
    const kj_status status = kj__speaker_quantiles(data, others, &rest, err);
    if (status != KJ_OK)
      return status;
    if (kj_residuals_half_width(&rest, KJ_COVERAGE_LEVEL, &half_width, NULL))
      return KJ_OK; /* there are no others */
    for (size_t i = 0; i < data->n_rows; i++)
      if (speaker_of(data, i) == s && isfinite(size[i])) {
        inside += size[i] <= half_width;
        n++;
      }
    n_inside += inside;
    n_rows += n;
    least = n > 0 ? fmin(least, (double)inside / (double)n) : least;
  }
  out->covered = (double)n_inside / (double)n_rows;
  out->least_covered = least;
  return KJ_OK;
}

/* estimate, sd: (n_rows, n_targets) */
static kj_status summarise(const kj_dataset *data, const double *estimate,
                           const double *sd, size_t target, kj_residuals *out,
                           kj_error *err)
{
  double *size = kj__allocate(NULL, data->n_rows, 2 * sizeof *size);
  if (!size)
    return kj__fail_memory(err, "residuals");
  for (size_t i = 0; i < data->n_rows; i++) {
    const size_t at = i * data->n_targets + target;
    size[i] = fabs((double)data->y[at] - estimate[at]) / (sd ? sd[at] : 1.0);
  }
  kj_status status = kj__speaker_quantiles(data, size, out, err);
  out->is_relative = sd && out->n_residuals > 0;
  if (status == KJ_OK && out->n_residuals > 0)
    status = count_covered(data, size, size + data->n_rows, out, err);
  kj__release(NULL, size);
  return status;
}

kj_status kj_residuals_of(const kj_dataset *data, const double *estimate,
                          const double *sd, kj_residuals *residuals,
                          kj_error *err)
{
  kj_residuals found[KJ_MAX_TARGETS];
  kj_status status = KJ_OK;
  for (size_t k = 0; status == KJ_OK && k < data->n_targets; k++)
    status = summarise(data, estimate, sd, k, &found[k], err);
  for (size_t k = 0; status == KJ_OK && k < data->n_targets; k++)
    residuals[k] = found[k];
  return status;
}

/* From each seed to the ensemble of all, in the place of the first: as
 * kj_estimator_estimate_sd. */
static void take_together(kj_cross_validation *r)
{
  const size_t n = r->n_rows * r->n_targets;
  const double n_seeds = (double)r->n_seeds;
  for (size_t j = 0; j < n; j++) {
    double mean = 0.0, variance = 0.0;
    for (size_t s = 0; s < r->n_seeds; s++)
      mean += r->estimate[s * n + j] / n_seeds;
    for (size_t s = 0; r->sd && s < r->n_seeds; s++) {
      const double gap = r->estimate[s * n + j] - mean;
      variance += (gap * gap + r->sd[s * n + j] * r->sd[s * n + j]) / n_seeds;
    }
    r->estimate[j] = mean;
    if (r->sd)
      r->sd[j] = sqrt(variance);
  }
}

kj_status kj_residuals_collect(const kj_dataset *data,
                               const kj_dataset *unlabelled,
                               const kj_residuals_options *options,
                               kj_residuals *residuals, kj_error *err)
{
  const kj_contender contender = {kj_method_name(options->fit.method),
                                  options->fit.method,
                                  options->fit.smoothing.kind};
  kj_cross_validation_options o = {.fit = options->fit,
                                   .n_seeds = options->n_members,
                                   .folds = options->folds,
                                   .n_contenders = 1,
                                   .contender = &contender,
                                   .n_threads = options->n_threads,
                                   .bootstrap = kj_bootstrap_defaults(),
                                   .progress = options->progress,
                                   .stop = options->stop,
                                   .context = options->context};
  if (options->folds.group == KJ_GROUP_ROW)
    return kj__fail(err, KJ_EARGUMENT,
                    "folds are of rows; must be of speakers, sessions or "
                    "corpora: residuals of voices that were heard are small");
  o.bootstrap.n_replicates = FEWEST_REPLICATES;
  o.fit.n_threads = 1;
  kj_cross_validation result = {0};
  kj_status status = kj_cross_validate(data, unlabelled, &o, &result, err);
  if (status == KJ_OK) {
    take_together(&result);
    status = kj_residuals_of(data, result.estimate, result.sd, residuals, err);
  }
  kj_cross_validation_clear(&result);
  return status;
}

kj_status kj_residuals_attach(const kj_estimator *from,
                              const kj_residuals *residuals, kj_estimator **out,
                              kj_error *err)
{
  kj_estimator_parts parts = *kj_estimator_get_parts(from);
  for (size_t k = 0; k < parts.n_targets; k++)
    parts.residuals[k] = residuals[k];
  return kj_estimator_create(&parts, NULL, out, err);
}
