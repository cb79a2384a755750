/*
 * estimator.h: features in, valence, activation and dominance out.
 *
 * An estimator is a scaler, one or more networks, a slope and offset per
 * target, and the scale of the ratings. It is built from parsed tensors in
 * memory (kanjo/model.h reads them from a file), is immutable afterwards and
 * may be shared by any number of threads; the scratch of a computation is an
 * object of its own, one per thread.
 *
 * Source: Kuwahara et al., ICAART 2020, sections 3 and 4 (384 inputs, one
 * network per dimension); scaler, clipping and calibration are Kanjo's.
 */
#ifndef KANJO_ESTIMATOR_H
#define KANJO_ESTIMATOR_H

#include "kanjo/memory.h"
#include "kanjo/network.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  KJ_MAX_TARGETS = 16,      /* targets of one estimator */
  KJ_TARGET_NAME_SIZE = 32, /* bytes with the final zero */
  KJ_MAX_INPUTS = 65536,    /* features of one row */
  KJ_MAX_MEMBERS = 32,      /* of an ensemble */
  KJ_RESIDUAL_LEVELS = 101  /* quantiles kept of a target's residuals */
};

/** The scale that ratings are mapped to, and estimates given on. */
#define KJ_SCALE_LOW 1.0
#define KJ_SCALE_HIGH 5.0

/** A scaled feature is clipped to +-KJ_SCALER_CLIP standard deviations. */
#define KJ_SCALER_CLIP 10.0f

/** Whose statistics standardise a row. */
typedef enum kj_normalisation {
  KJ_NORMALISE_TRAIN,  /* those of the training rows, kept in the model */
  KJ_NORMALISE_CORPUS, /* those of the row's own corpus */
  KJ_NORMALISE_SPEAKER /* those of the row's own speaker */
} kj_normalisation;

/**
 * Standardisation: clip((x - mean) * inverse_sd, -clip, +clip).
 *
 * inverse_sd is 0 for a column that was constant in the rows it was fitted
 * on, so that such a column is always 0 after scaling.
 */
typedef struct kj_scaler {
  size_t n;          /* number of features */
  float *mean;       /* shape (n), in the unit of the feature */
  float *inverse_sd; /* shape (n), 1 / that unit; >= 0 */
  float clip;        /* > 0, in standard deviations */
} kj_scaler;

/**
 * Fit a scaler on rows: column means and population standard deviations.
 *
 * Sums run in double, in the order of the rows. A column whose standard
 * deviation is at most 1e-7 of its largest magnitude counts as constant, and
 * so does one whose inverse standard deviation is beyond the range of float.
 *
 * @param[in,out] scaler  n, mean, inverse_sd (caller's memory) are set up;
 *                        mean and inverse_sd are written.
 * @param[in] x           features; shape (n_rows, scaler->n), row-major.
 * @param[in] rows        indices of the rows to use, or NULL for all.
 * @param[in] n_rows      number of rows used; at least 1.
 * @return KJ_OK; KJ_EDATA if n_rows is 0 or a value is not finite.
 *
 * Memory: allocates nothing.  Threads: one per scaler.  Cost: O(n_rows n).
 */
kj_status kj_scaler_fit(kj_scaler *scaler, const float *x, const size_t *rows,
                        size_t n_rows, kj_error *err);

/**
 * Standardise rows.
 *
 * @param[in] scaler   fitted scaler.
 * @param[in] x        features; shape (n_rows, n), row-major.
 * @param[in] n_rows   number of rows.
 * @param[out] scaled  shape (n_rows, n), row-major, in -clip..clip; may be x.
 *
 * Memory: allocates nothing.  Threads: shared-read.  Cost: O(n_rows n).
 */
void kj_scaler_apply(const kj_scaler *scaler, const float *x, size_t n_rows,
                     float *scaled);

/** One network and the targets it answers for. */
typedef struct kj_estimator_part {
  const kj_network *network;
  size_t first_target; /* its outputs are targets first_target, +1, ...; with
                          predicts_sd, the first half of them */

  /* KJ_WEIGHTS_INT8 only, else not read: */
  float *scale;               /* size of a step of each unit's weights, layer
                                 after layer; (sum of the layers' widths) */
  float range[KJ_MAX_LAYERS]; /* of each layer's inputs: what is beyond
                                 +-range is cut */
} kj_estimator_part;

/**
 * How far estimates of one target lay from the ratings of voices that were
 * held out: the quantiles of |rating - estimate| at 0, 0.01, ..., 1, in which
 * every speaker weighs the same (docs/intervals.md).
 */
