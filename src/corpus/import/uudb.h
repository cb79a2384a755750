/* uudb.h: the annotation documents of UUDB. */
#ifndef KJ_CORPUS_IMPORT_UUDB_H
#define KJ_CORPUS_IMPORT_UUDB_H

#include "corpus/import/standard.h"

enum { KJ__UUDB_MAX_RATERS = 32 };

/* One utterance of a document; valid during a call of the visitor. */
typedef struct kj__uudb_utterance {
  char id[16];  /* "001"; numbers have three digits at least */
  char channel; /* 'L' or 'R' */
  double start_s, end_s;
  char wav[64]; /* the name that a comment gives; "" where none does */
  double rating[KJ__N_DIMENSIONS][KJ__UUDB_MAX_RATERS]; /* on 1..7 */
  size_t n_ratings[KJ__N_DIMENSIONS];
} kj__uudb_utterance;

typedef kj_status kj__uudb_visitor(void *context,
                                   const kj__uudb_utterance *utterance,
                                   kj_error *err);

/* Show each utterance of a document. KJ_EFORMAT with file and line where it
 * is no XML, or an attribute is missing or not as it must be; KJ_EMEMORY; or
 * what the visitor returned. */
kj_status kj__uudb_read(const char *name, const char *text, size_t size,
                        kj__uudb_visitor *visitor, void *context,
                        kj_error *err);

#endif
