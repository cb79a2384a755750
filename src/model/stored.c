/*
 * stored.c: floats to what a file has of them, and back.
 */
#include "model/stored.h"

#include "base/error.h"
#include "base/memory.h"
#include "network/narrow.h"
#include <math.h>
#include <stdlib.h>

static const kj__dtype DTYPE[] = {[KJ_WEIGHTS_FP32] = KJ__F32,
                                  [KJ_WEIGHTS_BF16] = KJ__BFLOAT16,
                                  [KJ_WEIGHTS_INT8] = KJ__I8};

kj__dtype kj__stored_dtype(kj_weights weights)
{
  return DTYPE[weights];
}

/* Weights of the layers before this one. */
static size_t count_before(const kj_network_shape *shape, size_t layer)
{
  size_t n = 0;
  for (size_t l = 0; l < layer; l++)
    n += shape->width[l] * shape->width[l + 1];
  return n;
}

kj_status kj__stored_create(kj_weights weights, const kj_network_shape *shapes,
                            size_t n, kj__stored_weights *out, kj_error *err)
{
  kj__stored_weights stored = {0};
  for (size_t p = 0; p < n && weights != KJ_WEIGHTS_FP32; p++) {
    stored.block[p] =
        kj__allocate(NULL, count_before(&shapes[p], shapes[p].n_layers),
                     kj__dtype_size(DTYPE[weights]));
    if (!stored.block[p]) {
      kj__stored_clear(&stored);
      return kj__fail_memory(err, "the weights of a file");
    }
  }
  *out = stored;
  return KJ_OK;
}

void kj__stored_clear(kj__stored_weights *stored)
{
  for (size_t p = 0; p < KJ_MAX_TARGETS; p++)
    free(stored->block[p]);
  *stored = (kj__stored_weights){0};
}

void *kj__stored_layer(const kj__stored_weights *stored, kj_weights weights,
                       const kj_network_shape *shape, size_t p, size_t layer)
{
  char *block = stored->block[p];
  return block ? block +
                     count_before(shape, layer) * kj__dtype_size(DTYPE[weights])
               : NULL;
}

/* ---- a layer ---- */

/* One layer's weights on both sides. */
typedef struct layer {
  size_t n_in, n_out;
  kj_real *wide;
  void *narrow;
  const float *scale; /* (n_out); int8 */
} layer;

static void narrow_bf16(const layer *y)
{
  kj__bf16 *narrow = y->narrow;
  for (size_t i = 0; i < y->n_in * y->n_out; i++)
    narrow[i] = kj__narrow(y->wide[i]);
}

static void widen_bf16(const layer *y)
{
  const kj__bf16 *narrow = y->narrow;
  for (size_t i = 0; i < y->n_in * y->n_out; i++)
    y->wide[i] = kj__widen(narrow[i]);
}

static void narrow_int8(const layer *y)
{
  int8_t *q = y->narrow;
  for (size_t i = 0; i < y->n_in * y->n_out; i++)
    q[i] = (int8_t)rintf(y->wide[i] / y->scale[i / y->n_in]);
}

static void widen_int8(const layer *y)
{
  const int8_t *q = y->narrow;
  for (size_t i = 0; i < y->n_in * y->n_out; i++)
    y->wide[i] = (float)q[i] * y->scale[i / y->n_in];
}

/* ---- a network ---- */

typedef void (*layer_function)(const layer *y);

static void convert(const kj__stored_weights *stored, kj_weights weights,
                    size_t p, const float *scale, const kj_network *net,
                    const layer_function *functions)
{
  if (!stored->block[p])
    return;
  for (size_t l = 0; l < net->shape.n_layers; l++) {
    const layer y = {.n_in = net->shape.width[l],
                     .n_out = net->shape.width[l + 1],
                     .wide = kj_network_weights(net, l),
                     .narrow =
                         kj__stored_layer(stored, weights, &net->shape, p, l),
                     .scale = scale};
    functions[weights](&y);
    scale = scale ? scale + y.n_out : NULL;
  }
}

void kj__stored_narrow(const kj__stored_weights *stored,
                       const kj_estimator_parts *parts)
{
  static const layer_function NARROW[] = {
      [KJ_WEIGHTS_BF16] = narrow_bf16, [KJ_WEIGHTS_INT8] = narrow_int8};
  for (size_t p = 0; p < parts->n_parts; p++)
    convert(stored, parts->weights, p, parts->part[p].scale,
            parts->part[p].network, NARROW);
}

void kj__stored_widen(const kj__stored_weights *stored, kj_weights weights,
                      size_t p, const float *scale, kj_network *network)
{
  static const layer_function WIDEN[] = {
      [KJ_WEIGHTS_BF16] = widen_bf16, [KJ_WEIGHTS_INT8] = widen_int8};
  convert(stored, weights, p, scale, network, WIDEN);
}
