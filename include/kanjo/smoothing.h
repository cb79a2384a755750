/*
 * smoothing.h: one training step, with a model smoothed by noise, adversarial
 * training (AT) or virtual adversarial training (VAT).
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
 * deviations sigma_k centred at p and q. Of logits (KJ_LOSS_BCE) it is that of
 * the Bernoulli distributions of which they are the log odds,
 *
 *   D(p, q) = sum_k P_k ln(P_k / Q_k) + (1 - P_k) ln((1 - P_k) / (1 - Q_k))
 *
 * with P_k = 1 / (1 + exp(-p_k)), but P_k = y_k for AT, and Q_k likewise of
 * q_k. With predicted deviations (KJ_LOSS_NLL) it is that of normal
 * distributions which differ in both,
 *
 *   D(p, q) = sum_k ln(t_k / s_k) + (s_k^2 + (p_k - q_k)^2) / (2 t_k^2) - 1/2
 *
 * with s_k predicted beside p_k and t_k beside q_k; for AT, D(y, q) = sum_k
 * ln t_k + (y_k - q_k)^2 / (2 t_k^2). AT needs labels and averages over the
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
 *   of the outputs (shape (K, n_in)) and F = diag(1 / sigma_k^2), of logits
 *   diag(P_k (1 - P_k)), with predicted deviations diag(1 / s_k^2, 2 (d ln s_k
 *   / d a_k)^2): the Fisher information of the outputs. Its largest
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

/** Outputs of a batch that are less apart count as this far, on 1..5. */
#define KJ_LEAST_SPREAD 0.1

/** What smooths the model. Of a field that its kind does not use, any value
 * is allowed. */
typedef struct kj_smoothing {
  kj_smoothing_kind kind;
  double lambda;  /* weight of the second term; 0..1e6 */
  double epsilon; /* |r|, in the unit of the (standardised) inputs; 0..1e6 */
  double sigma[KJ_MAX_OUTPUTS]; /* of D, in the unit of the output; one for
                                   each output of the network; 1e-6..1e6; not
                                   used with KJ_LOSS_BCE and KJ_LOSS_NLL */
  bool is_relative;       /* D of ratings is in units of how far the outputs are
                             apart: sigma_k^2 v_k stands for sigma_k^2, v_k the
                             variance of the clean f_k(x_i) over the rows of R in the
                             batch, at least KJ_LEAST_SPREAD^2, taken as a constant:
                             shrinking the outputs does not lower R. Kanjo's */
  kj_direction direction; /* VAT */
  unsigned power_iterations; /* VAT power; 1..KJ_MAX_POWER_ITERATIONS */
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

/* X(enum, name): what the matrix products of a step read.
 *
 * fp32: the numbers as they are.
 * bf16: copies rounded to 8 bits of mantissa, to nearest even; sums,
 *   parameters and everything row by row stay fp32. */
#define KJ_PRECISION_LIST(X)                                                   \
  X(KJ_PRECISION_FP32, "fp32")                                                 \
  X(KJ_PRECISION_BF16, "bf16")

typedef enum kj_precision {
#define KJ_PRECISION_ENUM(id, name) id,
  KJ_PRECISION_LIST(KJ_PRECISION_ENUM)
#undef KJ_PRECISION_ENUM
} kj_precision;

/** Likewise the name of a precision: "fp32", "bf16". */
const char *kj_precision_name(kj_precision precision);

/** Likewise find a precision by its name. */
bool kj_precision_find(const char *name, kj_precision *precision);

enum { KJ_MAX_THREADS = 256 };

/** What a stepper is made for. */
typedef struct kj_stepper_options {
  kj_network_shape shape; /* of the networks it will serve */
  size_t max_rows; /* most rows of a batch, labelled and unlabelled; >= 1 */
  kj_precision precision;
  size_t n_threads; /* 1..KJ_MAX_THREADS, the caller's among them */
} kj_stepper_options;

/** The working memory of training steps, and the threads that take them. */
typedef struct kj_stepper kj_stepper;

/**
 * Create the working memory of training steps, and its threads.
 *
 * The products run on the best instructions that the machine has; the
 * environment variable KANJO_CPU (baseline, avx2, avx512, avx512bf16) forces
 * others. Of results, the number of threads changes not a bit.
 *
 * @param[in] options    copied.
 * @param[in] allocator  or NULL for malloc/free.
 * @param[out] out       the stepper; unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if a field of the options is not allowed, or
 *         KANJO_CPU names what this machine does not have; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_stepper_destroy. Every width and max_rows
 * rounded up to a multiple of 32, for each row numbers of 5 + n_out times the
 * inputs and 8 times the units of hidden layers: docs/smoothing.md.
 * Threads: one caller at a time; with n_threads above 1 it has others of its
 * own, which cost nothing between steps.
 */
kj_status kj_stepper_create(const kj_stepper_options *options,
                            const kj_allocator *allocator, kj_stepper **out,
                            kj_error *err);

/** Release a stepper and end its threads; NULL is allowed. */
void kj_stepper_destroy(kj_stepper *stepper);

/** Bytes that a stepper holds. */
size_t kj_stepper_memory(const kj_stepper *stepper);

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
                             smoothing and dropout */
} kj_batch;

