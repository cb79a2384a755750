/*
 * resample.c: libsoxr, recipe VHQ: linear phase (the delay is taken out), 28
 * bits, passband to 91 % of the lower Nyquist frequency, one thread.
 */
#include "audio/resample.h"

#include "base/error.h"

#include <soxr.h>

/* A kj__resampler is soxr's object under our name. */
static soxr_t soxr_of(kj__resampler *resampler)
{
  return (soxr_t)resampler;
}

kj_status kj__resampler_create(unsigned source_rate_hz, unsigned rate_hz,
                               kj__resampler **out, kj_error *err)
{
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
  const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
  soxr_error_t error = NULL;
  soxr_t soxr =
      soxr_create(source_rate_hz, rate_hz, 1, &error, NULL, &quality, &runtime);
  if (!soxr || error)
    return kj__fail(err, KJ_EMEMORY, "no resampler from %u to %u Hz: %s",
                    source_rate_hz, rate_hz, soxr_strerror(error));
  *out = (kj__resampler *)soxr;
  return KJ_OK;
}

kj_status kj__resampler_process(kj__resampler *resampler, const float *in,
                                size_t n_in, size_t *n_taken, float *out,
                                size_t capacity, size_t *n_out, kj_error *err)
{
  *n_taken = 0;
  *n_out = 0;
  const soxr_error_t error =
      soxr_process(soxr_of(resampler), in, n_in, n_taken, out, capacity, n_out);
  if (error)
    return kj__fail(err, KJ_EMEMORY, "resampler: %s", error);
  return KJ_OK;
}

void kj__resampler_destroy(kj__resampler *resampler)
{
  if (resampler)
    soxr_delete(soxr_of(resampler));
}
