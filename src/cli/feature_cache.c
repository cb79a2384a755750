/*
 * feature_cache.c: a header of three numbers, a byte a row (has it values?),
 * then the values of all rows as floats.
 */
#define _GNU_SOURCE
#include "cli/feature_cache.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "base/tier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char MAGIC[8] = "KJFEAT1";
enum { DIGITS = 16 /* of the digest in the name */ };

typedef struct header {
  char magic[8];
  uint64_t n_rows, n_inputs;
} header;

static void hash_number(kj__sha256 *hash, double number)
{
  kj__sha256_update(hash, &number, sizeof number);
}

/* A file is the same while its size and time are. */
static void hash_file(kj__sha256 *hash, const char *file)
{
  struct stat info;
  kj__sha256_text(hash, file);
  if (stat(file, &info) != 0)
    return;
  hash_number(hash, (double)info.st_size);
  hash_number(hash, (double)info.st_mtim.tv_sec);
  hash_number(hash, (double)info.st_mtim.tv_nsec);
}

kj_status cli_cache_path(const char *folder, const char *name,
                         const kj_dataset *data, const cli_sound *sound,
                         char **path, kj_error *err)
{
  kj__sha256 hash;
  char hex[KJ__SHA256_HEX_SIZE];
  kj__sha256_init(&hash);
  kj__sha256_text(&hash, KANJO_VERSION);
  kj__sha256_text(&hash, kj__tier_is_fused() ? "fused" : "");
  kj__sha256_text(&hash, sound->set->name);
  hash_number(&hash, (double)sound->set->version);
  hash_number(&hash, (double)sound->audio.rate_hz);
  hash_number(&hash, (double)sound->audio.channel);
  for (size_t i = 0; i < data->n_rows; i++) {
    const kj_row *row = &data->row[i];
    if (i == 0 || strcmp(row->file, data->row[i - 1].file) != 0)
      hash_file(&hash, row->file);
    hash_number(&hash, row->start_s);
    hash_number(&hash, row->end_s);
    hash_number(&hash, (double)row->channel);
  }
  kj__sha256_finish_hex(&hash, hex);
  if (asprintf(path, "%s/features/%s-%.*s", folder, name, DIGITS, hex) < 0)
    return kj__fail_memory(err, "a path");
  return KJ_OK;
}

/* Whether the bytes are the features of so many rows. */
static bool fits(const char *bytes, size_t size, const kj_dataset *data,
                 size_t n_inputs)
{
  header head;
  if (size < sizeof head)
    return false;
  memcpy(&head, bytes, sizeof head);
  return memcmp(head.magic, MAGIC, sizeof MAGIC) == 0 &&
         head.n_rows == data->n_rows && head.n_inputs == n_inputs &&
         size == sizeof head + data->n_rows * (1 + n_inputs * sizeof(float));
}

kj_status cli_cache_read(const char *path, kj_dataset *data,
                         const cli_sound *sound, bool *found, kj_error *err)
{
  const size_t n = sound->set->n_functionals;
  char *bytes = NULL;
  size_t size = 0;
  *found = false;
  if (kj__file_read(path, SIZE_MAX / 2, &bytes, &size, NULL) != KJ_OK)
    return KJ_OK;
  kj_status status = KJ_OK;
  if (fits(bytes, size, data, n)) {
    const char *usable = bytes + sizeof(header);
    float *x = kj__allocate(NULL, data->n_rows, n * sizeof *x);
    if (x)
      memcpy(x, usable + data->n_rows, data->n_rows * n * sizeof *x);
    status = x ? kj_dataset_attach_functionals(
                     data, sound->set, x, (const unsigned char *)usable, err)
               : kj__fail_memory(err, "features");
    *found = status == KJ_OK;
    if (status == KJ_EDATA) /* damaged: as if it were not there */
      status = KJ_OK;
    kj__release(NULL, x);
  }
  free(bytes);
  return status;
}

static kj_status make_folder(const char *path, kj_error *err)
{
  char *folder = kj__copy_text(path);
  if (!folder)
    return kj__fail_memory(err, "a path");
  *strrchr(folder, '/') = '\0';
  const bool is_there = mkdir(folder, 0777) == 0 || errno == EEXIST;
  const kj_status status =
      is_there ? KJ_OK
               : kj__fail(err, KJ_EFILE, "%s: %s", folder, strerror(errno));
  free(folder);
  return status;
}

/* Rows that are left stand in the order they had; each is known by its line of
 * the table. */
static void write_rows(FILE *stream, const kj_dataset *data,
                       const kj_row *before, size_t n_before,
                       const float *nothing)
{
  size_t i = 0;
  for (size_t b = 0; b < n_before; b++) {
    const bool is_left =
        i < data->n_rows && data->row[i].line == before[b].line;
    putc(is_left, stream);
    i += is_left;
  }
  i = 0;
  for (size_t b = 0; b < n_before; b++) {
    const bool is_left =
        i < data->n_rows && data->row[i].line == before[b].line;
    fwrite(is_left ? data->x + i * data->n_inputs : nothing, sizeof(float),
           data->n_inputs, stream);
    i += is_left;
  }
}

kj_status cli_cache_write(const char *path, const kj_dataset *data,
                          const kj_row *before, size_t n_before, kj_error *err)
{
  kj__output output;
  header head = {.n_rows = n_before, .n_inputs = data->n_inputs};
  float *nothing = kj__allocate(NULL, data->n_inputs, sizeof *nothing);
  memcpy(head.magic, MAGIC, sizeof MAGIC);
  kj_status status =
      nothing ? make_folder(path, err) : kj__fail_memory(err, "features");
  if (status == KJ_OK)
    status = kj__output_open(&output, path, err);
  if (status == KJ_OK) {
    fwrite(&head, sizeof head, 1, output.stream);
    write_rows(output.stream, data, before, n_before, nothing);
    status = kj__output_commit(&output, err);
  }
  kj__release(NULL, nothing);
  return status;
}
