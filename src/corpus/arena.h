/* arena.h: many small pieces of memory that are released together. */
#ifndef KJ_CORPUS_ARENA_H
#define KJ_CORPUS_ARENA_H

#include <stddef.h>

typedef struct kj__arena kj__arena;

/* An empty arena, or NULL. */
kj__arena *kj__arena_create(void);

/* Release it and all that was taken from it; NULL is allowed. */
void kj__arena_destroy(kj__arena *arena);

/* count * size zeroed bytes aligned for any type, or NULL. */
void *kj__arena_take(kj__arena *arena, size_t count, size_t size);

/* A copy of `text`, or NULL. Empty texts share one byte. */
const char *kj__arena_text(kj__arena *arena, const char *text);

/* "first" + "second" in one text, or NULL. */
const char *kj__arena_joined(kj__arena *arena, const char *first,
                             const char *second);

#endif
