/*
 * explain.c: integrated gradients of an estimator, from the training mean,
 * summed by groups of features.
 */
#include "kanjo/explanation.h"

#include "base/error.h"
#include "base/memory.h"
#include "network/path.h"

#include <math.h>
#include <string.h>

struct kj_explainer {
  const kj_estimator *estimator;
  const kj_estimator_parts *parts;
  kj_route route;          /* plain where there are no experts */
  kj_feature_group *group; /* (n_inputs) */
  float *scaled;           /* (n_inputs) */
  double *feature;         /* (n_targets, n_inputs) */
  kj_estimator_scratch *scratch;
  kj__path *path[KJ_MAX_TARGETS]; /* one a part */
  kj_explainer *heard[2]; /* the experts by kind, or the informed estimator;
                             no own networks are explained then */
  bool reads_gate;        /* the last input is what a gate says, no column */
  float *informed;        /* (n_inputs + 1): features, and p behind them */
  kj_explainer *other[KJ_MAX_MEMBERS - 1]; /* of an ensemble */
};

static bool has_gate(const kj_estimator_parts *parts)
{
  return parts->routing.component[KJ_COMPONENT_GATE] != NULL;
}

static kj_status check_route(const kj_estimator_parts *parts, kj_route route,
                             kj_error *err)
{
  if (!has_gate(parts))
    return KJ_OK;
  if (!kj_route_name(route) || route == KJ_ROUTE_ORACLE)
    return kj__fail(err, KJ_EARGUMENT,
                    "the route is %s; must be plain, hard, soft or features",
                    kj_route_name(route) ? kj_route_name(route) : "unknown");
  if (route == KJ_ROUTE_FEATURES &&
      !parts->routing.component[KJ_COMPONENT_INFORMED])
    return kj__fail(err, KJ_EARGUMENT,
                    "the route is features, but there is no informed "
                    "estimator");
  return KJ_OK;
}

static kj_status check(const kj_estimator_parts *parts, kj_error *err)
{
  if (parts->weights == KJ_WEIGHTS_INT8)
    return kj__fail(err, KJ_EARGUMENT,
                    "weights are int8, whose rounded sums have no gradient; "
                    "must be fp32 or bf16: explain the model that this one was "
                    "converted from");
  if (parts->normalisation != KJ_NORMALISE_TRAIN)
    return kj__fail(err, KJ_EARGUMENT,
                    "the model standardises by speaker or corpus; must be by "
                    "its training rows, whose mean is what is compared with");
  return KJ_OK;
}

static kj_status find_groups(kj_explainer *e, const char *const *columns,
                             kj_error *err)
{
  const size_t n_columns = e->parts->scaler.n - (e->reads_gate ? 1 : 0);
  for (size_t i = 0; i < n_columns; i++)
    if (!kj_feature_group_find(columns[i], &e->group[i]))
      return kj__fail(err, KJ_EARGUMENT,
                      "column '%s' belongs to no group of features; must be of "
                      "the set is09",
                      columns[i]);
  return KJ_OK;
}

/* Of an estimator whose arguments are checked; of an informed one there is a
 * column less than inputs. */
static kj_status create(const kj_estimator *estimator,
                        const char *const *columns, kj_route route,
                        bool reads_gate, kj_explainer **out, kj_error *err);

static kj_status fill_experts(kj_explainer *e, const char *const *columns,
                              kj_error *err)
{
  const kj_routing *routing = &e->parts->routing;
  kj_status status = KJ_OK;
  for (size_t k = 0; status == KJ_OK && k < 2; k++)
    status = create(routing->component[k], columns, KJ_ROUTE_PLAIN, false,
                    &e->heard[k], err);
  return status;
}

static kj_status fill_informed(kj_explainer *e, const char *const *columns,
                               kj_error *err)
{
  e->informed = kj__allocate(NULL, e->parts->scaler.n + 1, sizeof *e->informed);
  if (!e->informed)
    return kj__fail_memory(err, "an explainer");
  return create(e->parts->routing.component[KJ_COMPONENT_INFORMED], columns,
                KJ_ROUTE_PLAIN, true, &e->heard[0], err);
}

