/*
 * test_narrow.c: models with weights of 16 and 8 bits: there and back bit for
 * bit, of the size that they should have, and every fault refused.
 */
#include "model/support.h"

#include <float.h>

enum { N_ROWS = 50 };

static const kj_weights KINDS[] = {KJ_WEIGHTS_BF16, KJ_WEIGHTS_INT8};
enum { N_KINDS = sizeof KINDS / sizeof KINDS[0] };

/* ---- there and back ---- */

static kj_model *parse(const blob *b)
{
  kj_model *model = NULL;
  kj_error err;
  if (kj_model_parse(b->data, b->size, "m", &model, &err) != KJ_OK)
    fail_msg("kj_model_parse: %s", err.message);
  return model;
}

static void compare_parts(const kj_estimator_parts *got,
                          const kj_estimator_parts *expected)
{
  assert_int_equal(got->weights, expected->weights);
  for (size_t p = 0; p < SAMPLE_PARTS; p++) {
    const kj_network *a = got->part[p].network, *b = expected->part[p].network;
    assert_same("parameters", a->parameters, b->parameters, a->n_parameters);
    if (got->weights != KJ_WEIGHTS_INT8)
      continue;
    const size_t n_units = p == 0 ? 5 + 1 : 4 + 3 + 2;
    assert_same("scale", got->part[p].scale, expected->part[p].scale, n_units);
    assert_same("range", got->part[p].range, expected->part[p].range,
                a->shape.n_layers);
  }
}

static void test_round_trip(void **state)
{
  (void)state;
  kj__random random = test_stream(201, 1);
  float *x = draw_new(&random, 0.0, 3.0, N_ROWS * SAMPLE_INPUTS);
  for (size_t i = 0; i < N_KINDS; i++) {
    const blob b = sample_blob_of(KINDS[i], 201);
    const blob again = sample_blob_of(KINDS[i], 201);
    kj_estimator *estimator = sample_estimator_of(KINDS[i], 201);
    kj_model *model = parse(&b);
    double before[N_ROWS * SAMPLE_TARGETS], after[N_ROWS * SAMPLE_TARGETS];
    assert_true(same_blobs(&b, &again));
    compare_parts(kj_estimator_get_parts(kj_model_estimator(model)),
                  kj_estimator_get_parts(estimator));
    estimate(estimator, 8, x, N_ROWS, 0, before);
    estimate(kj_model_estimator(model), 8, x, N_ROWS, 0, after);
    assert_same_values(kj_weights_name(KINDS[i]), after, before,
                       N_ROWS * SAMPLE_TARGETS);
    kj_model_destroy(model);
    kj_estimator_destroy(estimator);
    free(again.data);
    free(b.data);
  }
  free(x);
}

/* Only weights shrink: of 7-5-1 and 7-4-3-2 there are 86. int8 adds a scale
 * for each of 15 units and a range for each of 5 layers. */
static void test_sizes(void **state)
{
  (void)state;
  static const size_t n_less[] = {86 * 2, 86 * 3 - (15 + 5) * 4};
  const blob wide = sample_blob(211);
  const opened whole = open_blob(&wide);
  const size_t n_wide = whole.data.size;
  json_decref(whole.header);
  for (size_t i = 0; i < N_KINDS; i++) {
    const blob b = sample_blob_of(KINDS[i], 211);
    const opened o = open_blob(&b);
    if (o.data.size != n_wide - n_less[i])
      fail_msg("%s: %zu bytes of data; must be %zu", kj_weights_name(KINDS[i]),
               o.data.size, n_wide - n_less[i]);
    json_decref(o.header);
    free(b.data);
  }
  free(wide.data);
}

static void test_card(void **state)
{
  (void)state;
  static const char *const says[][2] = {
      {"Weights: bf16, rounded to 8 bits", "Model file format 2, "},
      {"Weights: int8, in steps of a size", "Model file format 2, "}};
  for (size_t i = 0; i < N_KINDS; i++) {
    const blob b = sample_blob_of(KINDS[i], 221);
    kj_model *model = parse(&b);
    char *text = NULL;
    assert_int_equal(kj_model_card_markdown(model, &text, NULL), KJ_OK);
    for (size_t k = 0; k < 2; k++)
      if (!strstr(text, says[i][k]))
        fail_msg("the card does not say \"%s\"", says[i][k]);
    free(text);
    kj_model_destroy(model);
    free(b.data);
  }
}

