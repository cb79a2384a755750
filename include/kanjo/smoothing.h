/*
 * smoothing.h: the gradient of one training step, with a model smoothed by
 * noise, adversarial training (AT) or virtual adversarial training (VAT).
 *
 * A step descends  L + lambda * R.  L is the supervised loss over the labelled
 * rows; R, the second term, asks that the output change little when a row x_i
 * is moved by r_i, |r_i| = epsilon:
 *
 *   noise  R = mean_i D(f(x_i), f(x_i + r_i)), r_i in a random direction
 *   at     R = mean_i D(y_i,    f(x_i + r_i)), r_i where D(y_i, f) rises most
 *   vat    R = mean_i D(f(x_i), f(x_i + r_i)), r_i where that D rises most
 *
 *   D(p, q) = sum_k (p_k - q_k)^2 / (2 sigma_k^2)
 *
 * is the Kullback-Leibler divergence of two normal distributions of standard
 * deviations sigma_k centred at p and q. AT needs labels and averages over the
 * labelled rows; noise and VAT take every row, which is how unlabelled speech
 * comes to help. D has a 1/2 and the squared error of L has none, so lambda
 * 1.5 weighs .75 against a squared error.
 *
 * Source: Kuwahara, Orihara, Sei, Tahara, Ohsuga: Model Smoothing using
 * Virtual Adversarial Training for Speech Emotion Estimation using
 * Spontaneity, ICAART 2020: L (1), AT (2)-(4), VAT (5)-(10); Miyato et al.,
 * arXiv 1507.00677. Beyond the paper: the direction of VAT in closed form
 * (kj_direction), several outputs, sigma, row weights, missing targets.
 */
#ifndef KANJO_SMOOTHING_H
#define KANJO_SMOOTHING_H

#include "kanjo/memory.h"
#include "kanjo/network.h"
#include "kanjo/real.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(enum, name): the second term. */
#define KJ_SMOOTHING_LIST(X)                                                   \
  X(KJ_SMOOTHING_NONE, "none")                                                 \
  X(KJ_SMOOTHING_NOISE, "noise")                                               \
  X(KJ_SMOOTHING_AT, "at")                                                     \
  X(KJ_SMOOTHING_VAT, "vat")

typedef enum kj_smoothing_kind {
#define KJ_SMOOTHING_ENUM(id, name) id,
  KJ_SMOOTHING_LIST(KJ_SMOOTHING_ENUM)
#undef KJ_SMOOTHING_ENUM
} kj_smoothing_kind;

/* X(enum, name): how VAT finds the r that moves the output most.
 *
 * exact: D(f(x), f(x + r)) is r' J' F J r / 2 to second order, J the Jacobian
 *   of the outputs (shape (K, n_in)) and F = diag(1 / sigma_k^2). Its largest
 *   value on |r| = epsilon lies along J' F^1/2 u, u the top eigenvector of the
 *   K x K matrix F^1/2 J J' F^1/2: for one output, along its gradient. Both
 *   signs are equally good; one is drawn.
 * power: Miyato's power iteration on the same matrix J' F J, by finite
 *   differences, from a random start. It converges to the exact direction: in
 *   one iteration for one output, slowly for several. */
#define KJ_DIRECTION_LIST(X)                                                   \
  X(KJ_DIRECTION_EXACT, "exact")                                               \
  X(KJ_DIRECTION_POWER, "power")

typedef enum kj_direction {
#define KJ_DIRECTION_ENUM(id, name) id,
  KJ_DIRECTION_LIST(KJ_DIRECTION_ENUM)
#undef KJ_DIRECTION_ENUM
} kj_direction;

enum { KJ_MAX_POWER_ITERATIONS = 10000 };

/** What smooths the model. Of a field that its kind does not use, any value
 * is allowed. */
typedef struct kj_smoothing {
  kj_smoothing_kind kind;
  double lambda;  /* weight of the second term; 0..1e6 */
  double epsilon; /* |r|, in the unit of the (standardised) inputs; 0..1e6 */
  double sigma[KJ_MAX_OUTPUTS]; /* of D, in the unit of the output; one for
                                   each output of the network; 1e-6..1e6 */
  kj_direction direction;       /* VAT */
  unsigned power_iterations;    /* VAT power; 1..KJ_MAX_POWER_ITERATIONS */
  double xi; /* VAT power: the finite difference's step is xi * |x|, or xi
                where x is 0; 1e-12..1. In float, 1e-3 is sound; at 1e-6 the
                difference is often lost in rounding. */
} kj_smoothing;

/**
 * Give the settings of the paper's best model, with the exact direction.
 *
 * lambda 1.5 and epsilon 1.5 (figures 3 and 4), sigma 1, one power iteration;
 * xi 1e-3 is Kanjo's, for the paper gives none.
 *
 * @param[in] kind  of the smoothing.
 * @return settings that kj_smoothing_check passes.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_smoothing kj_smoothing_defaults(kj_smoothing_kind kind);

/**
 * Check settings before they are used.
 *
 * With KJ_SMOOTHING_NONE nothing but the kind is looked at; xi and
 * power_iterations matter for VAT with KJ_DIRECTION_POWER only.
 *
 * @param[in] smoothing  the settings.
 * @param[in] n_targets  outputs of the network, 1..KJ_MAX_OUTPUTS.
 * @return KJ_OK; KJ_EARGUMENT if a field is out of its range or not finite
 *         (the message names field, value and range).
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_status kj_smoothing_check(const kj_smoothing *smoothing, size_t n_targets,
                             kj_error *err);

/**
 * Give the name of a smoothing: "none", "noise", "at", "vat".
 *
 * @return a string that lives as long as the program; NULL for a value that
 *         is no kj_smoothing_kind.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
const char *kj_smoothing_name(kj_smoothing_kind kind);

/**
 * Find a smoothing by its name.
 *
 * @param[in] name   "none", "noise", "at" or "vat".
 * @param[out] kind  the smoothing; unchanged if there is none of that name.
 * @return true if there is one of that name.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
bool kj_smoothing_find(const char *name, kj_smoothing_kind *kind);

/** Likewise the name of a direction: "exact", "power". */
const char *kj_direction_name(kj_direction direction);

