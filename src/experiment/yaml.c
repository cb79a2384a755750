/*
 * yaml.c: libyaml's events into a tree.
 */
#include "experiment/yaml.h"

#include "base/error.h"

#include <string.h>
#include <yaml.h>

enum { MAX_DEPTH = 32 };

typedef struct reader {
  yaml_parser_t parser;
  const char *name;
  kj__arena *arena;
  kj__yaml *root;
  kj__yaml *open[MAX_DEPTH]; /* maps and lists that are not closed yet */
  size_t depth;
  const char *key; /* that waits for its value */
  kj_error *err;
} reader;

static kj_status fail_at(const reader *r, yaml_mark_t mark, const char *what)
{
  return kj__fail(r->err, KJ_EFORMAT, "%s:%zu: %s", r->name, mark.line + 1,
                  what);
}

static bool has_key(const kj__yaml *map, const char *key)
{
  for (const kj__yaml *node = map->first; node; node = node->next)
    if (strcmp(node->key, key) == 0)
      return true;
  return false;
}

static void hang(kj__yaml *into, kj__yaml *node)
{
  if (into->last)
    into->last->next = node;
  else
    into->first = node;
  into->last = node;
  into->n++;
}

static kj_status add(reader *r, kj__yaml_kind kind, const yaml_event_t *event,
                     kj__yaml **out)
{
  kj__yaml *node = kj__arena_take(r->arena, 1, sizeof *node);
  if (!node)
    return kj__fail_memory(r->err, r->name);
  *node = (kj__yaml){
      .kind = kind, .line = event->start_mark.line + 1, .key = r->key};
  r->key = NULL;
  if (r->depth > 0)
    hang(r->open[r->depth - 1], node);
  else
    r->root = node;
  *out = node;
  return KJ_OK;
}

/* Inside a map, every first scalar is a key. */
static bool wants_key(const reader *r)
{
  return r->depth > 0 && r->open[r->depth - 1]->kind == KJ__YAML_MAP && !r->key;
}

static kj_status take_scalar(reader *r, const yaml_event_t *event)
{
  const char *bytes = (const char *)event->data.scalar.value;
  if (event->data.scalar.anchor || event->data.scalar.tag)
    return fail_at(r, event->start_mark, "anchors and tags are not allowed");
  if (strlen(bytes) != event->data.scalar.length)
    return fail_at(r, event->start_mark, "a zero byte is not allowed");
  const char *text = kj__arena_text(r->arena, bytes);
  if (!text)
    return kj__fail_memory(r->err, r->name);
  if (wants_key(r)) {
    if (has_key(r->open[r->depth - 1], text))
      return kj__fail(r->err, KJ_EFORMAT, "%s:%zu: key '%.64s' is there twice",
                      r->name, event->start_mark.line + 1, text);
    r->key = text;
    return KJ_OK;
  }
  kj__yaml *node = NULL;
  const kj_status status = add(r, KJ__YAML_SCALAR, event, &node);
  if (status != KJ_OK)
    return status;
  node->text = text;
  node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  return KJ_OK;
}

static kj_status open_node(reader *r, kj__yaml_kind kind,
                           const yaml_event_t *event)
{
  const bool is_map = kind == KJ__YAML_MAP;
  const yaml_char_t *anchor = is_map ? event->data.mapping_start.anchor
                                     : event->data.sequence_start.anchor;
  const yaml_char_t *tag =
      is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
  if (anchor || tag)
    return fail_at(r, event->start_mark, "anchors and tags are not allowed");
  if (wants_key(r))
    return fail_at(r, event->start_mark, "a key must be a word");
  if (r->depth == MAX_DEPTH)
    return fail_at(r, event->start_mark, "nested more than 32 deep");
  kj__yaml *node = NULL;
  const kj_status status = add(r, kind, event, &node);
  if (status == KJ_OK)
    r->open[r->depth++] = node;
  return status;
}

static kj_status take(reader *r, const yaml_event_t *event)
{
  switch (event->type) {
  case YAML_SCALAR_EVENT:
    return take_scalar(r, event);
  case YAML_MAPPING_START_EVENT:
    return open_node(r, KJ__YAML_MAP, event);
  case YAML_SEQUENCE_START_EVENT:
    return open_node(r, KJ__YAML_LIST, event);
  case YAML_MAPPING_END_EVENT:
  case YAML_SEQUENCE_END_EVENT:
    r->depth--;
    return KJ_OK;
  case YAML_ALIAS_EVENT:
    return fail_at(r, event->start_mark, "aliases are not allowed");
  case YAML_DOCUMENT_START_EVENT:
    return r->root ? fail_at(r, event->start_mark, "a second document begins")
                   : KJ_OK;
  default:
    return KJ_OK;
  }
}

static kj_status read_events(reader *r)
{
  for (;;) {
    yaml_event_t event;
    if (!yaml_parser_parse(&r->parser, &event)) {
      if (r->parser.error == YAML_MEMORY_ERROR)
        return kj__fail_memory(r->err, r->name);
      return fail_at(r, r->parser.problem_mark,
                     r->parser.problem ? r->parser.problem : "no YAML");
    }
    const bool is_end = event.type == YAML_STREAM_END_EVENT;
    const kj_status status = take(r, &event);
    yaml_event_delete(&event);
    if (status != KJ_OK || is_end)
      return status;
  }
}

kj_status kj__yaml_read(const char *name, const char *text, size_t size,
                        kj__arena *arena, kj__yaml **out, kj_error *err)
{
  reader r = {.name = name, .arena = arena, .err = err};
  if (!yaml_parser_initialize(&r.parser))
    return kj__fail_memory(err, name);
  yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, size);
  kj_status status = read_events(&r);
  yaml_parser_delete(&r.parser);
  if (status == KJ_OK && !r.root)
    status = kj__fail(err, KJ_EFORMAT, "%s: nothing in it", name);
  if (status == KJ_OK)
    *out = r.root;
  return status;
}
