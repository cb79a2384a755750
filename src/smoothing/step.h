/* step.h: what the pieces of one training step hand to each other. */
#ifndef KJ_SMOOTHING_STEP_H
#define KJ_SMOOTHING_STEP_H

#include "kanjo/smoothing.h"

struct kj_stepper {
  kj_allocator allocator;
  kj_network_shape shape;
  size_t max_rows;
  kj_activations *activations;
  kj_real *numbers;  /* the one block that all below lie in */
  kj_real *z;        /* clean outputs before activation; (max_rows, n_out) */
  kj_real *f;        /* clean outputs f(x); (max_rows, n_out) */
  kj_real *f_moved;  /* outputs of x_moved; (max_rows, n_out) */
  kj_real *signal;   /* to be sent backward; (max_rows, n_out) */
  kj_real *r;        /* perturbations; (max_rows, n_in) */
  kj_real *x_moved;  /* inputs moved a little; (max_rows, n_in) */
  kj_real *jacobian; /* d z_k / d x; (n_out, max_rows, n_in) */
};

/*
 * A part of a step: its labelled rows, or its unlabelled ones. They pass one
 * after the other, so that the labelled rows alone are sent back for L.
 *
 * All rows of a part have had a clean forward pass, whose results are in
 * scratch->activations, z and f, before a direction is asked for.
 */
typedef struct kj__part {
  kj_stepper *scratch;
  const kj_network *net;
  const kj_smoothing *smoothing;
  uint64_t seed, step;
  size_t n_rows, n_in, n_out;
  const kj_real *x;       /* (n_rows, n_in) */
  const kj_real *y;       /* (n_rows, n_out); NULL: unlabelled */
  const kj_real *weight;  /* (n_rows) or NULL */
  const uint64_t *row_id; /* (n_rows) */
} kj__part;

#endif
