/*
 * audio.c: decoder and resampler in a row, behind one read function.
 *
 * Whatever the caller asks for at a time, decoder and resampler work in blocks
 * of their own of a fixed size, and the caller is served from the last one:
 * so no bit can depend on the sizes of the reads.
 */
#include "kanjo/audio.h"

#include "audio/decode.h"
#include "audio/input.h"
#include "audio/move.h"
#include "audio/resample.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

struct kj_audio {
  char *label; /* for messages */
  kj__decoder *decoder;
  kj__resampler *resampler; /* NULL: at the file's own rate */
  unsigned rate_hz;
  float *mono; /* the decoder's last block, shape (KJ__BLOCK_SAMPLES) */
  size_t n_mono, n_mono_used;
  float *resampled;   /* shape (KJ__BLOCK_SAMPLES) */
  const float *ready; /* what is being served: `mono` or `resampled` */
  size_t n_ready, n_ready_used;
  bool source_ended, ended;
  kj_error failure; /* status KJ_OK: none so far */
};

kj_audio_options kj_audio_default_options(void)
{
  return (kj_audio_options){.rate_hz = KJ_DEFAULT_RATE_HZ,
                            .channel = KJ_CHANNEL_MIX};
}

static kj_status check_raw(const kj_raw *raw, kj_error *err)
{
  if (raw->encoding != KJ_RAW_NONE &&
      (raw->encoding > KJ_RAW_ALAW || raw->rate_hz < KJ_MIN_RATE_HZ ||
       raw->rate_hz > KJ_MAX_RATE_HZ || raw->n_channels < 1 ||
       raw->n_channels > KJ_MAX_CHANNELS))
    return kj__fail(err, KJ_EARGUMENT,
                    "raw is encoding %d, %u Hz, %u channels; must be 1..%d, "
                    "%d..%d Hz, 1..%d channels",
                    (int)raw->encoding, raw->rate_hz, raw->n_channels,
                    (int)KJ_RAW_ALAW, KJ_MIN_RATE_HZ, KJ_MAX_RATE_HZ,
                    KJ_MAX_CHANNELS);
  return KJ_OK;
}

static kj_status check_options(const kj_audio_options *options, kj_error *err)
{
  const unsigned rate_hz = options->rate_hz;
  if (rate_hz != 0 && (rate_hz < KJ_MIN_RATE_HZ || rate_hz > KJ_MAX_RATE_HZ))
    return kj__fail(err, KJ_EARGUMENT,
                    "rate_hz is %u; must be 0 (the file's own) or %d..%d",
                    rate_hz, KJ_MIN_RATE_HZ, KJ_MAX_RATE_HZ);
  if (options->channel < KJ_CHANNEL_MIX || options->channel >= KJ_MAX_CHANNELS)
    return kj__fail(err, KJ_EARGUMENT, "channel is %d; must be -1 (mix)..%d",
                    options->channel, KJ_MAX_CHANNELS - 1);
  if (!(options->start_s >= 0.0 && options->start_s <= KJ_MAX_TIME_S))
    return kj__fail(err, KJ_EARGUMENT, "start_s is %g; must be 0..%g",
                    options->start_s, KJ_MAX_TIME_S);
  if (options->end_s == 0.0)
    return check_raw(&options->raw, err);
  if (!(options->end_s > options->start_s && options->end_s <= KJ_MAX_TIME_S))
    return kj__fail(err, KJ_EARGUMENT,
                    "end_s is %g; must be 0 (to the end), or above start_s, "
                    "which is %g, and at most %g",
                    options->end_s, options->start_s, KJ_MAX_TIME_S);
  return check_raw(&options->raw, err);
}

static kj_status allocate_blocks(kj_audio *audio, kj_error *err)
{
  audio->mono = kj__allocate(NULL, KJ__BLOCK_SAMPLES, sizeof(float));
  audio->resampled = kj__allocate(NULL, KJ__BLOCK_SAMPLES, sizeof(float));
  return audio->mono && audio->resampled
             ? KJ_OK
             : kj__fail_memory(err, "blocks of samples");
}

/* Everything but the label; messages without the path. */
static kj_status open_parts(kj_audio *audio, const char *path,
                            const kj_audio_options *options, kj_error *err)
{
  kj_status status = check_options(options, err);
  if (status == KJ_OK)
    status = allocate_blocks(audio, err);
  if (status == KJ_OK)
    status = kj__decoder_open(path, options, &audio->decoder, err);
  if (status != KJ_OK)
    return status;
  const unsigned source_hz = kj__decoder_info(audio->decoder).source_rate_hz;
  audio->rate_hz = options->rate_hz != 0 ? options->rate_hz : source_hz;
  if (audio->rate_hz == source_hz)
    return KJ_OK;
  return kj__resampler_create(source_hz, audio->rate_hz, &audio->resampler,
                              err);
}

