/*
 * stepper.c: one step down L + lambda R, with the fewest matrix products.
 *
 *   1. clean forward pass of all rows that L or R needs
 *   2. L, and its derivatives c by the outputs
 *   3. directions. VAT in closed form, and AT of one output, send 1 back from
 *      each output; c times that is what L sends back: no pass of its own
 *   4. r = epsilon g / |g|, x + r
 *   5. forward pass of how far every value moves
 *   6. R, and its derivatives sent back through the units that then work
 *   7. gradients of all weights: the rows of both passes in one product, of
 *      which Adam takes each sum as it is ready
 *
 * Source: Kuwahara et al., ICAART 2020: L (1), L_adv (2)-(4), L_vadv (5)-(10).
 * As in Miyato et al., arXiv 1507.00677, no gradient flows through the clean
 * output f(x) nor through r. Done differently: kanjo/smoothing.h.
 */
#include "network/panels.h"
#include "smoothing/direction.h"
#include "smoothing/outputs.h"
#include "smoothing/passes.h"

#include <assert.h>
#include <math.h>
#include <string.h>

void kj_stepper_sync(kj_stepper *stepper)
{
  stepper->net = NULL;
}

/* Rows that the second term takes. */
static size_t covered_rows(const kj_batch *batch, kj_smoothing_kind kind)
{
  switch (kind) {
  case KJ_SMOOTHING_NONE:
    return 0;
  case KJ_SMOOTHING_AT:
    return batch->n_labelled;
  case KJ_SMOOTHING_NOISE:
  case KJ_SMOOTHING_VAT:
    break;
  }
  return batch->n_labelled + batch->n_unlabelled;
}

static size_t larger(size_t a, size_t b)
{
  return a > b ? a : b;
}

/* A step that covers all rows its smoothing asks for. */
static kj__state begin(kj_stepper *stepper, const kj_network *net,
                       const kj_batch *batch, const kj_step *step)
{
  const kj_network_shape *shape = &net->shape;
  assert(batch->n_labelled + batch->n_unlabelled <= stepper->max_rows);
  assert(shape->n_layers == stepper->shape.n_layers);
  assert(memcmp(shape->width, stepper->shape.width,
                (shape->n_layers + 1) * sizeof shape->width[0]) == 0);
  kj__state s = {
      .stepper = stepper,
      .net = net,
      .batch = batch,
      .step = step,
      .n_in = shape->width[0],
      .n_out = shape->width[shape->n_layers],
      .n_layers = shape->n_layers,
      .n_supervised = batch->n_labelled,
      .n_covered = covered_rows(batch, step->smoothing->kind),
  };
  s.n_rows = larger(s.n_supervised, s.n_covered);
  if (stepper->kernels->narrow && stepper->net != net)
    kj__pass_narrow_weights(&s);
  stepper->net = net;
  return s;
}

/* Steps 3 to 6; R. */
static double second_term(const kj__state *s, const kj__direction *direction)
{
  kj__perturb(s, direction);
  kj__pass_moved(s);
  const double value = kj__outputs_second_term(s);
  kj__outputs_second_signal(s);
  return value;
}

/* The derivatives of L, but for layers where a direction has left them. */
static void send_back_supervised(const kj__state *s,
                                 const kj__direction *direction)
{
  kj__pass_send(s, KJ__CLEAN);
  if (direction && direction->leaves_signals)
    return;
  kj__pass_back(s, &(kj__chain){.mask = KJ__CLEAN,
                                .signal = KJ__CLEAN,
                                .n_rows = s->n_supervised});
}

static void send_back_second(const kj__state *s)
{
  kj__pass_send(s, KJ__MOVED);
  kj__pass_back(s, &(kj__chain){.mask = KJ__MOVED,
                                .signal = KJ__MOVED,
                                .n_rows = s->n_covered});
}

/* Both terms, and all that kj__pass_descend needs. */
static kj_step_losses evaluate(kj__state *s, kj_real *y_hat)
{
  const kj_batch *batch = s->batch;
  const size_t n_rows = batch->n_labelled + batch->n_unlabelled;
  kj_step_losses losses = {0.0, 0.0};
  if (s->step->smoothing->lambda == 0.0)
    s->n_covered = 0;
  s->n_rows = y_hat ? n_rows : larger(s->n_supervised, s->n_covered);
  const kj__direction *direction =
      s->n_covered > 0 ? kj__direction_choose(s) : NULL;
  if (s->n_rows > 0)
    kj__pass_clean(s);
  kj__outputs_clean(s);
  kj__outputs_scale(s);
  if (y_hat)
    memcpy(y_hat, s->stepper->outputs.f, n_rows * s->n_out * sizeof *y_hat);
  losses.supervised = kj__outputs_supervised(s);
  if (s->n_covered > 0)
    losses.smoothing = second_term(s, direction);
  if (s->n_supervised > 0)
    send_back_supervised(s, direction);
  if (s->n_covered > 0)
    send_back_second(s);
  return losses;
}

kj_step_losses kj_stepper_gradient(kj_stepper *stepper, const kj_network *net,
                                   const kj_batch *batch, const kj_step *step,
                                   kj_real *gradient, kj_real *y_hat)
{
  kj_stepper_sync(stepper);
  kj__state s = begin(stepper, net, batch, step);
  const kj_step_losses losses = evaluate(&s, y_hat);
  kj__pass_descend(&s, gradient, NULL);
  return losses;
}

kj_step_losses kj_stepper_descend(kj_stepper *stepper, kj_network *net,
                                  const kj_batch *batch, const kj_step *step,
                                  const kj_optimiser *optimiser, kj_real *y_hat)
{
  kj__state s = begin(stepper, net, batch, step);
  const kj_step_losses losses = evaluate(&s, y_hat);
  if (isfinite(losses.supervised) && isfinite(losses.smoothing))
    kj__pass_descend(&s, NULL, optimiser);
  return losses;
}

void kj_stepper_direction(kj_stepper *stepper, const kj_network *net,
                          const kj_batch *batch, const kj_step *step,
                          kj_real *r)
{
  kj_stepper_sync(stepper);
  kj__state s = begin(stepper, net, batch, step);
  const size_t n_rows = batch->n_labelled + batch->n_unlabelled;
  memset(r, 0, n_rows * s.n_in * sizeof *r);
  s.n_supervised = 0;
  s.n_rows = s.n_covered;
  if (s.n_covered == 0)
    return;
  kj__pass_clean(&s);
  kj__outputs_clean(&s);
  kj__outputs_scale(&s);
  kj__perturb(&s, kj__direction_choose(&s));
  kj__panels_to_rows(stepper->r, s.n_covered, s.n_in, r);
}
