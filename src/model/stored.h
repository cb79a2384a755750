/*
 * stored.h: weights as a file has them, beside the floats of a network.
 *
 * fp32 weights are stored as they are. bf16 ones are the upper halves of their
 * floats, int8 ones whole numbers of steps of their unit's scale; in memory
 * both are floats too, so what is stored needs a place of its own.
 */
#ifndef KJ_MODEL_STORED_H
#define KJ_MODEL_STORED_H

#include "kanjo/estimator.h"
#include "model/safetensors.h"

/* Narrow weights of all networks, layer after layer; NULL for fp32. */
typedef struct kj__stored_weights {
  void *block[KJ_MAX_TARGETS];
} kj__stored_weights;

/* The dtype of stored weights. */
kj__dtype kj__stored_dtype(kj_weights weights);

/* Zeroed memory for the weights of n networks of these shapes. KJ_EMEMORY. */
kj_status kj__stored_create(kj_weights weights, const kj_network_shape *shapes,
                            size_t n, kj__stored_weights *out, kj_error *err);

/* Release it; a zeroed one is allowed. */
void kj__stored_clear(kj__stored_weights *stored);

/* Where the weights of a layer lie; NULL for fp32, or without memory. */
void *kj__stored_layer(const kj__stored_weights *stored, kj_weights weights,
                       const kj_network_shape *shape, size_t p, size_t layer);

/* From the networks of the parts, and back to the `network` of one part. */
void kj__stored_narrow(const kj__stored_weights *stored,
                       const kj_estimator_parts *parts);
void kj__stored_widen(const kj__stored_weights *stored, kj_weights weights,
                      size_t p, const float *scale, kj_network *network);

#endif
