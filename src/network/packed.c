/*
 * packed.c: lay out weights for one row at a time, and run that row.
 */
#include "network/packed.h"

#include "base/error.h"
#include "base/memory.h"
#include "network/narrow.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { CACHE_LINE = 64 /* bytes */ };

/* ---- names ---- */

#define WEIGHTS_NAME(id, name) [id] = name,
static const char *const NAME[] = {KJ_WEIGHTS_LIST(WEIGHTS_NAME)};
#undef WEIGHTS_NAME

const char *kj_weights_name(kj_weights weights)
{
  return (size_t)weights < KJ_N_WEIGHTS ? NAME[weights] : NULL;
}

bool kj_weights_find(const char *name, kj_weights *weights)
{
  for (size_t i = 0; i < KJ_N_WEIGHTS; i++)
    if (strcmp(name, NAME[i]) == 0) {
      *weights = (kj_weights)i;
      return true;
    }
  return false;
}

/* ---- layout ---- */

typedef struct layer {
  size_t n_in, n_out, pitch;
  uint8_t *weights;    /* as kj__packed_product has them */
  const float *bias;   /* (pitch) */
  const float *factor; /* int8: scale range / A; (pitch) */
  float steps_per_one; /* int8: A / range */
  float limit;         /* int8: A */
} layer;

struct kj__packed {
  kj_network_shape shape;
  kj_weights weights;
  kj__packed_kernel run;
  layer layer[KJ_MAX_LAYERS];
  size_t widest;  /* width, padded */
  void *memory;   /* weights; aligned within */
  float *vectors; /* biases and factors */
  kj_allocator allocator;
};

static size_t padded(size_t n)
{
  return (n + KJ__PACKED_PAD - 1) / KJ__PACKED_PAD * KJ__PACKED_PAD;
}

/* Bytes of a layer's weights: whole cache lines for each input or pair. */
static size_t layer_bytes(const layer *y, kj_weights weights)
{
  static const size_t SIZE[] = {[KJ_WEIGHTS_FP32] = sizeof(float),
                                [KJ_WEIGHTS_BF16] = sizeof(kj__bf16),
                                [KJ_WEIGHTS_INT8] = sizeof(int8_t)};
  const size_t n_in =
      weights == KJ_WEIGHTS_INT8 ? y->n_in + y->n_in % 2 : y->n_in;
  return n_in * y->pitch * SIZE[weights];
}

typedef void (*place)(const layer *y, size_t o, size_t k, float w, float scale);

static void place_fp32(const layer *y, size_t o, size_t k, float w, float scale)
{
  (void)scale;
  memcpy(y->weights + (k * y->pitch + o) * sizeof w, &w, sizeof w);
}

/* Within 32 units, unit i is the lower and unit 16 + i the upper half of a
 * word. */
static void place_bf16(const layer *y, size_t o, size_t k, float w, float scale)
{
  (void)scale;
  const size_t half = KJ__PACKED_PAD / 2;
  const size_t block = o / KJ__PACKED_PAD * half, unit = o % KJ__PACKED_PAD;
  const size_t at = (k * y->pitch / 2 + block + unit % half) * sizeof(uint32_t);
  uint32_t word;
  memcpy(&word, y->weights + at, sizeof word);
  word |= (uint32_t)kj__narrow((kj_real)w) << (unit < half ? 0 : 16);
  memcpy(y->weights + at, &word, sizeof word);
}

static void place_int8(const layer *y, size_t o, size_t k, float w, float scale)
{
  const int8_t q = (int8_t)rintf(w / scale);
  memcpy(y->weights + (k / 2 * y->pitch + o) * 2 + k % 2, &q, sizeof q);
}

/* By blocks of units, so that both sides run along their cache lines. */
static void lay_out(const layer *y, const kj_real *weights, place put,
                    const float *scale)
{
  for (size_t first = 0; first < y->n_out; first += KJ__PACKED_PAD) {
    const size_t end =
        first + KJ__PACKED_PAD < y->n_out ? first + KJ__PACKED_PAD : y->n_out;
    for (size_t k = 0; k < y->n_in; k++)
      for (size_t o = first; o < end; o++)
        put(y, o, k, (float)weights[o * y->n_in + k], scale ? scale[o] : 1.0f);
  }
}

static void set_range(layer *y, float range, const float *scale, float *factor)
{
  y->limit = (float)kj__packed_limit(y->n_in);
  y->steps_per_one = y->limit / range;
  const float step = range / y->limit;
  for (size_t o = 0; o < y->n_out; o++)
    factor[o] = scale[o] * step;
  y->factor = factor;
}

