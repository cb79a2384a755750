/* sha256.h: the SHA-256 of a stream of bytes: names for contents. */
#ifndef KJ_BASE_SHA256_H
#define KJ_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum {
  KJ__SHA256_SIZE = 32,    /* bytes of a digest */
  KJ__SHA256_HEX_SIZE = 65 /* of its text, with the final zero */
};

typedef struct kj__sha256 {
  uint32_t state[8];
  uint64_t n_bytes; /* taken so far */
  unsigned char block[64];
} kj__sha256;

void kj__sha256_init(kj__sha256 *hash);

/* Take `size` bytes; any division into calls gives the same digest. */
void kj__sha256_update(kj__sha256 *hash, const void *bytes, size_t size);

/* Take a text with its final zero, so that "ab", "c" is not "a", "bc". */
void kj__sha256_text(kj__sha256 *hash, const char *text);

/* The digest of all that was taken; the hash is then used up. */
void kj__sha256_finish(kj__sha256 *hash, unsigned char digest[KJ__SHA256_SIZE]);

/* The digest as 64 hexadecimal digits. */
void kj__sha256_finish_hex(kj__sha256 *hash, char hex[KJ__SHA256_HEX_SIZE]);

#endif
