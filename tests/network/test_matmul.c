/*
 * test_matmul.c: the product has the bits of the plain triple loop.
 *
 * Built twice: with kj_real float and, against kanjo_double, double.
 */
#include "support.h"

#include "network/matmul.h"
#include <stdio.h>

enum { GAP = 3 };

typedef struct layout {
  bool transposed; /* A stored as (k, m) */
  bool accumulate;
  size_t gap; /* unused numbers behind each row of A, B, C */
} layout;

static const layout LAYOUTS[] = {{false, false, 0},  {true, false, 0},
                                 {false, true, 0},   {true, true, 0},
                                 {false, true, GAP}, {true, false, GAP}};

/* The definition. */
static void multiply_plainly(const kj__matmul_problem *q)
{
  for (size_t i = 0; i < q->m; i++)
    for (size_t j = 0; j < q->n; j++) {
      kj_real *c = &q->c[i * q->c_row + j];
      kj_real sum = q->accumulate ? *c : 0;
      for (size_t p = 0; p < q->k; p++)
        sum += q->a[i * q->a_row + p * q->a_column] * q->b[p * q->b_row + j];
      *c = sum;
    }
}

/* A row-major matrix in a block of exactly its size: a sanitizer sees the
 * first number read behind it. The last row has no gap. */
static kj_real *draw_matrix(kj__random *random, size_t rows, size_t columns,
                            size_t gap)
{
  const size_t n = rows > 0 ? (rows - 1) * (columns + gap) + columns : 0;
  return draw_new(random, 0.0, 1.0, n);
}

static void check_size(size_t m, size_t n, size_t k, layout how)
{
  kj__random random = test_stream(m * 1000000 + n * 1000 + k, 0);
  const size_t a_width = (how.transposed ? m : k) + how.gap;
  kj_real *a = draw_matrix(&random, how.transposed ? k : m,
                           how.transposed ? m : k, how.gap);
  kj_real *b = draw_matrix(&random, k, n, how.gap);
  kj_real *got = draw_matrix(&random, m, n, how.gap);
  const size_t n_c = m > 0 ? (m - 1) * (n + how.gap) + n : 0;
  kj_real *expected = malloc((n_c + 1) * sizeof *expected);
  assert_non_null(expected);
  memcpy(expected, got, n_c * sizeof *expected);
  kj__matmul_problem q = {.m = m,
                          .n = n,
                          .k = k,
                          .a = a,
                          .a_row = how.transposed ? 1 : a_width,
                          .a_column = how.transposed ? a_width : 1,
                          .b = b,
                          .b_row = n + how.gap,
                          .c = got,
                          .c_row = n + how.gap,
                          .accumulate = how.accumulate};
  kj__matmul(&q);
  q.c = expected;
  multiply_plainly(&q);
  char what[120];
  snprintf(what, sizeof what, "%zu x %zu x %zu%s%s gap %zu", m, n, k,
           how.transposed ? " transposed" : "",
           how.accumulate ? " accumulated" : "", how.gap);
  assert_same(what, got, expected, n_c); /* the gaps untouched, too */
  free(a);
  free(b);
  free(got);
  free(expected);
}

static void has_the_bits_of_the_triple_loop_at_every_size(void **state)
{
  (void)state;
  static const size_t M[] = {0, 1, 2, 3, 7, 8, 9, 17};
  static const size_t N[] = {0,  1,  2,  3,  4,  5,  31, 32,
                             33, 36, 37, 63, 64, 65, 97};
  static const size_t K[] = {0, 1, 2, 31, 127, 128, 129, 300};
  for (size_t i = 0; i < sizeof M / sizeof M[0]; i++)
    for (size_t j = 0; j < sizeof N / sizeof N[0]; j++)
      for (size_t p = 0; p < sizeof K / sizeof K[0]; p++)
        for (size_t l = 0; l < sizeof LAYOUTS / sizeof LAYOUTS[0]; l++)
          check_size(M[i], N[j], K[p], LAYOUTS[l]);
}

static void has_the_bits_of_the_triple_loop_in_the_paper_s_layers(void **state)
{
  (void)state;
  check_size(1200, 32, 384, LAYOUTS[2]); /* forward */
  check_size(384, 32, 1200, LAYOUTS[1]); /* input gradient */
  check_size(1200, 384, 32, LAYOUTS[2]); /* weight gradient */
  check_size(1, 32, 600, LAYOUTS[2]);    /* output layer */
}

static void an_infinity_or_nan_stays_in_its_row_and_column(void **state)
{
  (void)state;
  enum { SIZE = 40 };
  kj__random random = test_stream(1, 0);
  kj_real *a = draw_new(&random, 0.0, 1.0, SIZE * SIZE);
  kj_real *b = draw_new(&random, 0.0, 1.0, SIZE * SIZE);
  kj_real *c = draw_new(&random, 0.0, 1.0, SIZE * SIZE);
  b[5 * SIZE + 38] = (kj_real)NAN; /* in a tile at the edge */
  a[3 * SIZE + 9] = (kj_real)INFINITY;
  kj__matmul(&(kj__matmul_problem){.m = SIZE,
                                   .n = SIZE,
                                   .k = SIZE,
                                   .a = a,
                                   .a_row = SIZE,
                                   .a_column = 1,
                                   .b = b,
                                   .b_row = SIZE,
                                   .c = c,
                                   .c_row = SIZE});
  for (size_t i = 0; i < SIZE; i++)
    for (size_t j = 0; j < SIZE; j++)
      if ((bool)isfinite(c[i * SIZE + j]) == (j == 38 || i == 3))
        fail_msg("row %zu, column %zu is %g", i, j, (double)c[i * SIZE + j]);
  free(a);
  free(b);
  free(c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(has_the_bits_of_the_triple_loop_at_every_size),
      cmocka_unit_test(has_the_bits_of_the_triple_loop_in_the_paper_s_layers),
      cmocka_unit_test(an_infinity_or_nan_stays_in_its_row_and_column),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
