/*
 * test_safetensors.c: the bytes of a file as its format says; every rule of
 * the format broken once.
 */
#include "model/support.h"

#include "model/safetensors.h"

static json_t *metadata_of(const char *key, const char *text)
{
  json_t *metadata = json_object();
  json_object_set_new(metadata, key, json_string(text));
  return metadata;
}

/* ---- writing ---- */

/* 8-byte items first, everything aligned, little-endian, padded with spaces. */
static void test_exact_bytes(void **state)
{
  (void)state;
  float a[3] = {1.0f, -2.0f, 0.5f};
  double b[2] = {1.0, -0.0};
  uint64_t c = 0x0102030405060708u;
  const kj__tensor_view views[] = {
      {"a", KJ__F32, 1, {3}, a},
      {"b", KJ__F64, 2, {1, 2}, b},
      {"c", KJ__U64, 0, {0}, &c},
      {"none", KJ__I64, 1, {0}, NULL},
  };
  static const char header[] =
      "{\"__metadata__\":{\"k\":\"\\\"v\\\"\"},"
      "\"b\":{\"dtype\":\"F64\",\"shape\":[1,2],\"data_offsets\":[0,16]},"
      "\"c\":{\"dtype\":\"U64\",\"shape\":[],\"data_offsets\":[16,24]},"
      "\"none\":{\"dtype\":\"I64\",\"shape\":[0],\"data_offsets\":[24,24]},"
      "\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[24,36]}}";
  static const uint8_t data[] = {
      0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0,    0, 0, 0, 0,    0, 0, 0x80, 8,   7, 6,
      5, 4, 3, 2, 1, 0, 0,    0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0,    0x3F};
  json_t *metadata = metadata_of("k", "\"v\"");
  blob got = {0};
  kj_error err;
  if (kj__safetensors_build(views, 4, metadata, &got.data, &got.size, &err))
    fail_msg("build: %s", err.message);
  const size_t n_header = (sizeof header - 1 + 7) / 8 * 8;
  assert_int_equal(got.size, 8 + n_header + sizeof data);
  assert_int_equal(got.data[0] + 256 * got.data[1], n_header);
  assert_memory_equal(got.data + 8, header, sizeof header - 1);
  for (size_t i = sizeof header - 1; i < n_header; i++)
    assert_int_equal(got.data[8 + i], ' ');
  assert_memory_equal(got.data + 8 + n_header, data, sizeof data);
  free(got.data);
  json_decref(metadata);
}

static void test_round_trip(void **state)
{
  (void)state;
  kj__random random = test_stream(1, 0);
  float a[5][3];
  double b[4] = {0.1, (double)NAN, (double)INFINITY, 5e-324}, b2[4] = {0};
  int64_t c[2] = {INT64_MIN, -1}, c2[2] = {0};
  draw(&random, 0.0, 1.0, a[0], 15);
  float a2[5][3] = {{0}};
  const kj__tensor_view from[] = {{"a", KJ__F32, 2, {5, 3}, a},
                                  {"b", KJ__F64, 1, {4}, b},
                                  {"c", KJ__I64, 1, {2}, c}};
  const kj__tensor_view to[] = {{"c", KJ__I64, 1, {2}, c2},
                                {"a", KJ__F32, 2, {5, 3}, a2},
                                {"b", KJ__F64, 1, {4}, b2}};
  json_t *metadata = json_object();
  blob bytes = {0};
  kj__safetensors file;
  kj_error err;
  if (kj__safetensors_build(from, 3, metadata, &bytes.data, &bytes.size, &err))
    fail_msg("build: %s", err.message);
  if (kj__safetensors_parse(bytes.data, bytes.size, &file, &err))
    fail_msg("parse: %s", err.message);
  if (kj__safetensors_match(&file, to, 3, &err))
    fail_msg("match: %s", err.message);
  kj__safetensors_copy(&file, to, 3);
  assert_memory_equal(a2, a, sizeof a);
  assert_memory_equal(b2, b, sizeof b);
  assert_memory_equal(c2, c, sizeof c);
  kj__safetensors_clear(&file);
  kj__safetensors_clear(&file);
  free(bytes.data);
  json_decref(metadata);
}

