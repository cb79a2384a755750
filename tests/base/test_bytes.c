/*
 * test_bytes.c: a reader of bytes never looks past its end, and once it would
 * have, gives nothing any more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

/* Exactly n bytes on the heap, 1, 2, 3 ...: a sanitizer sees a step beyond. */
static uint8_t *count_up(size_t n)
{
  uint8_t *data = malloc(n > 0 ? n : 1);
  assert_non_null(data);
  for (size_t i = 0; i < n; i++)
    data[i] = (uint8_t)(i + 1);
  return data;
}

static void numbers_are_little_endian(void **state)
{
  (void)state;
  uint8_t *data = count_up(16);
  kj__bytes bytes = kj__bytes_over(data, 16);
  assert_true(kj__bytes_u64(&bytes) == 0x0807060504030201u);
  assert_int_equal(bytes.offset, 8);
  assert_true(kj__bytes_u64(&bytes) == 0x100F0E0D0C0B0A09u);
  assert_int_equal(bytes.offset, 16);
  assert_false(bytes.failed);
  free(data);
}

static void every_size_is_taken_or_refused(void **state)
{
  (void)state;
  enum { SIZE = 12 };
  uint8_t *data = count_up(SIZE);
  for (size_t first = 0; first <= SIZE; first++)
    for (size_t n = 0; n <= SIZE + 2; n++) {
      kj__bytes bytes = kj__bytes_over(data, SIZE);
      assert_ptr_equal(kj__bytes_take(&bytes, first), data);
      const uint8_t *taken = kj__bytes_take(&bytes, n);
      const int fits = first + n <= SIZE;
      if (taken != (fits ? data + first : NULL) || bytes.failed != !fits)
        fail_msg("taking %zu after %zu of %d bytes", n, first, SIZE);
      assert_int_equal(bytes.offset, fits ? first + n : first);
    }
  free(data);
}

static void huge_sizes_do_not_wrap(void **state)
{
  (void)state;
  uint8_t *data = count_up(4);
  static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 3,
                                 SIZE_MAX / 2};
  for (size_t i = 0; i < 4; i++) {
    kj__bytes bytes = kj__bytes_over(data, 4);
    kj__bytes_take(&bytes, 2);
    assert_null(kj__bytes_take(&bytes, sizes[i]));
    assert_true(bytes.failed);
  }
  free(data);
}

static void failure_stays(void **state)
{
  (void)state;
  uint8_t *data = count_up(10);
  kj__bytes bytes = kj__bytes_over(data, 10);
  kj__bytes_take(&bytes, 3);
  assert_true(kj__bytes_u64(&bytes) == 0); /* 7 are left */
  assert_true(bytes.failed);
  assert_null(kj__bytes_take(&bytes, 1)); /* would fit, but is too late */
  assert_null(kj__bytes_take(&bytes, 0));
  assert_true(kj__bytes_u64(&bytes) == 0);
  free(data);
}

static void nothing_can_be_read_of_nothing(void **state)
{
  (void)state;
  kj__bytes bytes = kj__bytes_over(NULL, 0);
  assert_true(kj__bytes_u64(&bytes) == 0);
  assert_true(bytes.failed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_little_endian),
      cmocka_unit_test(every_size_is_taken_or_refused),
      cmocka_unit_test(huge_sizes_do_not_wrap),
      cmocka_unit_test(failure_stays),
      cmocka_unit_test(nothing_can_be_read_of_nothing),
  };
  return cmocka_run_group_tests_name("base bytes", tests, NULL, NULL);
}
