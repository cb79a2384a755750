/*
 * test_panels.c: from rows to panels and back, and transposed panels.
 */
#include "kernels_support.h"

static const size_t SIZES[] = {1, 2, 15, 31, 32, 33, 40, 64, 70};
enum { N_SIZES = sizeof SIZES / sizeof SIZES[0] };

static void check_rows(size_t n_rows, size_t n_columns)
{
  char what[80];
  kj__random random = test_stream(n_rows, n_columns);
  const size_t n = kj__panels_size(n_columns, n_rows);
  kj_real *rows = draw_new(&random, 0.0, 1.0, n_rows * n_columns);
  kj_real *back = new_untouched(n_rows * n_columns);
  kj_real *panels = new_untouched(n);
  snprintf(what, sizeof what, "%zu rows, %zu columns", n_rows, n_columns);
  kj__panels_from_rows(rows, n_rows, n_columns, panels);
  for (size_t c = 0; c < kj__pad(n_columns); c++)
    for (size_t r = 0; r < kj__pad(n_rows); r++) {
      const kj_real right =
          c < n_columns && r < n_rows ? rows[r * n_columns + c] : 0;
      const kj_real got = panels[kj__panels_at(n_columns, c, r)];
      if (got != right)
        fail_msg("%s: row %zu, column %zu is %g in panels, must be %g", what, r,
                 c, (double)got, (double)right);
    }
  kj__panels_to_rows(panels, n_rows, n_columns, back);
  assert_same(what, back, rows, n_rows * n_columns);
  free_guarded(what, back, n_rows * n_columns);
  free_guarded(what, panels, n);
  free(rows);
}

static void rows_go_to_their_places_and_come_back(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_SIZES; i++)
    for (size_t j = 0; j < N_SIZES; j++)
      check_rows(SIZES[i], SIZES[j]);
}

/* Panel by panel, the last one first. */
static void check_transposed(size_t a, size_t b)
{
  char what[80];
  kj__random random = test_stream(a, b);
  const size_t n = kj__panels_size(a, b);
  kj_real *panels = draw_panels(&random, a, b);
  kj_real *turned = new_untouched(n);
  snprintf(what, sizeof what, "(%zu, %zu)", a, b);
  for (size_t first = kj__pad(b); first > 0; first -= KJ__PANEL)
    kj__panels_transpose(panels, a, b, first - KJ__PANEL, first, turned);
  for (size_t i = 0; i < a; i++)
    for (size_t j = 0; j < b; j++)
      if (turned[kj__panels_at(b, j, i)] != panels[kj__panels_at(a, i, j)])
        fail_msg("%s: element %zu, %zu", what, i, j);
  free_guarded(what, turned, n);
  free_panels(what, panels, a, b);
}

static void transposed_panels_have_every_element(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_SIZES; i++)
    for (size_t j = 0; j < N_SIZES; j++)
      check_transposed(SIZES[i], SIZES[j]);
}

static void only_the_panels_asked_for_are_transposed(void **state)
{
  (void)state;
  enum { A = 40, B = 70 };
  kj__random random = test_stream(1, 0);
  kj_real *panels = draw_panels(&random, A, B);
  kj_real *turned = new_untouched(kj__panels_size(A, B));
  kj__panels_transpose(panels, A, B, KJ__PANEL, 2 * KJ__PANEL, turned);
  for (size_t i = 0; i < A; i++)
    for (size_t j = 0; j < B; j++)
      if ((turned[kj__panels_at(B, j, i)] != UNTOUCHED) != (j / KJ__PANEL == 1))
        fail_msg("element %zu, %zu", i, j);
  free_guarded("transposed", turned, kj__panels_size(A, B));
  free_panels("panels", panels, A, B);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_go_to_their_places_and_come_back),
      cmocka_unit_test(transposed_panels_have_every_element),
      cmocka_unit_test(only_the_panels_asked_for_are_transposed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