/** What a step descends, and which step of which training it is. */
typedef struct kj_step {
  kj_loss loss;                  /* L */
  const kj_smoothing *smoothing; /* that kj_smoothing_check passes for n_out */
  uint64_t seed;                 /* of the training */
  uint64_t number;               /* of the step in the training; below 2^32 */
  double dropout; /* of hidden units: at least 0, below 1. One mask for each row
                     and step: in L, for the direction, and in R */
} kj_step;

/** The two terms of a step's objective, before its parameters moved. */
typedef struct kj_step_losses {
  double supervised; /* L */
  double smoothing;  /* R, without lambda; 0 where it is not computed */
} kj_step_losses;

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
 * length epsilon. With KJ_LOSS_BCE and KJ_LOSS_NLL the output is linear.
 *
 * f(x_i + r_i) - f(x_i) is computed as such, layer by layer, and not as the
 * difference of two outputs: a small epsilon costs no digits.
 *
 * With dropout each hidden unit of a row is 0 with that probability, and else
 * counts 1 / (1 - dropout) times. f above is the network of that step's mask,
 * which is the same at x_i, at x_i + r_i and while r_i is looked for: R is 0
 * where epsilon is. Source: Srivastava et al., JMLR 15, 2014.
 *
 * Random draws of a row depend on (seed, number, row_id) only. lambda 0 gives
 * the bits, and costs the time, of KJ_SMOOTHING_NONE. A network that has
 * diverged gives losses that are not finite.
 *
 * @param[in] stepper    made for the network's shape.
 * @param[in] net        its parameters are read.
 * @param[in] batch      at most the stepper's max_rows rows.
 * @param[in] step       what to descend.
 * @param[out] gradient  layout of net->parameters; overwritten.
 * @param[out] y_hat     clean outputs of all rows; shape (n_labelled +
 *                       n_unlabelled, n_out), row-major; or NULL.
 * @return L and R.
 *
 * Memory: allocates nothing.  Threads: those of the stepper; net is
 * shared-read.
 * Cost: docs/smoothing.md counts the multiply-adds a row; in forward passes
 * over the rows about 2.6 without smoothing, 5.2 with noise, 5.6 with AT and
 * VAT (exact, one output), for the network of the paper.
 * Source: the paper's (1)-(10); the numbers agree with an independent
 * computation in numpy to 1e-5 of a tensor's largest entry (1e-12 in double).
 */
kj_step_losses kj_stepper_gradient(kj_stepper *stepper, const kj_network *net,
                                   const kj_batch *batch, const kj_step *step,
                                   kj_real *gradient, kj_real *y_hat);

/**
 * Compute the perturbations r of a batch: those kj_stepper_gradient uses.
 *
 * @param[in] stepper, net, batch, step  as there.
 * @param[out] r  shape (n_labelled + n_unlabelled, n_in), row-major, in the
 *                unit of the inputs. |r_i| = epsilon; 0 for unlabelled rows
 *                with AT, and for all rows without smoothing.
 *
 * Memory: allocates nothing.  Threads: those of the stepper; net is
 * shared-read.
 */
void kj_stepper_direction(kj_stepper *stepper, const kj_network *net,
                          const kj_batch *batch, const kj_step *step,
                          kj_real *r);

/** The settings of Kingma & Ba: alpha .001, beta1 .9, beta2 .999, epsilon
 * 1e-8; no weight decay. */
kj_adam kj_adam_defaults(void);

/** How a step moves the parameters, and what Adam remembers. */
typedef struct kj_optimiser {
  kj_adam adam;
  kj_real *moment1; /* m and v, layout of the parameters; 0 before the first */
  kj_real *moment2; /* step, then moved by it */
  uint64_t t;       /* 1 for the first step with these moments, then 2, ... */
} kj_optimiser;

/**
 * Take one training step: move a network down the gradient by Adam.
 *
 *   m <- beta1 m + (1 - beta1) g;      v <- beta2 v + (1 - beta2) g^2
 *   p <- p - alpha mhat / (sqrt(vhat) + epsilon) - alpha weight_decay p
 *
 * with mhat = m / (1 - beta1^t), vhat = v / (1 - beta2^t), and g what
 * kj_stepper_gradient would give; but the gradient is never stored. Where a
 * loss is not finite, neither parameters nor moments are moved.
 *
 * @param[in] stepper  made for the network's shape. With KJ_PRECISION_BF16 it
 *                     keeps narrow copies of the parameters from step to step:
 *                     call kj_stepper_sync where anything but this function
 *                     has changed them, and for another network.
 * @param[in,out] net  its parameters are moved.
 * @param[in] batch    at most the stepper's max_rows rows.
 * @param[in] step     what to descend.
 * @param[in,out] optimiser  the moments are moved.
 * @param[out] y_hat   as in kj_stepper_gradient.
 * @return L and R, of the parameters before they moved.
 *
 * Memory: allocates nothing.  Threads: those of the stepper; one caller.
 * Cost: as kj_stepper_gradient.
 * Source: Kingma & Ba, Adam, 2015, algorithm 1; Loshchilov & Hutter, Decoupled
 * weight decay regularization, 2019, algorithm 2.
 */
kj_step_losses kj_stepper_descend(kj_stepper *stepper, kj_network *net,
                                  const kj_batch *batch, const kj_step *step,
                                  const kj_optimiser *optimiser,
                                  kj_real *y_hat);

/** Tell a stepper that parameters have changed without it, so that it takes
 * them anew at the next step. Does nothing that shows with fp32. */
void kj_stepper_sync(kj_stepper *stepper);

#ifdef __cplusplus
}
#endif
#endif
