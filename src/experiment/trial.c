/*
 * trial.c: the contenders of an experiment, its sweeps and its grid, and the
 * cells they need; lambda and epsilon chosen where the protocol says so.
 */
#include "experiment/run_state.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

/* Nothing is contended for where there is no target. */
static size_t count_variants(const kj_protocol *p,
                             const kj_protocol_experiment *e)
{
  size_t n = p->methods.n;
  if (p->targets.n == 0)
    return 0;
  for (size_t s = 0; s < e->sweeps.n; s++)
    n += e->sweeps.item[s].values.n;
  return n + (e->grid ? e->grid->lambda.n * e->grid->epsilon.n : 0);
}

static kj_status begin_variant(kj__run *run, const kj__trial *trial,
                               const kj_protocol_method *method,
                               const kj_smoothing *smoothing, kj__variant *v,
                               kj_error *err)
{
  v->method = method;
  v->smoothing =
      kj__arena_take(run->arena, trial->n_parts, sizeof *v->smoothing);
  v->cell = kj__arena_take(run->arena, trial->n_parts, sizeof *v->cell);
  if (!v->smoothing || !v->cell)
    return kj__fail_memory(err, "the contenders of an experiment");
  for (size_t p = 0; p < trial->n_parts; p++)
    v->smoothing[p] = *smoothing;
  return KJ_OK;
}

/* The smoothing of a sweep's point. */
static kj_smoothing sweep_point(const kj_protocol *p,
                                const kj_protocol_sweep *sweep, size_t i,
                                const kj_protocol_method **method)
{
  *method = kj_protocol_find_method(p, sweep->method);
  kj_smoothing s = kj__protocol_smoothing(p, *method);
  if (!isnan(sweep->lambda))
    s.lambda = sweep->lambda;
  if (!isnan(sweep->epsilon))
    s.epsilon = sweep->epsilon;
  *(sweep->over == 0 ? &s.lambda : &s.epsilon) = sweep->values.item[i];
  return s;
}

static kj_status list_sweeps(kj__run *run, kj__trial *trial, kj__variant *v,
                             kj_error *err)
{
  const kj_protocol_experiment *e = trial->experiment;
  const kj_protocol_method *method;
  kj_status status = KJ_OK;
  for (size_t s = 0; s < e->sweeps.n; s++)
    for (size_t i = 0; status == KJ_OK && i < e->sweeps.item[s].values.n; i++) {
      const kj_smoothing point =
          sweep_point(run->protocol, &e->sweeps.item[s], i, &method);
      status = begin_variant(run, trial, method, &point, v++, err);
    }
  if (!e->grid)
    return status;
  method = kj_protocol_find_method(run->protocol, e->grid->method);
  kj_smoothing point = kj__protocol_smoothing(run->protocol, method);
  for (size_t l = 0; l < e->grid->lambda.n; l++)
    for (size_t i = 0; status == KJ_OK && i < e->grid->epsilon.n; i++) {
      point.lambda = e->grid->lambda.item[l];
      point.epsilon = e->grid->epsilon.item[i];
      status = begin_variant(run, trial, method, &point, v++, err);
    }
  return status;
}

static kj_status list_variants(kj__run *run, kj__trial *trial, kj_error *err)
{
  const kj_protocol *p = run->protocol;
  kj_status status = KJ_OK;
  trial->n_variants = count_variants(p, trial->experiment);
  trial->n_methods = trial->n_variants > 0 ? p->methods.n : 0;
  trial->variant =
      kj__arena_take(run->arena, trial->n_variants, sizeof(kj__variant));
  if (!trial->variant)
    return kj__fail_memory(err, "the contenders of an experiment");
  if (trial->n_variants == 0)
    return KJ_OK;
  for (size_t m = 0; status == KJ_OK && m < p->methods.n; m++) {
    const kj_protocol_method *method = &p->methods.item[m];
    const kj_smoothing smoothing = kj__protocol_smoothing(p, method);
    status =
        begin_variant(run, trial, method, &smoothing, &trial->variant[m], err);
    trial->variant[m].is_chosen = trial->experiment->choose &&
                                  method->method == KJ_METHOD_NETWORK &&
                                  smoothing.kind != KJ_SMOOTHING_NONE;
  }
  return status == KJ_OK
             ? list_sweeps(run, trial, trial->variant + p->methods.n, err)
             : status;
}

bool kj__variant_is_named(const kj__trial *trial, const kj__variant *v,
                          const kj_texts *names)
{
  for (size_t m = 0; m < trial->n_methods; m++)
    if (v == &trial->variant[m])
      return kj__texts_have(names, v->method->name);
  return false;
}

static kj_status need_cells(kj__run *run, const kj__trial *trial,
                            kj__variant *v, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t p = 0; status == KJ_OK && p < trial->n_parts; p++) {
    const kj__cell_request request = {.trial = trial,
                                      .part = &trial->part[p],
                                      .method = v->method,
                                      .smoothing = &v->smoothing[p]};
    status = kj__cell_need(run, &request, &v->cell[p], err);
  }
  if (status == KJ_OK)
    status = kj__routing_need(run, trial, v, err);
  return status == KJ_OK ? kj__intervals_need(run, trial, v, err) : status;
}

