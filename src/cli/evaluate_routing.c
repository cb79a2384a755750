/*
 * evaluate_routing.c: rows of every kind, estimated by everybody who could be
 * heard.
 */
#include "cli/evaluate_routing.h"

#include "base/error.h"
#include "cli/binary_table.h"
#include "cli/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the gate ---- */

typedef struct gate_result {
  kj_binary_metrics metrics;
  kj_interval interval[KJ_N_BINARY_METRICS];
} gate_result;

/* Rows of known kind; clusters are speakers, or rows where none has a name. */
static size_t gather_kinds(const kj_dataset *data, const double *probability,
                           double *truth, double *p, size_t *cluster)
{
  const kj_groups *speakers = &data->groups[KJ_GROUP_SPEAKER];
  const bool is_named = speakers->n > 1;
  size_t n = 0;
  for (size_t i = 0; i < data->n_rows; i++) {
    const kj_row *row = &data->row[i];
    if (row->spontaneous < 0)
      continue;
    truth[n] = row->spontaneous;
    p[n] = probability[i];
    cluster[n++] = is_named ? row->group[KJ_GROUP_SPEAKER] : i;
  }
  return n;
}

static kj_status judge_gate(const kj_dataset *data, const double *probability,
                            gate_result *out, kj_error *err)
{
  const size_t n_rows = data->n_rows;
  double *truth = calloc(n_rows, sizeof *truth);
  double *p = calloc(n_rows, sizeof *p);
  size_t *cluster = calloc(n_rows, sizeof *cluster);
  kj_binary_rows rows = {truth, p, 0, cluster, 0};
  kj_status status = KJ_OK;
  if (!truth || !p || !cluster)
    status = kj__fail_memory(err, "the judgement of a gate");
  else
    rows.n = gather_kinds(data, probability, truth, p, cluster);
  for (size_t i = 0; i < rows.n; i++)
    if (cluster[i] >= rows.n_clusters)
      rows.n_clusters = cluster[i] + 1;
  if (status == KJ_OK && rows.n == 0)
    status = kj__fail(err, KJ_EDATA,
                      "%s: no row tells its kind, 1 or 0 in the column "
                      "'" KJ_SPONTANEOUS "'",
                      data->path);
  if (status == KJ_OK)
    status = kj_binary_metrics_compute(&rows, &out->metrics, err);
  if (status == KJ_OK)
    status = kj_binary_metrics_intervals(&rows, out->interval, err);
  free(truth);
  free(p);
  free(cluster);
  return status;
}

static kj_status ask_gate(const kj_estimator *gate, const kj_dataset *data,
                          gate_result *out, kj_error *err)
{
  double *probability = calloc(data->n_rows, sizeof *probability);
  kj_status status =
      probability ? kj_estimate_rows(gate, data, (kj_rows){NULL, data->n_rows},
                                     probability, err)
                  : kj__fail_memory(err, "the judgement of a gate");
  if (status == KJ_OK)
    status = judge_gate(data, probability, out, err);
  free(probability);
  return status;
}

static void print_gate(const kj_dataset *data, const gate_result *gate)
{
  const size_t n_speakers = data->groups[KJ_GROUP_SPEAKER].n;
  printf("gate: %zu rows of known kind; 95 %% intervals over %s\n",
         gate->metrics.n, n_speakers > 1 ? "speakers" : "rows");
  cli_print_binary(stdout, &gate->metrics, gate->interval);
}

kj_status cli_print_gate(const kj_estimator *gate, const kj_dataset *data,
                         kj_error *err)
{
  gate_result result;
  const kj_status status = ask_gate(gate, data, &result, err);
  if (status == KJ_OK)
    print_gate(data, &result);
  return status;
}

kj_status cli_json_gate(json_t *object, const kj_estimator *gate,
                        const kj_dataset *data, kj_error *err)
{
  gate_result result;
  const kj_status status = ask_gate(gate, data, &result, err);
  if (status == KJ_OK)
    json_object_set_new(object, "gate",
                        cli_json_binary(&result.metrics, result.interval));
  return status;
}

/* ---- everybody who could be heard ---- */

enum { ALL, SCRIPTED, SPONTANEOUS, N_KINDS };
static const char *const KIND_NAMES[N_KINDS] = {"all", "scripted",
                                                "spontaneous"};

