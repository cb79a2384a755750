/*
 * explanation.h: which features of a recording move an estimate up or down.
 *
 * The estimate of a recording is compared with that of the mean of the training
 * rows, which is 0 after scaling. On the straight path between both, each
 * feature gets the integral of its own part of the gradient (integrated
 * gradients); these attributions add up to the difference of the two
 * estimates. Features are then summed by groups: what of the voice (a contour)
 * and what about it (a statistic).
 *
 * An attribution tells what the model did, not what makes people sound so.
 *
 * Source: Sundararajan, Taly, Yan: Axiomatic attribution for deep networks,
 * ICML 2017. The groups are Kanjo's: docs/explanation.md.
 */
#ifndef KANJO_EXPLANATION_H
#define KANJO_EXPLANATION_H

#include "kanjo/estimator.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Attributions add up to estimate - baseline within this, on 1..5: what is
 * left is the rounding of the estimator's floats. */
#define KJ_EXPLANATION_TOLERANCE 1e-4

/* X(enum, name): what of the voice: the contours of a feature set. */
#define KJ_TRAIT_LIST(X)                                                       \
  X(KJ_TRAIT_ENERGY, "energy")     /* pcm_RMSenergy */                         \
  X(KJ_TRAIT_PITCH, "pitch")       /* F0 */                                    \
  X(KJ_TRAIT_VOICE, "voice")       /* quality: voiceProb, pcm_zcr */           \
  X(KJ_TRAIT_SPECTRUM, "spectrum") /* pcm_fftMag_mfcc[1..12] */

typedef enum kj_trait {
#define KJ_TRAIT_ENUM(id, name) id,
  KJ_TRAIT_LIST(KJ_TRAIT_ENUM)
#undef KJ_TRAIT_ENUM
      KJ_N_TRAITS
} kj_trait;

/* X(enum, name): what about it: the statistics of a contour; all of those of
 * its delta are "movement". */
#define KJ_ASPECT_LIST(X)                                                      \
  X(KJ_ASPECT_LEVEL, "level") /* max, min, amean, linregc2 */                  \
  X(KJ_ASPECT_RANGE, "range") /* range, stddev, linregerrQ */                  \
  X(KJ_ASPECT_SLOPE, "slope") /* linregc1 */                                   \
  X(KJ_ASPECT_SHAPE, "shape") /* maxPos, minPos, skewness, kurtosis */         \
  X(KJ_ASPECT_MOVEMENT, "movement")

typedef enum kj_aspect {
#define KJ_ASPECT_ENUM(id, name) id,
  KJ_ASPECT_LIST(KJ_ASPECT_ENUM)
#undef KJ_ASPECT_ENUM
      KJ_N_ASPECTS
} kj_aspect;

/** The name of a trait: "energy", ...; NULL for none. */
const char *kj_trait_name(kj_trait trait);

/** The name of an aspect: "level", ...; NULL for none. */
const char *kj_aspect_name(kj_aspect aspect);

/** Where a feature belongs. */
typedef struct kj_feature_group {
  kj_trait trait;
  kj_aspect aspect;
} kj_feature_group;

/**
 * Find the group of a column of the set is09 by its name.
 *
 * @param[in] column  such as "F0_sma_de_kurtosis".
 * @param[out] group  unchanged if there is none of that name.
 * @return true if it is such a column.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
bool kj_feature_group_find(const char *column, kj_feature_group *group);

/** Why one target of a recording is estimated as it is, on the scale 1..5; of
 * a gate, whose estimate is a probability, in log odds; of an ensemble of gates
 * in the mean of its members' log odds, which is not quite the log odds of
 * their mean probability. */
typedef struct kj_explanation {
  double baseline; /* the estimate of the mean of the training rows */
  double estimate; /* of this row by the route: kj_estimator_route */
  double group[KJ_N_TRAITS][KJ_N_ASPECTS]; /* sums of attributions */
  double gate; /* attribution of the gate's probability, where an estimator
                  reads it (route features); else 0 */
  double probability;    /* of spontaneous speech, as a gate says, or the gate
                            of an estimator that routes; else NaN */
  const double *feature; /* attributions; shape (n_inputs); the explainer's,
                            until it is asked again */
  size_t n_pieces;       /* of the path, on each of which f is linear */
} kj_explanation;

/** Working memory, and the group of each column. One thread at a time. */
typedef struct kj_explainer kj_explainer;

/**
 * Create an explainer.
 *
 * @param[in] estimator  borrowed; with fp32 or bf16 weights, and standardised
 *                       by its training rows.
 * @param[in] columns    names of its features; shape (n_columns).
 * @param[in] n_columns  as many as the estimator has inputs.
 * @param[in] route      whose reasons: plain; hard, the expert that the gate
 *                       names; soft, both experts, each as much as the gate
 *                       believes in it for this row; features. Not read where
 *                       there are no experts.
 * @param[out] out       unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if the weights are int8 (its sums are rounded
 *         in between, so that it has no gradient: explain the fp32 model it
 *         was made from), if it is standardised per corpus or speaker, if
 *         there is no such route, or if a column is not of the set is09;
 *         KJ_ESHAPE if n_columns is another number; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_explainer_destroy.  Threads: one.
 */
kj_status kj_explainer_create(const kj_estimator *estimator,
                              const char *const *columns, size_t n_columns,
                              kj_route route, kj_explainer **out,
                              kj_error *err);

/** Release an explainer; NULL is allowed. */
void kj_explainer_destroy(kj_explainer *explainer);

/**
 * Explain the estimates of a row.
 *
 * With s the scaled row, f the network, and slope and offset its calibration:
 * attribution_i = slope * s_i * integral over t = 0..1 of df/ds_i (t s) dt. The
 * integral is a finite sum over the pieces on which f is linear, not an
 * approximation. With the route soft, attributions and baseline are those of
 * the experts, weighted as their estimates are.
 *
 * @param[in] explainer  of the estimator.
 * @param[in] x          features, not scaled; shape (n_columns).
 * @param[out] out       shape (n_targets).
 * @return KJ_OK; KJ_EDATA as kj_estimator_estimate, or if the attributions do
 *         not add up within KJ_EXPLANATION_TOLERANCE (huge weights).
 *
 * Memory: allocates nothing.  Threads: one an explainer.  Cost: 10 to 30 ms a
 * target for 384-1200-600-1.
 */
kj_status kj_explainer_explain(kj_explainer *explainer, const float *x,
                               kj_explanation *out, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
