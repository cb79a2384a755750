/*
 * test_narrow.c: rounding to bf16 and where the rounded numbers lie.
 */
#include "support.h"

#include "network/narrow.h"
#include "network/panels.h"

enum { SIGN = 0x8000, INFINITE = 0x7f80, LARGEST = 0x7f7f, QUIET = 0x40 };

typedef struct size {
  size_t a, b;
} size;

static const size SIZES[] = {{1, 1},   {2, 2},   {7, 5},   {31, 33}, {32, 32},
                             {33, 31}, {5, 100}, {100, 5}, {64, 96}};
enum { N_SIZES = sizeof SIZES / sizeof *SIZES };

static kj_real from_bits(uint32_t bits)
{
  float value;
  memcpy(&value, &bits, sizeof value);
  return (kj_real)value;
}

static void assert_narrow(uint32_t bits, unsigned expected)
{
  const unsigned got = kj__narrow(from_bits(bits));
  if (got != expected)
    fail_msg("%#010x becomes %#06x, must be %#06x", (unsigned)bits, got,
             expected);
}

/* A bf16 number is a float whose lower 16 bits are 0; the next one follows
 * 0x10000 later, over all exponents, denormal numbers and the step to infinity
 * included. */
static void rounds_to_nearest_even(void **state)
{
  (void)state;
  for (uint32_t sign = 0; sign <= SIGN; sign += SIGN)
    for (uint32_t b = 0; b <= LARGEST; b++) {
      const uint32_t at = (sign | b) << 16;
      const unsigned low = (unsigned)(sign | b), high = low + 1;
      assert_narrow(at, low);
      assert_narrow(at + 1, low);
      assert_narrow(at + 0x7fff, low);
      assert_narrow(at + 0x8000, b % 2 == 0 ? low : high);
      assert_narrow(at + 0x8001, high);
      assert_narrow(at + 0xffff, high);
    }
}

static void keeps_infinities_and_nans(void **state)
{
  (void)state;
  assert_narrow(0x7f800000, INFINITE);
  assert_narrow(0xff800000, SIGN | INFINITE);
  assert_narrow(0x7f7fffff, INFINITE); /* the largest float */
  assert_narrow(0x7f7f7fff, LARGEST);
  for (uint32_t payload = 1; payload < 0x800000; payload = payload * 3 + 1) {
    const unsigned kept = payload >> 16;
    assert_narrow(0x7f800000 | payload, INFINITE | QUIET | kept);
    assert_narrow(0xff800000 | payload, SIGN | INFINITE | QUIET | kept);
  }
  assert_narrow(0x7fffffff, 0x7fff); /* would carry into the sign */
}

static void widens_exactly(void **state)
{
  (void)state;
  for (uint32_t b = 0; b <= 0xffff; b++) {
    const float got = kj__widen((kj__bf16)b);
    uint32_t bits;
    memcpy(&bits, &got, sizeof bits);
    assert_int_equal(bits, b << 16);
  }
}

static kj__bf16 *sevens(size_t n)
{
  kj__bf16 *narrow = malloc(n * sizeof *narrow);
  assert_non_null(narrow);
  for (size_t i = 0; i < n; i++)
    narrow[i] = 0x7777;
  return narrow;
}

/* Element (i, j) of the narrow copy; 0 in the padding. */
static unsigned narrow_element(const kj_real *panels, size s, size_t i,
                               size_t j)
{
  return i < s.a && j < s.b ? kj__narrow(panels[kj__panels_at(s.a, i, j)]) : 0;
}

static void assert_element(const char *what, size s, size_t i, size_t j,
                           unsigned got, unsigned expected)
{
  if (got != expected)
    fail_msg("%s of (%zu, %zu): element (%zu, %zu) is %#06x, must be %#06x",
             what, s.a, s.b, i, j, got, expected);
}

/* Both layouts of one matrix, its panels first..last; the others untouched. */
static void check_panels(size s, size_t first, size_t last)
{
  kj__random random = test_stream(s.a * 1000 + s.b, first);
  const size_t n = kj__panels_size(s.a, s.b);
  kj_real *panels = draw_new(&random, 0.0, 1.0, n);
  kj__bf16 *pairs = sevens(n), *narrow = sevens(n);
  kj__narrow_pairs(panels, s.a, s.b, first, last, pairs);
  kj__narrow_panels(panels, s.a, s.b, first, last, narrow);
  for (size_t j = 0; j < kj__pad(s.b); j++)
    for (size_t i = 0; i < kj__pad(s.a); i++) {
      const bool inside = j >= first && j < last;
      const unsigned expected =
          inside ? narrow_element(panels, s, i, j) : 0x7777;
      const size_t pair =
          j / 32 * 32 * kj__pad(s.a) + i / 2 * 64 + j % 32 * 2 + i % 2;
      assert_element("pairs", s, i, j, pairs[pair], expected);
      assert_element("panels", s, i, j, narrow[kj__panels_at(s.a, i, j)],
                     expected);
    }
  free(panels);
  free(pairs);
  free(narrow);
}

static void lays_out_panels(void **state)
{
  (void)state;
  for (size_t s = 0; s < N_SIZES; s++)
    for (size_t first = 0; first < SIZES[s].b; first += KJ__PANEL) {
      check_panels(SIZES[s], first, first + KJ__PANEL);
      check_panels(SIZES[s], first, kj__pad(SIZES[s].b));
    }
}

/* Rows first..last of weights (s.b, s.a); the others untouched. */
static void check_weights(size s, size_t first, size_t last)
{
  kj__random random = test_stream(s.a * 1000 + s.b, last);
  const size_t row = kj__even(s.a), n_rows = kj__even(s.b);
  kj_real *weights = draw_new(&random, 0.0, 1.0, s.a * s.b);
  kj__bf16 *forward = sevens(row * s.b), *backward = sevens(s.a * n_rows);
  kj__narrow_weights(weights, s.a, s.b, first, last, forward, backward);
  for (size_t o = 0; o < n_rows; o++)
    for (size_t i = 0; i < row; i++) {
      const bool inside = o / 2 * 2 >= first && o / 2 * 2 < last;
      const bool padded = i >= s.a || o >= s.b;
      const unsigned expected = !inside  ? 0x7777
                                : padded ? 0
                                         : kj__narrow(weights[o * s.a + i]);
      if (o < s.b)
        assert_element("forward weights", s, i, o, forward[o * row + i],
                       expected);
      if (i < s.a)
        assert_element("backward weights", s, i, o,
                       backward[(o / 2 * s.a + i) * 2 + o % 2], expected);
    }
  free(weights);
  free(forward);
  free(backward);
}

static void lays_out_weights(void **state)
{
  (void)state;
  for (size_t s = 0; s < N_SIZES; s++) {
    check_weights(SIZES[s], 0, SIZES[s].b);
    for (size_t first = 0; first < SIZES[s].b; first += KJ__STRIP) {
      const size_t end = first + KJ__STRIP;
      check_weights(SIZES[s], first, end < SIZES[s].b ? end : SIZES[s].b);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rounds_to_nearest_even),
      cmocka_unit_test(keeps_infinities_and_nans),
      cmocka_unit_test(widens_exactly),
      cmocka_unit_test(lays_out_panels),
      cmocka_unit_test(lays_out_weights),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
