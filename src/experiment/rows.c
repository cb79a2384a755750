/*
 * rows.c: rows of a dataset, standardised.
 */
#include "experiment/fit_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

size_t kj__row(kj_rows rows, size_t i)
{
  return rows.index ? rows.index[i] : i;
}

static void copy_rows(const kj_dataset *data, kj_rows rows, float *x)
{
  const size_t n = data->n_inputs;
  for (size_t i = 0; i < rows.n; i++)
    memcpy(x + i * n, data->x + kj__row(rows, i) * n, n * sizeof *x);
}

/* The members of one group, standardised by their own statistics. Rows that
 * name no corpus are one corpus; rows that name no speaker are not one. */
static kj_status standardise_group(const kj_dataset *data, kj_rows rows,
                                   kj_group kind, size_t group,
                                   kj_scaler *scaler, size_t *member, float *x,
                                   kj_error *err)
{
  size_t n = 0;
  for (size_t i = 0; i < rows.n; i++)
    if (data->row[kj__row(rows, i)].group[kind] == group)
      member[n++] = i;
  if (n == 0)
    return KJ_OK;
  const char *name = data->groups[kind].name[group];
  if (kind == KJ_GROUP_SPEAKER && name[0] == '\0')
    return kj__fail(err, KJ_EDATA,
                    "%s:%zu: the row has no speaker; every row needs one to be "
                    "standardised with its speaker",
                    data->path, data->row[kj__row(rows, member[0])].line);
  if (n < 2)
    return kj__fail(err, KJ_EDATA,
                    "%s: '%s' has 1 row here; standardising it by itself "
                    "needs at least 2",
                    data->path, name);
  const kj_status status = kj_scaler_fit(scaler, x, member, n, err);
  for (size_t i = 0; status == KJ_OK && i < n; i++) {
    float *row = x + member[i] * scaler->n;
    kj_scaler_apply(scaler, row, 1, row);
  }
  return status;
}

static kj_status standardise_groups(const kj_dataset *data, kj_rows rows,
                                    kj_group kind, float *x, kj_error *err)
{
  const size_t n = data->n_inputs;
  kj_scaler scaler = {.n = n, .clip = KJ_SCALER_CLIP};
  scaler.mean = kj__allocate(NULL, n, sizeof(float));
  scaler.inverse_sd = kj__allocate(NULL, n, sizeof(float));
  size_t *member = kj__allocate(NULL, rows.n, sizeof *member);
  kj_status status = KJ_OK;
  if (!scaler.mean || !scaler.inverse_sd || !member)
    status = kj__fail_memory(err, "standardisation");
  for (size_t g = 0; status == KJ_OK && g < data->groups[kind].n; g++)
    status = standardise_group(data, rows, kind, g, &scaler, member, x, err);
  kj__release(NULL, scaler.mean);
  kj__release(NULL, scaler.inverse_sd);
  kj__release(NULL, member);
  return status;
}

kj_status kj__standardise(const kj_dataset *data, kj_rows rows,
                          kj_normalisation normalisation,
                          const kj_scaler *scaler, float *scaled, kj_error *err)
{
  copy_rows(data, rows, scaled);
  switch (normalisation) {
  case KJ_NORMALISE_TRAIN:
    kj_scaler_apply(scaler, scaled, rows.n, scaled);
    return KJ_OK;
  case KJ_NORMALISE_CORPUS:
    return standardise_groups(data, rows, KJ_GROUP_CORPUS, scaled, err);
  case KJ_NORMALISE_SPEAKER:
    return standardise_groups(data, rows, KJ_GROUP_SPEAKER, scaled, err);
  }
  return kj__fail(err, KJ_EARGUMENT, "normalisation is %d", normalisation);
}
