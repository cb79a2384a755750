/*
 * test_random.c: Philox4x32-10 gives the published vectors, streams are what
 * their names say, and the distributions have their moments.
 *
 * Source of the vectors: Salmon, Moraes, Dror, Shaw: Parallel random numbers:
 * as easy as 1, 2, 3, SC 2011; known answers of its reference package.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SEED = 20200222 };

static kj__random stream(uint64_t index)
{
  return kj__random_stream(SEED, KJ__PURPOSE_TEST, index, 0);
}

static void philox_known_answers(void **state)
{
  (void)state;
  static const struct {
    uint32_t counter[4], key[2], out[4];
  } rows[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint32_t out[4];
    kj__philox(rows[i].counter, rows[i].key, out);
    for (int j = 0; j < 4; j++)
      if (out[j] != rows[i].out[j])
        fail_msg("vector %zu, word %d: %08x, must be %08x", i, j, out[j],
                 rows[i].out[j]);
  }
}

/* Written once with another program: models made long ago depend on it. */
static void stream_never_changes(void **state)
{
  (void)state;
  static const uint32_t words[8] = {0x73a88651, 0x4455432d, 0x27bdd438,
                                    0x61287887, 0x67b8bad9, 0x1c7e09f0,
                                    0x8e0a8459, 0xcc597934};
  kj__random random =
      kj__random_stream(0x0123456789abcdef, KJ__PURPOSE_DIRECTION, 17, 42);
  for (int i = 0; i < 8; i++) {
    const uint32_t word = kj__random_u32(&random);
    if (word != words[i])
      fail_msg("word %d: %08x, must be %08x", i, word, words[i]);
  }
}

static void purposes_never_change(void **state)
{
  (void)state;
  assert_int_equal(KJ__PURPOSE_INITIALISATION, 1);
  assert_int_equal(KJ__PURPOSE_SHUFFLE, 2);
  assert_int_equal(KJ__PURPOSE_DIRECTION, 3);
  assert_int_equal(KJ__PURPOSE_SPLIT, 4);
  assert_int_equal(KJ__PURPOSE_BOOTSTRAP, 5);
  assert_int_equal(KJ__PURPOSE_UNLABELLED, 6);
  assert_int_equal(KJ__PURPOSE_DROPOUT, 32);
}

/* A stream that was skipped goes on as one that was drawn from. */
static void skipped_is_drawn(void **state)
{
  (void)state;
  for (size_t n = 0; n <= 400; n += 4) {
    kj__random drawn = stream(3), skipped = stream(3);
    for (size_t i = 0; i < n; i++)
      kj__random_u32(&drawn);
    kj__random_skip(&skipped, n);
    for (size_t i = 0; i < 9; i++) {
      const uint32_t a = kj__random_u32(&drawn), b = kj__random_u32(&skipped);
      if (a != b)
        fail_msg("word %zu after %zu: drawn %08x, skipped to %08x", i, n, a, b);
    }
  }
}

/* Every part of a stream's name makes another stream. */
static void names_make_streams(void **state)
{
  (void)state;
  static const struct {
    uint64_t seed;
    kj__purpose purpose;
    uint64_t a, b;
  } names[] = {{1, KJ__PURPOSE_TEST, 1, 1},
               {2, KJ__PURPOSE_TEST, 1, 1},
               {1 + ((uint64_t)1 << 32), KJ__PURPOSE_TEST, 1, 1},
               {1, KJ__PURPOSE_SPLIT, 1, 1},
               {1, KJ__PURPOSE_TEST, 2, 1},
               {1, KJ__PURPOSE_TEST, 1, 2}};
  enum { N = sizeof names / sizeof names[0] };
  uint32_t first[N][4];
  for (size_t i = 0; i < N; i++) {
    kj__random random = kj__random_stream(names[i].seed, names[i].purpose,
                                          names[i].a, names[i].b);
    for (int j = 0; j < 4; j++)
      first[i][j] = kj__random_u32(&random);
    for (size_t k = 0; k < i; k++)
      if (memcmp(first[i], first[k], sizeof first[i]) == 0)
        fail_msg("streams %zu and %zu begin alike", i, k);
  }
}

/* Mean and variance of a uniform draw, and of its square: 4 standard errors
 * of n = 100000 draws. */
static void uniform_has_its_moments(void **state)
{
  (void)state;
  enum { N = 100000 };
  kj__random random = stream(1);
  double sum = 0, sum2 = 0, product = 0, before = 0.5;
  size_t tenths[10] = {0};
  for (int i = 0; i < N; i++) {
    const double u = kj__random_uniform(&random);
    if (!(u >= 0.0 && u < 1.0))
      fail_msg("draw %d is %.17g, must be in [0, 1)", i, u);
    sum += u;
    sum2 += u * u;
    product += (u - 0.5) * (before - 0.5);
    before = u;
    tenths[(int)(10 * u)]++;
  }
  const double mean = sum / N, variance = sum2 / N - mean * mean;
  double chi2 = 0;
  for (int i = 0; i < 10; i++)
    chi2 += pow((double)tenths[i] - N / 10, 2) / (N / 10);
  print_message("uniform: mean %.5f, variance %.5f, lag-1 %.5f, chi2(9) %.1f\n",
                mean, variance, 12 * product / N, chi2);
  assert_true(fabs(mean - 0.5) < 4 * sqrt(1.0 / 12 / N));
  assert_true(fabs(variance - 1.0 / 12) < 4 * sqrt(1.0 / 180 / N));
  assert_true(fabs(12 * product / N) < 4 / sqrt(N));
  assert_true(chi2 < 27.9); /* 99.9 % of chi square with 9 degrees */
}

