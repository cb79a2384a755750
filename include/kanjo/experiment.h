/*
 * experiment.h: from a table of rated utterances to an estimator, and to an
 * honest figure of how good such an estimator is.
 *
 * A fit standardises the rows, holds some out, trains a network for each
 * target (or one for all), or a baseline, and calibrates. A cross-validation
 * makes many fits, each without the speakers it is then measured on.
 */
#ifndef KANJO_EXPERIMENT_H
#define KANJO_EXPERIMENT_H

#include "kanjo/audio.h"
#include "kanjo/corpus.h"
#include "kanjo/estimator.h"
#include "kanjo/metrics.h"
#include "kanjo/network.h"
#include "kanjo/smoothing.h"
#include "kanjo/status.h"
#include "kanjo/training.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(enum, name): what is fitted. */
#define KJ_METHOD_LIST(X)                                                      \
  X(KJ_METHOD_NETWORK, "network")                                              \
  X(KJ_METHOD_RIDGE, "ridge")       /* linear, closed form */                  \
  X(KJ_METHOD_CONSTANT, "constant") /* the mean rating of the training rows */

typedef enum kj_method {
#define KJ_METHOD_ENUM(id, name) id,
  KJ_METHOD_LIST(KJ_METHOD_ENUM)
#undef KJ_METHOD_ENUM
} kj_method;

/** The name of a method: "network", "ridge", "constant". */
const char *kj_method_name(kj_method method);

/** The name of a normalisation: "train", "corpus", "speaker". */
const char *kj_normalisation_name(kj_normalisation normalisation);

/** What to fit and how; see kj_fit_defaults. */
typedef struct kj_fit_options {
  kj_method method;
  bool joint; /* one network for all targets; else one a target */
  size_t n_hidden;
  size_t hidden[KJ_MAX_LAYERS - 1]; /* widths, each 1..KJ_MAX_WIDTH */
  kj_activation output;
  kj_normalisation normalisation;
  kj_split validation; /* fraction 0: nothing is held out */
  bool calibrate;      /* needs held-out rows */

  /* of the training of each network, as in kj_training_options */
  kj_smoothing smoothing;
  kj_loss loss;
  bool he_initialisation;
  double learning_rate;
  double weight_decay;
  double dropout;
  kj_schedule schedule;
  size_t epochs, batch, patience, ramp;
  uint64_t seed; /* also of the split */
  kj_precision precision;
  size_t n_threads; /* of a step; changes no bit of what comes out */
} kj_fit_options;

/**
 * The options that nobody has to think about: network 384-1200-600-1 with a
 * ReLU output, no smoothing (lambda = epsilon = 1.5, sigma 1 once there is
 * some), squared error, Adam at 1e-3, 30 epochs of 32 rows, seed 1, fp32, one
 * thread.
 */
kj_fit_options kj_fit_defaults(void);

/** Rows whose features enter the second term, and whose ratings nothing. */
typedef struct kj_unlabelled {
  const kj_dataset *data; /* in the columns of the labelled data; may be them */
  kj_rows rows;
} kj_unlabelled;

typedef struct kj_fit kj_fit;

/**
 * Set up a fit: split, scaler, networks.
 *
 * Rows without a rating of a target are left out of that target's network;
 * in a joint network they are kept and the rating is masked. The scaler is
 * fitted on the rows that are trained on, never on held-out ones.
 *
 * @param[in] data        with targets and features; only read here.
 * @param[in] rows        the rows to use: trained on or held out.
 * @param[in] unlabelled  only read here; or NULL.
 * @param[in] options     copied.
 * @param[out] out        the fit; unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if an option is out of range; KJ_EDATA if the
 *         data have no features, no targets, too few rows, or not the groups
 *         that the split or the normalisation needs; KJ_ESHAPE if the columns
 *         of `unlabelled` are others; KJ_EMEMORY.
 *
 * Memory: a copy of the rows; caller releases with kj_fit_destroy.
 * Threads: one per fit; data may be shared.
 */
