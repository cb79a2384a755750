/*
 * corpus.h: tables of utterances: who said what, how it was rated, and the
 * features of each.
 *
 * A dataset begins as a table of labels (LABELS.csv), gets features from a
 * table joined to it or from extracted functionals, and is divided into whole
 * speakers, sessions or corpora, so that nobody is estimated by a model that
 * has heard them. What a command is asked to work on (files, folders, tables,
 * lists of names) is a kj_inputs.
 *
 * Tables are CSV as in RFC 4180: UTF-8 with or without a byte order mark, LF
 * or CRLF; separated by commas, or by semicolons or tabs where the header has
 * no comma. Spaces around a cell that is not quoted do not count, nor do
 * blank lines. Numbers have a decimal point in every locale; an empty cell is
 * a missing value. At most 70000 columns, 10 million rows, 64 KiB a cell.
 * Every error names the file, the line and what was allowed there.
 *
 * These columns have a meaning and are never features:
 *   file        sound file, relative to the folder of the table
 *   utterance   name of the utterance; unique
 *   speaker, session, corpus   whom the row belongs to
 *   gender, language, text, emotion   text
 *   spontaneous 1, or 0 for acted or read speech; empty: unknown
 *   start, end  the part of the file, in seconds; end empty or 0: to its end
 *   channel     of the file: left, right, 1..256, or mix (their mean); empty:
 *               what is asked for elsewhere
 *   weight      of the row in training, >= 0; empty: 1
 *   status      of the extraction, as `kanjo extract` writes it
 *   feature_set likewise: set and version, such as is09/1
 *   TARGET_ratings   what single raters gave, on the target's scale, with ';'
 *               between
 */
#ifndef KANJO_CORPUS_H
#define KANJO_CORPUS_H

#include "kanjo/estimator.h"
#include "kanjo/features.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  KJ_COLUMN_NAME_SIZE = 128, /* bytes of a rating column's name, with zero */
  KJ_REPORT_NAMES = 5,       /* names kept of each kind of dropped row */
  KJ_REPORT_NAME_SIZE = 128  /* bytes, with the final zero */
};

/* X(enum, name): what rows belong to, and so what a split keeps whole. */
#define KJ_GROUP_LIST(X)                                                       \
  X(KJ_GROUP_SPEAKER, "speaker")                                               \
  X(KJ_GROUP_SESSION, "session")                                               \
  X(KJ_GROUP_CORPUS, "corpus")                                                 \
  X(KJ_GROUP_ROW, "random") /* each row by itself: leaks voices */

typedef enum kj_group {
#define KJ_GROUP_ENUM(id, name) id,
  KJ_GROUP_LIST(KJ_GROUP_ENUM)
#undef KJ_GROUP_ENUM
} kj_group;

enum {
  KJ_N_GROUPS = KJ_GROUP_ROW /* the groups that are columns */
};

/** What single raters gave, on 1..5; belongs to the dataset. */
typedef struct kj_rating_list {
  const double *value; /* shape (n) */
  size_t n;            /* 0: unknown */
} kj_rating_list;

/** One utterance. Texts belong to the dataset and are "" where unknown. */
typedef struct kj_row {
  const char *name;      /* `file` as written, else `utterance` */
  const char *file;      /* to open: relative to the table's folder resolved */
  const char *utterance; /* as written */
  const char *gender;    /* as written, like the next three */
  const char *language;  /* such as "de" (ISO 639-1) */
  const char *text;      /* what was said */
  const char *emotion;   /* a word for it */
  int spontaneous;       /* 1: spontaneous; 0: acted or read; -1: unknown */
  const char *group_name[KJ_N_GROUPS]; /* speaker, session, corpus */
  size_t group[KJ_N_GROUPS];           /* index into kj_dataset.groups[].name */
  double start_s, end_s; /* part of the file; end_s 0: to its end */
  int channel;           /* of the file, see kj_channel_choose(); 0: not said */
  double weight;         /* >= 0 */
  kj_rating_list rating[KJ_MAX_TARGETS]; /* of each target */
  size_t line;                           /* in the table, from 1 */
} kj_row;

/** The speakers, sessions or corpora of a dataset, as they first appear.
 * Rows without one share the group named "". A name means the same speaker
 * wherever it stands, in another corpus too. */
typedef struct kj_groups {
  size_t n;
  const char *const *name; /* shape (n) */
} kj_groups;

