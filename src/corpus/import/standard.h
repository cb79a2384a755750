/*
 * standard.h: the standard table of utterances, which importers and the
 * synthesis of corpora write and everything else reads (docs/corpora.md).
 */
#ifndef KJ_CORPUS_IMPORT_STANDARD_H
#define KJ_CORPUS_IMPORT_STANDARD_H

#include "kanjo/status.h"
#include <stddef.h>

typedef enum kj__dimension {
  KJ__VALENCE,
  KJ__ACTIVATION,
  KJ__DOMINANCE,
  KJ__N_DIMENSIONS
} kj__dimension;

/* How one dimension of an utterance was rated, on the corpus's own scale. */
typedef struct kj__rated {
  double mean;          /* NaN: unknown */
  double sd;            /* over raters (n - 1); NaN: unknown */
  const double *rating; /* single ratings, where known */
  size_t n_ratings;
} kj__rated;

/* One utterance: a row of the table. A text that is NULL is empty. */
typedef struct kj__imported {
  const char *file;      /* as the program opens it */
  double start_s, end_s; /* end 0: the whole file */
  const char *utterance; /* needed; different in each row */
  const char *speaker, *gender, *session, *language, *corpus, *text;
  int spontaneous; /* 1, 0; -1: unknown */
  const char *emotion;
  kj__rated rated[KJ__N_DIMENSIONS];
  double low, high; /* the scale of the ratings; equal: there is none */
  const char *part;
  const char *channel; /* "left", "right"; NULL: all there are */
} kj__imported;

/* "valence", "activation" or "dominance". */
const char *kj__dimension_name(size_t dimension);

/* A row in which everything is unknown. */
kj__imported kj__imported_empty(void);

/* Mean and standard deviation of ratings, which are borrowed; without any,
 * both are unknown. */
kj__rated kj__rated_over(const double *rating, size_t n);

/* Write rows as the standard table, sorted by utterance, with ratings mapped
 * from low..high to 1..5, and with a column `channel` if a row has one.
 * KJ_EDATA: two rows have the same utterance; KJ_EFILE; KJ_EMEMORY. */
kj_status kj__standard_write(const kj__imported *row, size_t n,
                             const char *path, kj_error *err);

#endif
