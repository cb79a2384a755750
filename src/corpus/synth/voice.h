/*
 * voice.h: from an emotion to how a voice sounds.
 */
#ifndef KJ_CORPUS_SYNTH_VOICE_H
#define KJ_CORPUS_SYNTH_VOICE_H

#include "base/random.h"

#include <stdbool.h>
#include <stddef.h>

enum {
  KJ__SYNTH_VALENCE,
  KJ__SYNTH_ACTIVATION,
  KJ__SYNTH_DOMINANCE,
  KJ__SYNTH_N_DIMENSIONS
};

/* X(enum, name of the column in truth.csv) */
#define KJ__SYNTH_CUE_LIST(X)                                                  \
  X(KJ__SYNTH_SPEED, "speed_wpm")                                              \
  X(KJ__SYNTH_PITCH, "pitch")                                                  \
  X(KJ__SYNTH_RANGE, "range_percent")                                          \
  X(KJ__SYNTH_LEVEL, "level_db")                                               \
  X(KJ__SYNTH_TILT, "tilt_db")

enum {
#define KJ__SYNTH_CUE_ENUM(id, name) id,
  KJ__SYNTH_CUE_LIST(KJ__SYNTH_CUE_ENUM)
#undef KJ__SYNTH_CUE_ENUM
      KJ__SYNTH_N_CUES
};

/* How an utterance is spoken. speed: words a minute; pitch: 0..99, espeak-ng's
 * -p; range: percent of espeak-ng's own; level: RMS of the speech re full
 * scale; tilt: gain of high frequencies. */
typedef struct kj__synth_voice {
  double cue[KJ__SYNTH_N_CUES];
} kj__synth_voice;

/* Somebody's own way of speaking, added to what the emotion does. */
typedef struct kj__synth_speaker {
  char name[16];       /* such as en-f01; unique over languages */
  const char *variant; /* of espeak-ng's voice, such as f1 */
  bool is_female;
  double habit[KJ__SYNTH_N_CUES];
} kj__synth_speaker;

/* Speaker `index` of a language whose voices begin at first_voice; women and
 * men take turns. The habits come from `random`. */
kj__synth_speaker kj__synth_speaker_draw(const char *language,
                                         unsigned first_voice, size_t index,
                                         kj__random *random);

/* The voice of a speaker in an emotion (1..5 each). is_shifted: by the mapping
 * of spontaneous speech. */
kj__synth_voice kj__synth_voice_draw(const kj__synth_speaker *speaker,
                                     const double emotion[], bool is_shifted,
                                     kj__random *random);

#endif
