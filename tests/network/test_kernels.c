/*
 * test_kernels.c: the kernels of every tier against their definition: triple
 * loops with a fused multiply-add for each term, or none, to the bit.
 */
#include "kernels_support.h"

/* What the products of one extent read, and what they are to give. */
typedef struct products {
  extent e;
  kj_real *weights, *bias;
  kj_real *input, *signal, *z, *row_scale;
  kj_real *sums, *expected, *expected_too; /* row-major */
} products;

static products draw_products(const extent *e, uint64_t seed)
{
  kj__random random = test_stream(seed, 0);
  const size_t most = (e->n_in > e->n_out ? e->n_in : e->n_out) * e->n_rows;
  products p = {.e = *e};
  p.weights = draw_new(&random, 0.0, 0.3, e->n_in * e->n_out);
  p.bias = draw_new(&random, 0.0, 1.0, e->n_out);
  p.row_scale = draw_new(&random, 0.0, 1.0, kj__pad(e->n_rows));
  p.input = draw_panels(&random, e->n_in, e->n_rows);
  p.signal = draw_panels(&random, e->n_out, e->n_rows);
  p.z = draw_panels(&random, e->n_out, e->n_rows);
  for (size_t i = 0; i < kj__panels_size(e->n_in, e->n_rows); i += 3)
    if (p.input[i] != PADDING)
      p.input[i] = 0; /* as of a unit that is off */
  for (size_t i = 0; i < kj__panels_size(e->n_out, e->n_rows); i += 5)
    if (p.z[i] != PADDING)
      p.z[i] = 0;
  p.sums = draw_new(&random, 0.0, 0.0, most);
  p.expected = draw_new(&random, 0.0, 0.0, most);
  p.expected_too = draw_new(&random, 0.0, 0.0, most);
  return p;
}

static void free_products(products *p)
{
  const extent *e = &p->e;
  free_panels("input", p->input, e->n_in, e->n_rows);
  free_panels("signal", p->signal, e->n_out, e->n_rows);
  free_panels("z", p->z, e->n_out, e->n_rows);
  kj_real *const blocks[] = {p->weights, p->bias,     p->row_scale,
                             p->sums,    p->expected, p->expected_too};
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
    free(blocks[i]);
}

static kj_real relu(kj_real z)
{
  return z < 0 ? 0 : z;
}

typedef void run_range(const kj__kernels *kernels, const void *q, size_t first,
                       size_t last);

/* Ranges from the last to the first. */
static void run_all(run_range *run, const kj__kernels *kernels, const void *q,
                    size_t n_units, size_t n_a_call)
{
  const size_t n_calls = (n_units + n_a_call - 1) / n_a_call;
  for (size_t c = n_calls; c-- > 0;)
    run(kernels, q, c * n_a_call, smaller_of((c + 1) * n_a_call, n_units));
}

/* ---- forward ---- */

static void run_forward(const kj__kernels *kernels, const void *q, size_t first,
                        size_t last)
{
  kernels->forward(q, first, last);
}

static void check_forward(const products *p, const kj__kernels *kernels,
                          bool want_z, bool want_h)
{
  char text[120];
  const extent *e = &p->e;
  const size_t n = kj__panels_size(e->n_out, e->n_rows);
  kj_real *z = new_untouched(n), *h = new_untouched(n);
  const kj__forward q = {.n_in = e->n_in,
                         .n_out = e->n_out,
                         .n_rows = e->n_rows,
                         .weights = p->weights,
                         .bias = p->bias,
                         .input = p->input,
                         .z = want_z ? z : NULL,
                         .h = want_h ? h : NULL};
  /* first a single range: no other unit is written */
  const size_t n_some = smaller_of(e->n_units_a_call, e->n_out);
  kernels->forward(&q, 0, n_some);
  assert_panels(name_case(text, kernels, "forward z, a range", e), z, p->sums,
                e->n_out, e->n_rows, want_z ? n_some : 0);
  run_all(run_forward, kernels, &q, e->n_out, e->n_units_a_call);
  assert_panels(name_case(text, kernels, "forward z", e), z, p->sums, e->n_out,
                e->n_rows, want_z ? e->n_out : 0);
  assert_panels(name_case(text, kernels, "forward h", e), h, p->expected,
                e->n_out, e->n_rows, want_h ? e->n_out : 0);
  free_guarded("z", z, n);
  free_guarded("h", h, n);
}

