/*
 * test_hostile.c: model files that are cut, altered or made to harm: every
 * one is refused by a message that names the fault, or is a valid model.
 */
#include "model/support.h"

/* ---- cut and flipped ---- */

static void test_every_prefix(void **state)
{
  (void)state;
  const blob whole = sample_blob(31);
  for (size_t n = 0; n < whole.size; n++) {
    /* Its own memory, so that a sanitizer sees any look beyond its end. */
    blob part = {malloc(n > 0 ? n : 1), n};
    memcpy(part.data, whole.data, n);
    kj_model *model = NULL;
    kj_error err;
    if (kj_model_parse(part.data, n, "cut", &model, &err) != KJ_EMODEL)
      fail_msg("the first %zu of %zu bytes were accepted", n, whole.size);
    assert_null(model);
    free(part.data);
  }
  blob longer = {calloc(whole.size + 1, 1), whole.size + 1};
  memcpy(longer.data, whole.data, whole.size);
  assert_refused("one byte more", &longer, "bytes of data; there are");
  free(longer.data);
  free(whole.data);
}

/* A model that was accepted must do all that models do. */
static void use_model(const kj_model *model)
{
  const kj_estimator *estimator = kj_model_estimator(model);
  const float x[SAMPLE_INPUTS] = {0};
  double values[KJ_MAX_TARGETS];
  char *text = NULL;
  kj_estimator_scratch *scratch = new_scratch(estimator, 1);
  assert_int_equal(kj_estimator_get_parts(estimator)->scaler.n, SAMPLE_INPUTS);
  kj_estimator_estimate(estimator, scratch, x, 1, 1, values, NULL);
  assert_int_equal(kj_model_card_markdown(model, &text, NULL), KJ_OK);
  free(text);
  kj_estimator_scratch_destroy(scratch);
}

/* Every byte of length and header, every bit of it, and all of its bits. */
static void test_every_flip(void **state)
{
  (void)state;
  const blob b = sample_blob(32);
  const size_t n_header = 8 + b.data[0] + 256u * b.data[1];
  size_t n_accepted = 0, n_refused = 0;
  for (size_t i = 0; i < n_header; i++)
    for (unsigned mask = 1; mask <= 256; mask *= 2) {
      const uint8_t flip = (uint8_t)(mask == 256 ? 0xFF : mask);
      b.data[i] ^= flip;
      kj_model *model = NULL;
      kj_error err;
      const kj_status status =
          kj_model_parse(b.data, b.size, "flip", &model, &err);
      if (status == KJ_OK)
        use_model(model);
      else if (status != KJ_EMODEL)
        fail_msg("byte %zu ^ 0x%02x: status is \"%s\"", i, flip,
                 kj_status_text(status));
      n_accepted += status == KJ_OK;
      n_refused += status != KJ_OK;
      kj_model_destroy(model);
      b.data[i] ^= flip;
    }
  print_message("%zu flips: %zu refused, %zu valid models (other letters in a "
                "text, other digits in a record)\n",
                n_accepted + n_refused, n_refused, n_accepted);
  assert_true(n_refused > 2 * n_accepted);
  free(b.data);
}

/* ---- one metadata field wrong at a time ---- */

enum { MAX_WRONG = 7 };