/* ---- cut and flipped ---- */

static void test_every_prefix(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_KINDS; i++) {
    const blob whole = sample_blob_of(KINDS[i], 231);
    for (size_t n = 0; n < whole.size; n++) {
      blob part = {malloc(n > 0 ? n : 1), n};
      memcpy(part.data, whole.data, n);
      kj_model *model = NULL;
      if (kj_model_parse(part.data, n, "cut", &model, NULL) != KJ_EMODEL)
        fail_msg("the first %zu of %zu bytes were accepted", n, whole.size);
      assert_null(model);
      free(part.data);
    }
    free(whole.data);
  }
}

/* Every bit of the tensors: refused, or a model that estimates numbers. */
static void test_every_flip_of_data(void **state)
{
  (void)state;
  const float x[SAMPLE_INPUTS] = {1, -1, 2, -2, 0, 3, 0.5f};
  for (size_t i = 0; i < N_KINDS; i++) {
    const blob b = sample_blob_of(KINDS[i], 241);
    const opened o = open_blob(&b);
    size_t n_refused = 0;
    for (size_t bit = 0; bit < 8 * o.data.size; bit++) {
      double values[SAMPLE_TARGETS];
      kj_model *model = NULL;
      o.data.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
      const kj_status status =
          kj_model_parse(b.data, b.size, "flip", &model, NULL);
      n_refused += status != KJ_OK;
      assert_true(status == KJ_OK || status == KJ_EMODEL);
      if (status == KJ_OK) {
        const kj_estimator *estimator = kj_model_estimator(model);
        kj_estimator_scratch *scratch = new_scratch(estimator, 1);
        kj_estimator_estimate(estimator, scratch, x, 1, 1, values, NULL);
        kj_estimator_scratch_destroy(scratch);
      }
      kj_model_destroy(model);
      o.data.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    print_message("%s: %zu of %zu flips refused\n", kj_weights_name(KINDS[i]),
                  n_refused, 8 * o.data.size);
    json_decref(o.header);
    free(b.data);
  }
}

/* ---- metadata ---- */

static void refuse_metadata(const blob *b, const char *key, json_t *value,
                            const char *says)
{
  const opened o = open_blob(b);
  json_t *metadata = json_object_get(o.header, "__metadata__");
  if (value)
    json_object_set_new(metadata, key, value);
  else
    json_object_del(metadata, key);
  const blob altered = close_blob(&o);
  assert_refused(key, &altered, says);
  free(altered.data);
  json_decref(o.header);
}

static void test_metadata(void **state)
{
  (void)state;
  static const char *const wrong[] = {"", "fp32", "int4", "INT8", "int8 ", "2"};
  for (size_t i = 0; i < N_KINDS; i++) {
    const blob b = sample_blob_of(KINDS[i], 251);
    refuse_metadata(&b, "weights", NULL, "metadata: weights is missing");
    refuse_metadata(&b, "weights", json_integer(8), "weights must be a string");
    for (size_t w = 0; w < sizeof wrong / sizeof wrong[0]; w++)
      refuse_metadata(&b, "weights", json_string(wrong[w]),
                      "metadata: weights: is \"");
    refuse_metadata(&b, "format_version", json_string("1"),
                    "metadata: weights does not belong here");
    refuse_metadata(&b, "weights",
                    json_string(KINDS[i] == KJ_WEIGHTS_INT8 ? "bf16" : "int8"),
                    KINDS[i] == KJ_WEIGHTS_INT8
                        ? "layer0.weight: dtype is I8; must be BF16"
                        : "layer0.weight: dtype is BF16; must be I8");
    free(b.data);
  }
}

/* ---- tensors ---- */

static json_t *entry_of(const opened *o, const char *name)
{
  json_t *entry = json_object_get(o->header, name);
  if (!entry)
    fail_msg("the sample has no tensor %s", name);
  return entry;
}

static void test_missing_tensors(void **state)
{
  (void)state;
  static const char *const names[] = {
      "network0.layer0.scale", "network0.layer1.range", "network1.layer2.scale",
      "network1.layer2.range", "network1.layer1.weight"};
  const blob b = sample_blob_of(KJ_WEIGHTS_INT8, 261);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char says[128];
    snprintf(says, sizeof says, "tensor %s is missing", names[i]);
    const opened o = open_blob(&b);
    json_t *entry = json_incref(entry_of(&o, names[i]));
    json_object_del(o.header, names[i]);
    json_object_set_new(o.header, "another", entry);
    const blob altered = close_blob(&o);
    assert_refused(names[i], &altered, says);
    free(altered.data);
    json_decref(o.header);
  }
  free(b.data);
}

