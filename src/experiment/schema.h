/*
 * schema.h: what a map of a YAML file may hold, as a table of keys; reading,
 * messages and documentation are made from it.
 */
#ifndef KJ_EXPERIMENT_SCHEMA_H
#define KJ_EXPERIMENT_SCHEMA_H

#include "corpus/arena.h"
#include "experiment/yaml.h"
#include "kanjo/protocol.h"

typedef enum kj__field_type {
  KJ__FIELD_TEXT,    /* const char * */
  KJ__FIELD_NAME,    /* const char *, of a-z, 0-9, '-', '_' */
  KJ__FIELD_FLAG,    /* bool */
  KJ__FIELD_NUMBER,  /* double in low..high */
  KJ__FIELD_COUNT,   /* uint64_t in low..high */
  KJ__FIELD_CHOICE,  /* int: index into choices */
  KJ__FIELD_TEXTS,   /* kj_texts; one text is a list of one */
  KJ__FIELD_NUMBERS, /* kj_numbers in low..high; likewise */
  KJ__FIELD_WIDTHS,  /* kj_numbers, whole; likewise */
  KJ__FIELD_PAIRS,   /* kj_pairs */
  KJ__FIELD_FREE,    /* json_t *: anything */
  KJ__FIELD_MAP,     /* a struct of another schema, in place */
  KJ__FIELD_POINTER, /* pointer to such a struct; NULL where absent */
  KJ__FIELD_LIST,    /* {struct *item; size_t n}: a list of maps */
  KJ__FIELD_NAMED    /* the same: a map of maps, each with a name */
} kj__field_type;

struct kj__schema;

typedef struct kj__field {
  const char *key;
  kj__field_type type;
  size_t offset;
  double low, high;           /* of numbers; of lists: most items in high */
  const char *const *choices; /* ends with NULL */
  const struct kj__schema *inner;
  bool is_required;
  const char *fallback; /* the default, in words */
  const char *help;
} kj__field;

typedef struct kj__schema {
  const char *name; /* for messages: "fit" */
  const kj__field *field;
  size_t n;
  size_t size;          /* of the struct */
  const void *defaults; /* such a struct, or NULL for zeros */
  size_t line_offset;   /* of a size_t that takes the line; 0: none */
  bool is_named;        /* a word in the map's place is its `name`; the first
                           field is that name */
} kj__schema;

/* Where values go: texts into the arena, free values into `free` (an array).
 */
typedef struct kj__schema_reader {
  const char *path; /* for messages */
  kj__arena *arena;
  struct json_t *free;
} kj__schema_reader;

/* Read a map into `into`, a struct of the schema; KJ_EFORMAT, KJ_EMEMORY. */
kj_status kj__schema_read(const kj__schema_reader *reader,
                          const kj__schema *schema, const kj__yaml *map,
                          void *into, kj_error *err);

/* Any value as JSON; NULL where memory is short. */
struct json_t *kj__yaml_json(const kj__yaml *node);

/* The struct `from` as a map that reads back the same: what is empty or not
 * said is left out (schema_json.c). NULL where memory is short. */
struct json_t *kj__schema_json(const kj__schema *schema, const void *from);

/* Read one scalar (schema_values.c). */
kj_status kj__schema_value(const kj__schema_reader *reader,
                           const kj__schema *schema, const kj__field *field,
                           const kj__yaml *node, void *to, kj_error *err);

/* "PATH:LINE: SCHEMA.KEY is 'VALUE'; must be ALLOWED". */
kj_status kj__schema_reject(const kj__schema_reader *reader,
                            const kj__schema *schema, const kj__field *field,
                            const kj__yaml *node, kj_error *err);

/* What is allowed for a field, in words. */
void kj__field_allowed(const kj__field *field, char *text, size_t size);

/* The schema of a whole protocol. */
extern const kj__schema KJ__PROTOCOL_SCHEMA;

#endif
