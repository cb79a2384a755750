/*
 * direction.h: where to move each row of a part.
 *
 * A direction writes g, shape (n_rows, n_in), of any length; a row of zeros
 * says that none is better than another. All but noise read the clean pass of
 * the part; power leaves another pass in the activations.
 */
#ifndef KJ_SMOOTHING_DIRECTION_H
#define KJ_SMOOTHING_DIRECTION_H

#include "smoothing/step.h"

/* A random unit vector. */
void kj__direction_noise(const kj__part *part, kj_real *g);

/* g = grad_x D(y, f(x)), of a labelled part. */
void kj__direction_adversarial(const kj__part *part, kj_real *g);

/* The top eigenvector of J' F J, in closed form, with a random sign. */
void kj__direction_exact(const kj__part *part, kj_real *g);

/* The same by power iteration from a random start. */
void kj__direction_power(const kj__part *part, kj_real *g);

/* r = epsilon g / |g| with the direction that the smoothing asks for; where g
 * is 0, a random vector of length epsilon. */
void kj__perturbations(const kj__part *part, kj_real *r);

#endif
