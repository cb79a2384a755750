/*
 * memory.h: where the objects of the core take their memory from.
 */
#ifndef KANJO_MEMORY_H
#define KANJO_MEMORY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A source of memory. Wherever a function takes one, NULL means malloc/free.
 *
 * allocate(context, size) returns `size` bytes aligned for any type, or NULL;
 * release(context, memory) takes back what allocate gave, never NULL.
 * An object keeps a copy of the allocator it was created with; `context` must
 * outlive the object.
 */
typedef struct kj_allocator {
  void *(*allocate)(void *context, size_t size);
  void (*release)(void *context, void *memory);
  void *context;
} kj_allocator;

#ifdef __cplusplus
}
#endif
#endif
