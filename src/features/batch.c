/*
 * batch.c: the descriptors of frame after frame, several at a time.
 */
#include "features/batch.h"

void kj__batch_layout(kj__batch *b, const kj__rate *rate,
                      const kj__lane_kernels *kernels, kj__arena *arena)
{
  b->kernels = kernels;
  kj__descriptors_layout(&b->plain, rate, arena);
  kj__lanes_layout(&b->lanes, &b->plain, kernels->n_lanes, arena);
}

void kj__batch_init(kj__batch *b)
{
  kj__descriptors_init(&b->plain);
  kj__lanes_init(&b->lanes);
  b->n_plain = 0;
}

void kj__batch_reset(kj__batch *b)
{
  kj__descriptors_reset(&b->plain);
  b->n_plain = 0;
}

/* What frame number `lane` alone tells. */
static void measure(kj__batch *b, const float *frame, size_t lane, float *raw)
{
  const kj__rate *rate = &b->plain.rate;
  const float lag = b->lanes.value[KJ__F0][lane];
  if (lag == KJ__LAG_UNSURE) {
    kj__descriptors_measure(&b->plain, frame, raw);
    b->n_plain++;
    return;
  }
  for (size_t i = 0; i < KJ__F0; i++)
    raw[i] = b->lanes.value[i][lane];
  raw[KJ__F0] = lag > 0.0f ? kj__pitch_of_lag(rate, lag) : 0.0f;
}

void kj__batch_compute(kj__batch *b, const float *samples, size_t n_frames,
                       float *raw)
{
  const kj__lane_kernels *k = b->kernels;
  k->window(&b->lanes, samples, n_frames);
  k->spectrum(&b->lanes);
  k->bands(&b->lanes);
  k->pitch(&b->lanes);
  for (size_t i = 0; i < n_frames; i++, raw += KJ__N_RAW) {
    measure(b, samples + i * b->plain.rate.hop_samples, i, raw);
    raw[KJ__F0] = kj__pitch_track_next(&b->plain.track, raw[KJ__F0]);
  }
}
