/*
 * disturb.h: what rooms, microphones and lines do to a sound.
 *
 * Each changes n mono samples in place, keeps their number, and moves nothing
 * in time by more than a few samples. Same samples and stream, same bits.
 */
#ifndef KJ_AUDIO_DISTURB_DISTURB_H
#define KJ_AUDIO_DISTURB_DISTURB_H

#include "base/random.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>

/* Add normal noise, snr_db below the mean power of the samples. */
void kj__add_white(float *x, size_t n, double snr_db, kj__random *random);

/* Add another sound of as many samples, likewise; nothing where either is
 * silent. */
void kj__add_sound(float *x, const float *other, size_t n, double snr_db);

void kj__gain(float *x, size_t n, double db);

/* Cut all samples at the level that the given share of them is beyond. */
kj_status kj__clip(float *x, size_t n, double share, kj_error *err);

/* Keep low_hz..high_hz: 6 dB down at both ends, 60 dB 100 Hz outside. */
kj_status kj__band_pass(float *x, size_t n, unsigned rate_hz, const double *hz,
                        kj_error *err);

/* A room whose sound falls by 60 dB in rt60_s, as loud as the voice itself. */
kj_status kj__reverberate(float *x, size_t n, unsigned rate_hz, double rt60_s,
                          kj__random *random, kj_error *err);

/* To another rate and back. */
kj_status kj__resample_twice(float *x, size_t n, unsigned rate_hz,
                             unsigned via_hz, kj_error *err);

typedef enum kj__coding { KJ__CODING_MP3, KJ__CODING_OPUS } kj__coding;

/* Whether the libsndfile at hand can write it. */
bool kj__coding_is_there(kj__coding coding);

/* A coding at a constant bit rate, the nearest there is. */
typedef struct kj__coder {
  kj__coding coding;
  double bits_per_s;
  size_t n_bytes; /* written: what the coded sound took */
} kj__coder;

/* Code and decode. */
kj_status kj__code(float *x, size_t n, unsigned rate_hz, kj__coder *coder,
                   kj_error *err);

#endif
