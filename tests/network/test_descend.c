/*
 * test_descend.c: weight gradients of every tier against their definition, to
 * the bit, and Adam's step on them against plain_adam.h.
 */
#include "kernels_support.h"

#include "plain_adam.h"

/* The blocks of a layer, and two stacks of rows. */
typedef struct descent {
  size_t n_in, n_out, n_parameters;
  size_t n_rows[2];
  kj_real *signal[2], *columns[2];
  kj_real *parameters, *moment1, *moment2;
  kj_real *expected; /* gradient */
} descent;

static descent draw_descent(const extent *e, size_t n_second, uint64_t seed)
{
  kj__random random = test_stream(seed, 0);
  descent d = {.n_in = e->n_in,
               .n_out = e->n_out,
               .n_parameters = e->n_out * (e->n_in + 1),
               .n_rows = {e->n_rows, n_second}};
  for (size_t s = 0; s < 2; s++)
    if (d.n_rows[s] > 0) {
      d.signal[s] = draw_panels(&random, d.n_out, d.n_rows[s]);
      d.columns[s] = draw_panels(&random, d.n_rows[s], d.n_in);
    }
  d.parameters = draw_new(&random, 0.0, 0.3, d.n_parameters);
  d.moment1 = draw_new(&random, 0.0, 0.1, d.n_parameters);
  d.moment2 = draw_new(&random, 0.0, 0.1, d.n_parameters);
  for (size_t i = 0; i < d.n_parameters; i++)
    d.moment2[i] *= d.moment2[i];
  d.expected = draw_new(&random, 0.0, 0.0, d.n_parameters);
  return d;
}

static void free_descent(descent *d)
{
  for (size_t s = 0; s < 2; s++) {
    free_panels("signal", d->signal[s], d->n_out, d->n_rows[s]);
    free_panels("columns", d->columns[s], d->n_rows[s], d->n_in);
  }
  kj_real *const blocks[] = {d->parameters, d->moment1, d->moment2,
                             d->expected};
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
    free(blocks[i]);
}

/* dz_or, row-major, of a stack. */
static kj_real *signal_rows(const descent *d, size_t s)
{
  kj_real *rows = calloc(d->n_out * d->n_rows[s], sizeof *rows);
  assert_non_null(rows);
  for (size_t o = 0; o < d->n_out; o++)
    for (size_t r = 0; r < d->n_rows[s]; r++)
      rows[o * d->n_rows[s] + r] = d->signal[s][kj__panels_at(d->n_out, o, r)];
  return rows;
}

/* The gradient: weights, then biases. */
static void expect_gradient(descent *d, bool fused)
{
  kj_real *biases = d->expected + d->n_out * d->n_in;
  memset(d->expected, 0, d->n_parameters * sizeof *d->expected);
  for (size_t s = 0; s < 2; s++) {
    if (d->n_rows[s] == 0)
      continue;
    kj_real *dz = signal_rows(d, s);
    add_product(fused, d->n_out, d->n_rows[s], d->n_in, dz, d->n_rows[s], 1,
                d->columns[s], d->expected);
    for (size_t o = 0; o < d->n_out; o++)
      for (size_t r = 0; r < d->n_rows[s]; r++)
        biases[o] += dz[o * d->n_rows[s] + r];
    free(dz);
  }
}

static kj__descent make_query(const descent *d)
{
  kj__descent q = {.n_in = d->n_in, .n_out = d->n_out};
  for (size_t s = 0; s < 2; s++)
    q.stack[s] = (kj__stack){.n_rows = d->n_rows[s],
                             .signal = d->signal[s],
                             .columns = d->columns[s]};
  return q;
}

/* Ranges from the last to the first. */
static void run_all(const kj__kernels *kernels, const kj__descent *q,
                    size_t n_a_call)
{
  const size_t n_calls = (q->n_out + n_a_call - 1) / n_a_call;
  for (size_t c = n_calls; c-- > 0;)
    kernels->descend(q, c * n_a_call, smaller_of((c + 1) * n_a_call, q->n_out));
}

static void check_gradient(const descent *d, const kj__kernels *kernels,
                           const extent *e)
{
  char text[120];
  kj_real *gradient = new_untouched(d->n_parameters);
  kj__descent q = make_query(d);
  q.gradient = gradient;
  const size_t n_some = smaller_of(e->n_units_a_call, d->n_out);
  kernels->descend(&q, 0, n_some);
  for (size_t i = 0; i < d->n_parameters; i++) {
    const size_t unit =
        i < d->n_out * d->n_in ? i / d->n_in : i - d->n_out * d->n_in;
    if ((gradient[i] == UNTOUCHED) != (unit >= n_some))
      fail_msg("%s: number %zu", name_case(text, kernels, "a range", e), i);
  }
  run_all(kernels, &q, e->n_units_a_call);
  assert_same(name_case(text, kernels, "gradient", e), gradient, d->expected,
              d->n_parameters);
  free_guarded("gradient", gradient, d->n_parameters);
}

