/*
 * test_weights.c: estimators with weights of 16 and 8 bits: how they are made,
 * what they cost, and which are refused.
 */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "estimator/support.h"

#include "base/tier.h"
#include <float.h>
#include <stdio.h>

enum { N_ROWS = 40, N_VALUES = N_ROWS * SAMPLE_TARGETS };

static float *new_rows(uint64_t seed)
{
  kj__random random = test_stream(seed, 3);
  return draw_new(&random, 0.0, 1.0, (size_t)N_ROWS * SAMPLE_INPUTS);
}

static kj_estimator *converted(const kj_estimator *from, kj_weights weights,
                               const float *rows)
{
  kj_estimator *to = NULL;
  kj_error err;
  if (kj_estimator_convert(from, weights, rows, N_ROWS, &to, &err) != KJ_OK)
    fail_msg("kj_estimator_convert: %s", err.message);
  assert_int_equal(kj_estimator_get_parts(to)->weights, weights);
  return to;
}

/* ---- values ---- */

/* One row or forty, one at a time or 64: a row's values are the same. */
static void test_same_bits_in_any_batch(void **state)
{
  (void)state;
  static const size_t batches[] = {1, 2, 6, 7, 32, 33, 64};
  float *x = new_rows(12);
  for (int t = 0; t < KJ__N_TIERS; t++) {
    if (!kj__tier_is_here((kj__tier)t))
      continue;
    assert_int_equal(setenv("KANJO_CPU", kj__tier_name((kj__tier)t), 1), 0);
    for (int w = 0; w < KJ_N_WEIGHTS; w++) {
      kj_estimator *estimator = sample_estimator_of((kj_weights)w, 11);
      double expected[N_VALUES], values[N_VALUES];
      estimate(estimator, 1, x, N_ROWS, 0, expected);
      for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
        char what[96];
        snprintf(what, sizeof what, "%s, %s, %zu rows at a time",
                 kj__tier_name((kj__tier)t), kj_weights_name((kj_weights)w),
                 batches[i]);
        estimate(estimator, batches[i], x, N_ROWS, 0, values);
        assert_same_values(what, values, expected, N_VALUES);
      }
      kj_estimator_destroy(estimator);
    }
  }
  assert_int_equal(unsetenv("KANJO_CPU"), 0);
  free(x);
}

static double largest_difference(const double *a, const double *b)
{
  double largest = 0.0;
  for (size_t i = 0; i < N_VALUES; i++)
    largest = fmax(largest, fabs(a[i] - b[i]));
  return largest;
}

/* Rounding moves values, and little. Weights of size 1: bf16 by 2^-9 of each,
 * int8 by at most 1/254 of the unit's largest. */
static void test_little_is_lost(void **state)
{
  (void)state;
  float *x = new_rows(22);
  kj_estimator *exact = sample_estimator(21);
  double expected[N_VALUES], values[N_VALUES];
  estimate(exact, 1, x, N_ROWS, 0, expected);
  for (int w = KJ_WEIGHTS_BF16; w < KJ_N_WEIGHTS; w++) {
    kj_estimator *estimator = sample_estimator_of((kj_weights)w, 21);
    estimate(estimator, 1, x, N_ROWS, 0, values);
    const double error = largest_difference(values, expected);
    print_message("%s: values move by up to %g\n",
                  kj_weights_name((kj_weights)w), error);
    if (!(error > 1e-5 && error < 0.05))
      fail_msg("%s: largest difference is %g; must be 1e-5..0.05",
               kj_weights_name((kj_weights)w), error);
    kj_estimator_destroy(estimator);
  }
  kj_estimator_destroy(exact);
  free(x);
}

/* Rows that the calibration never saw, ten times as large: they are cut at the
 * range, and the values stay finite. */
static void test_beyond_the_range(void **state)
{
  (void)state;
  float *x = new_rows(32);
  kj_estimator *estimator = sample_estimator_of(KJ_WEIGHTS_INT8, 31);
  double values[N_VALUES];
  for (size_t i = 0; i < (size_t)N_ROWS * SAMPLE_INPUTS; i++)
    x[i] *= i % 2 ? 1e30f : 10.0f;
  estimate(estimator, 8, x, N_ROWS, 1, values);
  for (size_t i = 0; i < N_VALUES; i++)
    assert_true(fabs(values[i]) < 1e3);
  kj_estimator_destroy(estimator);
  free(x);
}

/* ---- how they are made ---- */

