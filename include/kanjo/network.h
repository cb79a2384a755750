/*
 * network.h: dense networks: their shape, their parameters, their output.
 *
 * Layer l = 0 .. n_layers-1 maps width[l] numbers to width[l + 1]:
 *
 *   z_l = W_l h_l + b_l;   h_0 = x;   h_(l+1) = max(0, z_l);   f(x) = output
 *
 * Every layer but the last is followed by ReLU; the last by `output`. The paper
 * has 384-1200-600-1 with ReLU on the output node too. n_layers 1 is a linear
 * map, without a hidden layer.
 *
 * Bits: every sum runs in the order of its index, in kj_real, on the best
 * instructions (tier) that the processor has: with a fused multiply-add for
 * each term where the tier has one (avx2, avx512, NEON), without where not
 * (baseline on x86-64). All tiers that fuse agree to the bit, with any
 * compiler, and so do all that do not. A row's bits do not depend on the rows
 * that share its batch. The environment variable KANJO_CPU forces a tier by its
 * name: baseline, avx2, avx512, avx512bf16.
 *
 * Source: Kuwahara et al., ICAART 2020, section 3.1 (the network).
 */
#ifndef KANJO_NETWORK_H
#define KANJO_NETWORK_H

#include "kanjo/memory.h"
#include "kanjo/real.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  KJ_MAX_LAYERS = 16,         /* matrices of one network */
  KJ_MAX_WIDTH = 65536,       /* inputs, and units of a layer */
  KJ_MAX_OUTPUTS = 16,        /* units of the last layer */
  KJ_MAX_PARAMETERS = 1 << 28 /* weights and biases of one network */
};

/* X(enum, name): what follows the last layer. */
#define KJ_ACTIVATION_LIST(X)                                                  \
  X(KJ_ACTIVATION_LINEAR, "linear")                                            \
  X(KJ_ACTIVATION_RELU, "relu")

typedef enum kj_activation {
#define KJ_ACTIVATION_ENUM(id, name) id,
  KJ_ACTIVATION_LIST(KJ_ACTIVATION_ENUM)
#undef KJ_ACTIVATION_ENUM
} kj_activation;

/* X(enum, name): the supervised loss L of n rows with targets y, outputs f,
 * row weights w, and m_ik = 0 where a target is missing, else 1.
 *
 * mse: (1/n) sum_i w_i sum_k m_ik (y_ik - f_ik)^2        the paper's (1)
 * bce: (1/n) sum_i w_i sum_k m_ik (log(1 + exp(f_ik)) - y_ik f_ik):
 *      binary cross-entropy, f a logit (of a linear output), y in 0..1
 * nll: (1/n) sum_i w_i sum_k m_ik (ln s_ik + (y_ik - f_ik)^2 / (2 s_ik^2) +
 *      ln(2 pi) / 2): of normal distributions. The first half of the outputs
 *      (linear ones) are the f_ik, the second half the a_ik of s_ik^2 =
 *      KJ_LEAST_SD^2 + exp(2 a_ik); y has as many columns, those of the second
 *      half not read. Nix and Weigend: Estimating the mean and variance of the
 *      target probability distribution, 1994; the least deviation is ours.
 * ccc: sum_k (1 - CCC_k), CCC_k = 2 s_yf / (s_yy + s_ff + (mean_y - mean_f)^2)
 *      of the batch, moments weighted by w_i m_ik. Lin: A concordance
 *      correlation coefficient to evaluate reproducibility, 1989. */
#define KJ_LOSS_LIST(X)                                                        \
  X(KJ_LOSS_MSE, "mse")                                                        \
  X(KJ_LOSS_BCE, "bce")                                                        \
  X(KJ_LOSS_CCC, "ccc")                                                        \
  X(KJ_LOSS_NLL, "nll")

typedef enum kj_loss {
#define KJ_LOSS_ENUM(id, name) id,
  KJ_LOSS_LIST(KJ_LOSS_ENUM)
#undef KJ_LOSS_ENUM
} kj_loss;

/** The least standard deviation that a network predicts, on 1..5: a tenth of
 * a step of the usual scales; below it a likelihood has no bound. */
#define KJ_LEAST_SD 0.05

/* X(enum, name): how weights are kept, see kj_estimator_convert. */
#define KJ_WEIGHTS_LIST(X)                                                     \
  X(KJ_WEIGHTS_FP32, "fp32")                                                   \
  X(KJ_WEIGHTS_BF16, "bf16") /* the upper half of a float */                   \
  X(KJ_WEIGHTS_INT8, "int8") /* -127..127 steps, of a size for each unit */

typedef enum kj_weights {
#define KJ_WEIGHTS_ENUM(id, name) id,
  KJ_WEIGHTS_LIST(KJ_WEIGHTS_ENUM)
#undef KJ_WEIGHTS_ENUM
      KJ_N_WEIGHTS
} kj_weights;

/** Settings of the optimiser, Adam. */
typedef struct kj_adam {
  double learning_rate; /* alpha; of this step, where a schedule sets it */
  double beta1, beta2;  /* decay of the two moments, 0..1, 1 excluded */
  double epsilon;       /* > 0 */
  double weight_decay;  /* decoupled from the gradient; 0: none */
} kj_adam;

