/*
 * audformat.h: the header of a database of audformat, db.yaml, as far as the
 * standard table has a place for it.
 */
#ifndef KJ_CORPUS_IMPORT_AUDFORMAT_H
#define KJ_CORPUS_IMPORT_AUDFORMAT_H

#include "corpus/arena.h"
#include "kanjo/status.h"

#include <stdbool.h>
#include <stddef.h>

/* A value that a scheme allows, and what is said of it; "" where nothing. */
typedef struct kj__audformat_label {
  const char *value, *text, *gender, *language;
} kj__audformat_label;

typedef struct kj__audformat_scheme {
  const char *name;
  double minimum, maximum; /* NaN: not said */
  size_t n_labels;
  kj__audformat_label *label;
} kj__audformat_scheme;

typedef struct kj__audformat_column {
  const char *name;
  const kj__audformat_scheme *scheme; /* NULL: none */
} kj__audformat_column;

typedef struct kj__audformat_table {
  const char *name;
  bool is_segmented;
  const char *part; /* of a split; "" */
  size_t n_columns;
  kj__audformat_column *column;
} kj__audformat_table;

typedef struct kj__audformat {
  const char *name;
  const char *language; /* the only one, as it stands there; else "" */
  size_t n_schemes;
  kj__audformat_scheme *scheme;
  size_t n_tables;
  kj__audformat_table *table;
} kj__audformat;

/* Read a header; all of it is the arena's. `name` is the file's, for messages.
 * KJ_EFORMAT: it is no such YAML; KJ_EMEMORY. */
kj_status kj__audformat_parse(const char *name, const char *text, size_t size,
                              kj__arena *arena, kj__audformat *header,
                              kj_error *err);

/* Seconds of a time as pandas writes it ("0 days 00:00:01.5", "00:00:01.5",
 * "1.5s", "1.5"); NaN for an empty one or NaT. False: it is none. */
bool kj__audformat_seconds(const char *text, double *seconds);

#endif
