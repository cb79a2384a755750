/* iemocap.h: the evaluation files of IEMOCAP. */
#ifndef KJ_CORPUS_IMPORT_IEMOCAP_H
#define KJ_CORPUS_IMPORT_IEMOCAP_H

#include "corpus/import/standard.h"

enum { KJ__IEMOCAP_MAX_RATERS = 32 };

/* One utterance of an evaluation file; valid during a call of the visitor. */
typedef struct kj__iemocap_turn {
  char id[64];
  char emotion[16];
  double mean[KJ__N_DIMENSIONS]; /* as in the summary line */
  double rating[KJ__N_DIMENSIONS][KJ__IEMOCAP_MAX_RATERS]; /* external */
  size_t n_ratings[KJ__N_DIMENSIONS];
  size_t n_missing; /* numbers that an external rater's line lacks */
} kj__iemocap_turn;

typedef kj_status
kj__iemocap_visitor(void *context, const kj__iemocap_turn *turn, kj_error *err);

/* Show each utterance of a file's text (as kj__lines_each wants it).
 * KJ_EFORMAT with file and line; or what the visitor returned. */
kj_status kj__iemocap_read(const char *name, char *text, size_t size,
                           kj__iemocap_visitor *visitor, void *context,
                           kj_error *err);

#endif
