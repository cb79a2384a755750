/*
 * activations.h: what a forward pass leaves behind for the backward pass.
 *
 * Inside, matrices are feature-major, shape (features, rows), with the rows of
 * the last pass and no gap: W (out, in) times X (in, rows) then needs neither
 * packing nor a transposed copy, and neither does its input gradient.
 */
#ifndef KJ_NETWORK_ACTIVATIONS_H
#define KJ_NETWORK_ACTIVATIONS_H

#include "kanjo/network.h"

struct kj_activations {
  kj_network_shape shape;
  size_t max_rows;
  size_t n_rows;                     /* of the last forward pass; 0: none */
  kj_real *value[KJ_MAX_LAYERS + 1]; /* value[0]: x; value[l]: h_l after ReLU;
                                        value[n_layers]: z of the output,
                                        before its activation */
  kj_real *signal[2]; /* d loss / d z of a layer; (largest width, rows) */
  kj_real *rows;      /* a row-major copy; (rows, largest width) */
  kj_real *memory;    /* the one block that all of them lie in */
  kj_allocator allocator;
};

/* Copy z of the output, before its activation, of the last forward pass to z;
 * shape (n_rows, n_out), row-major; n_rows as in that pass. */
void kj__activations_output(const kj_activations *activations, kj_real *z);

/* to (n_columns, n_rows) = transpose of from (n_rows, n_columns). */
void kj__transpose(const kj_real *from, size_t n_rows, size_t n_columns,
                   kj_real *to);

#endif