kj_status kj_fit_create(const kj_dataset *data, kj_rows rows,
                        const kj_unlabelled *unlabelled,
                        const kj_fit_options *options, kj_fit **out,
                        kj_error *err);

/** Release a fit; NULL is allowed. */
void kj_fit_destroy(kj_fit *fit);

/**
 * Run an epoch of every network that is not done; a baseline is done at once.
 *
 * @return as kj_trainer_run_epoch, the target named in the message; KJ_OK
 *         too where everything was done already.
 */
kj_status kj_fit_run_epoch(kj_fit *fit, bool (*stop)(void *), void *context,
                           kj_error *err);

/** True when kj_fit_estimator can be asked. */
bool kj_fit_is_done(const kj_fit *fit);

/** Number of networks in training: targets, or 1 (joint), or 0 (baseline). */
size_t kj_fit_trainers(const kj_fit *fit);

/** The training of network `index`; belongs to the fit. */
const kj_trainer *kj_fit_trainer(const kj_fit *fit, size_t index);

/** Bytes that a fit holds, the data it borrows not counted. */
size_t kj_fit_memory(const kj_fit *fit);

/**
 * Write the state of a fit, so that another process can go on.
 *
 * @return KJ_OK; KJ_EFILE if it cannot be written, and then a file that was
 *         there before is left as it was; KJ_EMEMORY.
 */
kj_status kj_fit_save(kj_fit *fit, const char *path, kj_error *err);

/**
 * Take up a state written by kj_fit_save of a fit of the same data and
 * options. The bits of the result are those of a fit that never stopped.
 *
 * @return KJ_OK; KJ_EFILE if it cannot be read; KJ_EFORMAT if it is no
 *         checkpoint; KJ_EDATA if it was made with another option (which is
 *         named) or other data; KJ_EMEMORY.
 */
kj_status kj_fit_restore(kj_fit *fit, const char *path, kj_error *err);

/**
 * Build the estimator of a fit that is done: chosen networks, scaler, and
 * with `calibrate` the slope and offset that fit the held-out rows best
 * (least squares).
 *
 * @param[out] out  caller releases with kj_estimator_destroy.
 * @return KJ_OK; KJ_EARGUMENT if the fit is not done; KJ_EDATA if a target
 *         has no held-out rating to calibrate on; KJ_EMEMORY.
 */
kj_status kj_fit_estimator(const kj_fit *fit, kj_estimator **out,
                           kj_error *err);

/** In that record, where the features are no registered set: what their table
 * said that they are (kj_dataset.set_label), if it said anything. */
#define KJ_RECORD_FEATURE_TABLE "feature_table"

/**
 * Tell how a fit was made, for the model file.
 *
 * @param[out] training_json  a JSON object: options, counts, speakers;
 *                            malloc'ed, caller frees.
 * @param[out] history_json   a JSON array, one object per network and epoch;
 *                            malloc'ed, caller frees.
 * @return KJ_OK; KJ_EMEMORY.
 */
kj_status kj_fit_record(const kj_fit *fit, char **training_json,
                        char **history_json, kj_error *err);

/**
 * Estimate rows of a dataset, standardised the way the estimator wants it.
 *
 * With KJ_NORMALISE_CORPUS and _SPEAKER, statistics are those of the given
 * rows of the same corpus or speaker; each needs at least two.
 *
 * @param[in] estimator  shared.
 * @param[in] data       with features in the estimator's columns.
 * @param[in] rows       which to estimate.
 * @param[out] values    shape (rows.n, n_targets), row-major, scale 1..5.
 * @return KJ_OK; KJ_ESHAPE if the number of features differs; KJ_EDATA if a
 *         group is too small; KJ_EMEMORY.
 */
kj_status kj_estimate_rows(const kj_estimator *estimator,
                           const kj_dataset *data, kj_rows rows, double *values,
                           kj_error *err);

/** Likewise with standard deviations, as kj_estimator_estimate_sd. */
kj_status kj_estimate_rows_sd(const kj_estimator *estimator,
                              const kj_dataset *data, kj_rows rows,
                              double *values, double *sd, kj_error *err);