/* Whose values: of a component where that is named, else of a route. */
typedef struct hearer {
  const char *name;
  bool is_component;
  kj_component component;
  kj_route route;
} hearer;

static const hearer HEARERS[] = {
    {"plain", false, KJ_COMPONENT_GATE, KJ_ROUTE_PLAIN},
    {"scripted expert", true, KJ_COMPONENT_SCRIPTED, KJ_ROUTE_PLAIN},
    {"spontaneous expert", true, KJ_COMPONENT_SPONTANEOUS, KJ_ROUTE_PLAIN},
    {"hard", false, KJ_COMPONENT_GATE, KJ_ROUTE_HARD},
    {"soft", false, KJ_COMPONENT_GATE, KJ_ROUTE_SOFT},
    {"features", false, KJ_COMPONENT_GATE, KJ_ROUTE_FEATURES},
    {"oracle", false, KJ_COMPONENT_GATE, KJ_ROUTE_ORACLE},
};
enum { N_HEARERS = sizeof HEARERS / sizeof HEARERS[0] };

typedef struct routing_table {
  const kj_estimator *estimator;
  const kj_dataset *data;
  size_t n[N_KINDS][KJ_MAX_TARGETS]; /* rows with a rating */
  bool is_heard[N_HEARERS];
  kj_metrics metrics[N_HEARERS][N_KINDS][KJ_MAX_TARGETS];
} routing_table;

/* The oracle must know every row. */
static bool can_hear(const routing_table *t, const hearer *h)
{
  const kj_routing *routing = &kj_estimator_get_parts(t->estimator)->routing;
  if (!h->is_component && h->route == KJ_ROUTE_FEATURES)
    return routing->component[KJ_COMPONENT_INFORMED] != NULL;
  for (size_t i = 0; h->route == KJ_ROUTE_ORACLE && i < t->data->n_rows; i++)
    if (t->data->row[i].spontaneous < 0)
      return false;
  return true;
}

static kj_status hear(const routing_table *t, const hearer *h, double *values,
                      kj_error *err)
{
  const kj_routing *routing = &kj_estimator_get_parts(t->estimator)->routing;
  const kj_rows all = {NULL, t->data->n_rows};
  if (h->is_component)
    return kj_estimate_rows(routing->component[h->component], t->data, all,
                            values, err);
  return kj_route_rows(t->estimator, t->data, all, h->route,
                       &(kj_routed){.values = values}, err);
}

/* Which of the estimator's targets one of the data is. */
static size_t find_target(const kj_estimator_parts *parts, const char *name)
{
  size_t t = 0;
  while (t < parts->n_targets && strcmp(parts->target[t], name) != 0)
    t++;
  return t;
}

static bool is_of_kind(const kj_row *row, int kind)
{
  return kind == ALL || row->spontaneous == (kind == SPONTANEOUS);
}

/* pairs: room for 2 n_rows numbers. */
static void measure(routing_table *t, size_t h, size_t k, const double *values,
                    double *pairs)
{
  const kj_estimator_parts *parts = kj_estimator_get_parts(t->estimator);
  const kj_dataset *data = t->data;
  const size_t target = find_target(parts, data->target[k]);
  for (int kind = 0; kind < N_KINDS; kind++) {
    size_t n = 0;
    for (size_t i = 0; i < data->n_rows; i++) {
      const double y = (double)data->y[i * data->n_targets + k];
      if (!isfinite(y) || !is_of_kind(&data->row[i], kind))
        continue;
      pairs[n] = y;
      pairs[data->n_rows + n++] = values[i * parts->n_targets + target];
    }
    t->n[kind][k] = n;
    if (n == 0 || kj_metrics_compute(pairs, pairs + data->n_rows, n,
                                     &t->metrics[h][kind][k], NULL) != KJ_OK)
      t->metrics[h][kind][k] =
          (kj_metrics){.mae = (double)NAN, .ccc = (double)NAN};
  }
}

