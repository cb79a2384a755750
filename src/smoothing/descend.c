/*
 * descend.c: the weight gradients of all layers, and the step down them.
 *
 * The rows of both passes are stacked: dW_l is one product over all of them,
 * and where Adam takes it at once it is never stored.
 *
 * First every layer's inputs are transposed, for the kernels run along the
 * inputs of a unit; with bf16 the copies are then narrowed, as are the
 * signals. Each of the three is one region for the crew.
 */
#include "network/adam.h"
#include "network/panels.h"
#include "smoothing/passes.h"
#include "smoothing/work.h"

enum { MOST_TRACES = KJ_MAX_LAYERS * KJ__N_PASSES };

/* One trace of one layer. */
typedef struct stacked {
  const kj__layer *layer;
  const kj__trace *trace;
  size_t n_rows;
} stacked;

static void transpose(const void *context, size_t first, size_t last)
{
  const stacked *t = context;
  kj__panels_transpose(t->trace->input, t->layer->n_in, t->n_rows, first, last,
                       t->trace->columns);
}

static void narrow_columns(const void *context, size_t first, size_t last)
{
  const stacked *t = context;
  kj__narrow_pairs(t->trace->columns, t->n_rows, t->layer->n_in, first, last,
                   t->trace->narrow_columns);
}

static void narrow_signal(const void *context, size_t first, size_t last)
{
  const stacked *t = context;
  kj__narrow_panels(t->trace->signal, t->layer->n_out, t->n_rows, first, last,
                    t->trace->narrow_signal);
}

/* Columns of all traces, and what bf16 reads. */
static void gather(const kj__state *s)
{
  stacked traces[MOST_TRACES];
  kj__work works[2 * MOST_TRACES];
  const size_t n = s->n_layers * KJ__N_PASSES;
  for (size_t i = 0; i < n; i++) {
    const kj__layer *layer = &s->stepper->layer[i / KJ__N_PASSES];
    const kj__pass pass = i % KJ__N_PASSES == 0 ? KJ__CLEAN : KJ__MOVED;
    traces[i] = (stacked){layer, &layer->trace[pass], kj__state_rows(s, pass)};
    works[i] =
        (kj__work){transpose, &traces[i], kj__pad(traces[i].n_rows), KJ__PANEL};
  }
  kj__work_run(s->stepper->crew, works, n);
  if (!s->stepper->kernels->narrow)
    return;
  for (size_t i = 0; i < n; i++) {
    const bool has_rows = traces[i].n_rows > 0;
    works[2 * i] =
        (kj__work){narrow_columns, &traces[i],
                   has_rows ? kj__pad(traces[i].layer->n_in) : 0, KJ__PANEL};
    works[2 * i + 1] = (kj__work){narrow_signal, &traces[i],
                                  kj__pad(traces[i].n_rows), KJ__PANEL};
  }
  kj__work_run(s->stepper->crew, works, 2 * n);
}

typedef struct descent {
  const kj__kernels *kernels;
  kj__descent q;
} descent;

static void run_descend(const void *context, size_t first, size_t last)
{
  const descent *d = context;
  d->kernels->descend(&d->q, first, last);
}

static kj__stack stack_of(const kj__state *s, const kj__layer *layer,
                          kj__pass pass)
{
  const kj__trace *trace = &layer->trace[pass];
  return (kj__stack){
      .n_rows = kj__state_rows(s, pass),
      .signal = trace->signal,
      .columns = trace->columns,
      .narrow_signal = trace->narrow_signal,
      .narrow_columns = trace->narrow_columns,
  };
}

/* Of layer l, without a destination. */
static kj__descent descent_of(const kj__state *s, size_t l)
{
  const kj__layer *layer = &s->stepper->layer[l];
  return (kj__descent){
      .n_in = layer->n_in,
      .n_out = layer->n_out,
      .stack = {stack_of(s, layer, KJ__CLEAN), stack_of(s, layer, KJ__MOVED)},
  };
}

/* Where layer l's sums go: into Adam. */
static void aim_at_parameters(const kj__state *s, size_t l,
                              const kj_optimiser *optimiser, kj__descent *q)
{
  const size_t offset = kj_network_weights_offset(&s->net->shape, l);
  q->parameters = s->net->parameters + offset;
  q->moment1 = optimiser->moment1 + offset;
  q->moment2 = optimiser->moment2 + offset;
  q->narrow_forward = s->stepper->layer[l].narrow_forward;
  q->narrow_backward = s->stepper->layer[l].narrow_backward;
}

void kj__pass_descend(const kj__state *s, kj_real *gradient,
                      const kj_optimiser *optimiser)
{
  kj__adam_step_constants constants = {0};
  descent layers[KJ_MAX_LAYERS];
  kj__work works[KJ_MAX_LAYERS];
  if (!gradient)
    constants = kj__adam_constants(&optimiser->adam, optimiser->t);
  gather(s);
  for (size_t l = 0; l < s->n_layers; l++) {
    layers[l] = (descent){s->stepper->kernels, descent_of(s, l)};
    kj__descent *q = &layers[l].q;
    if (gradient)
      q->gradient = gradient + kj_network_weights_offset(&s->net->shape, l);
    else
      aim_at_parameters(s, l, optimiser, q);
    q->adam = &constants;
    works[l] = (kj__work){run_descend, &layers[l], q->n_out, KJ__UNITS};
  }
  kj__work_run(s->stepper->crew, works, s->n_layers);
}
