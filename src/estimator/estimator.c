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

static kj_status copy_part(kj_estimator *estimator,
                           const kj_estimator_part *from, size_t p,
                           kj_error *err)
{
  const kj_allocator *allocator = &estimator->allocator;
  kj_estimator_part *part = &estimator->parts.part[p];
  const kj_status status =
      copy_network(from->network, allocator, &estimator->network[p], err);
  if (status != KJ_OK)
    return status;
  part->network = estimator->network[p];
  part->first_target = from->first_target;
  if (estimator->parts.weights == KJ_WEIGHTS_INT8) {
    const kj_network_shape *shape = &from->network->shape;
    part->scale =
        copy_floats(from->scale, kj__units(shape, shape->n_layers), allocator);
    if (!part->scale)
      return kj__fail_memory(err, "the scales of a network");
    memcpy(part->range, from->range, sizeof part->range);
  }
  return kj__packed_create(
      &(kj__packed_source){.net = part->network,
                           .weights = estimator->parts.weights,
                           .scale = part->scale,
                           .range = part->range},
      allocator, &estimator->packed[p], err);
}

static kj_status copy_novelty(kj_estimator *estimator, const kj_novelty *from,
                              kj_error *err)
{
  const size_t n = estimator->parts.scaler.n;
  kj_novelty *novelty = &estimator->parts.novelty;
  if (from->n_rows == 0)
    return KJ_OK;
  novelty->centre = copy_floats(from->centre, n, &estimator->allocator);
  novelty->factor =
      copy_floats(from->factor, n * (n + 1) / 2, &estimator->allocator);
  return novelty->centre && novelty->factor
             ? KJ_OK
             : kj__fail_memory(err, "what an estimator knows of novelty");
}

/* One of those inside. They have none of their own, but for the members of a
 * component. */
static kj_status copy_inner(kj_estimator *estimator, const kj_estimator *from,
                            kj_estimator **out, const char *name, kj_error *err)
{
  const kj_status status =
      kj_estimator_create(&from->parts, &estimator->allocator, out, err);
  return status == KJ_OK ? KJ_OK : kj__fail_in(err, status, "%s", name);
}

static kj_status copy_components(kj_estimator *estimator,
                                 const kj_routing *from, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t c = 0; c < KJ_N_COMPONENTS && status == KJ_OK; c++) {
    if (!from->component[c])
      continue;
    status = copy_inner(estimator, from->component[c], &estimator->component[c],
                        kj_component_name((kj_component)c), err);
    estimator->parts.routing.component[c] = estimator->component[c];
  }
  return status;
}

static kj_status copy_others(kj_estimator *estimator,
                             const kj_estimator_parts *from, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t m = 0; m < from->n_others && status == KJ_OK; m++) {
    status = copy_inner(estimator, from->other[m], &estimator->other[m],
                        "a member", err);
    estimator->parts.other[m] = estimator->other[m];
  }
  return status;
}

static kj_status copy_parts(kj_estimator *estimator,
                            const kj_estimator_parts *from, kj_error *err)
{
  const kj_allocator *allocator = &estimator->allocator;
  kj_estimator_parts *parts = &estimator->parts;
  *parts = *from;
  memset(parts->part, 0, sizeof parts->part);
  parts->novelty.centre = parts->novelty.factor = NULL;
  memset(&parts->routing.component, 0, sizeof parts->routing.component);
  memset(parts->other, 0, sizeof parts->other);
  parts->scaler.mean =
      copy_floats(from->scaler.mean, from->scaler.n, allocator);
  parts->scaler.inverse_sd =
      copy_floats(from->scaler.inverse_sd, from->scaler.n, allocator);
  if (!parts->scaler.mean || !parts->scaler.inverse_sd)
    return kj__fail_memory(err, "the scaler of an estimator");
  kj_status status = copy_novelty(estimator, &from->novelty, err);
  for (size_t p = 0; p < from->n_parts && status == KJ_OK; p++)
    status = copy_part(estimator, &from->part[p], p, err);
  if (status == KJ_OK)
    status = copy_components(estimator, &from->routing, err);
  return status == KJ_OK ? copy_others(estimator, from, err) : status;
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
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++)
    kj_estimator_destroy(estimator->component[c]);
  for (size_t m = 0; m < KJ_MAX_MEMBERS - 1; m++)
    kj_estimator_destroy(estimator->other[m]);
  for (size_t p = 0; p < KJ_MAX_TARGETS; p++) {
    kj_network_destroy(estimator->network[p]);
    kj__packed_destroy(estimator->packed[p]);
    kj__release(&allocator, estimator->parts.part[p].scale);
  }
  kj__release(&allocator, estimator->parts.novelty.centre);
  kj__release(&allocator, estimator->parts.novelty.factor);
  kj__release(&allocator, estimator->parts.scaler.mean);
  kj__release(&allocator, estimator->parts.scaler.inverse_sd);
  kj__release(&allocator, estimator);
}

const kj_estimator_parts *kj_estimator_get_parts(const kj_estimator *estimator)
{
  return &estimator->parts;
}
