/* memory.h: checked sizes and zeroed memory, from any allocator. */
#ifndef KJ_BASE_MEMORY_H
#define KJ_BASE_MEMORY_H

#include "kanjo/memory.h"
#include <stdbool.h>

/* a * b in *product; false (and *product untouched) where it overflows. */
bool kj__size_multiply(size_t a, size_t b, size_t *product);

/* The allocator to use for `allocator`, which may be NULL (malloc/free). */
kj_allocator kj__allocator(const kj_allocator *allocator);

/* count * size zeroed bytes, or NULL where that overflows or fails.
 * count or size 0 gives one byte, so that NULL always means failure. */
void *kj__allocate(const kj_allocator *allocator, size_t count, size_t size);

/* Give memory back; `memory` may be NULL, `allocator` NULL means free. */
void kj__release(const kj_allocator *allocator, void *memory);

/* Grow the malloc'ed array *items from *capacity to at least `needed` items
 * (doubling); false and all untouched where memory is short. */
bool kj__grow(void **items, size_t *capacity, size_t needed, size_t item_size);

/* A malloc'ed copy of `text`, or NULL. */
char *kj__copy_text(const char *text);

#endif
