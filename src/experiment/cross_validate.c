/*
 * cross_validate.c: every row estimated by fits that never saw its fold.
 *
 * A job is one contender on one fold with one seed; each writes the estimates
 * of its own rows.
 */
#include "experiment/fit_state.h"
#include "experiment/seeds.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* The rows of one fold, and all others. */
typedef struct fold_rows {
  size_t *inside, *outside;
  size_t n_inside, n_outside;
} fold_rows;

typedef struct cross_validation {
  const kj_dataset *data;
  const kj_dataset *unlabelled;
  const kj_cross_validation_options *options;
  kj_cross_validation *result;
  fold_rows *fold; /* (n_folds) */
  kj_fit_job *job; /* (n_jobs) */
  double *values;  /* of all jobs, one behind the other */
  double *sd;      /* likewise; NULL where none is predicted */
  size_t n_jobs;
} cross_validation;

static size_t larger(size_t a, size_t b)
{
  return a > b ? a : b;
}

static kj_status allocate(const kj_dataset *data,
                          const kj_cross_validation_options *options,
                          kj_cross_validation *result, kj_error *err)
{
  const size_t n_c = options->n_contenders, n_t = data->n_targets;
  const size_t n_s = larger(options->n_seeds, 1);
  *result = (kj_cross_validation){.n_seeds = n_s,
                                  .n_contenders = n_c,
                                  .n_rows = data->n_rows,
                                  .n_targets = n_t};
  result->fold_of_row = kj__allocate(NULL, data->n_rows, sizeof(size_t));
  result->estimate =
      kj__allocate(NULL, data->n_rows, n_s * n_c * n_t * sizeof(double));
  result->seed_result = kj__allocate(NULL, n_s * n_c, n_t * sizeof(kj_result));
  result->result = kj__allocate(NULL, n_c, n_t * sizeof(kj_result));
  result->spread = kj__allocate(NULL, n_c, n_t * sizeof(kj_metrics));
  const bool predicts_sd = options->fit.loss == KJ_LOSS_NLL;
  if (predicts_sd)
    result->sd =
        kj__allocate(NULL, data->n_rows, n_s * n_c * n_t * sizeof(double));
  if (!result->fold_of_row || !result->estimate || !result->seed_result ||
      !result->result || !result->spread || (predicts_sd && !result->sd))
    return kj__fail_memory(err, "a cross-validation");
  return KJ_OK;
}

static kj_status list_folds(cross_validation *cv, kj_error *err)
{
  const size_t n_rows = cv->data->n_rows, n_folds = cv->result->n_folds;
  cv->fold = kj__allocate(NULL, n_folds, sizeof *cv->fold);
  for (size_t f = 0; cv->fold && f < n_folds; f++) {
    fold_rows *fold = &cv->fold[f];
    fold->inside = kj__allocate(NULL, n_rows, sizeof(size_t));
    fold->outside = kj__allocate(NULL, n_rows, sizeof(size_t));
    if (!fold->inside || !fold->outside)
      return kj__fail_memory(err, "a fold");
    for (size_t i = 0; i < n_rows; i++)
      if (cv->result->fold_of_row[i] == f)
        fold->inside[fold->n_inside++] = i;
      else
        fold->outside[fold->n_outside++] = i;
  }
  return cv->fold ? KJ_OK : kj__fail_memory(err, "the folds");
}

/* The last contenders cost most: they go first, so that no thread is left
 * with a long job at the end. */
static size_t contender_of(const cross_validation *cv, size_t job)
{
  const size_t each = cv->n_jobs / cv->result->n_contenders;
  return cv->result->n_contenders - 1 - job / each;
}

static size_t seed_of(const cross_validation *cv, size_t job)
{
  return job / cv->result->n_folds % cv->result->n_seeds;
}

static size_t fold_of(const cross_validation *cv, size_t job)
{
  return job % cv->result->n_folds;
}

static kj_status list_jobs(cross_validation *cv, kj_error *err)
{
  kj_cross_validation *result = cv->result;
  const size_t n_folds = result->n_folds, n_t = result->n_targets;
  cv->n_jobs = result->n_contenders * result->n_seeds * n_folds;
  cv->job = kj__allocate(NULL, cv->n_jobs, sizeof *cv->job);
  cv->values = kj__allocate(NULL, result->n_contenders * result->n_seeds,
                            result->n_rows * n_t * sizeof(double));
  if (result->sd)
    cv->sd = kj__allocate(NULL, result->n_contenders * result->n_seeds,
                          result->n_rows * n_t * sizeof(double));
  if (!cv->job || !cv->values || (result->sd && !cv->sd))
    return kj__fail_memory(err, "the jobs of a cross-validation");
  size_t at = 0;
  for (size_t j = 0; j < cv->n_jobs; j++) {
    const kj_contender *c = &cv->options->contender[contender_of(cv, j)];
    const fold_rows *fold = &cv->fold[fold_of(cv, j)];
    kj_fit_job *job = &cv->job[j];
    job->options = cv->options->fit;
    job->options.method = c->method;
    job->options.smoothing.kind = c->smoothing;
    job->options.seed += seed_of(cv, j);
    job->trained = (kj_rows){fold->outside, fold->n_outside};
    job->estimated = (kj_rows){fold->inside, fold->n_inside};
    job->values = cv->values + at;
    job->sd = cv->sd ? cv->sd + at : NULL;
    at += fold->n_inside * n_t;
    snprintf(job->name, sizeof job->name, "fold %zu of %zu, %s",
             fold_of(cv, j) + 1, n_folds, c->name);
  }
  return KJ_OK;
}

