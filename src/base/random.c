/*
 * random.c: Philox4x32-10 and the few distributions the project draws from.
 *
 * Source: Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as
 * 1, 2, 3. SC 2011, section 3.3 and table 2 (constants, 10 rounds).
 */
#include "base/random.h"

#include <math.h>

enum { PHILOX_ROUNDS = 10 };
static const uint32_t PHILOX_MULTIPLIER[2] = {0xD2511F53u, 0xCD9E8D57u};
static const uint32_t PHILOX_WEYL[2] = {0x9E3779B9u, 0xBB67AE85u};

void kj__philox(const uint32_t counter[4], const uint32_t key[2],
                uint32_t out[4])
{
  uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
  uint32_t k[2] = {key[0], key[1]};
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    const uint64_t p0 = (uint64_t)PHILOX_MULTIPLIER[0] * c[0];
    const uint64_t p1 = (uint64_t)PHILOX_MULTIPLIER[1] * c[2];
    const uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ c[1] ^ k[0], (uint32_t)p1,
                              (uint32_t)(p0 >> 32) ^ c[3] ^ k[1], (uint32_t)p0};
    for (int i = 0; i < 4; i++)
      c[i] = next[i];
    k[0] += PHILOX_WEYL[0];
    k[1] += PHILOX_WEYL[1];
  }
  for (int i = 0; i < 4; i++)
    out[i] = c[i];
}

kj__random kj__random_stream(uint64_t seed, kj__purpose purpose, uint64_t a,
                             uint64_t b)
{
  kj__random random = {.n_used = 4};
  random.key[0] = (uint32_t)seed;
  random.key[1] = (uint32_t)(seed >> 32);
  random.counter[1] = (uint32_t)purpose;
  random.counter[2] = (uint32_t)a;
  random.counter[3] = (uint32_t)b;
  return random;
}

uint32_t kj__random_u32(kj__random *random)
{
  if (random->n_used == 4) {
    kj__philox(random->counter, random->key, random->block);
    random->counter[0]++;
    random->n_used = 0;
  }
  return random->block[random->n_used++];
}

void kj__random_skip(kj__random *random, size_t n)
{
  random->counter[0] += (uint32_t)(n / 4);
}

double kj__random_uniform(kj__random *random)
{
  const uint64_t high = kj__random_u32(random);
  const uint64_t low = kj__random_u32(random);
  return (double)(((high << 32) | low) >> 11) * 0x1p-53;
}

size_t kj__random_below(kj__random *random, size_t n)
{
  /* Draws above the last whole multiple of n would favour small numbers. */
  const uint64_t limit = UINT64_MAX - UINT64_MAX % n;
  uint64_t draw;
  do {
    const uint64_t high = kj__random_u32(random);
    draw = (high << 32) | kj__random_u32(random);
  } while (draw >= limit);
  return (size_t)(draw % n);
}

double kj__random_normal(kj__random *random)
{
  const double two_pi = 6.283185307179586477;
  const double u = 1.0 - kj__random_uniform(random); /* (0, 1]: log is finite */
  const double v = kj__random_uniform(random);
  return sqrt(-2.0 * log(u)) * cos(two_pi * v);
}

void kj__random_shuffle(kj__random *random, size_t *items, size_t n)
{
  for (size_t i = n; i > 1; i--) {
    const size_t j = kj__random_below(random, i);
    const size_t kept = items[i - 1];
    items[i - 1] = items[j];
    items[j] = kept;
  }
}
