/*
 * schema_values.c: single values and lists of them, against a field.
 */
#define _GNU_SOURCE
#include "experiment/schema.h"

#include "base/error.h"
#include "corpus/number.h"
#include "corpus/utf8.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void list_choices(const kj__field *field, char *text, size_t size)
{
  size_t n = (size_t)snprintf(text, size, "one of:");
  for (size_t i = 0; field->choices[i] && n < size; i++)
    n += (size_t)snprintf(text + n, size - n, "%s %s", i ? "," : "",
                          field->choices[i]);
}

void kj__field_allowed(const kj__field *field, char *text, size_t size)
{
  static const char *const what[] = {
      [KJ__FIELD_TEXT] = "a text",
      [KJ__FIELD_NAME] = "a name of a-z, 0-9, - and _",
      [KJ__FIELD_FLAG] = "true or false",
      [KJ__FIELD_NUMBER] = "a number",
      [KJ__FIELD_COUNT] = "a whole number",
      [KJ__FIELD_CHOICE] = "",
      [KJ__FIELD_TEXTS] = "a list of texts",
      [KJ__FIELD_NUMBERS] = "a list of numbers",
      [KJ__FIELD_WIDTHS] = "a list of whole numbers",
      [KJ__FIELD_PAIRS] = "a map of names to texts",
      [KJ__FIELD_FREE] = "anything",
      [KJ__FIELD_MAP] = "a map",
      [KJ__FIELD_POINTER] = "a map",
      [KJ__FIELD_LIST] = "a list",
      [KJ__FIELD_NAMED] = "a map of names to maps"};
  const bool is_list = field->type == KJ__FIELD_TEXTS ||
                       field->type == KJ__FIELD_NUMBERS ||
                       field->type == KJ__FIELD_WIDTHS;
  const char *least = is_list && field->is_required ? ", not empty" : "";
  if (field->type == KJ__FIELD_CHOICE)
    list_choices(field, text, size);
  else if (field->low < field->high || field->high > 0.0)
    snprintf(text, size, "%s in %.10g..%.10g%s", what[field->type], field->low,
             field->high, least);
  else
    snprintf(text, size, "%s%s", what[field->type], least);
}

kj_status kj__schema_reject(const kj__schema_reader *reader,
                            const kj__schema *schema, const kj__field *field,
                            const kj__yaml *node, kj_error *err)
{
  static const char *const kinds[] = {"", "a list", "a map"};
  char allowed[200], shown[64];
  kj__field_allowed(field, allowed, sizeof allowed);
  kj__utf8_shorten(shown, sizeof shown, node->text ? node->text : "");
  return node->kind == KJ__YAML_SCALAR
             ? kj__fail(err, KJ_EFORMAT, "%s:%zu: %s: %s is '%s'; must be %s",
                        reader->path, node->line, schema->name, field->key,
                        shown, allowed)
             : kj__fail(err, KJ_EFORMAT, "%s:%zu: %s: %s is %s; must be %s",
                        reader->path, node->line, schema->name, field->key,
                        kinds[node->kind], allowed);
}

