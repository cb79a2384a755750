/*
 * routed.c: gates, and gates with experts, about rows of speakers that they
 * have not heard: a fit of each for every fold.
 */
#include "experiment/fit_state.h"
#include "kanjo/routing.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Who is fitted in a fold. */
enum { GATE, SCRIPTED, SPONTANEOUS, N_FITS };

typedef struct fold {
  size_t *inside;  /* rows that are estimated */
  size_t *outside; /* rows that are trained on */
  size_t *kind[2]; /* those of them that are of a kind */
  size_t n_inside, n_outside, n_kind[2];
  double *value[N_FITS]; /* (n_inside, targets of the fit) */
} fold;

typedef struct folding {
  const kj_dataset *data;
  const kj_dataset *unlabelled;
  const kj_routing_options *options;
  size_t n_folds;
  size_t *fold_of_row;
  fold *fold;
} folding;

static size_t targets_of(const folding *f, int fit)
{
  return fit == GATE ? 1 : f->data->n_targets;
}

static kj_status make_fold(folding *f, size_t index, kj_error *err)
{
  const size_t n_rows = f->data->n_rows;
  fold *here = &f->fold[index];
  bool is_there = true;
  size_t **const lists[] = {&here->inside, &here->outside, &here->kind[0],
                            &here->kind[1]};
  for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++) {
    *lists[l] = kj__allocate(NULL, n_rows, sizeof(size_t));
    is_there = is_there && *lists[l];
  }
  for (int w = 0; w < N_FITS; w++) {
    here->value[w] =
        kj__allocate(NULL, n_rows, targets_of(f, w) * sizeof(double));
    is_there = is_there && here->value[w];
  }
  if (!is_there)
    return kj__fail_memory(err, "a fold");
  for (size_t i = 0; i < n_rows; i++)
    if (f->fold_of_row[i] == index)
      here->inside[here->n_inside++] = i;
    else
      here->outside[here->n_outside++] = i;
  for (int kind = 0; kind < 2; kind++)
    kj_rows_of_kind(f->data, (kj_rows){here->outside, here->n_outside}, kind,
                    here->kind[kind], &here->n_kind[kind]);
  return KJ_OK;
}

static kj_status begin(folding *f, kj_error *err)
{
  const kj_rows all = {NULL, f->data->n_rows};
  kj_folds folds = f->options->folds;
  folds.seed = f->options->fit.seed;
  if (folds.group == KJ_GROUP_ROW)
    return kj__fail(err, KJ_EARGUMENT,
                    "folds are of rows; must be of speakers, sessions or "
                    "corpora: of voices that were heard a gate is too sure");
  f->fold_of_row = kj__allocate(NULL, all.n, sizeof *f->fold_of_row);
  kj_status status = f->fold_of_row
                         ? kj_folds_make(f->data, all, &folds, f->fold_of_row,
                                         &f->n_folds, err)
                         : kj__fail_memory(err, "folds");
  if (status != KJ_OK)
    return status;
  f->fold = kj__allocate(NULL, f->n_folds, sizeof *f->fold);
  if (!f->fold)
    status = kj__fail_memory(err, "folds");
  for (size_t i = 0; status == KJ_OK && i < f->n_folds; i++)
    status = make_fold(f, i, err);
  return status;
}

static void end(folding *f)
{
  for (size_t i = 0; f->fold && i < f->n_folds; i++) {
    fold *here = &f->fold[i];
    kj__release(NULL, here->inside);
    kj__release(NULL, here->outside);
    for (int kind = 0; kind < 2; kind++)
      kj__release(NULL, here->kind[kind]);
    for (int w = 0; w < N_FITS; w++)
      kj__release(NULL, here->value[w]);
  }
  kj__release(NULL, f->fold);
  kj__release(NULL, f->fold_of_row);
}

static kj_rows training_rows(const fold *here, int fit)
{
  if (fit == GATE)
    return (kj_rows){here->outside, here->n_outside};
  const int kind = fit == SPONTANEOUS;
  return (kj_rows){here->kind[kind], here->n_kind[kind]};
}

