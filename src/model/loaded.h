/* loaded.h: the numbers of a model on their way from a file. */
#ifndef KJ_MODEL_LOADED_H
#define KJ_MODEL_LOADED_H

#include "kanjo/estimator.h"

/* Memory for the numbers that the outline's parts have none for. */
typedef struct kj__loaded_parts {
  kj_estimator_parts parts;
  kj_network *network[KJ_MAX_TARGETS];
  float *scale[KJ_MAX_TARGETS]; /* int8 only */
} kj__loaded_parts;

/* Take it, for networks of these shapes, one a part. KJ_EMEMORY. */
kj_status kj__loaded_allocate(kj__loaded_parts *loaded,
                              const kj_network_shape *shapes, kj_error *err);

/* Release it; of one that was not taken in full too. */
void kj__loaded_release(kj__loaded_parts *loaded);

#endif
