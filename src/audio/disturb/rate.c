/*
 * rate.c: to another sampling rate and back, by the resampler of sound files.
 */
#include "audio/disturb/disturb.h"

#include "audio/resample.h"
#include "base/error.h"
#include "base/memory.h"

#include <string.h>

typedef struct samples {
  float *x;
  size_t n;
} samples;

/* All of `in` into `out`; out->n is how many there is room for, and then how
 * many came. */
static kj_status convert(samples in, const unsigned *rate_hz, samples *out,
                         kj_error *err)
{
  kj__resampler *resampler = NULL;
  size_t n_in = 0, n_out = 0, n_taken, n_given = 1;
  kj_status status =
      kj__resampler_create(rate_hz[0], rate_hz[1], &resampler, err);
  while (status == KJ_OK && n_given > 0 && n_out < out->n) {
    const bool is_end = n_in == in.n;
    status = kj__resampler_process(resampler, is_end ? NULL : in.x + n_in,
                                   in.n - n_in, &n_taken, out->x + n_out,
                                   out->n - n_out, &n_given, err);
    n_in += n_taken;
    n_out += n_given;
    n_given += n_taken; /* while the filter fills, nothing comes */
  }
  kj__resampler_destroy(resampler);
  out->n = n_out;
  return status;
}

kj_status kj__resample_twice(float *x, size_t n, unsigned rate_hz,
                             unsigned via_hz, kj_error *err)
{
  const size_t capacity =
      (size_t)((double)n * (double)via_hz / (double)rate_hz) + 2;
  samples via = {kj__allocate(NULL, capacity, sizeof *x), capacity};
  samples back = {x, n};
  if (!via.x)
    return kj__fail_memory(err, "resampling");
  kj_status status = convert(back, (unsigned[]){rate_hz, via_hz}, &via, err);
  if (status == KJ_OK)
    status = convert(via, (unsigned[]){via_hz, rate_hz}, &back, err);
  if (status == KJ_OK)
    memset(x + back.n, 0, (n - back.n) * sizeof *x);
  kj__release(NULL, via.x);
  return status;
}