static void test_views_not_allowed(void **state)
{
  (void)state;
  float a[4] = {0};
  static const struct {
    const char *what;
    kj__tensor_view views[2];
    size_t n;
    const char *says;
  } rows[] = {
      {"no name", {{"", KJ__F32, 1, {4}, NULL}}, 1, "name of a tensor"},
      {"rank", {{"a", KJ__F32, 3, {4}, NULL}}, 1, "rank is 3; at most 2"},
      {"huge",
       {{"a", KJ__F32, 2, {1 << 20, 1 << 20}, NULL}},
       1,
       "tensor a ends at byte 4398046511104"},
      {"long", {{"a", KJ__F32, 1, {(size_t)1 << 40}, NULL}}, 1, "shape[0] is"},
      {"UTF-8", {{"\xff", KJ__F32, 1, {4}, NULL}}, 1, "name is not UTF-8"},
      {"twice",
       {{"a", KJ__F32, 1, {4}, NULL}, {"a", KJ__F32, 1, {4}, NULL}},
       2,
       "two tensors a"},
      {"metadata",
       {{"__metadata__", KJ__F32, 1, {4}, NULL}},
       1,
       "two tensors __metadata__"},
      {"many", {{"a", KJ__F32, 1, {4}, NULL}}, KJ__MAX_TENSORS + 1, "4097"},
  };
  json_t *metadata = json_object();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    kj__tensor_view views[2];
    memcpy(views, rows[i].views, sizeof views);
    views[0].data = views[1].data = a;
    blob got = {0};
    kj_error err = {.status = KJ_OK};
    const kj_status status = kj__safetensors_build(views, rows[i].n, metadata,
                                                   &got.data, &got.size, &err);
    assert_error(rows[i].what, status, &err, KJ_EARGUMENT, rows[i].says);
    assert_null(got.data);
  }
  json_decref(metadata);
}

/* ---- reading ---- */

#define T(dtype, shape, offsets)                                               \
  "{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define A T("\"F32\"", "[2]", "[0,8]")

/* Headers, 16 bytes of data behind each, and what is said of them. */
static const struct {
  const char *header, *says;
} REFUSED[] = {
    {"", "does not begin with {"},
    {"[]", "does not begin with {"},
    {" {}", "does not begin with {"},
    {"{", "header is not JSON at byte"},
    {"{}x", "header is not JSON at byte"},
    {"{\"a\":1,\"a\":2}", "duplicate object key"},
    {"{\"a\":\"\xff\"}", "header is not JSON"},
    {"{\"\\u0000\":1}", "header is not JSON"},
    {"{\"a\":{\"b\":{\"c\":{}}}}", "nested deeper than 3 at byte 15"},
    {"{}", "the tensors take 0 bytes of data; there are 16"},
    {"{\"__metadata__\":[]}", "__metadata__ must be an object"},
    {"{\"__metadata__\":{\"k\":1}}", "__metadata__: k must be a string"},
    {"{\"a\":1}", "tensor a: must be an object"},
    {"{\"a\":{}}", "tensor a: must be an object of dtype, shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "tensor a: must be an"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16],"
     "\"x\":1}}",
     "tensor a: must be an object"},
    {"{\"a\":" T("1", "[4]", "[0,16]") "}", "dtype is missing or no string"},
    {"{\"a\":" T("\"F16\"", "[8]", "[0,16]") "}", "dtype is F16; must be"},
    {"{\"a\":" T("\"F32\"", "4", "[0,16]") "}", "shape must be an array"},
    {"{\"a\":" T("\"F32\"", "[1,2,2]", "[0,16]") "}", "of at most 2 sizes"},
    {"{\"a\":" T("\"F32\"", "[-4]", "[0,16]") "}", "shape[0] must be"},
    {"{\"a\":" T("\"F32\"", "[4.0]", "[0,16]") "}", "shape[0] must be"},
    {"{\"a\":" T("\"F32\"", "[1e30]", "[0,16]") "}", "shape[0] must be"},
    {"{\"a\":" T("\"F32\"", "[9223372036854775808]", "[0,16]") "}",
     "header is not JSON"},
    {"{\"a\":" T("\"F32\"", "[9223372036854775807]", "[0,16]") "}",
     "shape is larger than any memory"},
    {"{\"a\":" T("\"F32\"", "[4294967296,4294967296]", "[0,16]") "}",
     "shape is larger than any memory"},
    {"{\"a\":" T("\"F32\"", "[5]", "[0,16]") "}",
     "hold 16 bytes; dtype and shape need 20"},
    {"{\"a\":" T("\"F64\"", "[4]", "[0,16]") "}",
     "hold 16 bytes; dtype and shape need 32"},
    {"{\"a\":" T("\"F32\"", "[4]", "0") "}", "data_offsets must be two"},
    {"{\"a\":" T("\"F32\"", "[4]", "[0]") "}", "data_offsets must be two"},
    {"{\"a\":" T("\"F32\"", "[4]", "[0,16,16]") "}", "must be two"},
    {"{\"a\":" T("\"F32\"", "[4]", "[-1,15]") "}", "must be two integers"},
    {"{\"a\":" T("\"F32\"", "[4]", "[16,0]") "}", "are [16, 0]; must lie"},
    {"{\"a\":" T("\"F32\"", "[4]", "[1,17]") "}", "within the 16 bytes"},
    {"{\"a\":" A "}", "the tensors take 8 bytes of data; there are 16"},
    {"{\"a\":" T("\"F32\"", "[2]", "[8,16]") "}",
     "tensor a: data_offsets begin at 8; must be 0"},
    {"{\"a\":" A ",\"b\":" T("\"F32\"", "[3]", "[4,16]") "}",
     "tensor b: data_offsets begin at 4; must be 8"},
    {"{\"a\":" A ",\"b\":" T("\"F32\"", "[1]", "[12,16]") "}",
     "tensor b: data_offsets begin at 12; must be 8"},
    {"{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "\":" A "}",
     "name is longer than 63 bytes"},
};

