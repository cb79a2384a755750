/*
 * outputs.c: L, R and their derivatives at the outputs.
 *
 * Source: Kuwahara et al., ICAART 2020: L (1), the D of AT (2)-(4) and of VAT
 * (5)-(10). As in Miyato et al., arXiv 1507.00677, no gradient flows through
 * the clean output f(x).
 */
#include "smoothing/outputs.h"

#include "network/loss.h"
#include "network/panels.h"
#include "smoothing/divergence.h"

#include <math.h>

static bool is_relu(const kj__state *s)
{
  return s->net->shape.output == KJ_ACTIVATION_RELU;
}

/* A NaN stays one, so that a network gone wrong shows it. */
static kj_real activate(const kj__state *s, kj_real z)
{
  return is_relu(s) && z < 0 ? 0 : z;
}

/* df / dz: at 0 a ReLU has none. */
static bool is_at_work(const kj__state *s, kj_real z)
{
  return !is_relu(s) || z > 0;
}

static const kj__layer *last_layer(const kj__state *s)
{
  return &s->stepper->layer[s->n_layers - 1];
}

void kj__outputs_clean(const kj__state *s)
{
  const kj__outputs *o = &s->stepper->outputs;
  kj__panels_to_rows(last_layer(s)->z, s->n_rows, s->n_out, o->z);
  for (size_t i = 0; i < s->n_rows * s->n_out; i++)
    o->f[i] = activate(s, o->z[i]);
}

/* How far apart output k is over the covered rows: about the first of them,
 * for values that are large and close. */
static double spread_of(const kj__state *s, size_t k)
{
  const kj_real *f = s->stepper->outputs.f + k;
  const double n = (double)s->n_covered, origin = (double)f[0];
  double sum = 0.0, squares = 0.0;
  for (size_t i = 0; i < s->n_covered; i++) {
    const double y = (double)f[i * s->n_out] - origin;
    sum += y;
    squares += y * y;
  }
  const double variance = squares / n - sum / n * (sum / n);
  return fmax(sqrt(fmax(variance, 0.0)), KJ_LEAST_SPREAD);
}

void kj__outputs_scale(const kj__state *s)
{
  const kj_smoothing *smoothing = s->step->smoothing;
  double *sigma = s->stepper->outputs.sigma;
  const bool is_relative =
      smoothing->is_relative && kj__state_is_rating(s) && s->n_covered > 0;
  for (size_t k = 0; k < s->n_out; k++)
    sigma[k] = is_relative ? smoothing->sigma[k] * spread_of(s, k)
                           : smoothing->sigma[k];
}

double kj__outputs_supervised(const kj__state *s)
{
  const kj__outputs *o = &s->stepper->outputs;
  kj_real *signal = o->signal[KJ__CLEAN];
  if (s->n_supervised == 0)
    return 0.0;
  const double loss =
      kj__loss(s->step->loss, s->batch->y, o->f, s->batch->weight,
               s->n_supervised, s->n_out, signal);
  for (size_t i = 0; i < s->n_supervised * s->n_out; i++)
    signal[i] = is_at_work(s, o->z[i]) ? signal[i] : 0;
  return loss;
}

/* y: the targets that D compares with, where it is not with f. */
static kj__divergence divergence_of(const kj__state *s, const kj_real *weight,
                                    const kj_real *y)
{
  return (kj__divergence){
      .loss = s->step->loss,
      .excess = s->stepper->outputs.excess,
      .weight = weight,
      .sigma = s->stepper->outputs.sigma,
      .f = s->stepper->outputs.f,
      .y = y,
      .n_rows = s->n_covered,
      .n_out = s->n_out,
  };
}

void kj__outputs_miss(const kj__state *s)
{
  const kj__outputs *o = &s->stepper->outputs;
  const kj_real *y = s->batch->y;
  for (size_t i = 0; i < s->batch->n_labelled * s->n_out; i++)
    if (kj__state_is_rating(s))
      o->excess[i] = isnan(y[i]) ? 0.0 : (double)o->f[i] - (double)y[i];
    else
      o->excess[i] = 0.0; /* not moved yet */
}

void kj__outputs_miss_signal(const kj__state *s)
{
  const kj__divergence d = divergence_of(s, NULL, s->batch->y);
  kj__divergence_signal(&d, 1.0, s->stepper->outputs.signal[KJ__MOVED]);
}

/* z - z is 0, but NaN where the network has diverged: a bias that is not
 * finite would not show in the difference. */
void kj__outputs_moved(const kj__state *s)
{
  const kj__outputs *o = &s->stepper->outputs;
  kj__panels_to_rows(last_layer(s)->delta, s->n_covered, s->n_out, o->z_move);
  for (size_t i = 0; i < s->n_covered * s->n_out; i++)
    o->excess[i] = (double)o->z_move[i] + (double)(o->z[i] - o->z[i]);
}

/* f' - f, from z and z' - z: as in kernels.h for a hidden layer. */
static double output_move(const kj__state *s, size_t entry)
{
  const kj__outputs *o = &s->stepper->outputs;
  const double z = (double)o->z[entry], t = o->excess[entry];
  if (!is_relu(s))
    return t;
  if (z > 0.0)
    return t < -z ? -z : t;
  return (double)activate(s, o->z[entry] + o->z_move[entry]);
}

/* The targets of AT. */
static const kj_real *targets_of(const kj__state *s)
{
  return s->step->smoothing->kind == KJ_SMOOTHING_AT ? s->batch->y : NULL;
}

double kj__outputs_second_term(const kj__state *s)
{
  const kj__outputs *o = &s->stepper->outputs;
  const kj_real *y = targets_of(s);
  kj__outputs_moved(s);
  for (size_t i = 0; i < s->n_covered * s->n_out; i++) {
    const double move = output_move(s, i);
    if (!y || !kj__state_is_rating(s))
      o->excess[i] = move;
    else
      o->excess[i] = isnan(y[i]) ? 0.0 : (double)o->f[i] - (double)y[i] + move;
  }
  const kj__divergence d = divergence_of(s, s->batch->weight, y);
  return kj__divergence_sum(&d) / (double)s->n_covered;
}

void kj__outputs_second_signal(const kj__state *s)
{
  const kj__outputs *o = &s->stepper->outputs;
  kj_real *signal = o->signal[KJ__MOVED];
  const kj__divergence d = divergence_of(s, s->batch->weight, targets_of(s));
  kj__divergence_signal(&d, s->step->smoothing->lambda / (double)s->n_covered,
                        signal);
  for (size_t i = 0; i < s->n_covered * s->n_out; i++)
    signal[i] = is_at_work(s, o->z[i] + o->z_move[i]) ? signal[i] : 0;
}

void kj__outputs_signal(const kj__state *s)
{
  const kj__divergence d = divergence_of(s, NULL, NULL);
  kj__divergence_signal(&d, 1.0, s->stepper->outputs.signal[KJ__MOVED]);
}
