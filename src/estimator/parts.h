/*
 * parts.h: what the files of this room share: the inside of an estimator.
 */
#ifndef KJ_ESTIMATOR_PARTS_H
#define KJ_ESTIMATOR_PARTS_H

#include "kanjo/estimator.h"
#include "network/packed.h"
#include <stdbool.h>

struct kj_estimator {
  kj_estimator_parts parts; /* its pointers lead into this estimator */
  kj_estimator *component[KJ_N_COMPONENTS]; /* likewise */
  kj_estimator *other[KJ_MAX_MEMBERS - 1];  /* likewise */
  kj_network *network[KJ_MAX_TARGETS];
  kj__packed *packed[KJ_MAX_TARGETS]; /* the same weights, for single rows */
  kj_allocator allocator;
};

struct kj_estimator_scratch {
  const kj_estimator *estimator;
  size_t max_rows;
  float *scaled;   /* shape (max_rows, scaler.n) */
  kj_real *output; /* shape (max_rows, outputs of the widest part) */
  double *white; /* shape (scaler.n); NULL where nothing is known of novelty */
  kj__packed_scratch *packed[KJ_MAX_TARGETS];  /* one a part */
  kj_activations *activations[KJ_MAX_TARGETS]; /* likewise, for many rows; NULL
                                                  where never needed */
  /* Where there is a gate: */
  kj_estimator_scratch *component[KJ_N_COMPONENTS];
  double *probability;   /* shape (max_rows) */
  double *opinion[2];    /* the experts'; shape (max_rows,
                            n_targets) */
  double *opinion_sd[2]; /* likewise */
  float *informed;       /* shape (max_rows, scaler.n + 1) */
  /* Where there are other members: */
  kj_estimator_scratch *other[KJ_MAX_MEMBERS - 1];
  double *said, *said_sd; /* one member's; shape (max_rows, n_targets) */
  kj_allocator allocator;
};

/* That scratch, scaling and features are as they must be for an estimate. */
kj_status kj__estimate_check(const kj_estimator *estimator,
                             const kj_estimator_scratch *scratch,
                             const float *x, size_t n_rows, bool already_scaled,
                             kj_error *err);

/* What each expert of max_rows rows needs; nothing without a gate. */
kj_status kj__routing_scratch_create(kj_estimator_scratch *scratch,
                                     kj_error *err);
void kj__routing_scratch_destroy(kj_estimator_scratch *scratch);

/* That experts and gate fit the parts that they belong to. KJ_EARGUMENT;
 * KJ_ESHAPE. */
kj_status kj__routing_check(const kj_estimator_parts *parts, kj_error *err);

/* At most max_rows rows, that were checked. */
typedef struct kj__rows_in {
  const float *x;
  size_t n_rows;
  bool already_scaled;
} kj__rows_in;

/* Their values without any routing; and sd, or NULL. */
void kj__estimate_plain(kj_estimator_scratch *scratch, const kj__rows_in *rows,
                        double *values, double *sd);

/* What one says of a target, and how far it says that ratings lie from it. */
typedef struct kj__opinion {
  double value, sd;
} kj__opinion;

/* The mean and the deviation of (1 - w) a + w b, a mixture. */
kj__opinion kj__mix(double w, kj__opinion a, kj__opinion b);

/* Values and sd of an ensemble; sd may be NULL. */
void kj__ensemble_estimate(kj_estimator_scratch *scratch,
                           const kj__rows_in *rows, double *values, double *sd);

/* Values and, where they are predicted, sd of the networks themselves. */
void kj__estimate_alone(kj_estimator_scratch *scratch, const kj__rows_in *rows,
                        double *values, double *sd);

/* What each other member needs; nothing without one. */
kj_status kj__ensemble_scratch_create(kj_estimator_scratch *scratch,
                                      kj_error *err);
void kj__ensemble_scratch_destroy(kj_estimator_scratch *scratch);

/* That members fit. KJ_EARGUMENT; KJ_ESHAPE. */
kj_status kj__ensemble_check(const kj_estimator_parts *parts, kj_error *err);

/* Whether two have the same targets. */
bool kj__same_targets(const kj_estimator_parts *a, const kj_estimator_parts *b);

/* Whether others are inside, each with a scaler of its own. */
static inline bool kj__has_inner(const kj_estimator_parts *parts)
{
  return parts->n_others > 0 || parts->routing.component[KJ_COMPONENT_GATE];
}

/* Memory for max_rows rows of `width` numbers of `size` bytes, or NULL. */
void *kj__scratch_rows(const kj_estimator_scratch *scratch, size_t width,
                       size_t size);

/* That values are finite, or KJ_EDATA. */
kj_status kj__values_check(const kj_estimator_parts *parts,
                           const double *values, size_t n_rows, kj_error *err);

/* Width of the last layer. */
static inline size_t kj__outputs(const kj_network_shape *shape)
{
  return shape->width[shape->n_layers];
}

/* Targets that a part answers for. */
static inline size_t kj__part_targets(const kj_estimator_parts *parts, size_t p)
{
  const size_t n = kj__outputs(&parts->part[p].network->shape);
  return parts->predicts_sd ? n / 2 : n;
}

/* Units of the first n layers: where the scales of layer n begin in a part;
 * of all layers: how many there are. */
size_t kj__units(const kj_network_shape *shape, size_t n);

/* That a part's weights are of the kind they are said to be. */
kj_status kj__part_weights_check(const kj_estimator_part *part,
                                 kj_weights weights, kj_error *err);

/* That quantiles are such. KJ_EARGUMENT. */
kj_status kj__residuals_check(const kj_residuals *residuals, kj_error *err);

/* That a centre and a factor of n columns are such. KJ_EARGUMENT. */
kj_status kj__novelty_check(const kj_novelty *novelty, size_t n, kj_error *err);

/* |L^-1 (z - c)| / sqrt(n); the threshold is not used. white: scratch (n). */
double kj__novelty_distance(const kj_novelty *novelty, size_t n, const float *z,
                            double *white);

/* Everything kj_estimator_create promises to check. */
kj_status kj__estimator_parts_check(const kj_estimator_parts *parts,
                                    kj_error *err);

#endif