static kj_status fill(kj_explainer *e, const char *const *columns,
                      kj_error *err)
{
  const size_t n = e->parts->scaler.n;
  e->group = kj__allocate(NULL, n, sizeof *e->group);
  e->scaled = kj__allocate(NULL, n, sizeof *e->scaled);
  e->feature = kj__allocate(NULL, n, e->parts->n_targets * sizeof *e->feature);
  if (!e->group || !e->scaled || !e->feature)
    return kj__fail_memory(err, "an explainer");
  kj_status status = find_groups(e, columns, err);
  if (status == KJ_OK)
    status =
        kj_estimator_scratch_create(e->estimator, 1, NULL, &e->scratch, err);
  if (status == KJ_OK && e->route == KJ_ROUTE_FEATURES)
    return fill_informed(e, columns, err);
  if (status == KJ_OK && e->route != KJ_ROUTE_PLAIN)
    return fill_experts(e, columns, err);
  for (size_t p = 0; status == KJ_OK && p < e->parts->n_parts; p++)
    status =
        kj__path_create(&e->parts->part[p].network->shape, &e->path[p], err);
  for (size_t m = 0; status == KJ_OK && m < e->parts->n_others; m++)
    status = create(e->parts->other[m], columns, KJ_ROUTE_PLAIN, e->reads_gate,
                    &e->other[m], err);
  return status;
}

static kj_status create(const kj_estimator *estimator,
                        const char *const *columns, kj_route route,
                        bool reads_gate, kj_explainer **out, kj_error *err)
{
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  kj_status status = check(parts, err);
  if (status != KJ_OK)
    return status;
  kj_explainer *e = kj__allocate(NULL, 1, sizeof *e);
  if (!e)
    return kj__fail_memory(err, "an explainer");
  e->estimator = estimator;
  e->parts = parts;
  e->route = has_gate(parts) ? route : KJ_ROUTE_PLAIN;
  e->reads_gate = reads_gate;
  status = fill(e, columns, err);
  if (status == KJ_OK)
    *out = e;
  else
    kj_explainer_destroy(e);
  return status;
}

kj_status kj_explainer_create(const kj_estimator *estimator,
                              const char *const *columns, size_t n_columns,
                              kj_route route, kj_explainer **out, kj_error *err)
{
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  if (n_columns != parts->scaler.n)
    return kj__fail(err, KJ_ESHAPE, "%zu columns; the estimator has %zu inputs",
                    n_columns, parts->scaler.n);
  const kj_status status = check_route(parts, route, err);
  return status == KJ_OK ? create(estimator, columns, route, false, out, err)
                         : status;
}

void kj_explainer_destroy(kj_explainer *explainer)
{
  if (!explainer)
    return;
  for (size_t k = 0; k < 2; k++)
    kj_explainer_destroy(explainer->heard[k]);
  for (size_t m = 0; m < KJ_MAX_MEMBERS - 1; m++)
    kj_explainer_destroy(explainer->other[m]);
  for (size_t p = 0; p < KJ_MAX_TARGETS; p++)
    kj__path_destroy(explainer->path[p]);
  kj_estimator_scratch_destroy(explainer->scratch);
  kj__release(NULL, explainer->group);
  kj__release(NULL, explainer->scaled);
  kj__release(NULL, explainer->feature);
  kj__release(NULL, explainer->informed);
  kj__release(NULL, explainer);
}

/* One output of one part; the estimate stands in *out already. */
static void explain_target(kj_explainer *e, size_t p, size_t k,
                           kj_explanation *out)
{
  const kj_estimator_part *part = &e->parts->part[p];
  const size_t n = e->parts->scaler.n;
  const size_t target = part->first_target + k;
  const double slope = e->parts->slope[target];
  double *feature = e->feature + target * n;
  const kj__path_ends ends =
      kj__path_integrate(e->path[p], part->network, e->scaled, k, feature);
  out->baseline = slope * ends.from + e->parts->offset[target];
  if (e->parts->link == KJ_LINK_LOGIT) /* the log odds, not the probability */
    out->estimate = slope * ends.to + e->parts->offset[target];
  out->feature = feature;
  out->n_pieces = ends.n_pieces;
  for (size_t i = 0; i < n; i++) {
    feature[i] *= slope;
    *(e->reads_gate && i + 1 == n
          ? &out->gate
          : &out->group[e->group[i].trait][e->group[i].aspect]) += feature[i];
  }
}