static void fill(kj__packed *packed, const kj__packed_source *source)
{
  static const place PLACE[] = {[KJ_WEIGHTS_FP32] = place_fp32,
                                [KJ_WEIGHTS_BF16] = place_bf16,
                                [KJ_WEIGHTS_INT8] = place_int8};
  uint8_t *weights = packed->memory;
  weights += (CACHE_LINE - (uintptr_t)weights % CACHE_LINE) % CACHE_LINE;
  float *next = packed->vectors;
  const float *scale = source->scale;
  for (size_t l = 0; l < packed->shape.n_layers; l++) {
    layer *y = &packed->layer[l];
    const kj_real *bias = kj_network_biases(source->net, l);
    y->weights = weights;
    y->bias = next;
    for (size_t o = 0; o < y->n_out; o++)
      next[o] = (float)bias[o];
    next += y->pitch;
    if (packed->weights == KJ_WEIGHTS_INT8)
      set_range(y, source->range[l], scale, next);
    next += y->pitch;
    lay_out(y, kj_network_weights(source->net, l), PLACE[packed->weights],
            packed->weights == KJ_WEIGHTS_INT8 ? scale : NULL);
    weights += layer_bytes(y, packed->weights);
    scale = scale ? scale + y->n_out : NULL;
  }
}

/* ---- creation ---- */

/* A tier without a table of its own has that of the one before. */
static const kj__packed_kernels *const KERNELS[KJ__N_TIERS] = {
    [KJ__TIER_BASELINE] = &kj__packed_kernels_baseline,
#ifdef KJ__X86_TIERS
    [KJ__TIER_AVX2] = &kj__packed_kernels_avx2,
    [KJ__TIER_AVX512] = &kj__packed_kernels_avx512,
    [KJ__TIER_AVX512BF16] = &kj__packed_kernels_avx512,
#endif
};

static kj_status choose_kernel(kj__packed *packed, kj_error *err)
{
  kj__tier tier;
  const kj_status status = kj__tier_choose(&tier, err);
  if (status == KJ_OK)
    packed->run = KERNELS[tier]->run[packed->weights];
  return status;
}

/* Sizes of all layers; those of weights and of vectors together. A checked
 * network's weights fit memory, so padded to 32 units they fit a size_t of 64
 * bits; with 32 bits kj__allocate must see it. */
static bool measure(kj__packed *packed, size_t *n_bytes, size_t *n_floats)
{
  *n_bytes = CACHE_LINE;
  *n_floats = 0;
  for (size_t l = 0; l < packed->shape.n_layers; l++) {
    layer *y = &packed->layer[l];
    y->n_in = packed->shape.width[l];
    y->n_out = packed->shape.width[l + 1];
    y->pitch = padded(y->n_out);
    size_t n;
    if (!kj__size_multiply(y->n_in + 1, y->pitch * sizeof(float), &n) ||
        n > SIZE_MAX - *n_bytes)
      return false;
    *n_bytes += layer_bytes(y, packed->weights);
    *n_floats += 2 * y->pitch;
    packed->widest = y->pitch > packed->widest ? y->pitch : packed->widest;
  }
  const size_t n_in = padded(packed->shape.width[0]);
  packed->widest = n_in > packed->widest ? n_in : packed->widest;
  return true;
}

static kj_status build(kj__packed *packed, const kj__packed_source *source,
                       kj_error *err)
{
  size_t n_bytes, n_floats;
  if (measure(packed, &n_bytes, &n_floats)) {
    packed->memory = kj__allocate(&packed->allocator, n_bytes, 1);
    packed->vectors = kj__allocate(&packed->allocator, n_floats, sizeof(float));
  }
  if (!packed->memory || !packed->vectors)
    return kj__fail_memory(err, "the weights of a network");
  const kj_status status = choose_kernel(packed, err);
  if (status == KJ_OK)
    fill(packed, source);
  return status;
}

kj_status kj__packed_create(const kj__packed_source *source,
                            const kj_allocator *allocator, kj__packed **out,
                            kj_error *err)
{
  kj__packed *packed = kj__allocate(allocator, 1, sizeof *packed);
  if (!packed)
    return kj__fail_memory(err, "the weights of a network");
  packed->allocator = kj__allocator(allocator);
  packed->shape = source->net->shape;
  packed->weights = source->weights;
  const kj_status status = build(packed, source, err);
  if (status != KJ_OK)
    kj__packed_destroy(packed);
  else
    *out = packed;
  return status;
}

void kj__packed_destroy(kj__packed *packed)
{
  if (!packed)
    return;
  const kj_allocator allocator = packed->allocator;
  kj__release(&allocator, packed->vectors);
  kj__release(&allocator, packed->memory);
  kj__release(&allocator, packed);
}

/* ---- one row ---- */

struct kj__packed_scratch {
  float *value[KJ_MAX_LAYERS + 1]; /* z, then h, of each layer; padded */
  uint32_t *active;                /* (widest) */
  int32_t *sum;                    /* (widest) */
  int16_t *steps;                  /* (widest): of an even number */
  void *memory;
  kj_allocator allocator;
};