typedef struct kj_residuals {
  size_t n_residuals; /* 0: nothing is known, and the rest is not read */
  size_t n_speakers;  /* of them */
  bool is_relative;   /* they are |rating - estimate| / sd, sd what the
                         estimator tells beside the estimate */
  double quantile[KJ_RESIDUAL_LEVELS]; /* finite, >= 0, never falling */
  /* Shares of residuals inside the interval of KJ_COVERAGE_LEVEL that those of
     the other speakers make: of all rows, and of the speaker with the least;
     0..1, or -1 where there is one speaker. */
  double covered, least_covered;
} kj_residuals;

/** The level that a model tells the coverage of. */
#define KJ_COVERAGE_LEVEL 0.9

/** Levels that an interval can be asked for. */
#define KJ_INTERVAL_LEAST 0.5
#define KJ_INTERVAL_MOST 0.99

/**
 * Half the width of an interval: estimate - h .. estimate + h holds the
 * rating of a row of a new speaker about as often as `level` says.
 *
 * h is the quantile at min(1, level (n + 1) / n), or the next kept one above:
 * too wide by less than one percent of the weight, never too narrow.
 *
 * @param[in] residuals    of the target.
 * @param[in] level        KJ_INTERVAL_LEAST..KJ_INTERVAL_MOST.
 * @param[out] half_width  on the 1..5 scale, or where the residuals are
 *                         relative in units of each row's sd; unchanged on
 *                         failure.
 * @return KJ_OK; KJ_EARGUMENT if the level is out of range; KJ_EDATA if no
 *         residuals are known.
 *
 * Memory: allocates nothing.  Threads: any number.
 * Source: Vovk, Gammerman and Shafer, Algorithmic learning in a random world,
 * 2005 (the correction by (n + 1) / n); the weights are ours.
 */
kj_status kj_residuals_half_width(const kj_residuals *residuals, double level,
                                  double *half_width, kj_error *err);

/**
 * What standardised features of known voices are like: their centre c and
 * covariance L L^T, and how far from them is far (docs/novelty.md).
 */
typedef struct kj_novelty {
  size_t n_rows;       /* 0: nothing is known, and the rest is not read */
  size_t n_speakers;   /* of them */
  float *centre;       /* shape (scaler.n), of standardised features */
  float *factor;       /* lower triangle of L, row after row: L[i][j] at
                          i (i + 1) / 2 + j; its diagonal is above 0 */
  double threshold;    /* above 0; a score beyond it is an alarm */
  double false_alarms; /* share of rows of held-out speakers beyond it */
} kj_novelty;

/* X(enum, name): what makes a value of slope * output + offset. */
#define KJ_LINK_LIST(X)                                                        \
  X(KJ_LINK_IDENTITY, "identity") /* nothing: a rating on 1..5 */              \
  X(KJ_LINK_LOGIT, "logit")       /* 1 / (1 + exp(-.)): a probability */

typedef enum kj_link {
#define KJ_LINK_ENUM(id, name) id,
  KJ_LINK_LIST(KJ_LINK_ENUM)
#undef KJ_LINK_ENUM
} kj_link;

/** What a gate's one target is called, and the column of a table of labels. */
#define KJ_SPONTANEOUS "spontaneous"

/* X(enum, name): whose values an estimator with experts gives; p is the gate's
 * probability of spontaneous speech. docs/routing.md.
 *
 * plain: the estimator of all speech, as if there were no experts
 * hard: the spontaneous expert's where p >= 1/2, else the scripted one's
 * soft: p times the one's plus 1 - p times the other's
 * oracle: the expert's of the true kind, which the caller knows
 * features: the informed estimator's, which reads p beside the features */
#define KJ_ROUTE_LIST(X)                                                       \
  X(KJ_ROUTE_PLAIN, "plain")                                                   \
  X(KJ_ROUTE_HARD, "hard")                                                     \
  X(KJ_ROUTE_SOFT, "soft")                                                     \
  X(KJ_ROUTE_ORACLE, "oracle")                                                 \
  X(KJ_ROUTE_FEATURES, "features")

typedef enum kj_route {
#define KJ_ROUTE_ENUM(id, name) id,
  KJ_ROUTE_LIST(KJ_ROUTE_ENUM)
#undef KJ_ROUTE_ENUM
} kj_route;

/* X(enum, name): the estimators inside one that routes. The experts stand at
 * the value of the column that they are for. */
