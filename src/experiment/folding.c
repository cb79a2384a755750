/*
 * folding.c: rows in folds of whole speakers, and a gate and two experts for
 * each, about rows of speakers that they have not heard.
 */
#include "experiment/folding.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>

static size_t targets_of(const kj__folding *f, int fit)
{
  return fit == KJ__FOLD_GATE ? 1 : f->data->n_targets;
}

static kj_status make_fold(kj__folding *f, size_t index, kj_error *err)
{
  const size_t n_rows = f->rows.n;
  kj__fold *here = &f->fold[index];
  bool is_there = true;
  size_t **const lists[] = {&here->inside, &here->outside, &here->kind[0],
                            &here->kind[1]};
  for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++) {
    *lists[l] = kj__allocate(NULL, n_rows, sizeof(size_t));
    is_there = is_there && *lists[l];
  }
  for (int w = 0; w < KJ__FOLD_FITS; w++) {
    const size_t size = targets_of(f, w) * sizeof(double);
    here->value[w] = kj__allocate(NULL, n_rows, size);
    here->sd[w] = kj__allocate(NULL, n_rows, size);
    is_there = is_there && here->value[w] && here->sd[w];
  }
  if (!is_there)
    return kj__fail_memory(err, "a fold");
  for (size_t i = 0; i < n_rows; i++)
    if (f->fold_of_row[i] == index)
      here->inside[here->n_inside++] = kj__row(f->rows, i);
    else
      here->outside[here->n_outside++] = kj__row(f->rows, i);
  for (int kind = 0; kind < 2; kind++)
    kj_rows_of_kind(f->data, (kj_rows){here->outside, here->n_outside}, kind,
                    here->kind[kind], &here->n_kind[kind]);
  return KJ_OK;
}

kj__folding kj__folding_of(const kj_dataset *data, const kj_dataset *unlabelled,
                           const kj_routing_options *options)
{
  return (kj__folding){.data = data,
                       .unlabelled = unlabelled,
                       .options = options,
                       .rows = {NULL, data->n_rows},
                       .folds = options->folds,
                       .pool = {.n_threads = options->n_threads,
                                .progress = options->progress,
                                .stop = options->stop,
                                .context = options->context}};
}

kj_status kj__folding_begin(kj__folding *f, kj_error *err)
{
  f->folds.seed = f->options->fit.seed;
  if (f->folds.group == KJ_GROUP_ROW)
    return kj__fail(err, KJ_EARGUMENT,
                    "folds are of rows; must be of speakers, sessions or "
                    "corpora: of voices that were heard a gate is too sure");
  f->fold_of_row = kj__allocate(NULL, f->rows.n, sizeof *f->fold_of_row);
  kj_status status = f->fold_of_row
                         ? kj_folds_make(f->data, f->rows, &f->folds,
                                         f->fold_of_row, &f->n_folds, err)
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

void kj__folding_end(kj__folding *f)
{
  for (size_t i = 0; f->fold && i < f->n_folds; i++) {
    kj__fold *here = &f->fold[i];
    kj__release(NULL, here->inside);
    kj__release(NULL, here->outside);
    for (int kind = 0; kind < 2; kind++)
      kj__release(NULL, here->kind[kind]);
    for (int w = 0; w < KJ__FOLD_FITS; w++) {
      kj__release(NULL, here->value[w]);
      kj__release(NULL, here->sd[w]);
    }
  }
  kj__release(NULL, f->fold);
  kj__release(NULL, f->fold_of_row);
}

static kj_rows training_rows(const kj__fold *here, int fit)
{
  if (fit == KJ__FOLD_GATE)
    return (kj_rows){here->outside, here->n_outside};
  const int kind = fit == KJ__FOLD_SPONTANEOUS;
  return (kj_rows){here->kind[kind], here->n_kind[kind]};
}

static kj_fit_job job_of(const kj__folding *f, size_t index, int fit)
{
  static const char *const names[] = {"gate", "scripted", "spontaneous"};
  kj__fold *here = &f->fold[index];
  kj_fit_job job = {.options = fit == KJ__FOLD_GATE ? f->options->gate
                                                    : f->options->fit,
                    .trained = training_rows(here, fit),
                    .estimated = {here->inside, here->n_inside},
                    .values = here->value[fit],
                    .sd = here->sd[fit]};
  job.options.n_threads = 1;
  snprintf(job.name, sizeof job.name, "fold %zu of %zu, %s", index + 1,
           f->n_folds, names[fit]);
  return job;
}

kj_status kj__folding_run(const kj__folding *f, const kj_dataset *data,
                          int first, int last, kj_error *err)
{
  const size_t each = (size_t)(last - first + 1), n_jobs = f->n_folds * each;
  kj_fit_pool pool = f->pool;
  kj_fit_job *job = kj__allocate(NULL, n_jobs, sizeof *job);
  if (!job)
    return kj__fail_memory(err, "the fits of all folds");
  for (size_t j = 0; j < n_jobs; j++)
    job[j] = job_of(f, j / each, first + (int)(j % each));
  const kj_status status =
      kj_fit_many(data, f->unlabelled, job, n_jobs, &pool, err);
  kj__release(NULL, job);
  return status;
}

kj_status kj__folding_run_gates(const kj__folding *f, kj_error *err)
{
  kj_dataset view = {0};
  kj_status status = kj_gate_view(f->data, &view, err);
  if (status == KJ_OK)
    status = kj__folding_run(f, &view, KJ__FOLD_GATE, KJ__FOLD_GATE, err);
  kj_gate_view_clear(&view);
  return status;
}

void kj__folding_collect_gates(const kj__folding *f, double *probability)
{
  for (size_t i = 0; i < f->n_folds; i++)
    for (size_t r = 0; r < f->fold[i].n_inside; r++)
      probability[f->fold[i].inside[r]] = f->fold[i].value[KJ__FOLD_GATE][r];
}
