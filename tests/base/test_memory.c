/*
 * test_memory.c: sizes that do not overflow, zeroed memory from any
 * allocator, arrays that grow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void products_that_overflow_are_refused(void **state)
{
  (void)state;
  static const struct {
    size_t a, b;
    bool fits;
  } rows[] = {{0, 0, true},
              {0, SIZE_MAX, true},
              {SIZE_MAX, 0, true},
              {1, SIZE_MAX, true},
              {SIZE_MAX, 1, true},
              {SIZE_MAX, 2, false},
              {2, SIZE_MAX, false},
              {SIZE_MAX / 2, 2, true},
              {SIZE_MAX / 2 + 1, 2, false},
              {SIZE_MAX / 3, 3, true},
              {SIZE_MAX / 3 + 1, 3, false},
              {(size_t)1 << 32, (size_t)1 << 31, true},
              {(size_t)1 << 32, (size_t)1 << 32, false}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    size_t product = 77;
    const bool fits = kj__size_multiply(rows[i].a, rows[i].b, &product);
    const size_t expected = rows[i].fits ? rows[i].a * rows[i].b : 77;
    if (fits != rows[i].fits || product != expected)
      fail_msg("%zu * %zu: %d, %zu; must be %d, %zu", rows[i].a, rows[i].b,
               fits, product, rows[i].fits, expected);
  }
}

/* A heap that gives dirty memory, counts, and remembers the last size. */
typedef struct heap {
  size_t n_taken, n_returned, last_size;
  bool is_empty;
} heap;

static void *take(void *context, size_t size)
{
  heap *h = context;
  h->last_size = size;
  if (h->is_empty)
    return NULL;
  h->n_taken++;
  void *memory = malloc(size);
  assert_non_null(memory);
  memset(memory, 0xA5, size);
  return memory;
}

static void give_back(void *context, void *memory)
{
  heap *h = context;
  assert_non_null(memory);
  h->n_returned++;
  free(memory);
}

static void memory_is_zeroed_and_from_the_allocator(void **state)
{
  (void)state;
  heap h = {0};
  const kj_allocator allocator = {take, give_back, &h};
  unsigned char *memory = kj__allocate(&allocator, 7, 13);
  assert_non_null(memory);
  assert_int_equal(h.last_size, 91);
  for (size_t i = 0; i < 91; i++)
    if (memory[i] != 0)
      fail_msg("byte %zu of 91 is %d, must be 0", i, memory[i]);
  kj__release(&allocator, memory);
  kj__release(&allocator, NULL);
  assert_int_equal(h.n_taken, 1);
  assert_int_equal(h.n_returned, 1);
}

static void nothing_is_one_byte(void **state)
{
  (void)state;
  heap h = {0};
  const kj_allocator allocator = {take, give_back, &h};
  static const size_t sizes[][2] = {{0, 0}, {0, 8}, {8, 0}};
  for (size_t i = 0; i < 3; i++) {
    void *memory = kj__allocate(&allocator, sizes[i][0], sizes[i][1]);
    assert_non_null(memory);
    assert_int_equal(h.last_size, 1);
    kj__release(&allocator, memory);
  }
}

static void shortage_and_overflow_give_null(void **state)
{
  (void)state;
  heap h = {0};
  const kj_allocator allocator = {take, give_back, &h};
  assert_null(kj__allocate(&allocator, SIZE_MAX / 2, 3));
  assert_int_equal(h.n_taken, 0); /* not even asked */
  h.is_empty = true;
  assert_null(kj__allocate(&allocator, 1, 1));
  assert_null(kj__allocate(NULL, SIZE_MAX, SIZE_MAX));
}

static void default_allocator_is_malloc(void **state)
{
  (void)state;
  const kj_allocator allocator = kj__allocator(NULL);
  void *memory = allocator.allocate(allocator.context, 5);
  assert_non_null(memory);
  free(memory);
  char *zeroed = kj__allocate(NULL, 3, 1);
  assert_memory_equal(zeroed, "\0\0\0", 3);
  kj__release(NULL, zeroed);
  kj__release(NULL, NULL);
}

static void arrays_grow_and_keep_their_items(void **state)
{
  (void)state;
  void *items = NULL;
  size_t capacity = 0, n_moves = 0;
  for (size_t i = 0; i < 1000; i++) {
    const size_t before = capacity;
    assert_true(kj__grow(&items, &capacity, i + 1, sizeof(size_t)));
    assert_true(capacity > i);
    n_moves += capacity != before;
    ((size_t *)items)[i] = i * i;
  }
  for (size_t i = 0; i < 1000; i++)
    assert_int_equal(((size_t *)items)[i], i * i);
  assert_in_range(n_moves, 5, 8); /* 16, 32, ... 1024: doubling */
  assert_true(kj__grow(&items, &capacity, 5000, sizeof(size_t)));
  assert_in_range(capacity, 5000, 8191);
  free(items);
}

static void growth_beyond_memory_changes_nothing(void **state)
{
  (void)state;
  void *items = NULL;
  size_t capacity = 0;
  assert_true(kj__grow(&items, &capacity, 4, 8));
  memcpy(items, "kanjo", 6);
  void *const items_before = items;
  const size_t capacity_before = capacity;
  assert_false(kj__grow(&items, &capacity, SIZE_MAX / 8 + 1, 8));
  assert_false(kj__grow(&items, &capacity, SIZE_MAX, 8));
  assert_ptr_equal(items, items_before);
  assert_int_equal(capacity, capacity_before);
  assert_string_equal(items, "kanjo");
  free(items);
}

static void text_is_copied(void **state)
{
  (void)state;
  static const char *const texts[] = {"", "a", "\xE6\x84\x9F\xE6\x83\x85"};
  for (size_t i = 0; i < 3; i++) {
    char *copy = kj__copy_text(texts[i]);
    assert_non_null(copy);
    assert_ptr_not_equal(copy, texts[i]);
    assert_string_equal(copy, texts[i]);
    free(copy);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_that_overflow_are_refused),
      cmocka_unit_test(memory_is_zeroed_and_from_the_allocator),
      cmocka_unit_test(nothing_is_one_byte),
      cmocka_unit_test(shortage_and_overflow_give_null),
      cmocka_unit_test(default_allocator_is_malloc),
      cmocka_unit_test(arrays_grow_and_keep_their_items),
      cmocka_unit_test(growth_beyond_memory_changes_nothing),
      cmocka_unit_test(text_is_copied),
  };
  return cmocka_run_group_tests_name("base memory", tests, NULL, NULL);
}
