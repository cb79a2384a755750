/*
 * arena.c: blocks that are filled from the front and never moved.
 */
#include "corpus/arena.h"

#include "base/memory.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK_SIZE = 65536, ALIGNMENT = alignof(max_align_t) };

typedef struct block {
  struct block *older;
  alignas(ALIGNMENT) char bytes[];
} block;

struct kj__arena {
  block *newest;
  size_t used, capacity; /* bytes of the newest block */
};

kj__arena *kj__arena_create(void)
{
  return kj__allocate(NULL, 1, sizeof(kj__arena));
}

void kj__arena_destroy(kj__arena *arena)
{
  if (!arena)
    return;
  while (arena->newest) {
    block *older = arena->newest->older;
    kj__release(NULL, arena->newest);
    arena->newest = older;
  }
  kj__release(NULL, arena);
}

static int add_block(kj__arena *arena, size_t needed)
{
  const size_t capacity = needed > BLOCK_SIZE ? needed : BLOCK_SIZE;
  if (capacity > SIZE_MAX - sizeof(block))
    return 0;
  block *added = kj__allocate(NULL, 1, sizeof(block) + capacity);
  if (!added)
    return 0;
  added->older = arena->newest;
  arena->newest = added;
  arena->used = 0;
  arena->capacity = capacity;
  return 1;
}

/* `size` bytes; the start of what is left is moved up to `alignment`. */
static void *take(kj__arena *arena, size_t size, size_t alignment)
{
  const size_t gap = (alignment - arena->used % alignment) % alignment;
  const size_t left = arena->capacity - arena->used;
  if (gap > left || size > left - gap) {
    if (!add_block(arena, size))
      return NULL;
  } else {
    arena->used += gap;
  }
  void *taken = arena->newest->bytes + arena->used;
  arena->used += size;
  return taken;
}

void *kj__arena_take(kj__arena *arena, size_t count, size_t size)
{
  size_t total;
  if (!kj__size_multiply(count, size, &total))
    return NULL;
  return take(arena, total > 0 ? total : 1, ALIGNMENT);
}

const char *kj__arena_text(kj__arena *arena, const char *text)
{
  return kj__arena_joined(arena, text, "");
}

const char *kj__arena_joined(kj__arena *arena, const char *first,
                             const char *second)
{
  const size_t n_first = strlen(first), n_second = strlen(second);
  if (n_first + n_second == 0)
    return "";
  char *text = take(arena, n_first + n_second + 1, 1);
  if (!text)
    return NULL;
  memcpy(text, first, n_first);
  memcpy(text + n_first, second, n_second + 1);
  return text;
}
