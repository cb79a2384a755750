/* msp_podcast.h: the single ratings of MSP-Podcast, from any of its files. */
#ifndef KJ_CORPUS_IMPORT_MSP_PODCAST_H
#define KJ_CORPUS_IMPORT_MSP_PODCAST_H

#include "corpus/import/import.h"
#include "corpus/index.h"

/* One rater of one file. */
typedef struct kj__votes_rater {
  double value[KJ__N_DIMENSIONS]; /* NaN: not rated */
  struct kj__votes_rater *next;
} kj__votes_rater;

/* The raters of one file, in their order. */
typedef struct kj__votes_file {
  kj__votes_rater *first, *last;
} kj__votes_file;

/* All zero: none. */
typedef struct kj__votes {
  kj__index index; /* name of a file -> index */
  kj__votes_file *file;
  size_t n, capacity;
} kj__votes;

/* Read the single ratings from labels.txt, labels_detailed.csv or
 * labels_detailed.json in `folder`, the first that is there; none is told in
 * a note. Texts are of the import's arena. */
kj_status kj__votes_read(kj__import *import, const char *folder,
                         kj__votes *votes, kj_error *err);

/* The ratings of `name` on one dimension in *rated, which lives as long as the
 * import; none where there are none. */
kj_status kj__votes_get(kj__import *import, const kj__votes *votes,
                        const char *name, kj__dimension dimension,
                        kj__rated *rated, kj_error *err);

void kj__votes_clear(kj__votes *votes);

#endif
