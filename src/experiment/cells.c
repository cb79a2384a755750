/*
 * cells.c: what a cell is named by: a digest of all that decides its numbers.
 */
#include "experiment/fit_state.h"
#include "experiment/run_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/tier.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* All of a row that a fit or its record can see. */
static void hash_row(const kj_dataset *data, size_t i,
                     unsigned char digest[KJ__SHA256_SIZE])
{
  const kj_row *row = &data->row[i];
  const double numbers[] = {row->start_s, row->end_s, row->weight};
  kj__sha256 hash;
  kj__sha256_init(&hash);
  kj__sha256_text(&hash, row->name);
  kj__sha256_text(&hash, row->utterance);
  for (size_t kind = 0; kind < KJ_N_GROUPS; kind++)
    kj__sha256_text(&hash, row->group_name[kind]);
  kj__sha256_update(&hash, numbers, sizeof numbers);
  kj__sha256_update(&hash, data->y + i * data->n_targets,
                    data->n_targets * sizeof *data->y);
  kj__sha256_update(&hash, data->x + i * data->n_inputs,
                    data->n_inputs * sizeof *data->x);
  kj__sha256_finish(&hash, digest);
}

kj_status kj__run_hash_rows(kj__run *run, kj_error *err)
{
  const size_t n = run->data->n_rows;
  run->row_hash = kj__arena_take(run->arena, n, sizeof *run->row_hash);
  if (!run->row_hash)
    return kj__fail_memory(err, "the rows of a run");
  for (size_t i = 0; i < n; i++)
    hash_row(run->data, i, run->row_hash[i]);
  return KJ_OK;
}

void kj__rows_hash(const kj__run *run, kj_rows rows,
                   char hex[KJ__SHA256_HEX_SIZE])
{
  kj__sha256 hash;
  kj__sha256_init(&hash);
  for (size_t k = 0; k < run->data->n_targets; k++)
    kj__sha256_text(&hash, run->data->target[k]);
  for (size_t i = 0; i < rows.n; i++)
    kj__sha256_update(&hash, run->row_hash[kj__row(rows, i)], KJ__SHA256_SIZE);
  kj__sha256_finish_hex(&hash, hex);
}

void kj__kinds_hash(const kj__run *run, kj_rows rows,
                    char hex[KJ__SHA256_HEX_SIZE])
{
  kj__sha256 hash;
  kj__sha256_init(&hash);
  kj__sha256_text(&hash, KJ_SPONTANEOUS);
  for (size_t i = 0; i < rows.n; i++) {
    const size_t row = kj__row(rows, i);
    const signed char kind = (signed char)run->data->row[row].spontaneous;
    kj__sha256_update(&hash, run->row_hash[row], KJ__SHA256_SIZE);
    kj__sha256_update(&hash, &kind, sizeof kind);
  }
  kj__sha256_finish_hex(&hash, hex);
}

/* Unlabelled rows enter the second term of noise and VAT. */
static bool takes_unlabelled(const kj__cell_request *q)
{
  if (q->is_gate)
    return false;
  const kj_smoothing_kind kind = q->smoothing->kind;
  return q->trial->unlabelled.n > 0 && q->method->adapts &&
         (kind == KJ_SMOOTHING_NOISE || kind == KJ_SMOOTHING_VAT);
}

/* The options of the fit. What changes nothing is made the same: lambda 0 is
 * no smoothing (to the bit), a baseline has no seed. */
static kj_fit_options fit_options(const kj__run *run, const kj__cell_request *q)
{
  kj_fit_options options =
      q->is_gate ? kj__protocol_gate(run->protocol,
                                     &q->trial->experiment->routing->gate)
      : q->fit   ? *q->fit
                 : kj__protocol_fit(run->protocol, q->method);
  if (!q->is_gate)
    options.smoothing = *q->smoothing;
  if (options.smoothing.lambda == 0.0)
    options.smoothing.kind = KJ_SMOOTHING_NONE;
  options.seed = run->protocol->seed;
  if (options.method == KJ_METHOD_NETWORK)
    options.seed += q->part->seed;
  return options;
}

