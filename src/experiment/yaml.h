/*
 * yaml.h: a YAML file as a tree that knows its lines.
 */
#ifndef KJ_EXPERIMENT_YAML_H
#define KJ_EXPERIMENT_YAML_H

#include "corpus/arena.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>

typedef enum kj__yaml_kind {
  KJ__YAML_SCALAR,
  KJ__YAML_LIST,
  KJ__YAML_MAP
} kj__yaml_kind;

/* A value; what a map or a list holds is a chain of nodes. */
typedef struct kj__yaml {
  kj__yaml_kind kind;
  bool is_quoted;         /* a scalar in quotes: a text whatever it says */
  size_t line;            /* where it begins, from 1 */
  const char *key;        /* in a map; else NULL */
  const char *text;       /* of a scalar */
  size_t n;               /* nodes inside */
  struct kj__yaml *first; /* the first of them, or NULL */
  struct kj__yaml *last;
  struct kj__yaml *next; /* its neighbour in the map or list around it */
} kj__yaml;

/* Read one YAML document of `size` bytes; nodes live in the arena. Without
 * anchors, aliases and tags; keys are scalars and unique; at most 32 deep.
 * `name` stands before the line in messages. KJ_EFORMAT, KJ_EMEMORY. */
kj_status kj__yaml_read(const char *name, const char *text, size_t size,
                        kj__arena *arena, kj__yaml **out, kj_error *err);

#endif