static bool is_name(const char *text)
{
  const size_t n = strlen(text);
  return n > 0 && n < 64 &&
         strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

static bool read_choice(const kj__field *field, const char *text, int *to)
{
  for (int i = 0; field->choices[i]; i++)
    if (strcmp(field->choices[i], text) == 0) {
      *to = i;
      return true;
    }
  return false;
}

static bool read_flag(const char *text, bool *to)
{
  *to = strcmp(text, "true") == 0;
  return *to || strcmp(text, "false") == 0;
}

static bool read_number(const kj__field *field, const char *text, bool is_whole,
                        double *to)
{
  return kj__number_parse(text, to) && *to >= field->low &&
         *to <= field->high && (!is_whole || *to == floor(*to));
}

static bool read_scalar(const kj__field *field, const kj__yaml *node, void *to)
{
  double number;
  switch (field->type) {
  case KJ__FIELD_TEXT:
    *(const char **)to = node->text;
    return true;
  case KJ__FIELD_NAME:
    *(const char **)to = node->text;
    return is_name(node->text);
  case KJ__FIELD_FLAG:
    return read_flag(node->text, to);
  case KJ__FIELD_NUMBER:
    return read_number(field, node->text, false, to);
  case KJ__FIELD_CHOICE:
    return read_choice(field, node->text, to);
  case KJ__FIELD_COUNT:
    if (!read_number(field, node->text, true, &number))
      return false;
    *(uint64_t *)to = (uint64_t)number;
    return true;
  default:
    return false;
  }
}

/* The items of a list; a scalar is a list of itself. */
static kj_status read_items(const kj__schema_reader *reader,
                            const kj__schema *schema, const kj__field *field,
                            const kj__yaml *node, void *to, kj_error *err)
{
  const bool is_texts = field->type == KJ__FIELD_TEXTS;
  const bool is_single = node->kind == KJ__YAML_SCALAR;
  const size_t n = is_single ? 1 : node->n;
  const char **text = kj__arena_take(reader->arena, n, sizeof *text);
  double *number = kj__arena_take(reader->arena, n, sizeof *number);
  if (!text || !number)
    return kj__fail_memory(err, reader->path);
  if (node->kind == KJ__YAML_MAP || (n == 0 && field->is_required))
    return kj__schema_reject(reader, schema, field, node, err);
  const kj__yaml *item = is_single ? node : node->first;
  for (size_t i = 0; i < n; i++, item = item->next) {
    const bool is_good =
        item->kind == KJ__YAML_SCALAR &&
        (is_texts || read_number(field, item->text,
                                 field->type == KJ__FIELD_WIDTHS, &number[i]));
    if (!is_good)
      return kj__schema_reject(reader, schema, field, item, err);
    text[i] = item->text;
  }
  if (is_texts)
    *(kj_texts *)to = (kj_texts){text, n};
  else
    *(kj_numbers *)to = (kj_numbers){number, n};
  return KJ_OK;
}

static kj_status read_pairs(const kj__schema_reader *reader,
                            const kj__schema *schema, const kj__field *field,
                            const kj__yaml *node, kj_pairs *to, kj_error *err)
{
  if (node->kind != KJ__YAML_MAP)
    return kj__schema_reject(reader, schema, field, node, err);
  kj_pairs pairs = {.n = node->n};
  pairs.name = kj__arena_take(reader->arena, node->n, sizeof *pairs.name);
  pairs.value = kj__arena_take(reader->arena, node->n, sizeof *pairs.value);
  if (!pairs.name || !pairs.value)
    return kj__fail_memory(err, reader->path);
  const kj__yaml *item = node->first;
  for (size_t i = 0; i < node->n; i++, item = item->next) {
    if (item->kind != KJ__YAML_SCALAR)
      return kj__schema_reject(reader, schema, field, item, err);
    pairs.name[i] = item->key;
    pairs.value[i] = item->text;
  }
  *to = pairs;
  return KJ_OK;
}

static json_t *scalar_json(const kj__yaml *node)
{
  double number;
  const char *text = node->text;
  if (!node->is_quoted && kj__number_parse(text, &number))
    return json_real(number);
  if (!node->is_quoted && (text[0] == '\0' || strcmp(text, "null") == 0))
    return json_null();
  return json_string(text);
}

json_t *kj__yaml_json(const kj__yaml *node)
{
  if (node->kind == KJ__YAML_SCALAR)
    return scalar_json(node);
  const bool is_map = node->kind == KJ__YAML_MAP;
  json_t *value = is_map ? json_object() : json_array();
  for (const kj__yaml *item = node->first; value && item; item = item->next) {
    const int failed =
        is_map ? json_object_set_new(value, item->key, kj__yaml_json(item))
               : json_array_append_new(value, kj__yaml_json(item));
    if (failed) {
      json_decref(value);
      return NULL;
    }
  }
  return value;
}

static kj_status read_free(const kj__schema_reader *reader,
                           const kj__yaml *node, json_t **to, kj_error *err)
{
  json_t *value = kj__yaml_json(node);
  if (!value || json_array_append_new(reader->free, value) != 0)
    return kj__fail_memory(err, reader->path);
  *to = value;
  return KJ_OK;
}

kj_status kj__schema_value(const kj__schema_reader *reader,
                           const kj__schema *schema, const kj__field *field,
                           const kj__yaml *node, void *to, kj_error *err)
{
  switch (field->type) {
  case KJ__FIELD_TEXTS:
  case KJ__FIELD_NUMBERS:
  case KJ__FIELD_WIDTHS:
    return read_items(reader, schema, field, node, to, err);
  case KJ__FIELD_PAIRS:
    return read_pairs(reader, schema, field, node, to, err);
  case KJ__FIELD_FREE:
    return read_free(reader, node, to, err);
  default:
    return node->kind == KJ__YAML_SCALAR && read_scalar(field, node, to)
               ? KJ_OK
               : kj__schema_reject(reader, schema, field, node, err);
  }
}
