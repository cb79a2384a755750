/*
 * shape.c: the network of a part: the paper's, or a line for a baseline.
 */
#include "experiment/fit_state.h"

kj_network_shape kj__fit_shape(const kj_fit *fit, const kj__fit_part *part)
{
  const kj_fit_options *o = &fit->options;
  const bool is_network = o->method == KJ_METHOD_NETWORK;
  const size_t n_hidden = is_network ? o->n_hidden : 0;
  kj_network_shape shape = {.n_layers = n_hidden + 1,
                            .output =
                                is_network ? o->output : KJ_ACTIVATION_LINEAR};
  shape.width[0] = fit->data->n_inputs;
  for (size_t l = 0; l < n_hidden; l++)
    shape.width[l + 1] = o->hidden[l];
  shape.width[n_hidden + 1] = part->n_outputs;
  return shape;
}
