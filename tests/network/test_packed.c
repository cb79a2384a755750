/*
 * test_packed.c: one row through weights of fp32, bf16 and int8.
 *
 * The obvious loops below define the answers; every tier that this machine
 * has must give their bits.
 */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "network/support.h"

#include "network/kernels.h"
#include "network/narrow.h"
#include "network/packed.h"
#include <float.h>
#include <stdio.h>

/* ---- tiers ---- */

static void use_tier(kj__tier tier)
{
  assert_int_equal(setenv("KANJO_CPU", kj__tier_name(tier), 1), 0);
}

static kj__tier next_tier(int tier)
{
  while (tier < KJ__N_TIERS && !kj__tier_is_here((kj__tier)tier))
    tier++;
  return (kj__tier)tier;
}

#define FOR_EACH_TIER(t)                                                       \
  for (kj__tier t = next_tier(0); t < KJ__N_TIERS; t = next_tier((int)t + 1))

/* ---- networks ---- */

static const kj_network_shape SHAPES[] = {
    {.n_layers = 1, .width = {1, 1}, KJ_ACTIVATION_LINEAR},
    {.n_layers = 1, .width = {7, 3}, KJ_ACTIVATION_RELU},
    {.n_layers = 2, .width = {31, 33, 16}, KJ_ACTIVATION_LINEAR},
    {.n_layers = 3, .width = {64, 65, 32, 2}, KJ_ACTIVATION_RELU},
    {.n_layers = 4, .width = {5, 100, 1, 129, 1}, KJ_ACTIVATION_LINEAR},
    {.n_layers = 3, .width = {384, 1200, 600, 1}, KJ_ACTIVATION_LINEAR},
};
enum { N_SHAPES = sizeof SHAPES / sizeof SHAPES[0], N_ROWS = 5 };

/* A network with weights of a kind, and what packing needs to know of it. */
typedef struct sample {
  kj_network *net;
  float *scale;
  float range[KJ_MAX_LAYERS];
  kj_weights weights;
} sample;

static kj__packed_source source_of(const sample *s)
{
  return (kj__packed_source){s->net, s->weights, s->scale, s->range};
}

static void quantise_layer(kj_real *w, size_t n_out, size_t n_in, float *scale)
{
  for (size_t o = 0; o < n_out; o++) {
    float largest = 0.0f;
    for (size_t k = 0; k < n_in; k++)
      largest = fmaxf(largest, fabsf(w[o * n_in + k]));
    scale[o] = largest / 127.0f;
    for (size_t k = 0; k < n_in; k++)
      w[o * n_in + k] = rintf(w[o * n_in + k] / scale[o]) * scale[o];
  }
}

static void round_weights(sample *s, kj_weights weights)
{
  const kj_network_shape *shape = &s->net->shape;
  float *scale = s->scale;
  for (size_t l = 0; l < shape->n_layers; l++) {
    kj_real *w = kj_network_weights(s->net, l);
    const size_t n_in = shape->width[l], n_out = shape->width[l + 1];
    for (size_t i = 0; i < n_in * n_out && weights == KJ_WEIGHTS_BF16; i++)
      w[i] = kj__widen(kj__narrow(w[i]));
    if (weights == KJ_WEIGHTS_INT8)
      quantise_layer(w, n_out, n_in, scale);
    scale += n_out;
    s->range[l] = 8.0f;
  }
}

static sample new_sample(const kj_network_shape *shape, kj_weights weights,
                         uint64_t seed)
{
  kj__random random = test_stream(seed, 0);
  size_t n_units = 0;
  for (size_t l = 0; l < shape->n_layers; l++)
    n_units += shape->width[l + 1];
  sample s = {.net = random_network(shape, &random),
              .scale = calloc(n_units, sizeof(float))};
  assert_non_null(s.scale);
  s.weights = weights;
  round_weights(&s, weights);
  return s;
}

static void clear_sample(sample *s)
{
  kj_network_destroy(s->net);
  free(s->scale);
}

/* Rows of which a third of the inputs are 0, or -0. */
static float *new_rows(size_t n_in, uint64_t seed)
{
  kj__random random = test_stream(seed, 1);
  float *x = draw_new(&random, 0.0, 1.0, N_ROWS * n_in);
  for (size_t i = 0; i < N_ROWS * n_in; i += 3)
    x[i] = i % 2 ? -0.0f : 0.0f;
  return x;
}

