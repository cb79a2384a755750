/*
 * safetensors.c: read a safetensors file as if it hated us.
 *
 * In this order: the length, the header's JSON, every entry by itself, then
 * that the entries cover the data. Nothing is believed before it is checked,
 * and nothing is allocated for a number the file only claims.
 */
#include "model/safetensors.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "model/json.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The header nests {NAME: {"shape": [ ]}}; a tensor has about 8 values. */
static const kj__json_limits HEADER_LIMITS = {
    .max_depth = 3,
    .max_values = 8 * (KJ__MAX_TENSORS + KJ__MAX_METADATA),
};

static const char METADATA_KEY[] = "__metadata__";

static const char *const DTYPE_NAME[] = {
#define DTYPE_NAME_ITEM(id, name, size) name,
    KJ__DTYPE_LIST(DTYPE_NAME_ITEM)
#undef DTYPE_NAME_ITEM
};

static const size_t DTYPE_SIZE[] = {
#define DTYPE_SIZE_ITEM(id, name, size) size,
    KJ__DTYPE_LIST(DTYPE_SIZE_ITEM)
#undef DTYPE_SIZE_ITEM
};

enum { N_DTYPES = sizeof DTYPE_SIZE / sizeof DTYPE_SIZE[0] };

size_t kj__dtype_size(kj__dtype dtype)
{
  return DTYPE_SIZE[dtype];
}

const char *kj__dtype_name(kj__dtype dtype)
{
  return DTYPE_NAME[dtype];
}

size_t kj__tensor_count(const kj__tensor_view *view)
{
  size_t count = 1;
  for (size_t d = 0; d < view->rank; d++)
    count *= view->shape[d];
  return count;
}

/* ---- one entry of the header ---- */

static kj_status read_dtype(const json_t *entry, kj__stored_tensor *tensor,
                            kj_error *err)
{
  const char *name = json_string_value(json_object_get(entry, "dtype"));
  for (size_t i = 0; name && i < N_DTYPES; i++)
    if (strcmp(name, DTYPE_NAME[i]) == 0) {
      tensor->dtype = (kj__dtype)i;
      return KJ_OK;
    }
  return kj__fail(err, KJ_EFORMAT,
                  "dtype is %s; must be F32, F64, I64, U64, BF16 or I8",
                  name ? kj__quote(name).text : "missing or no string");
}

/* A JSON integer that is a size; false for anything else. */
static bool read_size(const json_t *value, size_t *out)
{
  const json_int_t integer = json_integer_value(value);
  if (!json_is_integer(value) || integer < 0 || (uintmax_t)integer > SIZE_MAX)
    return false;
  *out = (size_t)integer;
  return true;
}

static kj_status read_shape(const json_t *entry, kj__stored_tensor *tensor,
                            kj_error *err)
{
  const json_t *shape = json_object_get(entry, "shape");
  if (!json_is_array(shape) || json_array_size(shape) > KJ__MAX_RANK)
    return kj__fail(err, KJ_EFORMAT,
                    "shape must be an array of at most %d sizes", KJ__MAX_RANK);
  tensor->rank = json_array_size(shape);
  for (size_t d = 0; d < tensor->rank; d++)
    if (!read_size(json_array_get(shape, d), &tensor->shape[d]))
      return kj__fail(err, KJ_EFORMAT,
                      "shape[%zu] must be an integer of at least 0", d);
  return KJ_OK;
}

static kj_status read_offsets(const json_t *entry, kj__stored_tensor *tensor,
                              kj_error *err)
{
  const json_t *offsets = json_object_get(entry, "data_offsets");
  if (!json_is_array(offsets) || json_array_size(offsets) != 2 ||
      !read_size(json_array_get(offsets, 0), &tensor->begin) ||
      !read_size(json_array_get(offsets, 1), &tensor->end))
    return kj__fail(err, KJ_EFORMAT,
                    "data_offsets must be two integers of at least 0");
  return KJ_OK;
}

