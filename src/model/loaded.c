/*
 * loaded.c: memory for networks, scaler and novelty of a model that is read;
 * the estimator that is made of them has copies.
 */
#include "model/loaded.h"

#include "base/error.h"
#include "base/memory.h"
#include "estimator/parts.h"
#include <stdlib.h>

static kj_status allocate_part(kj__loaded_parts *loaded, size_t p,
                               const kj_network_shape *shape, kj_error *err)
{
  kj_estimator_part *part = &loaded->parts.part[p];
  const kj_status status =
      kj_network_create(shape, NULL, &loaded->network[p], err);
  if (status != KJ_OK)
    return status;
  part->network = loaded->network[p];
  if (loaded->parts.weights == KJ_WEIGHTS_INT8) {
    loaded->scale[p] =
        kj__allocate(NULL, kj__units(shape, shape->n_layers), sizeof(float));
    if (!loaded->scale[p])
      return kj__fail_memory(err, "the scales of a network");
    part->scale = loaded->scale[p];
  }
  return KJ_OK;
}

kj_status kj__loaded_allocate(kj__loaded_parts *loaded,
                              const kj_network_shape *shapes, kj_error *err)
{
  kj_scaler *scaler = &loaded->parts.scaler;
  scaler->mean = kj__allocate(NULL, scaler->n, sizeof *scaler->mean);
  scaler->inverse_sd = kj__allocate(NULL, scaler->n, sizeof *scaler->mean);
  if (!scaler->mean || !scaler->inverse_sd)
    return kj__fail_memory(err, "a scaler");
  if (loaded->parts.novelty.n_rows > 0) {
    kj_novelty *novelty = &loaded->parts.novelty;
    novelty->centre = kj__allocate(NULL, scaler->n, sizeof(float));
    novelty->factor =
        kj__allocate(NULL, scaler->n * (scaler->n + 1) / 2, sizeof(float));
    if (!novelty->centre || !novelty->factor)
      return kj__fail_memory(err, "what is known of novelty");
  }
  kj_status status = KJ_OK;
  for (size_t p = 0; p < loaded->parts.n_parts && status == KJ_OK; p++)
    status = allocate_part(loaded, p, &shapes[p], err);
  return status;
}

void kj__loaded_release(kj__loaded_parts *loaded)
{
  for (size_t p = 0; p < KJ_MAX_TARGETS; p++) {
    kj_network_destroy(loaded->network[p]);
    free(loaded->scale[p]);
  }
  free(loaded->parts.novelty.centre);
  free(loaded->parts.novelty.factor);
  free(loaded->parts.scaler.inverse_sd);
  free(loaded->parts.scaler.mean);
}
