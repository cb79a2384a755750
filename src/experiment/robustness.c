/*
 * robustness.c: how far the output moves when a row does: what smoothing is
 * about, measured on rows that were not trained on.
 *
 * For a network f and a standardised row x, |f(x + r) - f(x)| with |r| = eps:
 * r in a random direction, and along the gradient of f at x, where the larger
 * of both signs counts. Means over rows.
 */
#include "experiment/fit_state.h"
#include "experiment/run_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

const double KJ__ROBUSTNESS_EPSILON[KJ__N_ROBUSTNESS] = {0.25, 0.5, 1,
                                                         1.5,  2,   3};
enum { BLOCK_ROWS = 128 };

/* sigma, the largest, of outputs whose gradient is not asked about. */
static const double NO_SAY = 1e6;

typedef struct probe {
  const kj_network *net;
  size_t n_in, n_out;
  size_t n_values; /* of the outputs; the others are of predicted deviations */
  uint64_t seed;
  kj_activations *activations;
  kj_stepper *stepper;
  float *random, *gradient, *moved; /* (BLOCK_ROWS, n_in) */
  float *y, *y_moved;               /* (BLOCK_ROWS, n_out) */
  uint64_t row_id[BLOCK_ROWS];
  double sum[2][KJ__N_ROBUSTNESS][KJ_MAX_OUTPUTS]; /* random, adversarial */
} probe;

static kj_status open_probe(probe *p, kj_error *err)
{
  const kj_stepper_options options = {.shape = p->net->shape,
                                      .max_rows = BLOCK_ROWS,
                                      .precision = KJ_PRECISION_FP32,
                                      .n_threads = 1};
  p->random = kj__allocate(NULL, BLOCK_ROWS, p->n_in * sizeof(float));
  p->gradient = kj__allocate(NULL, BLOCK_ROWS, p->n_in * sizeof(float));
  p->moved = kj__allocate(NULL, BLOCK_ROWS, p->n_in * sizeof(float));
  p->y = kj__allocate(NULL, BLOCK_ROWS, p->n_out * sizeof(float));
  p->y_moved = kj__allocate(NULL, BLOCK_ROWS, p->n_out * sizeof(float));
  if (!p->random || !p->gradient || !p->moved || !p->y || !p->y_moved)
    return kj__fail_memory(err, "robustness");
  kj_status status = kj_activations_create(&p->net->shape, BLOCK_ROWS, NULL,
                                           &p->activations, err);
  if (status == KJ_OK)
    status = kj_stepper_create(&options, NULL, &p->stepper, err);
  return status;
}

static void close_probe(probe *p)
{
  kj_activations_destroy(p->activations);
  kj_stepper_destroy(p->stepper);
  kj__release(NULL, p->random);
  kj__release(NULL, p->gradient);
  kj__release(NULL, p->moved);
  kj__release(NULL, p->y);
  kj__release(NULL, p->y_moved);
}

/* Unit vectors: one drawn for each row. */
static void draw(probe *p, size_t first, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    kj__random random =
        kj__random_stream(p->seed, KJ__PURPOSE_ROBUSTNESS, first + i, 0);
    float *r = p->random + i * p->n_in;
    double squares = 0.0;
    for (size_t j = 0; j < p->n_in; j++) {
      r[j] = (float)kj__random_normal(&random);
      squares += (double)r[j] * (double)r[j];
    }
    const float scale = (float)(1.0 / sqrt(squares));
    for (size_t j = 0; j < p->n_in; j++)
      r[j] *= scale;
  }
}

/* Outputs of x + length r, for n rows. */
static void move(probe *p, const float *x, const float *r, double length,
                 size_t n)
{
  for (size_t i = 0; i < n * p->n_in; i++)
    p->moved[i] = x[i] + (float)length * r[i];
  kj_network_forward(p->net, p->moved, n, p->activations, p->y_moved);
}

static double distance(const probe *p, size_t i)
{
  return fabs((double)p->y_moved[i] - (double)p->y[i]);
}

