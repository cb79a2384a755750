/*
 * step_case.h: small random training steps for the tests of this room.
 *
 * A case is a network, a batch and a smoothing, all drawn from one seed, in
 * kj_real. Tests leave through assertions, so memory is malloc's and checked.
 */
#ifndef KJ_TESTS_SMOOTHING_STEP_CASE_H
#define KJ_TESTS_SMOOTHING_STEP_CASE_H

#include "base/random.h"
#include "kanjo/smoothing.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASE_SEED = 20200222, CASE_STEP = 17, CASE_TRAINING = 5 };

/* What a case is made of; zeros mean 7-9-6-1, linear, mse, none. With 1 layer
 * 7-1, with 4 7-9-6-5-1. */
typedef struct case_options {
  const char *name;
  kj_smoothing_kind kind;
  kj_direction direction;
  unsigned iterations;
  size_t n_out;
  kj_activation output;
  kj_loss loss;
  size_t n_labelled, n_unlabelled;
  bool weighted, missing, unequal_sigma, relative;
  size_t n_layers, n_in, hidden[2];
  double xi, dropout;
  bool zero_row; /* the first x is 0 */
  bool trained;  /* step.py sees CASE_TRAINING steps of it, of each loss */
} case_options;

typedef struct step_case {
  kj_network *net;
  kj_stepper *stepper;
  kj_batch batch;
  kj_smoothing smoothing;
  kj_loss loss;
  double dropout;
  size_t n_in, n_out, n_rows;
  kj_real *x, *y, *weight;
  uint64_t *row_id;
  kj_real *gradient, *y_hat, *r; /* room for results */
} step_case;

static inline void *case_memory(size_t count, size_t size)
{
  void *memory = calloc(count + 1, size);
  if (!memory)
    abort();
  return memory;
}

static inline void case_fill_normal(kj__random *random, kj_real *v, size_t n,
                                    double sd)
{
  for (size_t i = 0; i < n; i++)
    v[i] = (kj_real)(sd * kj__random_normal(random));
}

/* Weights N(0, 2.25 / fan_in), biases N(0, .09), the output's about 1, so that
 * a ReLU output is 0 for some rows only. */
static inline void case_fill_network(kj__random *random, kj_network *net)
{
  const kj_network_shape *shape = &net->shape;
  for (size_t l = 0; l < shape->n_layers; l++) {
    const size_t n_in = shape->width[l], n_out = shape->width[l + 1];
    case_fill_normal(random, kj_network_weights(net, l), n_in * n_out,
                     1.5 / sqrt((double)n_in));
    case_fill_normal(random, kj_network_biases(net, l), n_out, 0.3);
  }
  kj_real *b = kj_network_biases(net, shape->n_layers - 1);
  for (size_t k = 0; k < shape->width[shape->n_layers]; k++)
    b[k] += (kj_real)1;
}

static inline void case_fill_batch(kj__random *random, step_case *c,
                                   const case_options *o)
{
  const size_t n_y = o->n_labelled * c->n_out;
  case_fill_normal(random, c->x, c->n_rows * c->n_in, 1.0);
  for (size_t j = 0; j < c->n_in && o->zero_row; j++)
    c->x[j] = 0;
  for (size_t i = 0; i < n_y; i++) {
    const bool missing = o->missing && kj__random_below(random, 4) == 0;
    c->y[i] = (kj_real)(o->loss == KJ_LOSS_BCE
                            ? kj__random_uniform(random)
                            : 1.0 + 4.0 * kj__random_uniform(random));
    if (missing || (o->loss == KJ_LOSS_NLL && i % c->n_out >= c->n_out / 2))
      c->y[i] = (kj_real)NAN;
  }
  for (size_t i = 0; i < c->n_rows; i++) {
    c->weight[i] = (kj_real)(0.25 + kj__random_uniform(random));
    c->row_id[i] = kj__random_u32(random);
  }
  c->batch = (kj_batch){c->x,
                        c->y,
                        o->weighted ? c->weight : NULL,
                        o->n_labelled,
                        o->n_unlabelled,
                        c->row_id};
}

