/*
 * weights.c: are the weights of the kind that they are said to be?
 */
#include "estimator/parts.h"

#include "base/error.h"
#include "network/narrow.h"
#include <float.h>
#include <math.h>

/* Of the ranges: far from where their inverse would overflow. */
static const float LEAST_RANGE = 1e-30f;
static const float LARGEST_RANGE = 1e30f;

size_t kj__units(const kj_network_shape *shape, size_t n)
{
  size_t n_units = 0;
  for (size_t l = 0; l < n; l++)
    n_units += shape->width[l + 1];
  return n_units;
}

/* A value that a kind does not have. */
static bool is_bf16(float w)
{
  return kj__widen(kj__narrow(w)) == w;
}

static bool is_steps(float w, float scale)
{
  const float q = rintf(w / scale);
  return fabsf(q) <= (float)KJ__LARGEST_QUANTUM && q * scale == w;
}

static kj_status check_bf16(const kj_network *net, kj_error *err)
{
  for (size_t l = 0; l < net->shape.n_layers; l++) {
    const kj_real *w = kj_network_weights(net, l);
    const size_t n = net->shape.width[l] * net->shape.width[l + 1];
    for (size_t i = 0; i < n; i++)
      if (!is_bf16((float)w[i]))
        return kj__fail(err, KJ_EARGUMENT,
                        "layer %zu: weight %zu is %.9g, which bf16 does not "
                        "have",
                        l, i, (double)w[i]);
  }
  return KJ_OK;
}

static kj_status check_range(size_t l, float range, kj_error *err)
{
  if (!(range >= LEAST_RANGE && range <= LARGEST_RANGE))
    return kj__fail(err, KJ_EARGUMENT, "layer %zu: range is %g; must be %g..%g",
                    l, (double)range, (double)LEAST_RANGE,
                    (double)LARGEST_RANGE);
  return KJ_OK;
}

/* Beside the scale itself: no input may lead out of the floats. */
static kj_status check_scale(const kj_network *net, size_t l, size_t o,
                             const kj_estimator_part *part, float scale,
                             kj_error *err)
{
  if (!(scale >= FLT_MIN && scale <= FLT_MAX))
    return kj__fail(err, KJ_EARGUMENT,
                    "layer %zu: scale of unit %zu is %g; must be %g or more, "
                    "and finite",
                    l, o, (double)scale, (double)FLT_MIN);
  const double most = (double)scale * (double)part->range[l] *
                          KJ__LARGEST_QUANTUM * (double)net->shape.width[l] +
                      fabs((double)kj_network_biases(net, l)[o]);
  if (!(most < (double)FLT_MAX))
    return kj__fail(err, KJ_EARGUMENT,
                    "layer %zu: unit %zu may reach %g, which is no float", l, o,
                    most);
  return KJ_OK;
}

static kj_status check_unit(const kj_network *net, size_t l, size_t o,
                            float scale, kj_error *err)
{
  const size_t n_in = net->shape.width[l];
  const kj_real *w = kj_network_weights(net, l) + o * n_in;
  for (size_t k = 0; k < n_in; k++)
    if (!is_steps((float)w[k], scale))
      return kj__fail(err, KJ_EARGUMENT,
                      "layer %zu: weight %zu of unit %zu is %.9g; must be "
                      "-%d..%d whole steps of %.9g",
                      l, k, o, (double)w[k], KJ__LARGEST_QUANTUM,
                      KJ__LARGEST_QUANTUM, (double)scale);
  return KJ_OK;
}

static kj_status check_int8(const kj_estimator_part *part, kj_error *err)
{
  const kj_network *net = part->network;
  const float *scale = part->scale;
  if (!scale)
    return kj__fail(err, KJ_EARGUMENT, "scale is NULL");
  kj_status status = KJ_OK;
  for (size_t l = 0; l < net->shape.n_layers && status == KJ_OK; l++) {
    status = check_range(l, part->range[l], err);
    for (size_t o = 0; o < net->shape.width[l + 1] && status == KJ_OK; o++) {
      status = check_scale(net, l, o, part, *scale, err);
      if (status == KJ_OK)
        status = check_unit(net, l, o, *scale, err);
      scale++;
    }
  }
  return status;
}

kj_status kj__part_weights_check(const kj_estimator_part *part,
                                 kj_weights weights, kj_error *err)
{
  switch (weights) {
  case KJ_WEIGHTS_BF16:
    return check_bf16(part->network, err);
  case KJ_WEIGHTS_INT8:
    return check_int8(part, err);
  default:
    return KJ_OK;
  }
}
