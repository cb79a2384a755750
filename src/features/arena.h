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
#include <stdint.h>

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

/* What is taken next begins a line of the cache (64 bytes), so that vectors
 * lie within lines. */
static inline void kj__arena_align(kj__arena *arena)
{
  const size_t line = 64;
  if (arena->memory)
    arena->used +=
        (line - ((uintptr_t)arena->memory + arena->used) % line) % line;
  else
    arena->used += line;
}

#endif