static void test_headers_refused(void **state)
{
  (void)state;
  static const uint8_t data[16] = {0};
  for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
    const blob b = blob_of(REFUSED[i].header, data, sizeof data);
    kj__safetensors file = {0};
    kj_error err = {.status = KJ_OK};
    const kj_status status = kj__safetensors_parse(b.data, b.size, &file, &err);
    assert_error(REFUSED[i].header, status, &err, KJ_EFORMAT, REFUSED[i].says);
    assert_null(file.header);
    free(b.data);
  }
}

/* Any order of the entries, spaces behind the header, unaligned data. */
static void test_headers_accepted(void **state)
{
  (void)state;
  static const char *const headers[] = {
      "{\"a\":" A ",\"b\":" T("\"F64\"", "[]", "[8,16]") "}",
      "{\"b\":" T("\"F64\"", "[1,1]", "[8,16]") ",\"a\":" A "}    ",
      "{\"a\":" A ",\"e\":" T("\"F32\"", "[0,7]", "[8,8]") ",\"b\":" T(
          "\"U64\"", "[1]", "[8,16]") ",\"__metadata__\":{}}",
  };
  static const uint8_t data[16] = {0};
  for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
    const blob b = blob_of(headers[i], data, sizeof data);
    kj__safetensors file = {0};
    kj_error err;
    if (kj__safetensors_parse(b.data, b.size, &file, &err) != KJ_OK)
      fail_msg("%s: %s", headers[i], err.message);
    assert_true(json_is_object(file.metadata));
    kj__safetensors_clear(&file);
    free(b.data);
  }
}

static void test_lengths(void **state)
{
  (void)state;
  uint8_t bytes[16] = "\x02\0\0\0\0\0\0\0{}";
  kj__safetensors file = {0};
  kj_error err;
  assert_int_equal(kj__safetensors_parse(bytes, 10, &file, NULL), KJ_OK);
  kj__safetensors_clear(&file);
  assert_int_equal(kj__safetensors_parse(NULL, 0, &file, NULL), KJ_EFORMAT);
  for (size_t n = 0; n < 10; n++)
    assert_int_equal(kj__safetensors_parse(bytes, n, &file, NULL), KJ_EFORMAT);
  memset(bytes, 0xFF, 8);
  kj_status status = kj__safetensors_parse(bytes, 10, &file, &err);
  assert_error("length", status, &err, KJ_EFORMAT,
               "header length is 18446744073709551615; must be at most the 2");
  status = kj__safetensors_parse(bytes, (size_t)KJ__MAX_TENSOR_FILE + 1, &file,
                                 &err);
  assert_error("size", status, &err, KJ_EFORMAT, "is 1073741825 bytes long");
}