static void run_packed(const sample *s, const float *x, size_t n_rows, float *y)
{
  const kj__packed_source source = source_of(s);
  const kj_network_shape *shape = &s->net->shape;
  kj__packed *packed = NULL;
  kj__packed_scratch *scratch = NULL;
  kj_error err;
  if (kj__packed_create(&source, NULL, &packed, &err) != KJ_OK ||
      kj__packed_scratch_create(packed, NULL, &scratch, &err) != KJ_OK)
    fail_msg("packing: %s", err.message);
  for (size_t i = 0; i < n_rows; i++)
    kj__packed_forward(packed, x + i * shape->width[0], scratch,
                       y + i * shape->width[shape->n_layers]);
  kj__packed_scratch_destroy(scratch);
  kj__packed_destroy(packed);
}

/* ---- the obvious loops ---- */

typedef struct reference {
  const sample *s;
  bool fused;
} reference;

static float sum_floats(const float *w, const float *x, size_t n, float b,
                        bool fused)
{
  float z = b;
  for (size_t k = 0; k < n; k++)
    z = fused ? fmaf(w[k], x[k], z) : z + w[k] * x[k];
  return z;
}

/* Sums of 64 bits: nothing here can overflow. */
static float sum_steps(const float *w, const float *x, size_t n, float b,
                       float scale, float range)
{
  const float limit = (float)kj__packed_limit(n);
  const float steps_per_one = limit / range, step = range / limit;
  int64_t sum = 0;
  for (size_t k = 0; k < n; k++)
    sum += (int64_t)lrintf(w[k] / scale) *
           lrintf(fminf(fmaxf(x[k] * steps_per_one, -limit), limit));
  return b + (scale * step) * (float)(int32_t)sum;
}

static void run_reference(const reference *r, const float *x, float *y)
{
  const kj_network *net = r->s->net;
  const kj_network_shape *shape = &net->shape;
  const float *scale = r->s->scale;
  float *h = calloc(KJ_MAX_WIDTH, sizeof *h), *z = calloc(KJ_MAX_WIDTH, 4);
  memcpy(h, x, shape->width[0] * sizeof *h);
  for (size_t l = 0; l < shape->n_layers; l++) {
    const size_t n_in = shape->width[l], n_out = shape->width[l + 1];
    const bool is_last = l + 1 == shape->n_layers;
    for (size_t o = 0; o < n_out; o++) {
      const float *w = kj_network_weights(net, l) + o * n_in;
      const float b = kj_network_biases(net, l)[o];
      z[o] = r->s->weights == KJ_WEIGHTS_INT8
                 ? sum_steps(w, h, n_in, b, scale[o], r->s->range[l])
                 : sum_floats(w, h, n_in, b, r->fused);
      if (z[o] < 0 && (!is_last || shape->output == KJ_ACTIVATION_RELU))
        z[o] = 0;
    }
    scale += n_out;
    memcpy(h, z, n_out * sizeof *h);
  }
  memcpy(y, h, shape->width[shape->n_layers] * sizeof *y);
  free(z);
  free(h);
}

/* ---- the tests ---- */

static void compare_tier(const sample *s, kj__tier tier, const float *x,
                         const char *what)
{
  const kj_network_shape *shape = &s->net->shape;
  const size_t n_in = shape->width[0], n_out = shape->width[shape->n_layers];
  const reference r = {s, kj__kernels_get(tier, KJ__FP32)->fused};
  float y[N_ROWS * KJ_MAX_OUTPUTS], expected[N_ROWS * KJ_MAX_OUTPUTS];
  use_tier(tier);
  run_packed(s, x, N_ROWS, y);
  for (size_t i = 0; i < N_ROWS; i++)
    run_reference(&r, x + i * n_in, expected + i * n_out);
  assert_same(what, y, expected, N_ROWS * n_out);
}

static void test_tiers_are_the_obvious_loops(void **state)
{
  (void)state;
  size_t n_tiers = 0;
  FOR_EACH_TIER(tier)
  {
    n_tiers++;
    for (size_t i = 0; i < N_SHAPES; i++)
      for (int w = 0; w < KJ_N_WEIGHTS; w++) {
        char what[96];
        snprintf(what, sizeof what, "shape %zu, %s, %s", i,
                 kj_weights_name((kj_weights)w), kj__tier_name(tier));
        sample s = new_sample(&SHAPES[i], (kj_weights)w, 11 + i);
        float *x = new_rows(SHAPES[i].width[0], 12 + i);
        compare_tier(&s, tier, x, what);
        free(x);
        clear_sample(&s);
      }
  }
  print_message("%zu tiers on this machine\n", n_tiers);
}

