/*
 * results_routing.c: routed systems, from the store: each expert on its own
 * kind of speech and on the other (the paper's table 3), and who is heard
 * (table 4), all on the tested rows whose kind is known.
 *
 *   hard      spontaneous expert where p >= 1/2, else the scripted one
 *   soft      p spontaneous + (1 - p) scripted
 *   oracle    the expert of the true kind: what a gate without errors reached
 *   features  the informed estimator
 *   plain     the contender itself
 *
 * Source: Kuwahara et al., ICAART 2020, section 3.3; docs/routing.md.
 */
#include "experiment/results_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define COUNT(id, name) +1
enum { N_ROUTES = 0 KJ_ROUTE_LIST(COUNT) };
#undef COUNT

enum { ROUTE_NAME_SIZE = 96 };

/* A method with its gate and experts. */
typedef struct system {
  const kj__variant *variant;
  kj__measured expert[2], informed;
  bool has[N_ROUTES];
  kj__measured route[N_ROUTES];
  char name[N_ROUTES][ROUTE_NAME_SIZE]; /* "vat:hard" */
} system_of;

/* All of an experiment. */
typedef struct routed {
  kj__run *run;
  const kj__trial *trial;
  kj__tested known, of_kind[2];
  kj__measured gate;
  size_t n_systems;
  system_of *system;
} routed;

/* How much of the spontaneous expert goes into a row. */
static double share(kj_route route, double probability, int kind)
{
  switch (route) {
  case KJ_ROUTE_SOFT:
    return probability;
  case KJ_ROUTE_ORACLE:
    return (double)kind;
  default:
    return probability >= 0.5 ? 1.0 : 0.0;
  }
}

/* As src/estimator/routing.c: an expert that is heard alone is heard to the
 * bit. */
static void mix(const routed *r, const system_of *system, kj_route route,
                double *to)
{
  const kj_dataset *data = r->run->data;
  const size_t n_t = data->n_targets;
  for (size_t s = 0; s < r->gate.n_seeds; s++)
    for (size_t i = 0; i < r->known.seed[s].n; i++) {
      const size_t row = r->known.seed[s].index[i];
      const size_t at = s * data->n_rows + row;
      const double w =
          share(route, r->gate.seed_estimate[at], data->row[row].spontaneous);
      for (size_t k = 0; k < n_t; k++) {
        const double a = system->expert[0].seed_estimate[at * n_t + k];
        const double b = system->expert[1].seed_estimate[at * n_t + k];
        to[at * n_t + k] = w == 0.0 ? a : w == 1.0 ? b : (1.0 - w) * a + w * b;
      }
    }
}

static kj_status take_route(const routed *r, system_of *system, kj_route route,
                            const kj__measured *plain, kj_error *err)
{
  const size_t n_t = r->run->data->n_targets;
  kj__measured *m = &system->route[route];
  const kj_status status = kj__measured_allocate(r->run, n_t, m, err);
  if (status != KJ_OK)
    return status;
  const kj__measured *same = route == KJ_ROUTE_PLAIN      ? plain
                             : route == KJ_ROUTE_FEATURES ? &system->informed
                                                          : NULL;
  if (same)
    memcpy(m->seed_estimate, same->seed_estimate,
           m->n_seeds * r->run->data->n_rows * n_t * sizeof(double));
  else
    mix(r, system, route, m->seed_estimate);
  return KJ_OK;
}

static kj_status take_system(const routed *r, const kj__measured *plain,
                             system_of *system, kj_error *err)
{
  const kj__variant *v = system->variant;
  const size_t n_t = r->run->data->n_targets;
  kj_status status = KJ_OK;
  for (int kind = 0; status == KJ_OK && kind < 2; kind++)
    status = kj__measured_read(r->run, r->trial, v->expert[kind], n_t,
                               &system->expert[kind], err);
  if (status == KJ_OK && v->informed)
    status = kj__measured_read(r->run, r->trial, v->informed, n_t,
                               &system->informed, err);
  for (int i = 0; status == KJ_OK && i < N_ROUTES; i++) {
    const kj_route route = (kj_route)i;
    system->has[i] =
        kj_protocol_has_route(r->trial->experiment->routing, route);
    snprintf(system->name[i], ROUTE_NAME_SIZE, "%s:%s", v->method->name,
             kj_route_name(route));
    if (system->has[i])
      status = take_route(r, system, route, plain, err);
  }
  return status;
}

