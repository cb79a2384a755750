/* speech.h: espeak-ng, run as a program. */
#ifndef KJ_CORPUS_SYNTH_SPEECH_H
#define KJ_CORPUS_SYNTH_SPEECH_H

#include "corpus/synth/voice.h"
#include "kanjo/status.h"

#include <stddef.h>

/* Who says what, and how. Of the voice it takes speed, pitch and range. */
typedef struct kj__synth_speech {
  const char *language; /* such as en */
  const char *variant;  /* such as f1 */
  const char *markup;   /* SSML, without the element around it */
  const kj__synth_voice *voice;
} kj__synth_speech;

/* Mono samples, -1..1. */
typedef struct kj__synth_sound {
  float *samples; /* malloc'ed, shape (n) */
  size_t n;
  unsigned rate_hz;
} kj__synth_sound;

/* Its name and version in a line. KJ_EFILE, naming the package, where it is
 * missing. */
kj_status kj__synth_speech_version(char *text, size_t size, kj_error *err);

/* Caller frees sound->samples. KJ_EFILE if espeak-ng fails, KJ_EFORMAT if it
 * gives no WAV of 16 bit and one channel, KJ_EMEMORY. */
kj_status kj__synth_speech_say(const kj__synth_speech *speech,
                               kj__synth_sound *sound, kj_error *err);

/* Read such a WAV; its length may be unknown to its header. */
kj_status kj__synth_speech_read(const char *wav, size_t size,
                                kj__synth_sound *sound, kj_error *err);

#endif
