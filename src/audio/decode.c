/*
 * decode.c: libsndfile behind a door: limits, segments, damage.
 *
 * When is a file damaged? libsndfile takes the length of uncompressed sound
 * from the size of the file, so that a cut WAV is simply shorter. FLAC, Ogg
 * and MPEG announce a length of their own (SF_INFO.frames), and less than that
 * is damage; an Ogg file whose length cannot be found has lost its end. FLAC
 * from a stream may announce nothing; there libFLAC's errors have to do.
 */
#include "audio/decode.h"

#include "audio/input.h"
#include "audio/opening.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <sndfile.h>

/* SF_INFO.frames of a file whose length is not known. */
#define UNKNOWN_LENGTH SF_COUNT_MAX

struct kj__decoder {
  SNDFILE *file;
  SF_INFO info;
  const kj__sample_format *format;
  kj__frame_layout layout;
  void *frames; /* int or float, shape (KJ__BLOCK_SAMPLES, n_channels) */
  sf_count_t start, position, end; /* samples of the file; end: exclusive */
  kj__tally tally;
};

static double seconds(const kj__decoder *decoder, sf_count_t samples)
{
  return (double)samples / decoder->info.samplerate;
}

/* Sound without a header is what the options say. */
static void describe_raw(kj__decoder *decoder, const kj_raw *raw)
{
  static const int formats[] = {
#define RAW_FORMAT(id, name, subtype, order) [id] = (subtype) | (order),
      KJ_RAW_ENCODING_LIST(RAW_FORMAT)
#undef RAW_FORMAT
  };
  decoder->info.format = SF_FORMAT_RAW | formats[raw->encoding];
  decoder->info.samplerate = (int)raw->rate_hz;
  decoder->info.channels = (int)raw->n_channels;
}

/* Takes the descriptor. libsndfile 1.2 closes it where it cannot open the
 * file, even if told to leave it; so it is libsndfile's from the start. */
static kj_status open_sound(kj__decoder *decoder, int descriptor, kj_error *err)
{
  kj_status status = KJ_OK;
  kj__opening_lock();
  decoder->file = sf_open_fd(descriptor, SFM_READ, &decoder->info, SF_TRUE);
  if (!decoder->file)
    status = kj__fail(err, KJ_EFORMAT, "cannot be read as sound: %s",
                      sf_strerror(NULL));
  kj__opening_unlock();
  if (status != KJ_OK)
    return status;
  SF_INFO *info = &decoder->info;
  if (!info->seekable) /* raw sound from a pipe: as long as it will be */
    info->frames = UNKNOWN_LENGTH;
  if (info->channels < 1 || info->channels > KJ_MAX_CHANNELS)
    return kj__fail(err, KJ_EFORMAT, "has %d channels; must be 1..%d",
                    info->channels, KJ_MAX_CHANNELS);
  if (info->samplerate < KJ_MIN_RATE_HZ || info->samplerate > KJ_MAX_RATE_HZ)
    return kj__fail(err, KJ_EFORMAT, "has a rate of %d Hz; must be %d..%d",
                    info->samplerate, KJ_MIN_RATE_HZ, KJ_MAX_RATE_HZ);
  return KJ_OK;
}

static kj_status choose_channels(kj__decoder *decoder, int channel,
                                 kj_error *err)
{
  const size_t n_channels = (size_t)decoder->info.channels;
  if (channel >= decoder->info.channels)
    return kj__fail(err, KJ_EDATA, "has %zu channel%s; number %d was asked for",
                    n_channels, n_channels == 1 ? "" : "s", channel + 1);
  decoder->layout = channel == KJ_CHANNEL_MIX
                        ? (kj__frame_layout){n_channels, 0, n_channels}
                        : (kj__frame_layout){n_channels, (size_t)channel, 1};
  return KJ_OK;
}

static kj_status allocate_frames(kj__decoder *decoder, kj_error *err)
{
  _Static_assert(sizeof(int) == sizeof(float), "one buffer serves both");
  decoder->frames = kj__allocate(
      NULL, KJ__BLOCK_SAMPLES * decoder->layout.n_channels, sizeof(float));
  return decoder->frames ? KJ_OK : kj__fail_memory(err, "decoded samples");
}

