/*
 * index.c: an open-addressed hash table with linear probing, at most half
 * full. Hash: FNV-1a, 64 bits (Fowler, Noll, Vo; IETF draft-eastlake-fnv).
 */
#include "corpus/index.h"

#include "base/memory.h"

#include <string.h>

typedef struct kj__index_slot {
  const char *key; /* NULL: free */
  uint64_t hash;
  size_t value;
} slot;

static uint64_t hash_of(const char *key)
{
  uint64_t hash = 14695981039346656037u;
  for (; *key; key++)
    hash = (hash ^ (unsigned char)*key) * 1099511628211u;
  return hash;
}

/* The slot that holds the key, or the free one where it would go. */
static slot *probe(const kj__index *index, const char *key, uint64_t hash)
{
  size_t i = (size_t)hash & (index->n_slots - 1);
  for (;; i = (i + 1) & (index->n_slots - 1)) {
    slot *s = &index->slot[i];
    if (!s->key || (s->hash == hash && strcmp(s->key, key) == 0))
      return s;
  }
}

static bool grow(kj__index *index)
{
  kj__index larger = {.n = index->n,
                      .n_slots = index->n_slots ? 2 * index->n_slots : 64};
  larger.slot = kj__allocate(NULL, larger.n_slots, sizeof(slot));
  if (!larger.slot)
    return false;
  for (size_t i = 0; i < index->n_slots; i++) {
    const slot *old = &index->slot[i];
    if (old->key)
      *probe(&larger, old->key, old->hash) = *old;
  }
  kj__release(NULL, index->slot);
  *index = larger;
  return true;
}

bool kj__index_add(kj__index *index, const char *key, size_t value,
                   size_t *existing)
{
  if (2 * (index->n + 1) > index->n_slots && !grow(index))
    return false;
  const uint64_t hash = hash_of(key);
  slot *s = probe(index, key, hash);
  *existing = s->key ? s->value : KJ__NONE;
  if (!s->key) {
    *s = (slot){key, hash, value};
    index->n++;
  }
  return true;
}

size_t kj__index_find(const kj__index *index, const char *key)
{
  if (index->n == 0)
    return KJ__NONE;
  const slot *s = probe(index, key, hash_of(key));
  return s->key ? s->value : KJ__NONE;
}

void kj__index_clear(kj__index *index)
{
  kj__release(NULL, index->slot);
  *index = (kj__index){0};
}
