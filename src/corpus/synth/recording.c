/*
 * recording.c: resampling, level, tilt, room, file.
 *
 * The level is the RMS of the blocks of 20 ms that are within 30 dB of the
 * loudest, so that pauses do not count. The tilt is a shelf of first order:
 * y = x + (10^(dB/20) - 1) h, h what a high-pass at 1 kHz lets through.
 */
#include "corpus/synth/recording.h"

#include "audio/resample.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

enum {
  BLOCK = KJ__SYNTH_RATE_HZ / 50,
  BEFORE = KJ__SYNTH_RATE_HZ / 8, /* samples of silence */
  AFTER = KJ__SYNTH_RATE_HZ / 4,
  WAV_HEADER_SIZE = 44
};
static const double TILT_HZ = 1000.0;
static const double SILENT_POWER = 1e-3; /* of a block, re the loudest */

static kj_status pull(kj__resampler *resampler, const kj__synth_sound *in,
                      kj__synth_sound *out, size_t capacity, kj_error *err)
{
  size_t n_in = 0;
  for (;;) {
    size_t n_taken, n_out;
    const bool is_end = n_in == in->n;
    const kj_status status = kj__resampler_process(
        resampler, is_end ? NULL : in->samples + n_in, in->n - n_in, &n_taken,
        out->samples + out->n, capacity - out->n, &n_out, err);
    if (status != KJ_OK)
      return status;
    n_in += n_taken;
    out->n += n_out;
    if ((is_end && n_out == 0) || out->n == capacity)
      return KJ_OK;
  }
}

/* At 16 kHz, with silence on both sides. */
static kj_status resample(const kj__synth_sound *in, kj__synth_sound *out,
                          kj_error *err)
{
  const size_t n_speech =
      (size_t)((uint64_t)in->n * KJ__SYNTH_RATE_HZ / in->rate_hz) + 1;
  kj__synth_sound speech = {.rate_hz = KJ__SYNTH_RATE_HZ};
  kj__resampler *resampler = NULL;
  float *all = kj__allocate(NULL, BEFORE + n_speech + AFTER, sizeof *all);
  if (!all)
    return kj__fail_memory(err, "speech");
  speech.samples = all + BEFORE;
  kj_status status =
      kj__resampler_create(in->rate_hz, KJ__SYNTH_RATE_HZ, &resampler, err);
  if (status == KJ_OK)
    status = pull(resampler, in, &speech, n_speech, err);
  kj__resampler_destroy(resampler);
  if (status != KJ_OK) {
    free(all);
    return status;
  }
  *out = (kj__synth_sound){all, BEFORE + speech.n + AFTER, KJ__SYNTH_RATE_HZ};
  return KJ_OK;
}

static double block_power(const float *x)
{
  double sum = 0.0;
  for (size_t t = 0; t < BLOCK; t++)
    sum += (double)x[t] * (double)x[t];
  return sum / BLOCK;
}

/* Mean power of the blocks that are not silent; 0: there are none. */
static double speech_power(const float *x, size_t n)
{
  double loudest = 0.0, sum = 0.0;
  size_t n_blocks = 0;
  for (size_t t = 0; t + BLOCK <= n; t += BLOCK)
    loudest = fmax(loudest, block_power(x + t));
  for (size_t t = 0; t + BLOCK <= n; t += BLOCK) {
    const double power = block_power(x + t);
    if (power > SILENT_POWER * loudest) {
      sum += power;
      n_blocks++;
    }
  }
  return n_blocks ? sum / (double)n_blocks : 0.0;
}

static void tilt(float *x, size_t n, double db)
{
  const double k = 1.0 - exp(-2.0 * PI * TILT_HZ / KJ__SYNTH_RATE_HZ);
  const double more = pow(10.0, db / 20.0) - 1.0;
  double low = 0.0;
  for (size_t t = 0; t < n; t++) {
    low += k * ((double)x[t] - low);
    x[t] = (float)((double)x[t] + more * ((double)x[t] - low));
  }
}

kj_status kj__synth_recording_make(kj__synth_sound *sound,
                                   const kj__synth_voice *voice,
                                   const kj__synth_room *room,
                                   kj__random *random, kj_error *err)
{
  kj__synth_sound all;
  kj_status status = resample(sound, &all, err);
  if (status != KJ_OK)
    return status;
  free(sound->samples);
  *sound = all;
  tilt(all.samples, all.n, voice->cue[KJ__SYNTH_TILT]);
  const double power = speech_power(all.samples, all.n);
  if (!(power > 0.0))
    return kj__fail(err, KJ_EDATA, "espeak-ng said nothing");
  const double gain =
      pow(10.0, voice->cue[KJ__SYNTH_LEVEL] / 20.0) / sqrt(power);
  for (size_t t = 0; t < all.n; t++)
    all.samples[t] = (float)(gain * (double)all.samples[t]);
  return kj__synth_room_record(room, random, all.samples, all.n, err);
}

static void put(unsigned char *dst, uint32_t value, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    dst[i] = (unsigned char)(value >> 8 * i);
}

static void write_header(unsigned char *header, size_t n_samples)
{
  const uint32_t n_bytes = (uint32_t)(2 * n_samples);
  memcpy(header, "RIFF....WAVEfmt ....................data....",
         WAV_HEADER_SIZE);
  put(header + 4, WAV_HEADER_SIZE - 8 + n_bytes, 4);
  put(header + 16, 16, 4);                    /* size of fmt */
  put(header + 20, 1, 2);                     /* PCM */
  put(header + 22, 1, 2);                     /* channels */
  put(header + 24, KJ__SYNTH_RATE_HZ, 4);     /* samples a second */
  put(header + 28, 2 * KJ__SYNTH_RATE_HZ, 4); /* bytes a second */
  put(header + 32, 2, 2);                     /* bytes a sample */
  put(header + 34, 16, 2);                    /* bits */
  put(header + 40, n_bytes, 4);
}

kj_status kj__synth_recording_write(const kj__synth_sound *sound,
                                    const char *path, kj_error *err)
{
  const size_t size = WAV_HEADER_SIZE + 2 * sound->n;
  kj__output output;
  unsigned char *bytes = malloc(size);
  if (!bytes)
    return kj__fail_memory(err, "a WAV file");
  write_header(bytes, sound->n);
  for (size_t t = 0; t < sound->n; t++) {
    const double x =
        fmin(fmax(32768.0 * (double)sound->samples[t], -32767.0), 32767.0);
    put(bytes + WAV_HEADER_SIZE + 2 * t, (uint32_t)lrint(x), 2);
  }
  kj_status status = kj__output_open(&output, path, err);
  if (status == KJ_OK) {
    fwrite(bytes, 1, size, output.stream); /* a failure shows at commit */
    status = kj__output_commit(&output, err);
  }
  free(bytes);
  return status;
}
