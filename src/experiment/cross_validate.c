/*
 * cross_validate.c: every row estimated by fits that never saw its fold.
 *
 * A job is one contender on one fold; jobs are independent, and each writes
 * only the estimates of its own rows.
 */
#include "experiment/fit_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"

#include <math.h>
#include <pthread.h>

typedef struct job_outcome {
  kj_status status;
  kj_error error;
} job_outcome;

typedef struct cross_validation {
  const kj_dataset *data;
  const kj_dataset *unlabelled;
  const kj_cross_validation_options *options;
  kj_cross_validation *result;
  job_outcome *outcome; /* one a job */
  pthread_mutex_t lock; /* of all below and the callbacks */
  size_t n_done;
  bool is_stopped;
} cross_validation;

static bool is_stopped(void *context)
{
  cross_validation *cv = context;
  pthread_mutex_lock(&cv->lock);
  if (!cv->is_stopped && cv->options->stop)
    cv->is_stopped = cv->options->stop(cv->options->context);
  const bool stopped = cv->is_stopped;
  pthread_mutex_unlock(&cv->lock);
  return stopped;
}

static void finish_job(cross_validation *cv, kj_status status)
{
  const size_t n_jobs = cv->result->n_contenders * cv->result->n_folds;
  pthread_mutex_lock(&cv->lock);
  cv->n_done++;
  if (status != KJ_OK)
    cv->is_stopped = true;
  if (cv->options->progress && !cv->is_stopped)
    cv->options->progress(cv->options->context, cv->n_done, n_jobs);
  pthread_mutex_unlock(&cv->lock);
}

/* Rows of the fold, or of all other folds. */
static size_t *take_fold(const cross_validation *cv, size_t fold,
                         bool is_inside, size_t *n)
{
  const size_t n_rows = cv->data->n_rows;
  size_t *index = kj__allocate(NULL, n_rows, sizeof *index);
  *n = 0;
  for (size_t i = 0; index && i < n_rows; i++)
    if ((cv->result->fold_of_row[i] == fold) == is_inside)
      index[(*n)++] = i;
  return index;
}

static kj_status run_fit(cross_validation *cv, const kj_contender *contender,
                         kj_rows rows, kj_estimator **out, kj_error *err)
{
  kj_fit_options options = cv->options->fit;
  options.method = contender->method;
  options.smoothing.kind = contender->smoothing;
  kj_fit *fit = NULL;
  kj_status status =
      kj_fit_create(cv->data, rows, cv->unlabelled, &options, &fit, err);
  while (status == KJ_OK && !kj_fit_is_done(fit))
    status = kj_fit_run_epoch(fit, is_stopped, cv, err);
  if (status == KJ_OK)
    status = kj_fit_estimator(fit, out, err);
  kj_fit_destroy(fit);
  return status;
}

/* Estimate the rows of a fold into their places. */
static kj_status estimate_fold(cross_validation *cv, size_t contender,
                               const kj_estimator *estimator, kj_rows rows,
                               kj_error *err)
{
  const size_t n_targets = cv->data->n_targets;
  double *values = kj__allocate(NULL, rows.n, n_targets * sizeof *values);
  if (!values)
    return kj__fail_memory(err, "estimates");
  const kj_status status =
      kj_estimate_rows(estimator, cv->data, rows, values, err);
  double *all = cv->result->estimate + contender * cv->data->n_rows * n_targets;
  for (size_t i = 0; status == KJ_OK && i < rows.n; i++)
    for (size_t k = 0; k < n_targets; k++)
      all[rows.index[i] * n_targets + k] = values[i * n_targets + k];
  kj__release(NULL, values);
  return status;
}

