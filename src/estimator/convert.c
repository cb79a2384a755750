/*
 * convert.c: an estimator's weights in fewer bits.
 *
 * bf16: each weight rounded to nearest even. int8: for each unit
 *
 *   scale = max_k |w_k| / 127;   q_k = round(w_k / scale)
 *
 * and for each layer the range of its inputs, twice the largest value that any
 * of them took in the calibration rows. With 14 bits or more for an input, an
 * unused one costs less than the weights' rounding by far, so there is nothing
 * to gain by cutting rare values off at a percentile; and rows that are louder
 * than those of the calibration still fit.
 */
#include "estimator/parts.h"

#include "base/error.h"
#include "base/memory.h"
#include "network/narrow.h"
#include <float.h>
#include <math.h>
#include <string.h>

static const float HEADROOM = 2.0f; /* range / largest value seen */

/* The parts of the new estimator while they are made. */
typedef struct conversion {
  const kj_estimator *from;
  kj_estimator_parts parts; /* borrows all but what follows */
  kj_network *network[KJ_MAX_TARGETS];
  float *scale[KJ_MAX_TARGETS];
  kj_allocator allocator;
} conversion;

/* ---- bf16 ---- */

static kj_status round_to_bf16(kj_network *net, kj_error *err)
{
  for (size_t l = 0; l < net->shape.n_layers; l++) {
    kj_real *w = kj_network_weights(net, l);
    const size_t n = net->shape.width[l] * net->shape.width[l + 1];
    for (size_t i = 0; i < n; i++) {
      const float rounded = kj__widen(kj__narrow(w[i]));
      if (!isfinite(rounded))
        return kj__fail(err, KJ_EDATA,
                        "layer %zu: weight %zu is %g, too large for bf16", l, i,
                        (double)w[i]);
      w[i] = rounded;
    }
  }
  return KJ_OK;
}

/* ---- int8 ---- */

/* Never a denormal number, which some threads take for 0. */
static float choose_scale(const kj_real *w, size_t n)
{
  float largest = 0.0f;
  for (size_t k = 0; k < n; k++)
    largest = fmaxf(largest, fabsf((float)w[k]));
  return fmaxf(largest / (float)KJ__LARGEST_QUANTUM, FLT_MIN);
}

static void round_to_steps(kj_network *net, float *scale)
{
  for (size_t l = 0; l < net->shape.n_layers; l++) {
    const size_t n_in = net->shape.width[l];
    for (size_t o = 0; o < net->shape.width[l + 1]; o++) {
      kj_real *w = kj_network_weights(net, l) + o * n_in;
      *scale = choose_scale(w, n_in);
      for (size_t k = 0; k < n_in; k++)
        w[k] = rintf((float)w[k] / *scale) * *scale;
      scale++;
    }
  }
}

static float largest_of(const float *x, size_t n)
{
  float largest = 0.0f;
  for (size_t i = 0; i < n; i++)
    largest = fmaxf(largest, fabsf(x[i]));
  return largest;
}

/* The largest input of each layer, in the network as it was. */
static void find_largest(const kj__packed *packed,
                         const kj_network_shape *shape, const float *rows,
                         size_t n_rows, kj__packed_scratch *scratch,
                         float *largest)
{
  float y[KJ_MAX_OUTPUTS];
  const size_t n_in = shape->width[0];
  memset(largest, 0, shape->n_layers * sizeof *largest);
  for (size_t i = 0; i < n_rows; i++) {
    kj__packed_forward(packed, rows + i * n_in, scratch, y);
    largest[0] = fmaxf(largest[0], largest_of(rows + i * n_in, n_in));
    for (size_t l = 1; l < shape->n_layers; l++)
      largest[l] = fmaxf(largest[l], largest_of(kj__packed_value(scratch, l),
                                                shape->width[l]));
  }
}

static kj_status find_ranges(const conversion *c, size_t p, const float *rows,
                             size_t n_rows, float *range, kj_error *err)
{
  const kj_network_shape *shape = &c->from->network[p]->shape;
  kj__packed_scratch *scratch = NULL;
  const kj_status status = kj__packed_scratch_create(
      c->from->packed[p], &c->allocator, &scratch, err);
  if (status != KJ_OK)
    return status;
  find_largest(c->from->packed[p], shape, rows, n_rows, scratch, range);
  kj__packed_scratch_destroy(scratch);
  for (size_t l = 0; l < shape->n_layers; l++)
    range[l] = range[l] > 0.0f ? HEADROOM * range[l] : 1.0f;
  range[0] = fminf(range[0], c->parts.scaler.clip);
  return KJ_OK;
}

