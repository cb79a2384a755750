/*
 * training.h: one network, one set of rows, many epochs.
 *
 * A trainer runs an epoch at a time, so that its owner can print, save and
 * stop between epochs. All of its state can be taken out and put back: a
 * training that was stopped and resumed gives the bits of one that never was.
 *
 * Source: Kuwahara et al., ICAART 2020, sections 3 and 4; Adam: Kingma & Ba
 * 2015. Batches, schedule and early stopping are not stated there: Kanjo's.
 */
#ifndef KANJO_TRAINING_H
#define KANJO_TRAINING_H

#include "kanjo/network.h"
#include "kanjo/smoothing.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(enum, name): how the learning rate runs from the first step to the last. */
#define KJ_SCHEDULE_LIST(X)                                                    \
  X(KJ_SCHEDULE_CONSTANT, "constant")                                          \
  X(KJ_SCHEDULE_COSINE, "cosine") /* half a cosine, from the rate to 0 */

typedef enum kj_schedule {
#define KJ_SCHEDULE_ENUM(id, name) id,
  KJ_SCHEDULE_LIST(KJ_SCHEDULE_ENUM)
#undef KJ_SCHEDULE_ENUM
} kj_schedule;

enum { KJ_MAX_EPOCHS = 100000, KJ_MAX_BATCH = 65536 };

/** Most hidden units that dropout may leave out: one in a hundred stays. */
#define KJ_MOST_DROPOUT 0.99

/** What to train and how; shapes and loss as in network.h. */
typedef struct kj_training_options {
  kj_network_shape shape;
  kj_loss loss;
  kj_smoothing smoothing;
  bool he_initialisation; /* else uniform +-1/sqrt(fan_in) */
  double learning_rate;   /* above 0, at most 10 */
  double weight_decay;    /* 0..100, decoupled from the gradient */
  double
      dropout; /* 0..KJ_MOST_DROPOUT: share of the hidden units that each step
                  leaves out of each row (kj_step); none when estimating */
  kj_schedule schedule;
  size_t epochs; /* 1..KJ_MAX_EPOCHS */
  size_t batch;  /* labelled rows a step, 1..KJ_MAX_BATCH */
  size_t ramp;   /* epochs in which lambda rises to its value, step by step: at
                    step t (from 1) of S an epoch it is lambda min(1, t / (ramp
                    S)); 0: it is there from the first */
  size_t patience; /* epochs without improvement before stopping; 0 off */
  uint64_t seed;   /* with network_index, of every random number */
  uint64_t network_index; /* 0 for the first network of a model, ... */
  kj_precision precision; /* of the matrix products */
  size_t n_threads; /* of a step, 0..KJ_MAX_THREADS; 0 means 1. Changes no bit
                       of what comes out */
} kj_training_options;

/** Standardised rows with their labels. */
typedef struct kj_training_rows {
  const kj_real *x;      /* (n_rows, n_in), row-major, finite */
  const kj_real *y;      /* (n_rows, n_out), row-major; NaN: missing */
  const kj_real *weight; /* (n_rows), >= 0, or NULL for 1 */
  size_t n_rows;
} kj_training_rows;

/** What a training reads; borrowed, must outlive the trainer. */
typedef struct kj_training_data {
  kj_training_rows train;      /* at least one row */
  kj_training_rows validation; /* n_rows 0: none */
  const kj_real *unlabelled;   /* (n_unlabelled, n_in) or NULL */
  size_t n_unlabelled;
} kj_training_data;

/* X(field, what): the record of one epoch; all are double. With the loss bce
 * errors and CCC are those of probabilities. */
#define KJ_EPOCH_LIST(X)                                                       \
  X(learning_rate, "at the end of the epoch")                                  \
  X(loss, "mean supervised loss over the steps")                               \
  X(smoothing, "mean second term over the steps, without lambda")              \
  X(mae, "of the training rows as they were met (with dropout, by what was "   \
         "left of the network), mean over targets")                            \
  X(ccc, "likewise")                                                           \
  X(validation_mae, "of the held-out rows after the epoch; NaN: none")         \
  X(validation_ccc, "likewise")

