/*
 * routed.c: gates, and gates with experts, about rows of speakers that they
 * have not heard.
 */
#include "experiment/folding.h"

#include "base/error.h"
#include "estimator/parts.h"

kj_status kj_gate_out_of_fold(const kj_dataset *data,
                              const kj_dataset *unlabelled,
                              const kj_routing_options *options,
                              double *probability, kj_error *err)
{
  kj__folding f = kj__folding_of(data, unlabelled, options);
  kj_status status = kj__folding_begin(&f, err);
  if (status == KJ_OK)
    status = kj__folding_run_gates(&f, err);
  if (status == KJ_OK)
    kj__folding_collect_gates(&f, probability);
  kj__folding_end(&f);
  return status;
}

static double share_of(kj_route route, double probability)
{
  return route == KJ_ROUTE_SOFT ? probability : probability >= 0.5;
}

/* Row r of a fold, whose place in the outputs is `row`. */
static void mix_row(const kj__folding *f, const kj__fold *here, size_t r,
                    const kj_routed *out)
{
  const size_t K = f->data->n_targets, row = here->inside[r];
  const double w = share_of(f->options->route, here->value[KJ__FOLD_GATE][r]);
  for (size_t k = 0; k < K; k++) {
    const size_t at = r * K + k;
    const kj__opinion scripted = {here->value[KJ__FOLD_SCRIPTED][at],
                                  here->sd[KJ__FOLD_SCRIPTED][at]};
    const kj__opinion spontaneous = {here->value[KJ__FOLD_SPONTANEOUS][at],
                                     here->sd[KJ__FOLD_SPONTANEOUS][at]};
    const kj__opinion both = kj__mix(w, scripted, spontaneous);
    out->values[row * K + k] = both.value;
    if (out->sd)
      out->sd[row * K + k] = both.sd;
  }
}

static void collect_values(const kj__folding *f, const kj_routed *out)
{
  for (size_t i = 0; i < f->n_folds; i++)
    for (size_t r = 0; r < f->fold[i].n_inside; r++)
      mix_row(f, &f->fold[i], r, out);
}

/* Of unlabelled rows no gate has a word that an informed estimator could
 * read. */
static kj_status informed(const kj_dataset *data, const kj_dataset *unlabelled,
                          const kj_routing_options *options,
                          const kj_routed *out, kj_error *err)
{
  return unlabelled
             ? kj__fail(err, KJ_EARGUMENT,
                        "route is features; must be another one where there "
                        "are unlabelled rows")
             : kj__informed_out_of_fold(data, options, out, err);
}

kj_status kj_routed_out_of_fold(const kj_dataset *data,
                                const kj_dataset *unlabelled,
                                const kj_routing_options *options,
                                const kj_routed *out, kj_error *err)
{
  kj__folding f = kj__folding_of(data, unlabelled, options);
  if (options->route == KJ_ROUTE_FEATURES)
    return informed(data, unlabelled, options, out, err);
  if (options->route != KJ_ROUTE_HARD && options->route != KJ_ROUTE_SOFT)
    return kj__fail(err, KJ_EARGUMENT,
                    "route is %s; must be hard, soft or features to be held "
                    "against speakers that were left out",
                    kj_route_name(options->route));
  kj_status status = kj__folding_begin(&f, err);
  if (status == KJ_OK)
    status = kj__folding_run_gates(&f, err);
  if (status == KJ_OK)
    status =
        kj__folding_run(&f, data, KJ__FOLD_SCRIPTED, KJ__FOLD_SPONTANEOUS, err);
  if (status == KJ_OK) {
    kj__folding_collect_gates(&f, out->probability);
    collect_values(&f, out);
  }
  kj__folding_end(&f);
  return status;
}

/* Gates and experts need rows of both kinds. */
static kj_status check_kinds(const kj__folding *f, kj_error *err)
{
  static const char *const KINDS[] = {"scripted", "spontaneous"};
  for (size_t i = 0; i < f->n_folds; i++)
    for (int kind = 0; kind < 2; kind++)
      if (f->fold[i].n_kind[kind] == 0)
        return kj__fail(err, KJ_EDATA,
                        "%s: without the %zu rows of fold %zu of %zu there is "
                        "no %s speech to learn from",
                        f->data->path, f->fold[i].n_inside, i + 1, f->n_folds,
                        KINDS[kind]);
  return KJ_OK;
}

kj_status kj_routed_check_folds(const kj_dataset *data,
                                const kj_routing_options *options,
                                kj_error *err)
{
  kj__folding f = kj__folding_of(data, NULL, options);
  kj_status status = kj__folding_begin(&f, err);
  if (status == KJ_OK)
    status = check_kinds(&f, err);
  kj__folding_end(&f);
  return status == KJ_OK && options->route == KJ_ROUTE_FEATURES
             ? kj__informed_check_folds(data, options, err)
             : status;
}