/** Likewise how unlike all known voices rows are: kj_estimator_novelty. */
kj_status kj_novelty_rows(const kj_estimator *estimator, const kj_dataset *data,
                          kj_rows rows, double *novelty, kj_error *err);

/**
 * Make an ensemble of estimators of the same targets and features.
 *
 * @param[in] first   its residuals are left out: they are not the ensemble's.
 * @param[in] others  shape (n); all are copied.
 * @param[in] n       1..KJ_MAX_MEMBERS - 1.
 * @param[out] out    caller releases with kj_estimator_destroy.
 * @return as kj_estimator_create.
 */
kj_status kj_ensemble_attach(const kj_estimator *first,
                             kj_estimator *const *others, size_t n,
                             kj_estimator **out, kj_error *err);

/** Where features come from when LABELS.csv names sound files. */
typedef struct kj_sound_options {
  const kj_feature_set *set;
  kj_audio_options audio; /* start_s and end_s come from the rows */
  size_t n_threads;
  void (*progress)(void *context, size_t done, size_t total); /* or NULL */
  bool (*stop)(void *context);                                /* or NULL */
  void (*failed)(void *context, const char *name, const char *status,
                 const char *reason); /* each row that is dropped, in order */
  void *context;
} kj_sound_options;

/**
 * Give a dataset the features of the sound files that its rows name.
 *
 * @return KJ_OK; KJ_EARGUMENT if it has features already or an audio option
 *         is out of range; KJ_EDATA if a row names no file or no row is
 *         usable; KJ_EINTERRUPTED if `stop` said so; KJ_EMEMORY.
 */
kj_status kj_dataset_attach_sound(kj_dataset *data,
                                  const kj_sound_options *options,
                                  kj_error *err);

/** One row of a table of results: a method, and what smooths it. */
typedef struct kj_contender {
  const char *name; /* "constant", "ridge", "none", "noise", "at", "vat" */
  kj_method method;
  kj_smoothing_kind smoothing;
} kj_contender;

/** The contenders that every comparison has, in order. */
extern const kj_contender KJ_CONTENDERS[];
extern const size_t KJ_N_CONTENDERS;

/** One of many fits: what to fit, on which rows, and which to estimate. */
typedef struct kj_fit_job {
  char name[64]; /* in front of its messages: "fold 3 of 10, vat" */
  kj_fit_options options;
  kj_rows trained;                  /* rows of the shared dataset */
  const kj_dataset *estimated_data; /* NULL: the shared dataset */
  kj_rows estimated;
  double *values; /* (estimated.n, n_targets), row-major; written */
  double *sd;     /* likewise, of a fit that predicts deviations; or NULL */
} kj_fit_job;

/** The threads of many fits. */
typedef struct kj_fit_pool {
  size_t n_threads; /* fits at a time; each runs on one thread alone */
  void (*progress)(void *context, size_t done, size_t total); /* or NULL */
  bool (*stop)(void *context);                                /* or NULL */
  void *context;    /* both are called by one thread at a time */
  size_t fit_bytes; /* written: memory of the largest fit */
} kj_fit_pool;

/**
 * Run many independent fits, some at a time, and estimate rows with each.
 *
 * A job's values do not depend on the number of threads, nor on the other
 * jobs. Jobs are started in their order: put long ones first.
 *
 * @param[in] data        shared, only read.
 * @param[in] unlabelled  shared by all fits, or NULL.
 * @param[in] jobs        shape (n_jobs).
 * @param[in,out] pool    threads and callbacks.
 * @return KJ_OK; of the first job that failed, the status, its name in front
 *         of the message (the others are then stopped); KJ_EINTERRUPTED if
 *         `stop` said so; KJ_EMEMORY.
 *
 * Memory: kj_fit_memory for each fit that runs.  Threads: of its own.
 */
