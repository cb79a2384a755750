/* support.h: what the tests of this room share: numbers, memory, verdicts. */
#ifndef KJ_TESTS_NETWORK_SUPPORT_H
#define KJ_TESTS_NETWORK_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "kanjo/network.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static inline kj__random test_stream(uint64_t seed, uint64_t index)
{
  return kj__random_stream(seed, KJ__PURPOSE_TEST, index, 0);
}

/* n standard normal numbers, times sd, plus mean. */
static inline void draw(kj__random *random, double mean, double sd,
                        kj_real *values, size_t n)
{
  for (size_t i = 0; i < n; i++)
    values[i] = (kj_real)(mean + sd * kj__random_normal(random));
}

static inline kj_real *draw_new(kj__random *random, double mean, double sd,
                                size_t n)
{
  kj_real *values = calloc(n > 0 ? n : 1, sizeof *values);
  assert_non_null(values);
  draw(random, mean, sd, values, n);
  return values;
}

/* The same bits, but for the sign of 0 and the payload of a NaN. */
static inline void assert_same(const char *what, const kj_real *got,
                               const kj_real *expected, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const bool both_nan = isnan(got[i]) && isnan(expected[i]);
    if (!(got[i] == expected[i] || both_nan))
      fail_msg("%s: number %zu of %zu is %.17g, must be exactly %.17g", what, i,
               n, (double)got[i], (double)expected[i]);
  }
}

/* |got - expected| <= tolerance, for one number. */
static inline void assert_near(const char *what, double got, double expected,
                               double tolerance)
{
  if (!(fabs(got - expected) <= tolerance))
    fail_msg("%s: is %.17g, must be %.17g within %g", what, got, expected,
             tolerance);
}

/* An allocator that counts, and fails at a chosen call. */
typedef struct ration {
  size_t n_calls;  /* of allocate */
  size_t n_live;   /* blocks not yet released */
  size_t fails_at; /* number of the call that fails, from 1; 0: none */
} ration;

static inline void *ration_allocate(void *context, size_t size)
{
  ration *r = context;
  r->n_calls++;
  if (r->n_calls == r->fails_at)
    return NULL;
  r->n_live++;
  return malloc(size);
}

static inline void ration_release(void *context, void *memory)
{
  ration *r = context;
  r->n_live--;
  free(memory);
}

static inline kj_allocator ration_allocator(ration *r)
{
  return (kj_allocator){ration_allocate, ration_release, r};
}

/* A network with parameters drawn from a normal distribution that keeps the
 * values of every layer near 1. */
static inline kj_network *random_network(const kj_network_shape *shape,
                                         kj__random *random)
{
  kj_network *net = NULL;
  kj_error err;
  if (kj_network_create(shape, NULL, &net, &err) != KJ_OK)
    fail_msg("create: %s", err.message);
  for (size_t l = 0; l < shape->n_layers; l++) {
    const size_t n_in = shape->width[l], n_out = shape->width[l + 1];
    draw(random, 0.0, sqrt(2.0 / (double)n_in), kj_network_weights(net, l),
         n_in * n_out);
    draw(random, 0.1, 0.3, kj_network_biases(net, l), n_out);
  }
  return net;
}

static inline kj_activations *new_activations(const kj_network_shape *shape,
                                              size_t max_rows)
{
  kj_activations *activations = NULL;
  kj_error err;
  if (kj_activations_create(shape, max_rows, NULL, &activations, &err) != KJ_OK)
    fail_msg("create: %s", err.message);
  return activations;
}

static inline size_t n_inputs(const kj_network_shape *shape)
{
  return shape->width[0];
}

static inline size_t n_outputs(const kj_network_shape *shape)
{
  return shape->width[shape->n_layers];
}

#endif
