/*
 * json.h: JSON from strangers: bounded in depth and number of values.
 */
#ifndef KJ_MODEL_JSON_H
#define KJ_MODEL_JSON_H

#include "kanjo/status.h"
#include <jansson.h>
#include <stddef.h>

/* What a document may cost, checked before anything is allocated for it. */
typedef struct kj__json_limits {
  size_t max_depth;  /* of nested arrays and objects */
  size_t max_values; /* members, items and containers together */
} kj__json_limits;

/* Parse `size` bytes of UTF-8 as one JSON array or object without duplicate
 * keys. `what` names the document in messages.
 * KJ_EFORMAT if it is not that or beyond the limits; KJ_EMEMORY. */
kj_status kj__json_parse(const char *what, const char *text, size_t size,
                         kj__json_limits limits, json_t **out, kj_error *err);

/* The compact text of any value as a JSON string; numbers with `digits`
 * significant ones, whatever the locale. NULL where memory is short. */
json_t *kj__json_in_text(const json_t *value, size_t digits);

/* Bytes of the control character that UTF-8 `text` starts with (C0, DEL: 1;
 * C1: 2), or 0: what must not reach a terminal from a stranger's file. */
size_t kj__control_size(const char *text);

/* The start of a text from a file, safe to show: control characters are '?'. */
typedef struct kj__quoted {
  char text[64];
} kj__quoted;

kj__quoted kj__quote(const char *text);

#endif
