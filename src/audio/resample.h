/*
 * resample.h: mono samples from one rate to another, as a stream.
 */
#ifndef KJ_AUDIO_RESAMPLE_H
#define KJ_AUDIO_RESAMPLE_H

#include "kanjo/status.h"
#include <stddef.h>

typedef struct kj__resampler kj__resampler;

kj_status kj__resampler_create(unsigned source_rate_hz, unsigned rate_hz,
                               kj__resampler **out, kj_error *err);

/* Take up to n_in samples (how many: *n_taken) and give up to `capacity`
 * (how many: *n_out; it may be 0 while the filter fills). in NULL: the sound
 * has ended; call so until *n_out is 0. */
kj_status kj__resampler_process(kj__resampler *resampler, const float *in,
                                size_t n_in, size_t *n_taken, float *out,
                                size_t capacity, size_t *n_out, kj_error *err);

void kj__resampler_destroy(kj__resampler *resampler);

#endif