static kj_fit_job job_of(const folding *f, size_t index, int fit)
{
  static const char *const names[] = {"gate", "scripted", "spontaneous"};
  fold *here = &f->fold[index];
  kj_fit_job job = {.options = fit == GATE ? f->options->gate : f->options->fit,
                    .trained = training_rows(here, fit),
                    .estimated = {here->inside, here->n_inside},
                    .values = here->value[fit]};
  job.options.n_threads = 1;
  snprintf(job.name, sizeof job.name, "fold %zu of %zu, %s", index + 1,
           f->n_folds, names[fit]);
  return job;
}

/* The fits first..last of every fold, on one dataset. */
static kj_status run_fits(const folding *f, const kj_dataset *data, int first,
                          int last, kj_error *err)
{
  const kj_routing_options *o = f->options;
  const size_t each = (size_t)(last - first + 1), n_jobs = f->n_folds * each;
  kj_fit_job *job = kj__allocate(NULL, n_jobs, sizeof *job);
  if (!job)
    return kj__fail_memory(err, "the fits of all folds");
  for (size_t j = 0; j < n_jobs; j++)
    job[j] = job_of(f, j / each, first + (int)(j % each));
  kj_fit_pool pool = {.n_threads = o->n_threads,
                      .progress = o->progress,
                      .stop = o->stop,
                      .context = o->context};
  const kj_status status =
      kj_fit_many(data, f->unlabelled, job, n_jobs, &pool, err);
  kj__release(NULL, job);
  return status;
}

static kj_status run_gates(const folding *f, kj_error *err)
{
  kj_dataset view = {0};
  kj_status status = kj_gate_view(f->data, &view, err);
  if (status == KJ_OK)
    status = run_fits(f, &view, GATE, GATE, err);
  kj_gate_view_clear(&view);
  return status;
}

/* What was said of a row of a fold, to where all rows stand. */
static void collect_gates(const folding *f, double *probability)
{
  for (size_t i = 0; i < f->n_folds; i++)
    for (size_t r = 0; r < f->fold[i].n_inside; r++)
      probability[f->fold[i].inside[r]] = f->fold[i].value[GATE][r];
}

kj_status kj_gate_out_of_fold(const kj_dataset *data,
                              const kj_dataset *unlabelled,
                              const kj_routing_options *options,
                              double *probability, kj_error *err)
{
  folding f = {.data = data, .unlabelled = unlabelled, .options = options};
  kj_status status = begin(&f, err);
  if (status == KJ_OK)
    status = run_gates(&f, err);
  if (status == KJ_OK)
    collect_gates(&f, probability);
  end(&f);
  return status;
}

static double share_of(kj_route route, double probability)
{
  return route == KJ_ROUTE_SOFT ? probability : probability >= 0.5;
}

static void collect_values(const folding *f, double *values)
{
  const size_t K = f->data->n_targets;
  for (size_t i = 0; i < f->n_folds; i++) {
    const fold *here = &f->fold[i];
    for (size_t r = 0; r < here->n_inside; r++) {
      const double w = share_of(f->options->route, here->value[GATE][r]);
      for (size_t k = 0; k < K; k++)
        values[here->inside[r] * K + k] =
            (1.0 - w) * here->value[SCRIPTED][r * K + k] +
            w * here->value[SPONTANEOUS][r * K + k];
    }
  }
}

kj_status kj_routed_out_of_fold(const kj_dataset *data,
                                const kj_dataset *unlabelled,
                                const kj_routing_options *options,
                                double *values, double *probability,
                                kj_error *err)
{
  folding f = {.data = data, .unlabelled = unlabelled, .options = options};
  if (options->route != KJ_ROUTE_HARD && options->route != KJ_ROUTE_SOFT)
    return kj__fail(err, KJ_EARGUMENT,
                    "route is %s; must be hard or soft to be held against "
                    "speakers that were left out",
                    kj_route_name(options->route));
  kj_status status = begin(&f, err);
  if (status == KJ_OK)
    status = run_gates(&f, err);
  if (status == KJ_OK)
    status = run_fits(&f, data, SCRIPTED, SPONTANEOUS, err);
  if (status == KJ_OK) {
    collect_gates(&f, probability);
    collect_values(&f, values);
  }
  end(&f);
  return status;
}
