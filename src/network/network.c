/*
 * network.c: a network's shape, its parameter block, and its output.
 *
 * Source: Kuwahara et al., ICAART 2020, section 3.1: dense layers with ReLU.
 */
#include "kanjo/network.h"

#include "base/error.h"
#include "base/memory.h"
#include "network/kernels.h"
#include "network/panels.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#define NAME_OF(id, name) [id] = name,
static const char *const ACTIVATION_NAME[] = {KJ_ACTIVATION_LIST(NAME_OF)};
static const char *const LOSS_NAME[] = {KJ_LOSS_LIST(NAME_OF)};
#undef NAME_OF

enum {
  N_ACTIVATIONS = sizeof ACTIVATION_NAME / sizeof ACTIVATION_NAME[0],
  N_LOSSES = sizeof LOSS_NAME / sizeof LOSS_NAME[0],
  LINE_BYTES = 64 /* a cache line, and the widest vector */
};

/* The index of `name` among n names, or n. */
static size_t find_name(const char *const *names, size_t n, const char *name)
{
  size_t index = 0;
  while (index < n && strcmp(names[index], name) != 0)
    index++;
  return index;
}

const char *kj_activation_name(kj_activation activation)
{
  return (size_t)activation < N_ACTIVATIONS ? ACTIVATION_NAME[activation]
                                            : NULL;
}

bool kj_activation_find(const char *name, kj_activation *activation)
{
  const size_t index = find_name(ACTIVATION_NAME, N_ACTIVATIONS, name);
  if (index == N_ACTIVATIONS)
    return false;
  *activation = (kj_activation)index;
  return true;
}

const char *kj_loss_name(kj_loss loss)
{
  return (size_t)loss < N_LOSSES ? LOSS_NAME[loss] : NULL;
}

bool kj_loss_find(const char *name, kj_loss *loss)
{
  const size_t index = find_name(LOSS_NAME, N_LOSSES, name);
  if (index == N_LOSSES)
    return false;
  *loss = (kj_loss)index;
  return true;
}

static kj_status check_widths(const kj_network_shape *shape, kj_error *err)
{
  uint64_t n_parameters = 0;
  for (size_t l = 0; l <= shape->n_layers; l++) {
    const size_t most =
        l == shape->n_layers ? (size_t)KJ_MAX_OUTPUTS : (size_t)KJ_MAX_WIDTH;
    if (shape->width[l] < 1 || shape->width[l] > most)
      return kj__fail(err, KJ_EARGUMENT, "width[%zu] is %zu; must be 1..%zu%s",
                      l, shape->width[l], most,
                      l == shape->n_layers ? " for the outputs" : "");
    if (l > 0)
      n_parameters += (uint64_t)shape->width[l] * (shape->width[l - 1] + 1u);
  }
  if (n_parameters > KJ_MAX_PARAMETERS)
    return kj__fail(err, KJ_EARGUMENT,
                    "number of parameters is %llu; must be at most %d",
                    (unsigned long long)n_parameters, KJ_MAX_PARAMETERS);
  return KJ_OK;
}

kj_status kj_network_shape_check(const kj_network_shape *shape, kj_error *err)
{
  if (shape->n_layers < 1 || shape->n_layers > KJ_MAX_LAYERS)
    return kj__fail(err, KJ_EARGUMENT, "n_layers is %zu; must be 1..%d",
                    shape->n_layers, KJ_MAX_LAYERS);
  if (!kj_activation_name(shape->output))
    return kj__fail(err, KJ_EARGUMENT, "output activation is %d; must be 0..%d",
                    (int)shape->output, N_ACTIVATIONS - 1);
  return check_widths(shape, err);
}

size_t kj_network_weights_offset(const kj_network_shape *shape, size_t layer)
{
  size_t offset = 0;
  for (size_t l = 0; l < layer; l++)
    offset += shape->width[l + 1] * (shape->width[l] + 1);
  return offset;
}

size_t kj_network_biases_offset(const kj_network_shape *shape, size_t layer)
{
  return kj_network_weights_offset(shape, layer) +
         shape->width[layer + 1] * shape->width[layer];
}

size_t kj_network_shape_parameters(const kj_network_shape *shape)
{
  return kj_network_weights_offset(shape, shape->n_layers);
}

kj_status kj_network_create(const kj_network_shape *shape,
                            const kj_allocator *allocator, kj_network **out,
                            kj_error *err)
{
  const kj_status status = kj_network_shape_check(shape, err);
  if (status != KJ_OK)
    return status;
  kj_network *net = kj__allocate(allocator, 1, sizeof *net);
  if (!net)
    return kj__fail_memory(err, "a network");
  net->shape = *shape;
  net->allocator = kj__allocator(allocator);
  net->n_parameters = kj_network_shape_parameters(shape);
  net->parameters =
      kj__allocate(allocator, net->n_parameters, sizeof *net->parameters);
  if (!net->parameters) {
    kj_network_destroy(net);
    return kj__fail_memory(err, "the parameters of a network");
  }
  *out = net;
  return KJ_OK;
}

void kj_network_destroy(kj_network *net)
{
  if (!net)
    return;
  const kj_allocator allocator = net->allocator;
  kj__release(&allocator, net->parameters);
  kj__release(&allocator, net);
}