static void measure(probe *p, const float *x, size_t n, size_t e)
{
  const double eps = KJ__ROBUSTNESS_EPSILON[e];
  double up[BLOCK_ROWS * KJ_MAX_OUTPUTS];
  move(p, x, p->random, eps, n);
  for (size_t i = 0; i < n * p->n_out; i++)
    p->sum[0][e][i % p->n_out] += distance(p, i);
  move(p, x, p->gradient, eps, n);
  for (size_t i = 0; i < n * p->n_out; i++)
    up[i] = distance(p, i);
  move(p, x, p->gradient, -eps, n);
  for (size_t i = 0; i < n * p->n_out; i++)
    p->sum[1][e][i % p->n_out] += fmax(up[i], distance(p, i));
}

static void measure_block(probe *p, const float *x, size_t first, size_t n)
{
  kj_smoothing smoothing = kj_smoothing_defaults(KJ_SMOOTHING_VAT);
  smoothing.epsilon = 1.0;
  for (size_t k = p->n_values; k < p->n_out; k++)
    smoothing.sigma[k] = NO_SAY;
  for (size_t i = 0; i < n; i++)
    p->row_id[i] = first + i;
  const kj_batch batch = {.x = x, .n_unlabelled = n, .row_id = p->row_id};
  const kj_step step = {.smoothing = &smoothing, .seed = p->seed};
  draw(p, first, n);
  kj_stepper_direction(p->stepper, p->net, &batch, &step, p->gradient);
  kj_network_forward(p->net, x, n, p->activations, p->y);
  for (size_t e = 0; e < KJ__N_ROBUSTNESS; e++)
    measure(p, x, n, e);
}

static json_t *means(const probe *p, size_t kind, size_t output, size_t n)
{
  json_t *array = json_array();
  for (size_t e = 0; e < KJ__N_ROBUSTNESS; e++) {
    const double mean = p->sum[kind][e][output] / (double)n;
    json_array_append_new(array,
                          isfinite(mean) ? json_real(mean) : json_null());
  }
  return array;
}

static kj_status probe_part(const kj_fit *fit, size_t part, const float *x,
                            size_t n_rows, json_t *into, kj_error *err)
{
  const kj__fit_part *of = &fit->part[part];
  probe *p = kj__allocate(NULL, 1, sizeof *p);
  if (!p)
    return kj__fail_memory(err, "robustness");
  p->net = kj_trainer_network(of->trainer);
  p->n_in = fit->data->n_inputs;
  p->n_out = of->n_outputs;
  p->n_values = of->n_targets;
  p->seed = fit->options.seed;
  const kj_status status = open_probe(p, err);
  for (size_t i = 0; status == KJ_OK && i < n_rows; i += BLOCK_ROWS)
    measure_block(p, x + i * p->n_in, i,
                  n_rows - i < BLOCK_ROWS ? n_rows - i : BLOCK_ROWS);
  for (size_t k = 0; status == KJ_OK && k < of->n_targets; k++)
    json_object_set_new(into, fit->data->target[of->first_target + k],
                        json_pack("{s:o, s:o}", "random",
                                  means(p, 0, k, n_rows), "adversarial",
                                  means(p, 1, k, n_rows)));
  close_probe(p);
  kj__release(NULL, p);
  return status;
}

json_t *kj__robustness(const kj_fit *fit, const kj_dataset *data, kj_rows rows,
                       kj_error *err)
{
  json_t *result = json_object();
  float *x = kj__allocate(NULL, rows.n, data->n_inputs * sizeof *x);
  kj_status status =
      result && x ? kj__standardise(data, rows, fit->options.normalisation,
                                    &fit->scaler, x, err)
                  : kj__fail_memory(err, "robustness");
  for (size_t p = 0; status == KJ_OK && p < fit->n_parts; p++)
    status = probe_part(fit, p, x, rows.n, result, err);
  kj__release(NULL, x);
  if (status == KJ_OK)
    return result;
  json_decref(result);
  return NULL;
}
