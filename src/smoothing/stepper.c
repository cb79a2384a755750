/*
 * stepper.c: the gradient of L + lambda R at one batch.
 *
 * Source: Kuwahara et al., ICAART 2020: L (1), L_adv (2)-(4), L_vadv (5)-(10).
 * As in Miyato et al., arXiv 1507.00677, no gradient flows through the clean
 * output f(x) nor through r. Done differently: kanjo/smoothing.h.
 */
#include "network/activations.h"
#include "network/backward.h"
#include "network/loss.h"
#include "smoothing/direction.h"
#include "smoothing/divergence.h"
#include "smoothing/perturbation.h"

#include <assert.h>
#include <string.h>

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

/* The part of a step that holds the labelled rows. */
static kj__part labelled_part(kj_stepper *stepper, const kj_network *net,
                              const kj_batch *batch,
                              const kj_smoothing *smoothing, uint64_t seed,
                              uint64_t step)
{
  assert(batch->n_labelled + batch->n_unlabelled <= stepper->max_rows);
  return (kj__part){
      .scratch = stepper,
      .net = net,
      .smoothing = smoothing,
      .seed = seed,
      .step = step,
      .n_rows = batch->n_labelled,
      .n_in = net->shape.width[0],
      .n_out = net->shape.width[net->shape.n_layers],
      .x = batch->x,
      .y = batch->y,
      .weight = batch->weight,
      .row_id = batch->row_id,
  };
}

/* The part behind it, of the unlabelled rows. */
static kj__part unlabelled_part(const kj__part *labelled, const kj_batch *batch)
{
  kj__part part = *labelled;
  part.n_rows = batch->n_unlabelled;
  part.x += labelled->n_rows * part.n_in;
  part.y = NULL;
  if (part.weight)
    part.weight += labelled->n_rows;
  if (part.row_id)
    part.row_id += labelled->n_rows;
  return part;
}

/* f(x) of a part, and z before the activation. */
static void forward_clean(const kj__part *part, kj_real *y_hat)
{
  kj_stepper *scratch = part->scratch;
  kj_network_forward(part->net, part->x, part->n_rows, scratch->activations,
                     scratch->f);
  kj__activations_output(scratch->activations, scratch->z);
  if (y_hat)
    memcpy(y_hat, scratch->f, part->n_rows * part->n_out * sizeof *y_hat);
}

/* L of (1); its gradient is added. */
static double add_supervised(const kj__part *part, kj_loss loss,
                             kj_real *gradient)
{
  kj_stepper *scratch = part->scratch;
  const double value = kj__loss(loss, part->y, scratch->f, part->weight,
                                part->n_rows, part->n_out, scratch->signal);
  kj__network_backward(part->net, scratch->activations, scratch->signal,
                       part->n_rows, true, gradient, NULL);
  return value;
}

/* The part's share of R, a mean over n rows; lambda times its gradient is
 * added. */
static double add_second_term(const kj__part *part, size_t n, kj_real *gradient)
{
  kj_stepper *scratch = part->scratch;
  const kj_smoothing *s = part->smoothing;
  const bool adversarial = s->kind == KJ_SMOOTHING_AT;
  const kj__divergence d = {
      .target = adversarial ? part->y : scratch->f,
      .may_miss = adversarial,
      .n_rows = part->n_rows,
      .n_out = part->n_out,
      .sigma = s->sigma,
  };
  kj__perturbations(part, scratch->r);
  kj__move(part->x, scratch->r, part->n_rows * part->n_in, 1.0,
           scratch->x_moved);
  kj_network_forward(part->net, scratch->x_moved, part->n_rows,
                     scratch->activations, scratch->f_moved);
  kj__divergence_signal(&d, scratch->f_moved, part->weight,
                        s->lambda / (double)n, scratch->signal);
  kj__network_backward(part->net, scratch->activations, scratch->signal,
                       part->n_rows, true, gradient, NULL);
  return kj__divergence_sum(&d, scratch->f_moved, part->weight) / (double)n;
}

kj_step_losses kj_stepper_gradient(kj_stepper *stepper, const kj_network *net,
                                   const kj_batch *batch, kj_loss loss,
                                   const kj_smoothing *smoothing, uint64_t seed,
                                   uint64_t step, kj_real *gradient,
                                   kj_real *y_hat)
{
  const kj__part labelled =
      labelled_part(stepper, net, batch, smoothing, seed, step);
  const kj__part unlabelled = unlabelled_part(&labelled, batch);
  const size_t n =
      smoothing->lambda == 0.0 ? 0 : covered_rows(batch, smoothing->kind);
  kj_step_losses losses = {0.0, 0.0};
  memset(gradient, 0, net->n_parameters * sizeof *gradient);
  if (labelled.n_rows > 0) {
    forward_clean(&labelled, y_hat);
    losses.supervised = add_supervised(&labelled, loss, gradient);
    if (n > 0)
      losses.smoothing += add_second_term(&labelled, n, gradient);
  }
  const bool covered = n > labelled.n_rows;
  if (unlabelled.n_rows > 0 && (covered || y_hat)) {
    forward_clean(&unlabelled,
                  y_hat ? y_hat + labelled.n_rows * labelled.n_out : NULL);
    if (covered)
      losses.smoothing += add_second_term(&unlabelled, n, gradient);
  }
  return losses;
}

void kj_stepper_direction(kj_stepper *stepper, const kj_network *net,
                          const kj_batch *batch, const kj_smoothing *smoothing,
                          uint64_t seed, uint64_t step, kj_real *r)
{
  const kj__part labelled =
      labelled_part(stepper, net, batch, smoothing, seed, step);
  const kj__part unlabelled = unlabelled_part(&labelled, batch);
  const size_t n = covered_rows(batch, smoothing->kind);
  const size_t n_labelled = labelled.n_rows * labelled.n_in;
  memset(r, 0, (n_labelled + unlabelled.n_rows * unlabelled.n_in) * sizeof *r);
  if (n > 0 && labelled.n_rows > 0) {
    forward_clean(&labelled, NULL);
    kj__perturbations(&labelled, r);
  }
  if (n > labelled.n_rows) {
    forward_clean(&unlabelled, NULL);
    kj__perturbations(&unlabelled, r + n_labelled);
  }
}