static void run_job(void *context, size_t index)
{
  cross_validation *cv = context;
  const size_t n_folds = cv->result->n_folds;
  /* The last contenders cost most: they go first, so that no thread is left
   * with a long job at the end. */
  const size_t c = cv->result->n_contenders - 1 - index / n_folds;
  const size_t fold = index % n_folds;
  job_outcome *outcome = &cv->outcome[index];
  if (is_stopped(cv)) {
    outcome->status = kj__fail(&outcome->error, KJ_EINTERRUPTED, "stopped");
    return;
  }
  size_t n_train, n_test;
  size_t *train = take_fold(cv, fold, false, &n_train);
  size_t *test = take_fold(cv, fold, true, &n_test);
  kj_estimator *estimator = NULL;
  kj_status status = KJ_OK;
  if (!train || !test)
    status = kj__fail_memory(&outcome->error, "a fold");
  if (status == KJ_OK)
    status = run_fit(cv, &cv->options->contender[c], (kj_rows){train, n_train},
                     &estimator, &outcome->error);
  if (status == KJ_OK)
    status = estimate_fold(cv, c, estimator, (kj_rows){test, n_test},
                           &outcome->error);
  if (status != KJ_OK)
    kj__fail_in(&outcome->error, status, "fold %zu of %zu, %s", fold + 1,
                n_folds, cv->options->contender[c].name);
  outcome->status = status;
  kj_estimator_destroy(estimator);
  kj__release(NULL, train);
  kj__release(NULL, test);
  finish_job(cv, status);
}

/* The first job that failed by itself; else whether all were interrupted. */
static kj_status judge_jobs(const cross_validation *cv, kj_error *err)
{
  const size_t n_jobs = cv->result->n_contenders * cv->result->n_folds;
  const job_outcome *bad = NULL;
  for (size_t i = 0; i < n_jobs; i++) {
    const job_outcome *outcome = &cv->outcome[i];
    if (outcome->status == KJ_OK)
      continue;
    if (!bad ||
        (bad->status == KJ_EINTERRUPTED && outcome->status != KJ_EINTERRUPTED))
      bad = outcome;
  }
  if (!bad)
    return KJ_OK;
  if (err)
    *err = bad->error;
  return bad->status;
}

static kj_status measure_all(const cross_validation *cv, kj_error *err)
{
  kj_cross_validation *result = cv->result;
  const size_t n_targets = result->n_targets;
  const kj_rows all = {NULL, result->n_rows};
  kj_status status = KJ_OK;
  for (size_t c = 0; c < result->n_contenders; c++)
    for (size_t k = 0; status == KJ_OK && k < n_targets; k++)
      status = kj_measure(cv->data, all, k,
                          result->estimate + c * result->n_rows * n_targets + k,
                          n_targets, &cv->options->bootstrap,
                          &result->result[c * n_targets + k], err);
  return status;
}

static kj_status allocate(const kj_dataset *data,
                          const kj_cross_validation_options *options,
                          kj_cross_validation *result, kj_error *err)
{
  const size_t n_c = options->n_contenders;
  *result = (kj_cross_validation){.n_contenders = n_c,
                                  .n_rows = data->n_rows,
                                  .n_targets = data->n_targets};
  result->fold_of_row = kj__allocate(NULL, data->n_rows, sizeof(size_t));
  result->estimate =
      kj__allocate(NULL, data->n_rows, n_c * data->n_targets * sizeof(double));
  result->result = kj__allocate(NULL, n_c, data->n_targets * sizeof(kj_result));
  if (!result->fold_of_row || !result->estimate || !result->result)
    return kj__fail_memory(err, "a cross-validation");
  return KJ_OK;
}

static kj_status run_jobs(cross_validation *cv, kj_error *err)
{
  const size_t n_jobs = cv->result->n_contenders * cv->result->n_folds;
  cv->outcome = kj__allocate(NULL, n_jobs, sizeof *cv->outcome);
  if (!cv->outcome)
    return kj__fail_memory(err, "a cross-validation");
  pthread_mutex_init(&cv->lock, NULL);
  kj__pool_run(n_jobs, cv->options->n_threads, run_job, cv);
  pthread_mutex_destroy(&cv->lock);
  const kj_status status = judge_jobs(cv, err);
  kj__release(NULL, cv->outcome);
  return status;
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
    status = run_jobs(&cv, err);
  if (status == KJ_OK)
    status = measure_all(&cv, err);
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
  kj__release(NULL, result->result);
  *result = (kj_cross_validation){0};
}
