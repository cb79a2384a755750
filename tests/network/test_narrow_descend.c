/*
 * test_narrow_descend.c: the weight gradient in bf16, Adam's step on it and
 * the copies of the moved weights, on every tier.
 */
#include "narrow.h"

/* The rows of one or two passes through a layer. */
typedef struct passes {
  kj__stack stack[2];
  kj_real *signal[2], *columns[2];
  kj__bf16 *narrow_signal[2], *narrow_columns[2];
} passes;

static passes draw_passes(const layer *l, size_t n_rows1)
{
  const size_t n_rows[] = {l->s.n_rows, n_rows1};
  kj__random random = test_stream(l->s.n_in, n_rows1);
  passes p = {0};
  for (size_t k = 0; k < 2; k++) {
    const size_t n = n_rows[k], n_in = l->s.n_in, n_out = l->s.n_out;
    if (n == 0)
      continue;
    p.signal[k] = draw_new(&random, 0.0, 1.0, kj__panels_size(n_out, n));
    p.columns[k] = draw_new(&random, 0.0, 1.0, kj__panels_size(n, n_in));
    p.narrow_signal[k] = narrow_of(p.signal[k], n_out, n);
    p.narrow_columns[k] = pairs_of(p.columns[k], n, n_in);
    p.stack[k] = (kj__stack){.n_rows = n,
                             .signal = p.signal[k],
                             .columns = l->trap,
                             .narrow_signal = p.narrow_signal[k],
                             .narrow_columns = p.narrow_columns[k]};
  }
  return p;
}

static void free_passes(passes *p)
{
  for (size_t k = 0; k < 2; k++) {
    free(p->signal[k]);
    free(p->columns[k]);
    free(p->narrow_signal[k]);
    free(p->narrow_columns[k]);
  }
}

/* dW_oi */
static kj_real sum_rows(const passes *p, shape s, size_t o, size_t i)
{
  kj_real sum = 0;
  for (size_t k = 0; k < 2; k++) {
    terms t = {.n = 0};
    const size_t n = p->stack[k].n_rows;
    for (size_t r = 0; r < n; r++)
      add_term(&t, p->signal[k][kj__panels_at(s.n_out, o, r)],
               p->columns[k][kj__panels_at(n, r, i)]);
    sum = sum_pairs(&t, sum);
  }
  return sum;
}

/* db_o, of the signals themselves: nothing is multiplied. */
static kj_real sum_signals(const passes *p, shape s, size_t o)
{
  kj_real sum = 0;
  for (size_t k = 0; k < 2; k++)
    for (size_t r = 0; r < p->stack[k].n_rows; r++)
      sum += p->signal[k][kj__panels_at(s.n_out, o, r)];
  return sum;
}

static void check_gradient(const subject *q, const passes *p)
{
  const shape s = q->l->s;
  kj_real *gradient = fill_new(NAN, (s.n_in + 1) * s.n_out);
  const kj__descent problem = {.n_in = s.n_in,
                               .n_out = s.n_out,
                               .stack = {p->stack[0], p->stack[1]},
                               .gradient = gradient};
  IN_STRIPS(q, descend, &problem, s.n_out);
  for (size_t o = 0; o < s.n_out; o = next_unit(o, s.n_out)) {
    for (size_t i = 0; i < s.n_in; i = next_unit(i, s.n_in))
      assert_number(q, "dW", o, i, gradient[o * s.n_in + i],
                    sum_rows(p, s, o, i));
    assert_number(q, "db", o, 0, gradient[s.n_in * s.n_out + o],
                  sum_signals(p, s, o));
  }
  free(gradient);
}

static const kj__adam_step_constants ADAM = {.beta1 = 0.9F,
                                             .one_minus_beta1 = 0.1F,
                                             .beta2 = 0.99F,
                                             .one_minus_beta2 = 0.01F,
                                             .unbias1 = 3.7F,
                                             .unbias2 = 34.0F,
                                             .alpha = 0.03F,
                                             .epsilon = 1e-3F,
                                             .decay = 0.01F};

/* A parameter p with moments m, v after a step with the gradient g. */
static kj_real moved(kj_real p, kj_real m, kj_real v, kj_real g)
{
  const kj__adam_step_constants *c = &ADAM;
  m = c->beta1 * m + c->one_minus_beta1 * g;
  v = c->beta2 * v + c->one_minus_beta2 * (g * g);
  const kj_real m_hat = m * c->unbias1, v_hat = v * c->unbias2;
  return p - (c->alpha * m_hat / ((kj_real)sqrtf((float)v_hat) + c->epsilon) +
              c->decay * p);
}

