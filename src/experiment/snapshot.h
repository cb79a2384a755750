/*
 * snapshot.h: the state of a fit in memory, to go back to.
 *
 * An epoch that is stopped leaves its trainers between two states. Whoever
 * writes the state to a file only now and then keeps the last whole epoch
 * here, where that costs a copy instead of a file, and can still save it.
 */
#ifndef KJ_EXPERIMENT_SNAPSHOT_H
#define KJ_EXPERIMENT_SNAPSHOT_H

#include "kanjo/experiment.h"

typedef struct kj__snapshot kj__snapshot;

/* Keep the state of `fit`, which must outlive the snapshot; KJ_EMEMORY. */
kj_status kj__snapshot_create(kj_fit *fit, kj__snapshot **out, kj_error *err);

/* Keep the state that the fit has now instead; allocates nothing. */
void kj__snapshot_take(kj__snapshot *snapshot);

/* Put the fit back to the state that was kept; allocates nothing. */
kj_status kj__snapshot_restore(const kj__snapshot *snapshot, kj_error *err);

void kj__snapshot_destroy(kj__snapshot *snapshot);

#endif
