/*
 * arena.h: many arrays in one allocation.
 *
 * An object lays out its arrays twice by the same function: over an arena
 * without memory to learn the size, then over the memory itself. Sizes here
 * follow from a checked sampling rate and are small.
 */
#ifndef KJ_FEATURES_ARENA_H
#define KJ_FEATURES_ARENA_H

#include <stddef.h>

typedef struct kj__arena {
  unsigned char *memory; /* aligned for any type; NULL: only count */
  size_t used;           /* bytes */
} kj__arena;

/* The next `count` items of `size` bytes, aligned to 16; NULL if counting. */
static inline void *kj__arena_take(kj__arena *arena, size_t count, size_t size)
{
  void *taken = arena->memory ? arena->memory + arena->used : NULL;
  arena->used += (count * size + 15) / 16 * 16;
  return taken;
}

#endif