static kj_status fill(routing_table *t, kj_error *err)
{
  const size_t n_rows = t->data->n_rows;
  const size_t n_targets = kj_estimator_get_parts(t->estimator)->n_targets;
  double *values = calloc(n_rows, n_targets * sizeof *values);
  double *pairs = calloc(n_rows, 2 * sizeof *pairs);
  kj_status status =
      values && pairs ? KJ_OK : kj__fail_memory(err, "a table of routes");
  for (size_t h = 0; status == KJ_OK && h < N_HEARERS; h++) {
    t->is_heard[h] = can_hear(t, &HEARERS[h]);
    if (t->is_heard[h])
      status = hear(t, &HEARERS[h], values, err);
    for (size_t k = 0;
         status == KJ_OK && t->is_heard[h] && k < t->data->n_targets; k++)
      measure(t, h, k, values, pairs);
  }
  free(pairs);
  free(values);
  return status;
}

static void print_pair(const kj_metrics *m)
{
  printf(isfinite(m->mae) ? "  %6.3f" : "       -", m->mae);
  printf(isfinite(m->ccc) ? " %6.3f" : "      -", m->ccc);
}

static void print_target(const routing_table *t, size_t k)
{
  enum { NAME_WIDTH = 20 };
  printf("\n%s by who is heard: MAE and CCC\n%-*s", t->data->target[k],
         NAME_WIDTH, "speech");
  for (int kind = 0; kind < N_KINDS; kind++)
    printf("%15s", KIND_NAMES[kind]);
  printf("\n%-*s", NAME_WIDTH, "rows");
  for (int kind = 0; kind < N_KINDS; kind++)
    printf("%15zu", t->n[kind][k]);
  putchar('\n');
  for (size_t h = 0; h < N_HEARERS; h++) {
    if (!t->is_heard[h])
      continue;
    printf("%-*s", NAME_WIDTH, HEARERS[h].name);
    for (int kind = 0; kind < N_KINDS; kind++)
      print_pair(&t->metrics[h][kind][k]);
    putchar('\n');
  }
}

static bool is_any_known(const kj_dataset *data)
{
  for (size_t i = 0; i < data->n_rows; i++)
    if (data->row[i].spontaneous >= 0)
      return true;
  return false;
}

static kj_status make_table(const kj_estimator *estimator,
                            const kj_dataset *data, routing_table **out,
                            kj_error *err)
{
  routing_table *t = calloc(1, sizeof *t);
  if (!t)
    return kj__fail_memory(err, "a table of routes");
  t->estimator = estimator;
  t->data = data;
  const kj_status status = fill(t, err);
  if (status == KJ_OK)
    *out = t;
  else
    free(t);
  return status;
}

static const kj_estimator *gate_of(const kj_estimator *estimator)
{
  return kj_estimator_get_parts(estimator)
      ->routing.component[KJ_COMPONENT_GATE];
}

kj_status cli_print_routing(const kj_estimator *estimator,
                            const kj_dataset *data, kj_error *err)
{
  routing_table *t = NULL;
  const kj_status status = make_table(estimator, data, &t, err);
  for (size_t k = 0; status == KJ_OK && k < data->n_targets; k++)
    print_target(t, k);
  free(t);
  if (status != KJ_OK || !is_any_known(data))
    return status;
  putchar('\n');
  return cli_print_gate(gate_of(estimator), data, err);
}

static json_t *json_target(const routing_table *t, size_t k)
{
  json_t *target = json_object();
  for (size_t h = 0; h < N_HEARERS; h++) {
    if (!t->is_heard[h])
      continue;
    json_t *kinds = json_object();
    for (int kind = 0; kind < N_KINDS; kind++) {
      const kj_metrics *m = &t->metrics[h][kind][k];
      json_object_set_new(
          kinds, KIND_NAMES[kind],
          json_pack("{s:I, s:o, s:o}", "rows", (json_int_t)t->n[kind][k], "mae",
                    cli_json_number(m->mae), "ccc", cli_json_number(m->ccc)));
    }
    json_object_set_new(target, HEARERS[h].name, kinds);
  }
  return target;
}

kj_status cli_json_routing(json_t *object, const kj_estimator *estimator,
                           const kj_dataset *data, kj_error *err)
{
  routing_table *t = NULL;
  const kj_status status = make_table(estimator, data, &t, err);
  if (status == KJ_OK) {
    json_t *targets = json_object();
    for (size_t k = 0; k < data->n_targets; k++)
      json_object_set_new(targets, data->target[k], json_target(t, k));
    json_object_set_new(object, "routes", targets);
  }
  free(t);
  return status == KJ_OK && is_any_known(data)
             ? cli_json_gate(object, gate_of(estimator), data, err)
             : status;
}