/* A scale in a model that has none. */
static void test_scale_of_bf16(void **state)
{
  (void)state;
  const blob b = sample_blob_of(KJ_WEIGHTS_BF16, 271);
  const opened o = open_blob(&b);
  json_object_set_new(o.header, "network0.layer0.scale",
                      json_pack("{s:s, s:[i], s:[I, I]}", "dtype", "F32",
                                "shape", 0, "data_offsets",
                                (json_int_t)o.data.size,
                                (json_int_t)o.data.size));
  const blob altered = close_blob(&o);
  assert_refused("scale", &altered,
                 "tensor network0.layer0.scale does not belong here");
  free(altered.data);
  json_decref(o.header);
  free(b.data);
}

/* Other bytes in the place of the first item of a tensor. */
static void refuse_item(kj_weights weights, const char *tensor,
                        const void *item, size_t size, const char *says)
{
  const blob b = sample_blob_of(weights, 281);
  const opened o = open_blob(&b);
  const json_t *offsets = json_object_get(entry_of(&o, tensor), "data_offsets");
  memcpy(o.data.data + json_integer_value(json_array_get(offsets, 0)), item,
         size);
  assert_refused(tensor, &b, says);
  json_decref(o.header);
  free(b.data);
}

static void test_values(void **state)
{
  (void)state;
  static const struct {
    const char *tensor;
    float value;
    const char *says;
  } rows[] = {
      {"network1.layer1.scale", NAN, "layer1.scale: value 0 is nan"},
      {"network1.layer1.scale", INFINITY, "layer1.scale: value 0 is inf"},
      {"network1.layer1.scale", 0.0f, "scale of unit 0 is 0; must be"},
      {"network1.layer1.scale", -1.0f, "scale of unit 0 is -1; must be"},
      {"network1.layer1.scale", 1e-39f, "layer 1: scale of unit 0 is 1e-39"},
      {"network1.layer1.scale", 1e36f, "layer 1: unit 0 may reach"},
      {"network1.layer1.scale", FLT_MAX, "layer 1: unit 0 may reach"},
      {"network0.layer1.range", NAN, "layer1.range: value 0 is nan"},
      {"network0.layer1.range", -INFINITY, "layer1.range: value 0 is -inf"},
      {"network0.layer1.range", 0.0f, "layer 1: range is 0; must be"},
      {"network0.layer1.range", -2.0f, "layer 1: range is -2; must be"},
      {"network0.layer1.range", 1e38f, "layer 1: range is 1e+38; must be"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    refuse_item(KJ_WEIGHTS_INT8, rows[i].tensor, &rows[i].value, sizeof(float),
                rows[i].says);
  static const int8_t least = -128;
  refuse_item(KJ_WEIGHTS_INT8, "network0.layer0.weight", &least, sizeof least,
              "network 0: layer 0: weight 0 of unit 0 is");
  static const uint16_t quiet = 0x7fc0, infinite = 0xff80;
  refuse_item(KJ_WEIGHTS_BF16, "network1.layer2.weight", &quiet, sizeof quiet,
              "layer2.weight: value 0 is nan");
  refuse_item(KJ_WEIGHTS_BF16, "network1.layer2.weight", &infinite,
              sizeof infinite, "layer2.weight: value 0 is -inf");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_sizes),
      cmocka_unit_test(test_card),
      cmocka_unit_test(test_every_prefix),
      cmocka_unit_test(test_every_flip_of_data),
      cmocka_unit_test(test_metadata),
      cmocka_unit_test(test_missing_tensors),
      cmocka_unit_test(test_scale_of_bf16),
      cmocka_unit_test(test_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
