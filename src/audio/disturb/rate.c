/*
 * rate.c: to another sampling rate and back, by the resampler of sound files.
 */
#include "audio/disturb/disturb.h"

#include "audio/resample.h"
#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* All of `in`; *n_out samples of at most `capacity`. */
static kj_status convert(const float *in, size_t n, const unsigned *rate_hz,
                         float *out, size_t capacity, size_t *n_out,
                         kj_error *err)
{
  kj__resampler *resampler = NULL;
  size_t n_taken = 0, n_done = 0;
  *n_out = 0;
  kj_status status =
      kj__resampler_create(rate_hz[0], rate_hz[1], &resampler, err);
  while (status == KJ_OK && n_taken < n) {
    size_t taken;
    status =
        kj__resampler_process(resampler, in + n_taken, n - n_taken, &taken,
                              out + *n_out, capacity - *n_out, &n_done, err);
    n_taken += taken;
    *n_out += n_done;
    if (taken == 0 && n_done == 0)
      break;
  }
  for (n_done = 1; status == KJ_OK && n_done > 0 && *n_out < capacity;
       *n_out += n_done) {
    size_t taken;
    status = kj__resampler_process(resampler, NULL, 0, &taken, out + *n_out,
                                   capacity - *n_out, &n_done, err);
  }
  kj__resampler_destroy(resampler);
  return status;
}

kj_status kj__resample_twice(float *x, size_t n, unsigned rate_hz,
                             unsigned via_hz, kj_error *err)
{
  const size_t capacity =
      (size_t)((double)n * (double)via_hz / (double)rate_hz) + 2;
  float *via = kj__allocate(NULL, capacity, sizeof *via);
  if (!via)
    return kj__fail_memory(err, "resampling");
  size_t n_via, n_back = 0;
  kj_status status =
      convert(x, n, (unsigned[]){rate_hz, via_hz}, via, capacity, &n_via, err);
  if (status == KJ_OK)
    status =
        convert(via, n_via, (unsigned[]){via_hz, rate_hz}, x, n, &n_back, err);
  if (status == KJ_OK)
    memset(x + n_back, 0, (n - n_back) * sizeof *x);
  kj__release(NULL, via);
  return status;
}
