/*
 * fit_many.c: many independent fits on a few threads.
 *
 * The next free thread takes the next job, and runs it alone from beginning to
 * end: threads share the dataset, which is only read, and nothing else. So a
 * fit costs no barrier, its numbers lie in one core's caches, and its bits are
 * those that it would have had alone.
 */
#include "experiment/fit_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"

#include <pthread.h>

typedef struct job_outcome {
  kj_status status;
  kj_error error;
} job_outcome;

typedef struct crowd {
  const kj_dataset *data;
  const kj_dataset *unlabelled;
  const kj_fit_job *job;
  size_t n_jobs;
  const kj_fit_pool *pool;
  job_outcome *outcome; /* (n_jobs) */
  pthread_mutex_t lock; /* of all below and the callbacks */
  size_t n_done;
  size_t largest_fit; /* bytes */
  bool is_stopped;
} crowd;

static bool is_stopped(void *context)
{
  crowd *c = context;
  pthread_mutex_lock(&c->lock);
  if (!c->is_stopped && c->pool->stop)
    c->is_stopped = c->pool->stop(c->pool->context);
  const bool stopped = c->is_stopped;
  pthread_mutex_unlock(&c->lock);
  return stopped;
}

static void finish_job(crowd *c, kj_status status, size_t n_bytes)
{
  pthread_mutex_lock(&c->lock);
  c->n_done++;
  if (n_bytes > c->largest_fit)
    c->largest_fit = n_bytes;
  if (status != KJ_OK)
    c->is_stopped = true;
  if (c->pool->progress && !c->is_stopped)
    c->pool->progress(c->pool->context, c->n_done, c->n_jobs);
  pthread_mutex_unlock(&c->lock);
}

/* The job's rows; where no deviation is predicted, it is 0. */
static kj_status estimate(const kj_estimator *estimator, const kj_fit_job *job,
                          const kj_dataset *data, kj_error *err)
{
  const size_t n_targets = kj_estimator_get_parts(estimator)->n_targets;
  if (job->sd && kj_estimator_has_sd(estimator))
    return kj_estimate_rows_sd(estimator, data, job->estimated, job->values,
                               job->sd, err);
  for (size_t j = 0; job->sd && j < job->estimated.n * n_targets; j++)
    job->sd[j] = 0.0;
  return kj_estimate_rows(estimator, data, job->estimated, job->values, err);
}

/* Train, and estimate the job's rows. */
static kj_status run_fit(crowd *c, const kj_fit_job *job, size_t *n_bytes,
                         kj_error *err)
{
  const kj_dataset *other = job->estimated_data ? job->estimated_data : c->data;
  kj_fit *fit = NULL;
  kj_estimator *estimator = NULL;
  const kj_unlabelled unlabelled = {
      c->unlabelled, {NULL, c->unlabelled ? c->unlabelled->n_rows : 0}};
  kj_status status =
      kj_fit_create(c->data, job->trained, c->unlabelled ? &unlabelled : NULL,
                    &job->options, &fit, err);
  if (status == KJ_OK)
    *n_bytes = kj_fit_memory(fit);
  while (status == KJ_OK && !kj_fit_is_done(fit))
    status = kj_fit_run_epoch(fit, is_stopped, c, err);
  if (status == KJ_OK)
    status = kj_fit_estimator(fit, &estimator, err);
  kj_fit_destroy(fit);
  if (status == KJ_OK)
    status = estimate(estimator, job, other, err);
  kj_estimator_destroy(estimator);
  return status;
}

static void run_job(void *context, size_t index)
{
  crowd *c = context;
  const kj_fit_job *job = &c->job[index];
  job_outcome *outcome = &c->outcome[index];
  size_t n_bytes = 0;
  if (is_stopped(c)) {
    outcome->status = kj__fail(&outcome->error, KJ_EINTERRUPTED, "stopped");
    return;
  }
  outcome->status = run_fit(c, job, &n_bytes, &outcome->error);
  if (outcome->status != KJ_OK)
    kj__fail_in(&outcome->error, outcome->status, "%s", job->name);
  finish_job(c, outcome->status, n_bytes);
}

/* The first job that failed by itself; else whether all were interrupted. */
static kj_status judge(const crowd *c, kj_error *err)
{
  const job_outcome *bad = NULL;
  for (size_t i = 0; i < c->n_jobs; i++) {
    const job_outcome *one = &c->outcome[i];
    if (one->status == KJ_OK)
      continue;
    if (!bad ||
        (bad->status == KJ_EINTERRUPTED && one->status != KJ_EINTERRUPTED))
      bad = one;
  }
  if (!bad)
    return KJ_OK;
  if (err)
    *err = bad->error;
  return bad->status;
}

kj_status kj_fit_many(const kj_dataset *data, const kj_dataset *unlabelled,
                      const kj_fit_job *jobs, size_t n_jobs, kj_fit_pool *pool,
                      kj_error *err)
{
  crowd c = {.data = data,
             .unlabelled = unlabelled,
             .job = jobs,
             .n_jobs = n_jobs,
             .pool = pool};
  c.outcome = kj__allocate(NULL, n_jobs, sizeof *c.outcome);
  if (!c.outcome)
    return kj__fail_memory(err, "a pool of fits");
  pthread_mutex_init(&c.lock, NULL);
  kj__pool_run(n_jobs, pool->n_threads, run_job, &c);
  pthread_mutex_destroy(&c.lock);
  const kj_status status = judge(&c, err);
  kj__release(NULL, c.outcome);
  pool->fit_bytes = c.largest_fit;
  return status;
}