/* The estimator's own networks. */
static void explain_alone(kj_explainer *e, const float *x, const double *values,
                          kj_explanation *out)
{
  const kj_estimator_parts *parts = e->parts;
  kj_scaler_apply(&parts->scaler, x, 1, e->scaled);
  for (size_t p = 0; p < parts->n_parts; p++) {
    const kj_network_shape *shape = &parts->part[p].network->shape;
    const size_t first = parts->part[p].first_target;
    const size_t n_outputs = shape->width[shape->n_layers];
    const size_t n = parts->predicts_sd ? n_outputs / 2 : n_outputs;
    for (size_t k = 0; k < n; k++) {
      out[first + k] = (kj_explanation){.estimate = values[first + k]};
      explain_target(e, p, k, &out[first + k]);
    }
  }
}

/* Add the reasons of one of several, who weighs `weight` among them. */
static void add(kj_explainer *e, size_t target, const kj_explanation *one,
                double weight, kj_explanation *sum)
{
  const size_t n_in = e->parts->scaler.n;
  double *feature = e->feature + target * n_in;
  sum->baseline += weight * one->baseline;
  sum->gate += weight * one->gate;
  sum->n_pieces += one->n_pieces;
  for (int t = 0; t < KJ_N_TRAITS; t++)
    for (int a = 0; a < KJ_N_ASPECTS; a++)
      sum->group[t][a] += weight * one->group[t][a];
  for (size_t i = 0; i < n_in; i++)
    feature[i] += weight * one->feature[i];
}

/* The first of n members, as its share of their mean. */
static void take_share(kj_explainer *e, size_t target, double n,
                       kj_explanation *out)
{
  const size_t n_in = e->parts->scaler.n;
  double *feature = e->feature + target * n_in;
  out->baseline /= n;
  out->gate /= n;
  for (int j = 0; j < KJ_N_TRAITS * KJ_N_ASPECTS; j++)
    out->group[j / KJ_N_ASPECTS][j % KJ_N_ASPECTS] /= n;
  for (size_t i = 0; i < n_in; i++)
    feature[i] /= n;
}

/* Reasons of a mean are the mean of the reasons. Of gates it is that of their
 * log odds: those of the mean probability are no sum of theirs. */
static kj_status add_others(kj_explainer *e, const float *x,
                            kj_explanation *out, kj_error *err)
{
  const kj_estimator_parts *parts = e->parts;
  const double n = (double)parts->n_others + 1.0;
  const bool are_gates = parts->link == KJ_LINK_LOGIT;
  kj_explanation member[KJ_MAX_TARGETS];
  kj_status status = KJ_OK;
  for (size_t k = 0; k < parts->n_targets; k++) {
    take_share(e, k, n, &out[k]);
    out[k].estimate /= are_gates ? n : 1.0;
  }
  for (size_t m = 0; status == KJ_OK && m < parts->n_others; m++) {
    status = kj_explainer_explain(e->other[m], x, member, err);
    for (size_t k = 0; status == KJ_OK && k < parts->n_targets; k++) {
      add(e, k, &member[k], 1.0 / n, &out[k]);
      out[k].estimate += are_gates ? member[k].estimate / n : 0.0;
    }
  }
  return status;
}

static kj_status explain_own(kj_explainer *e, const float *x,
                             const double *values, kj_explanation *out,
                             kj_error *err)
{
  explain_alone(e, x, values, out);
  return e->parts->n_others > 0 ? add_others(e, x, out, err) : KJ_OK;
}

