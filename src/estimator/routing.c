/*
 * routing.c: a gate, two experts, and who of them is heard.
 *
 *   p = gate(x), the probability of spontaneous speech
 *   hard      expert(p >= 1/2)                    the paper's figure 2
 *   soft      p spontaneous + (1 - p) scripted
 *   oracle    expert(the true kind)
 *   features  informed(x, p)
 *   plain     the estimator of all speech
 *
 * Source: Kuwahara et al., ICAART 2020, section 3.3; docs/routing.md.
 */
#include "estimator/parts.h"

#include "base/error.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

static const char *const LINK_NAMES[] = {
#define LINK_NAME(id, name) name,
    KJ_LINK_LIST(LINK_NAME)
#undef LINK_NAME
};

static const char *const ROUTE_NAMES[] = {
#define ROUTE_NAME(id, name) name,
    KJ_ROUTE_LIST(ROUTE_NAME)
#undef ROUTE_NAME
};

static const char *const COMPONENT_NAMES[] = {
#define COMPONENT_NAME(id, name) name,
    KJ_COMPONENT_LIST(COMPONENT_NAME)
#undef COMPONENT_NAME
};

enum {
  N_LINKS = sizeof LINK_NAMES / sizeof LINK_NAMES[0],
  N_ROUTES = sizeof ROUTE_NAMES / sizeof ROUTE_NAMES[0]
};

const char *kj_link_name(kj_link link)
{
  return (unsigned)link < N_LINKS ? LINK_NAMES[link] : NULL;
}

const char *kj_route_name(kj_route route)
{
  return (unsigned)route < N_ROUTES ? ROUTE_NAMES[route] : NULL;
}

const char *kj_component_name(kj_component component)
{
  return (unsigned)component < KJ_N_COMPONENTS ? COMPONENT_NAMES[component]
                                               : NULL;
}

bool kj_route_find(const char *name, kj_route *route)
{
  for (size_t r = 0; r < N_ROUTES; r++)
    if (strcmp(ROUTE_NAMES[r], name) == 0) {
      *route = (kj_route)r;
      return true;
    }
  return false;
}

/* ---- who is heard ---- */

typedef bool predicate(const kj_estimator *estimator);

static bool predicts_sd(const kj_estimator *estimator)
{
  return estimator->parts.predicts_sd;
}

/* Whether it holds for all who are heard. */
static bool is_true_of(predicate *holds, const kj_estimator *estimator,
                       kj_route route)
{
  const kj_estimator *const *component = estimator->parts.routing.component;
  const kj_estimator *informed = component[KJ_COMPONENT_INFORMED];
  if (!component[KJ_COMPONENT_GATE] || route == KJ_ROUTE_PLAIN)
    return holds(estimator);
  if (route == KJ_ROUTE_FEATURES)
    return informed && holds(informed);
  return holds(component[KJ_COMPONENT_SCRIPTED]) &&
         holds(component[KJ_COMPONENT_SPONTANEOUS]);
}

bool kj_route_predicts_sd(const kj_estimator *estimator, kj_route route)
{
  return is_true_of(predicts_sd, estimator, route);
}

bool kj_route_has_sd(const kj_estimator *estimator, kj_route route)
{
  const bool is_mixed =
      estimator->parts.routing.component[KJ_COMPONENT_GATE] != NULL &&
      route == KJ_ROUTE_SOFT;
  return is_mixed || is_true_of(kj_estimator_has_sd, estimator, route);
}

/* ---- do they fit ---- */

/* The width that a component's features must have. */
static size_t features_of(const kj_estimator_parts *parts, size_t c)
{
  return parts->scaler.n + (c == KJ_COMPONENT_INFORMED);
}

static bool is_gate(const kj_estimator_parts *parts)
{
  return parts->link == KJ_LINK_LOGIT && parts->n_targets == 1 &&
         strcmp(parts->target[0], KJ_SPONTANEOUS) == 0;
}

