/*
 * convert_whole.c: an estimator with all that is inside it, in fewer bits.
 *
 * Each network meets in calibration what it meets in estimates: every row,
 * standardised by the scaler of its own, and for the informed estimator with
 * the word of the gate, as it was before.
 */
#include "experiment/fit_state.h"
#include "kanjo/conversion.h"
#include "kanjo/routing.h"

#include "base/error.h"
#include "base/memory.h"
#include "estimator/parts.h"

#include <string.h>

/* Those inside, in fewer bits: components, then members. */
typedef struct inner {
  kj_estimator *component[KJ_N_COMPONENTS];
  kj_estimator *other[KJ_MAX_MEMBERS - 1];
} inner;

static void release(inner *made)
{
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++)
    kj_estimator_destroy(made->component[c]);
  for (size_t m = 0; m < KJ_MAX_MEMBERS - 1; m++)
    kj_estimator_destroy(made->other[m]);
}

static kj_status calibrate(const kj_estimator *alone, kj_weights weights,
                           const kj_dataset *data, kj_estimator **out,
                           kj_error *err)
{
  const kj_estimator_parts *parts = kj_estimator_get_parts(alone);
  const kj_scaler *scaler = &parts->scaler;
  const kj_rows rows = {NULL, data ? data->n_rows : 0};
  if (!data)
    return kj_estimator_convert(alone, weights, NULL, 0, out, err);
  float *scaled = kj__allocate(NULL, rows.n, scaler->n * sizeof *scaled);
  if (!scaled)
    return kj__fail_memory(err, "rows to calibrate on");
  kj_status status =
      kj__standardise(data, rows, parts->normalisation, scaler, scaled, err);
  if (status == KJ_OK)
    status = kj_estimator_convert(alone, weights, scaled, rows.n, out, err);
  kj__release(NULL, scaled);
  return status;
}

/* The networks of the estimator itself, without those inside. */
static kj_status convert_alone(const kj_estimator *from, kj_weights weights,
                               const kj_dataset *data, kj_estimator **out,
                               kj_error *err)
{
  kj_estimator_parts parts = *kj_estimator_get_parts(from);
  kj_estimator *alone = NULL;
  parts.n_others = 0;
  parts.routing = (kj_routing){0};
  kj_status status = kj_estimator_create(&parts, NULL, &alone, err);
  if (status == KJ_OK)
    status = calibrate(alone, weights, data, out, err);
  kj_estimator_destroy(alone);
  return status;
}

static kj_status convert_informed(const kj_routing *routing, kj_weights weights,
                                  const kj_dataset *data, kj_estimator **out,
                                  kj_error *err)
{
  const kj_estimator *from = routing->component[KJ_COMPONENT_INFORMED];
  kj_dataset wide = {0};
  if (!data)
    return kj_conversion_make(from, weights, NULL, out, err);
  double *probability = kj__allocate(NULL, data->n_rows, sizeof *probability);
  if (!probability)
    return kj__fail_memory(err, "what a gate says");
  kj_status status =
      kj_estimate_rows(routing->component[KJ_COMPONENT_GATE], data,
                       (kj_rows){NULL, data->n_rows}, probability, err);
  if (status == KJ_OK)
    status = kj_informed_view(data, probability, &wide, err);
  if (status == KJ_OK)
    status = kj_conversion_make(from, weights, &wide, out, err);
  kj_informed_view_clear(&wide);
  kj__release(NULL, probability);
  return status;
}

static kj_status convert_inner(const kj_estimator_parts *parts,
                               kj_weights weights, const kj_dataset *data,
                               inner *made, kj_error *err)
{
  const kj_routing *routing = &parts->routing;
  kj_status status = KJ_OK;
  for (size_t c = 0; c < KJ_N_COMPONENTS && status == KJ_OK; c++) {
    if (!routing->component[c])
      continue;
    status =
        c == KJ_COMPONENT_INFORMED
            ? convert_informed(routing, weights, data, &made->component[c], err)
            : kj_conversion_make(routing->component[c], weights, data,
                                 &made->component[c], err);
    if (status != KJ_OK)
      kj__fail_in(err, status, "%s", kj_component_name((kj_component)c));
  }
  for (size_t m = 0; m < parts->n_others && status == KJ_OK; m++) {
    status = kj_conversion_make(parts->other[m], weights, data, &made->other[m],
                                err);
    if (status != KJ_OK)
      kj__fail_in(err, status, "member %zu", m + 2);
  }
  return status;
}

static kj_status put_together(const kj_estimator_parts *from,
                              const kj_estimator *alone, const inner *made,
                              kj_estimator **out, kj_error *err)
{
  kj_estimator_parts parts = *kj_estimator_get_parts(alone);
  parts.routing.route = from->routing.route;
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++)
    parts.routing.component[c] = made->component[c];
  parts.n_others = from->n_others;
  for (size_t m = 0; m < from->n_others; m++)
    parts.other[m] = made->other[m];
  return kj_estimator_create(&parts, NULL, out, err);
}

kj_status kj_conversion_make(const kj_estimator *from, kj_weights weights,
                             const kj_dataset *data, kj_estimator **out,
                             kj_error *err)
{
  const kj_estimator_parts *parts = kj_estimator_get_parts(from);
  kj_estimator *alone = NULL;
  inner made = {0};
  if (!kj__has_inner(parts))
    return calibrate(from, weights, data, out, err);
  kj_status status = convert_alone(from, weights, data, &alone, err);
  if (status == KJ_OK)
    status = convert_inner(parts, weights, data, &made, err);
  if (status == KJ_OK)
    status = put_together(parts, alone, &made, out, err);
  kj_estimator_destroy(alone);
  release(&made);
  return status;
}
