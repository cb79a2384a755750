/*
 * test_narrow_kernels.c: every tier's products in bf16 have the bits of sums
 * taken one term after the other, of each pair the second term first.
 *
 * The product of two bf16 numbers has 16 bits of mantissa at most, so a float
 * holds it: a multiplication and an addition give the bits of the fused one,
 * and the baseline, which has no other, those of all the tiers.
 */
#include "narrow.h"

static kj_real sum_inputs(const layer *l, size_t o, size_t r, kj_real start)
{
  terms t = {.n = 0};
  for (size_t i = 0; i < l->s.n_in; i++)
    add_term(&t, l->weights[o * l->s.n_in + i],
             l->input[kj__panels_at(l->s.n_in, i, r)]);
  return sum_pairs(&t, start);
}

static kj_real sum_outputs(const layer *l, size_t i, size_t r)
{
  terms t = {.n = 0};
  for (size_t o = 0; o < l->s.n_out; o++)
    add_term(&t, l->weights[o * l->s.n_in + i],
             l->signal[kj__panels_at(l->s.n_out, o, r)]);
  return sum_pairs(&t, 0);
}

static kj_real relu(kj_real z)
{
  return z < 0 ? 0 : z;
}

static void check_forward(const subject *q)
{
  const layer *l = q->l;
  const shape s = l->s;
  const size_t size = kj__panels_size(s.n_out, s.n_rows);
  kj_real *z = fill_new(NAN, size), *h = fill_new(NAN, size);
  const kj__forward problem = {.n_in = s.n_in,
                               .n_out = s.n_out,
                               .n_rows = s.n_rows,
                               .weights = l->trap,
                               .bias = l->bias,
                               .input = l->trap,
                               .z = z,
                               .h = h,
                               .narrow_weights = l->forward,
                               .narrow_input = l->narrow_input};
  IN_STRIPS(q, forward, &problem, s.n_out);
  for (size_t o = 0; o < s.n_out; o = next_unit(o, s.n_out))
    for (size_t r = 0; r < s.n_rows; r++) {
      const size_t at = kj__panels_at(s.n_out, o, r);
      const kj_real expected = sum_inputs(l, o, r, l->bias[o]);
      assert_number(q, "forward z", o, r, z[at], expected);
      assert_number(q, "forward h", o, r, h[at], relu(expected));
    }
  free(z);
  free(h);
}

static void check_moved(const subject *q, bool hidden)
{
  const layer *l = q->l;
  const shape s = l->s;
  const size_t size = kj__panels_size(s.n_out, s.n_rows);
  kj_real *delta = fill_new(NAN, size), *h = fill_new(NAN, size);
  const kj__forward_moved problem = {.n_in = s.n_in,
                                     .n_out = s.n_out,
                                     .n_rows = s.n_rows,
                                     .weights = l->trap,
                                     .input = l->trap,
                                     .z = l->z,
                                     .h = hidden ? h : NULL,
                                     .delta = delta,
                                     .narrow_weights = l->forward,
                                     .narrow_input = l->narrow_input};
  IN_STRIPS(q, forward_moved, &problem, s.n_out);
  for (size_t o = 0; o < s.n_out; o = next_unit(o, s.n_out))
    for (size_t r = 0; r < s.n_rows; r++) {
      const size_t at = kj__panels_at(s.n_out, o, r);
      const kj_real t = sum_inputs(l, o, r, 0), z = l->z[at];
      const kj_real moved = relu(z + t);
      if (hidden)
        assert_number(q, "moved h", o, r, h[at], moved);
      assert_number(q, hidden ? "moved delta" : "last delta", o, r, delta[at],
                    !hidden ? t
                    : z > 0 ? (t < -z ? -z : t)
                            : moved);
    }
  free(delta);
  free(h);
}

