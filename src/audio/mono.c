/*
 * mono.c: the table of stored sample formats, and the mix to one channel.
 *
 * sf_readf_int() gives every integer format left-justified in 32 bits, from
 * which the raw value comes back exactly by a power of two. sf_readf_float()
 * would divide by 32768, where the feature set divides by 32767.
 */
#include "audio/mono.h"

#include <float.h>
#include <math.h>
#include <sndfile.h>

/* The highest value of 16-bit decoders (ADPCM, GSM) in libsndfile's scale. */
#define TOP_16 (32767.0f / 32768.0f)
/* The highest magnitudes of ITU-T G.711. */
#define TOP_ULAW (32124.0f / 32768.0f)
#define TOP_ALAW (32256.0f / 32768.0f)

/* MPEG frames hold up to 1152 samples, and some encoders count the frame that
 * carries the count. */
#define MPEG_SLACK 2304

static const kj__sample_format formats[] = {
    /* subtype, bits, divisor, full scale of floats, seeks exactly, slack */
    {SF_FORMAT_PCM_S8, 8, 127.0f, 1.0f, true, 0},
    {SF_FORMAT_PCM_U8, 8, 127.0f, 1.0f, true, 0},
    {SF_FORMAT_PCM_16, 16, 32767.0f, 1.0f, true, 0},
    {SF_FORMAT_PCM_24, 24, 8388352.0f, 1.0f, true, 0},
    {SF_FORMAT_PCM_32, 32, 2147483648.0f, 1.0f, true, 0},
    {SF_FORMAT_ALAC_16, 16, 32767.0f, 1.0f, false, 0},
    {SF_FORMAT_ALAC_20, 20, 524272.0f, 1.0f, false, 0},
    {SF_FORMAT_ALAC_24, 24, 8388352.0f, 1.0f, false, 0},
    {SF_FORMAT_ALAC_32, 32, 2147483648.0f, 1.0f, false, 0},
    {SF_FORMAT_FLOAT, 0, 1.0f, 1.0f, true, 0},
    {SF_FORMAT_DOUBLE, 0, 1.0f, 1.0f, true, 0},
    {SF_FORMAT_ULAW, 0, 1.0f, TOP_ULAW, true, 0},
    {SF_FORMAT_ALAW, 0, 1.0f, TOP_ALAW, true, 0},
    {SF_FORMAT_VORBIS, 0, 1.0f, 1.0f, false, 0},
    {SF_FORMAT_OPUS, 0, 1.0f, 1.0f, false, 0},
    {SF_FORMAT_MPEG_LAYER_I, 0, 1.0f, 1.0f, false, MPEG_SLACK},
    {SF_FORMAT_MPEG_LAYER_II, 0, 1.0f, 1.0f, false, MPEG_SLACK},
    {SF_FORMAT_MPEG_LAYER_III, 0, 1.0f, 1.0f, false, MPEG_SLACK},
    /* every other one: ADPCM, GSM, DWVW ... */
    {0, 0, 1.0f, TOP_16, false, 0},
};

const kj__sample_format *kj__sample_format_find(int format)
{
  const int subtype = format & SF_FORMAT_SUBMASK;
  const kj__sample_format *found = formats;
  while (found->subtype != 0 && found->subtype != subtype)
    found++;
  return found;
}

static unsigned magnitude_of(int value)
{
  return value < 0 ? 0u - (unsigned)value : (unsigned)value;
}

/* Of a file with one channel: a loop that compilers make vector code of, with
 * the bits of the one below. */
static void scale_integers(const kj__sample_format *format, const int *x,
                           size_t n, float *mono, kj__tally *tally)
{
  const unsigned n_spare_bits = 32 - format->n_bits;
  const float raw_unit = ldexpf(1.0f, -(int)n_spare_bits);
  const unsigned top = (unsigned)INT32_MAX >> n_spare_bits << n_spare_bits;
  unsigned peak = 0, n_full_scale = 0;
  for (size_t i = 0; i < n; i++) {
    const unsigned magnitude = magnitude_of(x[i]);
    peak = magnitude > peak ? magnitude : peak;
    n_full_scale += magnitude >= top;
    mono[i] = (float)x[i] * raw_unit / format->divisor;
  }
  tally->n_full_scale += n_full_scale;
  tally->peak = fmax(tally->peak, (double)peak / 2147483648.0);
}

void kj__mono_from_integers(const kj__sample_format *format,
                            const kj__frame_layout *layout, const int *frames,
                            size_t n_frames, float *mono, kj__tally *tally)
{
  if (layout->n_channels == 1) {
    scale_integers(format, frames, n_frames, mono, tally);
    return;
  }
  const unsigned n_spare_bits = 32 - format->n_bits;
  const float raw_unit = ldexpf(1.0f, -(int)n_spare_bits);
  const unsigned top = (unsigned)INT32_MAX >> n_spare_bits << n_spare_bits;
  const float n_used = (float)layout->n_used;
  unsigned peak = 0;
  for (size_t i = 0; i < n_frames; i++) {
    const int *x = frames + i * layout->n_channels + layout->first;
    float sum = 0.0f;
    for (size_t c = 0; c < layout->n_used; c++) {
      const unsigned magnitude = magnitude_of(x[c]);
      peak = magnitude > peak ? magnitude : peak;
      tally->n_full_scale += magnitude >= top;
      sum += (float)x[c] * raw_unit;
    }
    mono[i] = sum / n_used / format->divisor;
  }
  tally->peak = fmax(tally->peak, (double)peak / 2147483648.0);
}

void kj__mono_from_floats(const kj__sample_format *format,
                          const kj__frame_layout *layout, const float *frames,
                          size_t n_frames, float *mono, kj__tally *tally)
{
  const float n_used = (float)layout->n_used;
  float peak = 0.0f;
  for (size_t i = 0; i < n_frames; i++) {
    const float *x = frames + i * layout->n_channels + layout->first;
    float sum = 0.0f;
    for (size_t c = 0; c < layout->n_used; c++) {
      const float magnitude = fabsf(x[c]);
      if (magnitude > peak && magnitude <= FLT_MAX)
        peak = magnitude;
      tally->n_full_scale += magnitude >= format->full_scale;
      sum += x[c];
    }
    mono[i] = sum / n_used;
    tally->n_not_finite += isfinite(mono[i]) ? 0 : 1;
  }
  tally->peak = fmax(tally->peak, (double)peak);
}