/** A table of utterances, open to be read. Change it through functions. */
typedef struct kj_dataset {
  const char *path; /* of the table, for messages */
  size_t n_rows;
  kj_row *row; /* shape (n_rows), in the order of the table */
  kj_groups groups[KJ_N_GROUPS];

  size_t n_targets; /* 0..KJ_MAX_TARGETS */
  char target[KJ_MAX_TARGETS][KJ_TARGET_NAME_SIZE];
  float *y; /* ratings on 1..5; (n_rows, n_targets); NaN: missing */

  size_t n_inputs;               /* 0 before features are attached */
  const char *const *input_name; /* shape (n_inputs) */
  float *x;                      /* finite; (n_rows, n_inputs), or NULL */
  const char *feature_set;       /* "is09", or "table" for other columns */
  unsigned feature_set_version;  /* 0 for "table" */
  const char *set_label;     /* "is09/1", which the column feature_set says or
                                the columns tell; NULL: nothing is known */
  const char *features_path; /* of the table of features, for messages */

  struct kj__arena *arena; /* private: owns texts and names */
} kj_dataset;

/** A rating: its name, the column it stands in, and that column's scale. */
typedef struct kj_target_spec {
  char name[KJ_TARGET_NAME_SIZE];
  char column[KJ_COLUMN_NAME_SIZE];
  double low, high; /* mapped to 1..5: 1 + 4 (v - low) / (high - low) */
} kj_target_spec;

/**
 * Give the channel to listen to, as kj_audio_options has it.
 *
 * @param[in] said   by a row: a channel from 1, -1 for their mean, or 0.
 * @param[in] asked  taken where said is 0.
 * @return KJ_CHANNEL_MIX, or an index from 0.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
int kj_channel_choose(int said, int asked);

/**
 * Read a target as the command line has it: NAME or NAME=COLUMN.
 *
 * NAME is of letters, digits, '_' and '-', and also the COLUMN where none is
 * said; `arousal` gives the name `activation`. The scale is set to 1..5.
 *
 * @param[in] text     such as "activation=arousal_0_100".
 * @param[out] target  unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if a name is empty, too long or not allowed.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_status kj_target_parse(const char *text, kj_target_spec *target,
                          kj_error *err);

/**
 * Read a rating scale: LOW:HIGH, such as "0:100".
 *
 * @param[out] low, high  finite, low < high; unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if it is anything else.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_status kj_scale_parse(const char *text, double *low, double *high,
                         kj_error *err);

/**
 * Read a table of labels.
 *
 * It needs a column `file` or `utterance`, filled in every row. Utterances
 * are unique; without that column, files are, or their start and end differ.
 * A target `activation` is looked for under `arousal` too, and the reverse,
 * where its column is not there.
 *
 * @param[in] path     of the CSV file.
 * @param[in] targets  shape (n); names differ; NULL if n is 0.
 * @param[in] n        0..KJ_MAX_TARGETS.
 * @param[out] out     the dataset, without features; unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if targets are not allowed; KJ_EFILE if the
 *         file cannot be read; KJ_EFORMAT if it is no such table; KJ_EDATA if
 *         a column is missing (the nearest are named), a cell is no number, a
 *         rating is off its scale, a target has no rating, a key is empty or
 *         there twice, or there is no row; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_dataset_destroy.  Threads: one.
 */
kj_status kj_dataset_read_labels(const char *path,
                                 const kj_target_spec *targets, size_t n,
                                 kj_dataset **out, kj_error *err);

/** How many rows something befell, and the names of the first few. */
typedef struct kj_name_list {
  size_t n;
  char name[KJ_REPORT_NAMES][KJ_REPORT_NAME_SIZE];
} kj_name_list;

/** What became of the rows of a feature table and of the labels. */
typedef struct kj_join_report {
  size_t n_joined;               /* rows with features */
  kj_name_list without_features; /* labels dropped: no features for them */
  kj_name_list without_labels;   /* rows of the table that nobody labelled */
  kj_name_list unusable; /* rows without values, with their status, such as
                            "a.wav (too_short)" */
} kj_join_report;

/**
 * Give a dataset the features of a table, and drop its rows without any.
 *
 * Joined on `utterance` if both tables have it, else on `file` (as written,
 * else as the same path, relative to the table or to the working directory),
 * else a file's name without folder and ending is compared with `utterance`.
 * Rows that share a file are told apart by start (to 1 ms) and end (to 50 ms,
 * the nearest). A row with status decode_error, too_short or not_finite is
 * left out; of any other joined row each feature must be a finite number.
 *
 * @param[in,out] dataset  without features so far; unchanged on failure, but
 *                         after KJ_EMEMORY only to be destroyed.
 * @param[in] path         of the feature table.
 * @param[out] report      or NULL; zeroed on failure.
 * @return KJ_OK; KJ_EARGUMENT if it has features already; KJ_EFILE,
 *         KJ_EFORMAT as above; KJ_EDATA if there is nothing to join on, no row
 *         joins, two rows join one label, one row could join two labels, or a
 *         feature is not finite; KJ_EMEMORY.
 *
 * Memory: n_rows times n_inputs floats, in the dataset.  Threads: one.
 */
