/*
 * plan.h: all that chance decides of a synthetic corpus, before any of it is
 * spoken: who says what in which emotion, in which voice, and what the raters
 * will answer.
 */
#ifndef KJ_CORPUS_SYNTH_PLAN_H
#define KJ_CORPUS_SYNTH_PLAN_H

#include "corpus/arena.h"
#include "corpus/synth/language.h"
#include "corpus/synth/voice.h"
#include "kanjo/synthesis.h"

enum { KJ__SYNTH_N_RATERS = 3 };

typedef struct kj__synth_utterance {
  char name[40]; /* such as en-f01-0001 */
  size_t speaker;
  bool is_spontaneous;
  double truth[KJ__SYNTH_N_DIMENSIONS];                      /* 1..5 */
  double rating[KJ__SYNTH_N_DIMENSIONS][KJ__SYNTH_N_RATERS]; /* whole steps */
  kj__synth_voice voice;
  const char *text, *markup;
  kj__random noise; /* of the recording */
  double seconds;   /* of the recording; 0 before there is one */
} kj__synth_utterance;

/* The corpus of one language. */
typedef struct kj__synth_part {
  const kj__synth_language *language;
  size_t n_speakers, n_utterances;
  kj__synth_speaker *speaker;     /* shape (n_speakers) */
  kj__synth_utterance *utterance; /* shape (n_utterances) */
} kj__synth_part;

typedef struct kj__synth_plan {
  size_t n_parts, n_utterances; /* of all parts */
  kj__synth_part part[KJ_SYNTHESIS_MAX_LANGUAGES];
  kj__arena *arena;
} kj__synth_plan;

/* KJ_EARGUMENT if an option is not allowed; KJ_EMEMORY. */
kj_status kj__synth_plan_create(const kj_synthesis_options *options,
                                kj__synth_plan *plan, kj_error *err);

void kj__synth_plan_clear(kj__synth_plan *plan);

/* A word for an emotion: neutral, happy, angry, sad or calm. */
const char *kj__synth_emotion_word(const double emotion[]);

#endif