static kj_status check_component(const kj_estimator_parts *parts, size_t c,
                                 kj_error *err)
{
  const kj_estimator_parts *inner = &parts->routing.component[c]->parts;
  if (inner->scaler.n != features_of(parts, c))
    return kj__fail(err, KJ_ESHAPE, "%zu features; must be %zu",
                    inner->scaler.n, features_of(parts, c));
  if (inner->normalisation != parts->normalisation)
    return kj__fail(err, KJ_EARGUMENT,
                    "normalisation is %d; must be that of the estimator, %d",
                    (int)inner->normalisation, (int)parts->normalisation);
  if (inner->routing.component[KJ_COMPONENT_GATE])
    return kj__fail(err, KJ_EARGUMENT, "has experts itself");
  if (c == KJ_COMPONENT_GATE
          ? !is_gate(inner)
          : inner->link != KJ_LINK_IDENTITY || !kj__same_targets(inner, parts))
    return kj__fail(err, KJ_ESHAPE, "targets are not %s",
                    c == KJ_COMPONENT_GATE ? "one probability, " KJ_SPONTANEOUS
                                           : "those of the estimator");
  return KJ_OK;
}

/* What the route needs is there, and nothing without a gate. */
static kj_status check_presence(const kj_routing *routing, kj_error *err)
{
  const bool has_gate = routing->component[KJ_COMPONENT_GATE] != NULL;
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++) {
    const bool is_there = routing->component[c] != NULL;
    if (is_there != has_gate && (is_there || c != KJ_COMPONENT_INFORMED))
      return kj__fail(err, KJ_EARGUMENT, "%s is %s, the gate is %s",
                      COMPONENT_NAMES[c], is_there ? "there" : "not there",
                      has_gate ? "there" : "not there");
  }
  if (!has_gate)
    return KJ_OK;
  if (!kj_route_name(routing->route) || routing->route == KJ_ROUTE_ORACLE)
    return kj__fail(err, KJ_EARGUMENT,
                    "route is %d; must be plain, hard, soft or features",
                    (int)routing->route);
  if (routing->route == KJ_ROUTE_FEATURES &&
      !routing->component[KJ_COMPONENT_INFORMED])
    return kj__fail(err, KJ_EARGUMENT,
                    "route is features, but there is no informed estimator");
  return KJ_OK;
}

kj_status kj__routing_check(const kj_estimator_parts *parts, kj_error *err)
{
  kj_status status = check_presence(&parts->routing, err);
  if (status == KJ_OK && parts->routing.component[KJ_COMPONENT_GATE] &&
      parts->link != KJ_LINK_IDENTITY)
    status = kj__fail(err, KJ_EARGUMENT, "a gate can have no experts");
  for (size_t c = 0; c < KJ_N_COMPONENTS && status == KJ_OK; c++)
    if (parts->routing.component[c]) {
      status = check_component(parts, c, err);
      if (status != KJ_OK)
        kj__fail_in(err, status, "%s", COMPONENT_NAMES[c]);
    }
  return status;
}

/* ---- scratch ---- */

kj_status kj__routing_scratch_create(kj_estimator_scratch *scratch,
                                     kj_error *err)
{
  const kj_estimator *estimator = scratch->estimator;
  const size_t n_targets = estimator->parts.n_targets;
  if (!estimator->component[KJ_COMPONENT_GATE])
    return KJ_OK;
  scratch->probability = kj__scratch_rows(scratch, 1, sizeof(double));
  for (size_t e = 0; e < 2; e++) {
    scratch->opinion[e] = kj__scratch_rows(scratch, n_targets, sizeof(double));
    scratch->opinion_sd[e] =
        kj__scratch_rows(scratch, n_targets, sizeof(double));
  }
  scratch->informed =
      kj__scratch_rows(scratch, estimator->parts.scaler.n + 1, sizeof(float));
  if (!scratch->probability || !scratch->opinion[0] || !scratch->opinion[1] ||
      !scratch->opinion_sd[0] || !scratch->opinion_sd[1] || !scratch->informed)
    return kj__fail_memory(err, "the scratch of an estimator");
  kj_status status = KJ_OK;
  for (size_t c = 0; c < KJ_N_COMPONENTS && status == KJ_OK; c++)
    if (estimator->component[c])
      status = kj_estimator_scratch_create(
          estimator->component[c], scratch->max_rows, &scratch->allocator,
          &scratch->component[c], err);
  return status;
}

