/*
 * coverage.h: how far estimates lie from the ratings of voices that were held
 * out, and how often intervals made of that hold the ratings of others.
 *
 * docs/intervals.md has the formulas, and what they promise and do not.
 */
#ifndef KANJO_COVERAGE_H
#define KANJO_COVERAGE_H

#include "kanjo/corpus.h"
#include "kanjo/estimator.h"
#include "kanjo/experiment.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Whose residuals to collect. */
typedef struct kj_residuals_options {
  kj_fit_options fit; /* of the model that the residuals are for */
  kj_folds folds;     /* of whole speakers, sessions or corpora */
  size_t n_members;   /* of the ensemble, with seeds of their own; 0 means 1 */
  size_t n_threads;   /* fits at a time; changes no bit of what comes out */
  void (*progress)(void *context, size_t done, size_t total); /* or NULL */
  bool (*stop)(void *context);                                /* or NULL */
  void *context;
} kj_residuals_options;

/**
 * Collect the residuals of rows that a fit never saw the speakers of.
 *
 * A fit for each fold, trained on all others, estimates the fold's rows; the
 * quantiles are those of |rating - estimate| where each of S speakers has the
 * weight 1/S, however many rows it has: quantile p is the least residual that
 * at least the share p of the weight does not exceed. Of a fit that predicts
 * deviations they are divided by these (is_relative).
 *
 * @param[in] data        as for kj_fit_create; all its rows.
 * @param[in] unlabelled  for all fits, or NULL.
 * @param[in] options     whose residuals.
 * @param[out] residuals  shape (data->n_targets); unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if the folds are of rows; else as
 *         kj_cross_validate.
 *
 * Memory: as kj_cross_validate, freed at the end.  Threads: of its own.
 * Cost: as many fits as folds.
 */
kj_status kj_residuals_collect(const kj_dataset *data,
                               const kj_dataset *unlabelled,
                               const kj_residuals_options *options,
                               kj_residuals *residuals, kj_error *err);

/**
 * Likewise of estimates that were made already, by whatever had not heard the
 * speakers.
 *
 * @param[in] estimate    shape (data->n_rows, data->n_targets).
 * @param[in] sd          likewise: residuals relative to these; or NULL.
 * @param[out] residuals  shape (data->n_targets); unchanged on failure.
 * @return KJ_OK; KJ_EMEMORY.
 */
kj_status kj_residuals_of(const kj_dataset *data, const double *estimate,
                          const double *sd, kj_residuals *residuals,
                          kj_error *err);

/** Build an estimator that is `from` and knows its residuals.
 *
 * @param[in] residuals  shape (n_targets), copied.
 * @param[out] out       caller releases with kj_estimator_destroy.
 * @return KJ_OK; KJ_EARGUMENT if they are not allowed; KJ_EMEMORY.
 */
kj_status kj_residuals_attach(const kj_estimator *from,
                              const kj_residuals *residuals, kj_estimator **out,
                              kj_error *err);

/**
 * Build an estimator that is `from` and knows what its features are like.
 *
 * c is the mean of the standardised features and L L^T = (1 - rho) S + rho m I
 * their covariance, shrunk as far as Ledoit and Wolf say; S has fewer rows
 * than columns in general. The threshold is what a share `false_alarms` of
 * rows of held-out speakers exceeds, every speaker with the same weight; each
 * fold is held against a scaler, centre and covariance of the others.
 *
 * @param[in] from          with the scaler and normalisation to use.
 * @param[in] data          with features in its columns.
 * @param[in] folds         of whole speakers, sessions or corpora.
 * @param[in] false_alarms  0.01..0.5.
 * @param[out] out          caller releases with kj_estimator_destroy.
 * @return KJ_OK; KJ_EARGUMENT if the folds are of rows, the share is out of
 *         range, or there are more than 4096 columns; KJ_ESHAPE if the number
 *         of columns is another; KJ_EDATA if features do not vary enough; as
 *         kj_folds_make; KJ_EMEMORY.
 *
 * Memory: O(rows n + n^2) while it runs.  Threads: one.
 * Cost: O(n^3 + rows n^2) a fold.
 * Source: Ledoit and Wolf, A well-conditioned estimator for large-dimensional
 * covariance matrices, 2004, section 3.
 */
kj_status kj_novelty_attach(const kj_estimator *from, const kj_dataset *data,
                            const kj_folds *folds, double false_alarms,
                            kj_estimator **out, kj_error *err);

/** By what coverage is counted. */
typedef enum kj_coverage_by {
  KJ_COVERAGE_ALL,     /* one count, named "" */
  KJ_COVERAGE_SPEAKER, /* one a speaker, in the order of their first rows */
  KJ_COVERAGE_GENDER,
  KJ_COVERAGE_CORPUS
} kj_coverage_by;

/** How many ratings lie inside their intervals. */
typedef struct kj_coverage {
  const char *name; /* as the data have it; belongs to them; may be "" */
  size_t n_rows;    /* with a rating; at least 1 */
  size_t n_inside;
} kj_coverage;

/** Estimates of one target, and the intervals around them. */
typedef struct kj_covering {
  const kj_dataset *data;
  size_t target;          /* index in `data` */
  const double *estimate; /* of row i at estimate[i * stride] */
  size_t stride;          /* at least 1 */
  double half_width;
  const double *sd; /* likewise of each row, which half_width is in units of;
                       NULL: it is on 1..5 */
} kj_covering;

/**
 * Count ratings within half_width of their estimate, by group.
 *
 * @param[in] covering  the intervals.
 * @param[in] by        whom to count apart.
 * @param[out] out      shape (n); caller frees; NULL where n is 0.
 * @param[out] n        groups with a rating.
 * @return KJ_OK; KJ_EMEMORY.
 *
 * Threads: shared-read.  Cost: O(rows groups).
 */
kj_status kj_coverage_count(const kj_covering *covering, kj_coverage_by by,
                            kj_coverage **out, size_t *n, kj_error *err);

/**
 * How many standard deviations hold so large a share of a normal distribution.
 *
 * @param[in] level  0..1, not 1.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
double kj_normal_half_width(double level);

/** Predicted deviations against ratings: means over rated rows. */
typedef struct kj_likelihood {
  size_t n_rows;
  double sd;
  double nll; /* ln s + (y - f)^2 / (2 s^2) + ln(2 pi) / 2 */
} kj_likelihood;

/**
 * Measure how surprising ratings are under N(estimate, sd^2).
 *
 * @param[in] covering  with sd; its half_width is not read.
 * @return NaN where no row has a rating.
 *
 * Memory: allocates nothing.  Threads: shared-read.  Cost: O(rows).
 * Source: Nix and Weigend, Estimating the mean and variance of the target
 * probability distribution, 1994.
 */
kj_likelihood kj_likelihood_measure(const kj_covering *covering);

#ifdef __cplusplus
}
#endif
#endif