/* The narrow copies are those of the moved weights, in every element. */
static void assert_copies(const subject *q, const kj_real *weights,
                          const kj__bf16 *forward, const kj__bf16 *backward)
{
  const shape s = q->l->s;
  const size_t n_forward = kj__even(s.n_in) * s.n_out;
  const size_t n_backward = s.n_in * kj__even(s.n_out);
  kj__bf16 *f = new_narrow(n_forward), *b = new_narrow(n_backward);
  kj__narrow_weights(weights, s.n_in, s.n_out, 0, s.n_out, f, b);
  for (size_t i = 0; i < n_forward; i++)
    assert_number(q, "forward copy", i / kj__even(s.n_in), i % kj__even(s.n_in),
                  forward[i], f[i]);
  for (size_t i = 0; i < n_backward; i++)
    assert_number(q, "backward copy", i / 2 / s.n_in * 2 + i % 2,
                  i / 2 % s.n_in, backward[i], b[i]);
  free(f);
  free(b);
}

static void check_descent(const subject *q, const passes *p)
{
  const shape s = q->l->s;
  const size_t n = (s.n_in + 1) * s.n_out, biases = s.n_in * s.n_out;
  kj__random random = test_stream(n, 1);
  kj_real *block = draw_new(&random, 0.0, 1.0, n), *was = fill_new(0, n);
  memcpy(was, block, n * sizeof *was);
  kj_real *m = fill_new(0.25F, n), *v = fill_new(0.5F, n);
  kj__bf16 *forward = new_narrow(kj__even(s.n_in) * s.n_out);
  kj__bf16 *backward = new_narrow(s.n_in * kj__even(s.n_out));
  const kj__descent problem = {.n_in = s.n_in,
                               .n_out = s.n_out,
                               .stack = {p->stack[0], p->stack[1]},
                               .adam = &ADAM,
                               .parameters = block,
                               .moment1 = m,
                               .moment2 = v,
                               .narrow_forward = forward,
                               .narrow_backward = backward};
  IN_STRIPS(q, descend, &problem, s.n_out);
  for (size_t o = 0; o < s.n_out; o = next_unit(o, s.n_out)) {
    for (size_t i = 0; i < s.n_in; i = next_unit(i, s.n_in))
      assert_number(
          q, "moved weight", o, i, block[o * s.n_in + i],
          moved(was[o * s.n_in + i], 0.25F, 0.5F, sum_rows(p, s, o, i)));
    assert_number(q, "moved bias", o, 0, block[biases + o],
                  moved(was[biases + o], 0.25F, 0.5F, sum_signals(p, s, o)));
  }
  assert_copies(q, block, forward, backward);
  void *blocks[] = {block, was, m, v, forward, backward};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    free(blocks[i]);
}

/* A step of no length, from parameters with any bits: halfway cases, NaNs,
 * infinities, denormal numbers. */
static void check_copies(const subject *q)
{
  const shape s = q->l->s;
  const size_t n = (s.n_in + 1) * s.n_out;
  kj__random random = test_stream(n, 2);
  kj_real *block = fill_new(0, n), *m = fill_new(0, n), *v = fill_new(1, n);
  for (size_t i = 0; i < n; i++) {
    const uint32_t bits = kj__random_u32(&random);
    const uint32_t value = i % 2 ? bits : (bits & 0xffff0000) | 0x8000;
    memcpy(&block[i], &value, sizeof value);
  }
  kj__bf16 *forward = new_narrow(kj__even(s.n_in) * s.n_out);
  kj__bf16 *backward = new_narrow(s.n_in * kj__even(s.n_out));
  const kj__adam_step_constants still = {.beta2 = 1};
  const kj__descent problem = {.n_in = s.n_in,
                               .n_out = s.n_out,
                               .adam = &still,
                               .parameters = block,
                               .moment1 = m,
                               .moment2 = v,
                               .narrow_forward = forward,
                               .narrow_backward = backward};
  IN_STRIPS(q, descend, &problem, s.n_out);
  assert_copies(q, block, forward, backward);
  void *blocks[] = {block, m, v, forward, backward};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    free(blocks[i]);
}

static void copies_round_like_the_definition(void **state)
{
  (void)state;
  check_layers(check_copies);
}

static void check_passes(const subject *q)
{
  for (size_t n_rows = 0; n_rows <= 37; n_rows += 37) {
    passes p = draw_passes(q->l, n_rows);
    check_gradient(q, &p);
    check_descent(q, &p);
    free_passes(&p);
  }
}

static void descend_has_the_bits_of_the_definition(void **state)
{
  (void)state;
  check_layers(check_passes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(descend_has_the_bits_of_the_definition),
      cmocka_unit_test(copies_round_like_the_definition),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