/* Limits that are checked before memory is taken for what they count. */
static void test_counts(void **state)
{
  (void)state;
  char *text = calloc(1 << 20, 1);
  char *end = text + sprintf(text, "{\"__metadata__\":{\"k0\":\"\"");
  for (int i = 1; i <= KJ__MAX_METADATA; i++)
    end += sprintf(end, ",\"k%d\":\"\"", i);
  strcpy(end, "}}");
  blob b = blob_of(text, NULL, 0);
  kj__safetensors file = {0};
  kj_error err;
  kj_status status = kj__safetensors_parse(b.data, b.size, &file, &err);
  assert_error("metadata", status, &err, KJ_EFORMAT, "has 65 entries; at most");
  free(b.data);
  end = text + sprintf(text, "{\"t\":{}");
  for (int i = 0; i <= KJ__MAX_TENSORS; i++)
    end += sprintf(end, ",\"t%d\":0", i);
  strcpy(end, "}");
  b = blob_of(text, NULL, 0);
  status = kj__safetensors_parse(b.data, b.size, &file, &err);
  assert_error("tensors", status, &err, KJ_EFORMAT, "4098 entries; at most");
  free(b.data);
  end = text + sprintf(text, "{\"t\":[0");
  for (int i = 0; i <= 8 * (KJ__MAX_TENSORS + KJ__MAX_METADATA); i++)
    end += sprintf(end, ",0");
  strcpy(end, "]}");
  b = blob_of(text, NULL, 0);
  status = kj__safetensors_parse(b.data, b.size, &file, &err);
  assert_error("values", status, &err, KJ_EFORMAT, "more than 33280 values");
  free(b.data);
  free(text);
}

/* A stranger's name cannot speak to the terminal. */
static void test_messages_are_printable(void **state)
{
  (void)state;
  const blob b = blob_of("{\"\\u001b[31m\\u009b\":1}", NULL, 0);
  kj__safetensors file = {0};
  kj_error err;
  const kj_status status = kj__safetensors_parse(b.data, b.size, &file, &err);
  assert_error("name", status, &err, KJ_EFORMAT, "tensor ?[31m??: must be");
  free(b.data);
}

static void test_match(void **state)
{
  (void)state;
  static const uint8_t data[16] = {0};
  const blob b = blob_of(
      "{\"a\":" A ",\"b\":" T("\"F32\"", "[1,2]", "[8,16]") "}", data, 16);
  static const struct {
    kj__tensor_view views[2];
    size_t n;
    const char *says;
  } rows[] = {
      {{{"c", KJ__F32, 1, {2}, NULL}}, 1, "tensor c is missing"},
      {{{"a", KJ__F64, 1, {2}, NULL}}, 1, "a: dtype is F32; must be F64"},
      {{{"a", KJ__F32, 1, {3}, NULL}}, 1, "a: shape is [2]; must be [3]"},
      {{{"a", KJ__F32, 0, {0}, NULL}}, 1, "a: shape is [2]; must be []"},
      {{{"b", KJ__F32, 2, {2, 1}, NULL}}, 1, "is [1, 2]; must be [2, 1]"},
      {{{"b", KJ__F32, 2, {1, 2}, NULL}}, 1, "tensor a does not belong here"},
  };
  kj__safetensors file = {0};
  assert_int_equal(kj__safetensors_parse(b.data, b.size, &file, NULL), KJ_OK);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    kj_error err = {.status = KJ_OK};
    const kj_status status =
        kj__safetensors_match(&file, rows[i].views, rows[i].n, &err);
    assert_error("match", status, &err, KJ_EFORMAT, rows[i].says);
  }
  kj__safetensors_clear(&file);
  free(b.data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exact_bytes),
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_views_not_allowed),
      cmocka_unit_test(test_headers_refused),
      cmocka_unit_test(test_headers_accepted),
      cmocka_unit_test(test_lengths),
      cmocka_unit_test(test_counts),
      cmocka_unit_test(test_messages_are_printable),
      cmocka_unit_test(test_match),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
