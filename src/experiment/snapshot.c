/*
 * snapshot.c: the state of a fit in memory: all pieces of all its trainers,
 * one behind the other.
 */
#include "experiment/snapshot.h"

#include "base/error.h"
#include "base/memory.h"
#include "experiment/fit_state.h"

#include <string.h>

struct kj__snapshot {
  kj_fit *fit;
  unsigned char *bytes;
};

typedef enum purpose { COUNT, KEEP, PUT_BACK } purpose;

static size_t size_of(const kj_trainer_tensor *piece)
{
  static const size_t sizes[] = {[KJ_TENSOR_REAL] = sizeof(kj_real),
                                 [KJ_TENSOR_DOUBLE] = sizeof(double),
                                 [KJ_TENSOR_COUNT] = sizeof(uint64_t)};
  return piece->count * sizes[piece->type];
}

/* The one walk over all pieces; their size in bytes. */
static size_t walk(const kj_fit *fit, unsigned char *bytes, purpose what_for)
{
  size_t at = 0;
  for (size_t p = 0; p < fit->n_parts; p++) {
    kj_trainer *trainer = fit->part[p].trainer;
    for (size_t i = 0; trainer && i < kj_trainer_state_count(trainer); i++) {
      const kj_trainer_tensor piece = kj_trainer_state(trainer, i);
      const size_t size = size_of(&piece);
      if (what_for == KEEP)
        memcpy(bytes + at, piece.data, size);
      else if (what_for == PUT_BACK)
        memcpy(piece.data, bytes + at, size);
      at += size;
    }
  }
  return at;
}

kj_status kj__snapshot_create(kj_fit *fit, kj__snapshot **out, kj_error *err)
{
  kj__snapshot *snapshot = kj__allocate(NULL, 1, sizeof *snapshot);
  if (!snapshot)
    return kj__fail_memory(err, "a snapshot");
  snapshot->fit = fit;
  snapshot->bytes = kj__allocate(NULL, 1, walk(fit, NULL, COUNT));
  if (!snapshot->bytes) {
    kj__snapshot_destroy(snapshot);
    return kj__fail_memory(err, "a snapshot");
  }
  kj__snapshot_take(snapshot);
  *out = snapshot;
  return KJ_OK;
}

void kj__snapshot_take(kj__snapshot *snapshot)
{
  walk(snapshot->fit, snapshot->bytes, KEEP);
}

kj_status kj__snapshot_restore(const kj__snapshot *snapshot, kj_error *err)
{
  const kj_fit *fit = snapshot->fit;
  kj_status status = KJ_OK;
  walk(fit, snapshot->bytes, PUT_BACK);
  for (size_t p = 0; status == KJ_OK && p < fit->n_parts; p++)
    if (fit->part[p].trainer)
      status = kj_trainer_restored(fit->part[p].trainer, err);
  return status;
}

void kj__snapshot_destroy(kj__snapshot *snapshot)
{
  if (!snapshot)
    return;
  kj__release(NULL, snapshot->bytes);
  kj__release(NULL, snapshot);
}
