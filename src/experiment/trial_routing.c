/*
 * trial_routing.c: routed systems of an experiment: what the gate, the experts
 * and the informed estimator are trained on, and the cells of them.
 *
 * All of them estimate all tested rows of a part, so that who is heard is
 * decided afterwards, from the store. The informed estimator is trained with
 * probabilities that it will meet again: a gate knows rows that it was trained
 * on too well, so those of training rows come from gates that were trained
 * without the rows' speakers.
 *
 * Source: Kuwahara et al., ICAART 2020, section 3.3; docs/experiments.md.
 */
#include "experiment/run_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "kanjo/routing.h"

#include <string.h>

static int kind_of(const kj__run *run, size_t row)
{
  return run->data->row[row].spontaneous;
}

/* Both kinds are needed by whoever tells them apart or estimates one. */
static kj_status check_kinds(const kj__run *run, const kj__part *part,
                             const char *whose, kj_error *err)
{
  size_t n[2] = {0, 0};
  for (size_t i = 0; i < part->train.n; i++)
    if (kind_of(run, part->train.index[i]) >= 0)
      n[kind_of(run, part->train.index[i])]++;
  if (n[0] > 0 && n[1] > 0)
    return KJ_OK;
  return kj__fail(err, KJ_EDATA,
                  "fold %zu: of the rows that %s trained on, %zu are "
                  "spontaneous (1 in the column '" KJ_SPONTANEOUS
                  "') and %zu are not (0); routing needs both",
                  part->fold + 1, whose, n[1], n[0]);
}

/* Marks of speakers; who has no name is nobody. */
static void mark_speakers(const kj_dataset *data, kj_rows rows,
                          unsigned char *is_marked)
{
  memset(is_marked, 0, data->groups[KJ_GROUP_SPEAKER].n);
  for (size_t i = 0; i < rows.n; i++) {
    const kj_row *row = &data->row[rows.index[i]];
    if (row->group_name[KJ_GROUP_SPEAKER][0] != '\0')
      is_marked[row->group[KJ_GROUP_SPEAKER]] = 1;
  }
}

/* Working memory of a division. */
typedef struct marks {
  unsigned char *speaker; /* (n_speakers) */
  unsigned char *row;     /* (n_rows) */
} marks;

/* Rows of the corpora that a gate is said to be trained on, without the tested
 * ones and their speakers. */
static size_t list_elsewhere(const kj__run *run, const kj__trial *trial,
                             const kj__part *outer, const marks *m,
                             size_t *index)
{
  const kj_protocol_experiment *e = trial->experiment;
  const kj_dataset *data = run->data;
  size_t n = 0;
  mark_speakers(data, outer->test, m->speaker);
  memset(m->row, 0, data->n_rows);
  for (size_t i = 0; i < outer->test.n; i++)
    m->row[outer->test.index[i]] = 1;
  for (size_t i = 0; i < data->n_rows; i++) {
    const kj_row *row = &data->row[i];
    if (row->spontaneous >= 0 && !m->row[i] &&
        !m->speaker[row->group[KJ_GROUP_SPEAKER]] &&
        kj__texts_have(&e->routing->gate.train,
                       row->group_name[KJ_GROUP_CORPUS]) &&
        kj__filter_passes(e->only, row))
      index[n++] = i;
  }
  return n;
}

/* The rows of a known kind. */
static size_t list_known(const kj__run *run, kj_rows rows, size_t *index)
{
  size_t n = 0;
  for (size_t i = 0; i < rows.n; i++)
    if (kind_of(run, rows.index[i]) >= 0)
      index[n++] = rows.index[i];
  return n;
}

static kj_status fill_gate(kj__run *run, const kj__trial *trial,
                           const kj__part *outer, const marks *m,
                           kj__part *gate, kj_error *err)
{
  const bool is_elsewhere = trial->experiment->routing->gate.train.n > 0;
  const size_t most = is_elsewhere ? run->data->n_rows : outer->train.n;
  size_t *index = kj__arena_take(run->arena, most, sizeof *index);
  if (!index)
    return kj__fail_memory(err, "the rows of a gate");
  const size_t n = is_elsewhere ? list_elsewhere(run, trial, outer, m, index)
                                : list_known(run, outer->train, index);
  *gate = *outer;
  gate->train = (kj_rows){index, n};
  kj__kinds_hash(run, gate->train, gate->train_hash);
  kj__kinds_hash(run, gate->test, gate->test_hash);
  return check_kinds(run, gate, "the gate is", err);
}

static kj_status fill_expert(kj__run *run, const kj__part *outer, int kind,
                             kj__part *expert, kj_error *err)
{
  size_t *index = kj__arena_take(run->arena, outer->train.n, sizeof *index);
  if (!index)
    return kj__fail_memory(err, "the rows of an expert");
  *expert = *outer;
  expert->train.index = index;
  kj_rows_of_kind(run->data, outer->train, kind, index, &expert->train.n);
  kj__rows_hash(run, expert->train, expert->train_hash);
  return KJ_OK;
}