kj_real *kj_network_weights(const kj_network *net, size_t layer)
{
  return net->parameters + kj_network_weights_offset(&net->shape, layer);
}

kj_real *kj_network_biases(const kj_network *net, size_t layer)
{
  return net->parameters + kj_network_biases_offset(&net->shape, layer);
}

struct kj_activations {
  kj_network_shape shape;
  size_t max_rows;
  const kj__kernels *kernels;
  kj_real *panels[2]; /* what a layer reads, and what it writes, in turn;
                         (widest layer, max_rows) each, aligned */
  void *memory;       /* the block that both lie in */
  kj_allocator allocator;
};

static size_t widest_layer(const kj_network_shape *shape)
{
  size_t widest = 0;
  for (size_t l = 0; l <= shape->n_layers; l++)
    if (shape->width[l] > widest)
      widest = shape->width[l];
  return widest;
}

/* The block, and both panels in it; false if memory is short. */
static bool create_panels(kj_activations *activations)
{
  const size_t max_rows = activations->max_rows;
  size_t n, n_bytes;
  if (max_rows > SIZE_MAX - KJ__PANEL ||
      !kj__size_multiply(kj__pad(widest_layer(&activations->shape)),
                         kj__pad(max_rows), &n) ||
      !kj__size_multiply(n, 2 * sizeof(kj_real), &n_bytes) ||
      n_bytes > SIZE_MAX - LINE_BYTES)
    return false;
  activations->memory =
      kj__allocate(&activations->allocator, 1, n_bytes + LINE_BYTES);
  if (!activations->memory)
    return false;
  const size_t past = (uintptr_t)activations->memory % LINE_BYTES;
  char *const line = (char *)activations->memory + LINE_BYTES - past;
  activations->panels[0] = (kj_real *)(void *)line;
  activations->panels[1] = activations->panels[0] + n;
  return true;
}

kj_status kj_activations_create(const kj_network_shape *shape, size_t max_rows,
                                const kj_allocator *allocator,
                                kj_activations **out, kj_error *err)
{
  kj__tier tier;
  kj_status status = kj_network_shape_check(shape, err);
  if (status != KJ_OK)
    return status;
  if (max_rows < 1)
    return kj__fail(err, KJ_EARGUMENT, "max_rows is 0; must be at least 1");
  status = kj__tier_choose(&tier, err);
  if (status != KJ_OK)
    return status;
  kj_activations *activations = kj__allocate(allocator, 1, sizeof *activations);
  if (!activations)
    return kj__fail_memory(err, "the activations of a network");
  activations->shape = *shape;
  activations->max_rows = max_rows;
  activations->kernels = kj__kernels_get(tier, KJ__FP32);
  activations->allocator = kj__allocator(allocator);
  if (!create_panels(activations)) {
    kj_activations_destroy(activations);
    return kj__fail_memory(err, "the activations of a network");
  }
  *out = activations;
  return KJ_OK;
}

void kj_activations_destroy(kj_activations *activations)
{
  if (!activations)
    return;
  const kj_allocator allocator = activations->allocator;
  kj__release(&allocator, activations->memory);
  kj__release(&allocator, activations);
}

/* z = b + W input; of a hidden layer, max(0, z). */
static void run_layer(const kj_network *net, size_t l, size_t n_rows,
                      const kj__kernels *kernels, const kj_real *input,
                      kj_real *result)
{
  const bool is_last = l + 1 == net->shape.n_layers;
  const kj__forward q = {
      .n_in = net->shape.width[l],
      .n_out = net->shape.width[l + 1],
      .n_rows = n_rows,
      .weights = kj_network_weights(net, l),
      .bias = kj_network_biases(net, l),
      .input = input,
      .z = is_last ? result : NULL,
      .h = is_last ? NULL : result,
  };
  kernels->forward(&q, 0, q.n_out);
}

/* max(0, z); a NaN stays one, so that a network gone wrong shows it. */
static void relu(kj_real *z, size_t n)
{
  for (size_t i = 0; i < n; i++)
    z[i] = z[i] < 0 ? 0 : z[i];
}

void kj_network_forward(const kj_network *net, const kj_real *x, size_t n_rows,
                        kj_activations *activations, kj_real *y)
{
  const kj_network_shape *shape = &net->shape;
  const size_t n_out = shape->width[shape->n_layers];
  assert(n_rows >= 1 && n_rows <= activations->max_rows);
  assert(activations->shape.n_layers == shape->n_layers);
  assert(memcmp(activations->shape.width, shape->width,
                (shape->n_layers + 1) * sizeof shape->width[0]) == 0);
  kj_real *const *panels = activations->panels;
  kj__panels_from_rows(x, n_rows, shape->width[0], panels[0]);
  for (size_t l = 0; l < shape->n_layers; l++)
    run_layer(net, l, n_rows, activations->kernels, panels[l % 2],
              panels[(l + 1) % 2]);
  kj__panels_to_rows(panels[shape->n_layers % 2], n_rows, n_out, y);
  if (shape->output == KJ_ACTIVATION_RELU)
    relu(y, n_rows * n_out);
}
