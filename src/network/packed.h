/*
 * packed.h: a network's weights laid out for one row at a time, in fp32, bf16
 * or int8.
 *
 * One row is a chain of products matrix times vector, whose cost is the bytes
 * of the weights. They are kept input by input, so that an input of 0, which
 * half or more are behind a ReLU, costs nothing: its weights are not read.
 *
 *   z = b + sum_k w_k x_k      over the inputs x_k that are not 0, k ascending
 *
 * fp32 and bf16: with the multiply-add of the tier. A term that is left out
 * would have added 0, so the bits are those of kj_network_forward on the same
 * weights (but for the sign of a 0), however many rows it is given.
 *
 * int8: w_ok = scale_o q_ok with whole q_ok in -127..127. A layer's input is
 * rounded to whole steps of range / A, to nearest even, and cut at +-A:
 *
 *   a_k = round(x_k A / range);  z_o = b_o + scale_o (range / A) sum_k q_ok a_k
 *
 * where A = min(32767, (2^31 - 1) / (127 n_in)), so that no sum of 32 bits can
 * overflow whatever the weights and the row. Sums are exact, and what stands
 * around them is rounded product by product: all tiers give the same bits.
 * 16 bits for inputs, not 8, leave the weights as the only loss that counts
 * (an input's step is 1/32767 to 1/14091 of its range at 384 and 1200 inputs),
 * and only weights take memory bandwidth.
 */
#ifndef KJ_NETWORK_PACKED_H
#define KJ_NETWORK_PACKED_H

#include "base/tier.h"
#include "kanjo/network.h"
#include <stddef.h>
#include <stdint.h>

enum {
  KJ__PACKED_PAD = 32,      /* units of a layer are padded to a multiple */
  KJ__LARGEST_QUANTUM = 127 /* |q| of an int8 weight */
};

/* What is packed: a network, and how its weights are kept. */
typedef struct kj__packed_source {
  const kj_network *net; /* bf16, int8: its weights have such values exactly */
  kj_weights weights;
  const float *scale; /* int8: (sum of the layers' units); above 0 */
  const float *range; /* int8: (n_layers); of the layers' inputs; above 0 */
} kj__packed_source;

/* A of a layer with n_in inputs. */
static inline int32_t kj__packed_limit(size_t n_in)
{
  const size_t limit = (size_t)INT32_MAX / (KJ__LARGEST_QUANTUM * n_in);
  return limit < INT16_MAX ? (int32_t)limit : INT16_MAX;
}

typedef struct kj__packed kj__packed;

/* Lay out the weights (copied) for the kernels of the best tier.
 * KJ_EARGUMENT if KANJO_CPU is no tier; KJ_EMEMORY. */
kj_status kj__packed_create(const kj__packed_source *source,
                            const kj_allocator *allocator, kj__packed **out,
                            kj_error *err);

void kj__packed_destroy(kj__packed *packed);

/* The working memory of one thread. */
typedef struct kj__packed_scratch kj__packed_scratch;

kj_status kj__packed_scratch_create(const kj__packed *packed,
                                    const kj_allocator *allocator,
                                    kj__packed_scratch **out, kj_error *err);

void kj__packed_scratch_destroy(kj__packed_scratch *scratch);

/* y (n_out) of one row x (n_in). int8 takes finite numbers only. */
void kj__packed_forward(const kj__packed *packed, const float *x,
                        kj__packed_scratch *scratch, float *y);

/* The input of layer l > 0 in the last row that went through. */
const float *kj__packed_value(const kj__packed_scratch *scratch, size_t l);

/* ---- for the kernels ---- */

/* Weights times the inputs that are not 0, added to what z or sum holds. */
typedef struct kj__packed_product {
  size_t pitch; /* units, padded */
  /* fp32: float (n_in, pitch).
   * bf16: (n_in, pitch / 32, 16, 2): units i and 16 + i of 32 side by side,
   *       so that a shift and a mask make two vectors of floats.
   * int8: (n_in / 2, pitch, 2): two inputs side by side for each unit. */
  const void *weights;
  const uint32_t *active; /* inputs, or pairs of inputs, ascending */
  size_t n_active;
  const float *x;       /* (n_in) */
  const int16_t *steps; /* int8: a_k, padded to pairs */
  float *z;             /* (pitch) */
  int32_t *sum;         /* int8: (pitch) */
} kj__packed_product;

typedef void (*kj__packed_kernel)(const kj__packed_product *q);

/* The kernels of one tier, by kj_weights. */
typedef struct kj__packed_kernels {
  kj__packed_kernel run[KJ_N_WEIGHTS];
} kj__packed_kernels;

extern const kj__packed_kernels kj__packed_kernels_baseline;
extern const kj__packed_kernels kj__packed_kernels_avx2;
extern const kj__packed_kernels kj__packed_kernels_avx512;

#endif
