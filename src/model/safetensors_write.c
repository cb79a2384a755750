/*
 * safetensors_write.c: lay out a safetensors file, the same bits every time.
 *
 * Tensors of larger items come first, and the header is padded to 8 bytes:
 * every item lies at a multiple of its size.
 */
#include "model/safetensors.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 8, LENGTH_SIZE = 8 };

static size_t bytes_of(const kj__tensor_view *view)
{
  return kj__tensor_count(view) * kj__dtype_size(view->dtype);
}

static kj_status check_view(const kj__tensor_view *view, kj_error *err)
{
  if (!memchr(view->name, '\0', sizeof view->name) || !view->name[0])
    return kj__fail(err, KJ_EARGUMENT, "name of a tensor must have 1..%d bytes",
                    KJ__TENSOR_NAME_SIZE - 1);
  if (view->rank > KJ__MAX_RANK)
    return kj__fail(err, KJ_EARGUMENT, "tensor %s: rank is %zu; at most %d",
                    view->name, view->rank, KJ__MAX_RANK);
  for (size_t d = 0; d < view->rank; d++)
    if (view->shape[d] > KJ__MAX_TENSOR_FILE)
      return kj__fail(err, KJ_EARGUMENT,
                      "tensor %s: shape[%zu] is %zu; at most %d", view->name, d,
                      view->shape[d], KJ__MAX_TENSOR_FILE);
  return KJ_OK;
}

/* For json_pack, by rank. */
static const char *const SHAPE_FORMATS[KJ__MAX_RANK + 1] = {"[]", "[I]",
                                                            "[I, I]"};

/* The views, those of larger items first, with where their data begin. */
typedef struct layout {
  const kj__tensor_view **view;
  size_t n;
  size_t n_data; /* bytes */
} layout;

static kj_status append_view(layout *plan, const kj__tensor_view *view,
                             json_t *header, kj_error *err)
{
  const size_t begin = plan->n_data, end = begin + bytes_of(view);
  if (json_object_get(header, view->name))
    return kj__fail(err, KJ_EARGUMENT, "there are two tensors %s", view->name);
  if (end > KJ__MAX_TENSOR_FILE)
    return kj__fail(err, KJ_EARGUMENT,
                    "tensor %s ends at byte %zu; a file has at most %d",
                    view->name, end, KJ__MAX_TENSOR_FILE);
  json_t *shape =
      json_pack(SHAPE_FORMATS[view->rank], (json_int_t)view->shape[0],
                (json_int_t)view->shape[1]);
  json_t *entry = json_pack("{s:s, s:o, s:[I, I]}", "dtype",
                            kj__dtype_name(view->dtype), "shape", shape,
                            "data_offsets", (json_int_t)begin, (json_int_t)end);
  if (!entry || json_object_set_new(header, view->name, entry) != 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "tensor %s: name is not UTF-8, or out of memory",
                    view->name);
  plan->view[plan->n++] = view;
  plan->n_data = end;
  return KJ_OK;
}

static kj_status lay_out(layout *plan, const kj__tensor_view *views, size_t n,
                         json_t *header, kj_error *err)
{
  static const size_t ITEM_SIZES[] = {8, 4, 2, 1};
  kj_status status = KJ_OK;
  for (size_t i = 0; i < n && status == KJ_OK; i++)
    status = check_view(&views[i], err);
  for (size_t s = 0; s < sizeof ITEM_SIZES / sizeof ITEM_SIZES[0]; s++)
    for (size_t i = 0; i < n && status == KJ_OK; i++)
      if (kj__dtype_size(views[i].dtype) == ITEM_SIZES[s])
        status = append_view(plan, &views[i], header, err);
  return status;
}

static void store_little_endian(uint8_t *to, uint64_t bits, size_t size)
{
  for (size_t b = 0; b < size; b++)
    to[b] = (uint8_t)(bits >> (8 * b));
}

/* The bits of a number of this size. */
static uint64_t load_item(const uint8_t *from, size_t size)
{
  uint8_t byte = 0;
  uint16_t half = 0;
  uint32_t word = 0;
  uint64_t wide = 0;
  void *const item[] = {
      [sizeof byte] = &byte,
      [sizeof half] = &half,
      [sizeof word] = &word,
      [sizeof wide] = &wide,
  };
  memcpy(item[size], from, size);
  return wide | word | half | byte;
}

static void store_items(uint8_t *to, const kj__tensor_view *view)
{
  const size_t size = kj__dtype_size(view->dtype);
  const size_t n = kj__tensor_count(view);
  const uint8_t *from = view->data;
  for (size_t i = 0; i < n; i++) {
    store_little_endian(to + i * size, load_item(from + i * size, size), size);
  }
}

/* Length, header, padding and data, in one block. */
static kj_status assemble(const layout *plan, const char *header,
                          uint8_t **bytes, size_t *size, kj_error *err)
{
  const size_t n_text = strlen(header);
  const size_t n_header = (n_text + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  const size_t total = LENGTH_SIZE + n_header + plan->n_data;
  if (n_header > KJ__MAX_HEADER || total > KJ__MAX_TENSOR_FILE)
    return kj__fail(err, KJ_EARGUMENT,
                    "the file would have a header of %zu bytes, %zu in all; "
                    "at most %d and %d",
                    n_header, total, KJ__MAX_HEADER, KJ__MAX_TENSOR_FILE);
  uint8_t *block = malloc(total);
  if (!block)
    return kj__fail_memory(err, "the file's content");
  store_little_endian(block, n_header, LENGTH_SIZE);
  memcpy(block + LENGTH_SIZE, header, n_text);
  memset(block + LENGTH_SIZE + n_text, ' ', n_header - n_text);
  uint8_t *to = block + LENGTH_SIZE + n_header;
  for (size_t i = 0; i < plan->n; i++) {
    store_items(to, plan->view[i]);
    to += bytes_of(plan->view[i]);
  }
  *bytes = block;
  *size = total;
  return KJ_OK;
}

kj_status kj__safetensors_build(const kj__tensor_view *views, size_t n,
                                json_t *metadata, uint8_t **bytes, size_t *size,
                                kj_error *err)
{
  if (n > KJ__MAX_TENSORS)
    return kj__fail(err, KJ_EARGUMENT, "there are %zu tensors; at most %d", n,
                    KJ__MAX_TENSORS);
  char *text = NULL;
  kj_status status = kj__fail_memory(err, "a file's header");
  layout plan = {.view = kj__allocate(NULL, n, sizeof *plan.view)};
  json_t *header = json_object();
  if (!plan.view || !header ||
      json_object_set(header, "__metadata__", metadata) != 0)
    goto out;
  status = lay_out(&plan, views, n, header, err);
  if (status != KJ_OK)
    goto out;
  text = json_dumps(header, JSON_COMPACT);
  status = text ? assemble(&plan, text, bytes, size, err)
                : kj__fail_memory(err, "a file's header");
out:
  free(text);
  json_decref(header);
  free(plan.view);
  return status;
}

kj_status kj__safetensors_save(const char *path, const uint8_t *bytes,
                               size_t size, kj_error *err)
{
  kj__output output;
  const kj_status status = kj__output_open(&output, path, err);
  if (status != KJ_OK)
    return status;
  fwrite(bytes, 1, size, output.stream);
  return kj__output_commit(&output, err);
}