/* Where estimates of one contender with one seed begin, (n_rows, n_targets). */
static size_t place_of(const kj_cross_validation *r, size_t seed,
                       size_t contender)
{
  return (seed * r->n_contenders + contender) * r->n_rows * r->n_targets;
}

static const double *estimates_of(const kj_cross_validation *r, size_t seed,
                                  size_t contender)
{
  return r->estimate + place_of(r, seed, contender);
}

/* From the order of the jobs to that of the rows. */
static void collect(const cross_validation *cv)
{
  kj_cross_validation *r = cv->result;
  const size_t n_t = r->n_targets;
  for (size_t j = 0; j < cv->n_jobs; j++) {
    const size_t to = place_of(r, seed_of(cv, j), contender_of(cv, j));
    const kj_fit_job *job = &cv->job[j];
    for (size_t i = 0; i < job->estimated.n; i++) {
      const size_t at = to + job->estimated.index[i] * n_t;
      memcpy(r->estimate + at, job->values + i * n_t, n_t * sizeof(double));
      if (r->sd)
        memcpy(r->sd + at, job->sd + i * n_t, n_t * sizeof(double));
    }
  }
}

static kj_status measure_all(const cross_validation *cv, kj_error *err)
{
  kj_cross_validation *r = cv->result;
  const size_t n_t = r->n_targets;
  const kj_rows all = {NULL, r->n_rows};
  kj_result *measured = r->seed_result;
  kj_status status = KJ_OK;
  for (size_t s = 0; s < r->n_seeds; s++)
    for (size_t c = 0; c < r->n_contenders; c++)
      for (size_t k = 0; status == KJ_OK && k < n_t; k++)
        status = kj_measure(cv->data, all, k, estimates_of(r, s, c) + k, n_t,
                            &cv->options->bootstrap, measured++, err);
  const size_t stride = r->n_contenders * n_t;
  for (size_t place = 0; place < stride; place++)
    kj__summarise_seeds(&r->seed_result[place], r->n_seeds, stride,
                        &r->result[place], &r->spread[place]);
  return status;
}

static kj_status run_jobs(cross_validation *cv, kj_error *err)
{
  const kj_cross_validation_options *o = cv->options;
  kj_fit_pool pool = {.n_threads = o->n_threads,
                      .progress = o->progress,
                      .stop = o->stop,
                      .context = o->context};
  const kj_status status =
      kj_fit_many(cv->data, cv->unlabelled, cv->job, cv->n_jobs, &pool, err);
  cv->result->fit_bytes = pool.fit_bytes;
  if (status == KJ_OK)
    collect(cv);
  return status;
}

static void clear(cross_validation *cv)
{
  for (size_t f = 0; cv->fold && f < cv->result->n_folds; f++) {
    kj__release(NULL, cv->fold[f].inside);
    kj__release(NULL, cv->fold[f].outside);
  }
  kj__release(NULL, cv->fold);
  kj__release(NULL, cv->job);
  kj__release(NULL, cv->values);
  kj__release(NULL, cv->sd);
}

kj_status kj_cross_validate(const kj_dataset *data,
                            const kj_dataset *unlabelled,
                            const kj_cross_validation_options *options,
                            kj_cross_validation *out, kj_error *err)
{
  kj_cross_validation result = {0};
  cross_validation cv = {.data = data,
                         .unlabelled = unlabelled,
                         .options = options,
                         .result = &result};
  kj_folds folds = options->folds;
  folds.seed = options->fit.seed;
  kj_status status = allocate(data, options, &result, err);
  if (status == KJ_OK)
    status = kj_folds_make(data, (kj_rows){NULL, data->n_rows}, &folds,
                           result.fold_of_row, &result.n_folds, err);
  if (status == KJ_OK)
    status = list_folds(&cv, err);
  if (status == KJ_OK)
    status = list_jobs(&cv, err);
  if (status == KJ_OK)
    status = run_jobs(&cv, err);
  if (status == KJ_OK)
    status = measure_all(&cv, err);
  clear(&cv);
  if (status != KJ_OK) {
    kj_cross_validation_clear(&result);
    return status;
  }
  *out = result;
  return KJ_OK;
}

void kj_cross_validation_clear(kj_cross_validation *result)
{
  kj__release(NULL, result->fold_of_row);
  kj__release(NULL, result->estimate);
  kj__release(NULL, result->sd);
  kj__release(NULL, result->seed_result);
  kj__release(NULL, result->result);
  kj__release(NULL, result->spread);
  *result = (kj_cross_validation){0};
}
