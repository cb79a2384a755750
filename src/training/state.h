/*
 * state.h: what a trainer is made of; shared by the files of this room.
 */
#ifndef KJ_TRAINING_STATE_H
#define KJ_TRAINING_STATE_H

#include "kanjo/training.h"

/* The counters, saved as they stand. */
enum {
  KJ__COUNT_EPOCH,   /* epochs run */
  KJ__COUNT_STEP,    /* Adam steps done */
  KJ__COUNT_BEST,    /* epoch of the best validation value */
  KJ__COUNT_STOPPED, /* 1: patience has run out */
  KJ__COUNT_SIZE
};

struct kj_trainer {
  kj_allocator allocator; /* of all arrays */
  size_t n_bytes;         /* that it gave */
  kj_training_options options;
  kj_training_data data;
  kj_network *network;
  kj_network *best; /* with patience: the best so far; else NULL */
  kj_real *moment1; /* Adam's m and v, as the parameters */
  kj_real *moment2;
  uint64_t count[KJ__COUNT_SIZE];
  kj_epoch *history; /* (options.epochs) */

  /* scratch, none of it part of the state */
  kj_stepper *stepper;
  kj_activations *activations; /* for the validation rows */
  kj_real *x;                  /* (2 batch, n_in): the rows of a step */
  kj_real *y;                  /* (batch, n_out) */
  kj_real *weight;             /* (2 batch) */
  kj_real *y_hat;              /* (2 batch, n_out): clean outputs of a step */
  uint64_t *row_id;            /* (2 batch) */
  size_t *order;               /* (n_rows) of the labelled rows */
  size_t *unlabelled_order;    /* (n_unlabelled) */
  uint64_t drawn_pass;         /* 1 + the pass that order is of; 0: none yet */
  kj_real *met;                /* (n_rows, n_out): outputs as rows were met */
  kj_real *validated;          /* (validation rows, n_out) */
  double *truth, *estimate;    /* (max rows) for the metrics of one output */
};

/* Steps of one epoch, and of the whole training. */
uint64_t kj__training_steps_per_epoch(const kj_trainer *t);

/* The learning rate of step 0..n_steps-1. */
double kj__schedule_rate(kj_schedule schedule, double rate, uint64_t step,
                         uint64_t n_steps);

/* MAE and CCC of outputs against ratings, each the mean over the targets
 * that have ratings here; CCC is NaN where no target has a defined one. */
void kj__training_measure(kj_trainer *t, const kj_training_rows *rows,
                          const kj_real *outputs, double *mae, double *ccc);

#endif