/* Reasons of a mixture, at the share that the gate gives each expert. */
static kj_status explain_both(kj_explainer *e, const float *x,
                              const double *values, double probability,
                              kj_explanation *out, kj_error *err)
{
  const size_t n_targets = e->parts->n_targets;
  const double weight[2] = {1.0 - probability, probability};
  kj_explanation one[KJ_MAX_TARGETS];
  kj_status status = KJ_OK;
  for (size_t k = 0; k < n_targets; k++)
    out[k] = (kj_explanation){.estimate = values[k],
                              .feature = e->feature + k * e->parts->scaler.n};
  for (size_t i = 0; i < n_targets * e->parts->scaler.n; i++)
    e->feature[i] = 0.0;
  for (int kind = 0; status == KJ_OK && kind < 2; kind++) {
    status = kj_explainer_explain(e->heard[kind], x, one, err);
    for (size_t k = 0; status == KJ_OK && k < n_targets; k++)
      add(e, k, &one[k], weight[kind], &out[k]);
  }
  return status;
}

static kj_status explain_informed(kj_explainer *e, const float *x,
                                  double probability, kj_explanation *out,
                                  kj_error *err)
{
  const size_t n = e->parts->scaler.n;
  memcpy(e->informed, x, n * sizeof *x);
  e->informed[n] = (float)probability;
  return kj_explainer_explain(e->heard[0], e->informed, out, err);
}

static kj_status explain_heard(kj_explainer *e, const float *x,
                               const double *values, double probability,
                               kj_explanation *out, kj_error *err)
{
  switch (e->route) {
  case KJ_ROUTE_HARD:
    return kj_explainer_explain(e->heard[probability >= 0.5], x, out, err);
  case KJ_ROUTE_SOFT:
    return explain_both(e, x, values, probability, out, err);
  case KJ_ROUTE_FEATURES:
    return explain_informed(e, x, probability, out, err);
  default:
    return explain_own(e, x, values, out, err);
  }
}

/* That the sum of all groups is what the estimate has moved. */
static kj_status check_sum(const kj_explanation *why, const char *target,
                           kj_error *err)
{
  double sum = why->gate;
  for (int j = 0; j < KJ_N_TRAITS * KJ_N_ASPECTS; j++)
    sum += why->group[j / KJ_N_ASPECTS][j % KJ_N_ASPECTS];
  const double gap = fabs(why->estimate - why->baseline - sum);
  if (gap <= KJ_EXPLANATION_TOLERANCE)
    return KJ_OK;
  return kj__fail(err, KJ_EDATA,
                  "attributions of %s miss the estimate by %g; must be at "
                  "most %g: the weights are too large",
                  target, gap, KJ_EXPLANATION_TOLERANCE);
}

/* What the route gives, and the gate's word: its own, where it is one. */
static kj_status estimate(kj_explainer *e, const float *x, double *values,
                          double *probability, kj_error *err)
{
  const kj_passage in = {.x = x, .n_rows = 1, .route = e->route};
  const kj_routed out = {.values = values, .probability = probability};
  if (has_gate(e->parts))
    return kj_estimator_route(e->estimator, e->scratch, &in, &out, err);
  const kj_status status =
      kj_estimator_estimate(e->estimator, e->scratch, x, 1, 0, values, err);
  *probability = status == KJ_OK && e->parts->link == KJ_LINK_LOGIT
                     ? values[0]
                     : (double)NAN;
  return status;
}

kj_status kj_explainer_explain(kj_explainer *explainer, const float *x,
                               kj_explanation *out, kj_error *err)
{
  const kj_estimator_parts *parts = explainer->parts;
  double values[KJ_MAX_TARGETS], probability;
  kj_status status = estimate(explainer, x, values, &probability, err);
  if (status == KJ_OK)
    status = explain_heard(explainer, x, values, probability, out, err);
  for (size_t k = 0; status == KJ_OK && k < parts->n_targets; k++) {
    out[k].probability = probability;
    status = check_sum(&out[k], parts->target[k], err);
  }
  return status;
}