#define KJ_COMPONENT_LIST(X)                                                   \
  X(KJ_COMPONENT_SCRIPTED, "scripted")                                         \
  X(KJ_COMPONENT_SPONTANEOUS, "spontaneous")                                   \
  X(KJ_COMPONENT_GATE, "gate")                                                 \
  X(KJ_COMPONENT_INFORMED, "informed")

typedef enum kj_component {
#define KJ_COMPONENT_ENUM(id, name) id,
  KJ_COMPONENT_LIST(KJ_COMPONENT_ENUM)
#undef KJ_COMPONENT_ENUM
      KJ_N_COMPONENTS
} kj_component;

/** Likewise the name of a link, a route or a component; NULL: no such. */
const char *kj_link_name(kj_link link);
const char *kj_route_name(kj_route route);
const char *kj_component_name(kj_component component);

/** Likewise find a route by its name. */
bool kj_route_find(const char *name, kj_route *route);

/**
 * The experts of an estimator and the gate before them. All zero: none.
 *
 * Each component has a scaler, calibration and weights of its own. The experts
 * have the estimator's targets; the gate has one, KJ_SPONTANEOUS, with the
 * logit link; the informed estimator has one more feature, the last: p.
 */
typedef struct kj_routing {
  kj_route route; /* that estimates take where nothing is said; not oracle */
  /* gate NULL: no routing; informed NULL: no route `features` */
  const struct kj_estimator *component[KJ_N_COMPONENTS];
} kj_routing;

/** Everything an estimator is made of; kj_estimator_create copies it. */
typedef struct kj_estimator_parts {
  size_t n_targets; /* 1..KJ_MAX_TARGETS */
  char target[KJ_MAX_TARGETS][KJ_TARGET_NAME_SIZE];
  kj_scaler scaler; /* used with KJ_NORMALISE_TRAIN, stored always */
  kj_normalisation normalisation;
  kj_weights weights; /* of all networks */
  size_t n_parts;     /* 1..n_targets; together they cover every target once */
  kj_estimator_part part[KJ_MAX_TARGETS];
  double slope[KJ_MAX_TARGETS];  /* calibration: slope * output + offset; */
  double offset[KJ_MAX_TARGETS]; /* 1 and 0 where there is none */
  kj_link link;                  /* of all targets */
  bool predicts_sd; /* the second half of each network's outputs are the a of
                       KJ_LOSS_NLL: sd = |slope| sqrt(KJ_LEAST_SD^2 +
                       exp(2 a)) */
  kj_residuals residuals[KJ_MAX_TARGETS]; /* all zero where there is none */
  kj_novelty novelty;                     /* likewise */
  kj_routing routing;                     /* likewise */

  /* An ensemble: this estimator is its first member, and these are the others,
     with the same targets and features, and a scaler and weights of their own.
     Values are the members' mean. */
  size_t n_others; /* 0: no ensemble; else up to KJ_MAX_MEMBERS - 1 */
  const struct kj_estimator *other[KJ_MAX_MEMBERS - 1];
} kj_estimator_parts;

typedef struct kj_estimator kj_estimator;

/**
 * Build an estimator from its parts (copied).
 *
 * With KJ_WEIGHTS_BF16 the networks' weights (not their biases) must be floats
 * whose lower half is 0; with KJ_WEIGHTS_INT8 whole multiples of their unit's
 * scale, up to 127 of them. kj_estimator_convert makes them so. Networks hold
 * such weights as floats; beside them the estimator keeps a copy in their own
 * size, laid out for one row at a time.
 *
 * @param[in] parts      networks, scaler, targets, calibration.
 * @param[in] allocator  or NULL for malloc/free.
 * @param[out] out       the estimator; unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if a count, name, scaler value, slope, offset,
 *         weight, scale, range, link or route is not allowed, or the
 *         environment variable KANJO_CPU names no kernels of this machine;
 *         KJ_ESHAPE if the networks do not fit the scaler or do not cover the
 *         targets in order, or a component does not fit the estimator;
 *         KJ_EMEMORY.
 *
 * Memory: the parts, and their weights once more in 4, 2 or 1 bytes each;
 * caller releases with kj_estimator_destroy.  Threads: one.
 */
kj_status kj_estimator_create(const kj_estimator_parts *parts,
                              const kj_allocator *allocator, kj_estimator **out,
                              kj_error *err);

/** Release an estimator; NULL is allowed. */
void kj_estimator_destroy(kj_estimator *estimator);