static void expect_forward(products *p, bool fused)
{
  const extent *e = &p->e;
  for (size_t i = 0; i < e->n_out * e->n_rows; i++)
    p->sums[i] = p->bias[i / e->n_rows];
  add_product(fused, e->n_out, e->n_in, e->n_rows, p->weights, e->n_in, 1,
              p->input, p->sums);
  for (size_t i = 0; i < e->n_out * e->n_rows; i++)
    p->expected[i] = relu(p->sums[i]);
}

/* ---- forward_moved ---- */

static void run_moved(const kj__kernels *kernels, const void *q, size_t first,
                      size_t last)
{
  kernels->forward_moved(q, first, last);
}

static void check_moved(const products *p, const kj__kernels *kernels,
                        bool hidden)
{
  char text[120];
  const extent *e = &p->e;
  const size_t n = kj__panels_size(e->n_out, e->n_rows);
  kj_real *delta = new_untouched(n), *h = new_untouched(n);
  const kj__forward_moved q = {.n_in = e->n_in,
                               .n_out = e->n_out,
                               .n_rows = e->n_rows,
                               .weights = p->weights,
                               .input = p->input,
                               .z = hidden ? p->z : NULL,
                               .h = hidden ? h : NULL,
                               .delta = delta};
  run_all(run_moved, kernels, &q, e->n_out, e->n_units_a_call);
  assert_panels(name_case(text, kernels, "forward_moved delta", e), delta,
                hidden ? p->expected : p->sums, e->n_out, e->n_rows, e->n_out);
  assert_panels(name_case(text, kernels, "forward_moved h", e), h,
                p->expected_too, e->n_out, e->n_rows, hidden ? e->n_out : 0);
  free_guarded("delta", delta, n);
  free_guarded("h", h, n);
}

static void expect_moved(products *p, bool fused)
{
  const extent *e = &p->e;
  memset(p->sums, 0, e->n_out * e->n_rows * sizeof *p->sums);
  add_product(fused, e->n_out, e->n_in, e->n_rows, p->weights, e->n_in, 1,
              p->input, p->sums);
  for (size_t i = 0; i < e->n_out * e->n_rows; i++) {
    const kj_real z =
        p->z[kj__panels_at(e->n_out, i / e->n_rows, i % e->n_rows)];
    const kj_real t = p->sums[i];
    const kj_real h = relu(z + t);
    p->expected_too[i] = h;
    p->expected[i] = z > 0 ? (t < -z ? -z : t) : h;
  }
}

/* ---- backward ---- */

static void run_backward(const kj__kernels *kernels, const void *q,
                         size_t first, size_t last)
{
  kernels->backward(q, first, last);
}

/* How the products go back: masked by the input, scaled, added. */
typedef struct manner {
  bool masked, scaled, accumulate;
} manner;

static const manner MANNERS[] = {{false, false, false},
                                 {true, false, false},
                                 {true, true, false},
                                 {false, true, true},
                                 {true, true, true}};

static void expect_backward(products *p, const manner *how)
{
  const extent *e = &p->e;
  for (size_t i = 0; i < e->n_in * e->n_rows; i++) {
    const size_t row = i % e->n_rows;
    const kj_real h = p->input[kj__panels_at(e->n_in, i / e->n_rows, row)];
    p->expected[i] = !how->masked || h > 0 ? p->sums[i] : 0;
    const volatile kj_real scaled = p->row_scale[row] * p->expected[i];
    p->expected_too[i] = how->accumulate ? UNTOUCHED + scaled : scaled;
  }
}

static void check_backward(products *p, const kj__kernels *kernels,
                           const manner *how)
{
  char text[120];
  const extent *e = &p->e;
  const size_t n = kj__panels_size(e->n_in, e->n_rows);
  kj_real *back = new_untouched(n), *scaled = new_untouched(n);
  const kj__backward q = {.n_in = e->n_in,
                          .n_out = e->n_out,
                          .n_rows = e->n_rows,
                          .weights = p->weights,
                          .signal = p->signal,
                          .h = how->masked ? p->input : NULL,
                          .back = back,
                          .row_scale = how->scaled ? p->row_scale : NULL,
                          .scaled = how->scaled ? scaled : NULL,
                          .accumulate = how->accumulate};
  expect_backward(p, how);
  run_all(run_backward, kernels, &q, e->n_in, e->n_units_a_call);
  assert_panels(name_case(text, kernels, "back", e), back, p->expected, e->n_in,
                e->n_rows, e->n_in);
  assert_panels(name_case(text, kernels, "scaled", e), scaled, p->expected_too,
                e->n_in, e->n_rows, how->scaled ? e->n_in : 0);
  free_guarded("back", back, n);
  free_guarded("scaled", scaled, n);
}

/* ---- all of them ---- */

