/*
 * workspace.c: one block for all arrays of a training step.
 *
 * The same walk over the arrays first adds up their sizes and then, with a
 * block to share out, gives each its place. All begin as 0, and so does the
 * padding of panels, which is thus finite for good.
 */
#include "smoothing/workspace.h"

#include "base/error.h"
#include "base/memory.h"
#include "network/panels.h"

#include <stdint.h>

enum { LINE_BYTES = 64 /* a cache line, and the widest vector */ };

typedef struct walk {
  char *block; /* NULL: sizes only are wanted */
  size_t n_bytes;
  bool is_too_large;
} walk;

/* Room for count numbers of `size` bytes, at the beginning of a line. */
static void *take(walk *w, size_t count, size_t size)
{
  size_t n_bytes;
  if (!kj__size_multiply(count, size, &n_bytes) ||
      n_bytes > SIZE_MAX / 2 - w->n_bytes) {
    w->is_too_large = true;
    return NULL;
  }
  void *const room = w->block ? w->block + w->n_bytes : NULL;
  w->n_bytes += (n_bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
  return room;
}

/* Room for panels of (a, b). */
static void *take_panels(walk *w, size_t a, size_t b, size_t size)
{
  size_t count;
  if (!kj__size_multiply(kj__pad(a), kj__pad(b), &count)) {
    w->is_too_large = true;
    return NULL;
  }
  return take(w, count, size);
}

static void place_trace(walk *w, const kj_stepper *stepper,
                        const kj__layer *layer, kj__trace *trace)
{
  const size_t rows = stepper->max_rows;
  trace->input = take_panels(w, layer->n_in, rows, sizeof(kj_real));
  trace->signal = take_panels(w, layer->n_out, rows, sizeof(kj_real));
  trace->columns = take_panels(w, rows, layer->n_in, sizeof(kj_real));
  if (!stepper->kernels->narrow)
    return;
  trace->narrow_signal = take_panels(w, layer->n_out, rows, sizeof(kj__bf16));
  trace->narrow_columns = take_panels(w, rows, layer->n_in, sizeof(kj__bf16));
}

static void place_layer(walk *w, const kj_stepper *stepper, kj__layer *layer)
{
  const size_t rows = stepper->max_rows;
  for (size_t pass = 0; pass < KJ__N_PASSES; pass++)
    place_trace(w, stepper, layer, &layer->trace[pass]);
  layer->z = take_panels(w, layer->n_out, rows, sizeof(kj_real));
  layer->delta = take_panels(w, layer->n_out, rows, sizeof(kj_real));
  if (!stepper->kernels->narrow)
    return;
  layer->narrow_forward =
      take(w, layer->n_out * kj__even(layer->n_in), sizeof(kj__bf16));
  layer->narrow_backward =
      take(w, kj__even(layer->n_out) * layer->n_in, sizeof(kj__bf16));
}

static void place_outputs(walk *w, const kj_stepper *stepper,
                          kj__outputs *outputs)
{
  const size_t n = stepper->shape.width[stepper->shape.n_layers];
  const size_t rows = stepper->max_rows;
  outputs->z = take(w, rows, n * sizeof(kj_real));
  outputs->f = take(w, rows, n * sizeof(kj_real));
  outputs->z_move = take(w, rows, n * sizeof(kj_real));
  for (size_t pass = 0; pass < KJ__N_PASSES; pass++)
    outputs->signal[pass] = take(w, rows, n * sizeof(kj_real));
  outputs->excess = take(w, rows, n * sizeof(double));
}

static void place(walk *w, kj_stepper *stepper)
{
  const kj_network_shape *shape = &stepper->shape;
  const size_t n_in = shape->width[0], rows = stepper->max_rows;
  size_t widest = 0;
  for (size_t l = 0; l <= shape->n_layers; l++)
    widest = shape->width[l] > widest ? shape->width[l] : widest;
  for (size_t l = 0; l < shape->n_layers; l++) {
    stepper->layer[l].n_in = shape->width[l];
    stepper->layer[l].n_out = shape->width[l + 1];
    place_layer(w, stepper, &stepper->layer[l]);
  }
  place_outputs(w, stepper, &stepper->outputs);
  stepper->r = take_panels(w, n_in, rows, sizeof(kj_real));
  stepper->gradient_size = kj__panels_size(n_in, rows);
  stepper->gradient = take(w, shape->width[shape->n_layers],
                           stepper->gradient_size * sizeof(kj_real));
  stepper->row_scale = take(w, kj__pad(rows), sizeof(kj_real));
  if (stepper->kernels->narrow)
    stepper->narrow = take_panels(w, widest, rows, sizeof(kj__bf16));
}

kj_status kj__workspace_create(kj_stepper *stepper, kj_error *err)
{
  walk w = {0};
  /* Beyond this a row's largest product of sizes could not be counted. */
  const size_t most_rows = SIZE_MAX / KJ_MAX_WIDTH / sizeof(double) / 2;
  if (stepper->max_rows <= most_rows)
    place(&w, stepper);
  if (stepper->max_rows > most_rows || w.is_too_large)
    return kj__fail_memory(err, "the arrays of a training step");
  stepper->n_bytes = w.n_bytes + LINE_BYTES;
  stepper->memory = kj__allocate(&stepper->allocator, 1, stepper->n_bytes);
  if (!stepper->memory)
    return kj__fail_memory(err, "the arrays of a training step");
  char *const block = stepper->memory;
  const size_t past = (uintptr_t)block % LINE_BYTES;
  w = (walk){.block = block + (LINE_BYTES - past) % LINE_BYTES};
  place(&w, stepper);
  return KJ_OK;
}

void kj__workspace_destroy(kj_stepper *stepper)
{
  kj__release(&stepper->allocator, stepper->memory);
}
