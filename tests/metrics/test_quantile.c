/*
 * test_quantile.c: quantiles of samples by hand, and Student's t against the
 * printed tables and its closed forms.
 */
#include "metrics/quantile.h"
#include "metrics/support.h"

static void sample_quantiles(void **state)
{
  (void)state;
  static const double positions[][2] = {{0, 1},   {0.25, 2},  {0.3, 2.2},
                                        {0.5, 3}, {0.9, 4.6}, {1, 5}};
  for (size_t i = 0; i < sizeof positions / sizeof *positions; i++) {
    double values[] = {3, 1, 5, 2, 4};
    check_near("quantile", kj__quantile(values, 5, positions[i][0]),
               positions[i][1], 1e-15);
  }
  double one[] = {7};
  check_near("of one value", kj__quantile(one, 1, 0.95), 7, 0);
  double infinite[] = {HUGE_VAL, 1, 2};
  check_near("below an infinite one", kj__quantile(infinite, 3, 0.5), 2, 0);
  assert_true(isinf(kj__quantile(infinite, 3, 0.75)));
}

/* Two-sided .95 and .99, from the tables (6 digits); df 1: tan(pi level / 2).
 */
static void student_quantiles(void **state)
{
  (void)state;
  static const struct {
    unsigned degrees;
    double at_95, at_99;
  } table[] = {{1, 12.706205, 63.656741}, {2, 4.302653, 9.924843},
               {3, 3.182446, 5.840909},   {4, 2.776445, 4.604095},
               {5, 2.570582, 4.032143},   {9, 2.262157, 3.249836},
               {30, 2.042272, 2.749996},  {1000, 1.962339, 2.580755}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    check_near("t at .95", kj__student_quantile(0.95, table[i].degrees),
               table[i].at_95, 1e-6);
    check_near("t at .99", kj__student_quantile(0.99, table[i].degrees),
               table[i].at_99, 1e-6);
  }
  check_near("df 2 at .6", kj__student_quantile(0.6, 2),
             0.6 * sqrt(2 / (1 - 0.36)), 1e-14);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sample_quantiles),
      cmocka_unit_test(student_quantiles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
