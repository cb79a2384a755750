/*
 * pages.c: large blocks on large pages.
 */
#define _GNU_SOURCE
#include "base/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

static const size_t LARGE = (size_t)1 << 21;

static void *allocate(void *context, size_t size)
{
  (void)context;
  if (size > SIZE_MAX - LARGE)
    return NULL; /* rounded up, it would be no number any more */
  if (size < LARGE)
    return malloc(size);
  const size_t whole = (size + LARGE - 1) / LARGE * LARGE;
  void *memory = aligned_alloc(LARGE, whole);
#ifdef MADV_HUGEPAGE
  if (memory)
    madvise(memory, whole, MADV_HUGEPAGE); /* a wish: failure changes nothing */
#endif
  return memory;
}

static void release(void *context, void *memory)
{
  (void)context;
  free(memory);
}

kj_allocator kj__pages(void)
{
  return (kj_allocator){allocate, release, NULL};
}
