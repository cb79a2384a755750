/*
 * backward.c: the chain rule, from the outputs to the inputs.
 *
 * With dz_l the gradient by z_l = W_l h_l + b_l, summed over the rows r:
 *
 *   dW_l += dz_l h_l^T;   db_l += sum_r dz_l;   dh_l = W_l^T dz_l
 *   dz_(l-1) = dh_l where h_l > 0, else 0
 */
#include "network/backward.h"

#include "network/activations.h"
#include "network/matmul.h"

#include <assert.h>
#include <string.h>

/* Keep the signal where a value is above 0. */
static void mask(kj_real *signal, const kj_real *value, size_t n)
{
  for (size_t i = 0; i < n; i++)
    signal[i] = value[i] > 0 ? signal[i] : 0;
}

/* db_o += dz_o0 + dz_o1 + ... */
static void add_bias_gradient(const kj_real *dz, size_t n_out, size_t n_rows,
                              kj_real *db)
{
  for (size_t o = 0; o < n_out; o++)
    for (size_t r = 0; r < n_rows; r++)
      db[o] += dz[o * n_rows + r];
}

/* dW_l += dz_l h_l^T and db_l. */
static void add_gradient(kj_activations *activations, size_t l,
                         const kj_real *dz, kj_real *gradient)
{
  const kj_network_shape *shape = &activations->shape;
  const size_t n_in = shape->width[l], n_out = shape->width[l + 1];
  const size_t n_rows = activations->n_rows;
  kj__transpose(activations->value[l], n_in, n_rows, activations->rows);
  kj__matmul(
      &(kj__matmul_problem){.m = n_out,
                            .n = n_in,
                            .k = n_rows,
                            .a = dz,
                            .a_row = n_rows,
                            .a_column = 1,
                            .b = activations->rows,
                            .b_row = n_in,
                            .c = gradient + kj_network_weights_offset(shape, l),
                            .c_row = n_in,
                            .accumulate = true});
  add_bias_gradient(dz, n_out, n_rows,
                    gradient + kj_network_biases_offset(shape, l));
}

/* dh_l = W_l^T dz_l. */
static void send_back(const kj_network *net, size_t l, const kj_real *dz,
                      size_t n_rows, kj_real *dh)
{
  const size_t n_in = net->shape.width[l];
  kj__matmul(&(kj__matmul_problem){.m = n_in,
                                   .n = n_rows,
                                   .k = net->shape.width[l + 1],
                                   .a = kj_network_weights(net, l),
                                   .a_row = 1,
                                   .a_column = n_in,
                                   .b = dz,
                                   .b_row = n_rows,
                                   .c = dh,
                                   .c_row = n_rows});
}

void kj__network_backward(const kj_network *net, kj_activations *activations,
                          const kj_real *dy, size_t n_rows, bool through_output,
                          kj_real *gradient, kj_real *dx)
{
  const kj_network_shape *shape = &net->shape;
  const size_t n_layers = shape->n_layers, n_out = shape->width[n_layers];
  assert(n_rows == activations->n_rows);
  kj_real *dz = activations->signal[0], *dh = activations->signal[1];
  kj__transpose(dy, n_rows, n_out, dz);
  if (through_output && shape->output == KJ_ACTIVATION_RELU)
    mask(dz, activations->value[n_layers], n_out * n_rows);
  for (size_t l = n_layers; l-- > 0;) {
    if (gradient)
      add_gradient(activations, l, dz, gradient);
    if (l == 0 && !dx)
      return;
    send_back(net, l, dz, n_rows, dh);
    if (l > 0)
      mask(dh, activations->value[l], shape->width[l] * n_rows);
    kj_real *const free_signal = dz;
    dz = dh;
    dh = free_signal;
  }
  kj__transpose(dz, shape->width[0], n_rows, dx);
}