typedef struct kj_epoch {
#define KJ_EPOCH_FIELD(field, what) double field;
  KJ_EPOCH_LIST(KJ_EPOCH_FIELD)
#undef KJ_EPOCH_FIELD
} kj_epoch;

typedef struct kj_trainer kj_trainer;

/**
 * Set up a training: initialised network, optimiser, scratch.
 *
 * @param[in] options  copied.
 * @param[in] data     borrowed until kj_trainer_destroy.
 * @param[out] out     the trainer; unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if an option is out of range, or the loss is
 *         bce or nll and the output not linear; KJ_EDATA if there is no row, a
 * feature is not finite, an output has no rating at all, a target of bce is not
 *         in 0..1, or patience is set without validation rows; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_trainer_destroy.  Threads: one.
 */
kj_status kj_trainer_create(const kj_training_options *options,
                            const kj_training_data *data, kj_trainer **out,
                            kj_error *err);

/** Release a trainer; NULL is allowed. */
void kj_trainer_destroy(kj_trainer *trainer);

/** Bytes that a trainer holds, the data it borrows not counted. */
size_t kj_trainer_memory(const kj_trainer *trainer);

/**
 * Run one epoch: every labelled row once, in an order drawn from the seed.
 *
 * With unlabelled rows, each step also takes as many of them as it has
 * labelled ones, in an order of their own.
 *
 * @param[in] stop     asked before every step; true ends the epoch. May be
 *                     NULL. The trainer must then be destroyed or restored.
 * @param[in] context  handed to `stop`.
 * @return KJ_OK; KJ_EINTERRUPTED if `stop` said so; KJ_ETRAINING if the loss
 *         or, of the network chosen in the end, an output is not finite, or
 *         an output is 0 for all training rows (a ReLU that died);
 *         KJ_EARGUMENT if the training is already done.
 *
 * Memory: allocates nothing.  Threads: one.
 * Cost: n_rows times the matrix work of one step, see docs/smoothing.md.
 */
kj_status kj_trainer_run_epoch(kj_trainer *trainer, bool (*stop)(void *),
                               void *context, kj_error *err);

/** True after the last epoch, or once patience has run out. */
bool kj_trainer_is_done(const kj_trainer *trainer);

/** Number of epochs run so far. */
size_t kj_trainer_epochs(const kj_trainer *trainer);

/** The record of epoch 0..kj_trainer_epochs()-1. */
const kj_epoch *kj_trainer_epoch(const kj_trainer *trainer, size_t epoch);

/** The epoch whose network kj_trainer_network gives: with patience the best
 * on the validation rows (MAE, or 1 - CCC for that loss), else the last. */
size_t kj_trainer_chosen_epoch(const kj_trainer *trainer);

/** The trained network; belongs to the trainer. */
const kj_network *kj_trainer_network(const kj_trainer *trainer);

/** One piece of a trainer's state, to be saved and put back in place. */
typedef struct kj_trainer_tensor {
  const char *name;
  enum {
    KJ_TENSOR_REAL,   /* kj_real */
    KJ_TENSOR_DOUBLE, /* double */
    KJ_TENSOR_COUNT   /* uint64_t */
  } type;
  size_t count;
  void *data; /* of the trainer; write it only to restore a saved state */
} kj_trainer_tensor;

/** Number of pieces of state. */
size_t kj_trainer_state_count(const kj_trainer *trainer);

/** Piece `index` of the state. */
kj_trainer_tensor kj_trainer_state(kj_trainer *trainer, size_t index);

/**
 * Take up a state that was written into the pieces.
 *
 * @return KJ_OK; KJ_EDATA if its counters do not fit the options.
 */
kj_status kj_trainer_restored(kj_trainer *trainer, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
