/*
 * checkpoint.c: a training's state in a file, and back, all or nothing.
 */
#include "model/checkpoint.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "model/json.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char FORMAT[] = "kanjo-checkpoint";
static const char FORMAT_VERSION[] = "1";

static const kj__json_limits STATE_LIMITS = {16, 1000000};

static kj_status check_state(const char *text, kj_error *err)
{
  json_t *state = NULL;
  const kj_status status =
      kj__json_parse("state", text, strlen(text), STATE_LIMITS, &state, err);
  if (status != KJ_OK)
    return status;
  const bool is_object = json_is_object(state);
  json_decref(state);
  return is_object ? KJ_OK
                   : kj__fail(err, KJ_EFORMAT, "state must be a JSON object");
}

/* ---- writing ---- */

static kj_status write_checked(const char *path, const kj__tensor_view *tensors,
                               size_t n, const char *state_json, kj_error *err)
{
  uint8_t *bytes = NULL;
  size_t size = 0;
  json_t *metadata = json_pack(
      "{s:s, s:s, s:s, s:s}", "format", FORMAT, "format_version",
      FORMAT_VERSION, "kanjo_version", KANJO_VERSION, "state", state_json);
  if (!metadata)
    return kj__fail_memory(err, "a checkpoint");
  kj_status status =
      kj__safetensors_build(tensors, n, metadata, &bytes, &size, err);
  if (status == KJ_OK)
    status = kj__safetensors_save(path, bytes, size, err);
  free(bytes);
  json_decref(metadata);
  return status;
}

kj_status kj__checkpoint_write(const char *path, const kj__tensor_view *tensors,
                               size_t n, const char *state_json, kj_error *err)
{
  const kj_status status = check_state(state_json, err);
  if (status == KJ_EFORMAT)
    return kj__fail_in(err, KJ_EARGUMENT, "cannot be a checkpoint");
  return status == KJ_OK ? write_checked(path, tensors, n, state_json, err)
                         : status;
}

/* ---- reading ---- */

static kj_status check_text(const kj__safetensors *file, const char *key,
                            const char *allowed, kj_error *err)
{
  const char *text = json_string_value(json_object_get(file->metadata, key));
  if (!text || strcmp(text, allowed) != 0)
    return kj__fail(err, KJ_EFORMAT, "metadata: %s is %s; must be %s", key,
                    text ? kj__quote(text).text : "missing", allowed);
  return KJ_OK;
}

/* The state's text as a copy of its own. */
static kj_status take_state(const kj__safetensors *file, char **state_json,
                            kj_error *err)
{
  kj_status status = check_text(file, "format", FORMAT, err);
  if (status == KJ_OK)
    status = check_text(file, "format_version", FORMAT_VERSION, err);
  if (status != KJ_OK)
    return status;
  const char *text =
      json_string_value(json_object_get(file->metadata, "state"));
  if (!text)
    return kj__fail(err, KJ_EFORMAT, "metadata: state is missing");
  status = check_state(text, err);
  if (status != KJ_OK)
    return status;
  *state_json = kj__copy_text(text);
  return *state_json ? KJ_OK : kj__fail_memory(err, "the state");
}

/* expected NULL: any tensors will do, and none is copied. */
static kj_status take_all(const kj__safetensors *file,
                          const kj__tensor_view *expected, size_t n,
                          char **state_json, kj_error *err)
{
  char *text = NULL;
  kj_status status = take_state(file, &text, err);
  if (status == KJ_OK && expected)
    status = kj__safetensors_match(file, expected, n, err);
  if (status != KJ_OK) {
    free(text);
    return status;
  }
  if (expected)
    kj__safetensors_copy(file, expected, n);
  if (state_json)
    *state_json = text;
  else
    free(text);
  return KJ_OK;
}

static kj_status read_file(const char *path, const kj__tensor_view *expected,
                           size_t n, char **state_json, kj_error *err)
{
  char *bytes = NULL;
  size_t size = 0;
  kj__safetensors file = {0};
  kj_status status =
      kj__file_read(path, KJ__MAX_TENSOR_FILE, &bytes, &size, err);
  if (status != KJ_OK)
    return status;
  status = kj__safetensors_parse(bytes, size, &file, err);
  if (status == KJ_OK)
    status = take_all(&file, expected, n, state_json, err);
  kj__safetensors_clear(&file);
  free(bytes);
  return status == KJ_OK ? KJ_OK : kj__fail_in(err, status, "%s", path);
}

kj_status kj__checkpoint_read(const char *path, const kj__tensor_view *expected,
                              size_t n, char **state_json, kj_error *err)
{
  return read_file(path, expected, n, state_json, err);
}

kj_status kj__checkpoint_read_state(const char *path, char **state_json,
                                    kj_error *err)
{
  return read_file(path, NULL, 0, state_json, err);
}
