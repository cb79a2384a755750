/*
 * descriptors_plan.h: the descriptors of single frames, without an extractor.
 * Include after cmocka.h.
 */
#ifndef KJ_TEST_FEATURES_DESCRIPTORS_PLAN_H
#define KJ_TEST_FEATURES_DESCRIPTORS_PLAN_H

#include "features/descriptors.h"

#include <stdlib.h>

/* The arrays of *d are in the block returned, which the caller frees. */
static inline void *create_descriptors(kj__descriptors *d, unsigned rate_hz)
{
  const kj__rate rate = kj__rate_of(rate_hz);
  kj__arena arena = {NULL, 0};
  kj__descriptors_layout(d, &rate, &arena);
  void *memory = calloc(1, arena.used);
  assert_non_null(memory);
  arena = (kj__arena){memory, 0};
  kj__descriptors_layout(d, &rate, &arena);
  kj__descriptors_init(d);
  return memory;
}

#endif
