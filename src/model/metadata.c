/*
 * metadata.c: three tables of fields, for writing and for reading.
 *
 * Every field is a string; where it has structure, the string holds JSON. All
 * fields of a version must be there and no others, but for those that a model
 * may lack (residuals, novelty, kinds): what we do not know we do not read.
 */
#include "model/metadata.h"

#include "base/error.h"
#include "kanjo/features.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- fields that always say the same ---- */

/* The text by the link of the estimator. */
typedef struct constant_field {
  const char *key, *text[2];
} constant_field;

static const constant_field CONSTANTS[] = {
    {"format", {"kanjo-model", "kanjo-model"}},
    /* KJ_SCALE_LOW, KJ_SCALE_HIGH; of a probability */
    {"rating_scale", {"[1,5]", "[0,1]"}},
};

/* ---- texts of the card ---- */

kj_status kj__refuse(kj_error *err, const char *text, const char *allowed)
{
  return kj__fail(err, KJ_EFORMAT, "is \"%s\"; must be %s",
                  kj__quote(text).text, allowed);
}

static kj_status accept(const char *text, kj_error *err)
{
  (void)text;
  (void)err;
  return KJ_OK;
}

static kj_status check_feature_set(const char *text, kj_error *err)
{
  return text[0] ? KJ_OK : kj__refuse(err, text, "the name of a feature set");
}

static kj_status check_method(const char *text, kj_error *err)
{
  static const char *const METHODS[] = {"network", "ridge", "constant"};
  for (size_t i = 0; i < sizeof METHODS / sizeof METHODS[0]; i++)
    if (strcmp(text, METHODS[i]) == 0)
      return KJ_OK;
  return kj__refuse(err, text, "network, ridge or constant");
}

static kj_status check_training(const char *text, kj_error *err)
{
  json_t *record = NULL;
  const kj_status status = kj__json_parse("text", text, strlen(text),
                                          KJ__TRAINING_LIMITS, &record, err);
  if (status != KJ_OK)
    return status;
  const bool is_object = json_is_object(record);
  json_decref(record);
  return is_object ? KJ_OK : kj__refuse(err, text, "a JSON object");
}

static kj_status check_history(const char *text, kj_error *err)
{
  json_t *record = NULL;
  const kj_status status = kj__json_parse("text", text, strlen(text),
                                          KJ__HISTORY_LIMITS, &record, err);
  if (status != KJ_OK)
    return status;
  bool is_right = json_is_array(record);
  for (size_t i = 0; i < json_array_size(record) && is_right; i++)
    is_right = json_is_object(json_array_get(record, i));
  json_decref(record);
  return is_right ? KJ_OK : kj__refuse(err, text, "a JSON array of objects");
}

typedef struct text_field {
  const char *key;
  size_t offset;        /* of its pointer in kj_model_card */
  const char *fallback; /* what NULL counts as */
  kj_status (*check)(const char *text, kj_error *err);
} text_field;

static const text_field TEXTS[] = {
    {"feature_set", offsetof(kj_model_card, feature_set), "",
     check_feature_set},
    {"method", offsetof(kj_model_card, method), "", check_method},
    {"licence", offsetof(kj_model_card, licence), "", accept},
    {"intended_use", offsetof(kj_model_card, intended_use), "", accept},
    {"description", offsetof(kj_model_card, description), "", accept},
    {"training", offsetof(kj_model_card, training_json), "{}", check_training},
    {"history", offsetof(kj_model_card, history_json), "[]", check_history},
};

static const char *get_text(const kj_model_card *card, size_t offset)
{
  const char *text;
  memcpy(&text, (const char *)card + offset, sizeof text);
  return text;
}

static void set_text(kj_model_card *card, size_t offset, const char *text)
{
  memcpy((char *)card + offset, &text, sizeof text);
}

