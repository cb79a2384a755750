/*
 * test_pages.c: blocks of any size, large ones on boundaries of 2 MiB.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/pages.h"

#include <string.h>

static void blocks_are_usable_to_the_last_byte(void **state)
{
  (void)state;
  const kj_allocator pages = kj__pages();
  const size_t large = (size_t)1 << 21;
  const size_t sizes[] = {1,         4096,      large - 1,     large,
                          large + 1, 3 * large, 3 * large + 17};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    unsigned char *block = kj__allocate(&pages, sizes[i], 1);
    assert_non_null(block);
    assert_int_equal(block[0], 0);
    assert_int_equal(block[sizes[i] - 1], 0);
    memset(block, 0xA5, sizes[i]);
    if (sizes[i] >= large && (uintptr_t)block % large != 0)
      fail_msg("a block of %zu bytes lies at %p", sizes[i], (void *)block);
    kj__release(&pages, block);
  }
}

static void what_cannot_be_had_is_null(void **state)
{
  (void)state;
  const kj_allocator pages = kj__pages();
  assert_null(pages.allocate(pages.context, SIZE_MAX - 5));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_are_usable_to_the_last_byte),
      cmocka_unit_test(what_cannot_be_had_is_null),
  };
  return cmocka_run_group_tests_name("base pages", tests, NULL, NULL);
}
