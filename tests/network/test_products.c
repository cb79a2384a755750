/*
 * test_products.c: the products of every tier are those of the triple loop, to
 * the bit, at every size near a tile's or a block's edge; and what is not
 * finite stays where it belongs.
 *
 * Built twice: with kj_real float and, against kanjo_double, double, where all
 * kernels are the plain ones.
 */
#include "support.h"

#include "network/kernels.h"
#include "network/panels.h"
#include <stdio.h>
#include <tgmath.h>

static const size_t UNITS[] = {1, 2, 5, 7, 12, 13, 25};
static const size_t TERMS[] = {1, 2, 33, 129, 384, 385};
static const size_t ROWS[] = {1, 2, 15, 17, 31, 32, 33, 65};

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

/* c (m, n) = a (m, k) b (k, n), all row-major. */
typedef struct problem {
  size_t m, k, n;
  kj_real *a, *b, *c, *c_start; /* c_start (m): what the sums start from */
} problem;

static void multiply_plainly(const problem *q, bool fused)
{
  for (size_t i = 0; i < q->m; i++)
    for (size_t j = 0; j < q->n; j++) {
      kj_real sum = q->c_start[i];
      for (size_t p = 0; p < q->k; p++) {
        const kj_real a = q->a[i * q->k + p], b = q->b[p * q->n + j];
        const volatile kj_real product = a * b;
        sum = fused ? fma(a, b, sum) : sum + product;
      }
      q->c[i * q->n + j] = sum;
    }
}

/* Panels of a matrix (a, b) that is row-major; in the padding a finite number,
 * which is seen if it gets in. */
static kj_real *new_panels(const kj_real *matrix, size_t a, size_t b)
{
  kj_real *panels = malloc(kj__panels_size(a, b) * sizeof *panels);
  assert_non_null(panels);
  for (size_t i = 0; i < kj__panels_size(a, b); i++)
    panels[i] = 777777;
  for (size_t i = 0; i < a && matrix; i++)
    for (size_t j = 0; j < b; j++)
      panels[kj__panels_at(a, i, j)] = matrix[i * b + j];
  return panels;
}

/* got is in panels. */
static void assert_product(const problem *q, const kj__kernels *kernels,
                           const char *what, const kj_real *got)
{
  for (size_t i = 0; i < q->m; i++)
    for (size_t j = 0; j < q->n; j++) {
      const kj_real c = q->c[i * q->n + j];
      const kj_real is = got[kj__panels_at(q->m, i, j)];
      if (!(is == c || (isnan(is) && isnan(c))))
        fail_msg("%s %s, %zu units, %zu terms, %zu columns: unit %zu, column "
                 "%zu is %a, must be %a",
                 kernels->name, what, q->m, q->k, q->n, i, j, (double)is,
                 (double)c);
    }
}

/* As z = b + W input. */
static void check_forward(const problem *q, const kj__kernels *kernels)
{
  kj_real *input = new_panels(q->b, q->k, q->n);
  kj_real *z = new_panels(NULL, q->m, q->n);
  const kj__forward f = {.n_in = q->k,
                         .n_out = q->m,
                         .n_rows = q->n,
                         .weights = q->a,
                         .bias = q->c_start,
                         .input = input,
                         .z = z};
  kernels->forward(&f, 0, q->m);
  assert_product(q, kernels, "forward", z);
  free(input);
  free(z);
}

/* As W' signal, W (k, m). */
static void check_backward(const problem *q, const kj__kernels *kernels)
{
  kj_real *weights = malloc(q->m * q->k * sizeof *weights);
  assert_non_null(weights);
  for (size_t i = 0; i < q->m; i++)
    for (size_t p = 0; p < q->k; p++)
      weights[p * q->m + i] = q->a[i * q->k + p];
  kj_real *signal = new_panels(q->b, q->k, q->n);
  kj_real *back = new_panels(NULL, q->m, q->n);
  const kj__backward b = {.n_in = q->m,
                          .n_out = q->k,
                          .n_rows = q->n,
                          .weights = weights,
                          .signal = signal,
                          .back = back};
  kernels->backward(&b, 0, q->m);
  assert_product(q, kernels, "backward", back);
  free(weights);
  free(signal);
  free(back);
}