enum {
  N_CONSTANTS = sizeof CONSTANTS / sizeof CONSTANTS[0],
  N_TEXTS = sizeof TEXTS / sizeof TEXTS[0],
  N_KEYS = N_CONSTANTS + KJ__N_METADATA_FIELDS + N_TEXTS
};

/* Every key, in the order of the file. */
static const char *key_at(size_t i)
{
  if (i < N_CONSTANTS)
    return CONSTANTS[i].key;
  i -= N_CONSTANTS;
  if (i < KJ__N_METADATA_FIELDS)
    return KJ__METADATA_FIELDS[i].key;
  return TEXTS[i - KJ__N_METADATA_FIELDS].key;
}

/* The key belongs to files of narrow weights alone. */
static bool is_narrow_only(size_t i)
{
  return i >= N_CONSTANTS && i - N_CONSTANTS < KJ__N_METADATA_FIELDS &&
         KJ__METADATA_FIELDS[i - N_CONSTANTS].is_narrow_only;
}

/* ---- writing ---- */

static json_t *make_at(const kj__metadata_source *source, size_t i)
{
  if (i < N_CONSTANTS)
    return json_string(CONSTANTS[i].text[source->parts->link]);
  i -= N_CONSTANTS;
  if (i < KJ__N_METADATA_FIELDS)
    return KJ__METADATA_FIELDS[i].make(source);
  const text_field *field = &TEXTS[i - KJ__N_METADATA_FIELDS];
  const char *text = get_text(source->card, field->offset);
  return json_string(text ? text : field->fallback);
}

kj_status kj__metadata_make(const kj_estimator_parts *parts,
                            const kj_model_card *card, json_t **metadata,
                            kj_error *err)
{
  const kj__metadata_source source = {parts, card};
  json_t *object = json_object();
  if (!object)
    return kj__fail_memory(err, "metadata");
  for (size_t i = 0; i < N_KEYS; i++) {
    if (parts->weights == KJ_WEIGHTS_FP32 && is_narrow_only(i))
      continue;
    if (json_object_set_new(object, key_at(i), make_at(&source, i)) != 0) {
      json_decref(object);
      return kj__fail(err, KJ_EARGUMENT,
                      "%s: not UTF-8 text, or memory is short", key_at(i));
    }
  }
  kj_status status = kj__residuals_put(parts, object, err);
  if (status == KJ_OK)
    status = kj__novelty_put(parts, object, err);
  if (status == KJ_OK)
    status = kj__kinds_put(parts, object, err);
  if (status == KJ_OK)
    *metadata = object;
  else
    json_decref(object);
  return status;
}

/* ---- reading ---- */

/* What differs between the links tells which one it is. */
static kj_status read_constant(const char *text, const constant_field *field,
                               kj__outline *outline, kj_error *err)
{
  char allowed[64];
  const char *of_ratings = field->text[KJ_LINK_IDENTITY];
  const char *of_logits = field->text[KJ_LINK_LOGIT];
  if (strcmp(text, of_ratings) == 0)
    return KJ_OK;
  if (strcmp(of_ratings, of_logits) == 0)
    return kj__refuse(err, text, of_ratings);
  snprintf(allowed, sizeof allowed, "%s or %s", of_ratings, of_logits);
  if (strcmp(text, of_logits) != 0)
    return kj__refuse(err, text, allowed);
  outline->parts.link = KJ_LINK_LOGIT;
  return KJ_OK;
}

static kj_status read_at(const char *text, size_t i, kj__outline *outline,
                         kj_error *err)
{
  if (i < N_CONSTANTS)
    return read_constant(text, &CONSTANTS[i], outline, err);
  i -= N_CONSTANTS;
  if (i < KJ__N_METADATA_FIELDS)
    return KJ__METADATA_FIELDS[i].read(text, outline, err);
  const text_field *field = &TEXTS[i - KJ__N_METADATA_FIELDS];
  set_text(&outline->card, field->offset, text);
  return field->check(text, err);
}

