/*
 * test_flush.c: denormal numbers are 0 between begin and end, and only there,
 * and only in the thread that asked.
 */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/flush.h"

#include <float.h>
#include <pthread.h>
#include <string.h>

/* By its bits: a comparison with 0 takes a denormal number for 0, too. */
static int is_zero(float x)
{
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits << 1 == 0;
}

/* FLT_MIN * 1/4: normal operands, a denormal result. */
static float denormal_result(void)
{
  volatile float smallest_normal = FLT_MIN;
  volatile float quarter = 0.25F;
  volatile float product = smallest_normal * quarter;
  return product;
}

/* (FLT_MIN / 4) * 2^20: a denormal operand, a normal result. */
static float of_denormal_operand(void)
{
  volatile float operand = FLT_MIN / 4;
  volatile float factor = 1048576.0F;
  volatile float product = operand * factor;
  return product;
}

static float of_denormal_double(void)
{
  volatile double operand = DBL_MIN / 4;
  volatile double factor = 1048576.0;
  volatile double product = operand * factor;
  return product > 0 ? 1.0F : 0.0F;
}

/* How many of the three are 0. */
static int count_zeros(void)
{
  return is_zero(denormal_result()) + is_zero(of_denormal_operand()) +
         is_zero(of_denormal_double());
}

#if defined(__SSE__) || defined(__aarch64__)
enum { ALL_FLUSHED = 3 };
#else
enum { ALL_FLUSHED = 0 };
#endif

static void they_are_0_inside_and_not_outside(void **state)
{
  (void)state;
  assert_int_equal(count_zeros(), 0);
  assert_true(denormal_result() == FLT_MIN / 4);
  const unsigned long before = kj__flush_begin();
  const int n_inside = count_zeros();
  kj__flush_end(before);
  assert_int_equal(n_inside, ALL_FLUSHED);
  assert_int_equal(count_zeros(), 0);
  assert_true(denormal_result() == FLT_MIN / 4);
}

static void normal_numbers_stay(void **state)
{
  (void)state;
  volatile float smallest_normal = FLT_MIN;
  const unsigned long before = kj__flush_begin();
  volatile float product = smallest_normal * 1.5F;
  kj__flush_end(before);
  assert_true(product == 1.5F * FLT_MIN);
}

static void pairs_may_be_nested(void **state)
{
  (void)state;
  const unsigned long outer = kj__flush_begin();
  const unsigned long inner = kj__flush_begin();
  kj__flush_end(inner);
  const int n_between = count_zeros();
  kj__flush_end(outer);
  assert_int_equal(n_between, ALL_FLUSHED);
  assert_int_equal(count_zeros(), 0);
}

/* Where inexact results are looked for, they are not to vanish with the end
 * of the flushing. */
static void exceptions_raised_inside_stay(void **state)
{
  (void)state;
#if defined(__x86_64__)
  enum { INEXACT = 1 << 5 };
  const unsigned saved = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(saved & ~(unsigned)INEXACT);
  const unsigned long before = kj__flush_begin();
  volatile float third = 1.0F;
  third = third / 3.0F;
  kj__flush_end(before);
  const unsigned after = __builtin_ia32_stmxcsr();
  assert_int_equal(after & INEXACT, INEXACT);
#else
  skip();
#endif
}

typedef struct counts {
  int before, inside, after;
} counts;

static void *count_elsewhere(void *argument)
{
  counts *c = argument;
  c->before = count_zeros();
  const unsigned long flags = kj__flush_begin();
  c->inside = count_zeros();
  kj__flush_end(flags);
  c->after = count_zeros();
  return NULL;
}

static void each_thread_has_its_own(void **state)
{
  (void)state;
  pthread_t thread;
  counts c;
  assert_int_equal(pthread_create(&thread, NULL, count_elsewhere, &c), 0);
  pthread_join(thread, NULL);
  assert_int_equal(c.before, 0);
  assert_int_equal(c.inside, ALL_FLUSHED);
  assert_int_equal(c.after, 0);
  assert_int_equal(count_zeros(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(they_are_0_inside_and_not_outside),
      cmocka_unit_test(normal_numbers_stay),
      cmocka_unit_test(pairs_may_be_nested),
      cmocka_unit_test(exceptions_raised_inside_stay),
      cmocka_unit_test(each_thread_has_its_own),
  };
  return cmocka_run_group_tests_name("base flush", tests, NULL, NULL);
}
