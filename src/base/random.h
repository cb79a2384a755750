/*
 * random.h: counter-based random numbers.
 *
 * A stream is named by (seed, purpose, a, b): what is drawn never depends on
 * what was drawn before elsewhere, nor on the number of threads.
 */
#ifndef KJ_BASE_RANDOM_H
#define KJ_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a stream is for; the numbers are part of every trained model's
 * history, so they never change. */
typedef enum kj__purpose {
  KJ__PURPOSE_INITIALISATION = 1, /* a: network, b: layer */
  KJ__PURPOSE_SHUFFLE = 2,        /* a: network, b: epoch */
  KJ__PURPOSE_DIRECTION = 3,      /* a: step of the training, b: row */
  KJ__PURPOSE_SPLIT = 4,          /* a, b: 0 */
  KJ__PURPOSE_BOOTSTRAP = 5,      /* a: replicate, b: 0; swaps: 1; flips: 2 */
  KJ__PURPOSE_UNLABELLED = 6,     /* a: network, b: pass over the rows */
  KJ__PURPOSE_TEST = 7,           /* free for tests */
  KJ__PURPOSE_ROBUSTNESS = 16,    /* a: row, b: 0 */
  KJ__PURPOSE_SYNTHESIS = 20,     /* a: language and what, b: index in it */
  KJ__PURPOSE_AUDIT = 24,         /* a: row, b: what is drawn */
  KJ__PURPOSE_SEARCH = 28,        /* a: setting, b: parameter */
  KJ__PURPOSE_DROPOUT = 32        /* + hidden layer, ..47; a: step of the
                                     training, b: row */
} kj__purpose;

typedef struct kj__random {
  uint32_t key[2];
  uint32_t counter[4];
  uint32_t block[4]; /* the four words of the current counter */
  unsigned n_used;   /* words of the block already given */
} kj__random;

/* One Philox4x32-10 block (Salmon et al., SC 2011). */
void kj__philox(const uint32_t counter[4], const uint32_t key[2],
                uint32_t out[4]);

/* The start of the stream (seed, purpose, a, b); a and b below 2^32, or the
 * streams of equal low halves coincide. */
kj__random kj__random_stream(uint64_t seed, kj__purpose purpose, uint64_t a,
                             uint64_t b);

uint32_t kj__random_u32(kj__random *random);

/* Skip the first n words of a stream that nothing was drawn from; n is a
 * multiple of 4. */
void kj__random_skip(kj__random *random, size_t n);

/* Uniform in [0, 1), 53 bits. */
double kj__random_uniform(kj__random *random);

/* Uniform in 0..n-1 without bias; n >= 1. */
size_t kj__random_below(kj__random *random, size_t n);

/* Standard normal (Box-Muller, one of the pair). */
double kj__random_normal(kj__random *random);

/* Fisher-Yates over items[0..n-1]. */
void kj__random_shuffle(kj__random *random, size_t *items, size_t n);

#endif