static void test_bf16_rounds_to_nearest(void **state)
{
  (void)state;
  kj_estimator *exact = sample_estimator(41);
  kj_estimator *narrow = sample_estimator_of(KJ_WEIGHTS_BF16, 41);
  const kj_network *from = kj_estimator_get_parts(exact)->part[1].network;
  const kj_network *to = kj_estimator_get_parts(narrow)->part[1].network;
  for (size_t l = 0; l < from->shape.n_layers; l++) {
    const size_t n = from->shape.width[l] * from->shape.width[l + 1];
    for (size_t i = 0; i < n; i++) {
      const float w = kj_network_weights(from, l)[i];
      const float r = kj_network_weights(to, l)[i];
      uint32_t bits;
      memcpy(&bits, &r, sizeof bits);
      if ((bits & 0xffff) != 0 || fabsf(r - w) > ldexpf(fabsf(w), -8))
        fail_msg("layer %zu, weight %zu: %.9g became %.9g", l, i, (double)w,
                 (double)r);
    }
    assert_same("biases", kj_network_biases(to, l), kj_network_biases(from, l),
                from->shape.width[l + 1]);
  }
  kj_estimator_destroy(narrow);
  kj_estimator_destroy(exact);
}

static void test_int8_scales(void **state)
{
  (void)state;
  kj_estimator *exact = sample_estimator(51);
  kj_estimator *narrow = sample_estimator_of(KJ_WEIGHTS_INT8, 51);
  const kj_estimator_part *part = &kj_estimator_get_parts(narrow)->part[1];
  const kj_network *from = kj_estimator_get_parts(exact)->part[1].network;
  const float *scale = part->scale;
  for (size_t l = 0; l < from->shape.n_layers; l++)
    for (size_t o = 0; o < from->shape.width[l + 1]; o++, scale++) {
      const size_t n = from->shape.width[l];
      float largest = 0.0f;
      for (size_t k = 0; k < n; k++) {
        const float w = kj_network_weights(from, l)[o * n + k];
        const float r = kj_network_weights(part->network, l)[o * n + k];
        largest = fmaxf(largest, fabsf(w));
        assert_near("weight", (double)r, (double)w, 0.5001 * (double)*scale);
      }
      assert_near("scale", (double)*scale, (double)largest / 127.0,
                  1e-6 * (double)*scale);
    }
  kj_estimator_destroy(narrow);
  kj_estimator_destroy(exact);
}

/* Twice the largest input of a layer; for features, the clip at most. */
static void test_int8_ranges(void **state)
{
  (void)state;
  static const struct {
    float size, range;
  } rows[] = {{0.5f, 1.0f}, {1.0f, 2.0f}, {2.0f, 2.5f}, {0.0f, 1.0f}};
  kj_estimator *from = sample_estimator(61);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const float x[SAMPLE_INPUTS] = {0.0f, -rows[i].size, rows[i].size / 2};
    kj_estimator *to = NULL;
    assert_int_equal(
        kj_estimator_convert(from, KJ_WEIGHTS_INT8, x, 1, &to, NULL), KJ_OK);
    const kj_estimator_part *part = &kj_estimator_get_parts(to)->part[0];
    assert_near("range of the features", (double)part->range[0],
                (double)rows[i].range, 0.0);
    const kj_network *net = kj_estimator_get_parts(from)->part[0].network;
    float largest = 0.0f;
    for (size_t o = 0; o < net->shape.width[1]; o++) {
      float z = kj_network_biases(net, 0)[o];
      for (size_t k = 0; k < SAMPLE_INPUTS; k++)
        z += kj_network_weights(net, 0)[o * SAMPLE_INPUTS + k] * x[k];
      largest = fmaxf(largest, z);
    }
    assert_near("range of layer 1", (double)part->range[1],
                2.0 * (double)largest, 1e-5);
    kj_estimator_destroy(to);
  }
  kj_estimator_destroy(from);
}

/* Weights of 0, and denormal ones, have steps of the least normal size. */
static void test_tiny_weights(void **state)
{
  (void)state;
  sample s;
  sample_init(&s, 71);
  for (size_t k = 0; k < SAMPLE_INPUTS; k++) {
    kj_network_weights(s.network[0], 0)[k] = 0.0f;
    kj_network_weights(s.network[0], 0)[SAMPLE_INPUTS + k] = 1e-40f;
  }
  float *rows = new_rows(72);
  kj_estimator *from = new_estimator(&s.parts);
  kj_estimator *to = converted(from, KJ_WEIGHTS_INT8, rows);
  const kj_estimator_part *part = &kj_estimator_get_parts(to)->part[0];
  for (size_t o = 0; o < 2; o++) {
    assert_true(part->scale[o] == FLT_MIN);
    assert_true(kj_network_weights(part->network, 0)[o * SAMPLE_INPUTS] ==
                0.0f);
  }
  kj_estimator_destroy(to);
  kj_estimator_destroy(from);
  free(rows);
  sample_clear(&s);
}