/* Bytes that dtype and shape ask for; false where that overflows. */
static bool bytes_of(const kj__stored_tensor *tensor, size_t *n_bytes)
{
  size_t n = DTYPE_SIZE[tensor->dtype];
  for (size_t d = 0; d < tensor->rank; d++)
    if (!kj__size_multiply(n, tensor->shape[d], &n))
      return false;
  *n_bytes = n;
  return true;
}

static kj_status check_extent(const kj__stored_tensor *tensor, size_t n_data,
                              kj_error *err)
{
  size_t n_bytes;
  if (tensor->begin > tensor->end || tensor->end > n_data)
    return kj__fail(err, KJ_EFORMAT,
                    "data_offsets are [%zu, %zu]; must lie within the %zu "
                    "bytes of data",
                    tensor->begin, tensor->end, n_data);
  if (!bytes_of(tensor, &n_bytes))
    return kj__fail(err, KJ_EFORMAT, "shape is larger than any memory");
  if (n_bytes != tensor->end - tensor->begin)
    return kj__fail(err, KJ_EFORMAT,
                    "data_offsets [%zu, %zu] hold %zu bytes; dtype and shape "
                    "need %zu",
                    tensor->begin, tensor->end, tensor->end - tensor->begin,
                    n_bytes);
  return KJ_OK;
}

static kj_status read_tensor(const char *name, const json_t *entry,
                             size_t n_data, kj__stored_tensor *tensor,
                             kj_error *err)
{
  tensor->name = name;
  if (strlen(name) >= KJ__TENSOR_NAME_SIZE)
    return kj__fail(err, KJ_EFORMAT, "name is longer than %d bytes",
                    KJ__TENSOR_NAME_SIZE - 1);
  if (!json_is_object(entry) || json_object_size(entry) != 3)
    return kj__fail(err, KJ_EFORMAT,
                    "must be an object of dtype, shape and data_offsets");
  kj_status status = read_dtype(entry, tensor, err);
  if (status == KJ_OK)
    status = read_shape(entry, tensor, err);
  if (status == KJ_OK)
    status = read_offsets(entry, tensor, err);
  if (status == KJ_OK)
    status = check_extent(tensor, n_data, err);
  return status;
}

/* ---- the header as a whole ---- */

static kj_status parse_header(kj__bytes *bytes, json_t **header, kj_error *err)
{
  const uint64_t n_header = kj__bytes_u64(bytes);
  if (bytes->failed)
    return kj__fail(err, KJ_EFORMAT,
                    "is %zu bytes long; the header's length alone takes 8",
                    bytes->size);
  const size_t left = bytes->size - bytes->offset;
  if (n_header > left || n_header > KJ__MAX_HEADER)
    return kj__fail(err, KJ_EFORMAT,
                    "header length is %llu; must be at most the %zu bytes "
                    "that follow and %d",
                    (unsigned long long)n_header, left, KJ__MAX_HEADER);
  const char *text = (const char *)kj__bytes_take(bytes, (size_t)n_header);
  if (n_header == 0 || text[0] != '{')
    return kj__fail(err, KJ_EFORMAT, "header does not begin with {");
  return kj__json_parse("header", text, (size_t)n_header, HEADER_LIMITS, header,
                        err);
}

/* Take the map of strings out of the header. */
static kj_status read_metadata(kj__safetensors *file, kj_error *err)
{
  json_t *map = json_object_get(file->header, METADATA_KEY);
  map = map ? json_incref(map) : json_object();
  file->metadata = map;
  if (!map)
    return kj__fail_memory(err, METADATA_KEY);
  if (!json_is_object(map))
    return kj__fail(err, KJ_EFORMAT, "__metadata__ must be an object");
  if (json_object_size(map) > KJ__MAX_METADATA)
    return kj__fail(err, KJ_EFORMAT, "__metadata__ has %zu entries; at most %d",
                    json_object_size(map), KJ__MAX_METADATA);
  for (void *at = json_object_iter(map); at;
       at = json_object_iter_next(map, at))
    if (!json_is_string(json_object_iter_value(at)))
      return kj__fail(err, KJ_EFORMAT, "__metadata__: %s must be a string",
                      kj__quote(json_object_iter_key(at)).text);
  return KJ_OK;
}

