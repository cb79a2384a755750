/*
 * contour.h: raw descriptors of frame after frame in, rows of smoothed
 * descriptors and their deltas out, three frames later.
 */
#ifndef KJ_FEATURES_CONTOUR_H
#define KJ_FEATURES_CONTOUR_H

#include "features/arena.h"

#include <stdint.h>

enum {
  KJ__RAW_RING = 4,     /* holds r[k-1], r[k], r[k+1]; power of two */
  KJ__SMOOTHED_RING = 8 /* holds s[k-2] .. s[k+2]; power of two */
};

typedef struct kj__contours {
  size_t n;            /* raw descriptors a frame */
  uint64_t n_raw;      /* frames so far */
  uint64_t n_smoothed; /* smoothed rows so far */
  uint64_t n_rows;     /* rows given out so far */
  float *raw;          /* shape (KJ__RAW_RING, n) */
  float *smoothed;     /* shape (KJ__SMOOTHED_RING, n) */
  float *zeros;        /* shape (n) */
  float *row;          /* shape (2 n) */
} kj__contours;

void kj__contours_layout(kj__contours *c, size_t n, kj__arena *arena);

/* Ready for the first frame (also of the next recording). */
void kj__contours_reset(kj__contours *c);

/* Take a frame, shape (n). Returns the row this completes, shape (2 n): n
 * smoothed values, then their n deltas; NULL: none. */
const float *kj__contours_push(kj__contours *c, const float *raw);

/* After the last frame: the next of the remaining rows; NULL: that was all.
 * N frames make N + 1 rows, no frame none. */
const float *kj__contours_drain(kj__contours *c);

#endif
