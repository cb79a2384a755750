/*
 * parts.h: what the files of this room share: the inside of an estimator.
 */
#ifndef KJ_ESTIMATOR_PARTS_H
#define KJ_ESTIMATOR_PARTS_H

#include "kanjo/estimator.h"

struct kj_estimator {
  kj_estimator_parts parts; /* its pointers lead into this estimator */
  kj_network *network[KJ_MAX_TARGETS];
  kj_allocator allocator;
};

/* Width of the last layer. */
static inline size_t kj__outputs(const kj_network_shape *shape)
{
  return shape->width[shape->n_layers];
}

/* Everything kj_estimator_create promises to check. */
kj_status kj__estimator_parts_check(const kj_estimator_parts *parts,
                                    kj_error *err);

#endif