/* An inner fold becomes that of a gate: trained without the fold's speakers,
 * it estimates the fold. */
static kj_status fill_fold(kj__run *run, const kj__part *gate, const marks *m,
                           kj__part *part, kj_error *err)
{
  const kj_dataset *data = run->data;
  size_t *train = kj__arena_take(run->arena, gate->train.n, sizeof *train);
  if (!train)
    return kj__fail_memory(err, "inner folds");
  part->train = (kj_rows){train, 0};
  mark_speakers(data, part->test, m->speaker);
  for (size_t i = 0; i < gate->train.n; i++) {
    const size_t row = gate->train.index[i];
    if (!m->speaker[data->row[row].group[KJ_GROUP_SPEAKER]])
      train[part->train.n++] = row;
  }
  kj__kinds_hash(run, part->train, part->train_hash);
  kj__kinds_hash(run, part->test, part->test_hash);
  return check_kinds(run, part, "a gate of an inner fold is", err);
}

static kj_status fill_informed(kj__run *run, const kj__trial *trial, size_t p,
                               const marks *m, kj_error *err)
{
  const kj__part *outer = &trial->part[p], *gate = &trial->routing->gate[p];
  const kj_folds folds = {.group = KJ_GROUP_SPEAKER,
                          .n = (size_t)trial->experiment->routing->folds,
                          .seed = run->protocol->seed + outer->seed};
  size_t n_folds = 0;
  kj__part *fold = NULL;
  kj_status status = kj__part_divide(run, outer, &folds, &fold, &n_folds, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status, "route features");
  for (size_t f = 0; status == KJ_OK && f < n_folds; f++)
    status = fill_fold(run, gate, m, &fold[f], err);
  trial->routing->informed[p] =
      (kj__informed){.n_folds = n_folds, .fold = fold};
  return status;
}

static kj_status fill(kj__run *run, const kj__trial *trial, size_t p,
                      const marks *m, kj_error *err)
{
  const kj__part *outer = &trial->part[p];
  kj__routing *r = trial->routing;
  kj_status status = fill_gate(run, trial, outer, m, &r->gate[p], err);
  if (status == KJ_OK && run->data->n_targets > 0)
    status = check_kinds(run, outer, "the experts are", err);
  for (int kind = 0; status == KJ_OK && kind < 2; kind++)
    status = fill_expert(run, outer, kind, &r->expert[kind][p], err);
  if (status == KJ_OK && r->informed)
    status = fill_informed(run, trial, p, m, err);
  return status;
}

/* The part of another seed. */
static kj__part repeated(const kj__part *leader, const kj__part *outer)
{
  kj__part part = *leader;
  part.seed = outer->seed;
  return part;
}

static kj_status repeat(kj__run *run, const kj__trial *trial, size_t leader,
                        size_t p, kj_error *err)
{
  kj__routing *r = trial->routing;
  const kj__part *outer = &trial->part[p];
  r->gate[p] = repeated(&r->gate[leader], outer);
  for (int kind = 0; kind < 2; kind++)
    r->expert[kind][p] = repeated(&r->expert[kind][leader], outer);
  if (!r->informed)
    return KJ_OK;
  const kj__informed *of = &r->informed[leader];
  r->informed[p].n_folds = of->n_folds;
  return kj__parts_repeat(run, of->fold, of->n_folds, outer->seed,
                          &r->informed[p].fold, err);
}

static kj_status take(kj__run *run, kj__trial *trial, marks *m, kj_error *err)
{
  const size_t n = trial->n_parts;
  kj__arena *arena = run->arena;
  const bool is_informed =
      run->data->n_targets > 0 &&
      kj_protocol_has_route(trial->experiment->routing, KJ_ROUTE_FEATURES);
  kj__routing *r = kj__arena_take(arena, 1, sizeof *r);
  m->speaker = kj__arena_take(arena, run->data->groups[KJ_GROUP_SPEAKER].n, 1);
  m->row = kj__arena_take(arena, run->data->n_rows, 1);
  if (!r || !m->speaker || !m->row)
    return kj__fail_memory(err, "the rows of routed systems");
  r->gate = kj__arena_take(arena, n, sizeof *r->gate);
  r->expert[0] = kj__arena_take(arena, n, sizeof *r->expert[0]);
  r->expert[1] = kj__arena_take(arena, n, sizeof *r->expert[1]);
  r->gate_cell = kj__arena_take(arena, n, sizeof *r->gate_cell);
  r->informed =
      is_informed ? kj__arena_take(arena, n, sizeof *r->informed) : NULL;
  trial->routing = r;
  return r->gate && r->expert[0] && r->expert[1] && r->gate_cell &&
                 (r->informed || !is_informed)
             ? KJ_OK
             : kj__fail_memory(err, "the rows of routed systems");
}

