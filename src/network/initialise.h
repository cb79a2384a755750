/* initialise.h: the parameters that a training starts from. */
#ifndef KJ_NETWORK_INITIALISE_H
#define KJ_NETWORK_INITIALISE_H

#include "kanjo/network.h"
#include <stdint.h>

typedef enum kj_initialisation {
  KJ_INITIALISE_UNIFORM, /* W and b uniform in +-1 / sqrt(fan_in) */
  KJ_INITIALISE_HE       /* W normal, variance 2 / fan_in, output W 0; b 0 */
} kj_initialisation;

/*
 * Draw all parameters of a network, then set the output biases.
 *
 * The numbers of a layer come from a stream named by (seed, network_index,
 * layer): weights in order, then biases.
 *
 * output_bias  what the network is to answer at first: the mean label of each
 *              output; shape (n_out). A ReLU output that starts far from it
 *              dies easily. NULL: the biases stay as drawn.
 */
void kj__network_initialise(kj_network *net, kj_initialisation how,
                            uint64_t seed, uint64_t network_index,
                            const kj_real *output_bias);

#endif