kj_status kj_dataset_attach_features(kj_dataset *dataset, const char *path,
                                     kj_join_report *report, kj_error *err);

/**
 * Give a dataset features that were extracted from its files.
 *
 * @param[in,out] dataset  without features so far; unchanged on failure, but
 *                         after KJ_EMEMORY only to be destroyed.
 * @param[in] set          the feature set.
 * @param[in] x            shape (n_rows, set->n_functionals), row-major.
 * @param[in] usable       shape (n_rows); 0: drop the row, its x is not read.
 * @return KJ_OK; KJ_EARGUMENT if it has features already; KJ_EDATA if no row
 *         is usable or a usable value is not finite; KJ_EMEMORY.
 *
 * Memory: copies x.  Threads: one.
 */
kj_status kj_dataset_attach_functionals(kj_dataset *dataset,
                                        const kj_feature_set *set,
                                        const float *x,
                                        const unsigned char *usable,
                                        kj_error *err);

/**
 * Read a feature table by itself: rows without ratings.
 *
 * No key is needed, and none need be unique.
 *
 * @param[in] path     of the table.
 * @param[out] out     the dataset, with n_targets 0; unchanged on failure.
 * @param[out] report  or NULL; only n_joined and unusable are filled.
 * @return as kj_dataset_attach_features.
 *
 * Memory: caller releases with kj_dataset_destroy.  Threads: one.
 */
kj_status kj_dataset_read_features(const char *path, kj_dataset **out,
                                   kj_join_report *report, kj_error *err);

/**
 * Put the features of a dataset into the order of a model's columns.
 *
 * @param[in,out] dataset  with features; unchanged on failure.
 * @param[in] names        the model's columns, each once; shape (n).
 * @param[in] n            their number.
 * @return KJ_OK; KJ_EDATA if a column is missing (the first is named) or is
 *         not among them (likewise); KJ_EMEMORY.
 *
 * Memory: one row.  Threads: one.
 */
kj_status kj_dataset_match_columns(kj_dataset *dataset,
                                   const char *const *names, size_t n,
                                   kj_error *err);

/**
 * Check that the features of a dataset are of the set that is wanted.
 *
 * Sets may share the names of their columns, as is09 and is09-clean do. What
 * neither its columns nor its column feature_set tell of a table is not held
 * against it.
 *
 * @param[in] dataset  with features.
 * @param[in] label    set and version, as in set_label; NULL wants none.
 * @return KJ_OK; KJ_EDATA if the features are of another set or version.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_status kj_dataset_check_set(const kj_dataset *dataset, const char *label,
                               kj_error *err);

/**
 * Keep some rows and drop the others; groups left empty are dropped too.
 *
 * @param[in,out] dataset  unchanged on KJ_EDATA.
 * @param[in] keep         shape (n_rows); 0: drop.
 * @return KJ_OK; KJ_EDATA if no row would be left; KJ_EMEMORY, after which
 *         the dataset can only be destroyed.
 *
 * Memory: O(n_rows) while it runs.  Threads: one.
 */
kj_status kj_dataset_keep_rows(kj_dataset *dataset, const unsigned char *keep,
                               kj_error *err);

/**
 * Put the rows of several corpora into one dataset, one behind the other.
 *
 * Every row's corpus becomes the name of its part, and its speaker and session
 * "NAME:SPEAKER": the same name in two corpora is two speakers.
 *
 * @param[in,out] parts  with features, and the same targets; their columns are
 *                       put into the order of the first; shape (n).
 * @param[in] names      shape (n); differ.
 * @param[out] out       unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if n is 0 or targets differ; KJ_EDATA if a part
 *         has no features, or other columns; KJ_EMEMORY.
 *
 * Memory: a copy; caller releases with kj_dataset_destroy.  Threads: one.
 */
kj_status kj_dataset_concatenate(kj_dataset *const *parts,
                                 const char *const *names, size_t n,
                                 kj_dataset **out, kj_error *err);

/** Release a dataset; NULL is allowed. */
void kj_dataset_destroy(kj_dataset *dataset);

/** Some rows of a dataset; index NULL: rows 0..n-1. */
typedef struct kj_rows {
  const size_t *index; /* shape (n), each below kj_dataset.n_rows */
  size_t n;
} kj_rows;

/** What part of the rows to hold out, and what to keep whole. */
typedef struct kj_split {
  kj_group group;
  double fraction; /* of the rows, 0 < fraction < 1 */
  uint64_t seed;
} kj_split;