/* As dW = signal columns. */
static void check_descend(const problem *q, const kj__kernels *kernels)
{
  kj_real *signal = new_panels(q->a, q->m, q->k);
  kj_real *columns = new_panels(q->b, q->k, q->n);
  kj_real *gradient = calloc(q->m * (q->n + 1), sizeof *gradient);
  assert_non_null(gradient);
  const kj__descent d = {
      .n_in = q->n,
      .n_out = q->m,
      .stack = {{.n_rows = q->k, .signal = signal, .columns = columns}},
      .gradient = gradient};
  kernels->descend(&d, 0, q->m);
  kj_real *got = new_panels(gradient, q->m, q->n);
  assert_product(q, kernels, "descend", got);
  free(signal);
  free(columns);
  free(gradient);
  free(got);
}

static problem draw_problem(size_t m, size_t k, size_t n)
{
  kj__random random = test_stream(m * 1000000 + k * 1000 + n, 0);
  return (problem){.m = m,
                   .k = k,
                   .n = n,
                   .a = draw_new(&random, 0.0, 1.0, m * k),
                   .b = draw_new(&random, 0.0, 1.0, k * n),
                   .c = draw_new(&random, 0.0, 0.0, m * n),
                   .c_start = draw_new(&random, 0.0, 1.0, m)};
}

static void free_problem(problem *q)
{
  kj_real *const blocks[] = {q->a, q->b, q->c, q->c_start};
  for (size_t i = 0; i < N_OF(blocks); i++)
    free(blocks[i]);
}

typedef void check_kind(const problem *q, const kj__kernels *kernels);

/* The plain kernels, then those of every tier that is here. */
static void check_kinds(const problem *q, check_kind *check)
{
  for (int fused = 0; fused < 2; fused++) {
    multiply_plainly(q, fused);
    if (!fused)
      check(q, &kj__kernels_plain);
    for (int t = 0; t < KJ__N_TIERS; t++) {
      if (!kj__tier_is_here((kj__tier)t))
        continue;
      const kj__kernels *kernels = kj__kernels_get((kj__tier)t, KJ__FP32);
      if (kernels->fused == fused)
        check(q, kernels);
    }
  }
}

static void check_backward_and_descend(const problem *q,
                                       const kj__kernels *kernels)
{
  check_backward(q, kernels);
  check_descend(q, kernels);
}

static void check_size(size_t m, size_t k, size_t n)
{
  problem q = draw_problem(m, k, n);
  check_kinds(&q, check_forward);
  memset(q.c_start, 0, m * sizeof *q.c_start);
  check_kinds(&q, check_backward_and_descend);
  free_problem(&q);
}

static void have_the_bits_of_the_triple_loop_at_every_size(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_OF(UNITS); i++)
    for (size_t p = 0; p < N_OF(TERMS); p++)
      for (size_t j = 0; j < N_OF(ROWS); j++)
        check_size(UNITS[i], TERMS[p], ROWS[j]);
}

static void have_the_bits_of_the_triple_loop_in_the_paper_s_layers(void **state)
{
  (void)state;
  check_size(1200, 384, 32); /* forward */
  check_size(384, 1200, 32); /* back to the inputs */
  check_size(1200, 32, 384); /* weight gradient */
  check_size(1, 600, 32);    /* output layer */
}

/* In a an infinity in unit 3, in b a NaN in column 38: in a tile at the edge.
 * The definition says that they stay there; that it does is seen first. */
static void an_infinity_or_nan_stays_in_its_unit_and_column(void **state)
{
  (void)state;
  enum { SIZE = 40, UNIT = 3, COLUMN = 38 };
  problem q = draw_problem(SIZE, SIZE, SIZE);
  memset(q.c_start, 0, SIZE * sizeof *q.c_start);
  q.a[UNIT * SIZE + 9] = (kj_real)INFINITY;
  q.b[5 * SIZE + COLUMN] = (kj_real)NAN;
  multiply_plainly(&q, false);
  for (size_t i = 0; i < SIZE; i++)
    for (size_t j = 0; j < SIZE; j++)
      assert_int_equal((bool)isfinite(q.c[i * SIZE + j]),
                       i != UNIT && j != COLUMN);
  check_kinds(&q, check_forward);
  check_kinds(&q, check_backward_and_descend);
  free_problem(&q);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(have_the_bits_of_the_triple_loop_at_every_size),
      cmocka_unit_test(have_the_bits_of_the_triple_loop_in_the_paper_s_layers),
      cmocka_unit_test(an_infinity_or_nan_stays_in_its_unit_and_column),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
