/*
 * recipe.h: what a feature set is inside the library: how its columns are
 * called, and the functions that carry a recording through it.
 */
#ifndef KJ_FEATURES_RECIPE_H
#define KJ_FEATURES_RECIPE_H

#include "features/rate.h"
#include "kanjo/features.h"

#include <stdbool.h>

/* Where descriptor rows go; `function` may be NULL. */
typedef struct kj__sink {
  kj_descriptor_sink function;
  void *context;
} kj__sink;

/* A contour is called head + stage + tail, as in "mfcc" "_sma" "[1]". */
typedef struct kj__contour_name {
  const char *head;
  const char *tail;
} kj__contour_name;

typedef struct kj__recipe {
  const kj__contour_name *contour;
  size_t n_contours; /* per stage */
  const char *const *stage;
  size_t n_stages;
  const char *const *functional;
  size_t n_functionals; /* per contour and stage */
  size_t n_unseen;      /* of N frames, the functionals see the rows of N - so
                           many, and one at least */
  bool sums_up_voiced;  /* statistics.h: F0 of voiced rows alone, positions as
                           shares of the whole */

  /* The state of one recording. Arguments were checked at the door. */
  kj_status (*create)(unsigned sample_rate_hz, const kj_allocator *allocator,
                      void **state, kj_error *err);
  void (*process)(void *state, const float *samples, size_t n_samples,
                  const kj__sink *sink);
  /* KJ_ETOOSHORT leaves everything as it is. */
  kj_status (*finish)(void *state, float *functionals, const kj__sink *sink,
                      kj_error *err);
  void (*reset)(void *state);
  uint64_t (*frames)(const void *state);
} kj__recipe;

extern const kj__recipe kj__is09;
extern const kj__recipe kj__is09_clean;

/* KJ_ETOOSHORT: the recording is no whole frame. */
kj_status kj__fail_short(kj_error *err, uint64_t n_samples,
                         const kj__rate *rate);

#endif
