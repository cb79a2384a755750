/*
 * recorder.h: kj_recording_extract() for many recordings in a row, by a thread
 * that keeps what the next one can use.
 */
#ifndef KJ_CORPUS_RECORDER_H
#define KJ_CORPUS_RECORDER_H

#include "kanjo/recording.h"

/* All zero: nothing is kept yet. One thread at a time. */
typedef struct kj__recorder {
  kj_extractor *extractor; /* of the set and the rate of the last recording */
  const kj_feature_set *set;
  unsigned rate_hz;
  kj_audio *audio;
} kj__recorder;

/* As kj_recording_extract(). */
kj_status kj__recorder_extract(kj__recorder *recorder, const char *path,
                               const kj_recording_options *options,
                               float *functionals, kj_recording *out,
                               kj_error *err);

void kj__recorder_clear(kj__recorder *recorder);

#endif
