/*
 * estimator.c: scaler, networks and calibration, put together.
 *
 * The parts are checked and copied at creation and never change again.
 */
#include "estimator/parts.h"

#include "base/error.h"
#include "base/memory.h"
#include <string.h>

static float *copy_floats(const float *from, size_t n,
                          const kj_allocator *allocator)
{
  float *copy = kj__allocate(allocator, n, sizeof *copy);
  if (copy)
    memcpy(copy, from, n * sizeof *copy);
  return copy;
}

static kj_status copy_network(const kj_network *from,
                              const kj_allocator *allocator, kj_network **out,
                              kj_error *err)
{
  const kj_status status = kj_network_create(&from->shape, allocator, out, err);
  if (status == KJ_OK)
    memcpy((*out)->parameters, from->parameters,
           from->n_parameters * sizeof *from->parameters);
  return status;
}

static kj_status copy_parts(kj_estimator *estimator,
                            const kj_estimator_parts *from, kj_error *err)
{
  const kj_allocator *allocator = &estimator->allocator;
  kj_estimator_parts *parts = &estimator->parts;
  *parts = *from;
  memset(parts->part, 0, sizeof parts->part);
  parts->scaler.mean =
      copy_floats(from->scaler.mean, from->scaler.n, allocator);
  parts->scaler.inverse_sd =
      copy_floats(from->scaler.inverse_sd, from->scaler.n, allocator);
  if (!parts->scaler.mean || !parts->scaler.inverse_sd)
    return kj__fail_memory(err, "the scaler of an estimator");
  for (size_t p = 0; p < from->n_parts; p++) {
    const kj_status status = copy_network(from->part[p].network, allocator,
                                          &estimator->network[p], err);
    if (status != KJ_OK)
      return status;
    parts->part[p] = (kj_estimator_part){
        .network = estimator->network[p],
        .first_target = from->part[p].first_target,
    };
  }
  return KJ_OK;
}

kj_status kj_estimator_create(const kj_estimator_parts *parts,
                              const kj_allocator *allocator, kj_estimator **out,
                              kj_error *err)
{
  kj_status status = kj__estimator_parts_check(parts, err);
  if (status != KJ_OK)
    return status;
  kj_estimator *estimator = kj__allocate(allocator, 1, sizeof *estimator);
  if (!estimator)
    return kj__fail_memory(err, "an estimator");
  estimator->allocator = kj__allocator(allocator);
  status = copy_parts(estimator, parts, err);
  if (status != KJ_OK)
    kj_estimator_destroy(estimator);
  else
    *out = estimator;
  return status;
}

void kj_estimator_destroy(kj_estimator *estimator)
{
  if (!estimator)
    return;
  const kj_allocator allocator = estimator->allocator;
  for (size_t p = 0; p < KJ_MAX_TARGETS; p++)
    kj_network_destroy(estimator->network[p]);
  kj__release(&allocator, estimator->parts.scaler.mean);
  kj__release(&allocator, estimator->parts.scaler.inverse_sd);
  kj__release(&allocator, estimator);
}

const kj_estimator_parts *kj_estimator_get_parts(const kj_estimator *estimator)
{
  return &estimator->parts;
}