kj_status kj__routing_divide(kj__run *run, kj__trial *trial, kj_error *err)
{
  marks m;
  const size_t n_leaders = kj__trial_leaders(trial);
  kj_status status = take(run, trial, &m, err);
  for (size_t p = 0; status == KJ_OK && p < trial->n_parts; p++)
    status = p < n_leaders ? fill(run, trial, p, &m, err)
                           : repeat(run, trial, p % n_leaders, p, err);
  return status;
}

/* ---- cells ---- */

static kj_status need_gate(kj__run *run, const kj__trial *trial,
                           const kj__part *part, const char *name, size_t *cell,
                           kj_error *err)
{
  const kj__cell_request request = {.trial = trial,
                                    .part = part,
                                    .is_inner = true,
                                    .is_gate = true,
                                    .contender = name};
  return kj__cell_need(run, &request, cell, err);
}

kj_status kj__routing_need_gates(kj__run *run, kj__trial *trial, kj_error *err)
{
  kj__routing *r = trial->routing;
  kj_status status = KJ_OK;
  for (size_t p = 0; status == KJ_OK && p < trial->n_parts; p++) {
    status = need_gate(run, trial, &r->gate[p], "gate", &r->gate_cell[p], err);
    if (status != KJ_OK || !r->informed)
      continue;
    kj__informed *informed = &r->informed[p];
    informed->outer = &r->gate[p];
    informed->cell = r->gate_cell[p];
    informed->fold_cell = kj__arena_take(run->arena, informed->n_folds,
                                         sizeof *informed->fold_cell);
    if (!informed->fold_cell)
      return kj__fail_memory(err, "inner folds");
    for (size_t f = 0; status == KJ_OK && f < informed->n_folds; f++)
      status = need_gate(run, trial, &informed->fold[f], "gate:fold",
                         &informed->fold_cell[f], err);
  }
  return status;
}

static bool is_routed(const kj__trial *trial, const kj__variant *v)
{
  return trial->routing &&
         kj__variant_is_named(trial, v, &trial->experiment->routing->methods);
}

size_t kj__routing_count(const kj__trial *trial, const kj__variant *v)
{
  return is_routed(trial, v) ? 2 + (trial->routing->informed ? 1 : 0) : 0;
}

/* "vat:spontaneous" */
static kj_status name_cell(kj__run *run, const char *method,
                           const char *component, const char **name,
                           kj_error *err)
{
  const char *prefix = kj__arena_joined(run->arena, method, ":");
  *name = prefix ? kj__arena_joined(run->arena, prefix, component) : NULL;
  return *name ? KJ_OK : kj__fail_memory(err, "a cell");
}

/* One cell a part, of rows `part`. */
static kj_status need_component(kj__run *run, const kj__trial *trial,
                                const kj__variant *v, kj_component component,
                                size_t *cell, kj_error *err)
{
  const kj__routing *r = trial->routing;
  const bool is_informed = component == KJ_COMPONENT_INFORMED;
  const kj__part *part = is_informed ? trial->part : r->expert[component];
  kj__cell_request request = {
      .trial = trial, .method = v->method, .is_inner = true};
  kj_status status =
      name_cell(run, v->method->name, kj_component_name(component),
                &request.contender, err);
  for (size_t p = 0; status == KJ_OK && p < trial->n_parts; p++) {
    request.part = &part[p];
    request.smoothing = &v->smoothing[p];
    request.informed = is_informed ? &r->informed[p] : NULL;
    status = kj__cell_need(run, &request, &cell[p], err);
  }
  return status;
}

kj_status kj__routing_need(kj__run *run, const kj__trial *trial, kj__variant *v,
                           kj_error *err)
{
  size_t **const to[] = {[KJ_COMPONENT_SCRIPTED] = &v->expert[0],
                         [KJ_COMPONENT_SPONTANEOUS] = &v->expert[1],
                         [KJ_COMPONENT_INFORMED] = &v->informed};
  kj_status status = KJ_OK;
  if (!is_routed(trial, v))
    return KJ_OK;
  for (size_t c = 0; status == KJ_OK && c < KJ_N_COMPONENTS; c++) {
    if (!to[c] || (c == KJ_COMPONENT_INFORMED && !trial->routing->informed))
      continue;
    *to[c] = kj__arena_take(run->arena, trial->n_parts, sizeof **to[c]);
    status = *to[c]
                 ? need_component(run, trial, v, (kj_component)c, *to[c], err)
                 : kj__fail_memory(err, "the cells of routed systems");
  }
  return status;
}
