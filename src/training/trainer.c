/*
 * trainer.c: a trainer is set up, its state taken out and put back.
 */
#include "training/state.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/pages.h"
#include "network/initialise.h"
#include "network/loss.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static kj_status check_choices(const kj_training_options *o, kj_error *err)
{
  if (!kj_loss_name(o->loss))
    return kj__fail(err, KJ_EARGUMENT, "loss is %d; no such loss",
                    (int)o->loss);
  if (o->schedule != KJ_SCHEDULE_CONSTANT && o->schedule != KJ_SCHEDULE_COSINE)
    return kj__fail(err, KJ_EARGUMENT, "schedule is %d; no such schedule",
                    (int)o->schedule);
  if (!kj_precision_name(o->precision))
    return kj__fail(err, KJ_EARGUMENT, "precision is %d; no such precision",
                    (int)o->precision);
  return KJ_OK;
}

static kj_status check_counts(const kj_training_options *o, kj_error *err)
{
  if (o->epochs < 1 || o->epochs > KJ_MAX_EPOCHS)
    return kj__fail(err, KJ_EARGUMENT, "epochs is %zu; must be 1..%d",
                    o->epochs, KJ_MAX_EPOCHS);
  if (o->ramp > KJ_MAX_EPOCHS)
    return kj__fail(err, KJ_EARGUMENT, "ramp is %zu; must be 0..%d", o->ramp,
                    KJ_MAX_EPOCHS);
  if (o->batch < 1 || o->batch > KJ_MAX_BATCH)
    return kj__fail(err, KJ_EARGUMENT, "batch is %zu; must be 1..%d", o->batch,
                    KJ_MAX_BATCH);
  if (!(o->learning_rate > 0.0 && o->learning_rate <= 10.0))
    return kj__fail(err, KJ_EARGUMENT,
                    "learning rate is %g; must be above 0, at most 10",
                    o->learning_rate);
  if (!(o->weight_decay >= 0.0 && o->weight_decay <= 100.0))
    return kj__fail(err, KJ_EARGUMENT, "weight decay is %g; must be 0..100",
                    o->weight_decay);
  if (!(o->dropout >= 0.0 && o->dropout <= KJ_MOST_DROPOUT))
    return kj__fail(err, KJ_EARGUMENT, "dropout is %g; must be 0..%g",
                    o->dropout, KJ_MOST_DROPOUT);
  if (o->n_threads > KJ_MAX_THREADS)
    return kj__fail(err, KJ_EARGUMENT, "n_threads is %zu; must be 0..%d",
                    o->n_threads, KJ_MAX_THREADS);
  return KJ_OK;
}

static kj_status check_features(const char *what, const kj_real *x,
                                size_t n_rows, size_t n_in, kj_error *err)
{
  for (size_t i = 0; i < n_rows * n_in; i++)
    if (!isfinite(x[i]))
      return kj__fail(err, KJ_EDATA,
                      "%s row %zu: feature %zu is %g; must be finite", what,
                      i / n_in, i % n_in, (double)x[i]);
  return KJ_OK;
}

static kj_status check_weights(const kj_training_rows *rows, kj_error *err)
{
  for (size_t i = 0; rows->weight && i < rows->n_rows; i++)
    if (!(rows->weight[i] >= 0) || !isfinite(rows->weight[i]))
      return kj__fail(err, KJ_EDATA,
                      "row %zu: weight is %g; must be 0 or more, finite", i,
                      (double)rows->weight[i]);
  return KJ_OK;
}

/* Log odds and logarithms of deviations are of any sign. */
static kj_status check_output(const kj_training_options *o, kj_error *err)
{
  const size_t n_out = o->shape.width[o->shape.n_layers];
  if (o->loss != KJ_LOSS_BCE && o->loss != KJ_LOSS_NLL)
    return KJ_OK;
  if (o->shape.output != KJ_ACTIVATION_LINEAR)
    return kj__fail(err, KJ_EARGUMENT,
                    "the output is %s; must be linear with the loss %s",
                    kj_activation_name(o->shape.output), kj_loss_name(o->loss));
  if (o->loss == KJ_LOSS_NLL && n_out % 2 != 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "%zu outputs; must be two for each target with the loss "
                    "nll",
                    n_out);
  return KJ_OK;
}