static kj_status read_fields(const json_t *metadata, kj__outline *outline,
                             kj_error *err)
{
  for (size_t i = 0; i < N_KEYS; i++) {
    if (!outline->is_narrow && is_narrow_only(i)) /* the version came first */
      continue;
    const char *text = json_string_value(json_object_get(metadata, key_at(i)));
    if (!text)
      return kj__fail(err, KJ_EFORMAT, "metadata: %s is missing", key_at(i));
    const kj_status status = read_at(text, i, outline, err);
    if (status != KJ_OK)
      return kj__fail_in(err, status, "metadata: %s", key_at(i));
  }
  return KJ_OK;
}

static bool is_known(const char *key, bool is_narrow)
{
  for (size_t i = 0; i < N_KEYS; i++)
    if (strcmp(key, key_at(i)) == 0)
      return is_narrow || !is_narrow_only(i);
  static const char *const OPTIONAL[] = {KJ__RESIDUALS_KEY, KJ__NOVELTY_KEY,
                                         KJ__ROUTING_KEY, KJ__DEVIATION_KEY,
                                         KJ__MEMBERS_KEY};
  for (size_t i = 0; i < sizeof OPTIONAL / sizeof OPTIONAL[0]; i++)
    if (strcmp(key, OPTIONAL[i]) == 0)
      return true;
  return false;
}

static kj_status check_keys(json_t *metadata, bool is_narrow, kj_error *err)
{
  for (void *at = json_object_iter(metadata); at;
       at = json_object_iter_next(metadata, at))
    if (!is_known(json_object_iter_key(at), is_narrow))
      return kj__fail(err, KJ_EFORMAT, "metadata: %s does not belong here",
                      kj__quote(json_object_iter_key(at)).text);
  return KJ_OK;
}

/* A set of this library has the columns it has; another may have any. */
static kj_status check_columns(const kj_model_card *card, kj_error *err)
{
  const kj_feature_set *set = kj_feature_set_find(card->feature_set);
  if (!set || set->version != card->feature_set_version)
    return KJ_OK;
  if (card->n_columns != set->n_functionals)
    return kj__fail(err, KJ_EFORMAT,
                    "metadata: columns are %zu; feature set %s has %zu",
                    card->n_columns, set->name, set->n_functionals);
  char name[KJ_FEATURE_NAME_SIZE] = "";
  for (size_t j = 0; j < card->n_columns; j++) {
    const kj_status status =
        kj_feature_set_column(set, KJ_LEVEL_FUNCTIONALS, j, name, err);
    if (status != KJ_OK)
      return status;
    if (strcmp(name, card->column[j]) != 0)
      return kj__fail(err, KJ_EFORMAT,
                      "metadata: column %zu is %s; in feature set %s it is %s",
                      j, kj__quote(card->column[j]).text, set->name, name);
  }
  return KJ_OK;
}

kj_status kj__outline_read(json_t *metadata, kj__outline *out, kj_error *err)
{
  kj__outline outline = {.metadata = json_incref(metadata)};
  kj_status status = read_fields(metadata, &outline, err);
  if (status == KJ_OK)
    status = check_keys(metadata, outline.is_narrow, err);
  if (status == KJ_OK)
    status = check_columns(&outline.card, err);
  if (status == KJ_OK)
    status = kj__residuals_get(metadata, &outline.parts, err);
  if (status == KJ_OK)
    status = kj__novelty_get(metadata, &outline.parts, err);
  if (status == KJ_OK)
    status = kj__kinds_get(metadata, &outline, err);
  if (status != KJ_OK)
    kj__outline_clear(&outline);
  else
    *out = outline;
  return status;
}

void kj__outline_clear(kj__outline *outline)
{
  free(outline->column);
  json_decref(outline->columns);
  json_decref(outline->metadata);
  *outline = (kj__outline){0};
}