static kj_status take(routed *r, const kj__tested *tested,
                      const kj__measured *measured, kj_error *err)
{
  const kj__trial *trial = r->trial;
  r->system = kj__allocate(NULL, trial->n_methods, sizeof *r->system);
  kj_status status =
      r->system ? kj__measured_read(r->run, trial, trial->routing->gate_cell, 1,
                                    &r->gate, err)
                : kj__fail_memory(err, "results");
  if (status == KJ_OK)
    status = kj__tested_kind(r->run, tested, -1, &r->known, err);
  for (int kind = 0; status == KJ_OK && kind < 2; kind++)
    status = kj__tested_kind(r->run, tested, kind, &r->of_kind[kind], err);
  for (size_t v = 0; status == KJ_OK && v < trial->n_methods; v++) {
    if (!trial->variant[v].expert[0])
      continue;
    system_of *system = &r->system[r->n_systems++];
    system->variant = &trial->variant[v];
    status = take_system(r, &measured[v], system, err);
  }
  return status;
}

static void clear(routed *r)
{
  kj__measured_clear(&r->gate);
  for (size_t i = 0; i < r->n_systems; i++) {
    system_of *system = &r->system[i];
    kj__measured_clear(&system->expert[0]);
    kj__measured_clear(&system->expert[1]);
    kj__measured_clear(&system->informed);
    for (size_t route = 0; route < N_ROUTES; route++)
      kj__measured_clear(&system->route[route]);
  }
  kj__release(NULL, r->system);
}

/* What the paper has for an expert or a route, with VAT. */
static json_t *paper_json(const routed *r, const system_of *system,
                          const char *name, size_t target)
{
  const json_t *paper = r->trial->experiment->routing->paper;
  json_t *value = json_object_get(json_object_get(paper, name),
                                  r->run->data->target[target]);
  return strcmp(system->variant->method->name, "vat") == 0 &&
                 json_is_number(value)
             ? json_incref(value)
             : json_null();
}

/* Into systems (n_targets): one object a system. */
static void begin_systems(const routed *r, json_t **systems)
{
  for (size_t k = 0; k < r->run->data->n_targets; k++) {
    systems[k] = json_array();
    for (size_t i = 0; i < r->n_systems; i++)
      json_array_append_new(systems[k],
                            json_pack("{s:s, s:[], s:[]}", "method",
                                      r->system[i].variant->method->name,
                                      "experts", "routes"));
  }
}

/* Whoever has learned from some rows, measured on each kind. What the paper
 * has for plain is of both together, and stands with the routes. */
static kj_status measure_kinds(routed *r, size_t index, const char *name,
                               kj__measured *m, json_t **systems, kj_error *err)
{
  const size_t n_t = r->run->data->n_targets;
  kj_status status = KJ_OK;
  for (size_t k = 0; k < n_t; k++)
    json_array_append_new(
        json_object_get(json_array_get(systems[k], index), "experts"),
        json_pack("{s:s, s:o}", "name", name, "paper",
                  m == &r->system[index].route[KJ_ROUTE_PLAIN]
                      ? json_null()
                      : paper_json(r, &r->system[index], name, k)));
  for (int kind = 0; status == KJ_OK && kind < 2; kind++) {
    status = kj__measured_judge(r->run, &r->of_kind[kind], m, err);
    for (size_t k = 0; status == KJ_OK && k < n_t; k++) {
      json_t *experts =
          json_object_get(json_array_get(systems[k], index), "experts");
      json_object_set_new(json_array_get(experts, json_array_size(experts) - 1),
                          kj_component_name((kj_component)kind),
                          kj__metrics_json(m, k));
    }
  }
  return status;
}

static kj_status measure_routes(routed *r, size_t index, json_t **systems,
                                kj_error *err)
{
  system_of *system = &r->system[index];
  kj_status status = KJ_OK;
  for (int i = 0; status == KJ_OK && i < N_ROUTES; i++) {
    if (!system->has[i])
      continue;
    const char *name = kj_route_name((kj_route)i);
    status = kj__measured_judge(r->run, &r->known, &system->route[i], err);
    for (size_t k = 0; status == KJ_OK && k < r->run->data->n_targets; k++)
      json_array_append_new(
          json_object_get(json_array_get(systems[k], index), "routes"),
          json_pack("{s:s, s:o, s:o}", "name", name, "paper",
                    paper_json(r, system, name, k), "metrics",
                    kj__metrics_json(&system->route[i], k)));
  }
  return status;
}

