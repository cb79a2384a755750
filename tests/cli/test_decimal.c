/*
 * test_decimal.c: cli_decimal writes what printf("%.9g") writes, for floats of
 * all sizes, doubles, and numbers about which rounding might differ.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/decimal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N_RANDOM = 1000000 };

static void compare(double value)
{
  char text[CLI_DECIMAL_SIZE + 1], expected[64];
  text[cli_decimal(value, text)] = '\0';
  snprintf(expected, sizeof expected, "%.9g", value);
  if (strcmp(text, expected) != 0)
    fail_msg("%a: \"%s\", printf has \"%s\"", value, text, expected);
}

static uint64_t next_bits(uint64_t *state)
{
  uint64_t z = *state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static void random_numbers(void **state)
{
  (void)state;
  uint64_t seed = 3;
  for (int i = 0; i < N_RANDOM; i++) {
    const uint64_t bits = next_bits(&seed);
    const uint32_t half = (uint32_t)bits;
    float f;
    memcpy(&f, &half, sizeof f);
    compare((double)f);
    compare((double)(int32_t)half / (double)(1u << (bits >> 59)));
    double d;
    memcpy(&d, &bits, sizeof d);
    compare(d);
  }
}

/* Powers of ten and two, their neighbours, ties, what is no number. */
static void numbers_at_the_edges(void **state)
{
  (void)state;
  for (int e = -320; e <= 308; e++)
    for (int way = -1; way <= 1; way++) {
      const double ten = pow(10.0, e), two = ldexp(1.0, 3 * e);
      compare(way ? nextafter(ten, (double)way * (double)INFINITY) : ten);
      compare(way ? nextafter(-two, (double)way * (double)INFINITY) : -two);
      compare(ten * 0.9999999995 * (1.0 + (double)way * DBL_EPSILON));
    }
  const double others[] = {0.0,
                           -0.0,
                           0.5,
                           123456789.5,
                           99999999.5,
                           999999999.5,
                           1234567.125,
                           2147483648.0,
                           (double)INFINITY,
                           -(double)INFINITY,
                           (double)NAN,
                           1e-5};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    compare(others[i]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_numbers),
      cmocka_unit_test(numbers_at_the_edges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
