/*
 * words.h: what is said: a sentence as it stands, or as it comes out of
 * somebody who is thinking while talking.
 */
#ifndef KJ_CORPUS_SYNTH_WORDS_H
#define KJ_CORPUS_SYNTH_WORDS_H

#include "corpus/synth/language.h"

#include <stdbool.h>

enum { KJ__SYNTH_TEXT_SIZE = 2048 };

typedef struct kj__synth_words {
  char text[KJ__SYNTH_TEXT_SIZE];   /* the transcript */
  char markup[KJ__SYNTH_TEXT_SIZE]; /* SSML without the element around it */
} kj__synth_words;

/* Draw a sentence. Spontaneous ones have at least one filler, and may have
 * more, pauses within, and a restart: a beginning that is said twice. */
void kj__synth_words_draw(const kj__synth_language *language,
                          bool is_spontaneous, kj__random *random,
                          kj__synth_words *words);

#endif