kj_status kj_audio_open(const char *path, const kj_audio_options *options,
                        kj_audio **out, kj_error *err)
{
  if (!path)
    return kj__fail(err, KJ_EARGUMENT, "path is NULL");
  const kj_audio_options defaults = kj_audio_default_options();
  kj_audio *audio = kj__allocate(NULL, 1, sizeof *audio);
  if (!audio)
    return kj__fail_memory(err, "a sound");
  kj_status status;
  audio->label = kj__copy_text(kj__input_label(path));
  if (!audio->label) {
    status = kj__fail_memory(err, "the name of a sound");
    goto out;
  }
  status = open_parts(audio, path, options ? options : &defaults, err);
  if (status != KJ_OK)
    kj__fail_in(err, status, "%.*s", KJ__PATH_SHOWN, audio->label);
out:
  if (status == KJ_OK)
    *out = audio;
  else
    kj_audio_close(audio);
  return status;
}

static kj_status decode_block(kj_audio *audio, kj_error *err)
{
  audio->n_mono_used = 0;
  const kj_status status =
      kj__decoder_read(audio->decoder, audio->mono, &audio->n_mono, err);
  audio->source_ended = audio->n_mono == 0;
  return status;
}

static kj_status serve_decoded(kj_audio *audio, kj_error *err)
{
  const kj_status status = decode_block(audio, err);
  audio->ready = audio->mono;
  audio->n_ready = audio->n_mono;
  audio->ended = audio->source_ended;
  return status;
}

static kj_status serve_resampled(kj_audio *audio, kj_error *err)
{
  audio->ready = audio->resampled;
  while (audio->n_ready == 0 && !audio->ended) {
    kj_status status = KJ_OK;
    if (audio->n_mono_used == audio->n_mono && !audio->source_ended)
      status = decode_block(audio, err);
    if (status != KJ_OK)
      return status;
    size_t n_taken;
    status = kj__resampler_process(
        audio->resampler,
        audio->source_ended ? NULL : audio->mono + audio->n_mono_used,
        audio->n_mono - audio->n_mono_used, &n_taken, audio->resampled,
        KJ__BLOCK_SAMPLES, &audio->n_ready, err);
    if (status != KJ_OK)
      return status;
    audio->n_mono_used += n_taken;
    audio->ended = audio->source_ended && audio->n_ready == 0;
  }
  return KJ_OK;
}

/* The next block to serve; a failure is kept. */
static kj_status next_block(kj_audio *audio)
{
  kj_error *failure = &audio->failure;
  audio->n_ready = 0;
  audio->n_ready_used = 0;
  const kj_status status = audio->resampler ? serve_resampled(audio, failure)
                                            : serve_decoded(audio, failure);
  if (status != KJ_OK) {
    audio->n_ready = 0;
    kj__fail_in(failure, status, "%.*s", KJ__PATH_SHOWN, audio->label);
  }
  return status;
}

static size_t take_ready(kj_audio *audio, float *samples, size_t capacity)
{
  const size_t left = audio->n_ready - audio->n_ready_used;
  const size_t n = left < capacity ? left : capacity;
  memcpy(samples, audio->ready + audio->n_ready_used, n * sizeof *samples);
  audio->n_ready_used += n;
  return n;
}

kj_status kj_audio_read(kj_audio *audio, float *samples, size_t capacity,
                        size_t *n_read, kj_error *err)
{
  *n_read = 0;
  if (capacity == 0)
    return kj__fail(err, KJ_EARGUMENT, "capacity is 0; must be at least 1");
  size_t n = 0;
  while (n < capacity && !audio->ended && audio->failure.status == KJ_OK) {
    if (audio->n_ready_used == audio->n_ready && next_block(audio) != KJ_OK)
      break;
    if (audio->n_ready > 0)
      n += take_ready(audio, samples + n, capacity - n);
  }
  if (audio->failure.status != KJ_OK)
    return kj__fail(err, audio->failure.status, "%s", audio->failure.message);
  *n_read = n;
  return KJ_OK;
}

kj_status kj__audio_move(kj_audio *audio, const kj_audio_options *options)
{
  kj_status status = check_options(options, NULL);
  if (status == KJ_OK && audio->failure.status != KJ_OK)
    status = KJ_EARGUMENT;
  if (status == KJ_OK)
    status = kj__decoder_move(audio->decoder, options, NULL);
  if (status != KJ_OK)
    return status;
  audio->n_mono = audio->n_mono_used = 0;
  audio->n_ready = audio->n_ready_used = 0;
  audio->source_ended = audio->ended = false;
  if (!audio->resampler)
    return KJ_OK;
  kj__resampler_destroy(audio->resampler);
  audio->resampler = NULL;
  return kj__resampler_create(kj__decoder_info(audio->decoder).source_rate_hz,
                              audio->rate_hz, &audio->resampler, NULL);
}

kj_audio_info kj_audio_get_info(const kj_audio *audio)
{
  kj_audio_info info = kj__decoder_info(audio->decoder);
  info.rate_hz = audio->rate_hz;
  return info;
}

void kj_audio_close(kj_audio *audio)
{
  if (!audio)
    return;
  kj__resampler_destroy(audio->resampler);
  kj__decoder_close(audio->decoder);
  kj__release(NULL, audio->resampled);
  kj__release(NULL, audio->mono);
  kj__release(NULL, audio->label);
  kj__release(NULL, audio);
}
