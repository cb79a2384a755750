/*
 * passes.h: the matrix products of a training step, layer after layer.
 *
 * Each pass reads and writes the traces of step.h. With one thread a layer is
 * one call of its kernel; with a crew it is cut between units.
 */
#ifndef KJ_SMOOTHING_PASSES_H
#define KJ_SMOOTHING_PASSES_H

#include "smoothing/step.h"

/* Take the narrow copies of the weights, where the kernels read such. */
void kj__pass_narrow_weights(const kj__state *s);

/* From the batch's x: z_l and h_l of the first n_rows rows. */
void kj__pass_clean(const kj__state *s);

/* From r: h'_l and how far each layer's output moves, of the covered rows.
 * Reads the clean z_l; leaves h'_0 to whoever made r. */
void kj__pass_moved(const kj__state *s);

/* One pass back by the chain rule:
 *
 *   d/dz_(l-1) = W_l' d/dz_l where h_l > 0, else 0;    dx = W_0' d/dz_0 */
typedef struct kj__chain {
  kj__pass mask;   /* whose h_l */
  kj__pass signal; /* the trace that the derivatives are written to, where
                      those of the outputs stand already */
  size_t n_rows;
  kj_real *dx; /* (n_in, n_rows); or NULL: not wanted */
  /* Where row_scale is given, row_scale_r times the derivatives of row r are
   * put, or added, to the clean trace's; `signal` is the other one then. */
  const kj_real *row_scale;
  bool accumulate;
} kj__chain;

void kj__pass_back(const kj__state *s, const kj__chain *chain);

/* Put the outputs' signal of a pass where a chain begins. */
void kj__pass_send(const kj__state *s, kj__pass pass);

/* For each output k a chain with derivative 1 at z_k, of the covered rows: g_k
 * = dz_k / dx. The same chains give the clean trace's derivatives of L but for
 * those by the outputs, from which they are made. */
void kj__pass_units(const kj__state *s);

/* The gradient of all parameters from both traces: the supervised rows of the
 * clean one and the covered rows of the moved one. It is written to
 * `gradient`, or, where that is NULL, Adam moves the network's parameters. */
void kj__pass_descend(const kj__state *s, kj_real *gradient,
                      const kj_optimiser *optimiser);

#endif
