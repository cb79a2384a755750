/*
 * batch.h: the descriptors of frame after frame, several at a time.
 *
 * Frames go through the kernels of features/lanes.h. A frame whose pitch would
 * hang on rounding there goes through the plain version instead, so that F0 is
 * the plain version's always; the other descriptors agree with it within the
 * tolerance of docs/features.md. How frames come in batches does not show.
 */
#ifndef KJ_FEATURES_BATCH_H
#define KJ_FEATURES_BATCH_H

#include "features/lanes.h"

typedef struct kj__batch {
  const kj__lane_kernels *kernels;
  kj__lanes lanes;
  kj__descriptors plain;
  uint64_t n_plain; /* frames since the reset that it computed */
} kj__batch;

void kj__batch_layout(kj__batch *b, const kj__rate *rate,
                      const kj__lane_kernels *kernels, kj__arena *arena);
void kj__batch_init(kj__batch *b);

/* Forget the frames before. */
void kj__batch_reset(kj__batch *b);

/* The descriptors of the next n_frames frames, 1..kernels->n_lanes, one
 * hop_samples after the other. raw: shape (n_frames, KJ__N_RAW). */
void kj__batch_compute(kj__batch *b, const float *samples, size_t n_frames,
                       float *raw);

#endif
