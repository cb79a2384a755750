/*
 * audio.h: a sound file becomes mono float samples, a block at a time.
 *
 * Everything libsndfile reads comes in (WAV in all its forms, FLAC, Ogg, Opus,
 * MP3, AIFF, AU, CAF ...), one channel or the mean of all, at the file's own
 * rate or resampled. Memory does not grow with the length of the file, and
 * what comes out does not depend on how much is asked for at a time.
 *
 * At the file's own rate the samples are, bit for bit, what Kanjo's feature
 * sets are defined on: the float sum over the channels of the raw integers,
 * divided by the number of channels, divided by
 *
 *   stored as    8 bit   16 bit   20 bit   24 bit    32 bit       other
 *   divisor      127     32767    524272   8388352   2147483648   none
 *
 * each step rounded to float. "Other" is floating point (as it stands) and
 * lossy or companded codings (as the decoder gives them, about -1..1).
 * Source: INTERSPEECH 2009 feature definition as openSMILE computes it; 8 bit
 * is read as the unsigned numbers WAV stores.
 */
#ifndef KANJO_AUDIO_H
#define KANJO_AUDIO_H

#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  KJ_CHANNEL_MIX = -1,       /* else 0 = left, 1 = right, N = index from 0 */
  KJ_MAX_CHANNELS = 256,     /* a file with more is refused */
  KJ_MIN_RATE_HZ = 1000,     /* of a file, and of the samples asked for */
  KJ_MAX_RATE_HZ = 768000,   /* likewise */
  KJ_DEFAULT_RATE_HZ = 16000 /* what features and models are made for */
};

/** Where a segment may start and end at most, in seconds. */
#define KJ_MAX_TIME_S 1e9

/** A recording whose peak is below this (-60 dBFS) is silent. */
#define KJ_SILENT_PEAK 1e-3

/** A recording is clipped when one sample in so many is at full scale. */
#define KJ_CLIPPED_ONE_IN 1000

/* X(id, name, subtype of libsndfile, byte order): how headerless samples may
 * be stored; the names are those of ffmpeg's muxers, with the usual s16 for
 * s16le. */
#define KJ_RAW_ENCODING_LIST(X)                                                \
  X(KJ_RAW_NONE, "", 0, 0)                                                     \
  X(KJ_RAW_S16, "s16", SF_FORMAT_PCM_16, SF_ENDIAN_LITTLE)                     \
  X(KJ_RAW_S16LE, "s16le", SF_FORMAT_PCM_16, SF_ENDIAN_LITTLE)                 \
  X(KJ_RAW_S16BE, "s16be", SF_FORMAT_PCM_16, SF_ENDIAN_BIG)                    \
  X(KJ_RAW_S24, "s24", SF_FORMAT_PCM_24, SF_ENDIAN_LITTLE)                     \
  X(KJ_RAW_S24LE, "s24le", SF_FORMAT_PCM_24, SF_ENDIAN_LITTLE)                 \
  X(KJ_RAW_S24BE, "s24be", SF_FORMAT_PCM_24, SF_ENDIAN_BIG)                    \
  X(KJ_RAW_S32, "s32", SF_FORMAT_PCM_32, SF_ENDIAN_LITTLE)                     \
  X(KJ_RAW_S32LE, "s32le", SF_FORMAT_PCM_32, SF_ENDIAN_LITTLE)                 \
  X(KJ_RAW_S32BE, "s32be", SF_FORMAT_PCM_32, SF_ENDIAN_BIG)                    \
  X(KJ_RAW_F32, "f32", SF_FORMAT_FLOAT, SF_ENDIAN_LITTLE)                      \
  X(KJ_RAW_F32LE, "f32le", SF_FORMAT_FLOAT, SF_ENDIAN_LITTLE)                  \
  X(KJ_RAW_F32BE, "f32be", SF_FORMAT_FLOAT, SF_ENDIAN_BIG)                     \
  X(KJ_RAW_F64, "f64", SF_FORMAT_DOUBLE, SF_ENDIAN_LITTLE)                     \
  X(KJ_RAW_F64LE, "f64le", SF_FORMAT_DOUBLE, SF_ENDIAN_LITTLE)                 \
  X(KJ_RAW_F64BE, "f64be", SF_FORMAT_DOUBLE, SF_ENDIAN_BIG)                    \
  X(KJ_RAW_S8, "s8", SF_FORMAT_PCM_S8, SF_ENDIAN_FILE)                         \
  X(KJ_RAW_U8, "u8", SF_FORMAT_PCM_U8, SF_ENDIAN_FILE)                         \
  X(KJ_RAW_MULAW, "mulaw", SF_FORMAT_ULAW, SF_ENDIAN_FILE)                     \
  X(KJ_RAW_ALAW, "alaw", SF_FORMAT_ALAW, SF_ENDIAN_FILE)