static kj_status allocate(kj__packed_scratch *scratch, const kj__packed *packed,
                          kj_error *err)
{
  const size_t widest = packed->widest;
  size_t n = 3 * widest;
  for (size_t l = 0; l < packed->shape.n_layers; l++)
    n += packed->layer[l].pitch;
  scratch->memory = kj__allocate(&scratch->allocator, n, sizeof(float));
  if (!scratch->memory)
    return kj__fail_memory(err, "the scratch of one row");
  scratch->active = scratch->memory;
  scratch->sum = (int32_t *)scratch->memory + widest;
  scratch->steps = (int16_t *)scratch->memory + 4 * widest;
  float *next = (float *)scratch->memory + 3 * widest;
  for (size_t l = 0; l < packed->shape.n_layers; l++) {
    scratch->value[l + 1] = next;
    next += packed->layer[l].pitch;
  }
  return KJ_OK;
}

kj_status kj__packed_scratch_create(const kj__packed *packed,
                                    const kj_allocator *allocator,
                                    kj__packed_scratch **out, kj_error *err)
{
  kj__packed_scratch *scratch = kj__allocate(allocator, 1, sizeof *scratch);
  if (!scratch)
    return kj__fail_memory(err, "the scratch of one row");
  scratch->allocator = kj__allocator(allocator);
  const kj_status status = allocate(scratch, packed, err);
  if (status != KJ_OK)
    kj__packed_scratch_destroy(scratch);
  else
    *out = scratch;
  return status;
}

void kj__packed_scratch_destroy(kj__packed_scratch *scratch)
{
  if (!scratch)
    return;
  const kj_allocator allocator = scratch->allocator;
  kj__release(&allocator, scratch->memory);
  kj__release(&allocator, scratch);
}

const float *kj__packed_value(const kj__packed_scratch *scratch, size_t l)
{
  return scratch->value[l];
}

static uint32_t bits_of(float x)
{
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* The inputs that are neither 0 nor -0, without a branch. */
static size_t list_inputs(const float *x, size_t n, uint32_t *active)
{
  size_t n_active = 0;
  for (size_t k = 0; k < n; k++) {
    active[n_active] = (uint32_t)k;
    n_active += bits_of(x[k]) << 1 != 0;
  }
  return n_active;
}

static size_t list_pairs(const int16_t *steps, size_t n_pairs, uint32_t *active)
{
  size_t n_active = 0;
  for (size_t k = 0; k < n_pairs; k++) {
    active[n_active] = (uint32_t)k;
    n_active += (steps[2 * k] | steps[2 * k + 1]) != 0;
  }
  return n_active;
}

/* a_k = round(x_k A / range), cut at +-A. Adding and taking away 1.5 2^23
 * rounds what is below 2^22 to a whole number, to nearest even, in vectors. */
static void quantise(const layer *y, const float *x, int16_t *steps)
{
  static const float ROUNDING = 12582912.0f;
  for (size_t k = 0; k < y->n_in; k++) {
    const float v = x[k] * y->steps_per_one;
    const float above = v > -y->limit ? v : -y->limit;
    const float cut = above < y->limit ? above : y->limit;
    const float rounded = (cut + ROUNDING) - ROUNDING;
    steps[k] = (int16_t)(int32_t)rounded;
  }
  if (y->n_in % 2 == 1)
    steps[y->n_in] = 0;
}

static void run_floats(const kj__packed *packed, const layer *y, const float *x,
                       kj__packed_scratch *scratch, float *z)
{
  memcpy(z, y->bias, y->pitch * sizeof *z);
  packed->run(&(kj__packed_product){
      .pitch = y->pitch,
      .weights = y->weights,
      .active = scratch->active,
      .n_active = list_inputs(x, y->n_in, scratch->active),
      .x = x,
      .z = z});
}

static void run_int8(const kj__packed *packed, const layer *y, const float *x,
                     kj__packed_scratch *scratch, float *z)
{
  quantise(y, x, scratch->steps);
  memset(scratch->sum, 0, y->pitch * sizeof *scratch->sum);
  packed->run(&(kj__packed_product){
      .pitch = y->pitch,
      .weights = y->weights,
      .active = scratch->active,
      .n_active =
          list_pairs(scratch->steps, (y->n_in + 1) / 2, scratch->active),
      .steps = scratch->steps,
      .sum = scratch->sum});
  for (size_t o = 0; o < y->n_out; o++)
    z[o] = y->bias[o] + y->factor[o] * (float)scratch->sum[o];
}

/* max(0, z); a NaN stays one, so that a network gone wrong shows it. */
static void relu(float *z, size_t n)
{
  for (size_t i = 0; i < n; i++)
    z[i] = z[i] < 0 ? 0 : z[i];
}

void kj__packed_forward(const kj__packed *packed, const float *x,
                        kj__packed_scratch *scratch, float *y)
{
  const kj_network_shape *shape = &packed->shape;
  const float *input = x;
  for (size_t l = 0; l < shape->n_layers; l++) {
    const layer *at = &packed->layer[l];
    float *z = scratch->value[l + 1];
    if (packed->weights == KJ_WEIGHTS_INT8)
      run_int8(packed, at, input, scratch, z);
    else
      run_floats(packed, at, input, scratch, z);
    if (l + 1 < shape->n_layers || shape->output == KJ_ACTIVATION_RELU)
      relu(z, at->n_out);
    input = z;
  }
  memcpy(y, input, shape->width[shape->n_layers] * sizeof *y);
}
