/* backward.h: from the gradient of a loss by the outputs to all others. */
#ifndef KJ_NETWORK_BACKWARD_H
#define KJ_NETWORK_BACKWARD_H

#include "kanjo/network.h"
#include <stdbool.h>

/*
 * Send a signal back through the network's last forward pass.
 *
 * ReLU has derivative 1 where its input is above 0, else 0. A pass may be sent
 * back through any number of times.
 *
 * net             with the parameters of that forward pass.
 * activations     of that forward pass, whose number of rows was n_rows.
 * dy              d loss / d output; shape (n_rows, n_out), row-major.
 * through_output  true: by the output itself, a ReLU output's derivative
 *                 applies; false: by the value before the output's activation.
 * gradient        d loss / d parameters is ADDED to it, each parameter's sum
 *                 over the rows in their order; layout of net->parameters. Or
 *                 NULL.
 * dx              d loss / d x, overwritten; shape (n_rows, n_in), row-major.
 *                 Or NULL.
 */
void kj__network_backward(const kj_network *net, kj_activations *activations,
                          const kj_real *dy, size_t n_rows, bool through_output,
                          kj_real *gradient, kj_real *dx);

#endif
