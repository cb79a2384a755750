/*
 * cell_data.c: the data as a cell sees them: ratings; kinds, for a gate; or
 * ratings, and the gate's probability as one more feature.
 */
#include "experiment/run_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Where the probabilities of one gate go. */
typedef struct reading {
  kj_rows rows;
  float *probability;
} reading;

static kj_status keep(void *context, const kj_run_record *record, kj_error *err)
{
  const reading *r = context;
  if (record->n_estimates != r->rows.n)
    return kj__fail(err, KJ_EDATA,
                    "cell %.16s has %zu estimates; must have %zu", record->key,
                    record->n_estimates, r->rows.n);
  for (size_t i = 0; i < r->rows.n; i++)
    r->probability[r->rows.index[i]] = (float)record->estimate[i];
  return KJ_OK;
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

static kj_status widen(const kj_dataset *data, const float *probability,
                       kj_dataset *wide, kj_error *err)
{
  const size_t n = data->n_inputs;
  float *x = kj__allocate(NULL, data->n_rows, (n + 1) * sizeof *x);
  const char **name = kj__allocate(NULL, n + 1, sizeof *name);
  *wide = *data;
  wide->n_inputs = n + 1;
  wide->x = x;
  wide->input_name = name;
  if (!x || !name)
    return kj__fail_memory(err, "features with a probability");
  for (size_t i = 0; i < data->n_rows; i++) {
    memcpy(x + i * (n + 1), data->x + i * n, n * sizeof *x);
    x[i * (n + 1) + n] = probability[i];
  }
  memcpy(name, data->input_name, n * sizeof *name);
  name[n] = KJ_SPONTANEOUS;
  return KJ_OK;
}

kj_status kj__cell_data_create(const kj__run *run, const kj__cell *cell,
                               kj__cell_data *out, kj_error *err)
{
  *out = (kj__cell_data){.data = cell->is_gate ? &run->kinds : run->data};
  if (!cell->informed)
    return KJ_OK;
  out->data = &out->wide;
  return widen(run->data, cell->informed->probability, &out->wide, err);
}

void kj__cell_data_clear(kj__cell_data *data)
{
  kj__release(NULL, data->wide.x);
  kj__release(NULL, (void *)(uintptr_t)data->wide.input_name);
  *data = (kj__cell_data){0};
}