/* Multiply-adds of a fit, in forward passes of its networks. */
static double estimate_cost(const kj__run *run, const kj__cell *cell)
{
  /* of a step, docs/smoothing.md */
  static const double passes[] = {2.6, 5.2, 5.6, 5.6};
  const kj_fit_options *o = &cell->options;
  const double n_in = (double)run->data->n_inputs;
  const double n_rows =
      (double)cell->part->train.n + (double)cell->unlabelled.n;
  if (o->method == KJ_METHOD_CONSTANT)
    return 1.0;
  if (o->method == KJ_METHOD_RIDGE)
    return n_rows * n_in * n_in;
  double weights = 0.0, width = n_in;
  for (size_t l = 0; l < o->n_hidden; width = (double)o->hidden[l++])
    weights += width * (double)o->hidden[l];
  weights += width;
  return weights * n_rows * passes[o->smoothing.kind] * (double)o->epochs *
         (double)(o->joint || cell->is_gate ? 1 : run->data->n_targets);
}

/* All that a fit is told; and what its columns are, which their names need not
 * tell. */
static char *settings_text(const kj__run *run, const kj__cell *cell)
{
  json_t *json = kj__fit_options_json(&cell->options,
                                      cell->is_gate ? 1 : run->data->n_targets);
  if (run->data->set_label)
    json_object_set_new(json, "feature_set", json_string(run->data->set_label));
  char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(17));
  json_decref(json);
  return text;
}

/* Its features are the estimates of those cells, too. */
static void hash_gates(const kj__run *run, const kj__informed *informed,
                       kj__sha256 *hash)
{
  kj__sha256_text(hash, "informed");
  for (size_t f = 0; f < informed->n_folds; f++)
    kj__sha256_text(hash, run->cell[informed->fold_cell[f]]->key);
  kj__sha256_text(hash, run->cell[informed->cell]->key);
}

static kj_status describe(const kj__run *run, const kj__cell_request *q,
                          kj__cell *cell, kj_error *err)
{
  char *text = settings_text(run, cell);
  cell->settings = text ? kj__arena_text(run->arena, text) : NULL;
  free(text);
  if (!cell->settings)
    return kj__fail_memory(err, "a cell");
  kj__sha256 hash;
  kj__sha256_init(&hash);
  kj__sha256_text(&hash, q->part->train_hash);
  kj__sha256_text(&hash, q->part->test_hash);
  kj__sha256_text(&hash,
                  cell->unlabelled.n > 0 ? q->trial->unlabelled_hash : "");
  kj__sha256_finish_hex(&hash, cell->data_hash);
  kj__sha256_init(&hash);
  kj__sha256_text(&hash, "kanjo-cell/1");
  kj__sha256_text(&hash, KANJO_VERSION);
  kj__sha256_text(&hash, kj__tier_is_fused() ? "fused" : "");
  kj__sha256_text(&hash, cell->settings);
  kj__sha256_text(&hash, cell->data_hash);
  kj__sha256_text(&hash, cell->has_robustness ? "robustness" : "");
  if (cell->informed)
    hash_gates(run, cell->informed, &hash);
  kj__sha256_finish_hex(&hash, cell->key);
  return KJ_OK;
}

static kj_status add(kj__run *run, kj__cell *cell, size_t *index, kj_error *err)
{
  if (!kj__index_add(&run->keys, cell->key, run->n_cells, index))
    return kj__fail_memory(err, "a cell");
  if (*index != KJ__NONE)
    return KJ_OK;
  void *cells = run->cell;
  if (!kj__grow(&cells, &run->capacity, run->n_cells + 1, sizeof *run->cell))
    return kj__fail_memory(err, "a cell");
  run->cell = cells;
  *index = run->n_cells;
  run->cell[run->n_cells++] = cell;
  return kj_run_store_has(run->store, cell->key, &cell->is_done, err);
}

kj_status kj__cell_need(kj__run *run, const kj__cell_request *q, size_t *index,
                        kj_error *err)
{
  kj__cell *cell = kj__arena_take(run->arena, 1, sizeof *cell);
  if (!cell)
    return kj__fail_memory(err, "a cell");
  *cell =
      (kj__cell){.options = fit_options(run, q),
                 .part = q->part,
                 .experiment = q->trial->experiment->id,
                 .is_gate = q->is_gate,
                 .informed = q->informed,
                 .contender = q->contender ? q->contender : q->method->name};
  if (takes_unlabelled(q) && cell->options.smoothing.kind != KJ_SMOOTHING_NONE)
    cell->unlabelled = q->trial->unlabelled;
  cell->has_robustness =
      !q->is_inner && cell->options.method == KJ_METHOD_NETWORK;
  cell->cost = estimate_cost(run, cell);
  const kj_status status = describe(run, q, cell, err);
  return status == KJ_OK ? add(run, cell, index, err) : status;
}
