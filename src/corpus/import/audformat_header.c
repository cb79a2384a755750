/*
 * audformat_header.c: db.yaml by libyaml. Source: audformat specification,
 * https://audeering.github.io/audformat/
 */
#include "corpus/import/audformat.h"

#include "base/error.h"
#include "corpus/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { TIME_SIZE = 64 };

typedef struct reader {
  const char *name; /* of the file */
  yaml_document_t document;
  kj__arena *arena;
  kj__audformat *header;
  kj_error *err;
} reader;

/* ---- nodes ---- */

static const char *scalar(const yaml_node_t *node)
{
  return node && node->type == YAML_SCALAR_NODE
             ? (const char *)node->data.scalar.value
             : NULL;
}

static size_t n_pairs(const yaml_node_t *node)
{
  return node && node->type == YAML_MAPPING_NODE
             ? (size_t)(node->data.mapping.pairs.top -
                        node->data.mapping.pairs.start)
             : 0;
}

static yaml_node_t *key_at(reader *r, const yaml_node_t *node, size_t i)
{
  return yaml_document_get_node(&r->document,
                                node->data.mapping.pairs.start[i].key);
}

static yaml_node_t *value_at(reader *r, const yaml_node_t *node, size_t i)
{
  return yaml_document_get_node(&r->document,
                                node->data.mapping.pairs.start[i].value);
}

/* The value of a key; NULL where there is none. */
static yaml_node_t *child(reader *r, const yaml_node_t *node, const char *key)
{
  for (size_t i = 0; i < n_pairs(node); i++) {
    const char *name = scalar(key_at(r, node, i));
    if (name && strcmp(name, key) == 0)
      return value_at(r, node, i);
  }
  return NULL;
}

static size_t n_items(const yaml_node_t *node)
{
  return node && node->type == YAML_SEQUENCE_NODE
             ? (size_t)(node->data.sequence.items.top -
                        node->data.sequence.items.start)
             : 0;
}

static yaml_node_t *item_at(reader *r, const yaml_node_t *node, size_t i)
{
  return yaml_document_get_node(&r->document,
                                node->data.sequence.items.start[i]);
}

/* A copy of a scalar; "" where it is none. NULL: memory is short. */
static const char *text_of(reader *r, const yaml_node_t *node)
{
  const char *text = scalar(node);
  return kj__arena_text(r->arena, text ? text : "");
}

static kj_status fail_at(reader *r, const yaml_node_t *node, const char *what)
{
  return kj__fail(r->err, KJ_EFORMAT, "%s:%zu: %s", r->name,
                  node ? node->start_mark.line + 1 : (size_t)1, what);
}

static kj_status fail_memory(reader *r)
{
  return kj__fail_memory(r->err, r->name);
}

/* ---- schemes ---- */

static kj_status read_label(reader *r, const yaml_node_t *key,
                            const yaml_node_t *value,
                            kj__audformat_label *label)
{
  const yaml_node_t *text = scalar(value) ? value : child(r, value, "category");
  label->value = text_of(r, key);
  label->text = text_of(r, text);
  label->gender = text_of(r, child(r, value, "gender"));
  label->language = text_of(r, child(r, value, "language"));
  const bool ok =
      label->value && label->text && label->gender && label->language;
  return ok ? KJ_OK : fail_memory(r);
}

static kj_status read_labels(reader *r, const yaml_node_t *labels,
                             kj__audformat_scheme *scheme)
{
  const size_t n = n_pairs(labels);
  kj_status status = KJ_OK;
  scheme->label = kj__arena_take(r->arena, n, sizeof *scheme->label);
  if (n > 0 && !scheme->label)
    return fail_memory(r);
  scheme->n_labels = n;
  for (size_t i = 0; i < n && status == KJ_OK; i++)
    status = read_label(r, key_at(r, labels, i), value_at(r, labels, i),
                        &scheme->label[i]);
  return status;
}

static kj_status read_limit(reader *r, const yaml_node_t *node, double *limit)
{
  const char *text = scalar(node);
  *limit = (double)NAN;
  if (!text || kj__number_parse(text, limit))
    return KJ_OK;
  return fail_at(r, node, "minimum or maximum is no number");
}

static kj_status read_schemes(reader *r, const yaml_node_t *schemes)
{
  const size_t n = n_pairs(schemes);
  kj_status status = KJ_OK;
  r->header->scheme = kj__arena_take(r->arena, n, sizeof(kj__audformat_scheme));
  if (n > 0 && !r->header->scheme)
    return fail_memory(r);
  for (size_t i = 0; i < n && status == KJ_OK; i++) {
    const yaml_node_t *node = value_at(r, schemes, i);
    kj__audformat_scheme *scheme = &r->header->scheme[i];
    scheme->name = text_of(r, key_at(r, schemes, i));
    status = scheme->name
                 ? read_limit(r, child(r, node, "minimum"), &scheme->minimum)
                 : fail_memory(r);
    if (status == KJ_OK)
      status = read_limit(r, child(r, node, "maximum"), &scheme->maximum);
    if (status == KJ_OK)
      status = read_labels(r, child(r, node, "labels"), scheme);
    r->header->n_schemes = i + 1;
  }
  return status;
}

static const kj__audformat_scheme *find_scheme(const kj__audformat *header,
                                               const char *name)
{
  for (size_t i = 0; name && i < header->n_schemes; i++)
    if (strcmp(header->scheme[i].name, name) == 0)
      return &header->scheme[i];
  return NULL;
}

/* ---- tables ---- */