/* A row by itself has the bits that it has in a batch. */
static void test_is_network_forward(void **state)
{
  (void)state;
  FOR_EACH_TIER(tier)
  {
    use_tier(tier);
    for (size_t i = 0; i < N_SHAPES; i++)
      for (int w = 0; w < KJ_WEIGHTS_INT8; w++) {
        sample s = new_sample(&SHAPES[i], (kj_weights)w, 21 + i);
        float *x = new_rows(SHAPES[i].width[0], 22 + i);
        float y[N_ROWS * KJ_MAX_OUTPUTS], expected[N_ROWS * KJ_MAX_OUTPUTS];
        kj_activations *activations = NULL;
        char what[96];
        snprintf(what, sizeof what, "shape %zu, %s, %s", i,
                 kj_weights_name((kj_weights)w), kj__tier_name(tier));
        assert_int_equal(
            kj_activations_create(&SHAPES[i], N_ROWS, NULL, &activations, NULL),
            KJ_OK);
        kj_network_forward(s.net, x, N_ROWS, activations, expected);
        run_packed(&s, x, N_ROWS, y);
        assert_same(what, y, expected,
                    N_ROWS * SHAPES[i].width[SHAPES[i].n_layers]);
        kj_activations_destroy(activations);
        free(x);
        clear_sample(&s);
      }
  }
}

/* int8 costs what the rounding of its weights costs: with 384 and 1200 normal
 * weights a unit, of which the largest is 3 to 4 sd, a step is about sd / 35
 * and its rounding error sd / 120: about 1 % of a unit's sum. */
static void test_int8_is_near(void **state)
{
  (void)state;
  const kj_network_shape *shape = &SHAPES[N_SHAPES - 1];
  sample exact = new_sample(shape, KJ_WEIGHTS_FP32, 31);
  sample s = new_sample(shape, KJ_WEIGHTS_INT8, 31);
  float *x = new_rows(shape->width[0], 32);
  float y[N_ROWS], expected[N_ROWS];
  run_packed(&exact, x, N_ROWS, expected);
  run_packed(&s, x, N_ROWS, y);
  double error = 0.0, size = 0.0;
  for (size_t i = 0; i < N_ROWS; i++) {
    error = fmax(error, fabs((double)(y[i] - expected[i])));
    size = fmax(size, fabs((double)expected[i]));
  }
  print_message("int8: largest error %g, largest output %g\n", error, size);
  if (!(error > 0.0 && error < 0.05 * size))
    fail_msg("largest error is %g; must be above 0 and below %g", error,
             0.05 * size);
  free(x);
  clear_sample(&s);
  clear_sample(&exact);
}

/* The largest sums that there can be: every weight 127 steps, every input at
 * the end of its range or beyond, in all signs. */
static void test_no_overflow(void **state)
{
  (void)state;
  static const size_t widths[] = {1, 516, 517, 65535, KJ_MAX_WIDTH};
  for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
    const size_t n = widths[i];
    const kj_network_shape shape = {
        .n_layers = 1, .width = {n, 2}, KJ_ACTIVATION_LINEAR};
    const int64_t most = (int64_t)n * 127 * kj__packed_limit(n);
    if (most > INT32_MAX || kj__packed_limit(n) < 258)
      fail_msg("width %zu: A is %d", n, (int)kj__packed_limit(n));
    sample s = new_sample(&shape, KJ_WEIGHTS_FP32, 41);
    s.weights = KJ_WEIGHTS_INT8;
    s.scale[0] = s.scale[1] = 1.0f;
    s.range[0] = (float)kj__packed_limit(n); /* a step of 1 */
    float *x = calloc(n, sizeof *x);
    for (size_t k = 0; k < n; k++) {
      x[k] = k % 2 ? -FLT_MAX : k % 4 ? FLT_MAX : (float)kj__packed_limit(n);
      kj_network_weights(s.net, 0)[k] = k % 2 ? -127.0f : 127.0f;
      kj_network_weights(s.net, 0)[n + k] = k % 2 ? 127.0f : -127.0f;
    }
    kj_network_biases(s.net, 0)[0] = kj_network_biases(s.net, 0)[1] = 0.0f;
    FOR_EACH_TIER(tier)
    {
      const float expected[2] = {(float)most, (float)-most};
      float y[2];
      use_tier(tier);
      run_packed(&s, x, 1, y);
      assert_same(kj__tier_name(tier), y, expected, 2);
    }
    free(x);
    clear_sample(&s);
  }
}

