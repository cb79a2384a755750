/*
 * safetensors.h: named tensors and a map of strings in one file.
 *
 * Format: u64 little-endian length of the header; the header, a JSON object
 * {"__metadata__": {key: string}, NAME: {"dtype", "shape", "data_offsets":
 * [begin, end]}}, padded with spaces; the data, little-endian, row-major,
 * which the tensors cover without hole or overlap.
 *
 * Source: huggingface.co/docs/safetensors, "Format". Narrower here: rank at
 * most 2 and the dtypes listed below; anything else is refused.
 */
#ifndef KJ_MODEL_SAFETENSORS_H
#define KJ_MODEL_SAFETENSORS_H

#include "kanjo/status.h"
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum {
  KJ__TENSOR_NAME_SIZE = 64, /* bytes with the final zero */
  KJ__MAX_RANK = 2,
  KJ__MAX_TENSORS = 4096,
  KJ__MAX_METADATA = 64,         /* entries of __metadata__ */
  KJ__MAX_HEADER = 100000000,    /* bytes, as the Python library has it */
  KJ__MAX_TENSOR_FILE = 1 << 30, /* bytes of a whole file: 1 GiB */
};

/* X(enum, name in the file, bytes of an item) */
#define KJ__DTYPE_LIST(X)                                                      \
  X(KJ__F32, "F32", 4)                                                         \
  X(KJ__F64, "F64", 8)                                                         \
  X(KJ__I64, "I64", 8)                                                         \
  X(KJ__U64, "U64", 8)                                                         \
  X(KJ__BFLOAT16, "BF16", 2)                                                   \
  X(KJ__I8, "I8", 1)                                                           \
  X(KJ__U8, "U8", 1)

typedef enum kj__dtype {
#define KJ__DTYPE_ENUM(id, name, size) id,
  KJ__DTYPE_LIST(KJ__DTYPE_ENUM)
#undef KJ__DTYPE_ENUM
} kj__dtype;

/* A tensor in memory: float, double, int64_t, uint64_t, the upper half of a
 * float as uint16_t, int8_t or bytes, by its dtype. */
typedef struct kj__tensor_view {
  char name[KJ__TENSOR_NAME_SIZE];
  kj__dtype dtype;
  size_t rank;
  size_t shape[KJ__MAX_RANK]; /* entries behind rank are not read */
  void *data;                 /* row-major; the caller's */
} kj__tensor_view;

/* Product of the shape (1 for rank 0). The sizes are the caller's own. */
size_t kj__tensor_count(const kj__tensor_view *view);

/* Bytes of one item, and the dtype's name in a file. */
size_t kj__dtype_size(kj__dtype dtype);
const char *kj__dtype_name(kj__dtype dtype);

/* A tensor in a file; its data may be unaligned. */
typedef struct kj__stored_tensor {
  const char *name; /* belongs to the header */
  kj__dtype dtype;
  size_t rank;
  size_t shape[KJ__MAX_RANK];
  size_t begin, end; /* bytes, from the start of the data */
} kj__stored_tensor;

/* A parsed file: a view of the caller's bytes, which must outlive it. */
typedef struct kj__safetensors {
  json_t *header;   /* keeps the names alive */
  json_t *metadata; /* an object of strings (may be empty), never NULL */
  kj__stored_tensor *tensor; /* in the order of their data */
  size_t n_tensors;
  const uint8_t *data;
} kj__safetensors;

/* Parse and check all of a file but the values in its tensors.
 * KJ_EFORMAT with field, value and what was allowed; KJ_EMEMORY. */
kj_status kj__safetensors_parse(const void *bytes, size_t size,
                                kj__safetensors *out, kj_error *err);

/* Release what kj__safetensors_parse made; a zeroed one is allowed. */
void kj__safetensors_clear(kj__safetensors *file);

/* The tensor of that name, or NULL. */
const kj__stored_tensor *kj__safetensors_find(const kj__safetensors *file,
                                              const char *name);

/* Check that the file has exactly these tensors, by name, dtype and shape,
 * in any order. KJ_EFORMAT names the first that is not so. */
kj_status kj__safetensors_match(const kj__safetensors *file,
                                const kj__tensor_view *expected, size_t n,
                                kj_error *err);

/* Copy tensors that have matched into the memory of the views. */
void kj__safetensors_copy(const kj__safetensors *file,
                          const kj__tensor_view *views, size_t n);

/* The bytes of a file (malloc'ed), the same for the same input: metadata in
 * its own order, then the tensors of 8-byte items, then of 4, 2 and 1 byte,
 * each in the order given, so that all are aligned.
 * KJ_EARGUMENT if a view is not allowed or the file would be too large to be
 * read again; KJ_EMEMORY. */
kj_status kj__safetensors_build(const kj__tensor_view *views, size_t n,
                                json_t *metadata, uint8_t **bytes, size_t *size,
                                kj_error *err);

/* Write bytes to `path` through a temporary name. KJ_EFILE, KJ_EMEMORY. */
kj_status kj__safetensors_save(const char *path, const uint8_t *bytes,
                               size_t size, kj_error *err);

#endif
