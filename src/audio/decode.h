/*
 * decode.h: a sound file, or a segment of it, to blocks of mono samples at
 * the file's own rate.
 */
#ifndef KJ_AUDIO_DECODE_H
#define KJ_AUDIO_DECODE_H

#include "audio/mono.h"
#include "kanjo/audio.h"

/* Samples in a block: 1/8 s at 16 kHz; 2 MB of frames with 256 channels. */
enum { KJ__BLOCK_SAMPLES = 2048 };

typedef struct kj__decoder kj__decoder;

/* Open `path` for reading as `options` (already checked) say, statuses as
 * kj_audio_open(); messages without the path. */
kj_status kj__decoder_open(const char *path, const kj_audio_options *options,
                           kj__decoder **out, kj_error *err);

/* The next block; *n_read is below KJ__BLOCK_SAMPLES only at the end of the
 * sound, and 0 after it. mono: shape (KJ__BLOCK_SAMPLES). */
kj_status kj__decoder_read(kj__decoder *decoder, float *mono, size_t *n_read,
                           kj_error *err);

/* Go on to a later part of the sound: statuses as kj__decoder_open(), and
 * KJ_EARGUMENT if it begins before where the decoder is. */
kj_status kj__decoder_move(kj__decoder *decoder,
                           const kj_audio_options *options, kj_error *err);

/* All but rate_hz, which is the file's own here. */
kj_audio_info kj__decoder_info(const kj__decoder *decoder);

void kj__decoder_close(kj__decoder *decoder);

#endif