/* Inputs half way between two steps go to the even one; -0 is 0. */
static void test_rounding(void **state)
{
  (void)state;
  static const float x[] = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 0.49f, -0.0f};
  static const float expected[] = {0, 2, 2, 0, -2, 0, 0};
  const kj_network_shape shape = {
      .n_layers = 1, .width = {1, 1}, KJ_ACTIVATION_LINEAR};
  sample s = new_sample(&shape, KJ_WEIGHTS_INT8, 51);
  s.scale[0] = kj_network_weights(s.net, 0)[0] = 1.0f;
  kj_network_biases(s.net, 0)[0] = 0.0f;
  s.range[0] = (float)kj__packed_limit(1);
  FOR_EACH_TIER(tier)
  {
    float y[sizeof x / sizeof x[0]];
    use_tier(tier);
    run_packed(&s, x, sizeof x / sizeof x[0], y);
    assert_same(kj__tier_name(tier), y, expected, sizeof x / sizeof x[0]);
  }
  clear_sample(&s);
}

/* What an input of 0 keeps away must not hide a NaN among the others. */
static void test_nan_stays(void **state)
{
  (void)state;
  sample s = new_sample(&SHAPES[2], KJ_WEIGHTS_FP32, 61);
  float x[31] = {[4] = NAN}, y[16];
  run_packed(&s, x, 1, y);
  for (size_t o = 0; o < 16; o++)
    assert_true(isnan(y[o]));
  clear_sample(&s);
}

static void test_hidden_values(void **state)
{
  (void)state;
  sample s = new_sample(&SHAPES[2], KJ_WEIGHTS_FP32, 71);
  float *x = new_rows(31, 72);
  float y[16];
  kj__packed *packed = NULL;
  kj__packed_scratch *scratch = NULL;
  const kj__packed_source source = source_of(&s);
  assert_int_equal(kj__packed_create(&source, NULL, &packed, NULL), KJ_OK);
  assert_int_equal(kj__packed_scratch_create(packed, NULL, &scratch, NULL),
                   KJ_OK);
  kj__packed_forward(packed, x, scratch, y);
  s.net->shape = (kj_network_shape){1, {31, 33}, KJ_ACTIVATION_RELU};
  kj__tier tier;
  assert_int_equal(kj__tier_choose(&tier, NULL), KJ_OK);
  float expected[33];
  run_reference(&(reference){&s, kj__kernels_get(tier, KJ__FP32)->fused}, x,
                expected);
  assert_same("layer 1", kj__packed_value(scratch, 1), expected, 33);
  kj__packed_scratch_destroy(scratch);
  kj__packed_destroy(packed);
  free(x);
  clear_sample(&s);
}

static void test_failures(void **state)
{
  (void)state;
  sample s = new_sample(&SHAPES[3], KJ_WEIGHTS_INT8, 81);
  kj__packed *packed = NULL;
  kj__packed_scratch *scratch = NULL;
  const kj__packed_source source = source_of(&s);
  kj_error err;
  assert_int_equal(setenv("KANJO_CPU", "abacus", 1), 0);
  assert_int_equal(kj__packed_create(&source, NULL, &packed, &err),
                   KJ_EARGUMENT);
  assert_non_null(strstr(err.message, "KANJO_CPU is \"abacus\""));
  assert_int_equal(unsetenv("KANJO_CPU"), 0);
  for (size_t n = 1;; n++) {
    ration r = {.fails_at = n};
    const kj_allocator allocator = ration_allocator(&r);
    kj_status status = kj__packed_create(&source, &allocator, &packed, &err);
    if (status == KJ_OK)
      status = kj__packed_scratch_create(packed, &allocator, &scratch, &err);
    kj__packed_scratch_destroy(scratch);
    kj__packed_destroy(packed);
    scratch = NULL;
    packed = NULL;
    if (r.n_live != 0)
      fail_msg("failure %zu: %zu blocks were not given back", n, r.n_live);
    if (status == KJ_OK) {
      assert_int_equal(n, 6); /* 3 blocks, 2 of scratch, none more */
      break;
    }
    assert_int_equal(status, KJ_EMEMORY);
  }
  clear_sample(&s);
}

static void test_names(void **state)
{
  (void)state;
  for (int w = 0; w < KJ_N_WEIGHTS; w++) {
    kj_weights found = KJ_N_WEIGHTS;
    assert_true(kj_weights_find(kj_weights_name((kj_weights)w), &found));
    assert_int_equal(found, w);
  }
  kj_weights found = KJ_WEIGHTS_BF16;
  assert_false(kj_weights_find("int4", &found));
  assert_int_equal(found, KJ_WEIGHTS_BF16);
  assert_null(kj_weights_name(KJ_N_WEIGHTS));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tiers_are_the_obvious_loops),
      cmocka_unit_test(test_is_network_forward),
      cmocka_unit_test(test_int8_is_near),
      cmocka_unit_test(test_no_overflow),
      cmocka_unit_test(test_rounding),
      cmocka_unit_test(test_nan_stays),
      cmocka_unit_test(test_hidden_values),
      cmocka_unit_test(test_failures),
      cmocka_unit_test(test_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