void kj__routing_scratch_destroy(kj_estimator_scratch *scratch)
{
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++)
    kj_estimator_scratch_destroy(scratch->component[c]);
  kj__release(&scratch->allocator, scratch->informed);
  for (size_t e = 0; e < 2; e++) {
    kj__release(&scratch->allocator, scratch->opinion[e]);
    kj__release(&scratch->allocator, scratch->opinion_sd[e]);
  }
  kj__release(&scratch->allocator, scratch->probability);
}

/* ---- estimates ---- */

/* At most max_rows rows under way. */
typedef struct passage {
  kj_estimator_scratch *scratch;
  kj_passage rows;
} passage;

static kj__rows_in rows_of(const passage *p, const float *x)
{
  return (kj__rows_in){x, p->rows.n_rows, p->rows.already_scaled != 0};
}

/* One of the estimators; sd (or NULL) is left alone where it tells none. */
static void ask(kj_estimator_scratch *scratch, const kj__rows_in *rows,
                double *values, double *sd)
{
  const bool tells = kj_estimator_has_sd(scratch->estimator);
  kj__estimate_plain(scratch, rows, values, tells ? sd : NULL);
}

/* p as the informed estimator's scaler would make it: from -1 to 1. */
static float standardise(const kj_scaler *scaler, double probability)
{
  const size_t last = scaler->n - 1;
  return ((float)probability - scaler->mean[last]) * scaler->inverse_sd[last];
}

static void ask_informed(const passage *p, double *values, double *sd)
{
  const kj_scaler *scaler =
      &p->scratch->estimator->component[KJ_COMPONENT_INFORMED]->parts.scaler;
  const size_t n = scaler->n - 1;
  for (size_t i = 0; i < p->rows.n_rows; i++) {
    float *row = p->scratch->informed + i * (n + 1);
    memcpy(row, p->rows.x + i * n, n * sizeof *row);
    row[n] = p->rows.already_scaled != 0
                 ? standardise(scaler, p->scratch->probability[i])
                 : (float)p->scratch->probability[i];
  }
  const kj__rows_in rows = rows_of(p, p->scratch->informed);
  ask(p->scratch->component[KJ_COMPONENT_INFORMED], &rows, values, sd);
}

/* How much of the spontaneous expert goes into row i. */
static double share(const passage *p, size_t i)
{
  const double probability = p->scratch->probability[i];
  switch (p->rows.route) {
  case KJ_ROUTE_SOFT:
    return probability;
  case KJ_ROUTE_ORACLE:
    return p->rows.spontaneous[i];
  default:
    return probability >= 0.5;
  }
}

kj__opinion kj__mix(double w, kj__opinion a, kj__opinion b)
{
  const double gap = b.value - a.value;
  return (kj__opinion){w == 0.0   ? a.value
                       : w == 1.0 ? b.value
                                  : (1.0 - w) * a.value + w * b.value,
                       sqrt((1.0 - w) * a.sd * a.sd + w * b.sd * b.sd +
                            w * (1.0 - w) * gap * gap)};
}

static void mix(const passage *p, double *values, double *sd)
{
  kj_estimator_scratch *scratch = p->scratch;
  const size_t K = scratch->estimator->parts.n_targets;
  const kj__rows_in rows = rows_of(p, p->rows.x);
  for (size_t e = 0; e < 2; e++) { /* the experts come first */
    memset(scratch->opinion_sd[e], 0, rows.n_rows * K * sizeof(double));
    ask(scratch->component[e], &rows, scratch->opinion[e],
        scratch->opinion_sd[e]);
  }
  for (size_t j = 0; j < rows.n_rows * K; j++) {
    const kj__opinion both = kj__mix(
        share(p, j / K),
        (kj__opinion){scratch->opinion[0][j], scratch->opinion_sd[0][j]},
        (kj__opinion){scratch->opinion[1][j], scratch->opinion_sd[1][j]});
    values[j] = both.value;
    if (sd)
      sd[j] = both.sd;
  }
}

