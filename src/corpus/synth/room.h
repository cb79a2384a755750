/*
 * room.h: the condition that speech is recorded in: the distance (a gain), the
 * line (a low-pass), the walls (reverberation), and the noise.
 */
#ifndef KJ_CORPUS_SYNTH_ROOM_H
#define KJ_CORPUS_SYNTH_ROOM_H

#include "base/random.h"
#include "kanjo/status.h"

#include <stddef.h>

enum { KJ__SYNTH_RATE_HZ = 16000 };

typedef struct kj__synth_room {
  double gain_db;
  double lowpass_hz;      /* of first order; 0: none */
  double reverberation_s; /* until -60 dB; 0: none */
  double noise_db;        /* RMS of white noise, re full scale */
} kj__synth_room;

/* Record x, shape (n), at 16 kHz, in place. KJ_EMEMORY. */
kj_status kj__synth_room_record(const kj__synth_room *room, kj__random *random,
                                float *x, size_t n, kj_error *err);

#endif
