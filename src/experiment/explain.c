/*
 * explain.c: integrated gradients of an estimator, from the training mean,
 * summed by groups of features.
 */
#include "kanjo/explanation.h"

#include "base/error.h"
#include "base/memory.h"
#include "network/path.h"

#include <math.h>

struct kj_explainer {
  const kj_estimator *estimator;
  const kj_estimator_parts *parts;
  kj_feature_group *group; /* (n_inputs) */
  float *scaled;           /* (n_inputs) */
  double *feature;         /* (n_targets, n_inputs) */
  kj_estimator_scratch *scratch;
  kj__path *path[KJ_MAX_TARGETS]; /* one a part */
  kj_explainer *expert[2];        /* where there is a gate, and nothing else but
                                     estimator, parts and scratch then */
  kj_explainer *other[KJ_MAX_MEMBERS - 1]; /* of an ensemble */
};

static bool has_experts(const kj_estimator_parts *parts)
{
  return parts->routing.component[KJ_COMPONENT_GATE] != NULL;
}

static kj_status check(const kj_estimator_parts *parts, size_t n_columns,
                       kj_error *err)
{
  if (parts->n_others > 0 && parts->link == KJ_LINK_LOGIT)
    return kj__fail(err, KJ_EARGUMENT,
                    "the model is an ensemble of gates, whose mean has no log "
                    "odds to explain; must be one gate");
  if (has_experts(parts) && parts->routing.route != KJ_ROUTE_HARD)
    return kj__fail(err, KJ_EARGUMENT,
                    "the route is %s; must be hard, where one expert answers "
                    "for a row",
                    kj_route_name(parts->routing.route));
  if (n_columns != parts->scaler.n)
    return kj__fail(err, KJ_ESHAPE, "%zu columns; the estimator has %zu inputs",
                    n_columns, parts->scaler.n);
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
  for (size_t i = 0; i < e->parts->scaler.n; i++)
    if (!kj_feature_group_find(columns[i], &e->group[i]))
      return kj__fail(err, KJ_EARGUMENT,
                      "column '%s' belongs to no group of features; must be of "
                      "the set is09",
                      columns[i]);
  return KJ_OK;
}

static kj_status fill_experts(kj_explainer *e, const char *const *columns,
                              kj_error *err)
{
  const kj_routing *routing = &e->parts->routing;
  kj_status status =
      kj_estimator_scratch_create(e->estimator, 1, NULL, &e->scratch, err);
  for (size_t k = 0; status == KJ_OK && k < 2; k++)
    status = kj_explainer_create(routing->component[k], columns,
                                 e->parts->scaler.n, &e->expert[k], err);
  return status;
}

static kj_status fill(kj_explainer *e, const char *const *columns,
                      kj_error *err)
{
  const size_t n = e->parts->scaler.n;
  if (has_experts(e->parts))
    return fill_experts(e, columns, err);
  e->group = kj__allocate(NULL, n, sizeof *e->group);
  e->scaled = kj__allocate(NULL, n, sizeof *e->scaled);
  e->feature = kj__allocate(NULL, n, e->parts->n_targets * sizeof *e->feature);
  if (!e->group || !e->scaled || !e->feature)
    return kj__fail_memory(err, "an explainer");
  kj_status status = find_groups(e, columns, err);
  if (status == KJ_OK)
    status =
        kj_estimator_scratch_create(e->estimator, 1, NULL, &e->scratch, err);
  for (size_t p = 0; status == KJ_OK && p < e->parts->n_parts; p++)
    status =
        kj__path_create(&e->parts->part[p].network->shape, &e->path[p], err);
  for (size_t m = 0; status == KJ_OK && m < e->parts->n_others; m++)
    status =
        kj_explainer_create(e->parts->other[m], columns, n, &e->other[m], err);
  return status;
}

kj_status kj_explainer_create(const kj_estimator *estimator,
                              const char *const *columns, size_t n_columns,
                              kj_explainer **out, kj_error *err)
{
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  kj_status status = check(parts, n_columns, err);
  if (status != KJ_OK)
    return status;
  kj_explainer *e = kj__allocate(NULL, 1, sizeof *e);
  if (!e)
    return kj__fail_memory(err, "an explainer");
  e->estimator = estimator;
  e->parts = parts;
  status = fill(e, columns, err);
  if (status == KJ_OK)
    *out = e;
  else
    kj_explainer_destroy(e);
  return status;
}

void kj_explainer_destroy(kj_explainer *explainer)
{
  if (!explainer)
    return;
  for (size_t k = 0; k < 2; k++)
    kj_explainer_destroy(explainer->expert[k]);
  for (size_t m = 0; m < KJ_MAX_MEMBERS - 1; m++)
    kj_explainer_destroy(explainer->other[m]);
  for (size_t p = 0; p < KJ_MAX_TARGETS; p++)
    kj__path_destroy(explainer->path[p]);
  kj_estimator_scratch_destroy(explainer->scratch);
  kj__release(NULL, explainer->group);
  kj__release(NULL, explainer->scaled);
  kj__release(NULL, explainer->feature);
  kj__release(NULL, explainer);
}

