/*
 * run.c: a protocol on its data: plan, choose, run, gather.
 */
#include "experiment/run_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "kanjo/routing.h"

#include <jansson.h>

static kj_status begin_routing(kj__run *run, kj__trial *trial, kj_error *err)
{
  kj_status status = KJ_OK;
  if (run->kinds.n_targets == 0)
    status = kj_gate_view(run->data, &run->kinds, err);
  if (status == KJ_OK)
    status = kj__routing_divide(run, trial, err);
  return status == KJ_OK ? KJ_OK
                         : kj__fail_in(err, status, "experiment '%s'",
                                       trial->experiment->id);
}

static kj_status begin(kj__run *run, kj_error *err)
{
  const kj_protocol *p = run->protocol;
  run->arena = kj__arena_create();
  if (!run->arena)
    return kj__fail_memory(err, "a run");
  run->trial = kj__arena_take(run->arena, p->experiments.n, sizeof *run->trial);
  if (!run->trial)
    return kj__fail_memory(err, "a run");
  kj_status status = kj__run_hash_rows(run, err);
  for (size_t e = 0; status == KJ_OK && e < p->experiments.n; e++) {
    run->trial[e].experiment = &p->experiments.item[e];
    status = kj__trial_divide(run, &run->trial[e], err);
    if (status == KJ_OK && p->experiments.item[e].routing)
      status = begin_routing(run, &run->trial[e], err);
    if (status == KJ_OK && p->experiments.item[e].intervals)
      status = kj__intervals_divide(run, &run->trial[e], err);
    if (status == KJ_OK)
      status = kj__trial_plan(run, &run->trial[e], err);
  }
  return status;
}

/* Cells that can be named only once lambda and epsilon are chosen. */
static size_t count_later(const kj__run *run)
{
  size_t n = 0;
  for (size_t e = 0; e < run->protocol->experiments.n; e++) {
    const kj__trial *trial = &run->trial[e];
    for (size_t v = 0; v < trial->n_variants; v++)
      n += trial->variant[v].is_chosen
               ? trial->n_parts *
                     (1 + kj__routing_count(trial, &trial->variant[v]) +
                      kj__intervals_count(trial, &trial->variant[v]))
               : 0;
  }
  return n;
}

static kj_status choose_all(kj__run *run, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t e = 0; status == KJ_OK && e < run->protocol->experiments.n; e++)
    if (run->trial[e].n_choices > 0)
      status = kj__trial_choose(run, &run->trial[e], err);
  return status;
}

static kj_status run_all(kj__run *run, json_t **results, kj_error *err)
{
  const size_t n_later = count_later(run);
  kj_status status = kj__run_tell_plan(run, n_later, err);
  if (status != KJ_OK || run->options->is_dry)
    return status;
  status = kj__run_cells(run, err);
  if (status == KJ_OK && n_later > 0) {
    status = choose_all(run, err);
    if (status == KJ_OK)
      status = kj__run_tell_plan(run, 0, err);
    if (status == KJ_OK)
      status = kj__run_cells(run, err);
  }
  return status == KJ_OK ? kj__run_results(run, results, err) : status;
}

kj_status kj_protocol_run(const kj_protocol *protocol, const kj_dataset *data,
                          kj_run_store *store, const kj_run_options *options,
                          json_t **results, kj_error *err)
{
  kj__run run = {
      .protocol = protocol, .data = data, .store = store, .options = options};
  *results = NULL;
  kj_status status = begin(&run, err);
  if (status == KJ_OK)
    status = run_all(&run, results, err);
  kj_gate_view_clear(&run.kinds);
  kj__index_clear(&run.keys);
  kj__release(NULL, run.cell);
  kj__arena_destroy(run.arena);
  return status;
}
