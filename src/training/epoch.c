/*
 * epoch.c: one pass over the labelled rows, a batch a step.
 *
 * step: down the gradient of L + lambda * second term (smoothing room).
 */
#include "training/state.h"

#include "base/error.h"
#include "base/flush.h"
#include "base/random.h"
#include "kanjo/metrics.h"
#include "network/loss.h"

#include <math.h>
#include <string.h>

/* Unlabelled rows name random streams of their own, above all labelled. */
static const uint64_t UNLABELLED_ROW_ID = 0x80000000u;

/* Keeps the directions of a model's networks apart: 2^64 / golden ratio. */
static const uint64_t NETWORK_STRIDE = 0x9E3779B97F4A7C15u;

static size_t n_inputs(const kj_trainer *t)
{
  return t->options.shape.width[0];
}

static size_t n_outputs(const kj_trainer *t)
{
  return t->options.shape.width[t->options.shape.n_layers];
}

static void draw_order(size_t *order, size_t n, kj__random stream)
{
  for (size_t i = 0; i < n; i++)
    order[i] = i;
  kj__random_shuffle(&stream, order, n);
}

/* Copy labelled rows order[first..first+n) to the front of the step. */
static void take_labelled(kj_trainer *t, size_t first, size_t n)
{
  const kj_training_rows *rows = &t->data.train;
  const size_t n_in = n_inputs(t), n_out = n_outputs(t);
  for (size_t i = 0; i < n; i++) {
    const size_t row = t->order[first + i];
    memcpy(t->x + i * n_in, rows->x + row * n_in, n_in * sizeof *t->x);
    memcpy(t->y + i * n_out, rows->y + row * n_out, n_out * sizeof *t->y);
    t->weight[i] = rows->weight ? rows->weight[row] : 1;
    t->row_id[i] = row;
  }
}

/* Copy the next n unlabelled rows behind the labelled ones. `position` is
 * the number of unlabelled rows taken since the training began: the order of
 * each pass over them follows from it alone. */
static void take_unlabelled(kj_trainer *t, uint64_t position, size_t n,
                            size_t offset)
{
  const size_t n_in = n_inputs(t), n_all = t->data.n_unlabelled;
  for (size_t i = 0; i < n; i++) {
    const uint64_t pass = (position + i) / n_all;
    const size_t place = (size_t)((position + i) % n_all);
    if (t->drawn_pass != pass + 1) {
      draw_order(t->unlabelled_order, n_all,
                 kj__random_stream(t->options.seed, KJ__PURPOSE_UNLABELLED,
                                   t->options.network_index, pass));
      t->drawn_pass = pass + 1;
    }
    const size_t row = t->unlabelled_order[place];
    memcpy(t->x + (offset + i) * n_in, t->data.unlabelled + row * n_in,
           n_in * sizeof *t->x);
    t->weight[offset + i] = 1;
    t->row_id[offset + i] = UNLABELLED_ROW_ID | row;
  }
}

/* Whether the second term takes unlabelled rows; if not, they are left out. */
static bool wants_unlabelled(const kj_trainer *t)
{
  const kj_smoothing_kind kind = t->options.smoothing.kind;
  return t->data.n_unlabelled > 0 &&
         (kind == KJ_SMOOTHING_NOISE || kind == KJ_SMOOTHING_VAT);
}

static kj_batch take_batch(kj_trainer *t, size_t first)
{
  const size_t left = t->data.train.n_rows - first;
  const size_t n = left < t->options.batch ? left : t->options.batch;
  const size_t n_unlabelled = wants_unlabelled(t) ? n : 0;
  const uint64_t taken =
      t->count[KJ__COUNT_EPOCH] * t->data.train.n_rows + first;
  take_labelled(t, first, n);
  take_unlabelled(t, taken, n_unlabelled, n);
  return (kj_batch){.x = t->x,
                    .y = t->y,
                    .weight = t->weight,
                    .n_labelled = n,
                    .n_unlabelled = n_unlabelled,
                    .row_id = t->row_id};
}

/* The share of lambda at step n (from 1). */
static double ramp_share(uint64_t n, size_t ramp, uint64_t steps_per_epoch)
{
  return fmin(1.0, (double)n / ((double)ramp * (double)steps_per_epoch));
}

