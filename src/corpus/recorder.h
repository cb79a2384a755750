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
  kj_windows *windows;     /* likewise */
  kj_segments *segments;   /* likewise; one of the three is there */
  const kj_feature_set *set;
  unsigned rate_hz;
  double window_s, hop_s;
  kj_audio *audio; /* open, at the end of the last part of it */
  char *path;      /* of it, where another part may follow; else NULL */
  kj_audio_options audio_options;
  const kj_recording_options *options; /* of the recording being read */
  float *values;                       /* of a part that has none: NaN */
} kj__recorder;

/* Open the sound of r->options, or go on in the one that is open. Statuses as
 * kj_audio_open(). */
kj_status kj__recorder_open(kj__recorder *recorder, const char *path,
                            kj_error *err);

void kj__recorder_close(kj__recorder *recorder);

/* What describes the samples of this recording, ready for the first. */
kj_status kj__recorder_ready(kj__recorder *recorder, kj_error *err);

kj_status kj__recorder_process(kj__recorder *recorder, const float *samples,
                               size_t n, kj_error *err);

kj_status kj__recorder_finish(kj__recorder *recorder, float *functionals,
                              kj_error *err);

/* As kj_recording_extract(). */
kj_status kj__recorder_extract(kj__recorder *recorder, const char *path,
                               const kj_recording_options *options,
                               float *functionals, kj_recording *out,
                               kj_error *err);

void kj__recorder_clear(kj__recorder *recorder);

#endif