/* "" stands in no row: the empty text is tried wherever `is_filled`. */
static const struct {
  const char *key;
  bool is_filled;
  const char *wrong[MAX_WRONG];
} FIELDS[] = {
    {"format", true, {"pt", "kanjo-model2", "kanjo-checkpoint"}},
    {"format_version", true, {"0", "3", "1.0", " 1", "99999999999999999999"}},
    {"kanjo_version", true, {NULL}},
    {"feature_set", true, {NULL}},
    {"feature_set_version", true, {"0", "-1", "+1", "1.5", "1 ", "1000000000"}},
    {"columns",
     true,
     {"{}", "[]", "[1,2,3,4,5,6,7]", "[\"a\",\"b\"]",
      "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"a\"]",
      "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"\"]", "[[[[1]]]]"}},
    {"rate_hz", true, {"-1", "16e3", "768001", "99999999999", "0x10"}},
    {"channel", true, {"-1", "256", "left", "mixed", "99999999999"}},
    {"targets",
     true,
     {"[]", "{}", "[\"valence\"]", "[\"a\",\"b\",\"c\",\"d\"]",
      "[\"a\",\"a\",\"c\"]", "[\"a\",\"b\",\"\"]",
      "[\"a\",\"b\",\"01234567890123456789012345678901\"]"}},
    {"rating_scale", true, {"[1,7]", "[1]", "[1, 5]", "5", "[1,5,9]"}},
    {"networks",
     true,
     {"[]", "{}", "[1,2]",
      "[{\"widths\":[7,5,1],\"output\":\"relu\",\"first_target\":0}]",
      "[{\"widths\":[7,5,3],\"output\":\"relu\",\"first_target\":0}]",
      "[{\"widths\":[7,5,1],\"output\":\"relu\",\"first_target\":0},"
      "{\"widths\":[7,4,3,2],\"output\":\"linear\",\"first_target\":0}]",
      "[{\"widths\":[7,5,1],\"output\":\"relu\",\"first_target\":1},"
      "{\"widths\":[7,4,3,2],\"output\":\"linear\",\"first_target\":2}]"}},
    {"normalisation", true, {"none", "Train", "train ", "0"}},
    {"scaler_clip", true, {"0", "-10", "1e39", "nan", "\"10\"", "10,0", "[]"}},
    {"method", true, {"magic", "Network", "networks"}},
    {"licence", false, {NULL}},
    {"intended_use", false, {NULL}},
    {"description", false, {NULL}},
    {"training", true, {"[]", "1", "{", "{\"a\":1,\"a\":2}", "{\"a\":nan}"}},
    {"history", true, {"{}", "[1]", "[", "[{}", "[{\"a\":[[[]]]}]"}},
};

/* Set a field of the metadata to any JSON value, and expect a refusal that
 * says `says`. */
static void refuse_field(const blob *b, const char *key, json_t *value,
                         const char *says)
{
  const opened o = open_blob(b);
  json_t *metadata = json_object_get(o.header, "__metadata__");
  char what[128];
  snprintf(what, sizeof what, "%s = %.60s", key,
           json_is_string(value) ? json_string_value(value) : "(no string)");
  if (value)
    json_object_set_new(metadata, key, value);
  else
    json_object_del(metadata, key);
  const blob altered = close_blob(&o);
  assert_refused(what, &altered, says);
  free(altered.data);
  json_decref(o.header);
}

/* Missing; of another type; empty; each wrong value; a hundred kilobytes. */
static void test_every_field(void **state)
{
  (void)state;
  const blob b = sample_blob(33);
  char *huge = calloc(100001, 1);
  memset(huge, '[', 100000);
  for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
    const char *key = FIELDS[i].key;
    char must_be_text[64];
    snprintf(must_be_text, sizeof must_be_text, "%s must be a string", key);
    refuse_field(&b, key, NULL, "is missing");
    refuse_field(&b, key, json_integer(1), must_be_text);
    refuse_field(&b, key, json_null(), must_be_text);
    refuse_field(&b, key, json_array(), must_be_text);
    refuse_field(&b, key, json_object(), must_be_text);
    if (FIELDS[i].is_filled)
      refuse_field(&b, key, json_string(""), key);
    for (size_t w = 0; w < MAX_WRONG && FIELDS[i].wrong[w]; w++)
      refuse_field(&b, key, json_string(FIELDS[i].wrong[w]), "");
    if (FIELDS[i].wrong[0])
      refuse_field(&b, key, json_string(huge), key);
  }
  refuse_field(&b, "format_version", json_string("3"),
               "metadata: format_version: is \"3\"; must be 1 or 2");
  refuse_field(&b, "format_version", json_string("2"),
               "metadata: weights is missing");
  refuse_field(&b, "weights", json_string("bf16"),
               "metadata: weights does not belong here");
  refuse_field(&b, "surprise", json_string("x"),
               "metadata: surprise does not belong here");
  free(huge);
  free(b.data);
}

