/*
 * schema_json.c: a struct of a schema written back, as JSON, which is YAML:
 * what kj__schema_read reads as the same struct.
 */
#include "experiment/schema.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* What `item` and `n` of every list look like. */
typedef struct any_list {
  const char *item;
  size_t n;
} any_list;

static json_t *number_json(double value, bool is_whole)
{
  if (!isfinite(value))
    return NULL;
  return is_whole || value == floor(value) ? json_integer((json_int_t)value)
                                           : json_real(value);
}

static json_t *numbers_json(const kj_numbers *numbers)
{
  json_t *array = json_array();
  for (size_t i = 0; i < numbers->n; i++)
    json_array_append_new(array, number_json(numbers->item[i], false));
  return array;
}

static json_t *texts_json(const kj_texts *texts)
{
  json_t *array = json_array();
  for (size_t i = 0; i < texts->n; i++)
    json_array_append_new(array, json_string(texts->item[i]));
  return array;
}

static json_t *pairs_json(const kj_pairs *pairs)
{
  json_t *object = json_object();
  for (size_t i = 0; i < pairs->n; i++)
    json_object_set_new(object, pairs->name[i], json_string(pairs->value[i]));
  return object;
}

/* NULL: nothing was said, and nothing is to be written. */
static json_t *text_json(const char *text)
{
  return text && text[0] != '\0' ? json_string(text) : NULL;
}

static json_t *scalar_json(const kj__field *field, const void *at)
{
  switch (field->type) {
  case KJ__FIELD_TEXT:
  case KJ__FIELD_NAME:
    return text_json(*(const char *const *)at);
  case KJ__FIELD_FLAG:
    return json_boolean(*(const bool *)at);
  case KJ__FIELD_NUMBER:
    return number_json(*(const double *)at, false);
  case KJ__FIELD_COUNT:
    return json_integer((json_int_t) * (const uint64_t *)at);
  case KJ__FIELD_CHOICE:
    return *(const int *)at < 0 ? NULL
                                : json_string(field->choices[*(const int *)at]);
  case KJ__FIELD_TEXTS:
    return ((const kj_texts *)at)->n ? texts_json(at) : NULL;
  case KJ__FIELD_NUMBERS:
  case KJ__FIELD_WIDTHS:
    return ((const kj_numbers *)at)->n ? numbers_json(at) : NULL;
  case KJ__FIELD_PAIRS:
    return ((const kj_pairs *)at)->n ? pairs_json(at) : NULL;
  default:
    return NULL;
  }
}

/* A list of maps, or a map of them by their names. */
static json_t *list_json(const kj__field *field, const void *at)
{
  any_list list;
  memcpy(&list, at, sizeof list);
  if (list.n == 0)
    return NULL;
  const bool is_map = field->type == KJ__FIELD_NAMED;
  json_t *all = is_map ? json_object() : json_array();
  for (size_t i = 0; i < list.n; i++) {
    json_t *one =
        kj__schema_json(field->inner, list.item + i * field->inner->size);
    const char *name = json_string_value(json_object_get(one, "name"));
    if (is_map)
      json_object_set_new(all, name ? name : "", one);
    else
      json_array_append_new(all, one);
  }
  return all;
}

json_t *kj__schema_json(const kj__schema *schema, const void *from)
{
  json_t *object = json_object();
  for (size_t i = 0; i < schema->n; i++) {
    const kj__field *field = &schema->field[i];
    const char *at = (const char *)from + field->offset;
    const void *pointed = NULL;
    json_t *value = NULL;
    if (field->type == KJ__FIELD_POINTER || field->type == KJ__FIELD_FREE)
      memcpy(&pointed, at, sizeof pointed);
    if (field->type == KJ__FIELD_MAP)
      value = kj__schema_json(field->inner, at);
    else if (field->type == KJ__FIELD_POINTER)
      value = pointed ? kj__schema_json(field->inner, pointed) : NULL;
    else if (field->type == KJ__FIELD_FREE)
      value = pointed ? json_deep_copy(pointed) : NULL;
    else if (field->type == KJ__FIELD_LIST || field->type == KJ__FIELD_NAMED)
      value = list_json(field, at);
    else
      value = scalar_json(field, at);
    if (value)
      json_object_set_new(object, field->key, value);
  }
  return object;
}