/** The parts of an estimator; pointers in it belong to the estimator. */
const kj_estimator_parts *kj_estimator_get_parts(const kj_estimator *estimator);

/**
 * Make an estimator with weights of another kind.
 *
 * bf16: weights are rounded to 8 bits of mantissa, to nearest even; then only
 * fp32 arithmetic. int8: the weights of each unit are rounded to 127 steps of
 * one size up to the largest of them; a layer's inputs will be rounded to 15
 * bits (fewer above 516 of them) within +-range, where range is twice the
 * largest value that they take in the calibration rows, and for the features
 * not more than the scaler's clip. Biases stay fp32. From bf16 to fp32 nothing
 * changes but the kind.
 *
 * What this costs in accuracy must be measured: kj_convert does.
 *
 * @param[in] from       an estimator with fp32 weights; to fp32, with bf16.
 * @param[in] weights    the kind to make.
 * @param[in] rows       calibration, for int8 only: standardised features;
 *                       shape (n_rows, scaler.n), row-major; finite.
 * @param[in] n_rows     at least 1 for int8.
 * @param[out] out       the new estimator; unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if such a conversion is not allowed, as it is
 *         not of an estimator with others inside (kj_conversion_make
 *         converts them all); KJ_EDATA if
 *         there is no calibration row, a feature is not finite, or a weight or
 *         value is too large for the kind; KJ_EMEMORY.
 *
 * Memory: from the allocator of `from`; caller releases with
 * kj_estimator_destroy.  Threads: shared-read of `from`.  Cost: an estimate of
 * each row.
 */
kj_status kj_estimator_convert(const kj_estimator *from, kj_weights weights,
                               const float *rows, size_t n_rows,
                               kj_estimator **out, kj_error *err);

typedef struct kj_estimator_scratch kj_estimator_scratch;

/**
 * Create the working memory for estimates of up to max_rows rows at a time.
 *
 * @return KJ_OK; KJ_EARGUMENT if max_rows is 0; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_estimator_scratch_destroy; the estimator
 * must outlive it.  Threads: one.
 */
kj_status kj_estimator_scratch_create(const kj_estimator *estimator,
                                      size_t max_rows,
                                      const kj_allocator *allocator,
                                      kj_estimator_scratch **out,
                                      kj_error *err);

/** Release the working memory; NULL is allowed. */
void kj_estimator_scratch_destroy(kj_estimator_scratch *scratch);

/**
 * Estimate the targets of rows of features.
 *
 * scaled = scaler(x) (x itself with already_scaled), then each network, then
 * slope * output + offset, then the link. Values are on the 1..5 scale; a value
 * a little outside it is possible and is not cut off. With the logit link they
 * are probabilities. An estimator that routes does as kj_estimator_route with
 * its own route. A row's values have the same bits whatever rows it comes with;
 * with int8 weights also on every processor.
 *
 * @param[in] estimator       shared, immutable.
 * @param[in] scratch         made for this estimator.
 * @param[in] x               features; shape (n_rows, scaler.n), row-major.
 * @param[in] n_rows          any number; done max_rows at a time.
 * @param[in] already_scaled  non-zero: x is standardised by the caller, as it
 *                            must be for KJ_NORMALISE_CORPUS and _SPEAKER, and
 *                            must not be for KJ_NORMALISE_TRAIN where there are
 *                            experts or members, whose scalers differ.
 * @param[out] values         shape (n_rows, n_targets), row-major, scale 1..5.
 * @return KJ_OK; KJ_EARGUMENT if already_scaled is not as the estimator's
 *         normalisation and experts want it, or scratch was made for
 *         another estimator; KJ_EDATA if a feature is not finite (the row and
 *         the column are named; nothing is written), or if an estimate is not
 *         (huge weights; values then hold what was computed).
 *
 * Memory: allocates nothing.  Threads: one per scratch.
 */
kj_status kj_estimator_estimate(const kj_estimator *estimator,
                                kj_estimator_scratch *scratch, const float *x,
                                size_t n_rows, int already_scaled,
                                double *values, kj_error *err);

/** Whether an estimator tells standard deviations beside its values: it
 * predicts them, or it is an ensemble. */
bool kj_estimator_has_sd(const kj_estimator *estimator);

/** Likewise by a route: of all who are heard, and where experts are mixed. The
 * route of an estimator without experts is plain, whatever is said. */
bool kj_route_has_sd(const kj_estimator *estimator, kj_route route);