/* 53 bits: multiples of 2^-53, and the last bit is used. */
static void uniform_has_53_bits(void **state)
{
  (void)state;
  kj__random random = stream(2);
  size_t n_odd = 0;
  for (int i = 0; i < 1000; i++) {
    const double scaled = ldexp(kj__random_uniform(&random), 53);
    assert_true(scaled == floor(scaled));
    n_odd += fmod(scaled, 2.0) == 1.0;
  }
  assert_in_range(n_odd, 400, 600);
}

static void normal_has_its_moments(void **state)
{
  (void)state;
  enum { N = 200000 };
  kj__random random = stream(3);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  size_t n_tail = 0;
  for (int i = 0; i < N; i++) {
    const double z = kj__random_normal(&random);
    assert_true(isfinite(z));
    m1 += z / N;
    m2 += z * z / N;
    m3 += z * z * z / N;
    m4 += z * z * z * z / N;
    n_tail += fabs(z) > 1.959963985;
  }
  print_message("normal: moments %.4f %.4f %.4f %.4f, beyond 1.96: %.4f\n", m1,
                m2, m3, m4, (double)n_tail / N);
  /* standard errors sqrt(1, 2, 15, 96 and .05 * .95, over n), 4 of them */
  assert_true(fabs(m1) < 4 * sqrt(1.0 / N));
  assert_true(fabs(m2 - 1) < 4 * sqrt(2.0 / N));
  assert_true(fabs(m3) < 4 * sqrt(15.0 / N));
  assert_true(fabs(m4 - 3) < 4 * sqrt(96.0 / N));
  assert_true(fabs((double)n_tail / N - 0.05) < 4 * sqrt(0.0475 / N));
}

static void below_is_uniform(void **state)
{
  (void)state;
  static const size_t sizes[] = {1, 2, 3, 7, 10};
  enum { N = 50000 };
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    kj__random random = stream(10 + s);
    size_t count[10] = {0};
    for (int i = 0; i < N; i++) {
      const size_t k = kj__random_below(&random, sizes[s]);
      assert_true(k < sizes[s]);
      count[k]++;
    }
    const double expected = (double)N / (double)sizes[s];
    for (size_t k = 0; k < sizes[s]; k++)
      if (fabs((double)count[k] - expected) > 4.5 * sqrt(expected))
        fail_msg("below %zu: %zu came %zu times of %d, must be about %.0f",
                 sizes[s], k, count[k], N, expected);
  }
}

/* The rest of a division of 64 bits by 3 * 2^62 falls below 2^62 half of the
 * time; without the bias it is a third. */
static void below_has_no_bias(void **state)
{
  (void)state;
  enum { N = 20000 };
  const size_t third = (size_t)1 << 62;
  kj__random random = stream(20);
  size_t n_low = 0;
  for (int i = 0; i < N; i++)
    n_low += kj__random_below(&random, 3 * third) < third;
  const double share = (double)n_low / N;
  if (fabs(share - 1.0 / 3) > 4 * sqrt(2.0 / 9 / N))
    fail_msg("%.4f of the draws are in the first third, must be about .3333",
             share);
}

static void shuffle_is_a_permutation(void **state)
{
  (void)state;
  enum { MOST = 1000 };
  static const size_t sizes[] = {0, 1, 2, 3, 17, MOST};
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    size_t items[MOST + 1];
    bool seen[MOST] = {false};
    const size_t n = sizes[s];
    for (size_t i = 0; i <= n; i++)
      items[i] = i;
    kj__random random = stream(30 + s);
    kj__random_shuffle(&random, items, n);
    assert_int_equal(items[n], n); /* the one behind is left alone */
    for (size_t i = 0; i < n; i++) {
      assert_true(items[i] < n);
      if (seen[items[i]])
        fail_msg("of %zu items, %zu is there twice", n, items[i]);
      seen[items[i]] = true;
    }
  }
}

static void shuffle_gives_each_order_alike(void **state)
{
  (void)state;
  enum { N = 24000, ORDERS = 24 };
  kj__random random = stream(40);
  size_t count[256] = {0};
  for (int i = 0; i < N; i++) {
    size_t items[4] = {0, 1, 2, 3};
    kj__random_shuffle(&random, items, 4);
    count[items[0] << 6 | items[1] << 4 | items[2] << 2 | items[3]]++;
  }
  size_t n_orders = 0;
  double chi2 = 0;
  for (int i = 0; i < 256; i++) {
    n_orders += count[i] > 0;
    if (count[i] > 0)
      chi2 += pow((double)count[i] - N / ORDERS, 2) / (N / ORDERS);
  }
  print_message("shuffle: %zu orders of 4 items, chi2(23) %.1f\n", n_orders,
                chi2);
  assert_int_equal(n_orders, ORDERS);
  assert_true(chi2 < 49.7); /* 99.9 % of chi square with 23 degrees */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(philox_known_answers),
      cmocka_unit_test(stream_never_changes),
      cmocka_unit_test(purposes_never_change),
      cmocka_unit_test(skipped_is_drawn),
      cmocka_unit_test(names_make_streams),
      cmocka_unit_test(uniform_has_its_moments),
      cmocka_unit_test(uniform_has_53_bits),
      cmocka_unit_test(normal_has_its_moments),
      cmocka_unit_test(below_is_uniform),
      cmocka_unit_test(below_has_no_bias),
      cmocka_unit_test(shuffle_is_a_permutation),
      cmocka_unit_test(shuffle_gives_each_order_alike),
  };
  return cmocka_run_group_tests_name("base random", tests, NULL, NULL);
}
