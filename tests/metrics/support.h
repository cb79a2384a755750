/* support.h: what the tests of the metrics share. */
#ifndef KJ_TESTS_METRICS_SUPPORT_H
#define KJ_TESTS_METRICS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "kanjo/metrics.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 4096 };

/* Rows of speakers who differ in level, slope and noise. */
typedef struct sample {
  double truth[MAX_ROWS];
  double estimate[MAX_ROWS];
  double other[MAX_ROWS]; /* a second model: noisier */
  size_t cluster[MAX_ROWS];
  size_t n;
} sample;

static inline void sample_draw(sample *s, size_t n_clusters, uint64_t seed)
{
  kj__random random = kj__random_stream(seed, KJ__PURPOSE_TEST, n_clusters, 0);
  s->n = 0;
  for (size_t c = 0; c < n_clusters; c++) {
    const size_t n_rows = 20 + kj__random_below(&random, 29);
    const double level = 0.3 * kj__random_normal(&random);
    const double bias = 0.2 * kj__random_normal(&random);
    const double slope = 0.7 * exp(0.1 * kj__random_normal(&random));
    const double noise = 0.45 * exp(0.1 * kj__random_normal(&random));
    const double bias_b = 0.2 * kj__random_normal(&random);
    for (size_t i = 0; i < n_rows && s->n < MAX_ROWS; i++, s->n++) {
      const double y = 3 + level + 0.8 * kj__random_normal(&random);
      s->truth[s->n] = y;
      s->estimate[s->n] =
          3.1 + bias + slope * (y - 3) + noise * kj__random_normal(&random);
      s->other[s->n] =
          3.1 + bias_b + 0.6 * (y - 3) + 0.55 * kj__random_normal(&random);
      s->cluster[s->n] = c;
    }
  }
}

static inline kj_metric_rows sample_rows(const sample *s, size_t n_clusters)
{
  return (kj_metric_rows){s->truth, s->estimate, s->cluster, s->n, n_clusters};
}

/* An allocator that fails from its n-th call on, and counts what is out. */
typedef struct failing {
  size_t n_calls;
  size_t fail_at; /* 0: never */
  size_t n_out;
} failing;

static inline void *failing_allocate(void *context, size_t size)
{
  failing *f = context;
  if (f->fail_at > 0 && ++f->n_calls >= f->fail_at)
    return NULL;
  f->n_out++;
  return malloc(size);
}

static inline void failing_release(void *context, void *memory)
{
  failing *f = context;
  f->n_out--;
  free(memory);
}

static inline kj_allocator failing_allocator(failing *f)
{
  return (kj_allocator){failing_allocate, failing_release, f};
}

static inline void check_near(const char *what, double seen, double wanted,
                              double tolerance)
{
  if (!(fabs(seen - wanted) <= tolerance))
    fail_msg("%s is %.17g; must be %.17g within %g (off by %g)", what, seen,
             wanted, tolerance, seen - wanted);
}

static inline void check_nan(const char *what, double seen)
{
  if (!isnan(seen))
    fail_msg("%s is %.17g; must be NaN", what, seen);
}

/* The call must return `wanted`, and its message hold `text`. */
static inline void check_failure(kj_status seen, const kj_error *err,
                                 kj_status wanted, const char *text)
{
  if (seen != wanted || !strstr(err->message, text))
    fail_msg("status %d \"%s\"; must be %d with \"%s\"", (int)seen,
             err->message, (int)wanted, text);
}

#endif
