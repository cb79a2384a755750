/*
 * bytes.c: a bounds-checked reader of little-endian content.
 */
#include "base/bytes.h"

kj__bytes kj__bytes_over(const void *data, size_t size)
{
  return (kj__bytes){.data = data, .size = size};
}

const uint8_t *kj__bytes_take(kj__bytes *bytes, size_t n)
{
  if (bytes->failed || n > bytes->size - bytes->offset) {
    bytes->failed = true;
    return NULL;
  }
  const uint8_t *taken = bytes->data + bytes->offset;
  bytes->offset += n;
  return taken;
}

uint64_t kj__bytes_u64(kj__bytes *bytes)
{
  const uint8_t *taken = kj__bytes_take(bytes, 8);
  uint64_t value = 0;
  for (int i = 7; taken && i >= 0; i--)
    value = (value << 8) | taken[i];
  return value;
}