/* One step, whose learning rate is left in the record. */
static kj_step_losses descend(kj_trainer *t, const kj_batch *batch,
                              kj_epoch *record)
{
  const kj_training_options *o = &t->options;
  const uint64_t n_done = t->count[KJ__COUNT_STEP];
  const uint64_t n_steps = o->epochs * kj__training_steps_per_epoch(t);
  kj_smoothing smoothing = o->smoothing;
  if (o->ramp > 0)
    smoothing.lambda *=
        ramp_share(n_done + 1, o->ramp, kj__training_steps_per_epoch(t));
  const kj_step step = {
      .loss = o->loss,
      .smoothing = &smoothing,
      .seed = o->seed + o->network_index * NETWORK_STRIDE,
      .number = n_done,
      .dropout = o->dropout,
  };
  kj_optimiser optimiser = {.adam = kj_adam_defaults(),
                            .moment1 = t->moment1,
                            .moment2 = t->moment2,
                            .t = n_done + 1};
  optimiser.adam.learning_rate =
      kj__schedule_rate(o->schedule, o->learning_rate, n_done, n_steps);
  optimiser.adam.weight_decay = o->weight_decay;
  record->learning_rate = optimiser.adam.learning_rate;
  return kj_stepper_descend(t->stepper, t->network, batch, &step, &optimiser,
                            t->y_hat);
}

static void remember_outputs(kj_trainer *t, const kj_batch *batch)
{
  const size_t n_out = n_outputs(t);
  for (size_t i = 0; i < batch->n_labelled; i++)
    memcpy(t->met + (size_t)batch->row_id[i] * n_out, t->y_hat + i * n_out,
           n_out * sizeof *t->met);
}

static kj_status run_steps(kj_trainer *t, bool (*stop)(void *), void *context,
                           kj_epoch *record, kj_error *err)
{
  const size_t epoch = (size_t)t->count[KJ__COUNT_EPOCH];
  const double n_steps = (double)kj__training_steps_per_epoch(t);
  for (size_t first = 0; first < t->data.train.n_rows;
       first += t->options.batch) {
    if (stop && stop(context))
      return kj__fail(err, KJ_EINTERRUPTED, "stopped during epoch %zu",
                      epoch + 1);
    const kj_batch batch = take_batch(t, first);
    const kj_step_losses losses = descend(t, &batch, record);
    if (!isfinite(losses.supervised) || !isfinite(losses.smoothing))
      return kj__fail(err, KJ_ETRAINING,
                      "the loss is %g (second term %g) in epoch %zu; a lower "
                      "learning rate may help",
                      losses.supervised, losses.smoothing, epoch + 1);
    record->loss += losses.supervised / n_steps;
    record->smoothing += losses.smoothing / n_steps;
    remember_outputs(t, &batch);
    t->count[KJ__COUNT_STEP]++;
  }
  return KJ_OK;
}

/* A ReLU output that is 0 for every row has no gradient left: it is dead.
 * t->met holds the outputs, `epoch` counts from 1. */
static kj_status check_alive(const kj_trainer *t, size_t epoch, kj_error *err)
{
  const size_t n_out = n_outputs(t);
  for (size_t k = 0; t->options.shape.output == KJ_ACTIVATION_RELU && k < n_out;
       k++) {
    size_t i = 0;
    while (i < t->data.train.n_rows && t->met[i * n_out + k] == 0)
      i++;
    if (i == t->data.train.n_rows)
      return kj__fail(err, KJ_ETRAINING,
                      "output %zu is 0 for all %zu training rows in epoch "
                      "%zu: its ReLU died; use a linear output or another "
                      "seed",
                      k, i, epoch);
  }
  return KJ_OK;
}

/* With cross-entropy, the probability that an output is the log odds of. */
static double answer(const kj_trainer *t, kj_real output)
{
  return t->options.loss == KJ_LOSS_BCE ? kj__logistic((double)output)
                                        : (double)output;
}

void kj__training_measure(kj_trainer *t, const kj_training_rows *rows,
                          const kj_real *outputs, double *mae, double *ccc)
{
  const size_t n_out = n_outputs(t);
  size_t n_mae = 0, n_ccc = 0;
  *mae = *ccc = 0.0;
  for (size_t k = 0; k < kj__loss_targets(t->options.loss, n_out); k++) {
    size_t n = 0;
    for (size_t i = 0; i < rows->n_rows; i++) {
      if (!isfinite(rows->y[i * n_out + k]))
        continue;
      t->truth[n] = (double)rows->y[i * n_out + k];
      t->estimate[n++] = answer(t, outputs[i * n_out + k]);
    }
    kj_metrics metrics;
    if (n == 0 ||
        kj_metrics_compute(t->truth, t->estimate, n, &metrics, NULL) != KJ_OK)
      continue;
    *mae += metrics.mae;
    n_mae++;
    if (isfinite(metrics.ccc)) {
      *ccc += metrics.ccc;
      n_ccc++;
    }
  }
  *mae = n_mae > 0 ? *mae / (double)n_mae : (double)NAN;
  *ccc = n_ccc > 0 ? *ccc / (double)n_ccc : (double)NAN;
}