static kj_status quantise(conversion *c, size_t p, const float *rows,
                          size_t n_rows, kj_error *err)
{
  kj_network *net = c->network[p];
  c->scale[p] =
      kj__allocate(&c->allocator, kj__units(&net->shape, net->shape.n_layers),
                   sizeof(float));
  if (!c->scale[p])
    return kj__fail_memory(err, "the scales of a network");
  c->parts.part[p].scale = c->scale[p];
  round_to_steps(net, c->scale[p]);
  return find_ranges(c, p, rows, n_rows, c->parts.part[p].range, err);
}

/* ---- all of it ---- */

static kj_status convert_part(conversion *c, size_t p, const float *rows,
                              size_t n_rows, kj_error *err)
{
  const kj_network *from = c->from->network[p];
  const kj_status status =
      kj_network_create(&from->shape, &c->allocator, &c->network[p], err);
  if (status != KJ_OK)
    return status;
  memcpy(c->network[p]->parameters, from->parameters,
         from->n_parameters * sizeof *from->parameters);
  c->parts.part[p].network = c->network[p];
  switch (c->parts.weights) {
  case KJ_WEIGHTS_BF16:
    return round_to_bf16(c->network[p], err);
  case KJ_WEIGHTS_INT8:
    return quantise(c, p, rows, n_rows, err);
  default:
    return KJ_OK;
  }
}

static void release(conversion *c)
{
  for (size_t p = 0; p < KJ_MAX_TARGETS; p++) {
    kj_network_destroy(c->network[p]);
    kj__release(&c->allocator, c->scale[p]);
  }
}

static kj_status check_kinds(kj_weights from, kj_weights to, kj_error *err)
{
  if (!kj_weights_name(to))
    return kj__fail(err, KJ_EARGUMENT, "weights is %u; must be 0..%d",
                    (unsigned)to, KJ_N_WEIGHTS - 1);
  if (from == to)
    return kj__fail(err, KJ_EARGUMENT, "weights are %s already",
                    kj_weights_name(to));
  if (from == KJ_WEIGHTS_BF16 && to == KJ_WEIGHTS_FP32)
    return KJ_OK;
  if (from != KJ_WEIGHTS_FP32)
    return kj__fail(err, KJ_EARGUMENT,
                    "weights are %s; convert the fp32 model that they were "
                    "rounded from",
                    kj_weights_name(from));
  return KJ_OK;
}

static kj_status check_rows(const float *rows, size_t n_rows, size_t n,
                            kj_error *err)
{
  if (n_rows == 0)
    return kj__fail(err, KJ_EDATA,
                    "n_rows is 0; int8 needs at least 1 row to calibrate on");
  for (size_t i = 0; i < n_rows * n; i++)
    if (!isfinite(rows[i]))
      return kj__fail(err, KJ_EDATA,
                      "feature in row %zu, column %zu (from 0) is %g; must be "
                      "finite",
                      i / n, i % n, (double)rows[i]);
  return KJ_OK;
}

kj_status kj_estimator_convert(const kj_estimator *from, kj_weights weights,
                               const float *rows, size_t n_rows,
                               kj_estimator **out, kj_error *err)
{
  kj_status status = check_kinds(from->parts.weights, weights, err);
  if (status == KJ_OK && kj__has_inner(&from->parts))
    status = kj__fail(err, KJ_EARGUMENT,
                      "an estimator with experts or members cannot be "
                      "converted as a whole; convert its components");
  if (status == KJ_OK && weights == KJ_WEIGHTS_INT8)
    status = check_rows(rows, n_rows, from->parts.scaler.n, err);
  if (status != KJ_OK)
    return status;
  conversion c = {
      .from = from, .parts = from->parts, .allocator = from->allocator};
  c.parts.weights = weights;
  for (size_t p = 0; p < from->parts.n_parts && status == KJ_OK; p++) {
    status = convert_part(&c, p, rows, n_rows, err);
    if (status != KJ_OK)
      kj__fail_in(err, status, "network %zu", p);
  }
  if (status == KJ_OK)
    status = kj_estimator_create(&c.parts, &c.allocator, out, err);
  release(&c);
  return status == KJ_EARGUMENT ? kj__fail_in(err, KJ_EDATA, "cannot be %s",
                                              kj_weights_name(weights))
                                : status;
}