typedef enum kj_raw_encoding {
#define KJ_RAW_ENCODING_ENUM(id, name, subtype, order) id,
  KJ_RAW_ENCODING_LIST(KJ_RAW_ENCODING_ENUM)
#undef KJ_RAW_ENCODING_ENUM
} kj_raw_encoding;

/** What sound without a header is. All zero: sound has its header. */
typedef struct kj_raw {
  kj_raw_encoding encoding;
  unsigned rate_hz;    /* KJ_MIN_RATE_HZ..KJ_MAX_RATE_HZ */
  unsigned n_channels; /* 1..KJ_MAX_CHANNELS */
} kj_raw;

/**
 * What of a file is wanted, and how.
 *
 * A segment runs from sample round(start_s * source rate) up to, and without,
 * sample round(end_s * source rate); what lies around it is as if silent for
 * the resampler. An end beyond the end of the file means that end.
 */
typedef struct kj_audio_options {
  unsigned rate_hz; /* 0: the file's own; else KJ_MIN_RATE_HZ..MAX */
  int channel;      /* KJ_CHANNEL_MIX or 0..KJ_MAX_CHANNELS - 1 */
  double start_s;   /* 0..KJ_MAX_TIME_S */
  double end_s;     /* 0: to the end; else above start_s */
  kj_raw raw;       /* what the bytes are, where there is no header */
} kj_audio_options;

/** What is known of the sound after the samples read so far. */
typedef struct kj_audio_info {
  unsigned source_rate_hz;   /* of the file */
  unsigned rate_hz;          /* of the samples given */
  unsigned n_channels;       /* of the file */
  unsigned n_used_channels;  /* 1, or n_channels for KJ_CHANNEL_MIX */
  double start_s, end_s;     /* decoded so far, on the time axis of the file */
  uint64_t n_source_samples; /* decoded so far, of each channel */
  double peak;               /* of finite |x| over the used channels; full
                                scale 1, which is 32768 for 16 bit */
  uint64_t n_full_scale;     /* samples over all used channels that are at full
                                scale: the highest positive code, or as far
                                below 0; |x| >= 1 for floating point */
  uint64_t n_not_finite;     /* instants whose mono value is NaN or infinite */
} kj_audio_info;

/** A sound being read. One thread at a time. */
typedef struct kj_audio kj_audio;

/* X(name, text): the one list, in order of precedence: of those that apply,
 * the first is the status of a recording. */
#define KJ_RECORDING_STATUS_LIST(X)                                            \
  X(KJ_RECORDING_DECODE_ERROR, "decode_error")                                 \
  X(KJ_RECORDING_TOO_SHORT, "too_short")                                       \
  X(KJ_RECORDING_NOT_FINITE, "not_finite")                                     \
  X(KJ_RECORDING_SILENT, "silent")                                             \
  X(KJ_RECORDING_CLIPPED, "clipped")                                           \
  X(KJ_RECORDING_OK, "ok")

typedef enum kj_recording_status {
#define KJ_RECORDING_STATUS_ENUM(name, text) name,
  KJ_RECORDING_STATUS_LIST(KJ_RECORDING_STATUS_ENUM)
#undef KJ_RECORDING_STATUS_ENUM
} kj_recording_status;

/**
 * Give the options of a whole file, all channels mixed, at KJ_DEFAULT_RATE_HZ.
 *
 * @return the options, by value.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_audio_options kj_audio_default_options(void);

/**
 * Read what raw sound is from a text such as "s16:16000" or "s16le:8000:2":
 * encoding (KJ_RAW_ENCODING_LIST), rate in Hz, number of channels (1 unless
 * given), each sample of a frame after the other.
 *
 * @param[in]  text  the text.
 * @param[out] raw   untouched on failure.
 * @return KJ_OK; KJ_EARGUMENT naming what is wrong in it.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_status kj_raw_parse(const char *text, kj_raw *raw, kj_error *err);

/**
 * Open a sound for reading.
 *
 * Standard input, a pipe, or a device is first copied to an unlinked temporary
 * file, so that every format can be read from it and memory stays flat. A
 * file is what its content says, whatever its name. Headerless ("raw") sound
 * is what options->raw says; it is read as it comes, from a pipe too, and an
 * incomplete sample at its end is dropped.
 *
 * @param[in]  path     name of a file; "-" is standard input.
 * @param[in]  options  what is wanted; NULL: kj_audio_default_options().
 * @param[out] out      the sound; untouched on failure.
 * @return KJ_OK; KJ_EARGUMENT if an option is out of its range; KJ_EFILE if
 *   the file cannot be opened or copied; KJ_EFORMAT if it is empty, not sound,
 *   damaged, or has a rate or number of channels outside the limits above;
 *   KJ_EDATA if it has no such channel or ends before start_s; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_audio_close().  Threads: any number, each
 * with its own kj_audio. (The libraries beneath may print: mpg123 to standard
 * error of a damaged MP3, libsndfile to standard output of a damaged SDS.)
 */
