/*
 * mono.h: interleaved frames as libsndfile gives them, to mono samples.
 *
 * Source: the INTERSPEECH 2009 set's sample conversion (kanjo/audio.h holds
 * the table): sum over channels, / channels, / divisor, each rounded to float.
 */
#ifndef KJ_AUDIO_MONO_H
#define KJ_AUDIO_MONO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How one subtype of libsndfile (PCM_16, VORBIS ...) is stored and read. */
typedef struct kj__sample_format {
  int subtype;        /* SF_FORMAT_...; 0 ends the table */
  unsigned n_bits;    /* of the raw integers; 0: read as float */
  float divisor;      /* of the raw integers; 1 for float */
  float full_scale;   /* floats: |x| from here on is at full scale */
  bool seeks_exactly; /* else decode and drop what lies before the start */
  unsigned slack;     /* samples by which the announced length may be long */
} kj__sample_format;

/* The format of libsndfile's SF_INFO.format; never NULL. */
const kj__sample_format *kj__sample_format_find(int format);

/* What is noticed on the way; see kj_audio_info. */
typedef struct kj__tally {
  double peak;
  uint64_t n_full_scale;
  uint64_t n_not_finite;
} kj__tally;

/* Which samples of a frame are used. */
typedef struct kj__frame_layout {
  size_t n_channels;
  size_t first; /* of the used channels */
  size_t n_used;
} kj__frame_layout;

/* frames: shape (n_frames, n_channels), integers in the upper n_bits of an
 * int (sf_readf_int). mono: shape (n_frames). */
void kj__mono_from_integers(const kj__sample_format *format,
                            const kj__frame_layout *layout, const int *frames,
                            size_t n_frames, float *mono, kj__tally *tally);

/* frames: shape (n_frames, n_channels), sf_readf_float. */
void kj__mono_from_floats(const kj__sample_format *format,
                          const kj__frame_layout *layout, const float *frames,
                          size_t n_frames, float *mono, kj__tally *tally);

#endif