static inline kj_smoothing case_smoothing(const case_options *o)
{
  static const double unequal[3] = {0.8, 1.3, 0.5};
  kj_smoothing s = kj_smoothing_defaults(o->kind);
  s.lambda = 0.7;
  s.epsilon = 0.9;
  s.direction = o->direction;
  if (o->iterations > 0)
    s.power_iterations = o->iterations;
  if (o->xi > 0.0)
    s.xi = o->xi;
  for (size_t k = 0; k < 3 && o->unequal_sigma; k++)
    s.sigma[k] = unequal[k];
  s.is_relative = o->relative;
  return s;
}

static inline kj_network_shape case_shape(const case_options *o)
{
  kj_network_shape shape = {.n_layers = o->n_layers ? o->n_layers : 3,
                            .output = o->output};
  shape.width[0] = o->n_in ? o->n_in : 7;
  shape.width[1] = o->hidden[0] ? o->hidden[0] : 9;
  shape.width[2] = o->hidden[1] ? o->hidden[1] : 6;
  shape.width[3] = 5;
  shape.width[shape.n_layers] = o->n_out ? o->n_out : 1;
  return shape;
}

/* A stepper for a case, of one thread and fp32 where `how` is NULL. */
static inline kj_stepper *case_stepper(const kj_network_shape *shape,
                                       size_t max_rows,
                                       const kj_stepper_options *how)
{
  kj_stepper_options options = {.precision = KJ_PRECISION_FP32, .n_threads = 1};
  kj_stepper *stepper = NULL;
  kj_error err = {0};
  if (how)
    options = *how;
  options.shape = *shape;
  options.max_rows = max_rows;
  if (kj_stepper_create(&options, NULL, &stepper, &err)) {
    fprintf(stderr, "%s\n", err.message);
    abort();
  }
  return stepper;
}

static inline step_case case_create(const case_options *o, uint64_t seed)
{
  const kj_network_shape shape = case_shape(o);
  step_case c = {.n_in = shape.width[0],
                 .n_out = shape.width[shape.n_layers],
                 .n_rows = o->n_labelled + o->n_unlabelled,
                 .loss = o->loss,
                 .dropout = o->dropout};
  kj_error err = {0};
  if (kj_network_create(&shape, NULL, &c.net, &err)) {
    fprintf(stderr, "%s: %s\n", o->name, err.message);
    abort();
  }
  c.stepper = case_stepper(&shape, c.n_rows, NULL);
  c.x = case_memory(c.n_rows * c.n_in, sizeof *c.x);
  c.y = case_memory(o->n_labelled * c.n_out, sizeof *c.y);
  c.weight = case_memory(c.n_rows, sizeof *c.weight);
  c.row_id = case_memory(c.n_rows, sizeof *c.row_id);
  c.gradient = case_memory(c.net->n_parameters, sizeof *c.gradient);
  c.y_hat = case_memory(c.n_rows * c.n_out, sizeof *c.y_hat);
  c.r = case_memory(c.n_rows * c.n_in, sizeof *c.r);
  kj__random random = kj__random_stream(seed, KJ__PURPOSE_TEST, 0, 0);
  case_fill_network(&random, c.net);
  case_fill_batch(&random, &c, o);
  c.smoothing = case_smoothing(o);
  return c;
}

static inline void case_destroy(step_case *c)
{
  kj_network_destroy(c->net);
  kj_stepper_destroy(c->stepper);
  free(c->x);
  free(c->y);
  free(c->weight);
  free(c->row_id);
  free(c->gradient);
  free(c->y_hat);
  free(c->r);
}

static inline kj_step case_step(const step_case *c, kj_loss loss)
{
  return (kj_step){.loss = loss,
                   .smoothing = &c->smoothing,
                   .seed = CASE_SEED,
                   .number = CASE_STEP,
                   .dropout = c->dropout};
}

/* The step's gradient, into c->gradient and c->y_hat. */
static inline kj_step_losses case_run(step_case *c, kj_loss loss)
{
  const kj_step step = case_step(c, loss);
  return kj_stepper_gradient(c->stepper, c->net, &c->batch, &step, c->gradient,
                             c->y_hat);
}

/* The perturbations of that step, into c->r. */
static inline void case_direction(step_case *c)
{
  const kj_step step = case_step(c, c->loss);
  kj_stepper_direction(c->stepper, c->net, &c->batch, &step, c->r);
}

#include "smoothing/step_table.h"

#endif
