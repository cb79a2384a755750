/*
 * checkpoint.c: the state of a fit in a file, and back.
 *
 * Beside the state of each training stands what it belongs to: the options
 * that decide its bits, and a digest of the rows. A state is only taken up by
 * a fit that agrees in all of it.
 */
#include "experiment/fit_state.h"

#include "base/error.h"
#include "base/tier.h"
#include "model/checkpoint.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PIECES = 8 * KJ_MAX_TARGETS };

/* FNV-1a, 64 bit (Fowler, Noll, Vo): tells tables apart, keeps no secrets. */
static uint64_t digest(uint64_t hash, const void *data, size_t size)
{
  const unsigned char *bytes = data;
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * 0x100000001B3u;
  return hash;
}

static uint64_t digest_rows(const kj_fit *fit)
{
  const size_t n_in = fit->data->n_inputs;
  uint64_t hash = 0xCBF29CE484222325u;
  for (size_t p = 0; p < fit->n_parts; p++) {
    const kj__fit_rows *rows = &fit->part[p].rows;
    const size_t n = rows->n_train + rows->n_validation;
    const uint64_t parts[2] = {rows->n_train, rows->n_validation};
    hash = digest(hash, parts, sizeof parts);
    hash = digest(hash, rows->x, n * n_in * sizeof(float));
    hash = digest(hash, rows->y, n * fit->part[p].n_targets * sizeof(float));
    hash = digest(hash, rows->weight, n * sizeof(float));
  }
  if (fit->unlabelled)
    hash =
        digest(hash, fit->unlabelled, fit->n_unlabelled * n_in * sizeof(float));
  return hash;
}

/* What a state belongs to: options, targets, digest, and what computes. */
static json_t *belonging(const kj_fit *fit)
{
  json_t *object = kj__fit_options_json(&fit->options, fit->data->n_targets);
  json_t *targets = json_array();
  for (size_t k = 0; k < fit->data->n_targets; k++)
    json_array_append_new(targets, json_string(fit->data->target[k]));
  json_object_set_new(object, "targets", targets);
  json_object_set_new(object, "version", json_string(KANJO_VERSION));
  json_object_set_new(object, "fused multiply-adds",
                      json_boolean(kj__tier_is_fused()));
  json_object_set_new(object, "data digest",
                      json_sprintf("%016" PRIx64, digest_rows(fit)));
  return object;
}

/* The state of all trainings as tensors "0.parameters", "0.moment1", ... */
static size_t list_pieces(const kj_fit *fit, kj__tensor_view *views)
{
  static const kj__dtype types[] = {[KJ_TENSOR_REAL] = KJ__F32,
                                    [KJ_TENSOR_DOUBLE] = KJ__F64,
                                    [KJ_TENSOR_COUNT] = KJ__U64};
  size_t n = 0;
  for (size_t p = 0; p < fit->n_parts; p++) {
    kj_trainer *trainer = fit->part[p].trainer;
    for (size_t i = 0; trainer && i < kj_trainer_state_count(trainer); i++) {
      const kj_trainer_tensor piece = kj_trainer_state(trainer, i);
      kj__tensor_view *view = &views[n++];
      *view = (kj__tensor_view){.dtype = types[piece.type],
                                .rank = 1,
                                .shape = {piece.count},
                                .data = piece.data};
      snprintf(view->name, sizeof view->name, "%zu.%s", p, piece.name);
    }
  }
  return n;
}

kj_status kj_fit_save(kj_fit *fit, const char *path, kj_error *err)
{
  kj__tensor_view views[MOST_PIECES];
  const size_t n = list_pieces(fit, views);
  json_t *state = belonging(fit);
  char *text = json_dumps(state, JSON_COMPACT);
  json_decref(state);
  if (!text)
    return kj__fail_memory(err, "a checkpoint");
  const kj_status status = kj__checkpoint_write(path, views, n, text, err);
  free(text);
  return status;
}

static kj_status fail_different(const char *path, const char *key,
                                const json_t *saved, const json_t *wanted,
                                kj_error *err)
{
  char *was = saved ? json_dumps(saved, JSON_ENCODE_ANY) : NULL;
  char *is = wanted ? json_dumps(wanted, JSON_ENCODE_ANY) : NULL;
  kj__fail(err, KJ_EDATA,
           "%s: made with %s %s; this training has %s. The same data and "
           "options can go on; others begin anew without it",
           path, key, was ? was : "absent", is ? is : "none");
  free(was);
  free(is);
  return KJ_EDATA;
}

/* The first thing in which a saved state differs from this fit. What only some
 * methods or smoothings have stands behind their names; what is off is not
 * there at all. */
static kj_status compare(const char *path, json_t *saved, json_t *wanted,
                         kj_error *err)
{
  const char *key;
  json_t *value;
  json_object_foreach(wanted, key, value)
  {
    const json_t *other = json_object_get(saved, key);
    if (!other || !json_equal(other, value))
      return fail_different(path, key, other, value, err);
  }
  json_object_foreach(saved, key, value)
  {
    if (!json_object_get(wanted, key))
      return fail_different(path, key, value, NULL, err);
  }
  return KJ_OK;
}

static kj_status check_belonging(const kj_fit *fit, const char *path,
                                 kj_error *err)
{
  char *text = NULL;
  kj_status status = kj__checkpoint_read_state(path, &text, err);
  if (status != KJ_OK)
    return status;
  json_t *saved = json_loads(text, 0, NULL);
  json_t *wanted = belonging(fit);
  status =
      json_is_object(saved)
          ? compare(path, saved, wanted, err)
          : kj__fail(err, KJ_EFORMAT, "%s: its state is no JSON object", path);
  json_decref(saved);
  json_decref(wanted);
  free(text);
  return status;
}

kj_status kj_fit_restore(kj_fit *fit, const char *path, kj_error *err)
{
  kj__tensor_view views[MOST_PIECES];
  kj_status status = check_belonging(fit, path, err);
  if (status == KJ_OK)
    status =
        kj__checkpoint_read(path, views, list_pieces(fit, views), NULL, err);
  for (size_t p = 0; status == KJ_OK && p < fit->n_parts; p++)
    if (fit->part[p].trainer) {
      status = kj_trainer_restored(fit->part[p].trainer, err);
      if (status != KJ_OK)
        kj__fail_in(err, status, "%s", path);
    }
  return status;
}
