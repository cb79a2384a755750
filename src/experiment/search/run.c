/*
 * run.c: a search on the training rows of an experiment: each setting is a
 * cell for each inner fold and seed, kept in the store of runs.
 */
#include "experiment/fit_state.h"
#include "experiment/run_state.h"
#include "experiment/search/job_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* ---- a setting as options ---- */

static kj_fit_options options_at(const kj__search_run *s,
                                 const kj_search_point *point)
{
  kj_fit_options o = kj__protocol_fit(s->run.protocol, &s->method);
  const double width = point->value[KJ_SEARCH_WIDTH];
  const double first = o.n_hidden > 0 ? (double)o.hidden[0] : width;
  o.learning_rate = point->value[KJ_SEARCH_LEARNING_RATE];
  o.epochs = (size_t)point->value[KJ_SEARCH_EPOCHS];
  o.dropout = point->value[KJ_SEARCH_DROPOUT];
  for (size_t l = 0; l < o.n_hidden; l++)
    o.hidden[l] = kj__search_width(o.hidden[l], width / first);
  return o;
}

size_t kj__search_width(size_t width, double ratio)
{
  const double scaled = round((double)width * ratio);
  return (size_t)fmin(fmax(scaled, 1.0), (double)KJ_MAX_WIDTH);
}

kj_search_point kj__search_start(const kj_protocol *p)
{
  return (kj_search_point){
      .value = {[KJ_SEARCH_LAMBDA] = p->smoothing.lambda,
                [KJ_SEARCH_EPSILON] = p->smoothing.epsilon,
                [KJ_SEARCH_LEARNING_RATE] = p->fit.learning_rate,
                [KJ_SEARCH_EPOCHS] = (double)p->fit.epochs,
                [KJ_SEARCH_WIDTH] =
                    p->fit.hidden.n > 0 ? p->fit.hidden.item[0] : 0.0,
                [KJ_SEARCH_DROPOUT] = p->fit.dropout}};
}

/* ---- callbacks: of all batches together, and with a clock ---- */

static bool stop(void *context)
{
  kj__search_run *s = context;
  const kj_run_options *o = &s->job->run;
  if (!s->is_stopped && o->stop)
    s->is_stopped = o->stop(o->context);
  if (!s->is_late && isfinite(s->deadline_s))
    s->is_late = o->now_s(o->context) >= s->deadline_s;
  return s->is_stopped || s->is_late;
}

static void progress(void *context, size_t done, size_t total)
{
  kj__search_run *s = context;
  const kj_run_options *o = &s->job->run;
  const size_t n_fits = s->options.runs * s->n_parts;
  (void)total;
  if (o->progress)
    o->progress(o->context, s->n_before + done,
                n_fits > s->n_before + done ? n_fits : s->n_before + done);
}

static double now_s(void *context)
{
  const kj__search_run *s = context;
  return s->job->run.now_s ? s->job->run.now_s(s->job->run.context) : 0.0;
}

/* ---- a batch ---- */

static kj_status need_cells(kj__search_run *s, const kj_search_trial *trial,
                            size_t *cell, kj_error *err)
{
  const kj_fit_options fit = options_at(s, &trial->point);
  kj_smoothing smoothing = kj__protocol_smoothing(s->run.protocol, &s->method);
  kj_status status = KJ_OK;
  smoothing.lambda = trial->point.value[KJ_SEARCH_LAMBDA];
  smoothing.epsilon = trial->point.value[KJ_SEARCH_EPSILON];
  for (size_t p = 0; status == KJ_OK && p < s->n_parts; p++) {
    const kj__cell_request request = {.trial = &s->trial,
                                      .part = &s->part[p],
                                      .method = &s->method,
                                      .smoothing = &smoothing,
                                      .fit = &fit,
                                      .is_inner = true};
    status = kj__cell_need(&s->run, &request, &cell[p], err);
  }
  return status;
}

