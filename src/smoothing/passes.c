/*
 * passes.c: forward, forward for rows that moved, and back.
 *
 * The moved pass follows the difference of the two outputs, not the outputs:
 * with t = W_l (h'_l - h_l),
 *
 *   h'_(l+1) - h_(l+1) = max(0, z_l + t) - max(0, z_l);    z' - z = t at last
 *
 * Subtracting two outputs that differ by 1e-4 of themselves would leave three
 * digits of a float, and none of a bf16.
 */
#include "smoothing/passes.h"

#include "network/panels.h"
#include "smoothing/dropout.h"
#include "smoothing/work.h"

/* A product: the kernel's arguments, and who computes it. */
typedef struct product {
  const kj__kernels *kernels;
  const void *q;
} product;

static void run_forward(const void *context, size_t first, size_t last)
{
  const product *p = context;
  p->kernels->forward(p->q, first, last);
}

static void run_forward_moved(const void *context, size_t first, size_t last)
{
  const product *p = context;
  p->kernels->forward_moved(p->q, first, last);
}

static void run_backward(const void *context, size_t first, size_t last)
{
  const product *p = context;
  p->kernels->backward(p->q, first, last);
}

static void multiply(const kj_stepper *stepper,
                     void (*run)(const void *, size_t, size_t), const void *q,
                     size_t n_units)
{
  const product p = {stepper->kernels, q};
  kj__work_run(stepper->crew, &(kj__work){run, &p, n_units, KJ__UNITS}, 1);
}

/* Panels (a, b) to be narrowed. */
typedef struct operand {
  const kj_real *panels;
  size_t a, b;
  kj__bf16 *pairs;
} operand;

static void run_narrow_pairs(const void *context, size_t first, size_t last)
{
  const operand *o = context;
  kj__narrow_pairs(o->panels, o->a, o->b, first, last, o->pairs);
}

/* The operand (a, b) of a product in bf16; NULL in fp32. */
static const kj__bf16 *narrow(const kj_stepper *stepper, const kj_real *panels,
                              size_t a, size_t b)
{
  if (!stepper->narrow)
    return NULL;
  const operand o = {panels, a, b, stepper->narrow};
  kj__work_run(stepper->crew,
               &(kj__work){run_narrow_pairs, &o, kj__pad(b), KJ__PANEL}, 1);
  return stepper->narrow;
}

typedef struct narrowed {
  const kj__layer *layer;
  const kj_real *weights;
} narrowed;

static void run_narrow_weights(const void *context, size_t first, size_t last)
{
  const narrowed *n = context;
  kj__narrow_weights(n->weights, n->layer->n_in, n->layer->n_out, first, last,
                     n->layer->narrow_forward, n->layer->narrow_backward);
}

void kj__pass_narrow_weights(const kj__state *s)
{
  narrowed layers[KJ_MAX_LAYERS];
  kj__work works[KJ_MAX_LAYERS];
  for (size_t l = 0; l < s->n_layers; l++) {
    const kj__layer *layer = &s->stepper->layer[l];
    layers[l] = (narrowed){layer, kj_network_weights(s->net, l)};
    works[l] =
        (kj__work){run_narrow_weights, &layers[l], layer->n_out, KJ__UNITS};
  }
  kj__work_run(s->stepper->crew, works, s->n_layers);
}

/* Rows first .. last of the batch to panels; first is a multiple of 32. */
static void take_rows(const void *context, size_t first, size_t last)
{
  const kj__state *s = context;
  kj__panels_from_rows(s->batch->x + first * s->n_in, last - first, s->n_in,
                       s->stepper->layer[0].trace[KJ__CLEAN].input +
                           kj__panels_at(s->n_in, 0, first));
}

void kj__pass_clean(const kj__state *s)
{
  kj_stepper *stepper = s->stepper;
  kj__work_run(stepper->crew, &(kj__work){take_rows, s, s->n_rows, KJ__PANEL},
               1);
  for (size_t l = 0; l < s->n_layers; l++) {
    const kj__layer *layer = &stepper->layer[l];
    const bool is_last = l + 1 == s->n_layers;
    const kj_real *input = layer->trace[KJ__CLEAN].input;
    const kj__forward q = {
        .n_in = layer->n_in,
        .n_out = layer->n_out,
        .n_rows = s->n_rows,
        .weights = kj_network_weights(s->net, l),
        .bias = kj_network_biases(s->net, l),
        .input = input,
        .z = layer->z,
        .h = is_last ? NULL : layer[1].trace[KJ__CLEAN].input,
        .narrow_weights = layer->narrow_forward,
        .narrow_input = narrow(stepper, input, layer->n_in, s->n_rows),
    };
    multiply(stepper, run_forward, &q, layer->n_out);
    if (!is_last)
      kj__dropout_mask(s, l);
  }
}

