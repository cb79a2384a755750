/*
 * dropout.c: masks are drawn, and what is kept is scaled.
 *
 * Unit u of layer l, row i, is dropped if word u of the stream (seed, dropout
 * + l, step, row id) is below 2^32 p: any range of units can be drawn by
 * itself, by any thread.
 */
#include "smoothing/dropout.h"

#include "base/random.h"
#include "network/panels.h"
#include "smoothing/work.h"

#include <assert.h>
#include <math.h>

kj_real kj__dropout_gain(const kj__state *s)
{
  return (kj_real)(1.0 / (1.0 - s->step->dropout));
}

/* One hidden layer. */
typedef struct masked {
  const kj__state *s;
  size_t l;
} masked;

static void mask_row(const masked *m, size_t row, size_t first, size_t last)
{
  const kj__state *s = m->s;
  const kj__layer *layer = &s->stepper->layer[m->l];
  const uint64_t limit = (uint64_t)(0x1p32 * s->step->dropout);
  const kj_real gain = kj__dropout_gain(s);
  kj_real *h = layer[1].trace[KJ__CLEAN].input;
  kj__random random = kj__random_stream(
      s->step->seed, (kj__purpose)(KJ__PURPOSE_DROPOUT + m->l), s->step->number,
      s->batch->row_id[row]);
  kj__random_skip(&random, first);
  for (size_t unit = first; unit < last; unit++) {
    const size_t at = kj__panels_at(layer->n_out, unit, row);
    const bool is_dropped = kj__random_u32(&random) < limit;
    layer->z[at] = is_dropped ? -(kj_real)INFINITY : layer->z[at];
    h[at] = is_dropped ? 0 : h[at] * gain;
  }
}

static void run_mask(const void *context, size_t first, size_t last)
{
  const masked *m = context;
  for (size_t row = 0; row < m->s->n_rows; row++)
    mask_row(m, row, first, last);
}

void kj__dropout_mask(const kj__state *s, size_t l)
{
  const masked m = {s, l};
  if (s->step->dropout == 0.0)
    return;
  assert(s->step->dropout > 0.0 && s->step->dropout < 1.0);
  assert(s->batch->row_id);
  kj__work_run(s->stepper->crew,
               &(kj__work){run_mask, &m, s->stepper->layer[l].n_out, KJ__UNITS},
               1);
}

typedef struct scaled {
  kj_real *panels;
  size_t n_units, n_rows;
  kj_real gain;
} scaled;

static void run_scale(const void *context, size_t first, size_t last)
{
  const scaled *c = context;
  for (size_t row = 0; row < c->n_rows; row += KJ__PANEL) {
    kj_real *values = c->panels + kj__panels_at(c->n_units, first, row);
    for (size_t i = 0; i < (last - first) * KJ__PANEL; i++)
      values[i] *= c->gain;
  }
}

void kj__dropout_scale(const kj__state *s, kj_real *panels, size_t n_units,
                       size_t n_rows)
{
  const scaled c = {panels, n_units, n_rows, kj__dropout_gain(s)};
  if (s->step->dropout == 0.0)
    return;
  kj__work_run(s->stepper->crew, &(kj__work){run_scale, &c, n_units, KJ__UNITS},
               1);
}
