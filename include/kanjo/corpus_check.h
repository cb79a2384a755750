/*
 * corpus_check.h: what a table of labels holds, and what is wrong with it.
 *
 * Both read the table as it stands, so that a table that kj_dataset_read_labels
 * refuses at its first fault is told all of them.
 */
#ifndef KANJO_CORPUS_CHECK_H
#define KANJO_CORPUS_CHECK_H

#include "kanjo/corpus.h"
#include "kanjo/status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(enum, name, why): kinds of problems, and why each matters. */
#define KJ_PROBLEM_LIST(X)                                                     \
  X(KJ_PROBLEM_MISSING_FILE, "missing-file",                                   \
    "a row without its sound gets no features and is left out of training")    \
  X(KJ_PROBLEM_UNREADABLE_FILE, "unreadable-file",                             \
    "sound that cannot be decoded to its end gets no features")                \
  X(KJ_PROBLEM_DUPLICATE_UTTERANCE, "duplicate-utterance",                     \
    "features are joined by the name of the utterance, and two rows of one "   \
    "name cannot be told apart")                                               \
  X(KJ_PROBLEM_DUPLICATE_SEGMENT, "duplicate-segment",                         \
    "the same sound counts twice, and may be on both sides of a split")        \
  X(KJ_PROBLEM_BAD_SEGMENT, "bad-segment",                                     \
    "the part of the file that start and end name is not there")               \
  X(KJ_PROBLEM_OVERLAP, "overlap",                                             \
    "one voice has two ratings for the same moment; start and end are "        \
    "probably wrong")                                                          \
  X(KJ_PROBLEM_OFF_SCALE, "off-scale",                                         \
    "the scale that is assumed is not that of the ratings, or a rating is "    \
    "mistyped")                                                                \
  X(KJ_PROBLEM_MISSING_RATING, "missing-rating",                               \
    "the row takes no part in what is trained or measured for that target")    \
  X(KJ_PROBLEM_CONSTANT_RATINGS, "constant-ratings",                           \
    "where all ratings are the same there is nothing to learn, and CCC and r " \
    "are undefined")                                                           \
  X(KJ_PROBLEM_NO_SPEAKER, "no-speaker",                                       \
    "without a speaker no split can keep the same voice off both sides")       \
  X(KJ_PROBLEM_TWO_GENDERS, "two-genders",                                     \
    "two people may share one speaker's name, or a gender is mistyped")        \
  X(KJ_PROBLEM_LEAKED_SPEAKER, "leaked-speaker",                               \
    "what is measured on a voice that was trained on does not hold for new "   \
    "voices")                                                                  \
  X(KJ_PROBLEM_LEAKED_TEXT, "leaked-text",                                     \
    "a model may know the sentence instead of hearing the emotion")

typedef enum kj_problem_kind {
#define KJ_PROBLEM_ENUM(id, name, why) id,
  KJ_PROBLEM_LIST(KJ_PROBLEM_ENUM)
#undef KJ_PROBLEM_ENUM
      KJ_N_PROBLEM_KINDS
} kj_problem_kind;

/**
 * Give the name of a kind ("leaked-speaker"), or why it matters.
 *
 * @return a text that lives as long as the program; "unknown" for no kind.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
const char *kj_problem_name(kj_problem_kind kind);
const char *kj_problem_why(kj_problem_kind kind);

/** One thing wrong with a table. Texts belong to the kj_checkup. */
typedef struct kj_problem {
  kj_problem_kind kind;
  size_t line;      /* in the table, from 1 */
  const char *name; /* utterance, else file, speaker, text or target */
  const char *text; /* what is wrong, without the name */
} kj_problem;

/** What to look at in a table. */
typedef struct kj_corpus_options {
  const kj_target_spec *targets; /* NULL: valence, activation (or arousal) and
                                    dominance, as far as there are columns */
  size_t n_targets;              /* 0 with NULL */
  double low, high;              /* scale of these; both 0: 1..5 */
  const char *split; /* column whose values are the parts of a split; NULL:
                        "part" if there is such a column */
} kj_corpus_options;

/** All that is wrong with a table: kinds in order, then lines. */
typedef struct kj_checkup {
  size_t n_rows;
  size_t n;
  const kj_problem *problem; /* shape (n) */
  size_t count[KJ_N_PROBLEM_KINDS];
  const char *split;       /* the column that was looked at, or "" */
  struct kj__arena *arena; /* private: owns the texts */
} kj_checkup;

/**
 * Find all that is wrong with a table of labels.
 *
 * Every sound file that the table names is decoded once, to its end. A segment
 * may end up to 50 ms after its file. Rows with an empty part are in none.
 *
 * @param[in] path     of the table.
 * @param[in] options  NULL: the defaults above.
 * @param[out] out     what was found; unchanged on failure.
 * @return KJ_OK, also where problems were found; KJ_EFILE, KJ_EFORMAT if the
 *         table cannot be read; KJ_EDATA if it has no row, no column file or
 *         utterance, or lacks a column that the options name; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_checkup_destroy.  Threads: one.
 */
kj_status kj_corpus_check(const char *path, const kj_corpus_options *options,
                          kj_checkup **out, kj_error *err);

/** Release a checkup; NULL is allowed. */
void kj_checkup_destroy(kj_checkup *checkup);

enum {
  KJ_STATS_BINS = 8 /* of a histogram of ratings: 1..1.5 up to 4.5..5 */
};

/** The ratings of one target, on 1..5. */
typedef struct kj_rating_stats {
  char name[KJ_TARGET_NAME_SIZE];
  size_t n;                  /* rated rows */
  double mean, sd;           /* sd over rows (n - 1); NaN for too few */
  double min, max;           /* NaN where there is none */
  size_t bin[KJ_STATS_BINS]; /* [low, low + .5), the last with its end */
} kj_rating_stats;

/** A value of a column, and in how many rows it stands. */
typedef struct kj_value_count {
  const char *value;
  size_t n;
} kj_value_count;

/** The values of a column, in the order of their first rows; not "". */
typedef struct kj_value_counts {
  size_t n;
  const kj_value_count *value; /* shape (n) */
} kj_value_counts;

/** What a table holds. */
typedef struct kj_corpus_stats {
  size_t n_rows;
  size_t n_files, n_missing_files; /* different sound files; not readable */
  size_t n_timed_rows;             /* rows whose length is known */
  double hours;                    /* of these */
  kj_value_counts speakers, sessions, genders, languages, corpora, emotions,
      parts;
  size_t n_spontaneous, n_not_spontaneous; /* the others: unknown */
  size_t n_targets;
  kj_rating_stats target[KJ_MAX_TARGETS];
  struct kj__arena *arena; /* private: owns the texts */
} kj_corpus_stats;

/**
 * Count what a table of labels holds.
 *
 * The length of a row is end - start, or where end is empty that of the sound,
 * which is decoded. Ratings that are no number or off their scale do not
 * count.
 *
 * @param[in] path     of the table.
 * @param[in] options  NULL: the defaults; split names the column of `parts`.
 * @param[out] out     the counts; unchanged on failure.
 * @return as kj_corpus_check.
 *
 * Memory: caller releases with kj_corpus_stats_destroy.  Threads: one.
 */
kj_status kj_corpus_count(const char *path, const kj_corpus_options *options,
                          kj_corpus_stats **out, kj_error *err);

/** Release counts; NULL is allowed. */
void kj_corpus_stats_destroy(kj_corpus_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
