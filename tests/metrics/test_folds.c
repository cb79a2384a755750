/*
 * test_folds.c: groups to folds in turn, in the order they first appear.
 */
#include "metrics/folds.h"
#include "metrics/support.h"

enum { MAX_N = 12 };

static void folds_by_hand(void **state)
{
  (void)state;
  static const struct {
    size_t n;
    bool grouped;
    size_t group[MAX_N];
    size_t n_folds;
    size_t fold[MAX_N];
  } cases[] = {
      {6, true, {9, 9, 4, 7, 4, 9}, 3, {0, 0, 1, 2, 1, 0}},
      {9, true, {8, 7, 6, 5, 4, 3, 2, 8, 3}, 5, {0, 1, 2, 3, 4, 0, 1, 0, 0}},
      {4, true, {SIZE_MAX, 0, SIZE_MAX, 0}, 2, {0, 1, 0, 1}},
      {7, true, {3, 3, 3, 3, 3, 3, 3}, 5, {0, 0, 1, 2, 2, 3, 4}},
      {10, false, {0}, 5, {0, 0, 1, 1, 2, 2, 3, 3, 4, 4}},
      {3, false, {0}, 3, {0, 1, 2}},
      {1, false, {0}, 1, {0}},
      {1, true, {5}, 1, {0}},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    kj__member member[MAX_N];
    size_t fold[MAX_N];
    const size_t n_folds = kj__folds_assign(
        cases[c].grouped ? cases[c].group : NULL, cases[c].n, 5, member, fold);
    if (n_folds != cases[c].n_folds)
      fail_msg("case %zu: %zu folds; must be %zu", c, n_folds,
               cases[c].n_folds);
    for (size_t i = 0; i < cases[c].n; i++)
      if (fold[i] != cases[c].fold[i])
        fail_msg("case %zu: row %zu is in fold %zu; must be in %zu", c, i,
                 fold[i], cases[c].fold[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(folds_by_hand)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
