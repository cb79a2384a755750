/*
 * hand.h: a network of doubles by hand, a row at a time: the obvious loops,
 * which share nothing with the library but the parameters' layout.
 */
#ifndef KJ_TESTS_SMOOTHING_HAND_H
#define KJ_TESTS_SMOOTHING_HAND_H

#include "kanjo/network.h"

enum { HAND_WIDTH = 512, HAND_LAYERS = 4 };

/* h_0 = x .. h_(L-1), and in the last place z of the outputs. */
typedef struct hand_values {
  double h[HAND_LAYERS + 1][HAND_WIDTH];
} hand_values;

/* From v->h[0]. */
static inline void hand_forward(const kj_network *net, hand_values *v)
{
  const kj_network_shape *shape = &net->shape;
  for (size_t l = 0; l < shape->n_layers; l++) {
    const kj_real *w = kj_network_weights(net, l);
    const kj_real *b = kj_network_biases(net, l);
    const size_t n = shape->width[l];
    for (size_t o = 0; o < shape->width[l + 1]; o++) {
      double z = (double)b[o];
      for (size_t i = 0; i < n; i++)
        z += (double)w[o * n + i] * v->h[l][i];
      v->h[l + 1][o] = z > 0.0 || l + 1 == shape->n_layers ? z : 0.0;
    }
  }
}

/* signal, in: by z of the outputs; out: by x. Adds to gradient, which has the
 * parameters' layout, where it is not NULL. */
static inline void hand_backward(const kj_network *net, const hand_values *v,
                                 double signal[HAND_WIDTH], double *gradient)
{
  const kj_network_shape *shape = &net->shape;
  for (size_t l = shape->n_layers; l-- > 0;) {
    const kj_real *w = kj_network_weights(net, l);
    const size_t n = shape->width[l];
    double below[HAND_WIDTH] = {0.0};
    for (size_t o = 0; o < shape->width[l + 1]; o++)
      for (size_t i = 0; i < n; i++) {
        if (gradient)
          gradient[kj_network_weights_offset(shape, l) + o * n + i] +=
              signal[o] * v->h[l][i];
        below[i] +=
            l == 0 || v->h[l][i] > 0.0 ? signal[o] * (double)w[o * n + i] : 0.0;
      }
    for (size_t o = 0; o < shape->width[l + 1] && gradient; o++)
      gradient[kj_network_biases_offset(shape, l) + o] += signal[o];
    for (size_t i = 0; i < n; i++)
      signal[i] = below[i];
  }
}

/* What follows the last layer. */
static inline double hand_output(const kj_network *net, double z)
{
  return net->shape.output == KJ_ACTIVATION_RELU && z < 0.0 ? 0.0 : z;
}

static inline double hand_slope(const kj_network *net, double z)
{
  return net->shape.output == KJ_ACTIVATION_RELU && !(z > 0.0) ? 0.0 : 1.0;
}

#endif
