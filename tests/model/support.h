/*
 * support.h: small model files for the tests of this room, and a second,
 * independent hand at taking them apart and putting them together.
 */
#ifndef KJ_TESTS_MODEL_SUPPORT_H
#define KJ_TESTS_MODEL_SUPPORT_H

#define _POSIX_C_SOURCE 200809L /* mkdtemp; this header comes first */

#include "estimator/support.h"

#include "kanjo/model.h"
#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files ---- */

typedef struct folder {
  char path[64];
} folder;

static inline folder new_folder(void)
{
  folder f = {"/tmp/kanjo-model-XXXXXX"};
  assert_non_null(mkdtemp(f.path));
  return f;
}

typedef struct file_name {
  char path[128];
} file_name;

static inline file_name in_folder(const folder *f, const char *name)
{
  file_name file;
  snprintf(file.path, sizeof file.path, "%s/%s", f->path, name);
  return file;
}

/* Remove the folder, which the named files (NULL-terminated list) are in. */
static inline void remove_folder(const folder *f, const char *const *names)
{
  for (; *names; names++)
    unlink(in_folder(f, *names).path);
  if (rmdir(f->path) != 0)
    fail_msg("%s: something was left behind", f->path);
}

/* Bytes of a file, in memory of their own. */
typedef struct blob {
  uint8_t *data;
  size_t size;
} blob;

static inline blob read_blob(const char *path)
{
  FILE *stream = fopen(path, "rb");
  if (!stream)
    fail_msg("%s: cannot be opened", path);
  fseek(stream, 0, SEEK_END);
  const long size = ftell(stream);
  rewind(stream);
  blob b = {calloc((size_t)size + 1, 1), (size_t)size};
  assert_int_equal(fread(b.data, 1, b.size, stream), b.size);
  fclose(stream);
  return b;
}

static inline void write_blob(const char *path, const blob *b)
{
  FILE *stream = fopen(path, "wb");
  if (!stream)
    fail_msg("%s: cannot be opened", path);
  assert_int_equal(fwrite(b->data, 1, b->size, stream), b->size);
  assert_int_equal(fclose(stream), 0);
}

static inline bool same_blobs(const blob *a, const blob *b)
{
  return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* ---- a header apart from its data ---- */

typedef struct opened {
  json_t *header;
  blob data; /* a view of the blob it was opened from */
} opened;

static inline opened open_blob(const blob *b)
{
  uint64_t n = 0;
  for (size_t i = 8; i-- > 0;)
    n = n << 8 | b->data[i];
  opened o = {json_loadb((const char *)b->data + 8, (size_t)n, 0, NULL),
              {b->data + 8 + n, b->size - 8 - (size_t)n}};
  assert_non_null(o.header);
  return o;
}

/* A file with this text as its header, and these data. */
static inline blob blob_of(const char *header, const uint8_t *data,
                           size_t n_data)
{
  const size_t n = strlen(header);
  blob b = {calloc(8 + n + n_data + 1, 1), 8 + n + n_data};
  for (size_t i = 0; i < 8; i++)
    b.data[i] = (uint8_t)(n >> (8 * i));
  memcpy(b.data + 8, header, n);
  if (n_data > 0)
    memcpy(b.data + 8 + n, data, n_data);
  return b;
}

static inline blob close_blob(const opened *o)
{
  char *text = json_dumps(o->header, JSON_COMPACT);
  const blob b = blob_of(text, o->data.data, o->data.size);
  free(text);
  return b;
}

/* ---- a card ---- */

static const char *const SAMPLE_COLUMNS[SAMPLE_INPUTS] = {
    "pitch", "loudness", "rate", "constant", "jitter", "Höhe", "a\"b\\c,"};

static const char SAMPLE_TRAINING[] =
    "{\"method\":\"network\",\"smoothing\":\"vat\",\"lambda\":1.5,"
    "\"seed\":12345678901234,\"speakers\":[\"03\",\"08\"],\"undefined\":null,"
    "\"networks\":[{\"first_target\":\"valence\",\"chosen_epoch\":2},"
    "{\"first_target\":\"activation\",\"training_rows\":30}]}";

static const char SAMPLE_HISTORY[] =
    "[{\"target\":\"valence\",\"epoch\":1,\"mae\":0.5,\"validation_mae\":0.4},"
    "{\"target\":\"valence\",\"epoch\":2,\"mae\":0.4,\"validation_mae\":0.35},"
    "{\"target\":\"valence\",\"epoch\":3,\"mae\":0.3,\"validation_mae\":0.34},"
    "{\"target\":\"activation\",\"epoch\":1,\"mae\":0.75,"
    "\"validation_mae\":null},"
    "{\"target\":\"activation\",\"epoch\":2,\"mae\":0.25,"
    "\"validation_mae\":null},"
    "{\"target\":\"activation\",\"epoch\":3,\"mae\":0.625,"
    "\"validation_mae\":null}]";

static inline kj_model_card sample_card(void)
{
  return (kj_model_card){.feature_set = "sample",
                         .feature_set_version = 1,
                         .column = SAMPLE_COLUMNS,
                         .n_columns = SAMPLE_INPUTS,
                         .rate_hz = 16000,
                         .channel = -1,
                         .method = "network",
                         .licence = "CC0-1.0",
                         .intended_use = "Testing.\nNothing else.",
                         .description = "A model of nothing (感情).",
                         .training_json = SAMPLE_TRAINING,
                         .history_json = SAMPLE_HISTORY};
}

/* The bytes of the model file of a sample, as it is written. */
static inline blob sample_blob_of(kj_weights weights, uint64_t seed)
{
  const folder f = new_folder();
  const file_name file = in_folder(&f, "sample");
  kj_estimator *estimator = sample_estimator_of(weights, seed);
  const kj_model_card card = sample_card();
  kj_error err;
  if (kj_model_write(file.path, estimator, &card, &err) != KJ_OK)
    fail_msg("kj_model_write: %s", err.message);
  const blob b = read_blob(file.path);
  kj_estimator_destroy(estimator);
  remove_folder(&f, (const char *const[]){"sample", NULL});
  return b;
}

static inline blob sample_blob(uint64_t seed)
{
  return sample_blob_of(KJ_WEIGHTS_FP32, seed);
}

/* Parse; the model, or NULL with a message that was checked: it begins with
 * the file's name and says `says`. */
static inline void assert_refused(const char *what, const blob *b,
                                  const char *says)
{
  kj_model *model = NULL;
  kj_error err = {.status = KJ_OK, .message = ""};
  const kj_status status =
      kj_model_parse(b->data, b->size, "m.kanjo", &model, &err);
  if (status == KJ_OK)
    fail_msg("%s: was accepted", what);
  assert_error(what, status, &err, KJ_EMODEL, says);
  if (strncmp(err.message, "m.kanjo: ", 9) != 0)
    fail_msg("%s: message \"%s\" does not name the file", what, err.message);
  if (model)
    fail_msg("%s: out was set by a call that failed", what);
}

#endif