/* Fits that need not be run are done at once. */
static void count_before(kj__search_run *s)
{
  s->n_before = 0;
  for (size_t i = 0; i < s->run.n_cells; i++)
    s->n_before += s->run.cell[i]->is_done ? 1 : 0;
}

static kj_status judge_trial(kj__search_run *s, const size_t *cell,
                             kj_search_trial *trial, kj_error *err)
{
  double sum = 0.0;
  trial->is_done = true;
  for (size_t p = 0; p < s->n_parts; p++) {
    const kj__cell *of = s->run.cell[cell[p]];
    trial->is_done = trial->is_done && of->is_done;
    if (of->has_failed)
      sum = (double)INFINITY;
  }
  trial->score = (double)INFINITY;
  if (!trial->is_done || !isfinite(sum))
    return KJ_OK;
  for (size_t p = 0; p < s->n_parts; p += s->job->folds) {
    const kj__inner_cells inner = {&s->part[p], &cell[p], s->job->folds};
    double score;
    const kj_status status =
        kj__inner_score(&s->run, &inner, &s->judge, &score, err);
    if (status != KJ_OK)
      return status;
    sum += score / (double)s->judge.n_targets;
  }
  trial->score = sum / (double)s->job->seeds;
  return KJ_OK;
}

static kj_status evaluate_some(kj__search_run *s, kj_search_trial *trial,
                               size_t n, kj_error *err)
{
  kj_status status = KJ_OK;
  size_t *cell = kj__allocate(NULL, n, s->n_parts * sizeof *cell);
  if (!cell)
    return kj__fail_memory(err, "a search");
  for (size_t i = 0; status == KJ_OK && i < n; i++)
    status = need_cells(s, &trial[i], cell + i * s->n_parts, err);
  count_before(s);
  if (status == KJ_OK)
    status = kj__run_cells(&s->run, err);
  if (status == KJ_EINTERRUPTED && s->is_late && !s->is_stopped)
    status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < n; i++)
    status = judge_trial(s, cell + i * s->n_parts, &trial[i], err);
  kj__release(NULL, cell);
  return status;
}

/* A few settings at a time, so that those before the end of the time are
 * whole; as many as keep all threads busy. No score depends on how many. */
static kj_status evaluate(void *context, kj_search_trial *trial, size_t n,
                          kj_error *err)
{
  enum { FITS_A_THREAD = 4 };
  kj__search_run *s = context;
  const size_t n_fits = FITS_A_THREAD * s->job->run.n_threads;
  const size_t most = n_fits > s->n_parts ? n_fits / s->n_parts : 1;
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < n && !s->is_late; i += most)
    status = evaluate_some(s, trial + i, n - i < most ? n - i : most, err);
  return status;
}

/* ---- the whole ---- */

static kj_status check(const kj__search_run *s, kj_error *err)
{
  const kj_search_job *job = s->job;
  const kj_protocol_experiment *e = job->experiment;
  const bool needs_smoothing = s->options.axis[KJ_SEARCH_LAMBDA].is_searched ||
                               s->options.axis[KJ_SEARCH_EPSILON].is_searched;
  if (e->split[0] != '\0')
    return kj__fail(err, KJ_EDATA,
                    "experiment '%s' tests on the corpora it trains on "
                    "(split: %s): a search on all of them would see what is "
                    "tested; give the training part as LABELS.csv, or use "
                    "`choose` in the protocol",
                    e->id, e->split);
  if (job->smoothing == KJ_SMOOTHING_NONE && needs_smoothing)
    return kj__fail(err, KJ_EARGUMENT,
                    "smoothing none has no lambda nor epsilon to search");
  if (s->options.axis[KJ_SEARCH_WIDTH].is_searched &&
      s->run.protocol->fit.hidden.n == 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "width is to be searched, and the network has no hidden "
                    "layer");
  if (job->minutes > 0.0 && !job->run.now_s)
    return kj__fail(err, KJ_EARGUMENT, "minutes need a clock");
  return KJ_OK;
}