/* Widths whose network would not fit into any memory, or not into the file. */
static void test_widths(void **state)
{
  (void)state;
  static const struct {
    const char *widths, *says;
  } rows[] = {
      {"[]", "widths must be an array of 2..17 sizes"},
      {"7", "widths must be an array"},
      {"[7]", "widths must be an array of 2..17"},
      {"[7,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "widths must be an array"},
      {"[7,0,3]", "widths[1] must be 1..65536"},
      {"[7,-5,3]", "widths[1] must be 1..65536"},
      {"[7,5.0,3]", "widths[1] must be 1..65536"},
      {"[7,65537,3]", "widths[1] must be 1..65536"},
      {"[7,1e99,3]", "widths[1] must be 1..65536"},
      {"[7,5,17]", "networks: network 0: "},
      {"[65536,65536,3]", "networks: network 0: "},
      {"[7,65536,3]", "layer0.weight: shape is [5, 7]; must be [65536, 7]"},
      {"[6,5,3]", "network0.layer0.weight: shape is [5, 7]; must be [5, 6]"},
  };
  const blob b = sample_blob(34);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char text[256];
    snprintf(text, sizeof text,
             "[{\"widths\":%s,\"output\":\"relu\",\"first_target\":0}]",
             rows[i].widths);
    refuse_field(&b, "networks", json_string(text), rows[i].says);
  }
  static const struct {
    const char *network, *says;
  } others[] = {
      {"{\"widths\":[7,5,3],\"output\":\"tanh\",\"first_target\":0}",
       "output is tanh; must be linear or relu"},
      {"{\"widths\":[7,5,3],\"output\":1,\"first_target\":0}",
       "output is missing or no string"},
      {"{\"widths\":[7,5,3],\"output\":\"relu\",\"first_target\":-1}",
       "first_target must be 0..15"},
      {"{\"widths\":[7,5,3],\"output\":\"relu\",\"first_target\":16}",
       "first_target must be 0..15"},
      {"{\"widths\":[7,5,3],\"output\":\"relu\"}", "must be an object of"},
      {"{\"widths\":[7,5,3],\"output\":\"relu\",\"first_target\":0,\"a\":0}",
       "must be an object of"},
  };
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    char text[256];
    snprintf(text, sizeof text, "[%s]", others[i].network);
    refuse_field(&b, "networks", json_string(text), others[i].says);
  }
  free(b.data);
}

/* ---- tensors ---- */

static json_t *tensor_of(const opened *o, const char *name)
{
  json_t *entry = json_object_get(o->header, name);
  if (!entry)
    fail_msg("the sample has no tensor %s", name);
  return entry;
}

static const char *const TENSORS[] = {
    "calibration",          "scaler.mean",
    "scaler.inverse_sd",    "network0.layer0.weight",
    "network0.layer0.bias", "network0.layer1.weight",
    "network0.layer1.bias", "network1.layer0.weight",
    "network1.layer0.bias", "network1.layer1.weight",
    "network1.layer1.bias", "network1.layer2.weight",
    "network1.layer2.bias",
};
enum { N_TENSORS = sizeof TENSORS / sizeof TENSORS[0] };