static void pass(const passage *p, const kj_routed *out)
{
  kj_estimator_scratch *scratch = p->scratch;
  const size_t K = scratch->estimator->parts.n_targets;
  const kj__rows_in rows = rows_of(p, p->rows.x);
  ask(scratch->component[KJ_COMPONENT_GATE], &rows, scratch->probability, NULL);
  for (size_t i = 0; out->probability && i < rows.n_rows; i++)
    out->probability[i] = scratch->probability[i];
  for (size_t j = 0; out->sd && j < rows.n_rows * K; j++)
    out->sd[j] = 0.0;
  if (p->rows.route == KJ_ROUTE_PLAIN)
    ask(scratch, &rows, out->values, out->sd);
  else if (p->rows.route == KJ_ROUTE_FEATURES)
    ask_informed(p, out->values, out->sd);
  else
    mix(p, out->values, out->sd);
}

static kj_status check_route(const kj_estimator *estimator,
                             const kj_passage *in, kj_error *err)
{
  if (!estimator->component[KJ_COMPONENT_GATE])
    return kj__fail(err, KJ_EARGUMENT,
                    "the estimator has no gate and no experts");
  if (!kj_route_name(in->route))
    return kj__fail(err, KJ_EARGUMENT, "route is %d; no such route",
                    (int)in->route);
  if (in->route == KJ_ROUTE_FEATURES &&
      !estimator->component[KJ_COMPONENT_INFORMED])
    return kj__fail(err, KJ_EARGUMENT,
                    "route is features, but there is no informed estimator");
  for (size_t i = 0; in->route == KJ_ROUTE_ORACLE && i < in->n_rows; i++)
    if (in->spontaneous[i] != 0 && in->spontaneous[i] != 1)
      return kj__fail(err, KJ_EARGUMENT,
                      "spontaneous of row %zu (from 0) is %d; must be 0 or 1",
                      i, in->spontaneous[i]);
  return KJ_OK;
}

/* The outputs of the rows from `first` on; and at most max_rows of them. */
static kj_routed put_from(const kj_routed *out, size_t first, size_t n_targets)
{
  return (kj_routed){.values = out->values + first * n_targets,
                     .probability =
                         out->probability ? out->probability + first : NULL,
                     .sd = out->sd ? out->sd + first * n_targets : NULL};
}

static passage take_from(kj_estimator_scratch *scratch, const kj_passage *in,
                         size_t first)
{
  const size_t left = in->n_rows - first;
  passage p = {scratch, *in};
  p.rows.x += first * scratch->estimator->parts.scaler.n;
  p.rows.n_rows = left < scratch->max_rows ? left : scratch->max_rows;
  if (p.rows.spontaneous)
    p.rows.spontaneous += first;
  return p;
}

kj_status kj_estimator_route(const kj_estimator *estimator,
                             kj_estimator_scratch *scratch,
                             const kj_passage *in, const kj_routed *out,
                             kj_error *err)
{
  const kj_estimator_parts *parts = &estimator->parts;
  kj_status status = check_route(estimator, in, err);
  if (status == KJ_OK)
    status = kj__estimate_check(estimator, scratch, in->x, in->n_rows,
                                in->already_scaled != 0, err);
  if (status != KJ_OK)
    return status;
  for (size_t first = 0; first < in->n_rows; first += scratch->max_rows) {
    const passage p = take_from(scratch, in, first);
    const kj_routed here = put_from(out, first, parts->n_targets);
    pass(&p, &here);
  }
  return kj__values_check(parts, out->values, in->n_rows, err);
}