/**
 * Read a split as the command line has it: speaker:0.2, session:F, corpus:F
 * or random:F. The seed is set to 0.
 *
 * @return KJ_OK; KJ_EARGUMENT if the text is anything else.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_status kj_split_parse(const char *text, kj_split *split, kj_error *err);

/**
 * Choose the rows to hold out: whole groups, in an order drawn from the seed,
 * as many as come nearest to the fraction; at least one, and not all.
 *
 * @param[in] dataset    with the column of that group; shared-read.
 * @param[in] rows       the rows to divide.
 * @param[in] split      what to hold out.
 * @param[out] held_out  shape (rows.n); 1: held out, 0: kept; unchanged on
 *                       failure.
 * @return KJ_OK; KJ_EARGUMENT if the fraction is not allowed; KJ_EDATA if a
 *         row belongs to no such group (rows are divided one by one only
 *         where `random` was asked for) or there is only one; KJ_EMEMORY.
 *
 * Memory: O(rows.n) while it runs.  Threads: shared-read.
 */
kj_status kj_split_make(const kj_dataset *dataset, kj_rows rows,
                        const kj_split *split, unsigned char *held_out,
                        kj_error *err);

/** How to divide rows into folds, each held out once. */
typedef struct kj_folds {
  kj_group group;
  size_t n; /* number of folds; 0: every group is one */
  uint64_t seed;
} kj_folds;

/**
 * Read folds as the command line has them: speaker, session or corpus (one
 * fold a group), K (K folds of whole speakers), speaker:K, session:K,
 * corpus:K or random:K. The seed is set to 0.
 *
 * @return KJ_OK; KJ_EARGUMENT if the text is anything else.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_status kj_folds_parse(const char *text, kj_folds *folds, kj_error *err);

/**
 * Give each row the fold it is held out in.
 *
 * One fold a group: in the order in which groups first appear. K folds: the
 * largest group first, each into the fold that has the fewest rows; the seed
 * decides between groups of one size.
 *
 * @param[in] dataset       with the column of that group; shared-read.
 * @param[in] rows          the rows to divide.
 * @param[in] folds         how.
 * @param[out] fold_of_row  shape (rows.n), 0..n_folds-1, each fold at least
 *                          once; unchanged on failure.
 * @param[out] n_folds      number of folds, at least 2.
 * @return KJ_OK; KJ_EARGUMENT if folds->n is 1; KJ_EDATA if a row belongs to
 *         no such group, or there are fewer groups than folds, or fewer than
 *         two; KJ_EMEMORY.
 *
 * Memory: O(rows.n) while it runs.  Threads: shared-read.
 */
kj_status kj_folds_make(const kj_dataset *dataset, kj_rows rows,
                        const kj_folds *folds, size_t *fold_of_row,
                        size_t *n_folds, kj_error *err);

/** One thing to listen to. Texts belong to the kj_inputs. */
typedef struct kj_input {
  const char *name;      /* as it was given, or as the table has it */
  const char *file;      /* to open; "-": standard input */
  const char *speaker;   /* "" where unknown */
  double start_s, end_s; /* part of the file; end_s 0: to its end */
  int channel;           /* as in kj_row */
} kj_input;

/** What to listen to, in order. All zero: nothing yet. */
typedef struct kj_inputs {
  size_t n;
  kj_input *input;         /* shape (n) */
  size_t capacity;         /* private */
  struct kj__arena *arena; /* private: owns the texts */
} kj_inputs;

/**
 * Add what an INPUT of the command line means.
 *
 * "-" is sound on standard input, once. A folder means the sound files in it
 * and below, in the order of their bytes, without names that begin with a
 * dot; a link back to a folder above is not followed. A name ending in .csv
 * or .tsv means the rows of that table: column `file`, optional `start`,
 * `end`, `speaker`. Anything else is taken for a sound file. What cannot be
 * opened, and a folder with nothing in it, is added under its own name, so
 * that whoever reads it reports it and goes on with the others.
 *
 * @param[in,out] inputs  grows; what was there stays.
 * @param[in] path        the INPUT.
 * @return KJ_OK; KJ_EARGUMENT if "-" is named twice; KJ_EFORMAT, KJ_EDATA if
 *         a table cannot be used; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_inputs_clear, also after a failure.
 * Threads: one.
 */
kj_status kj_inputs_add(kj_inputs *inputs, const char *path, kj_error *err);

/**
 * Add every INPUT that a list names, one a line; blank lines do not count.
 *
 * @param[in] path  of the list; "-": standard input, which then cannot be
 *                  sound as well.
 * @return KJ_OK; KJ_EFILE if the list cannot be read; else as kj_inputs_add.
 */
kj_status kj_inputs_add_list(kj_inputs *inputs, const char *path,
                             kj_error *err);

/** Release what inputs hold, and make them empty. */
void kj_inputs_clear(kj_inputs *inputs);

#ifdef __cplusplus
}
#endif
#endif