/** Likewise find a direction by its name. */
bool kj_direction_find(const char *name, kj_direction *direction);

/** The rows of one step; labelled rows first. Borrowed. */
typedef struct kj_batch {
  const kj_real *x;      /* (n_labelled + n_unlabelled, n_in), row-major */
  const kj_real *y;      /* (n_labelled, n_out), row-major; NaN: missing */
  const kj_real *weight; /* (n_labelled + n_unlabelled), >= 0, weighs a row in
                            both terms (means are over counts, not weights);
                            NULL: 1 */
  size_t n_labelled;
  size_t n_unlabelled;
  const uint64_t *row_id; /* (n_labelled + n_unlabelled), names the random
                             stream of a row; below 2^32; may be NULL without
                             smoothing */
} kj_batch;

/** The two terms of a step's objective, before its parameters moved. */
typedef struct kj_step_losses {
  double supervised; /* L */
  double smoothing;  /* R, without lambda; 0 where it is not computed */
} kj_step_losses;

/** Working memory of a step: for one shape, up to max_rows rows, one thread. */
typedef struct kj_stepper kj_stepper;

/**
 * Create the working memory of training steps.
 *
 * @param[in] shape      of the networks it will serve; at most KJ_MAX_OUTPUTS
 *                       outputs.
 * @param[in] max_rows   most rows of a batch, labelled and unlabelled; >= 1.
 * @param[in] allocator  or NULL for malloc/free.
 * @param[out] out       the stepper; unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if max_rows is 0 or the shape is not allowed or
 *         has too many outputs; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_stepper_destroy; (n_out + 2) max_rows n_in
 * numbers beside the activations.  Threads: one.
 */
kj_status kj_stepper_create(const kj_network_shape *shape, size_t max_rows,
                            const kj_allocator *allocator, kj_stepper **out,
                            kj_error *err);

/** Release a stepper; NULL is allowed. */
void kj_stepper_destroy(kj_stepper *stepper);

/**
 * Compute the gradient of  L + lambda * R  at a batch.
 *
 *   L = kj_loss over the labelled rows; for KJ_LOSS_MSE
 *       (1 / n_labelled) sum_i w_i sum_k m_ik (y_ik - f_k(x_i))^2
 *   R = (1 / n) sum_i w_i D(f(x_i), f(x_i + r_i)), n = all rows (noise, VAT)
 *   R = (1 / n_labelled) sum_i w_i D(y_i, f(x_i + r_i))           (AT)
 *
 * m_ik is 0 where the target is missing, in L and in the D of AT. No gradient
 * flows through the clean output f(x_i) nor through r_i. The direction is
 * found on the value before the output's activation, so that a ReLU output at
 * 0 still has one; where its gradient is exactly 0, r_i is a random vector of
 * length epsilon. With KJ_LOSS_BCE the outputs are logits and D compares
 * those; AT is not meant for it, its labels being no logits.
 *
 * Random draws of a row depend on (seed, step, row_id) only. lambda 0 gives
 * the bits, and costs the time, of KJ_SMOOTHING_NONE. A network that has
 * diverged gives losses that are not finite.
 *
 * @param[in] stepper    made for the network's shape.
 * @param[in] net        its parameters are read.
 * @param[in] batch      at most the stepper's max_rows rows.
 * @param[in] loss       L.
 * @param[in] smoothing  that kj_smoothing_check passes for n_out.
 * @param[in] seed       of the training.
 * @param[in] step       number of the step in the training; below 2^32.
 * @param[out] gradient  layout of net->parameters; overwritten.
 * @param[out] y_hat     clean outputs of all rows; shape (n_labelled +
 *                       n_unlabelled, n_out), row-major; or NULL.
 * @return L and R.
 *
 * Memory: allocates nothing.  Threads: one per stepper; net is shared-read.
 * Cost: in forward passes over the rows, about 3 without smoothing, 7 with
 * noise, 8 with AT, 7 + K with VAT exact for K outputs, 7 + 2 per iteration
 * with VAT power.
 * Source: the paper's (1)-(10); the numbers agree with an independent
 * computation in numpy to 1e-5 of a tensor's largest entry (1e-12 in double).
 */
kj_step_losses kj_stepper_gradient(kj_stepper *stepper, const kj_network *net,
                                   const kj_batch *batch, kj_loss loss,
                                   const kj_smoothing *smoothing, uint64_t seed,
                                   uint64_t step, kj_real *gradient,
                                   kj_real *y_hat);

/**
 * Compute the perturbations r of a batch: those kj_stepper_gradient uses.
 *
 * @param[in] stepper, net, batch, smoothing, seed, step  as there.
 * @param[out] r  shape (n_labelled + n_unlabelled, n_in), row-major, in the
 *                unit of the inputs. |r_i| = epsilon; 0 for unlabelled rows
 *                with AT, and for all rows without smoothing.
 *
 * Memory: allocates nothing.  Threads: one per stepper; net is shared-read.
 */
void kj_stepper_direction(kj_stepper *stepper, const kj_network *net,
                          const kj_batch *batch, const kj_smoothing *smoothing,
                          uint64_t seed, uint64_t step, kj_real *r);

#ifdef __cplusplus
}
#endif
#endif