static size_t at_least_one(size_t n)
{
  return n > 0 ? n : 1;
}

/* Every pair of lambda and epsilon to choose from, and its inner cells. */
static kj_status begin_choice(kj__run *run, const kj__trial *trial,
                              kj__choice *c, kj_error *err)
{
  const kj_protocol_choose *from = trial->experiment->choose;
  const kj__variant *v = &trial->variant[c->variant];
  const size_t n_epsilon = at_least_one(from->epsilon.n);
  c->n_settings = at_least_one(from->lambda.n) * n_epsilon;
  c->n_inner = (size_t)from->folds;
  c->setting = kj__arena_take(run->arena, c->n_settings, sizeof *c->setting);
  c->cell =
      kj__arena_take(run->arena, c->n_settings * c->n_inner, sizeof *c->cell);
  if (!c->setting || !c->cell)
    return kj__fail_memory(err, "a choice");
  kj_status status = KJ_OK;
  for (size_t s = 0; s < c->n_settings; s++) {
    c->setting[s] = v->smoothing[c->part];
    if (from->lambda.n > 0)
      c->setting[s].lambda = from->lambda.item[s / n_epsilon];
    if (from->epsilon.n > 0)
      c->setting[s].epsilon = from->epsilon.item[s % n_epsilon];
    for (size_t f = 0; status == KJ_OK && f < c->n_inner; f++) {
      const kj__cell_request request = {.trial = trial,
                                        .part = &c->inner[f],
                                        .method = v->method,
                                        .smoothing = &c->setting[s],
                                        .is_inner = true};
      status = kj__cell_need(run, &request, &c->cell[s * c->n_inner + f], err);
    }
  }
  return status;
}

/* Folds that are the same for all seeds are chosen for once, with the first. */
static kj_status list_choices(kj__run *run, kj__trial *trial, kj_error *err)
{
  const size_t n_leaders = kj__trial_leaders(trial);
  trial->choice = kj__arena_take(run->arena, n_leaders * trial->n_variants,
                                 sizeof *trial->choice);
  if (!trial->choice)
    return kj__fail_memory(err, "a choice");
  kj_status status = KJ_OK;
  for (size_t p = 0; status == KJ_OK && p < n_leaders; p++) {
    kj__part *inner = NULL;
    status =
        kj__inner_divide(run, &trial->part[p],
                         (size_t)trial->experiment->choose->folds, &inner, err);
    if (status != KJ_OK)
      return kj__fail_in(err, status, "choose");
    for (size_t v = 0; status == KJ_OK && v < trial->n_variants; v++) {
      if (!trial->variant[v].is_chosen)
        continue;
      kj__choice *c = &trial->choice[trial->n_choices++];
      *c = (kj__choice){.variant = v, .part = p, .inner = inner};
      status = begin_choice(run, trial, c, err);
    }
  }
  return status;
}

kj_status kj__trial_plan(kj__run *run, kj__trial *trial, kj_error *err)
{
  kj_status status = list_variants(run, trial, err);
  if (status == KJ_OK && trial->experiment->routing)
    status = kj__routing_need_gates(run, trial, err);
  if (status == KJ_OK && trial->experiment->choose && trial->n_variants > 0)
    status = list_choices(run, trial, err);
  for (size_t v = 0; status == KJ_OK && v < trial->n_variants; v++)
    if (!trial->variant[v].is_chosen)
      status = need_cells(run, trial, &trial->variant[v], err);
  return status;
}

static kj_status choose(kj__run *run, const kj__trial *trial,
                        const kj__choice *c, size_t *best, kj_error *err)
{
  const kj__judge judge = {.by = trial->experiment->choose->by,
                           .n_targets = run->data->n_targets};
  double least = (double)INFINITY;
  *best = 0;
  for (size_t s = 0; s < c->n_settings; s++) {
    double now;
    const kj__inner_cells inner = {c->inner, c->cell + s * c->n_inner,
                                   c->n_inner};
    const kj_status status = kj__inner_score(run, &inner, &judge, &now, err);
    if (status != KJ_OK)
      return status;
    if (now < least) {
      least = now;
      *best = s;
    }
  }
  return KJ_OK;
}

kj_status kj__trial_choose(kj__run *run, kj__trial *trial, kj_error *err)
{
  kj_status status = KJ_OK;
  const size_t n_leaders = kj__trial_leaders(trial);
  for (size_t i = 0; status == KJ_OK && i < trial->n_choices; i++) {
    const kj__choice *c = &trial->choice[i];
    size_t best;
    status = choose(run, trial, c, &best, err);
    for (size_t p = c->part; status == KJ_OK && p < trial->n_parts;
         p += n_leaders)
      trial->variant[c->variant].smoothing[p] = c->setting[best];
  }
  for (size_t v = 0; status == KJ_OK && v < trial->n_variants; v++)
    if (trial->variant[v].is_chosen)
      status = need_cells(run, trial, &trial->variant[v], err);
  return status;
}