static bool ended_early(const kj__decoder *decoder)
{
  const sf_count_t announced = decoder->info.frames;
  if (announced == UNKNOWN_LENGTH)
    return (decoder->info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_OGG;
  return decoder->position + (sf_count_t)decoder->format->slack < announced;
}

static kj_status check_end(const kj__decoder *decoder, kj_error *err)
{
  const double end_s = seconds(decoder, decoder->position);
  if (!ended_early(decoder))
    return KJ_OK;
  if (decoder->info.frames == UNKNOWN_LENGTH)
    return kj__fail(err, KJ_EFORMAT, "is cut off after %.3f s", end_s);
  return kj__fail(err, KJ_EFORMAT, "is cut off or damaged: %.3f s of %.3f s",
                  end_s, seconds(decoder, decoder->info.frames));
}

/* The next `wanted` frames; fewer only at the end of the file, which then is
 * the end of the segment too. */
static kj_status read_frames(kj__decoder *decoder, sf_count_t wanted,
                             sf_count_t *n_read, kj_error *err)
{
  const sf_count_t n =
      decoder->format->n_bits > 0
          ? sf_readf_int(decoder->file, decoder->frames, wanted)
          : sf_readf_float(decoder->file, decoder->frames, wanted);
  if (sf_error(decoder->file) != SF_ERR_NO_ERROR)
    return kj__fail(err, KJ_EFORMAT, "damaged near %.3f s: %s",
                    seconds(decoder, decoder->position),
                    sf_strerror(decoder->file));
  *n_read = n;
  decoder->position += n;
  if (n == wanted)
    return KJ_OK;
  decoder->end = decoder->position;
  return check_end(decoder, err);
}

static kj_status fail_start(const kj__decoder *decoder, sf_count_t length,
                            kj_error *err)
{
  return kj__fail(err, KJ_EDATA,
                  "begins at %g s, but the recording ends at %.3f s",
                  seconds(decoder, decoder->start), seconds(decoder, length));
}

static kj_status drop_to_start(kj__decoder *decoder, kj_error *err)
{
  while (decoder->position < decoder->start) {
    const sf_count_t left = decoder->start - decoder->position;
    const sf_count_t wanted =
        left < KJ__BLOCK_SAMPLES ? left : KJ__BLOCK_SAMPLES;
    sf_count_t n_read = 0;
    const kj_status status = read_frames(decoder, wanted, &n_read, err);
    if (status != KJ_OK)
      return status;
    if (n_read < wanted)
      return fail_start(decoder, decoder->position, err);
  }
  return KJ_OK;
}

static kj_status seek_to_start(kj__decoder *decoder, kj_error *err)
{
  const sf_count_t reached =
      sf_seek(decoder->file, decoder->start, SF_SEEK_SET);
  if (reached != decoder->start)
    return kj__fail(err, KJ_EFORMAT, "cannot seek to %.3f s: %s",
                    seconds(decoder, decoder->start),
                    sf_strerror(decoder->file));
  decoder->position = reached;
  return KJ_OK;
}

static kj_status go_to_start(kj__decoder *decoder,
                             const kj_audio_options *options, kj_error *err)
{
  const double rate = decoder->info.samplerate;
  const sf_count_t length = decoder->info.frames;
  decoder->start = (sf_count_t)llround(options->start_s * rate);
  decoder->end = options->end_s > 0.0
                     ? (sf_count_t)llround(options->end_s * rate)
                     : UNKNOWN_LENGTH;
  if (decoder->start == 0)
    return KJ_OK;
  if (decoder->start >= length)
    return fail_start(decoder, length, err);
  if (decoder->start == decoder->position)
    return KJ_OK;
  if (decoder->format->seeks_exactly && decoder->info.seekable &&
      length != UNKNOWN_LENGTH)
    return seek_to_start(decoder, err);
  return drop_to_start(decoder, err);
}

kj_status kj__decoder_open(const char *path, const kj_audio_options *options,
                           kj__decoder **out, kj_error *err)
{
  kj__decoder *decoder = kj__allocate(NULL, 1, sizeof *decoder);
  if (!decoder)
    return kj__fail_memory(err, "a decoder");
  int descriptor = -1;
  const bool is_raw = options->raw.encoding != KJ_RAW_NONE;
  kj_status status = kj__input_open(path, is_raw, &descriptor, err);
  if (is_raw)
    describe_raw(decoder, &options->raw);
  if (status == KJ_OK)
    status = open_sound(decoder, descriptor, err);
  if (status == KJ_OK)
    status = choose_channels(decoder, options->channel, err);
  if (status == KJ_OK)
    status = allocate_frames(decoder, err);
  if (status == KJ_OK) {
    decoder->format = kj__sample_format_find(decoder->info.format);
    status = go_to_start(decoder, options, err);
  }
  if (status == KJ_OK)
    *out = decoder;
  else
    kj__decoder_close(decoder);
  return status;
}

kj_status kj__decoder_move(kj__decoder *decoder,
                           const kj_audio_options *options, kj_error *err)
{
  const double rate = decoder->info.samplerate;
  if (llround(options->start_s * rate) < decoder->position)
    return kj__fail(err, KJ_EARGUMENT,
                    "start_s is %g, but the sound is read "
                    "up to %.3f s",
                    options->start_s, seconds(decoder, decoder->position));
  decoder->tally = (kj__tally){0};
  return go_to_start(decoder, options, err);
}

kj_status kj__decoder_read(kj__decoder *decoder, float *mono, size_t *n_read,
                           kj_error *err)
{
  const sf_count_t left = decoder->end - decoder->position;
  const sf_count_t wanted = left < KJ__BLOCK_SAMPLES ? left : KJ__BLOCK_SAMPLES;
  *n_read = 0;
  if (wanted == 0)
    return KJ_OK;
  sf_count_t n = 0;
  const kj_status status = read_frames(decoder, wanted, &n, err);
  if (status != KJ_OK)
    return status;
  *n_read = (size_t)n;
  if (decoder->format->n_bits > 0)
    kj__mono_from_integers(decoder->format, &decoder->layout, decoder->frames,
                           *n_read, mono, &decoder->tally);
  else
    kj__mono_from_floats(decoder->format, &decoder->layout, decoder->frames,
                         *n_read, mono, &decoder->tally);
  return KJ_OK;
}

kj_audio_info kj__decoder_info(const kj__decoder *decoder)
{
  const unsigned rate_hz = (unsigned)decoder->info.samplerate;
  return (kj_audio_info){
      .source_rate_hz = rate_hz,
      .rate_hz = rate_hz,
      .n_channels = (unsigned)decoder->layout.n_channels,
      .n_used_channels = (unsigned)decoder->layout.n_used,
      .start_s = seconds(decoder, decoder->start),
      .end_s = seconds(decoder, decoder->position),
      .n_source_samples = (uint64_t)(decoder->position - decoder->start),
      .peak = decoder->tally.peak,
      .n_full_scale = decoder->tally.n_full_scale,
      .n_not_finite = decoder->tally.n_not_finite,
  };
}

void kj__decoder_close(kj__decoder *decoder)
{
  if (!decoder)
    return;
  if (decoder->file)
    sf_close(decoder->file);
  kj__release(NULL, decoder->frames);
  kj__release(NULL, decoder);
}