static kj_status read_columns(reader *r, const yaml_node_t *columns,
                              kj__audformat_table *table)
{
  const size_t n = n_pairs(columns);
  table->column = kj__arena_take(r->arena, n, sizeof *table->column);
  if (n > 0 && !table->column)
    return fail_memory(r);
  for (size_t i = 0; i < n; i++) {
    kj__audformat_column *column = &table->column[i];
    column->name = text_of(r, key_at(r, columns, i));
    if (!column->name)
      return fail_memory(r);
    column->scheme = find_scheme(
        r->header, scalar(child(r, value_at(r, columns, i), "scheme_id")));
  }
  table->n_columns = n;
  return KJ_OK;
}

/* The type of a split ("train", "dev"), else its name. */
static const char *part_of(reader *r, const yaml_node_t *root,
                           const yaml_node_t *split)
{
  const char *name = scalar(split);
  const yaml_node_t *splits = child(r, root, "splits");
  const char *type =
      name ? scalar(child(r, child(r, splits, name), "type")) : "";
  const char *part = type ? type : name;
  return kj__arena_text(r->arena,
                        strcmp(part, "dev") == 0 ? "development" : part);
}

static kj_status read_tables(reader *r, const yaml_node_t *root)
{
  const yaml_node_t *tables = child(r, root, "tables");
  const size_t n = n_pairs(tables);
  kj_status status = KJ_OK;
  r->header->table = kj__arena_take(r->arena, n, sizeof(kj__audformat_table));
  if (n == 0)
    return fail_at(r, tables, "no tables; must have at least one");
  if (!r->header->table)
    return fail_memory(r);
  for (size_t i = 0; i < n && status == KJ_OK; i++) {
    const yaml_node_t *node = value_at(r, tables, i);
    const char *type = scalar(child(r, node, "type"));
    kj__audformat_table *table = &r->header->table[i];
    if (!type ||
        (strcmp(type, "filewise") != 0 && strcmp(type, "segmented") != 0))
      return fail_at(r, node, "type of a table must be filewise or segmented");
    table->is_segmented = strcmp(type, "segmented") == 0;
    table->name = text_of(r, key_at(r, tables, i));
    table->part = part_of(r, root, child(r, node, "split_id"));
    status = table->name && table->part
                 ? read_columns(r, child(r, node, "columns"), table)
                 : fail_memory(r);
    r->header->n_tables = i + 1;
  }
  return status;
}

/* ---- all of it ---- */

static kj_status read_root(reader *r)
{
  const yaml_node_t *root = yaml_document_get_root_node(&r->document);
  if (!root || root->type != YAML_MAPPING_NODE)
    return fail_at(r, root, "is no mapping; must be the header of a database");
  const yaml_node_t *languages = child(r, root, "languages");
  r->header->name = text_of(r, child(r, root, "name"));
  r->header->language =
      text_of(r, n_items(languages) == 1 ? item_at(r, languages, 0) : NULL);
  if (!r->header->name || !r->header->language)
    return fail_memory(r);
  const kj_status status = read_schemes(r, child(r, root, "schemes"));
  return status == KJ_OK ? read_tables(r, root) : status;
}

kj_status kj__audformat_parse(const char *name, const char *text, size_t size,
                              kj__arena *arena, kj__audformat *header,
                              kj_error *err)
{
  reader r = {.name = name, .arena = arena, .header = header, .err = err};
  yaml_parser_t parser;
  *header = (kj__audformat){0};
  if (!yaml_parser_initialize(&parser))
    return kj__fail_memory(err, name);
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
  kj_status status = KJ_OK;
  if (!yaml_parser_load(&parser, &r.document)) {
    status = kj__fail(err, KJ_EFORMAT, "%s:%zu: is no YAML: %s", name,
                      parser.problem_mark.line + 1,
                      parser.problem ? parser.problem : "not understood");
  } else {
    status = read_root(&r);
    yaml_document_delete(&r.document);
  }
  yaml_parser_delete(&parser);
  return status;
}

/* ---- times ---- */

/* "HH:MM:SS.sss" */
static bool read_clock(const char *text, double *seconds)
{
  char *end;
  const long hours = strtol(text, &end, 10);
  if (end == text || *end != ':' || hours < 0 || hours > 23)
    return false;
  text = end + 1;
  const long minutes = strtol(text, &end, 10);
  double rest;
  if (end == text || *end != ':' || minutes < 0 || minutes > 59 ||
      !kj__number_parse(end + 1, &rest) || rest < 0 || rest >= 60)
    return false;
  *seconds = (double)(3600 * hours + 60 * minutes) + rest;
  return true;
}

/* "3 days" before a clock: the number, and what follows. False: it is none. */
static bool read_days(const char **text, double *days)
{
  char number[TIME_SIZE];
  const char *word = strstr(*text, " day");
  *days = 0;
  if (!word)
    return true;
  snprintf(number, sizeof number, "%.*s", (int)(word - *text), *text);
  word += 1 + strcspn(word + 1, " ");
  *text = word + strspn(word, " ");
  return kj__number_parse(number, days) && *days >= 0;
}

bool kj__audformat_seconds(const char *text, double *seconds)
{
  char number[TIME_SIZE];
  double days = 0, rest = 0;
  *seconds = (double)NAN;
  if (!text[0] || strcmp(text, "NaT") == 0)
    return true;
  if (strlen(text) >= sizeof number || !read_days(&text, &days))
    return false;
  snprintf(number, sizeof number, "%s", text);
  const size_t n = strlen(number);
  if (n > 1 && number[n - 1] == 's')
    number[n - 1] = '\0';
  const bool ok = strchr(number, ':') ? read_clock(number, &rest)
                  : n > 0             ? kj__number_parse(number, &rest)
                                      : true;
  if (!ok || rest < 0)
    return false;
  *seconds = 86400 * days + rest;
  return true;
}