static kj_status find_target(kj__search_run *s, kj_error *err)
{
  const kj_dataset *data = s->run.data;
  size_t k = 0;
  s->judge = (kj__judge){.by = s->job->by, .n_targets = data->n_targets};
  if (!s->job->target)
    return KJ_OK;
  while (k < data->n_targets && strcmp(data->target[k], s->job->target) != 0)
    k++;
  if (k == data->n_targets)
    return kj__fail(err, KJ_EARGUMENT, "no target is named '%s'",
                    s->job->target);
  s->judge.first = k;
  s->judge.n_targets = 1;
  return KJ_OK;
}

static kj_status divide(kj__search_run *s, kj_error *err)
{
  kj__part outer = {0};
  const size_t n = s->job->folds;
  s->n_parts = n * s->job->seeds;
  s->part = kj__arena_take(s->run.arena, s->n_parts, sizeof *s->part);
  if (!s->part)
    return kj__fail_memory(err, "a search");
  kj__part *inner = NULL;
  kj_status status = kj__run_hash_rows(&s->run, err);
  if (status == KJ_OK)
    status = kj__trial_training_rows(&s->run, &s->trial, &outer.train, err);
  if (status == KJ_OK)
    status = kj__inner_divide(&s->run, &outer, n, &inner, err);
  if (status == KJ_OK)
    memcpy(s->part, inner, n * sizeof *inner);
  for (size_t p = n; status == KJ_OK && p < s->n_parts; p++) {
    s->part[p] = s->part[p % n];
    s->part[p].seed = p / n;
  }
  s->n_rows = outer.train.n;
  return status == KJ_OK ? KJ_OK
                         : kj__fail_in(err, status, "experiment '%s'",
                                       s->job->experiment->id);
}

static kj_status begin(kj__search_run *s, kj_error *err)
{
  const kj_search_job *job = s->job;
  s->options.start = kj__search_start(s->run.protocol);
  s->method = (kj_protocol_method){
      .name = kj_smoothing_name((kj_smoothing_kind)job->smoothing),
      .method = KJ_METHOD_NETWORK,
      .smoothing = job->smoothing,
      .lambda = (double)NAN,
      .epsilon = (double)NAN,
      .dropout = (double)NAN};
  s->trial.experiment = job->experiment;
  s->deadline_s = (double)INFINITY;
  kj_status status = kj_search_complete(&s->options, err);
  if (status == KJ_OK)
    status = check(s, err);
  if (status == KJ_OK)
    status = find_target(s, err);
  if (status != KJ_OK)
    return status;
  s->run.arena = kj__arena_create();
  if (!s->run.arena)
    return kj__fail_memory(err, "a search");
  if (job->minutes > 0.0)
    s->deadline_s = job->run.now_s(job->run.context) + 60.0 * job->minutes;
  return divide(s, err);
}

kj_status kj_search_run(const kj_protocol *protocol, const kj_dataset *data,
                        kj_run_store *store, const kj_search_job *job,
                        struct json_t **results, kj_error *err)
{
  kj__search_run s = {.job = job, .options = job->options};
  const kj_run_options options = {.n_threads = job->run.n_threads,
                                  .now_s = now_s,
                                  .progress = progress,
                                  .stop = stop,
                                  .context = &s};
  kj_search_log log = {0};
  *results = NULL;
  s.run = (kj__run){.protocol = protocol,
                    .data = data,
                    .store = store,
                    .options = &options,
                    .is_patient = true};
  kj_status status = begin(&s, err);
  if (status == KJ_OK)
    status = kj_search_explore(&s.options, evaluate, &s, &log, err);
  if (status == KJ_OK) {
    *results = kj__search_results(&s, &log);
    status = *results ? KJ_OK : kj__fail_memory(err, "the results of a search");
  }
  kj_search_log_clear(&log);
  kj__index_clear(&s.run.keys);
  kj__release(NULL, s.run.cell);
  kj__arena_destroy(s.run.arena);
  return status;
}