/** Whether all who are heard by a route predict deviations (KJ_LOSS_NLL). */
bool kj_route_predicts_sd(const kj_estimator *estimator, kj_route route);

/**
 * Estimate the targets of rows, and how far ratings lie from them.
 *
 * sd^2 = mean_m s_m^2 + mean_m (v_m - v)^2 over the members m of an ensemble,
 * of which there is one where it is none; v_m their values, v the mean of
 * these, s_m what they predict, or 0 where they do not: then sd is how far the
 * members are apart, which is less than how far ratings are.
 *
 * @param[in] estimator, scratch, x, n_rows, already_scaled
 *                     as for kj_estimator_estimate.
 * @param[out] values  likewise.
 * @param[out] sd      shape (n_rows, n_targets), row-major, scale 1..5.
 * @return as kj_estimator_estimate; KJ_EARGUMENT too if it tells none.
 *
 * Memory: allocates nothing.  Threads: one per scratch.
 * Source: Lakshminarayanan, Pritzel and Blundell, Simple and scalable
 * predictive uncertainty estimation using deep ensembles, 2017, section 2.4.
 */
kj_status kj_estimator_estimate_sd(const kj_estimator *estimator,
                                   kj_estimator_scratch *scratch,
                                   const float *x, size_t n_rows,
                                   int already_scaled, double *values,
                                   double *sd, kj_error *err);

/** Rows to be routed; x, n_rows and already_scaled as in
 * kj_estimator_estimate. */
typedef struct kj_passage {
  const float *x;
  size_t n_rows;
  int already_scaled;
  kj_route route;                 /* see KJ_ROUTE_LIST */
  const signed char *spontaneous; /* for KJ_ROUTE_ORACLE: the kind of each row,
                                     0 or 1; shape (n_rows); else not read */
} kj_passage;

/** What becomes of them; all shapes row-major. */
typedef struct kj_routed {
  double *values;      /* (n_rows, n_targets), scale 1..5 */
  double *probability; /* (n_rows), of spontaneous speech; or NULL */
  double *sd;          /* (n_rows, n_targets): of whoever is heard, as
                          kj_estimator_estimate_sd, 0 where that one tells none; `soft`:
                          of the mixture, sd^2 = p s_1^2 + (1 - p) s_0^2 + p (1 - p)
                          (f_1 - f_0)^2; or NULL */
} kj_routed;

/**
 * Estimate the targets of rows by the experts of an estimator, or without.
 *
 * @param[in] estimator  with a gate; shared, immutable.
 * @param[in] scratch    made for this estimator.
 * @param[in] in         the rows, and whose values to give.
 * @param[out] out       arrays of the caller, written.
 * @return as kj_estimator_estimate; KJ_EARGUMENT too if there is no such
 *         route, or a kind is not 0 or 1.
 *
 * Memory: allocates nothing.  Threads: one per scratch.  Cost: that of the
 * gate, and of both experts or of whoever stands for them.
 * Source: Kuwahara et al., ICAART 2020, section 3.3 and figure 2 (hard); the
 * other routes are Kanjo's.
 */
kj_status kj_estimator_route(const kj_estimator *estimator,
                             kj_estimator_scratch *scratch,
                             const kj_passage *in, const kj_routed *out,
                             kj_error *err);

/**
 * Tell how unlike all known voices rows of features are.
 *
 * novelty = |L^-1 (z - c)| / (sqrt(n) threshold), with z the n standardised
 * features: the Mahalanobis distance in units of the threshold. Above 1 a row
 * is unlike anything known: rows of known kinds get there as often as the
 * false-alarm rate says.
 *
 * @param[in] estimator       that knows of novelty.
 * @param[in] scratch         made for this estimator.
 * @param[in] x               features; shape (n_rows, scaler.n), row-major.
 * @param[in] n_rows          any number.
 * @param[in] already_scaled  as for kj_estimator_estimate.
 * @param[out] novelty        shape (n_rows); >= 0.
 * @return KJ_OK; as kj_estimator_estimate; KJ_EARGUMENT too if the estimator
 *         knows nothing of novelty.
 *
 * Memory: allocates nothing.  Threads: one per scratch.  Cost: O(n^2) a row.
 * Source: Mahalanobis, On the generalised distance in statistics, 1936.
 */
kj_status kj_estimator_novelty(const kj_estimator *estimator,
                               kj_estimator_scratch *scratch, const float *x,
                               size_t n_rows, int already_scaled,
                               double *novelty, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