/* Cross-entropy: answers between no and yes. */
static kj_status check_answers(const kj_training_options *o,
                               const kj_training_rows *rows, size_t n_out,
                               kj_error *err)
{
  if (o->loss != KJ_LOSS_BCE)
    return KJ_OK;
  for (size_t i = 0; i < rows->n_rows * n_out; i++)
    if (rows->y[i] < 0 || rows->y[i] > 1)
      return kj__fail(err, KJ_EDATA,
                      "row %zu: target %zu is %g; must be 0..1 with the loss "
                      "bce",
                      i / n_out, i % n_out, (double)rows->y[i]);
  return KJ_OK;
}

static kj_status check_ratings(const kj_training_options *o,
                               const kj_training_rows *rows, size_t n_out,
                               kj_error *err)
{
  for (size_t k = 0; k < kj__loss_targets(o->loss, n_out); k++) {
    size_t n_rated = 0;
    for (size_t i = 0; i < rows->n_rows; i++)
      n_rated += isfinite(rows->y[i * n_out + k]) ? 1 : 0;
    if (n_rated == 0)
      return kj__fail(err, KJ_EDATA, "target %zu has no rating in any row", k);
  }
  return KJ_OK;
}

static kj_status check_options(const kj_training_options *o, kj_error *err)
{
  kj_status status = kj_network_shape_check(&o->shape, err);
  if (status == KJ_OK)
    status = check_choices(o, err);
  if (status == KJ_OK)
    status = check_counts(o, err);
  if (status == KJ_OK)
    status = check_output(o, err);
  return status == KJ_OK
             ? kj_smoothing_check(&o->smoothing,
                                  o->shape.width[o->shape.n_layers], err)
             : status;
}

static kj_status check(const kj_training_options *o,
                       const kj_training_data *data, kj_error *err)
{
  kj_status status = check_options(o, err);
  if (status != KJ_OK)
    return status;
  const size_t n_in = o->shape.width[0];
  const size_t n_out = o->shape.width[o->shape.n_layers];
  if (data->train.n_rows == 0)
    return kj__fail(err, KJ_EDATA, "no row to train on");
  if (o->patience > 0 && data->validation.n_rows == 0)
    return kj__fail(err, KJ_EDATA,
                    "patience is %zu, but no rows are held out for "
                    "validation",
                    o->patience);
  status =
      check_features("training", data->train.x, data->train.n_rows, n_in, err);
  if (status == KJ_OK)
    status = check_features("validation", data->validation.x,
                            data->validation.n_rows, n_in, err);
  if (status == KJ_OK)
    status = check_features("unlabelled", data->unlabelled, data->n_unlabelled,
                            n_in, err);
  if (status == KJ_OK)
    status = check_weights(&data->train, err);
  if (status == KJ_OK)
    status = check_ratings(o, &data->train, n_out, err);
  if (status == KJ_OK)
    status = check_answers(o, &data->train, n_out, err);
  if (status == KJ_OK)
    status = check_answers(o, &data->validation, n_out, err);
  return status;
}

static size_t larger(size_t a, size_t b)
{
  return a > b ? a : b;
}

/* All that a trainer allocates, it allocates while it is made: counted here.
 * Parameters, moments and panels are walked through at each step, and lie on
 * large pages. */
static void *allocate_counted(void *context, size_t size)
{
  kj_trainer *t = context;
  const kj_allocator pages = kj__pages();
  t->n_bytes += size;
  return pages.allocate(pages.context, size);
}

static void release_counted(void *context, void *memory)
{
  (void)context;
  const kj_allocator pages = kj__pages();
  pages.release(pages.context, memory);
}

static kj_status create_networks(kj_trainer *t, kj_error *err)
{
  const kj_training_options *o = &t->options;
  const size_t n_rows = 2 * o->batch;
  const kj_stepper_options stepper = {
      .shape = o->shape,
      .max_rows = t->data.n_unlabelled > 0 ? n_rows : o->batch,
      .precision = o->precision,
      .n_threads = o->n_threads > 0 ? o->n_threads : 1,
  };
  kj_status status =
      kj_network_create(&o->shape, &t->allocator, &t->network, err);
  if (status == KJ_OK && o->patience > 0)
    status = kj_network_create(&o->shape, &t->allocator, &t->best, err);
  if (status == KJ_OK)
    status = kj_stepper_create(&stepper, &t->allocator, &t->stepper, err);
  if (status == KJ_OK)
    status = kj_activations_create(&o->shape, n_rows, &t->allocator,
                                   &t->activations, err);
  return status;
}