typedef void check_kind(products *p, const kj__kernels *kernels);

/* Each extent, its expected sums once for all kernels that are fused, or are
 * not. */
static void check_extents(void (*expect)(products *p, bool fused),
                          check_kind *check)
{
  const kj__kernels *kinds[MOST_KINDS];
  const size_t n_kinds = all_kinds(kinds);
  for (size_t i = 0; i < N_EXTENTS; i++) {
    products p = draw_products(&EXTENTS[i], 500 + i);
    for (int fused = 0; fused < 2; fused++) {
      expect(&p, fused);
      for (size_t k = 0; k < n_kinds; k++)
        if (kinds[k]->fused == fused)
          check(&p, kinds[k]);
    }
    free_products(&p);
  }
}

static void check_forwards(products *p, const kj__kernels *kernels)
{
  check_forward(p, kernels, true, true);
  check_forward(p, kernels, true, false);
  check_forward(p, kernels, false, true);
}

static void check_moves(products *p, const kj__kernels *kernels)
{
  check_moved(p, kernels, true);
  check_moved(p, kernels, false);
}

static void sum_backward(products *p, bool fused)
{
  const extent *e = &p->e;
  memset(p->sums, 0, e->n_in * e->n_rows * sizeof *p->sums);
  add_product(fused, e->n_in, e->n_out, e->n_rows, p->weights, 1, e->n_in,
              p->signal, p->sums);
}

static void check_backwards(products *p, const kj__kernels *kernels)
{
  for (size_t i = 0; i < sizeof MANNERS / sizeof MANNERS[0]; i++)
    check_backward(p, kernels, &MANNERS[i]);
}

static void forward_has_the_bits_of_the_definition(void **state)
{
  (void)state;
  check_extents(expect_forward, check_forwards);
}

static void forward_moved_has_the_bits_of_the_definition(void **state)
{
  (void)state;
  check_extents(expect_moved, check_moves);
}

static void backward_has_the_bits_of_the_definition(void **state)
{
  (void)state;
  check_extents(sum_backward, check_backwards);
}

/* Row BAD of every input is NaN: it shows in all that becomes of the row, and
 * nowhere else. */
static void a_nan_stays_in_its_row_and_is_not_clipped(void **state)
{
  (void)state;
  enum { N_IN = 40, N_OUT = 30, N_ROWS = 45, BAD = 33 };
  const extent e = {N_IN, N_OUT, N_ROWS, 12};
  const kj__kernels *kinds[MOST_KINDS];
  const size_t n_kinds = all_kinds(kinds);
  products p = draw_products(&e, 77);
  p.input[kj__panels_at(N_IN, 7, BAD)] = (kj_real)NAN;
  p.signal[kj__panels_at(N_OUT, 3, BAD)] = (kj_real)NAN;
  kj_real *out[4];
  for (size_t i = 0; i < 4; i++)
    out[i] = new_untouched(kj__panels_size(N_IN, N_ROWS));
  for (size_t k = 0; k < n_kinds; k++) {
    kinds[k]->forward(&(kj__forward){N_IN, N_OUT, N_ROWS, p.weights, p.bias,
                                     p.input, NULL, out[0], NULL, NULL},
                      0, N_OUT);
    kinds[k]->forward_moved(&(kj__forward_moved){N_IN, N_OUT, N_ROWS, p.weights,
                                                 p.input, p.z, out[1], out[2],
                                                 NULL, NULL},
                            0, N_OUT);
    kinds[k]->backward(&(kj__backward){.n_in = N_IN,
                                       .n_out = N_OUT,
                                       .n_rows = N_ROWS,
                                       .weights = p.weights,
                                       .signal = p.signal,
                                       .back = out[3]},
                       0, N_IN);
    for (size_t i = 0; i < 4; i++)
      for (size_t u = 0; u < (i < 3 ? N_OUT : N_IN); u++)
        for (size_t r = 0; r < N_ROWS; r++)
          if ((bool)isnan(out[i][kj__panels_at(i < 3 ? N_OUT : N_IN, u, r)]) !=
              (r == BAD))
            fail_msg("%s, result %zu: unit %zu, row %zu", kinds[k]->name, i, u,
                     r);
  }
  for (size_t i = 0; i < 4; i++)
    free_guarded("a result", out[i], kj__panels_size(N_IN, N_ROWS));
  free_products(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(forward_has_the_bits_of_the_definition),
      cmocka_unit_test(forward_moved_has_the_bits_of_the_definition),
      cmocka_unit_test(backward_has_the_bits_of_the_definition),
      cmocka_unit_test(a_nan_stays_in_its_row_and_is_not_clipped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
