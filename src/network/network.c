/*
 * network.c: a network's shape, its parameter block, and its output.
 *
 * Source: Kuwahara et al., ICAART 2020, section 3.1: dense layers with ReLU.
 */
#include "kanjo/network.h"

#include "base/error.h"
#include "base/memory.h"
#include "network/activations.h"
#include "network/matmul.h"

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
  TRANSPOSE_BLOCK = 16 /* numbers: a cache line of floats */
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

/* Numbers a row: all values, two signals and a row-major copy. */
static size_t numbers_per_row(const kj_network_shape *shape, size_t *widest)
{
  size_t sum = 0;
  *widest = 0;
  for (size_t l = 0; l <= shape->n_layers; l++) {
    sum += shape->width[l];
    if (shape->width[l] > *widest)
      *widest = shape->width[l];
  }
  return sum + 3 * *widest;
}

/* Share out the one block. */
static void place(kj_activations *activations, size_t widest)
{
  const size_t max_rows = activations->max_rows;
  kj_real *next = activations->memory;
  for (size_t l = 0; l <= activations->shape.n_layers; l++) {
    activations->value[l] = next;
    next += activations->shape.width[l] * max_rows;
  }
  for (size_t i = 0; i < 2; i++) {
    activations->signal[i] = next;
    next += widest * max_rows;
  }
  activations->rows = next;
}

kj_status kj_activations_create(const kj_network_shape *shape, size_t max_rows,
                                const kj_allocator *allocator,
                                kj_activations **out, kj_error *err)
{
  const kj_status status = kj_network_shape_check(shape, err);
  if (status != KJ_OK)
    return status;
  if (max_rows < 1)
    return kj__fail(err, KJ_EARGUMENT, "max_rows is 0; must be at least 1");
  size_t widest, count;
  if (!kj__size_multiply(numbers_per_row(shape, &widest), max_rows, &count))
    return kj__fail_memory(err, "the activations of a network");
  kj_activations *activations = kj__allocate(allocator, 1, sizeof *activations);
  if (!activations)
    return kj__fail_memory(err, "the activations of a network");
  activations->shape = *shape;
  activations->max_rows = max_rows;
  activations->allocator = kj__allocator(allocator);
  activations->memory = kj__allocate(allocator, count, sizeof(kj_real));
  if (!activations->memory) {
    kj_activations_destroy(activations);
    return kj__fail_memory(err, "the activations of a network");
  }
  place(activations, widest);
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

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

void kj__transpose(const kj_real *from, size_t n_rows, size_t n_columns,
                   kj_real *to)
{
  for (size_t r0 = 0; r0 < n_rows; r0 += TRANSPOSE_BLOCK)
    for (size_t c0 = 0; c0 < n_columns; c0 += TRANSPOSE_BLOCK) {
      const size_t r1 = smaller(r0 + TRANSPOSE_BLOCK, n_rows);
      const size_t c1 = smaller(c0 + TRANSPOSE_BLOCK, n_columns);
      for (size_t c = c0; c < c1; c++)
        for (size_t r = r0; r < r1; r++)
          to[c * n_rows + r] = from[r * n_columns + c];
    }
}

/* max(0, z); a NaN stays one, so that a network gone wrong shows it. */
static void relu(kj_real *z, size_t n)
{
  for (size_t i = 0; i < n; i++)
    z[i] = z[i] < 0 ? 0 : z[i];
}

/* z_l = b_l + W_l h_l: the sum starts at the bias. */
static void run_layer(const kj_network *net, size_t l,
                      kj_activations *activations)
{
  const size_t n_in = net->shape.width[l], n_out = net->shape.width[l + 1];
  const size_t n_rows = activations->n_rows;
  const kj_real *bias = kj_network_biases(net, l);
  kj_real *z = activations->value[l + 1];
  for (size_t o = 0; o < n_out; o++)
    for (size_t r = 0; r < n_rows; r++)
      z[o * n_rows + r] = bias[o];
  kj__matmul(&(kj__matmul_problem){.m = n_out,
                                   .n = n_rows,
                                   .k = n_in,
                                   .a = kj_network_weights(net, l),
                                   .a_row = n_in,
                                   .a_column = 1,
                                   .b = activations->value[l],
                                   .b_row = n_rows,
                                   .c = z,
                                   .c_row = n_rows,
                                   .accumulate = true});
}

void kj__activations_output(const kj_activations *activations, kj_real *z)
{
  const size_t n_layers = activations->shape.n_layers;
  kj__transpose(activations->value[n_layers],
                activations->shape.width[n_layers], activations->n_rows, z);
}

void kj_network_forward(const kj_network *net, const kj_real *x, size_t n_rows,
                        kj_activations *activations, kj_real *y)
{
  const kj_network_shape *shape = &net->shape;
  assert(n_rows >= 1 && n_rows <= activations->max_rows);
  assert(activations->shape.n_layers == shape->n_layers);
  assert(memcmp(activations->shape.width, shape->width,
                (shape->n_layers + 1) * sizeof shape->width[0]) == 0);
  activations->n_rows = n_rows;
  kj__transpose(x, n_rows, shape->width[0], activations->value[0]);
  for (size_t l = 0; l < shape->n_layers; l++) {
    run_layer(net, l, activations);
    if (l + 1 < shape->n_layers)
      relu(activations->value[l + 1], shape->width[l + 1] * n_rows);
  }
  kj__activations_output(activations, y);
  if (shape->output == KJ_ACTIVATION_RELU)
    relu(y, n_rows * shape->width[shape->n_layers]);
}
