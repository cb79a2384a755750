/*
 * activity.h: where somebody speaks, by energy and pitch, as samples come.
 */
#ifndef KJ_FEATURES_ACTIVITY_H
#define KJ_FEATURES_ACTIVITY_H

#include "features/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* One hop of 10 ms. Levels in dB below full scale, over 20 ms. */
typedef struct kj__activity_frame {
  float full, full_slow; /* of the whole band; its mean over 50 ms */
  float low, low_slow;   /* of what is below 2 kHz or so */
  float periodicity;     /* largest normalised correlation, -1..1 */
} kj__activity_frame;

typedef struct kj__activity {
  unsigned rate_hz;
  size_t hop_samples;
  /* the hop that is coming in */
  size_t n_waiting;
  double full_energy, low_energy; /* of it; */
  double last_full, last_low;     /* of the one before */
  float last_in, last_out;        /* of the high-pass */
  float high_pass;                /* its pole */
  /* the low band */
  size_t step; /* samples of the input for one of it */
  size_t n_sum;
  float sum;
  size_t n_low, low_length; /* here; kept */
  double *low;              /* shape (2 low_length): a window moves up it */
  size_t shortest, longest, correlated; /* lags, and samples, of it */
  /* frames, and what was decided */
  uint64_t n_frames, n_decided;
  kj__activity_frame *frame; /* a ring */
  uint64_t run_start;        /* of energetic frames up to now */
  uint64_t run_end;
  bool is_open; /* a stretch of speech, perhaps */
  bool is_confirmed;
  uint64_t start, last; /* of it: first frame, last active one */
  uint64_t last_core, n_core;
  uint64_t free_from; /* no stretch may begin before */
} kj__activity;

/* The stretch that is known after the samples so far. Sample numbers. */
typedef struct kj__stretch {
  bool is_there;
  bool has_ended;
  uint64_t start, end; /* what is within for sure; all of it if has_ended */
} kj__stretch;

/* A stretch is confirmed, and its end known, so many samples late at most:
 * what must be kept. */
size_t kj__activity_latency(unsigned rate_hz);

void kj__activity_layout(kj__activity *a, unsigned rate_hz, kj__arena *arena);
void kj__activity_reset(kj__activity *a);

/* Take samples up to the end of a hop: how many of the n (at least 1 of any).
 * Afterwards kj__activity_next tells what is new. */
size_t kj__activity_take(kj__activity *a, const float *samples, size_t n);

/* What is known now; `is_end`: no more samples will come. To be called until
 * nothing is there that has ended. */
kj__stretch kj__activity_next(kj__activity *a, bool is_end);

#endif
