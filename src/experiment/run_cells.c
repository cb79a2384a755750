/*
 * run_cells.c: the cells that are not in the store yet, some at a time.
 *
 * The costliest go first, so that no thread is left with a long one at the
 * end. Whoever finishes a cell adds it to the store before taking the next.
 */
#include "experiment/run_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

typedef struct crew {
  kj__run *run;
  kj__cell **cell; /* (n) what is to be run */
  size_t n;
  size_t n_ready;       /* the first of them; the others wait for gates */
  size_t first;         /* of those that are being run */
  pthread_mutex_t lock; /* of all below, the store and the callbacks */
  size_t n_done;
  bool is_stopped;
  kj_status status; /* of the first cell that failed by itself */
  kj_error error;
} crew;

static bool is_stopped(void *context)
{
  crew *c = context;
  const kj_run_options *o = c->run->options;
  pthread_mutex_lock(&c->lock);
  if (!c->is_stopped && o->stop)
    c->is_stopped = o->stop(o->context);
  const bool stopped = c->is_stopped;
  pthread_mutex_unlock(&c->lock);
  return stopped;
}

static double now(crew *c)
{
  const kj_run_options *o = c->run->options;
  if (!o->now_s)
    return 0.0;
  pthread_mutex_lock(&c->lock);
  const double time = o->now_s(o->context);
  pthread_mutex_unlock(&c->lock);
  return time;
}

/* Into the store; the first failure stops all. */
static void finish(crew *c, kj__cell *cell, const kj__cell_outcome *outcome,
                   kj_status status, const kj_error *error)
{
  const kj_run_options *o = c->run->options;
  kj_error local = *error;
  pthread_mutex_lock(&c->lock);
  if (status == KJ_OK)
    status = kj_run_store_add(c->run->store, &outcome->record, &outcome->rows,
                              &local);
  cell->has_failed = status == KJ_ETRAINING && c->run->is_patient;
  if (status == KJ_OK || cell->has_failed) {
    cell->is_done = true;
    c->n_done++;
    if (o->progress)
      o->progress(o->context, c->n_done, c->n);
  } else {
    c->is_stopped = true;
    if (c->status == KJ_OK || c->status == KJ_EINTERRUPTED) {
      c->status = status;
      c->error = local;
    }
  }
  pthread_mutex_unlock(&c->lock);
}

static void run_cell(void *context, size_t index)
{
  crew *c = context;
  kj__cell_outcome outcome = {0};
  kj_error error = {0};
  if (is_stopped(c))
    return;
  index += c->first;
  const double before_s = now(c);
  const kj_status status =
      kj__cell_run(c->run, c->cell[index], is_stopped, c, &outcome, &error);
  outcome.record.seconds = now(c) - before_s;
  finish(c, c->cell[index], &outcome, status, &error);
  kj__cell_outcome_clear(&outcome);
}

static int compare_cost(const void *a, const void *b)
{
  const kj__cell *x = *(kj__cell *const *)a, *y = *(kj__cell *const *)b;
  const bool x_waits = x->informed != NULL, y_waits = y->informed != NULL;
  if (x_waits != y_waits)
    return x_waits - y_waits;
  return (x->cost < y->cost) - (x->cost > y->cost);
}

static kj_status list_cells(kj__run *run, crew *c, kj_error *err)
{
  c->cell = kj__allocate(NULL, run->n_cells, sizeof *c->cell);
  if (!c->cell)
    return kj__fail_memory(err, "the cells of a run");
  for (size_t i = 0; i < run->n_cells; i++)
    if (!run->cell[i]->is_done)
      c->cell[c->n++] = run->cell[i];
  for (size_t i = 0; i < c->n; i++)
    c->n_ready += c->cell[i]->informed ? 0 : 1;
  qsort(c->cell, c->n, sizeof *c->cell, compare_cost);
  return KJ_OK;
}

/* Cells first..first + n, some at a time. */
static void run_some(crew *c, size_t first, size_t n)
{
  c->first = first;
  if (n > 0)
    kj__pool_run(n, c->run->options->n_threads, run_cell, c);
}

/* What the others wait for is in the store now. */
static kj_status run_waiting(crew *c, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t i = c->n_ready; status == KJ_OK && i < c->n; i++)
    status = kj__informed_read(c->run, c->cell[i]->informed, err);
  if (status == KJ_OK)
    run_some(c, c->n_ready, c->n - c->n_ready);
  return status;
}

kj_status kj__run_cells(kj__run *run, kj_error *err)
{
  crew c = {.run = run};
  kj_status status = list_cells(run, &c, err);
  if (status == KJ_OK && c.n > 0) {
    pthread_mutex_init(&c.lock, NULL);
    run_some(&c, 0, c.n_ready);
    if (!c.is_stopped)
      status = run_waiting(&c, err);
    pthread_mutex_destroy(&c.lock);
    if (c.status != KJ_OK && err)
      *err = c.error;
    status = c.status != KJ_OK ? c.status : status;
    if (status == KJ_OK && c.is_stopped)
      status = kj__fail(err, KJ_EINTERRUPTED, "stopped");
  }
  kj__release(NULL, c.cell);
  return status;
}

/* Multiply-adds a second, from one epoch over a few rows of a cell; NaN where
 * there is no clock. */
static double measure_pace(const kj__run *run, const kj__cell *cell)
{
  enum { FEW_BATCHES = 8 };
  const kj_run_options *o = run->options;
  kj_fit_options options = cell->options;
  kj_rows rows = cell->part->train;
  const size_t most = FEW_BATCHES * options.batch;
  kj_fit *fit = NULL;
  const double share = rows.n > most ? (double)most / (double)rows.n : 1.0;
  rows.n = rows.n > most ? most : rows.n;
  const double work = cell->cost * share / (double)options.epochs;
  options.epochs = 1;
  if (!o->now_s || kj_fit_create(cell->is_gate ? &run->kinds : run->data, rows,
                                 NULL, &options, &fit, NULL) != KJ_OK)
    return (double)NAN;
  const double before_s = o->now_s(o->context);
  const kj_status status = kj_fit_run_epoch(fit, NULL, NULL, NULL);
  const double time_s = o->now_s(o->context) - before_s;
  kj_fit_destroy(fit);
  return status == KJ_OK && time_s > 0.0 ? work / time_s : (double)NAN;
}

kj_status kj__run_tell_plan(kj__run *run, size_t n_later, kj_error *err)
{
  const kj_run_options *o = run->options;
  kj_run_plan plan = {.n_cells = run->n_cells, .n_later = n_later};
  crew c = {.run = run};
  if (!o->planned)
    return KJ_OK;
  const kj_status status = list_cells(run, &c, err);
  if (status != KJ_OK)
    return status;
  double cost = 0.0;
  for (size_t i = 0; i < c.n; i++)
    cost += c.cell[i]->cost;
  plan.n_done = run->n_cells - c.n;
  if (c.n > 0) {
    const size_t threads = o->n_threads < c.n ? o->n_threads : c.n;
    cost += (double)n_later * c.cell[0]->cost;
    plan.seconds = cost / measure_pace(run, c.cell[0]) /
                   (double)(threads > 0 ? threads : 1);
  }
  kj__release(NULL, c.cell);
  o->planned(o->context, &plan);
  return KJ_OK;
}