/* One output of one part; the estimate stands in *out already. */
static kj_status explain_target(kj_explainer *e, size_t p, size_t k,
                                kj_explanation *out, kj_error *err)
{
  const kj_estimator_part *part = &e->parts->part[p];
  const size_t n = e->parts->scaler.n;
  const size_t target = part->first_target + k;
  const double slope = e->parts->slope[target];
  double *feature = e->feature + target * n;
  const kj__path_ends ends =
      kj__path_integrate(e->path[p], part->network, e->scaled, k, feature);
  out->baseline = slope * ends.from + e->parts->offset[target];
  /* The log odds, not the probability; one member's, not the mean. */
  if (e->parts->link == KJ_LINK_LOGIT || e->parts->n_others > 0)
    out->estimate = slope * ends.to + e->parts->offset[target];
  out->feature = feature;
  out->n_pieces = ends.n_pieces;
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) {
    feature[i] *= slope;
    out->group[e->group[i].trait][e->group[i].aspect] += feature[i];
    sum += feature[i];
  }
  const double gap = fabs(out->estimate - out->baseline - sum);
  if (!(gap <= KJ_EXPLANATION_TOLERANCE))
    return kj__fail(err, KJ_EDATA,
                    "attributions of %s miss the estimate by %g; must be at "
                    "most %g: the weights are too large",
                    e->parts->target[target], gap, KJ_EXPLANATION_TOLERANCE);
  return KJ_OK;
}

/* The expert that the gate names tells its reasons. */
static kj_status explain_expert(kj_explainer *explainer, const float *x,
                                kj_explanation *out, kj_error *err)
{
  double values[KJ_MAX_TARGETS], probability;
  const kj_passage in = {.x = x, .n_rows = 1, .route = KJ_ROUTE_HARD};
  const kj_status status = kj_estimator_route(
      explainer->estimator, explainer->scratch, &in,
      &(kj_routed){.values = values, .probability = &probability}, err);
  return status == KJ_OK
             ? kj_explainer_explain(explainer->expert[probability >= 0.5], x,
                                    out, err)
             : status;
}

/* The estimator's own networks. */
static kj_status explain_alone(kj_explainer *e, const float *x,
                               const double *values, kj_explanation *out,
                               kj_error *err)
{
  const kj_estimator_parts *parts = e->parts;
  kj_status status = KJ_OK;
  kj_scaler_apply(&parts->scaler, x, 1, e->scaled);
  for (size_t p = 0; status == KJ_OK && p < parts->n_parts; p++) {
    const kj_network_shape *shape = &parts->part[p].network->shape;
    const size_t first = parts->part[p].first_target;
    const size_t n_outputs = shape->width[shape->n_layers];
    const size_t n = parts->predicts_sd ? n_outputs / 2 : n_outputs;
    for (size_t k = 0; status == KJ_OK && k < n; k++) {
      out[first + k] = (kj_explanation){.estimate = values[first + k]};
      status = explain_target(e, p, k, &out[first + k], err);
    }
  }
  return status;
}

/* Add one member's reasons, each as one of n. */
static void add(kj_explainer *e, size_t target, const kj_explanation *member,
                double n, kj_explanation *sum)
{
  const size_t n_in = e->parts->scaler.n;
  double *feature = e->feature + target * n_in;
  sum->baseline += member->baseline / n;
  sum->n_pieces += member->n_pieces;
  for (int t = 0; t < KJ_N_TRAITS; t++)
    for (int a = 0; a < KJ_N_ASPECTS; a++)
      sum->group[t][a] += member->group[t][a] / n;
  for (size_t i = 0; i < n_in; i++)
    feature[i] += member->feature[i] / n;
}

/* Reasons of a mean are the mean of the reasons. */
static kj_status add_others(kj_explainer *e, const float *x,
                            const double *values, kj_explanation *out,
                            kj_error *err)
{
  const kj_estimator_parts *parts = e->parts;
  const double n = (double)parts->n_others + 1.0;
  kj_explanation member[KJ_MAX_TARGETS];
  kj_status status = KJ_OK;
  for (size_t k = 0; k < parts->n_targets; k++) {
    out[k].baseline /= n;
    for (int j = 0; j < KJ_N_TRAITS * KJ_N_ASPECTS; j++)
      out[k].group[j / KJ_N_ASPECTS][j % KJ_N_ASPECTS] /= n;
    for (size_t i = 0; i < parts->scaler.n; i++)
      e->feature[k * parts->scaler.n + i] /= n;
    out[k].estimate = values[k];
  }
  for (size_t m = 0; status == KJ_OK && m < parts->n_others; m++) {
    status = kj_explainer_explain(e->other[m], x, member, err);
    for (size_t k = 0; status == KJ_OK && k < parts->n_targets; k++)
      add(e, k, &member[k], n, &out[k]);
  }
  return status;
}

kj_status kj_explainer_explain(kj_explainer *explainer, const float *x,
                               kj_explanation *out, kj_error *err)
{
  double values[KJ_MAX_TARGETS];
  if (has_experts(explainer->parts))
    return explain_expert(explainer, x, out, err);
  kj_status status = kj_estimator_estimate(
      explainer->estimator, explainer->scratch, x, 1, 0, values, err);
  if (status == KJ_OK)
    status = explain_alone(explainer, x, values, out, err);
  return status == KJ_OK && explainer->parts->n_others > 0
             ? add_others(explainer, x, values, out, err)
             : status;
}