/* Another name for a tensor: one is missing, one does not belong. */
static void test_tensor_names(void **state)
{
  (void)state;
  const blob b = sample_blob(35);
  for (size_t t = 0; t < N_TENSORS; t++) {
    char says[128];
    snprintf(says, sizeof says, "tensor %s is missing", TENSORS[t]);
    const opened o = open_blob(&b);
    json_t *entry = json_incref(tensor_of(&o, TENSORS[t]));
    json_object_del(o.header, TENSORS[t]);
    json_object_set_new(o.header, "another", entry);
    const blob altered = close_blob(&o);
    assert_refused(TENSORS[t], &altered, says);
    free(altered.data);
    json_decref(o.header);
  }
  const opened o = open_blob(&b);
  json_object_set_new(o.header, "empty",
                      json_pack("{s:s, s:[i], s:[I, I]}", "dtype", "F32",
                                "shape", 0, "data_offsets",
                                (json_int_t)o.data.size,
                                (json_int_t)o.data.size));
  const blob altered = close_blob(&o);
  assert_refused("empty", &altered, "tensor empty does not belong here");
  free(altered.data);
  json_decref(o.header);
  free(b.data);
}

/* The same bytes transposed, and under another dtype. */
static void test_tensor_shapes(void **state)
{
  (void)state;
  const blob b = sample_blob(36);
  for (size_t t = 0; t < N_TENSORS; t++) {
    const opened o = open_blob(&b);
    json_t *entry = tensor_of(&o, TENSORS[t]);
    const json_t *shape = json_object_get(entry, "shape");
    const json_int_t n = json_integer_value(json_array_get(shape, 0));
    const bool is_vector = json_array_size(shape) == 1;
    const json_int_t m =
        is_vector ? 1 : json_integer_value(json_array_get(shape, 1));
    json_object_set_new(entry, "shape", json_pack("[I, I]", m, n));
    blob altered = close_blob(&o);
    assert_refused(TENSORS[t], &altered, TENSORS[t]);
    free(altered.data);
    json_object_set_new(tensor_of(&o, TENSORS[t]), "dtype", json_string("U64"));
    altered = close_blob(&o);
    assert_refused(TENSORS[t], &altered, TENSORS[t]);
    free(altered.data);
    json_decref(o.header);
  }
  free(b.data);
}

/* Every value of every tensor, in turn NaN and infinite. */
static void test_values_not_finite(void **state)
{
  (void)state;
  const blob b = sample_blob(37);
  const opened o = open_blob(&b);
  for (size_t t = 0; t < N_TENSORS; t++) {
    const json_t *entry = tensor_of(&o, TENSORS[t]);
    const json_t *offsets = json_object_get(entry, "data_offsets");
    const size_t begin = (size_t)json_integer_value(json_array_get(offsets, 0));
    const size_t end = (size_t)json_integer_value(json_array_get(offsets, 1));
    const size_t size = t == 0 ? 8 : 4;
    for (size_t at = begin; at < end; at += size) {
      char says[128];
      uint8_t old[8];
      uint8_t *value = o.data.data + at;
      memcpy(old, value, size);
      memset(value, 0xFF, size); /* a NaN */
      snprintf(says, sizeof says, "tensor %s: value %zu is", TENSORS[t],
               (at - begin) / size);
      assert_refused("NaN", &b, says);
      memset(value, 0, size); /* -infinity */
      value[size - 1] = 0xFF;
      value[size - 2] = size == 8 ? 0xF0 : 0x80;
      assert_refused("-infinity", &b, says);
      memcpy(value, old, size);
    }
  }
  json_decref(o.header);
  free(b.data);
}

static void test_negative_deviation(void **state)
{
  (void)state;
  const blob b = sample_blob(38);
  const opened o = open_blob(&b);
  const json_t *offsets =
      json_object_get(tensor_of(&o, "scaler.inverse_sd"), "data_offsets");
  o.data.data[json_integer_value(json_array_get(offsets, 0)) + 3] |= 0x80;
  assert_refused("negative", &b, "scaler.inverse_sd of column 0 is -");
  json_decref(o.header);
  free(b.data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_prefix),
      cmocka_unit_test(test_every_flip),
      cmocka_unit_test(test_every_field),
      cmocka_unit_test(test_widths),
      cmocka_unit_test(test_tensor_names),
      cmocka_unit_test(test_tensor_shapes),
      cmocka_unit_test(test_values_not_finite),
      cmocka_unit_test(test_negative_deviation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
