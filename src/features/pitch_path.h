/*
 * pitch_path.h: from the pitch candidates of frame after frame to the best
 * path through them, each frame decided with KJ__LOOKAHEAD later ones in sight.
 */
#ifndef KJ_FEATURES_PITCH_PATH_H
#define KJ_FEATURES_PITCH_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  KJ__N_CANDIDATES = 8, /* "unvoiced", which is the first, and 7 pitches */
  KJ__LOOKAHEAD = 20,   /* frames */
  KJ__PATH_RING = 64    /* power of two > 2 KJ__LOOKAHEAD + 1 */
};

typedef struct kj__candidate {
  double strength;
  double correlation; /* 0..1 */
  double hz;          /* 0: unvoiced */
} kj__candidate;

/* What one frame alone tells. */
typedef struct kj__pitch_frame {
  double peak; /* largest magnitude in the window */
  size_t n;    /* candidates, the first of them "unvoiced" */
  kj__candidate candidate[KJ__N_CANDIDATES];
  unsigned char back[KJ__N_CANDIDATES]; /* the best one a frame before */
} kj__pitch_frame;

typedef struct kj__pitch_path {
  double fade;      /* of the loudest peak, from frame to frame */
  double loudest;   /* peak of the frames heard, faded */
  uint64_t n;       /* frames pushed */
  uint64_t n_heard; /* peaks that `loudest` knows; silence after the last */
  uint64_t n_scored, n_decided;
  double score[KJ__N_CANDIDATES]; /* of the last frame scored */
  kj__pitch_frame frame[KJ__PATH_RING];
} kj__pitch_path;

/* Voicing 0..1 and F0 in Hz (0: unvoiced) of a frame. */
typedef struct kj__pitch_point {
  float voicing, hz;
} kj__pitch_point;

/* Ready for the first frame, also of the next recording. */
void kj__pitch_path_reset(kj__pitch_path *path, double hop_s);

/* Where the next frame is to be written: peak, n, and the candidates. */
kj__pitch_frame *kj__pitch_path_slot(kj__pitch_path *path);

/* Take that frame. True: one more frame is decided, the earliest that was not.
 */
bool kj__pitch_path_push(kj__pitch_path *path, kj__pitch_point *point);

/* After the last frame: the next of those not decided. False: that was all. */
bool kj__pitch_path_drain(kj__pitch_path *path, kj__pitch_point *point);

#endif