/* With a mask and a scaled copy, or with neither. */
static void check_backward(const subject *q, bool hidden, bool accumulate)
{
  const layer *l = q->l;
  const shape s = l->s;
  const size_t size = kj__panels_size(s.n_in, s.n_rows);
  kj_real *back = fill_new(NAN, size), *scaled = fill_new(3, size);
  const kj__backward problem = {.n_in = s.n_in,
                                .n_out = s.n_out,
                                .n_rows = s.n_rows,
                                .weights = l->trap,
                                .signal = l->trap,
                                .h = hidden ? l->h : NULL,
                                .back = back,
                                .row_scale = hidden ? l->scale : NULL,
                                .scaled = hidden ? scaled : NULL,
                                .accumulate = accumulate,
                                .narrow_weights = l->backward,
                                .narrow_signal = l->narrow_signal};
  IN_STRIPS(q, backward, &problem, s.n_in);
  for (size_t i = 0; i < s.n_in; i = next_unit(i, s.n_in))
    for (size_t r = 0; r < s.n_rows; r++) {
      const size_t at = kj__panels_at(s.n_in, i, r);
      const bool passes = !hidden || l->h[at] > 0;
      const kj_real expected = passes ? sum_outputs(l, i, r) : 0;
      assert_number(q, "back", i, r, back[at], expected);
      if (hidden)
        assert_number(q, "scaled", i, r, scaled[at],
                      (accumulate ? 3 : 0) + l->scale[r] * expected);
    }
  free(back);
  free(scaled);
}

static void check_moved_both(const subject *q)
{
  check_moved(q, true);
  check_moved(q, false);
}

static void check_backward_all(const subject *q)
{
  check_backward(q, true, false);
  check_backward(q, true, true);
  check_backward(q, false, false);
}

static void forward_has_the_bits_of_the_definition(void **state)
{
  (void)state;
  check_layers(check_forward);
}

static void forward_moved_has_the_bits_of_the_definition(void **state)
{
  (void)state;
  check_layers(check_moved_both);
}

static void backward_has_the_bits_of_the_definition(void **state)
{
  (void)state;
  check_layers(check_backward_all);
}

/* 1 + 2^24 is an even 2^24, a tie, from which 2^24 leaves 0; the other way
 * round all is exact and leaves 1, and so it would be with one rounding. */
static void adds_the_second_term_of_a_pair_first(void **state)
{
  (void)state;
  const kj_real weights[] = {-4096, 4096}, bias = 1;
  kj_real input[32 * 32] = {0}, z[32 * 32];
  kj__bf16 narrow_weights[2], unused[4], pairs[32 * 32];
  input[0] = input[32] = 4096;
  kj__narrow_weights(weights, 2, 1, 0, 1, narrow_weights, unused);
  kj__narrow_pairs(input, 2, 1, 0, 32, pairs);
  const kj__forward q = {.n_in = 2,
                         .n_out = 1,
                         .n_rows = 1,
                         .weights = weights,
                         .bias = &bias,
                         .input = input,
                         .z = z,
                         .narrow_weights = narrow_weights,
                         .narrow_input = pairs};
  for (int tier = 0; tier < KJ__N_TIERS; tier++) {
    if (!kj__tier_is_here((kj__tier)tier))
      continue;
    const kj__kernels *k = kj__kernels_get((kj__tier)tier, KJ__BF16);
    k->forward(&q, 0, 1);
    if (z[0] != 0)
      fail_msg("%s: 1 + 2^24 - 2^24 is %g, must be 0", k->name, (double)z[0]);
  }
}

static void tables_say_that_they_are_narrow(void **state)
{
  (void)state;
  for (int tier = 0; tier < KJ__N_TIERS; tier++) {
    if (!kj__tier_is_here((kj__tier)tier))
      continue;
    const kj__kernels *k = kj__kernels_get((kj__tier)tier, KJ__BF16);
    assert_true(k->narrow);
    assert_string_equal(k->name, kj__tier_name((kj__tier)tier));
    assert_int_equal(k->fused,
                     kj__kernels_get((kj__tier)tier, KJ__FP32)->fused);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(forward_has_the_bits_of_the_definition),
      cmocka_unit_test(forward_moved_has_the_bits_of_the_definition),
      cmocka_unit_test(backward_has_the_bits_of_the_definition),
      cmocka_unit_test(adds_the_second_term_of_a_pair_first),
      cmocka_unit_test(tables_say_that_they_are_narrow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