/* From bf16 back to fp32 the estimates keep their bits. */
static void test_bf16_back_to_fp32(void **state)
{
  (void)state;
  float *x = new_rows(82);
  kj_estimator *narrow = sample_estimator_of(KJ_WEIGHTS_BF16, 81);
  kj_estimator *wide = NULL;
  double expected[N_VALUES], values[N_VALUES];
  assert_int_equal(
      kj_estimator_convert(narrow, KJ_WEIGHTS_FP32, NULL, 0, &wide, NULL),
      KJ_OK);
  estimate(narrow, 1, x, N_ROWS, 0, expected);
  estimate(wide, 1, x, N_ROWS, 0, values);
  assert_same_values("fp32", values, expected, N_VALUES);
  kj_estimator_destroy(wide);
  kj_estimator_destroy(narrow);
  free(x);
}

/* ---- what is refused ---- */

static void test_conversions_refused(void **state)
{
  (void)state;
  static const struct {
    kj_weights from, to;
    const char *says;
  } rows[] = {
      {KJ_WEIGHTS_FP32, KJ_WEIGHTS_FP32, "weights are fp32 already"},
      {KJ_WEIGHTS_BF16, KJ_WEIGHTS_BF16, "weights are bf16 already"},
      {KJ_WEIGHTS_INT8, KJ_WEIGHTS_INT8, "weights are int8 already"},
      {KJ_WEIGHTS_BF16, KJ_WEIGHTS_INT8, "weights are bf16; convert the fp32"},
      {KJ_WEIGHTS_INT8, KJ_WEIGHTS_FP32, "weights are int8; convert the fp32"},
      {KJ_WEIGHTS_INT8, KJ_WEIGHTS_BF16, "weights are int8; convert the fp32"},
      {KJ_WEIGHTS_FP32, KJ_N_WEIGHTS, "weights is 3; must be 0..2"},
  };
  float *x = new_rows(91);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    kj_estimator *from = sample_estimator_of(rows[i].from, 91), *to = NULL;
    kj_error err;
    const kj_status status =
        kj_estimator_convert(from, rows[i].to, x, N_ROWS, &to, &err);
    assert_error(rows[i].says, status, &err, KJ_EARGUMENT, rows[i].says);
    assert_null(to);
    kj_estimator_destroy(from);
  }
  free(x);
}

static void test_rows_refused(void **state)
{
  (void)state;
  float *x = new_rows(101);
  kj_estimator *from = sample_estimator(101), *to = NULL;
  kj_error err;
  kj_status status =
      kj_estimator_convert(from, KJ_WEIGHTS_INT8, x, 0, &to, &err);
  assert_error("no row", status, &err, KJ_EDATA, "n_rows is 0");
  x[2 * SAMPLE_INPUTS + 5] = INFINITY;
  status = kj_estimator_convert(from, KJ_WEIGHTS_INT8, x, N_ROWS, &to, &err);
  assert_error("infinite", status, &err, KJ_EDATA,
               "feature in row 2, column 5 (from 0) is inf");
  assert_null(to);
  kj_estimator_destroy(from);
  free(x);
}

/* Weights that the kind has no room for. */
static void test_weights_too_large(void **state)
{
  (void)state;
  static const struct {
    kj_weights weights;
    const char *says;
  } rows[] = {{KJ_WEIGHTS_BF16, "network 1: layer 2: weight 3 is 3.40282e+38, "
                                "too large for bf16"},
              {KJ_WEIGHTS_INT8, "cannot be int8: network 1: layer 2: unit 1 "
                                "may reach"}};
  float *x = new_rows(111);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    sample s;
    sample_init(&s, 111);
    kj_network_weights(s.network[1], 2)[3] = FLT_MAX;
    kj_estimator *from = new_estimator(&s.parts), *to = NULL;
    kj_error err;
    const kj_status status =
        kj_estimator_convert(from, rows[i].weights, x, N_ROWS, &to, &err);
    assert_error("FLT_MAX", status, &err, KJ_EDATA, rows[i].says);
    kj_estimator_destroy(from);
    sample_clear(&s);
  }
  free(x);
}

/* ---- parts that say one thing and hold another ---- */

