/*
 * schema.c: a map of a YAML file into a struct, by its table of keys.
 */
#include "experiment/schema.h"

#include "base/error.h"
#include "corpus/nearest.h"
#include "corpus/utf8.h"

#include <string.h>

enum { MAX_KEYS = 64 };

/* What `item` and `n` of every list look like. */
typedef struct any_list {
  void *item;
  size_t n;
} any_list;

static kj_status fail_unknown(const kj__schema_reader *reader,
                              const kj__schema *schema, const kj__yaml *node,
                              kj_error *err)
{
  const char *names[MAX_KEYS];
  char nearest[160], shown[64];
  for (size_t i = 0; i < schema->n; i++)
    names[i] = schema->field[i].key;
  kj__nearest(nearest, sizeof nearest, node->key, NULL, names, schema->n);
  kj__utf8_shorten(shown, sizeof shown, node->key);
  return kj__fail(err, KJ_EFORMAT, "%s:%zu: %s: unknown key '%s'; nearest: %s",
                  reader->path, node->line, schema->name, shown, nearest);
}

static size_t find_field(const kj__schema *schema, const char *key)
{
  size_t i = 0;
  while (i < schema->n && strcmp(schema->field[i].key, key) != 0)
    i++;
  return i;
}

static void set_defaults(const kj__schema *schema, void *into)
{
  if (schema->defaults)
    memcpy(into, schema->defaults, schema->size);
  else
    memset(into, 0, schema->size);
}

/* A map, or where the schema has a name just that. */
static kj_status read_item(const kj__schema_reader *reader,
                           const kj__schema *schema, const kj__yaml *node,
                           void *into, kj_error *err)
{
  set_defaults(schema, into);
  if (schema->line_offset > 0)
    *(size_t *)((char *)into + schema->line_offset) = node->line;
  if (schema->is_named && node->kind == KJ__YAML_SCALAR)
    return kj__schema_value(reader, schema, &schema->field[0], node,
                            (char *)into + schema->field[0].offset, err);
  return kj__schema_read(reader, schema, node, into, err);
}

static kj_status read_list(const kj__schema_reader *reader,
                           const kj__schema *schema, const kj__field *field,
                           const kj__yaml *node, any_list *to, kj_error *err)
{
  const kj__schema *inner = field->inner;
  const bool has_names = field->type == KJ__FIELD_NAMED;
  if (node->kind != (has_names ? KJ__YAML_MAP : KJ__YAML_LIST) || node->n == 0)
    return kj__schema_reject(reader, schema, field, node, err);
  char *items = kj__arena_take(reader->arena, node->n, inner->size);
  if (!items)
    return kj__fail_memory(err, reader->path);
  kj_status status = KJ_OK;
  size_t i = 0;
  for (const kj__yaml *item = node->first; item && status == KJ_OK;
       item = item->next, i++) {
    char *into = items + i * inner->size;
    status = read_item(reader, inner, item, into, err);
    if (status == KJ_OK && has_names) {
      const kj__yaml name = {
          .kind = KJ__YAML_SCALAR, .line = item->line, .text = item->key};
      status = kj__schema_value(reader, inner, &inner->field[0], &name,
                                into + inner->field[0].offset, err);
    }
  }
  if (status == KJ_OK)
    *to = (any_list){items, node->n};
  return status;
}

static kj_status read_pointer(const kj__schema_reader *reader,
                              const kj__schema *inner, const kj__yaml *node,
                              void **to, kj_error *err)
{
  void *into = kj__arena_take(reader->arena, 1, inner->size);
  if (!into)
    return kj__fail_memory(err, reader->path);
  const kj_status status = read_item(reader, inner, node, into, err);
  if (status == KJ_OK)
    *to = into;
  return status;
}

static kj_status read_field(const kj__schema_reader *reader,
                            const kj__schema *schema, const kj__field *field,
                            const kj__yaml *node, void *into, kj_error *err)
{
  void *to = (char *)into + field->offset;
  switch (field->type) {
  case KJ__FIELD_MAP:
    return kj__schema_read(reader, field->inner, node, to, err);
  case KJ__FIELD_POINTER:
    return read_pointer(reader, field->inner, node, to, err);
  case KJ__FIELD_LIST:
  case KJ__FIELD_NAMED:
    return read_list(reader, schema, field, node, to, err);
  default:
    return kj__schema_value(reader, schema, field, node, to, err);
  }
}

static kj_status check_required(const kj__schema_reader *reader,
                                const kj__schema *schema, const bool *has,
                                const kj__yaml *map, kj_error *err)
{
  for (size_t i = 0; i < schema->n; i++)
    if (schema->field[i].is_required && !has[i])
      return kj__fail(err, KJ_EFORMAT, "%s:%zu: %s: %s is missing: %s",
                      reader->path, map->line, schema->name,
                      schema->field[i].key, schema->field[i].help);
  return KJ_OK;
}

kj_status kj__schema_read(const kj__schema_reader *reader,
                          const kj__schema *schema, const kj__yaml *map,
                          void *into, kj_error *err)
{
  bool has[MAX_KEYS] = {false};
  if (map->kind != KJ__YAML_MAP)
    return kj__fail(err, KJ_EFORMAT, "%s:%zu: %s must be a map", reader->path,
                    map->line, schema->name);
  for (const kj__yaml *node = map->first; node; node = node->next) {
    const size_t f = find_field(schema, node->key);
    if (f == schema->n)
      return fail_unknown(reader, schema, node, err);
    has[f] = true;
    const kj_status status =
        read_field(reader, schema, &schema->field[f], node, into, err);
    if (status != KJ_OK)
      return status;
  }
  return check_required(reader, schema, has, map, err);
}
