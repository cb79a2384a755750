/*
 * estimate_rows.c: rows of a dataset through an estimator.
 */
#include "experiment/fit_state.h"

#include "base/error.h"
#include "base/memory.h"

enum {
  BLOCK_ROWS = 128 /* rows of one forward pass */
};

kj_status kj_estimate_rows(const kj_estimator *estimator,
                           const kj_dataset *data, kj_rows rows, double *values,
                           kj_error *err)
{
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  if (!data->x || data->n_inputs != parts->scaler.n)
    return kj__fail(err, KJ_ESHAPE, "%s: %zu features; the model has %zu",
                    data->path, data->n_inputs, parts->scaler.n);
  kj_estimator_scratch *scratch = NULL;
  float *scaled = kj__allocate(NULL, rows.n, parts->scaler.n * sizeof *scaled);
  kj_status status = KJ_OK;
  if (!scaled)
    status = kj__fail_memory(err, "rows to estimate");
  if (status == KJ_OK)
    status = kj__standardise(data, rows, parts->normalisation, &parts->scaler,
                             scaled, err);
  if (status == KJ_OK)
    status =
        kj_estimator_scratch_create(estimator, BLOCK_ROWS, NULL, &scratch, err);
  if (status == KJ_OK)
    status = kj_estimator_estimate(estimator, scratch, scaled, rows.n, 1,
                                   values, err);
  kj_estimator_scratch_destroy(scratch);
  kj__release(NULL, scaled);
  return status;
}
