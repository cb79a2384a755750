/*
 * estimate_rows.c: rows of a dataset through an estimator.
 */
#include "experiment/fit_state.h"
#include "kanjo/routing.h"

#include "base/error.h"
#include "base/memory.h"
#include "estimator/parts.h"

#include <string.h>

enum {
  BLOCK_ROWS = 128 /* rows of one forward pass */
};

/* Rows as the estimator wants them, and what it works in. */
typedef struct passage {
  float *x;
  bool is_scaled;
  kj_estimator_scratch *scratch;
} passage;

static void end(passage *p)
{
  kj_estimator_scratch_destroy(p->scratch);
  kj__release(NULL, p->x);
}

/* Standardised; but where there are experts with a scaler each, as they are. */
static kj_status begin(passage *p, const kj_estimator *estimator,
                       const kj_dataset *data, kj_rows rows, kj_error *err)
{
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  const size_t n = parts->scaler.n;
  *p = (passage){.is_scaled = !kj__has_inner(parts) ||
                              parts->normalisation != KJ_NORMALISE_TRAIN};
  if (!data->x || data->n_inputs != n)
    return kj__fail(err, KJ_ESHAPE, "%s: %zu features; the model has %zu",
                    data->path, data->n_inputs, n);
  p->x = kj__allocate(NULL, rows.n, n * sizeof *p->x);
  if (!p->x)
    return kj__fail_memory(err, "rows to estimate");
  kj_status status = KJ_OK;
  if (p->is_scaled)
    status = kj__standardise(data, rows, parts->normalisation, &parts->scaler,
                             p->x, err);
  else
    for (size_t i = 0; i < rows.n; i++)
      memcpy(p->x + i * n, data->x + kj__row(rows, i) * n, n * sizeof *p->x);
  return status == KJ_OK ? kj_estimator_scratch_create(estimator, BLOCK_ROWS,
                                                       NULL, &p->scratch, err)
                         : status;
}

kj_status kj_estimate_rows(const kj_estimator *estimator,
                           const kj_dataset *data, kj_rows rows, double *values,
                           kj_error *err)
{
  passage p;
  kj_status status = begin(&p, estimator, data, rows, err);
  if (status == KJ_OK)
    status = kj_estimator_estimate(estimator, p.scratch, p.x, rows.n,
                                   p.is_scaled, values, err);
  end(&p);
  return status;
}

kj_status kj_estimate_rows_sd(const kj_estimator *estimator,
                              const kj_dataset *data, kj_rows rows,
                              double *values, double *sd, kj_error *err)
{
  passage p;
  kj_status status = begin(&p, estimator, data, rows, err);
  if (status == KJ_OK)
    status = kj_estimator_estimate_sd(estimator, p.scratch, p.x, rows.n,
                                      p.is_scaled, values, sd, err);
  end(&p);
  return status;
}

kj_status kj_novelty_rows(const kj_estimator *estimator, const kj_dataset *data,
                          kj_rows rows, double *novelty, kj_error *err)
{
  passage p;
  kj_status status = begin(&p, estimator, data, rows, err);
  if (status == KJ_OK)
    status = kj_estimator_novelty(estimator, p.scratch, p.x, rows.n,
                                  p.is_scaled, novelty, err);
  end(&p);
  return status;
}

/* The true kind of each row, for the oracle. */
static kj_status list_kinds(const kj_dataset *data, kj_rows rows,
                            signed char *kind, kj_error *err)
{
  for (size_t i = 0; i < rows.n; i++) {
    const kj_row *row = &data->row[kj__row(rows, i)];
    if (row->spontaneous < 0)
      return kj__fail(err, KJ_EDATA,
                      "%s:%zu: " KJ_SPONTANEOUS
                      " is empty; the oracle must know it of every row",
                      data->path, row->line);
    kind[i] = (signed char)row->spontaneous;
  }
  return KJ_OK;
}

kj_status kj_route_rows(const kj_estimator *estimator, const kj_dataset *data,
                        kj_rows rows, kj_route route, const kj_routed *out,
                        kj_error *err)
{
  passage p;
  signed char *kind = kj__allocate(NULL, rows.n, sizeof *kind);
  kj_status status = begin(&p, estimator, data, rows, err);
  if (status == KJ_OK && !kind)
    status = kj__fail_memory(err, "rows to estimate");
  if (status == KJ_OK && route == KJ_ROUTE_ORACLE)
    status = list_kinds(data, rows, kind, err);
  if (status == KJ_OK)
    status = kj_estimator_route(estimator, p.scratch,
                                &(kj_passage){.x = p.x,
                                              .n_rows = rows.n,
                                              .already_scaled = p.is_scaled,
                                              .route = route,
                                              .spontaneous = kind},
                                out, err);
  end(&p);
  kj__release(NULL, kind);
  return status;
}