/* Outputs of rows, a block at a time. */
static void forward(kj_trainer *t, const kj_network *net,
                    const kj_training_rows *rows, kj_real *outputs)
{
  const size_t n_in = n_inputs(t), n_out = n_outputs(t);
  const size_t block = 2 * t->options.batch;
  for (size_t first = 0; first < rows->n_rows; first += block) {
    const size_t left = rows->n_rows - first;
    kj_network_forward(net, rows->x + first * n_in, left < block ? left : block,
                       t->activations, outputs + first * n_out);
  }
}

static void validate(kj_trainer *t, kj_epoch *record)
{
  const kj_training_rows *rows = &t->data.validation;
  record->validation_mae = record->validation_ccc = (double)NAN;
  if (rows->n_rows == 0)
    return;
  forward(t, t->network, rows, t->validated);
  kj__training_measure(t, rows, t->validated, &record->validation_mae,
                       &record->validation_ccc);
}

/* The last steps can kill an output, or send it to infinity, when nobody
 * meets a row any more: the network that is the result is looked at whole. */
static kj_status check_result(kj_trainer *t, kj_error *err)
{
  const size_t epoch = kj_trainer_chosen_epoch(t) + 1;
  const kj_training_rows *rows = &t->data.train;
  forward(t, kj_trainer_network(t), rows, t->met);
  for (size_t i = 0; i < rows->n_rows * n_outputs(t); i++)
    if (!isfinite(t->met[i]))
      return kj__fail(err, KJ_ETRAINING,
                      "an output is %g after epoch %zu; a lower learning rate "
                      "may help",
                      (double)t->met[i], epoch);
  return check_alive(t, epoch, err);
}

/* What early stopping watches: smaller is better. */
static double criterion(const kj_trainer *t, const kj_epoch *epoch)
{
  const double value = t->options.loss == KJ_LOSS_CCC
                           ? 1.0 - epoch->validation_ccc
                           : epoch->validation_mae;
  return isfinite(value) ? value : (double)INFINITY;
}

static void keep_best(kj_trainer *t)
{
  const size_t epoch = (size_t)t->count[KJ__COUNT_EPOCH];
  const size_t best = (size_t)t->count[KJ__COUNT_BEST];
  if (!t->best)
    return;
  if (epoch == 0 ||
      criterion(t, &t->history[epoch]) < criterion(t, &t->history[best])) {
    t->count[KJ__COUNT_BEST] = epoch;
    memcpy(t->best->parameters, t->network->parameters,
           t->network->n_parameters * sizeof(kj_real));
  } else if (epoch - best >= t->options.patience) {
    t->count[KJ__COUNT_STOPPED] = 1;
  }
}

static kj_status run_epoch(kj_trainer *t, bool (*stop)(void *), void *context,
                           kj_error *err)
{
  const size_t epoch = (size_t)t->count[KJ__COUNT_EPOCH];
  kj_epoch *record = &t->history[epoch];
  *record = (kj_epoch){0};
  draw_order(t->order, t->data.train.n_rows,
             kj__random_stream(t->options.seed, KJ__PURPOSE_SHUFFLE,
                               t->options.network_index, epoch));
  kj_stepper_sync(t->stepper); /* a state may have been put back */
  kj_status status = run_steps(t, stop, context, record, err);
  if (status == KJ_OK)
    status = check_alive(t, epoch + 1, err);
  if (status != KJ_OK)
    return status;
  kj__training_measure(t, &t->data.train, t->met, &record->mae, &record->ccc);
  validate(t, record);
  keep_best(t);
  t->count[KJ__COUNT_EPOCH] = epoch + 1;
  return kj_trainer_is_done(t) ? check_result(t, err) : KJ_OK;
}

kj_status kj_trainer_run_epoch(kj_trainer *t, bool (*stop)(void *),
                               void *context, kj_error *err)
{
  if (kj_trainer_is_done(t))
    return kj__fail(err, KJ_EARGUMENT, "the training is done after %zu epochs",
                    kj_trainer_epochs(t));
  const unsigned long before = kj__flush_begin();
  const kj_status status = run_epoch(t, stop, context, err);
  kj__flush_end(before);
  return status;
}
