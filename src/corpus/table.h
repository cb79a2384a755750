/*
 * table.h: what readers of tables of utterances share: the columns that have
 * a meaning, the growing dataset, its groups.
 */
#ifndef KJ_CORPUS_TABLE_H
#define KJ_CORPUS_TABLE_H

#include "corpus/arena.h"
#include "corpus/csv.h"
#include "kanjo/corpus.h"

/* X(enum, name): the columns that are never features. */
#define KJ__COLUMN_LIST(X)                                                     \
  X(KJ__COLUMN_FILE, "file")                                                   \
  X(KJ__COLUMN_UTTERANCE, "utterance")                                         \
  X(KJ__COLUMN_SPEAKER, "speaker")                                             \
  X(KJ__COLUMN_SESSION, "session")                                             \
  X(KJ__COLUMN_CORPUS, "corpus")                                               \
  X(KJ__COLUMN_GENDER, "gender")                                               \
  X(KJ__COLUMN_LANGUAGE, "language")                                           \
  X(KJ__COLUMN_TEXT, "text")                                                   \
  X(KJ__COLUMN_EMOTION, "emotion")                                             \
  X(KJ__COLUMN_SPONTANEOUS, "spontaneous")                                     \
  X(KJ__COLUMN_START, "start")                                                 \
  X(KJ__COLUMN_END, "end")                                                     \
  X(KJ__COLUMN_CHANNEL, "channel")                                             \
  X(KJ__COLUMN_WEIGHT, "weight")                                               \
  X(KJ__COLUMN_STATUS, "status")                                               \
  X(KJ__COLUMN_FEATURE_SET, "feature_set")

typedef enum kj__column {
#define KJ__COLUMN_ENUM(id, name) id,
  KJ__COLUMN_LIST(KJ__COLUMN_ENUM)
#undef KJ__COLUMN_ENUM
      KJ__N_COLUMNS
} kj__column;

/* Where a table has them; KJ__NONE where it has not. */
typedef struct kj__columns {
  size_t at[KJ__N_COLUMNS];
} kj__columns;

kj__columns kj__columns_find(const kj__csv *csv);

/* True if a column of that name is never a feature. */
bool kj__column_is_known(const char *name);

/* The cell of a known column in the current row; "" where there is none. */
const char *kj__columns_text(const kj__columns *columns, const kj__csv *csv,
                             kj__column column);

/* start and end of the current row: 0 where there is none. */
kj_status kj__columns_segment(const kj__columns *columns, const kj__csv *csv,
                              double *start_s, double *end_s, kj_error *err);

/* The channel of the current row, as kj_row has it. */
kj_status kj__columns_channel(const kj__columns *columns, const kj__csv *csv,
                              int *channel, kj_error *err);

/* A dataset being read from the rows of a table. */
typedef struct kj__table {
  kj_dataset *dataset;
  size_t capacity; /* rows there is memory for */
  kj__columns columns;
  const char *folder; /* that file names are relative to */
} kj__table;

/* Begin a dataset; to be given up with kj_dataset_destroy. */
kj_status kj__table_begin(kj__table *table, const char *path, kj_error *err);

/* Add the current row: what its known columns say. Its ratings are missing
 * and its features 0 until they are set. */
kj_status kj__table_add(kj__table *table, const kj__csv *csv, kj_error *err);

/* The table is read: there is a row, and rows have their groups. */
kj_status kj__table_end(kj__table *table, kj_error *err);

/* Make the groups of all rows again, from their names. */
kj_status kj__dataset_group(kj_dataset *dataset, kj_error *err);

/* KJ_EARGUMENT if the dataset has features already. */
kj_status kj__dataset_check_bare(const kj_dataset *dataset, kj_error *err);

/* Which registered feature set the columns are, if any: the one that set_label
 * says, or where it says nothing the first that has them. KJ_EDATA if they are
 * those of a set, and it says another. */
kj_status kj__dataset_name_features(kj_dataset *dataset, kj_error *err);

#endif
