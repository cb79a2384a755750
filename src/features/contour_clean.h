/*
 * contour_clean.h: as contour.h, but as many rows as frames, and F0 only among
 * voiced frames.
 */
#ifndef KJ_FEATURES_CONTOUR_CLEAN_H
#define KJ_FEATURES_CONTOUR_CLEAN_H

#include "features/descriptors.h"

#include <stdbool.h>
#include <stdint.h>

enum { KJ__CLEAN_RING = 8 /* holds k-3 .. k+3; power of two */ };

typedef struct kj__clean_contours {
  uint64_t n_raw, n_smoothed, n_rows; /* so far */
  float raw[KJ__CLEAN_RING][KJ__N_RAW];
  float smoothed[KJ__CLEAN_RING][KJ__N_RAW];
  float row[2 * KJ__N_RAW];
} kj__clean_contours;

/* Ready for the first frame, also of the next recording. */
void kj__clean_contours_reset(kj__clean_contours *c);

/* Take a frame. Returns the row this completes: smoothed values, then their
 * deltas; NULL: none. */
const float *kj__clean_contours_push(kj__clean_contours *c,
                                     const float raw[KJ__N_RAW]);

/* After the last frame: the next of the remaining rows; NULL: that was all. */
const float *kj__clean_contours_drain(kj__clean_contours *c);

#endif
