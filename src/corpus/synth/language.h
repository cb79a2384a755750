/*
 * language.h: what a language of the synthetic corpus is: its sentences, its
 * fillers, the scale of its raters, and the room it is recorded in.
 */
#ifndef KJ_CORPUS_SYNTH_LANGUAGE_H
#define KJ_CORPUS_SYNTH_LANGUAGE_H

#include "corpus/synth/room.h"

#include <stddef.h>

typedef struct kj__synth_language {
  const char *code;        /* ISO 639-1; also what espeak-ng calls the voice */
  const char *corpus;      /* name in the table */
  int scale_high;          /* raters answer 1, 2, ... up to this */
  unsigned first_voice;    /* of the list of voices: 0 or 1, then every other */
  const char *const *read; /* sentences read aloud; ends with NULL */
  const char *const *spontaneous; /* sentences spoken freely; likewise */
  const char *const *fillers;     /* likewise */
  const char *comma, *stop;       /* between phrases, and at the end */
  /* a word that ends in the first is spoken as if it ended in the second;
   * NULL: as it is written */
  const char *written, *spoken;
  kj__synth_room room;
} kj__synth_language;

extern const kj__synth_language KJ__SYNTH_LANGUAGES[];
extern const size_t KJ__SYNTH_N_LANGUAGES;

#endif
