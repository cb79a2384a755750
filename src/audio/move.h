/*
 * move.h: from one part of an open sound to a later one.
 */
#ifndef KJ_AUDIO_MOVE_H
#define KJ_AUDIO_MOVE_H

#include "kanjo/audio.h"

/* Read the part that options->start_s and end_s say, as kj_audio_open() of the
 * same sound would; the other options must be those it was opened with.
 * KJ_EARGUMENT if the part is no later one, or out of range; KJ_EDATA,
 * KJ_EFORMAT, KJ_EMEMORY: then, as after KJ_EARGUMENT, it is to be closed. */
kj_status kj__audio_move(kj_audio *audio, const kj_audio_options *options);

#endif
