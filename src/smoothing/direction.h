/*
 * direction.h: where to move each row.
 *
 * A direction finds one or more g_k for every covered row, and weighs them:
 * g = sum_k c_k g_k, of any length. Where g is 0, none is better than another.
 */
#ifndef KJ_SMOOTHING_DIRECTION_H
#define KJ_SMOOTHING_DIRECTION_H

#include "base/random.h"
#include "smoothing/step.h"

typedef struct kj__direction {
  /* Fill the stepper's gradients, in panels. */
  void (*find)(const kj__state *s);
  /* Row `row`'s c_0 .. c_(K-1), from the products g_k . g_l, shape (K, K), of
   * K = n_out; or NULL: find gives one g. */
  void (*weigh)(const kj__state *s, size_t row, const double *products,
                double *c);
  bool leaves_signals; /* find makes the clean trace's signals of L as well,
                          from outputs.signal, which it leaves as it is */
} kj__direction;

/* A random unit vector. */
extern const kj__direction kj__direction_noise;

/* g = grad_x D(y, f(x)) of labelled rows: of one output, and of several. */
extern const kj__direction kj__direction_adversarial_one;
extern const kj__direction kj__direction_adversarial;

/* The top eigenvector of J' F J, in closed form, with a random sign. */
extern const kj__direction kj__direction_exact;

/* The same by power iteration from a random start. */
extern const kj__direction kj__direction_power;

/* The direction that the step asks for; its smoothing is not NONE. */
const kj__direction *kj__direction_choose(const kj__state *s);

/* r = epsilon g / |g| of the covered rows, or, where g is 0, a random vector
 * of length epsilon; and the moved trace's input, x + r. */
void kj__perturb(const kj__state *s, const kj__direction *direction);

/* The random stream of row `row` of the batch. */
kj__random kj__state_stream(const kj__state *s, size_t row);

#endif