static kj_status read_tensors(kj__safetensors *file, size_t n_data,
                              kj_error *err)
{
  const size_t n_entries = json_object_size(file->header);
  if (n_entries > KJ__MAX_TENSORS + 1)
    return kj__fail(err, KJ_EFORMAT, "header has %zu entries; at most %d",
                    n_entries, KJ__MAX_TENSORS + 1);
  file->tensor = kj__allocate(NULL, n_entries, sizeof *file->tensor);
  if (!file->tensor)
    return kj__fail_memory(err, "the table of tensors");
  for (void *at = json_object_iter(file->header); at;
       at = json_object_iter_next(file->header, at)) {
    const char *name = json_object_iter_key(at);
    if (strcmp(name, METADATA_KEY) == 0)
      continue;
    const kj_status status =
        read_tensor(name, json_object_iter_value(at), n_data,
                    &file->tensor[file->n_tensors++], err);
    if (status != KJ_OK)
      return kj__fail_in(err, status, "tensor %s", kj__quote(name).text);
  }
  return KJ_OK;
}

/* An empty tensor comes before the one that starts where it stands. */
static int compare_place(const void *left, const void *right)
{
  const kj__stored_tensor *a = left, *b = right;
  if (a->begin != b->begin)
    return a->begin < b->begin ? -1 : 1;
  return (a->end > b->end) - (a->end < b->end);
}

static kj_status check_cover(kj__safetensors *file, size_t n_data,
                             kj_error *err)
{
  size_t end = 0;
  qsort(file->tensor, file->n_tensors, sizeof *file->tensor, compare_place);
  for (size_t i = 0; i < file->n_tensors; i++) {
    const kj__stored_tensor *tensor = &file->tensor[i];
    if (tensor->begin != end)
      return kj__fail(
          err, KJ_EFORMAT,
          "tensor %s: data_offsets begin at %zu; must be %zu, where "
          "the one before ends",
          kj__quote(tensor->name).text, tensor->begin, end);
    end = tensor->end;
  }
  if (end != n_data)
    return kj__fail(err, KJ_EFORMAT,
                    "the tensors take %zu bytes of data; there are %zu", end,
                    n_data);
  return KJ_OK;
}

kj_status kj__safetensors_parse(const void *bytes, size_t size,
                                kj__safetensors *out, kj_error *err)
{
  kj__safetensors file = {0};
  kj__bytes reader = kj__bytes_over(bytes, size);
  if (size > KJ__MAX_TENSOR_FILE)
    return kj__fail(err, KJ_EFORMAT, "is %zu bytes long; at most %d", size,
                    KJ__MAX_TENSOR_FILE);
  kj_status status = parse_header(&reader, &file.header, err);
  const size_t n_data = size - reader.offset;
  if (status == KJ_OK)
    status = read_metadata(&file, err);
  if (status == KJ_OK)
    status = read_tensors(&file, n_data, err);
  if (status == KJ_OK)
    status = check_cover(&file, n_data, err);
  if (status != KJ_OK) {
    kj__safetensors_clear(&file);
    return status;
  }
  file.data = reader.data + reader.offset;
  *out = file;
  return KJ_OK;
}

void kj__safetensors_clear(kj__safetensors *file)
{
  free(file->tensor);
  json_decref(file->metadata);
  json_decref(file->header);
  *file = (kj__safetensors){0};
}

/* ---- what a caller wants of it ---- */

