/* recording.h: a voice in a room becomes a file. */
#ifndef KJ_CORPUS_SYNTH_RECORDING_H
#define KJ_CORPUS_SYNTH_RECORDING_H

#include "corpus/synth/room.h"
#include "corpus/synth/speech.h"

/* Bring speech to 16 kHz, and to the level and tilt of `voice`; put silence
 * around it and record it in the room. sound->samples is replaced.
 * KJ_EDATA if there is nothing to hear, KJ_EMEMORY. */
kj_status kj__synth_recording_make(kj__synth_sound *sound,
                                   const kj__synth_voice *voice,
                                   const kj__synth_room *room,
                                   kj__random *random, kj_error *err);

/* Write it as WAV, 16 bit. */
kj_status kj__synth_recording_write(const kj__synth_sound *sound,
                                    const char *path, kj_error *err);

#endif
