/* msp.h: what the corpora of the MSP laboratory have in common. */
#ifndef KJ_CORPUS_IMPORT_MSP_H
#define KJ_CORPUS_IMPORT_MSP_H

#include "corpus/import/standard.h"

enum { KJ__MSP_MAX_RATERS = 64, KJ__MSP_NAME_SIZE = 96 };

/* One clip of a file of evaluations; valid during a call of the visitor. */
typedef struct kj__msp_clip {
  size_t line;                  /* of the file, that it begins in */
  char name[KJ__MSP_NAME_SIZE]; /* with its ending, ".avi" or ".wav" */
  char emotion[16];
  double mean[KJ__N_DIMENSIONS]; /* NaN: unknown */
  double rating[KJ__N_DIMENSIONS][KJ__MSP_MAX_RATERS];
  size_t n_ratings[KJ__N_DIMENSIONS];
  size_t n_workers, n_duplicates; /* lines of a worker who is there already */
  char worker[KJ__MSP_MAX_RATERS][KJ__MSP_NAME_SIZE];
} kj__msp_clip;

typedef kj_status kj__msp_visitor(void *context, const kj__msp_clip *clip,
                                  kj_error *err);

/* Show each clip of a file of evaluations (text as kj__lines_each wants it).
 * KJ_EFORMAT with file and line; or what the visitor returned. */
kj_status kj__msp_read(const char *name, char *text, size_t size,
                       kj__msp_visitor *visitor, void *context, kj_error *err);

/* The same for a file. KJ_EFILE if it cannot be read. */
kj_status kj__msp_read_file(const char *path, kj__msp_visitor *visitor,
                            void *context, kj_error *err);

/* "angry" for "A" and so on; what is no such letter stays. */
const char *kj__msp_emotion(const char *letter);

#endif
