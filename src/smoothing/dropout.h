/*
 * dropout.h: hidden units that are left out of a step.
 *
 *   h_(l+1) = m max(0, z_l);   m = 0 with probability p, else 1 / (1 - p)
 *
 * m is drawn for each row and hidden unit of each step, and is the same in all
 * passes of the step: R then measures what r does, and not what another mask
 * would do. Of a unit that is dropped z becomes -infinity: it stays at 0
 * however far its input moves, and nothing is sent back through it. No mask is
 * kept.
 *
 * Source: Srivastava et al., JMLR 15, 2014, for dropout; the factor 1 / (1 -
 * p) while training, for which estimating needs none, is common practice.
 */
#ifndef KJ_SMOOTHING_DROPOUT_H
#define KJ_SMOOTHING_DROPOUT_H

#include "smoothing/step.h"

/* 1 / (1 - p): how much a unit that is kept counts. */
kj_real kj__dropout_gain(const kj__state *s);

/* Draw the mask of hidden layer l, whose clean z and h have just been made, and
 * put it on both. */
void kj__dropout_mask(const kj__state *s, size_t l);

/* Multiply values or signals of hidden units by the gain; panels of (n_units,
 * n_rows). With p = 0, as all of these, it does nothing. */
void kj__dropout_scale(const kj__state *s, kj_real *panels, size_t n_units,
                       size_t n_rows);

#endif