/**
 * Give the name of an activation: "linear", "relu".
 *
 * @return a string that lives as long as the program; NULL for a value that
 *         is no kj_activation.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
const char *kj_activation_name(kj_activation activation);

/**
 * Find an activation by its name.
 *
 * @param[in] name         "linear" or "relu".
 * @param[out] activation  unchanged if there is none of that name.
 * @return true if there is one of that name.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
bool kj_activation_find(const char *name, kj_activation *activation);

/** Likewise the name of a loss: "mse", "bce", "ccc", "nll". */
const char *kj_loss_name(kj_loss loss);

/** Likewise find a loss by its name. */
bool kj_loss_find(const char *name, kj_loss *loss);

/** Likewise the name of a kind of weights: "fp32", "bf16", "int8". */
const char *kj_weights_name(kj_weights weights);

/** Likewise find a kind of weights by its name. */
bool kj_weights_find(const char *name, kj_weights *weights);

/** How many layers, how wide, and what follows the last. */
typedef struct kj_network_shape {
  size_t n_layers;                 /* 1..KJ_MAX_LAYERS */
  size_t width[KJ_MAX_LAYERS + 1]; /* width[0] inputs .. width[n_layers]
                                      outputs; entries behind are not read */
  kj_activation output;
} kj_network_shape;

/**
 * Check a shape before it is used.
 *
 * @return KJ_OK; KJ_EARGUMENT if n_layers, a width, the number of outputs or of
 *         parameters, or the activation is not allowed.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_status kj_network_shape_check(const kj_network_shape *shape, kj_error *err);

/** Number of parameters of a network of this (checked) shape. */
size_t kj_network_shape_parameters(const kj_network_shape *shape);

/** Where the weights of a layer begin in the parameter block: an index. */
size_t kj_network_weights_offset(const kj_network_shape *shape, size_t layer);

/** Where the biases of a layer begin: behind its weights. */
size_t kj_network_biases_offset(const kj_network_shape *shape, size_t layer);

/**
 * A network: a shape and one block of parameters.
 *
 * The block holds, layer after layer, W_l of shape (width[l + 1], width[l]),
 * row-major, then b_l of shape (width[l + 1]). A gradient, an optimiser's
 * moments and a file use the same layout.
 */
typedef struct kj_network {
  kj_network_shape shape; /* fixed at creation */
  kj_real *parameters;
  size_t n_parameters;
  kj_allocator allocator;
} kj_network;

/**
 * Create a network whose parameters are all 0.
 *
 * @param[in] shape      copied.
 * @param[in] allocator  or NULL for malloc/free.
 * @param[out] out       the network; unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT as kj_network_shape_check; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_network_destroy.  Threads: one while its
 * parameters are written, then shared-read.
 */
kj_status kj_network_create(const kj_network_shape *shape,
                            const kj_allocator *allocator, kj_network **out,
                            kj_error *err);

/** Release a network; NULL is allowed. */
void kj_network_destroy(kj_network *net);

/** W of a layer; shape (width[layer + 1], width[layer]), row-major. */
kj_real *kj_network_weights(const kj_network *net, size_t layer);

/** b of a layer; shape (width[layer + 1]). */
kj_real *kj_network_biases(const kj_network *net, size_t layer);

/** Scratch of a forward pass. */
typedef struct kj_activations kj_activations;

/**
 * Create the working memory of passes of up to max_rows rows.
 *
 * @param[in] shape      of the networks it will serve; copied.
 * @param[in] max_rows   most rows of one pass, at least 1.
 * @param[in] allocator  or NULL for malloc/free.
 * @param[out] out       unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if max_rows is 0, the shape is not allowed, or
 *         KANJO_CPU names what this machine does not have; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_activations_destroy; twice max_rows times the
 * largest width, both rounded up to multiples of 32, in numbers.  Threads: one.
 */
kj_status kj_activations_create(const kj_network_shape *shape, size_t max_rows,
                                const kj_allocator *allocator,
                                kj_activations **out, kj_error *err);

/** Release the working memory; NULL is allowed. */
void kj_activations_destroy(kj_activations *activations);

/**
 * Compute the output of a network for rows of inputs.
 *
 * A NaN among a row's inputs makes its outputs NaN, and no other row's.
 *
 * @param[in] net          its parameters are read.
 * @param[in] x            inputs; shape (n_rows, n_in), row-major.
 * @param[in] n_rows       1..max_rows of `activations`.
 * @param[in] activations  made for the network's shape.
 * @param[out] y           outputs after the activation; shape (n_rows, n_out),
 *                         row-major. Must not overlap x.
 *
 * Memory: allocates nothing.  Threads: one per `activations`; net is
 * shared-read.  Cost: n_parameters multiply-adds a row.
 */
void kj_network_forward(const kj_network *net, const kj_real *x, size_t n_rows,
                        kj_activations *activations, kj_real *y);

#ifdef __cplusplus
}
#endif
#endif
