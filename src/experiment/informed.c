/*
 * informed.c: estimators that read the gate's probability, about rows of
 * speakers that neither they nor any gate has heard.
 *
 * An informed estimator learns from the words of gates about rows that these
 * had not heard. So within the training rows of each fold there are folds
 * again, for those gates; the rows of the fold itself are asked of one that
 * was trained on all of its training rows.
 */
#include "experiment/folding.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

typedef struct informing {
  kj__folding outer;
  double *probability; /* of all rows, as the fold under way has them */
  size_t n_done, n_fits;
} informing;

/* Progress of one pool is that of a part of all fits. */
static void show(void *context, size_t done, size_t total)
{
  const informing *in = context;
  const kj_routing_options *o = in->outer.options;
  (void)total;
  if (o->progress)
    o->progress(o->context, in->n_done + done, in->n_fits);
}

static bool stop(void *context)
{
  const kj_routing_options *o = ((const informing *)context)->outer.options;
  return o->stop && o->stop(o->context);
}

static kj_fit_pool pool_of(informing *in)
{
  return (kj_fit_pool){.n_threads = in->outer.options->n_threads,
                       .progress = show,
                       .stop = stop,
                       .context = in};
}

static kj__folding inner_of(informing *in, size_t fold)
{
  const kj__fold *here = &in->outer.fold[fold];
  kj__folding inner = kj__folding_of(in->outer.data, NULL, in->outer.options);
  inner.rows = (kj_rows){here->outside, here->n_outside};
  inner.folds = in->outer.options->gate_folds;
  inner.pool = pool_of(in);
  return inner;
}

/* What gates say of the fold's training rows. */
static kj_status ask_inner(informing *in, size_t fold, kj_error *err)
{
  kj__folding inner = inner_of(in, fold);
  kj_status status = kj__folding_begin(&inner, err);
  if (status == KJ_OK)
    status = kj__folding_run_gates(&inner, err);
  if (status == KJ_OK) {
    kj__folding_collect_gates(&inner, in->probability);
    in->n_done += inner.n_folds;
  }
  kj__folding_end(&inner);
  return status;
}

/* of_fold: values and, behind them, deviations. */
static kj_status fit_informed(informing *in, size_t fold, double *of_fold,
                              kj_error *err)
{
  const kj_routing_options *o = in->outer.options;
  const kj__fold *here = &in->outer.fold[fold];
  kj_fit_pool pool = pool_of(in);
  kj_dataset wide = {0};
  kj_fit_job job = {.options = o->fit,
                    .trained = {here->outside, here->n_outside},
                    .estimated = {here->inside, here->n_inside},
                    .values = of_fold,
                    .sd = of_fold + here->n_inside * in->outer.data->n_targets};
  job.options.n_threads = o->n_threads;
  snprintf(job.name, sizeof job.name, "fold %zu of %zu, informed", fold + 1,
           in->outer.n_folds);
  kj_status status =
      kj_informed_view(in->outer.data, in->probability, &wide, err);
  if (status == KJ_OK)
    status = kj_fit_many(&wide, NULL, &job, 1, &pool, err);
  in->n_done++;
  kj_informed_view_clear(&wide);
  return status;
}

static kj_status pass_fold(informing *in, size_t fold, const kj_routed *out,
                           kj_error *err)
{
  const kj__fold *here = &in->outer.fold[fold];
  const size_t K = in->outer.data->n_targets;
  double *of_fold = kj__allocate(NULL, here->n_inside, 2 * K * sizeof *of_fold);
  if (!of_fold)
    return kj__fail_memory(err, "a fold");
  kj_status status = ask_inner(in, fold, err);
  for (size_t r = 0; status == KJ_OK && r < here->n_inside; r++)
    in->probability[here->inside[r]] = here->value[KJ__FOLD_GATE][r];
  if (status == KJ_OK)
    status = fit_informed(in, fold, of_fold, err);
  for (size_t r = 0; status == KJ_OK && r < here->n_inside; r++) {
    const size_t at = here->inside[r] * K;
    memcpy(out->values + at, of_fold + r * K, K * sizeof *of_fold);
    if (out->sd)
      memcpy(out->sd + at, of_fold + (here->n_inside + r) * K,
             K * sizeof *of_fold);
  }
  kj__release(NULL, of_fold);
  return status;
}

/* A gate a fold, the informed estimator of each, and the gates within. */
static kj_status count_fits(informing *in, kj_error *err)
{
  kj_status status = KJ_OK;
  in->n_fits = 2 * in->outer.n_folds;
  for (size_t i = 0; status == KJ_OK && i < in->outer.n_folds; i++) {
    kj__folding inner = inner_of(in, i);
    status = kj__folding_begin(&inner, err);
    in->n_fits += inner.n_folds;
    kj__folding_end(&inner);
    if (status != KJ_OK)
      kj__fail_in(err, status, "folds within fold %zu", i + 1);
  }
  return status;
}

static kj_status pass(informing *in, const kj_routed *out, kj_error *err)
{
  kj_status status = kj__folding_begin(&in->outer, err);
  if (status == KJ_OK)
    status = count_fits(in, err);
  in->outer.pool = pool_of(in);
  if (status == KJ_OK)
    status = kj__folding_run_gates(&in->outer, err);
  in->n_done += in->outer.n_folds;
  for (size_t i = 0; status == KJ_OK && i < in->outer.n_folds; i++)
    status = pass_fold(in, i, out, err);
  if (status == KJ_OK)
    kj__folding_collect_gates(&in->outer, out->probability);
  return status;
}

kj_status kj__informed_check_folds(const kj_dataset *data,
                                   const kj_routing_options *options,
                                   kj_error *err)
{
  informing in = {.outer = kj__folding_of(data, NULL, options)};
  kj_status status = kj__folding_begin(&in.outer, err);
  if (status == KJ_OK)
    status = count_fits(&in, err);
  kj__folding_end(&in.outer);
  return status;
}

kj_status kj__informed_out_of_fold(const kj_dataset *data,
                                   const kj_routing_options *options,
                                   const kj_routed *out, kj_error *err)
{
  informing in = {.outer = kj__folding_of(data, NULL, options)};
  in.probability = kj__allocate(NULL, data->n_rows, sizeof *in.probability);
  const kj_status status = in.probability
                               ? pass(&in, out, err)
                               : kj__fail_memory(err, "what the gates say");
  kj__folding_end(&in.outer);
  kj__release(NULL, in.probability);
  return status;
}
