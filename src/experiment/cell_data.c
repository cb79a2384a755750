/*
 * cell_data.c: the data as a cell sees them: ratings; kinds, for a gate; or
 * ratings, and the gate's probability as one more feature.
 */
#include "experiment/run_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "kanjo/routing.h"

/* Where the probabilities of one gate go. */
typedef struct reading {
  kj_rows rows;
  double *probability;
} reading;

static kj_status keep(void *context, const kj_run_record *record, kj_error *err)
{
  const reading *r = context;
  const kj_status status = kj__record_check(record, r->rows.n, false, err);
  for (size_t i = 0; status == KJ_OK && i < r->rows.n; i++)
    r->probability[r->rows.index[i]] = record->estimate[i];
  return status;
}

kj_status kj__informed_read(kj__run *run, kj__informed *informed, kj_error *err)
{
  if (informed->probability)
    return KJ_OK;
  reading r = {.probability = kj__arena_take(run->arena, run->data->n_rows,
                                             sizeof *r.probability)};
  if (!r.probability)
    return kj__fail_memory(err, "the probabilities of a gate");
  r.rows = informed->outer->test;
  kj_status status = kj_run_store_visit(
      run->store, run->cell[informed->cell]->key, keep, &r, err);
  for (size_t f = 0; status == KJ_OK && f < informed->n_folds; f++) {
    r.rows = informed->fold[f].test;
    status = kj_run_store_visit(
        run->store, run->cell[informed->fold_cell[f]]->key, keep, &r, err);
  }
  if (status == KJ_OK)
    informed->probability = r.probability;
  return status;
}

kj_status kj__cell_data_create(const kj__run *run, const kj__cell *cell,
                               kj__cell_data *out, kj_error *err)
{
  *out = (kj__cell_data){.data = cell->is_gate ? &run->kinds : run->data};
  if (!cell->informed)
    return KJ_OK;
  out->data = &out->wide;
  return kj_informed_view(run->data, cell->informed->probability, &out->wide,
                          err);
}

void kj__cell_data_clear(kj__cell_data *data)
{
  kj_informed_view_clear(&data->wide);
  *data = (kj__cell_data){0};
}