static kj_status measure_systems(routed *r, json_t **systems, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < r->n_systems; i++) {
    system_of *system = &r->system[i];
    for (int c = 0; status == KJ_OK && c < 2; c++)
      status = measure_kinds(r, i, kj_component_name((kj_component)c),
                             &system->expert[c], systems, err);
    if (status == KJ_OK)
      status = measure_kinds(r, i, kj_route_name(KJ_ROUTE_PLAIN),
                             &system->route[KJ_ROUTE_PLAIN], systems, err);
    if (status == KJ_OK)
      status = measure_routes(r, i, systems, err);
  }
  return status;
}

/* Every route against plain, and hard against oracle: what the gate's errors
 * cost. A constant's routes are left out: it has no CCC. */
static void list_pairs(const routed *r, kj__pairs *pairs)
{
  for (size_t i = 0; i < r->n_systems; i++) {
    const system_of *system = &r->system[i];
    const size_t others[][2] = {{KJ_ROUTE_HARD, KJ_ROUTE_PLAIN},
                                {KJ_ROUTE_SOFT, KJ_ROUTE_PLAIN},
                                {KJ_ROUTE_ORACLE, KJ_ROUTE_PLAIN},
                                {KJ_ROUTE_FEATURES, KJ_ROUTE_PLAIN},
                                {KJ_ROUTE_HARD, KJ_ROUTE_ORACLE}};
    if (system->variant->method->method == KJ_METHOD_CONSTANT)
      continue;
    for (size_t o = 0; o < sizeof others / sizeof others[0]; o++) {
      const size_t a = others[o][0], b = others[o][1];
      if (system->has[a] && system->has[b])
        kj__pairs_add(pairs, (kj__pair){.a = &system->route[a],
                                        .b = &system->route[b],
                                        .a_name = system->name[a],
                                        .b_name = system->name[b]});
    }
  }
}

static kj_status add_target(routed *r, size_t target, json_t *systems,
                            json_t *targets, kj_error *err)
{
  kj__pairs pairs = {0};
  json_t *comparisons = NULL;
  list_pairs(r, &pairs);
  const kj_status status =
      kj__pairs_json(r->run, &r->known, target, &pairs, &comparisons, err);
  if (status == KJ_OK)
    json_array_append_new(targets,
                          json_pack("{s:s, s:O, s:o}", "name",
                                    r->run->data->target[target], "systems",
                                    systems, "comparisons", comparisons));
  return status;
}

static kj_status targets_json(routed *r, json_t **out, kj_error *err)
{
  json_t *systems[KJ_MAX_TARGETS] = {NULL}, *targets = json_array();
  begin_systems(r, systems);
  kj_status status = measure_systems(r, systems, err);
  for (size_t k = 0; k < r->run->data->n_targets; k++) {
    if (status == KJ_OK)
      status = add_target(r, k, systems[k], targets, err);
    json_decref(systems[k]);
  }
  if (status == KJ_OK)
    *out = targets;
  else
    json_decref(targets);
  return status;
}

static kj_status describe(routed *r, const kj__tested *tested, json_t **out,
                          kj_error *err)
{
  json_t *gate = NULL, *targets = NULL;
  kj_status status =
      kj__gate_json(r->run, r->trial, &r->known, &r->gate, &gate, err);
  if (status == KJ_OK)
    status = targets_json(r, &targets, err);
  if (status != KJ_OK) {
    json_decref(gate);
    return status;
  }
  *out = json_pack("{s:I, s:I, s:I, s:o, s:o}", "n_scripted",
                   (json_int_t)r->of_kind[0].any.n, "n_spontaneous",
                   (json_int_t)r->of_kind[1].any.n, "n_unknown",
                   (json_int_t)(tested->any.n - r->known.any.n), "gate", gate,
                   "targets", targets);
  return *out ? KJ_OK : kj__fail_memory(err, "results");
}

kj_status kj__routing_json(kj__run *run, const kj__trial *trial,
                           const kj__tested *tested,
                           const kj__measured *measured, json_t **out,
                           kj_error *err)
{
  routed r = {.run = run, .trial = trial};
  if (!trial->routing) {
    *out = json_null();
    return KJ_OK;
  }
  kj_status status = take(&r, tested, measured, err);
  if (status == KJ_OK)
    status = describe(&r, tested, out, err);
  clear(&r);
  return status;
}