kj_status kj_audio_open(const char *path, const kj_audio_options *options,
                        kj_audio **out, kj_error *err);

/**
 * Read the next mono samples.
 *
 * Resampled sound has round(n_source_samples * rate_hz / source_rate_hz)
 * samples, within 1, and no delay: an event stays at its time. The samples are
 * the same however they are asked for.
 *
 * A damaged file is an error when the damage is reached: FLAC, Ogg, Opus and
 * MP3 that end before the length they announce (MP3: by more than two frames),
 * or that libsndfile reports as broken, are; a WAV, AIFF, AU ... announcing
 * more than the file holds (cut, or written to a stream with length 0xFFFFFFFF)
 * is read as far as it goes.
 *
 * @param[in]  audio     an open sound.
 * @param[out] samples   shape (capacity); the first *n_read are set.
 * @param[in]  capacity  >= 1.
 * @param[out] n_read    1..capacity samples read; 0: the sound has ended.
 * @return KJ_OK; KJ_EARGUMENT if capacity is 0; KJ_EFORMAT if the file is
 *   damaged; KJ_EDATA if the file, of a length not known before, ends before
 *   start_s; KJ_EMEMORY from the resampler. A failure lasts: later calls
 *   repeat it. *n_read is 0 on failure.
 *
 * Memory: allocates nothing itself.  Threads: one.
 * Quality (tests/audio/test_resample.c): tones keep an SNR of 130 dB; what
 * would alias stays below -130 dB. Source: libsoxr, recipe SOXR_VHQ.
 */
kj_status kj_audio_read(kj_audio *audio, float *samples, size_t capacity,
                        size_t *n_read, kj_error *err);

/**
 * Say what is known of the sound after the samples read so far.
 *
 * Counts are of what has been decoded, which is up to one internal block
 * ahead of what has been read; at the end of the sound they are exact.
 *
 * @param[in] audio  an open sound.
 * @return the information, by value.
 *
 * Memory: allocates nothing.  Threads: one.
 */
kj_audio_info kj_audio_get_info(const kj_audio *audio);

/**
 * Close a sound and release all it holds; NULL is legal.
 */
void kj_audio_close(kj_audio *audio);

/**
 * Give the text of a recording status, as written into result files.
 *
 * @param[in] status  any value; an unknown one gives "unknown".
 * @return a string that lives as long as the program.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
const char *kj_recording_status_text(kj_recording_status status);

/**
 * Tell whether a recording of this status has values: ok, silent, clipped.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
bool kj_recording_has_values(kj_recording_status status);

/**
 * Judge a sound that was read to its end.
 *
 * not_finite where any instant is NaN or infinite; silent where the peak is
 * below KJ_SILENT_PEAK (so also with no samples at all); clipped where at
 * least one sample in KJ_CLIPPED_ONE_IN is at full scale; else ok. The caller
 * knows of decode_error and too_short, which come first.
 *
 * @param[in] info  of the whole sound.
 * @return KJ_RECORDING_NOT_FINITE, _SILENT, _CLIPPED or _OK.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_recording_status kj_audio_classify(const kj_audio_info *info);

/**
 * Tell by its ending whether a file found in a folder is sound.
 *
 * Endings of the formats libsndfile reads that are used for sound only (so
 * not .mat or .htk), in any case. A name that starts with a dot is hidden (as
 * the "._NAME.wav" that some systems leave behind) and is not sound.
 *
 * @param[in] path  name with or without folders.
 * @return true for a sound file.
 *
 * Memory: allocates nothing; the file need not exist.  Threads: any number.
 */
bool kj_audio_is_sound_name(const char *path);

#ifdef __cplusplus
}
#endif
#endif