void kj__pass_moved(const kj__state *s)
{
  kj_stepper *stepper = s->stepper;
  const kj_real *input = stepper->r;
  for (size_t l = 0; l < s->n_layers; l++) {
    const kj__layer *layer = &stepper->layer[l];
    const bool is_last = l + 1 == s->n_layers;
    const kj__forward_moved q = {
        .n_in = layer->n_in,
        .n_out = layer->n_out,
        .n_rows = s->n_covered,
        .weights = kj_network_weights(s->net, l),
        .input = input,
        .z = layer->z,
        .h = is_last ? NULL : layer[1].trace[KJ__MOVED].input,
        .delta = layer->delta,
        .narrow_weights = layer->narrow_forward,
        .narrow_input = narrow(stepper, input, layer->n_in, s->n_covered),
    };
    multiply(stepper, run_forward_moved, &q, layer->n_out);
    if (!is_last) {
      kj__dropout_scale(s, q.h, layer->n_out, s->n_covered);
      kj__dropout_scale(s, q.delta, layer->n_out, s->n_covered);
    }
    input = layer->delta;
  }
}

/* Layer l of a chain. */
static void send_back(const kj__state *s, const kj__chain *chain, size_t l)
{
  kj_stepper *stepper = s->stepper;
  const kj__layer *layer = &stepper->layer[l];
  const kj__layer *below = layer - 1;
  const kj_real *signal = layer->trace[chain->signal].signal;
  const bool is_scaled = chain->row_scale && l > 0;
  const kj__backward q = {
      .n_in = layer->n_in,
      .n_out = layer->n_out,
      .n_rows = chain->n_rows,
      .weights = kj_network_weights(s->net, l),
      .signal = signal,
      .h = l > 0 ? layer->trace[chain->mask].input : NULL,
      .back = l > 0 ? below->trace[chain->signal].signal : chain->dx,
      .row_scale = is_scaled ? chain->row_scale : NULL,
      .scaled = is_scaled ? below->trace[KJ__CLEAN].signal : NULL,
      .accumulate = chain->accumulate,
      .narrow_weights = layer->narrow_backward,
      .narrow_signal = narrow(stepper, signal, layer->n_out, chain->n_rows),
  };
  multiply(stepper, run_backward, &q, layer->n_in);
  if (l > 0)
    kj__dropout_scale(s, q.back, layer->n_in, chain->n_rows);
}

void kj__pass_back(const kj__state *s, const kj__chain *chain)
{
  const size_t lowest = chain->dx ? 0 : 1;
  for (size_t l = s->n_layers; l-- > lowest;)
    send_back(s, chain, l);
}

void kj__pass_send(const kj__state *s, kj__pass pass)
{
  const kj__layer *last = &s->stepper->layer[s->n_layers - 1];
  kj__panels_from_rows(s->stepper->outputs.signal[pass],
                       kj__state_rows(s, pass), s->n_out,
                       last->trace[pass].signal);
}

/* 1 at output k of each covered row, else 0. */
static void set_unit(const kj__state *s, size_t k)
{
  const kj__layer *last = &s->stepper->layer[s->n_layers - 1];
  for (size_t entry = 0; entry < s->n_out; entry++)
    for (size_t r = 0; r < s->n_covered; r++)
      last->trace[KJ__MOVED].signal[kj__panels_at(s->n_out, entry, r)] =
          entry == k;
}

/* The derivative of L by z_k, of rows without a label 0; times the gain, for
 * kernels make their multiples before a chain's own values get it. */
static const kj_real *scale_rows(const kj__state *s, size_t k)
{
  kj_real *scale = s->stepper->row_scale;
  const kj_real *signal = s->stepper->outputs.signal[KJ__CLEAN];
  const kj_real gain = kj__dropout_gain(s);
  for (size_t r = 0; r < kj__pad(s->n_covered); r++)
    scale[r] = r < s->n_supervised ? gain * signal[r * s->n_out + k] : 0;
  return s->n_supervised > 0 ? scale : NULL;
}

void kj__pass_units(const kj__state *s)
{
  for (size_t k = 0; k < s->n_out; k++) {
    set_unit(s, k);
    kj__pass_back(
        s, &(kj__chain){
               .mask = KJ__CLEAN,
               .signal = KJ__MOVED,
               .n_rows = s->n_covered,
               .dx = s->stepper->gradient + k * s->stepper->gradient_size,
               .row_scale = scale_rows(s, k),
               .accumulate = k > 0,
           });
  }
}
