/* join.h: which row of a dataset does a row of a feature table belong to? */
#ifndef KJ_CORPUS_JOIN_H
#define KJ_CORPUS_JOIN_H

#include "corpus/index.h"
#include "corpus/table.h"

/* Columns that are compared: of the labels, of the feature table. */
typedef enum kj__join_on {
  KJ__JOIN_UTTERANCE,      /* utterance, utterance */
  KJ__JOIN_FILE,           /* file, file */
  KJ__JOIN_UTTERANCE_FILE, /* utterance, stem of the file */
  KJ__JOIN_FILE_UTTERANCE  /* stem of the file, utterance */
} kj__join_on;

/* All zero: nothing yet. */
typedef struct kj__join {
  const kj_dataset *labels;
  kj__join_on on;
  kj__columns columns;         /* of the feature table */
  kj__arena *arena;            /* keys; texts of one probe after another */
  const char *labels_folder;   /* absolute: the working directory */
  const char *table_folder;    /* of the feature table, as in its path */
  kj__index written, resolved; /* key -> first row that has it */
  size_t *next_written, *next_resolved; /* row -> next row with its key */
} kj__join;

/* Get ready to join the rows of the table whose header csv has. KJ_EDATA if
 * the two have no column in common. To be cleared also on failure. */
kj_status kj__join_begin(kj__join *join, const kj_dataset *labels,
                         const kj__csv *csv, kj_error *err);

/* Find the row that the current row of csv belongs to, or KJ__NONE. KJ_EDATA
 * if it could be several. */
kj_status kj__join_find(kj__join *join, const kj__csv *csv, size_t *row,
                        kj_error *err);

/* What names the current row of csv. */
const char *kj__join_key(const kj__join *join, const kj__csv *csv);

/* The name of the column that names the rows of the table. */
const char *kj__join_column(const kj__join *join);

void kj__join_clear(kj__join *join);

#endif