static const kj_adam ADAM = {1e-3, 0.9, 0.999, 1e-8, 0.01};

/* The constants of adam.h, once more. */
static kj__adam_step_constants step_constants(const kj_adam *adam, double t)
{
  return (kj__adam_step_constants){
      .beta1 = (kj_real)adam->beta1,
      .one_minus_beta1 = (kj_real)(1.0 - adam->beta1),
      .beta2 = (kj_real)adam->beta2,
      .one_minus_beta2 = (kj_real)(1.0 - adam->beta2),
      .unbias1 = (kj_real)(1.0 / (1.0 - pow(adam->beta1, t))),
      .unbias2 = (kj_real)(1.0 / (1.0 - pow(adam->beta2, t))),
      .alpha = (kj_real)adam->learning_rate,
      .epsilon = (kj_real)adam->epsilon,
      .decay = (kj_real)(adam->learning_rate * adam->weight_decay)};
}

/* Parameters and moments, after the plain step if `kernels` is NULL. */
static void step(const descent *d, const kj__kernels *kernels, const extent *e,
                 kj_real *blocks[3])
{
  enum { T = 12 };
  const size_t n = d->n_parameters;
  const kj_real *const before[3] = {d->parameters, d->moment1, d->moment2};
  for (size_t i = 0; i < 3; i++) {
    blocks[i] = new_untouched(n);
    memcpy(blocks[i], before[i], n * sizeof *blocks[i]);
  }
  if (!kernels) {
    plain_adam_step(&ADAM, blocks[0], d->expected, blocks[1], blocks[2], T, n);
    return;
  }
  const kj__adam_step_constants constants = step_constants(&ADAM, T);
  kj__descent q = make_query(d);
  q.adam = &constants;
  q.parameters = blocks[0];
  q.moment1 = blocks[1];
  q.moment2 = blocks[2];
  run_all(kernels, &q, e->n_units_a_call);
}

static void check_step(const descent *d, const kj__kernels *kernels,
                       const extent *e)
{
  static const char *const names[] = {"parameters", "moment 1", "moment 2"};
  char text[120];
  kj_real *got[3], *expected[3];
  step(d, kernels, e, got);
  step(d, NULL, e, expected);
  for (size_t i = 0; i < 3; i++) {
    assert_same(name_case(text, kernels, names[i], e), got[i], expected[i],
                d->n_parameters);
    free_guarded(names[i], got[i], d->n_parameters);
    free_guarded(names[i], expected[i], d->n_parameters);
  }
}

typedef void check_kind(const descent *d, const kj__kernels *kernels,
                        const extent *e);

/* The second stack is empty, smaller, or larger; the first may be empty. */
static void check_extents(check_kind *check)
{
  static const size_t second[] = {0, 1, 32, 70};
  const kj__kernels *kinds[MOST_KINDS];
  const size_t n_kinds = all_kinds(kinds);
  for (size_t i = 0; i < N_EXTENTS; i++) {
    extent e = EXTENTS[i];
    descent d = draw_descent(&e, second[i % 4], 900 + i);
    for (int fused = 0; fused < 2; fused++) {
      expect_gradient(&d, fused);
      for (size_t k = 0; k < n_kinds; k++)
        if (kinds[k]->fused == fused)
          check(&d, kinds[k], &e);
    }
    free_descent(&d);
  }
}

static void gradients_have_the_bits_of_the_definition(void **state)
{
  (void)state;
  check_extents(check_gradient);
}

static void steps_have_the_bits_of_adam(void **state)
{
  (void)state;
  check_extents(check_step);
}

static void a_first_stack_without_rows_is_skipped(void **state)
{
  (void)state;
  const extent e = {50, 30, 0, 12};
  const kj__kernels *kinds[MOST_KINDS];
  const size_t n_kinds = all_kinds(kinds);
  descent d = draw_descent(&e, 40, 33);
  for (size_t k = 0; k < n_kinds; k++) {
    expect_gradient(&d, kinds[k]->fused);
    check_gradient(&d, kinds[k], &e);
    check_step(&d, kinds[k], &e);
  }
  free_descent(&d);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_have_the_bits_of_the_definition),
      cmocka_unit_test(steps_have_the_bits_of_adam),
      cmocka_unit_test(a_first_stack_without_rows_is_skipped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
