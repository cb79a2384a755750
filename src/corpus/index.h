/* index.h: texts to numbers: which row, column or group has this name. */
#ifndef KJ_CORPUS_INDEX_H
#define KJ_CORPUS_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is given for a name that is not there. */
#define KJ__NONE SIZE_MAX

/* All zero: empty. Keys are borrowed and must outlive the index. */
typedef struct kj__index {
  struct kj__index_slot *slot;
  size_t n_slots; /* a power of two, or 0 */
  size_t n;
} kj__index;

/* Add key -> value unless the key is there; *existing is then its value and
 * otherwise KJ__NONE. False where memory is short. */
bool kj__index_add(kj__index *index, const char *key, size_t value,
                   size_t *existing);

/* The value of a key, or KJ__NONE. */
size_t kj__index_find(const kj__index *index, const char *key);

void kj__index_clear(kj__index *index);

#endif