/* All the plain arrays: one table says how many of what. */
static kj_status create_arrays(kj_trainer *t, kj_error *err)
{
  const kj_training_options *o = &t->options;
  const size_t n_in = o->shape.width[0];
  const size_t n_out = o->shape.width[o->shape.n_layers];
  const size_t n_rows = t->data.train.n_rows;
  const size_t n_validation = t->data.validation.n_rows;
  const size_t most = larger(n_rows, n_validation);
  const struct {
    void *array; /* where the pointer stands */
    size_t count, size;
  } table[] = {
      {&t->moment1, t->network->n_parameters, sizeof(kj_real)},
      {&t->moment2, t->network->n_parameters, sizeof(kj_real)},
      {&t->history, o->epochs, sizeof(kj_epoch)},
      {&t->x, 2 * o->batch * n_in, sizeof(kj_real)},
      {&t->y, o->batch * n_out, sizeof(kj_real)},
      {&t->weight, 2 * o->batch, sizeof(kj_real)},
      {&t->y_hat, 2 * o->batch * n_out, sizeof(kj_real)},
      {&t->row_id, 2 * o->batch, sizeof(uint64_t)},
      {&t->order, n_rows, sizeof(size_t)},
      {&t->unlabelled_order, t->data.n_unlabelled, sizeof(size_t)},
      {&t->met, n_rows * n_out, sizeof(kj_real)},
      {&t->validated, n_validation * n_out, sizeof(kj_real)},
      {&t->truth, most, sizeof(double)},
      {&t->estimate, most, sizeof(double)},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    void *memory = kj__allocate(&t->allocator, table[i].count, table[i].size);
    memcpy(table[i].array, &memory, sizeof memory);
    if (!memory)
      return kj__fail_memory(err, "a training");
  }
  return KJ_OK;
}

/* The output node starts at the mean rating, weighted as the rows are. */
static void mean_ratings(const kj_training_rows *rows, size_t n_out,
                         kj_real *mean)
{
  for (size_t k = 0; k < n_out; k++) {
    double sum = 0.0, weights = 0.0;
    for (size_t i = 0; i < rows->n_rows; i++) {
      const kj_real rating = rows->y[i * n_out + k];
      const double weight = rows->weight ? (double)rows->weight[i] : 1.0;
      if (!isfinite(rating))
        continue;
      sum += weight * (double)rating;
      weights += weight;
    }
    mean[k] = (kj_real)(weights > 0.0 ? sum / weights : 0.0);
  }
}

/* Of output k + half: that the deviation starts at that of the ratings. */
static void spread_ratings(const kj_training_rows *rows, size_t n_out,
                           kj_real *start)
{
  const size_t half = n_out / 2;
  for (size_t k = 0; k < half; k++) {
    double sum = 0.0, weights = 0.0;
    for (size_t i = 0; i < rows->n_rows; i++) {
      const double rating = (double)rows->y[i * n_out + k];
      const double weight = rows->weight ? (double)rows->weight[i] : 1.0;
      if (!isfinite(rating))
        continue;
      sum += weight * (rating - (double)start[k]) * (rating - (double)start[k]);
      weights += weight;
    }
    const double least = KJ_LEAST_SD * KJ_LEAST_SD;
    const double variance = weights > 0.0 ? sum / weights : 0.0;
    start[k + half] = (kj_real)(0.5 * log(fmax(variance - least, least)));
  }
}

/* The log odds of a share of the rows that is neither none nor all. */
static kj_real log_odds(kj_real share)
{
  const double p = fmin(fmax((double)share, 1e-3), 1.0 - 1e-3);
  return (kj_real)log(p / (1.0 - p));
}

static void initialise(kj_trainer *t)
{
  const kj_training_options *o = &t->options;
  const size_t n_out = o->shape.width[o->shape.n_layers];
  kj_real mean[KJ_MAX_OUTPUTS];
  mean_ratings(&t->data.train, n_out, mean);
  for (size_t k = 0; o->loss == KJ_LOSS_BCE && k < n_out; k++)
    mean[k] = log_odds(mean[k]);
  if (o->loss == KJ_LOSS_NLL)
    spread_ratings(&t->data.train, n_out, mean);
  kj__network_initialise(t->network,
                         o->he_initialisation ? KJ_INITIALISE_HE
                                              : KJ_INITIALISE_UNIFORM,
                         o->seed, o->network_index, mean);
}

kj_status kj_trainer_create(const kj_training_options *options,
                            const kj_training_data *data, kj_trainer **out,
                            kj_error *err)
{
  kj_status status = check(options, data, err);
  if (status != KJ_OK)
    return status;
  kj_trainer *t = kj__allocate(NULL, 1, sizeof *t);
  if (!t)
    return kj__fail_memory(err, "a training");
  t->options = *options;
  t->data = *data;
  t->allocator = (kj_allocator){allocate_counted, release_counted, t};
  status = create_networks(t, err);
  if (status == KJ_OK)
    status = create_arrays(t, err);
  if (status != KJ_OK) {
    kj_trainer_destroy(t);
    return status;
  }
  initialise(t);
  *out = t;
  return KJ_OK;
}

