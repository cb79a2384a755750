/*
 * fit_state.h: what a fit is made of; shared by the files of this room.
 */
#ifndef KJ_EXPERIMENT_FIT_STATE_H
#define KJ_EXPERIMENT_FIT_STATE_H

#include "kanjo/experiment.h"

/* The rows that one network is trained and validated on. */
typedef struct kj__fit_rows {
  float *x;                     /* (n_rows, n_inputs), standardised */
  float *y;                     /* (n_rows, n_outputs) */
  float *weight;                /* (n_rows), mean 1 over the training rows */
  size_t n_train, n_validation; /* training rows first */
  size_t *row;                  /* (n_rows): index into fit.index */
} kj__fit_rows;

/* One network of the model: its targets, rows, and training or result. */
typedef struct kj__fit_part {
  size_t first_target, n_targets;
  size_t n_outputs; /* of its network: twice the targets with the loss nll */
  kj__fit_rows rows;
  kj_trainer *trainer;  /* networks */
  kj_network *baseline; /* ridge and constant: no hidden layer */
  double penalty;       /* ridge */
} kj__fit_part;

struct kj_fit {
  const kj_dataset *data;
  kj_fit_options options;
  size_t n_rows;           /* of the fit: training and held out */
  size_t *index;           /* (n_rows) rows of data */
  unsigned char *held_out; /* (n_rows) */
  kj_scaler scaler;        /* fitted on the rows that are not held out */
  float *scaled;           /* (n_rows, n_inputs), standardised */
  float *unlabelled;       /* (n_unlabelled, n_inputs), or NULL */
  size_t n_unlabelled;
  size_t n_parts;
  kj__fit_part part[KJ_MAX_TARGETS];
};

/* Copy features of rows of `data` and standardise them: by `scaler`, or by
 * the statistics of each corpus or speaker among the rows themselves. */
kj_status kj__standardise(const kj_dataset *data, kj_rows rows,
                          kj_normalisation normalisation,
                          const kj_scaler *scaler, float *scaled,
                          kj_error *err);

/* Row i of `rows` as an index into the dataset. */
size_t kj__row(kj_rows rows, size_t i);

/* Fit the baseline of a part: a network without hidden layers. */
kj_status kj__fit_baseline(const kj_fit *fit, kj__fit_part *part,
                           kj_error *err);

/* The shape of the network of a part. */
kj_network_shape kj__fit_shape(const kj_fit *fit, const kj__fit_part *part);

/* The options that decide the bits of a fit, as a new jansson object. */
struct json_t *kj__fit_options_json(const kj_fit_options *options,
                                    size_t n_targets);

/* Every epoch of every network, as a new jansson array. */
struct json_t *kj__fit_history_json(const kj_fit *fit);

/* Quantiles of the sizes (n_rows) of rows, NaN left out, every speaker with
 * the same weight. KJ_EMEMORY. */
kj_status kj__speaker_quantiles(const kj_dataset *data, const double *size,
                                kj_residuals *out, kj_error *err);

/* Likewise the one at min(1, level (n + 1) / n), n the number of sizes; counts:
 * only of how many. KJ_EDATA if there is none; KJ_EMEMORY. */
kj_status kj__speaker_quantile(const kj_dataset *data, const double *size,
                               double level, kj_residuals *counts,
                               double *quantile, kj_error *err);

/* ln s + r^2 / (2 s^2) + ln(2 pi) / 2: how surprising a rating is that lies r
 * from the mean of a normal distribution of the deviation s (coverage.c). */
double kj__surprise(double residual, double sd);

#endif
