/*
 * recording.h: one sound file, or a segment of it, to the functionals of a
 * feature set and a verdict on whether they can be trusted.
 */
#ifndef KANJO_RECORDING_H
#define KANJO_RECORDING_H

#include "kanjo/activity.h"
#include "kanjo/audio.h"
#include "kanjo/features.h"
#include "kanjo/status.h"
#include "kanjo/windows.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { KJ_REASON_SIZE = 256 }; /* bytes with the final zero */

/** What became of one recording. */
typedef struct kj_recording {
  kj_recording_status status;
  double start_s, end_s;       /* what was decoded, on the file's time axis;
                                  what was asked for, where nothing was */
  kj_audio_info info;          /* all zero where the file could not be opened */
  char reason[KJ_REASON_SIZE]; /* why not ok, without the path; "" for ok */
} kj_recording;

/**
 * Receives a part of a recording, in order, while the rest is being read.
 *
 * @param[in] context      as given with the sink.
 * @param[in] part         its status is of the part alone: not_finite, silent,
 *                         clipped or ok, of the samples that features are
 *                         computed from (mixed, resampled).
 * @param[in] functionals  shape (n_functionals); all NaN where it has none.
 */
typedef void (*kj_part_sink)(void *context, const kj_recording *part,
                             const float *functionals);

typedef struct kj_recording_options {
  const kj_feature_set *set;
  kj_audio_options audio;
  kj_descriptor_sink sink; /* gets the rows of descriptors; NULL: none */
  void *sink_context;
  double window_s, hop_s; /* windows as in kj_windows_create; 0: none, and the
                             sink above gets nothing where there are some */
  bool by_activity;       /* stretches of speech as in kj_segments_create, in
                             place of windows; the functionals are then all 0 */
  kj_part_sink part_sink; /* gets them */
  void *part_context;
} kj_recording_options;

/**
 * Compute the functionals of one recording.
 *
 * A bad file is a result, not a failure. Of these the first that applies:
 * decode_error (not readable as sound, damaged, no such channel, ends before
 * start_s, or, with rate_hz 0, a rate the feature set cannot have); too_short
 * (less than one frame); not_finite (a sample, or a functional, is NaN or
 * infinite); silent and clipped (kj_audio_classify()), which have values; ok.
 *
 * @param[in]  path         name of a sound file; "-" is standard input.
 * @param[in]  options      what to compute from what; options->set not NULL.
 * @param[out] functionals  shape (options->set->n_functionals); all NaN unless
 *   the status is silent, clipped, or ok. Unspecified on failure.
 * @param[out] out          the verdict; untouched on failure.
 * @return KJ_OK, whatever the file is like; KJ_EARGUMENT if an argument is
 *   NULL or an option out of its range (kj_audio_open(), kj_windows_create(),
 *   or a rate_hz other than 0 that the feature set cannot have); KJ_EMEMORY.
 *
 * The sink gets each row as soon as it is known, so also those before the
 * point where a file turns out to be damaged, or one with NaN samples.
 *
 * Memory: allocates and releases what it needs, independent of the length of
 * the recording.  Threads: any number.
 */
kj_status kj_recording_extract(const char *path,
                               const kj_recording_options *options,
                               float *functionals, kj_recording *out,
                               kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
