/*
 * bytes.h: reading binary content as if it hated you.
 *
 * A reader never looks past its end; a read that would, or any read after it,
 * gives 0 and leaves `failed` set.
 */
#ifndef KJ_BASE_BYTES_H
#define KJ_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct kj__bytes {
  const uint8_t *data;
  size_t size;
  size_t offset; /* of the next byte to read */
  bool failed;
} kj__bytes;

kj__bytes kj__bytes_over(const void *data, size_t size);

/* A little-endian unsigned 64-bit number. */
uint64_t kj__bytes_u64(kj__bytes *bytes);

/* A pointer to the next n bytes, or NULL where fewer are left. */
const uint8_t *kj__bytes_take(kj__bytes *bytes, size_t n);

#endif