kj_status kj_fit_many(const kj_dataset *data, const kj_dataset *unlabelled,
                      const kj_fit_job *jobs, size_t n_jobs, kj_fit_pool *pool,
                      kj_error *err);

/** What to compare and how. */
typedef struct kj_cross_validation_options {
  kj_fit_options fit; /* method and smoothing.kind are the contender's */
  size_t n_seeds;     /* fits with fit.seed, fit.seed + 1, ...; 0 means 1 */
  kj_folds folds;     /* the same for all seeds */
  size_t n_contenders;
  const kj_contender *contender;
  size_t n_threads;
  kj_bootstrap_options bootstrap;
  void (*progress)(void *context, size_t done, size_t total); /* or NULL */
  bool (*stop)(void *context);                                /* or NULL */
  void *context; /* both are called by one thread at a time */
} kj_cross_validation_options;

/** What one contender reached on one target, over all held-out rows. */
typedef struct kj_result {
  size_t n_rows; /* with a rating of that target */
  size_t n_speakers;
  kj_metrics metrics;
  kj_metric_intervals intervals;
} kj_result;

/** The outcome of a cross-validation. */
typedef struct kj_cross_validation {
  size_t n_seeds, n_contenders, n_rows, n_targets, n_folds;
  size_t *fold_of_row;    /* (n_rows) */
  double *estimate;       /* (n_seeds, n_contenders, n_rows, n_targets) */
  double *sd;             /* likewise, where the loss is nll, 0 of a contender
                             that predicts none; else NULL */
  kj_result *seed_result; /* (n_seeds, n_contenders, n_targets) */
  kj_result *result;      /* (n_contenders, n_targets): means over the seeds,
                             of the metrics and of the intervals' bounds */
  kj_metrics *spread;     /* (n_contenders, n_targets): standard deviation over
                             the seeds (divided by n - 1); 0 for one seed */
  size_t fit_bytes;       /* memory of the largest fit */
} kj_cross_validation;

/**
 * Estimate every row of a dataset by fits that never saw its fold.
 *
 * The result does not depend on the number of threads.
 *
 * @param[in] data        with targets and features.
 * @param[in] unlabelled  or NULL, for all fits.
 * @param[in] options     what to compare.
 * @param[out] out        caller releases with kj_cross_validation_clear.
 * @return KJ_OK; KJ_EINTERRUPTED; else as kj_folds_make, kj_fit_create,
 *         kj_fit_run_epoch, with fold and contender named.
 *
 * Threads: options->n_threads of its own.
 * Cost: n_seeds times n_folds times n_contenders fits.
 */
kj_status kj_cross_validate(const kj_dataset *data,
                            const kj_dataset *unlabelled,
                            const kj_cross_validation_options *options,
                            kj_cross_validation *out, kj_error *err);

/** Release what kj_cross_validate filled; all zero is allowed. */
void kj_cross_validation_clear(kj_cross_validation *result);

/**
 * Measure estimates of one target against its ratings, clustered by speaker
 * (by row where no row has one).
 *
 * @param[in] data      with ratings.
 * @param[in] rows      which rows; those without a rating do not count.
 * @param[in] target    index of the target in `data`.
 * @param[in] estimate  estimate of rows i at estimate[i * stride].
 * @param[in] stride    at least 1.
 * @param[in] options   of the bootstrap.
 * @param[out] out      metrics and intervals.
 * @return KJ_OK; KJ_EDATA if no row has a rating; KJ_EMEMORY.
 */
kj_status kj_measure(const kj_dataset *data, kj_rows rows, size_t target,
                     const double *estimate, size_t stride,
                     const kj_bootstrap_options *options, kj_result *out,
                     kj_error *err);

/**
 * Compare two sets of estimates of one target row by row, as kj_measure.
 *
 * @param[out] out  A - B: differences, intervals and p, see kanjo/metrics.h.
 */
kj_status kj_measure_difference(const kj_dataset *data, kj_rows rows,
                                size_t target, const double *a, const double *b,
                                size_t stride,
                                const kj_bootstrap_options *options,
                                kj_comparison *out, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
