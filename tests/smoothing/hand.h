/*
 * hand.h: a network of doubles by hand, a row at a time: the obvious loops,
 * which share nothing with the library but the parameters' layout.
 */
#ifndef KJ_TESTS_SMOOTHING_HAND_H
#define KJ_TESTS_SMOOTHING_HAND_H

#include "base/random.h"
#include "kanjo/network.h"

enum { HAND_WIDTH = 512, HAND_LAYERS = 4 };

/* h_0 = x .. h_(L-1), and in the last place z of the outputs. */
typedef struct hand_values {
  double h[HAND_LAYERS + 1][HAND_WIDTH];
} hand_values;

/* Which units dropout leaves out of a row, in which step. */
typedef struct hand_mask {
  double dropout;
  uint64_t seed, step, row_id;
} hand_mask;

/* What unit o behind layer l counts: 0, or 1 / (1 - p). */
static inline double hand_share(const hand_mask *mask, size_t l, size_t o)
{
  kj__random random =
      kj__random_stream(mask->seed, (kj__purpose)(KJ__PURPOSE_DROPOUT + l),
                        mask->step, mask->row_id);
  uint32_t word = 0;
  for (size_t i = 0; i <= o; i++)
    word = kj__random_u32(&random);
  return word < 0x1p32 * mask->dropout ? 0.0 : 1.0 / (1.0 - mask->dropout);
}

/* From v->h[0]; mask may be NULL. */
static inline void hand_forward_masked(const kj_network *net,
                                       const hand_mask *mask, hand_values *v)
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
      if (l + 1 < shape->n_layers)
        z = z > 0.0 ? z * (mask ? hand_share(mask, l, o) : 1.0) : 0.0;
      v->h[l + 1][o] = z;
    }
  }
}

static inline void hand_forward(const kj_network *net, hand_values *v)
{
  hand_forward_masked(net, NULL, v);
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