void kj_trainer_destroy(kj_trainer *t)
{
  if (!t)
    return;
  kj_network_destroy(t->network);
  kj_network_destroy(t->best);
  kj_stepper_destroy(t->stepper);
  kj_activations_destroy(t->activations);
  void *const arrays[] = {
      t->moment1,          t->moment2,   t->history, t->x,       t->y,
      t->weight,           t->y_hat,     t->row_id,  t->order,   t->met,
      t->unlabelled_order, t->validated, t->truth,   t->estimate};
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
    kj__release(&t->allocator, arrays[i]);
  kj__release(NULL, t);
}

size_t kj_trainer_memory(const kj_trainer *t)
{
  return sizeof *t + t->n_bytes;
}

bool kj_trainer_is_done(const kj_trainer *t)
{
  return t->count[KJ__COUNT_EPOCH] >= t->options.epochs ||
         t->count[KJ__COUNT_STOPPED] != 0;
}

size_t kj_trainer_epochs(const kj_trainer *t)
{
  return (size_t)t->count[KJ__COUNT_EPOCH];
}

const kj_epoch *kj_trainer_epoch(const kj_trainer *t, size_t epoch)
{
  return &t->history[epoch];
}

size_t kj_trainer_chosen_epoch(const kj_trainer *t)
{
  if (t->best)
    return (size_t)t->count[KJ__COUNT_BEST];
  const uint64_t n = t->count[KJ__COUNT_EPOCH];
  return n > 0 ? (size_t)(n - 1) : 0;
}

const kj_network *kj_trainer_network(const kj_trainer *t)
{
  return t->best ? t->best : t->network;
}

size_t kj_trainer_state_count(const kj_trainer *t)
{
  return t->best ? 6 : 5;
}

kj_trainer_tensor kj_trainer_state(kj_trainer *t, size_t index)
{
  const size_t n = t->network->n_parameters;
  const kj_trainer_tensor pieces[] = {
      {"parameters", KJ_TENSOR_REAL, n, t->network->parameters},
      {"moment1", KJ_TENSOR_REAL, n, t->moment1},
      {"moment2", KJ_TENSOR_REAL, n, t->moment2},
      {"counters", KJ_TENSOR_COUNT, KJ__COUNT_SIZE, t->count},
      {"history", KJ_TENSOR_DOUBLE,
       t->options.epochs * (sizeof(kj_epoch) / sizeof(double)), t->history},
      {"best", KJ_TENSOR_REAL, n, t->best ? t->best->parameters : NULL},
  };
  return pieces[index];
}

/* Whether patience has run out after `epoch` epochs. */
static bool is_out_of_patience(const kj_trainer *t, uint64_t epoch)
{
  return t->best && epoch > 0 &&
         epoch - 1 - t->count[KJ__COUNT_BEST] >= t->options.patience;
}

kj_status kj_trainer_restored(kj_trainer *t, kj_error *err)
{
  const uint64_t epoch = t->count[KJ__COUNT_EPOCH];
  const uint64_t step = t->count[KJ__COUNT_STEP];
  if (epoch > t->options.epochs)
    return kj__fail(err, KJ_EDATA,
                    "saved epoch is %" PRIu64 "; must be at most %zu", epoch,
                    t->options.epochs);
  if (step != epoch * kj__training_steps_per_epoch(t))
    return kj__fail(err, KJ_EDATA,
                    "saved step is %" PRIu64 "; epoch %" PRIu64
                    " ends at %" PRIu64,
                    step, epoch, epoch * kj__training_steps_per_epoch(t));
  if (epoch > 0 && t->count[KJ__COUNT_BEST] >= epoch)
    return kj__fail(err, KJ_EDATA,
                    "saved best epoch is %" PRIu64 "; must be below %" PRIu64,
                    t->count[KJ__COUNT_BEST], epoch);
  const bool is_over = is_out_of_patience(t, epoch);
  if (t->count[KJ__COUNT_STOPPED] != (is_over ? 1 : 0))
    return kj__fail(err, KJ_EDATA,
                    "saved stop is %" PRIu64 "; must be %d after epoch %" PRIu64
                    " with the best at %" PRIu64,
                    t->count[KJ__COUNT_STOPPED], is_over, epoch,
                    t->count[KJ__COUNT_BEST]);
  return KJ_OK;
}
