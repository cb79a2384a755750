/*
 * path.h: the gradient of a network, integrated along a straight path.
 *
 * On the path x(t) = t x, t from 0 to 1, a network of ReLUs is linear in
 * pieces, and so its gradient is constant in pieces. The pieces are found one
 * after another, and the integral
 *
 *   A_i = x_i * integral of df/dx_i (t x) dt   over t = 0..1
 *
 * is a finite sum: exact but for the rounding of doubles. It is complete,
 * sum A_i = f(x) - f(0), with no number of steps to choose.
 *
 * Source: Sundararajan, Taly, Yan: Axiomatic attribution for deep networks,
 * ICML 2017, equation (1); the pieces instead of their sum of steps are
 * Kanjo's.
 */
#ifndef KJ_NETWORK_PATH_H
#define KJ_NETWORK_PATH_H

#include "kanjo/network.h"

typedef struct kj__path kj__path;

/* What was found on a path. */
typedef struct kj__path_ends {
  double from, to; /* f(0), f(x) */
  size_t n_pieces;
} kj__path_ends;

/* For networks of this shape. Caller releases with kj__path_destroy. */
kj_status kj__path_create(const kj_network_shape *shape, kj__path **out,
                          kj_error *err);

void kj__path_destroy(kj__path *path);

/* Integrate for output k; x and attribution have shape (n_in). */
kj__path_ends kj__path_integrate(kj__path *path, const kj_network *net,
                                 const float *x, size_t k, double *attribution);

#endif
