/*
 * initialise.c: random parameters to start from.
 *
 * uniform: +-1 / sqrt(fan_in) for weights and biases, as PyTorch's dense layers
 * have it. He: He, Zhang, Ren, Sun: Delving deep into rectifiers, 2015,
 * equation (10); the output weights start at 0 instead, because a ReLU output
 * that starts with this variance dies in most trainings.
 */
#include "network/initialise.h"

#include "base/random.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static void draw_uniform(kj__random *random, double bound, kj_real *values,
                         size_t n)
{
  for (size_t i = 0; i < n; i++)
    values[i] = (kj_real)((2.0 * kj__random_uniform(random) - 1.0) * bound);
}

static void draw_normal(kj__random *random, double sd, kj_real *values,
                        size_t n)
{
  for (size_t i = 0; i < n; i++)
    values[i] = (kj_real)(kj__random_normal(random) * sd);
}

static void set_zero(kj_real *values, size_t n)
{
  for (size_t i = 0; i < n; i++)
    values[i] = 0;
}

static void initialise_uniform(kj_network *net, size_t l, kj__random random)
{
  const size_t n_in = net->shape.width[l], n_out = net->shape.width[l + 1];
  const double bound = 1.0 / sqrt((double)n_in);
  draw_uniform(&random, bound, kj_network_weights(net, l), n_in * n_out);
  draw_uniform(&random, bound, kj_network_biases(net, l), n_out);
}

static void initialise_he(kj_network *net, size_t l, kj__random random)
{
  const size_t n_in = net->shape.width[l], n_out = net->shape.width[l + 1];
  const double sd = sqrt(2.0 / (double)n_in);
  if (l + 1 < net->shape.n_layers)
    draw_normal(&random, sd, kj_network_weights(net, l), n_in * n_out);
  else
    set_zero(kj_network_weights(net, l), n_in * n_out);
  set_zero(kj_network_biases(net, l), n_out);
}

void kj__network_initialise(kj_network *net, kj_initialisation how,
                            uint64_t seed, uint64_t network_index,
                            const kj_real *output_bias)
{
  const size_t n_layers = net->shape.n_layers;
  for (size_t l = 0; l < n_layers; l++) {
    const kj__random random =
        kj__random_stream(seed, KJ__PURPOSE_INITIALISATION, network_index, l);
    if (how == KJ_INITIALISE_HE)
      initialise_he(net, l, random);
    else
      initialise_uniform(net, l, random);
  }
  if (output_bias)
    memcpy(kj_network_biases(net, n_layers - 1), output_bias,
           net->shape.width[n_layers] * sizeof *output_bias);
}
