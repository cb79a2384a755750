/*
 * lanes.h: several frames at once, one a lane of a vector.
 *
 * Frames do not depend on each other. So number i of as many frames as a
 * vector has lanes lies in one vector, called a row, and whatever is done to a
 * frame becomes straight vector code. A row of scratch is n_lanes floats of
 * the tier in use. What a lane gives does not depend on the other lanes.
 *
 * Four kernels follow one another; a recipe may leave out the last. The plain
 * version of each, in double precision, is what kj__descriptors holds.
 */
#ifndef KJ_FEATURES_LANES_H
#define KJ_FEATURES_LANES_H

#include "base/tier.h"
#include "features/descriptors.h"
#include "features/functionals.h"

enum { KJ__MAX_LANES = 16 };

/* Autocorrelation and cepstrum of the kernels are within a tenth of this of
 * the plain version's, as shares of the value at lag 0 (test_lanes.c). */
#define KJ__PITCH_MARGIN 1e-5f

/* In place of a lag: rounding may decide, ask the plain version. */
#define KJ__LAG_UNSURE (-1.0f)

typedef struct kj__lanes {
  const kj__descriptors *plain; /* rate, window, filters, cosines */
  float *circle;     /* cos, sin of 2 pi k/M in turn; shape (3 M/4, 2) */
  uint32_t *reverse; /* the bits of k in reversed order; shape (M/2) */
  /* Rows. */
  float *wave;  /* M + 2: the windowed frame, its transform; lent to pitch */
  float *power; /* n_bins: |X|^2 */
  float *magnitude; /* n_bins: |X| */
  float *lags;      /* M: rectified autocorrelation, cepstrum, lag by lag */
  /* Descriptors; as KJ__F0 the lag of the pitch, 0 or KJ__LAG_UNSURE. */
  float value[KJ__N_RAW][KJ__MAX_LANES];
} kj__lanes;

typedef struct kj__lane_kernels {
  const char *name; /* of the tier */
  size_t n_lanes;
  /* Zero-crossing rate, RMS, `wave`, of n_frames frames, 1..n_lanes, one
   * hop_samples after the other. The lanes left over repeat the last. */
  void (*window)(kj__lanes *q, const float *samples, size_t n_frames);
  void (*spectrum)(kj__lanes *q); /* wave to power and magnitude */
  void (*bands)(kj__lanes *q);    /* magnitude to MFCC */
  void (*pitch)(kj__lanes *q);    /* power to voicing and lag */
  /* One more row of contours, see functionals.h. */
  void (*sum)(kj__sums *sums, size_t n_blocks, const kj__sums_step *step,
              const float *row);
} kj__lane_kernels;

void kj__lanes_layout(kj__lanes *q, const kj__descriptors *plain,
                      size_t n_lanes, kj__arena *arena);
void kj__lanes_init(kj__lanes *q);

/* The kernels of a tier, which this machine must have (kj__tier_choose). */
const kj__lane_kernels *kj__lane_kernels_get(kj__tier tier);

#endif
