/*
 * sha256.c: FIPS 180-4, sections 4.1.2, 4.2.2, 5.3.3 and 6.2.
 */
#include "base/sha256.h"

#include <string.h>

/* The first 32 bits of the fractional parts of the cube roots of the first 64
 * primes. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, unsigned n)
{
  return x >> n | x << (32 - n);
}

/* The message schedule W of one block. */
static void expand(const unsigned char block[64], uint32_t w[64])
{
  for (size_t t = 0; t < 16; t++)
    w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
           (uint32_t)block[4 * t + 2] << 8 | (uint32_t)block[4 * t + 3];
  for (size_t t = 16; t < 64; t++) {
    const uint32_t a = w[t - 15], b = w[t - 2];
    const uint32_t s0 = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3;
    const uint32_t s1 = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10;
    w[t] = s1 + w[t - 7] + s0 + w[t - 16];
  }
}

static void compress(uint32_t state[8], const unsigned char block[64])
{
  uint32_t w[64], v[8];
  expand(block, w);
  memcpy(v, state, sizeof v);
  for (size_t t = 0; t < 64; t++) {
    const uint32_t a = v[0], e = v[4];
    const uint32_t big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const uint32_t big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const uint32_t choice = (e & v[5]) ^ (~e & v[6]);
    const uint32_t majority = (a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]);
    const uint32_t t1 = v[7] + big1 + choice + K[t] + w[t];
    memmove(v + 1, v, 7 * sizeof *v);
    v[4] += t1;
    v[0] = t1 + big0 + majority;
  }
  for (size_t i = 0; i < 8; i++)
    state[i] += v[i];
}

void kj__sha256_init(kj__sha256 *hash)
{
  *hash =
      (kj__sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void kj__sha256_update(kj__sha256 *hash, const void *bytes, size_t size)
{
  const unsigned char *from = bytes;
  while (size > 0) {
    const size_t at = (size_t)(hash->n_bytes % sizeof hash->block);
    const size_t room = sizeof hash->block - at;
    const size_t n = size < room ? size : room;
    memcpy(hash->block + at, from, n);
    hash->n_bytes += n;
    from += n;
    size -= n;
    if (n == room)
      compress(hash->state, hash->block);
  }
}

void kj__sha256_text(kj__sha256 *hash, const char *text)
{
  kj__sha256_update(hash, text, strlen(text) + 1);
}

void kj__sha256_finish(kj__sha256 *hash, unsigned char digest[KJ__SHA256_SIZE])
{
  const uint64_t n_bits = 8 * hash->n_bytes;
  const unsigned char one = 0x80, zero = 0;
  unsigned char length[8];
  for (size_t i = 0; i < 8; i++)
    length[i] = (unsigned char)(n_bits >> (56 - 8 * i));
  kj__sha256_update(hash, &one, 1);
  while (hash->n_bytes % 64 != 56)
    kj__sha256_update(hash, &zero, 1);
  kj__sha256_update(hash, length, sizeof length);
  for (size_t i = 0; i < KJ__SHA256_SIZE; i++)
    digest[i] = (unsigned char)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

void kj__sha256_finish_hex(kj__sha256 *hash, char hex[KJ__SHA256_HEX_SIZE])
{
  static const char digits[] = "0123456789abcdef";
  unsigned char digest[KJ__SHA256_SIZE];
  kj__sha256_finish(hash, digest);
  for (size_t i = 0; i < KJ__SHA256_SIZE; i++) {
    hex[2 * i] = digits[digest[i] >> 4];
    hex[2 * i + 1] = digits[digest[i] & 15];
  }
  hex[2 * KJ__SHA256_SIZE] = '\0';
}