const kj__stored_tensor *kj__safetensors_find(const kj__safetensors *file,
                                              const char *name)
{
  for (size_t i = 0; i < file->n_tensors; i++)
    if (strcmp(file->tensor[i].name, name) == 0)
      return &file->tensor[i];
  return NULL;
}

/* "[2, 3]" */
typedef struct shape_text {
  char text[64];
} shape_text;

static shape_text print_shape(const size_t *shape, size_t rank)
{
  shape_text out = {"[]"};
  if (rank == 1)
    snprintf(out.text, sizeof out.text, "[%zu]", shape[0]);
  if (rank == 2)
    snprintf(out.text, sizeof out.text, "[%zu, %zu]", shape[0], shape[1]);
  return out;
}

static kj_status match_one(const kj__safetensors *file,
                           const kj__tensor_view *expected, kj_error *err)
{
  const kj__stored_tensor *tensor = kj__safetensors_find(file, expected->name);
  if (!tensor)
    return kj__fail(err, KJ_EFORMAT, "tensor %s is missing", expected->name);
  if (tensor->dtype != expected->dtype)
    return kj__fail(err, KJ_EFORMAT, "tensor %s: dtype is %s; must be %s",
                    expected->name, DTYPE_NAME[tensor->dtype],
                    DTYPE_NAME[expected->dtype]);
  bool is_same = tensor->rank == expected->rank;
  for (size_t d = 0; is_same && d < expected->rank; d++)
    is_same = tensor->shape[d] == expected->shape[d];
  if (!is_same)
    return kj__fail(err, KJ_EFORMAT, "tensor %s: shape is %s; must be %s",
                    expected->name,
                    print_shape(tensor->shape, tensor->rank).text,
                    print_shape(expected->shape, expected->rank).text);
  return KJ_OK;
}

static bool is_expected(const char *name, const kj__tensor_view *expected,
                        size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp(expected[i].name, name) == 0)
      return true;
  return false;
}

kj_status kj__safetensors_match(const kj__safetensors *file,
                                const kj__tensor_view *expected, size_t n,
                                kj_error *err)
{
  for (size_t i = 0; i < n; i++) {
    const kj_status status = match_one(file, &expected[i], err);
    if (status != KJ_OK)
      return status;
  }
  for (size_t i = 0; i < file->n_tensors; i++)
    if (!is_expected(file->tensor[i].name, expected, n))
      return kj__fail(err, KJ_EFORMAT, "tensor %s does not belong here",
                      kj__quote(file->tensor[i].name).text);
  return KJ_OK;
}

/* The first `size` of a number's bytes, little-endian, as this machine has
 * a number of that size. */
static void store_item(uint8_t *to, uint64_t bits, size_t size)
{
  const uint8_t byte = (uint8_t)bits;
  const uint16_t half = (uint16_t)bits;
  const uint32_t word = (uint32_t)bits;
  const void *const item[] = {
      [sizeof byte] = &byte,
      [sizeof half] = &half,
      [sizeof word] = &word,
      [sizeof bits] = &bits,
  };
  memcpy(to, item[size], size);
}

/* Little-endian items to those of this machine. */
static void copy_items(void *destination, const uint8_t *source, size_t n,
                       size_t item_size)
{
  uint8_t *to = destination;
  for (size_t i = 0; i < n; i++) {
    uint64_t bits = 0;
    for (size_t b = item_size; b-- > 0;)
      bits = bits << 8 | source[i * item_size + b];
    store_item(to + i * item_size, bits, item_size);
  }
}

void kj__safetensors_copy(const kj__safetensors *file,
                          const kj__tensor_view *views, size_t n)
{
  for (size_t i = 0; i < n; i++)
    copy_items(views[i].data,
               file->data + kj__safetensors_find(file, views[i].name)->begin,
               kj__tensor_count(&views[i]), DTYPE_SIZE[views[i].dtype]);
}