static void refuse_parts(const char *what, const kj_estimator_parts *parts,
                         const char *says)
{
  kj_estimator *out = NULL;
  kj_error err;
  const kj_status status = kj_estimator_create(parts, NULL, &out, &err);
  if (status == KJ_OK)
    fail_msg("%s: was accepted", what);
  assert_error(what, status, &err, KJ_EARGUMENT, says);
  assert_null(out);
}

static void test_ranges_and_scales_refused(void **state)
{
  (void)state;
  static const float wrong[] = {0.0f,      -1.0f,  NAN,   INFINITY,
                                -INFINITY, 1e-38f, 1e31f, FLT_MAX};
  kj_estimator *estimator = sample_estimator_of(KJ_WEIGHTS_INT8, 121);
  kj_estimator_parts parts = *kj_estimator_get_parts(estimator);
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    char what[64];
    snprintf(what, sizeof what, "%g", (double)wrong[i]);
    float *range = &parts.part[1].range[2], *scale = &parts.part[0].scale[3];
    const float old_range = *range, old_scale = *scale;
    *range = wrong[i];
    refuse_parts(what, &parts, "network 1: layer 2: range is");
    *range = old_range;
    *scale = wrong[i];
    refuse_parts(what, &parts, "network 0: layer 0: ");
    *scale = old_scale;
  }
  float *scale = parts.part[1].scale;
  parts.part[1].scale = NULL;
  refuse_parts("no scale", &parts, "network 1: scale is NULL");
  parts.part[1].scale = scale;
  kj_estimator_destroy(estimator);
}

static void test_weights_of_another_kind(void **state)
{
  (void)state;
  kj_estimator *estimator = sample_estimator_of(KJ_WEIGHTS_INT8, 131);
  kj_estimator_parts parts = *kj_estimator_get_parts(estimator);
  const kj_network *net = parts.part[1].network;
  float *w = &kj_network_weights(net, 1)[4];
  const float old = *w, step = parts.part[1].scale[4 + 1];
  static const float wrong[] = {-128.0f, 128.0f, 0.5f, 1.001f, 1e9f};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    *w = wrong[i] * step;
    refuse_parts("steps", &parts, "layer 1: weight 0 of unit 1 is");
  }
  *w = NAN;
  refuse_parts("NaN", &parts, "layer 1: weight 0 of unit 1 is nan");
  *w = old;
  parts.weights = KJ_WEIGHTS_BF16;
  refuse_parts("bf16", &parts, "which bf16 does not have");
  parts.weights = KJ_N_WEIGHTS;
  refuse_parts("none", &parts, "weights is 3; must be 0..2");
  parts.weights = KJ_WEIGHTS_INT8;
  kj_estimator_destroy(estimator);
}

/* ---- memory ---- */

static void test_memory(void **state)
{
  (void)state;
  float *x = new_rows(141);
  sample s;
  sample_init(&s, 141);
  ration r = {0};
  const kj_allocator allocator = ration_allocator(&r);
  kj_estimator *from = NULL;
  assert_int_equal(kj_estimator_create(&s.parts, &allocator, &from, NULL),
                   KJ_OK);
  const size_t n_live = r.n_live;
  for (int w = KJ_WEIGHTS_BF16; w < KJ_N_WEIGHTS; w++) {
    kj_status status = KJ_EMEMORY;
    for (size_t n = 1; status == KJ_EMEMORY; n++) {
      kj_estimator *to = NULL;
      r.n_calls = 0;
      r.fails_at = n;
      status = kj_estimator_convert(from, (kj_weights)w, x, N_ROWS, &to, NULL);
      assert_true((status == KJ_OK) == (to != NULL));
      kj_estimator_destroy(to);
      if (r.n_live != n_live)
        fail_msg("failure %zu: %zu blocks were not given back", n,
                 r.n_live - n_live);
      assert_true(n < 200);
    }
    assert_int_equal(status, KJ_OK);
  }
  kj_estimator_destroy(from);
  sample_clear(&s);
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_bits_in_any_batch),
      cmocka_unit_test(test_little_is_lost),
      cmocka_unit_test(test_beyond_the_range),
      cmocka_unit_test(test_bf16_rounds_to_nearest),
      cmocka_unit_test(test_int8_scales),
      cmocka_unit_test(test_int8_ranges),
      cmocka_unit_test(test_tiny_weights),
      cmocka_unit_test(test_bf16_back_to_fp32),
      cmocka_unit_test(test_conversions_refused),
      cmocka_unit_test(test_rows_refused),
      cmocka_unit_test(test_weights_too_large),
      cmocka_unit_test(test_ranges_and_scales_refused),
      cmocka_unit_test(test_weights_of_another_kind),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
