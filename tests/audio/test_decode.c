/*
 * test_decode.c: every stored format gives the samples its definition says,
 * bit for bit where the format is exact.
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audio/sound_files.h"
#include "base/random.h"

enum { N_FRAMES = 5000, MAX_CHANNELS = 3 };

typedef struct integer_case {
  const char *name;
  int format;
  unsigned n_bits;
  double divisor;
  unsigned n_quiet_bits; /* the highest bits, left unused */
} integer_case;

/* ALAC above 16 bits has quiet rows: libsndfile 1.2.0 gives incompressible
 * noise back wrongly. */
static const integer_case integer_cases[] = {
    {"u8.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 8, 127, 0},
    {"16.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16, 32767, 0},
    {"24.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 24, 32767.0 * 256, 0},
    {"32.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_32, 32, 2147483648.0, 0},
    {"16x.wav", SF_FORMAT_WAVEX | SF_FORMAT_PCM_16, 16, 32767, 0},
    {"24x.wav", SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, 24, 32767.0 * 256, 0},
    {"32x.wav", SF_FORMAT_WAVEX | SF_FORMAT_PCM_32, 32, 2147483648.0, 0},
    {"16.rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_16, 16, 32767, 0},
    {"24.w64", SF_FORMAT_W64 | SF_FORMAT_PCM_24, 24, 32767.0 * 256, 0},
    {"8.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_S8, 8, 127, 0},
    {"u8.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_U8, 8, 127, 0},
    {"16.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 16, 32767, 0},
    {"24.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 24, 32767.0 * 256, 0},
    {"32.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_32, 32, 2147483648.0, 0},
    {"8.au", SF_FORMAT_AU | SF_FORMAT_PCM_S8, 8, 127, 0},
    {"16.au", SF_FORMAT_AU | SF_FORMAT_PCM_16, 16, 32767, 0},
    {"16.caf", SF_FORMAT_CAF | SF_FORMAT_PCM_16, 16, 32767, 0},
    {"a16.caf", SF_FORMAT_CAF | SF_FORMAT_ALAC_16, 16, 32767, 0},
    {"a20.caf", SF_FORMAT_CAF | SF_FORMAT_ALAC_20, 20, 32767.0 * 16, 6},
    {"a24.caf", SF_FORMAT_CAF | SF_FORMAT_ALAC_24, 24, 32767.0 * 256, 6},
    {"a32.caf", SF_FORMAT_CAF | SF_FORMAT_ALAC_32, 32, 2147483648.0, 6},
    {"8.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_S8, 8, 127, 0},
    {"16.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16, 32767, 0},
    {"24.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 24, 32767.0 * 256, 0},
    {"16.sph", SF_FORMAT_NIST | SF_FORMAT_PCM_16, 16, 32767, 0},
};

/* Raw values over the whole range, the extremes and those around 0 first. */
static void draw_raw_values(const integer_case *c, int64_t *raw, size_t n)
{
  const int64_t top = ((int64_t)1 << (c->n_bits - c->n_quiet_bits - 1)) - 1;
  const int64_t first[] = {top, -top - 1, 0, 1, -1, 2, -top, top - 1};
  kj__random random = kj__random_stream(1, KJ__PURPOSE_TEST, c->n_bits, 0);
  for (size_t i = 0; i < n; i++)
    raw[i] = i < 8 ? first[i]
                   : (int64_t)kj__random_below(&random, (size_t)(2 * top + 2)) -
                         top - 1;
}

/* The definition, from raw integers: the first of the channels that count, and
 * how many do. */
static float defined_sample(const integer_case *c, const int64_t *frame,
                            size_t first, size_t n_used)
{
  float v = 0.0f;
  for (size_t k = first; k < first + n_used; k++)
    v += (float)frame[k];
  v = v / (float)n_used;
  return v / (float)c->divisor;
}

static void check_integer_case(void **state, const integer_case *c,
                               unsigned n_channels)
{
  _Static_assert(N_FRAMES > 2048, "more than one block of the decoder");
  int64_t raw[N_FRAMES * MAX_CHANNELS];
  int upper[N_FRAMES * MAX_CHANNELS];
  float expected[N_FRAMES];
  const size_t n = (size_t)N_FRAMES * n_channels;
  draw_raw_values(c, raw, n);
  for (size_t i = 0; i < n; i++)
    upper[i] = (int)(raw[i] * ((int64_t)1 << (32 - c->n_bits)));
  const sound_path path = path_in(state, c->name);
  write_integers(path.text, c->format, 16000, n_channels, upper, N_FRAMES);
  for (int channel = KJ_CHANNEL_MIX; channel < (int)n_channels; channel++) {
    const bool is_mix = channel == KJ_CHANNEL_MIX;
    for (size_t i = 0; i < N_FRAMES; i++)
      expected[i] =
          defined_sample(c, raw + i * n_channels, is_mix ? 0 : (size_t)channel,
                         is_mix ? n_channels : 1);
    const sound got = read_native(path.text, channel);
    char what[64];
    snprintf(what, sizeof what, "%s, %u channels, channel %d", c->name,
             n_channels, channel);
    expect_same_samples(what, got.samples, got.n, expected, N_FRAMES);
    free(got.samples);
  }
}

static void test_integers_follow_the_table(void **state)
{
  for (size_t k = 0; k < sizeof integer_cases / sizeof *integer_cases; k++)
    for (unsigned n_channels = 1; n_channels <= MAX_CHANNELS; n_channels++)
      check_integer_case(state, &integer_cases[k], n_channels);
}

static void test_least_16_bit_code(void **state)
{
  const int lowest = INT32_MIN;
  const sound_path path = path_in(state, "lowest.wav");
  write_integers(path.text, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1, &lowest,
                 1);
  const sound got = read_native(path.text, 0);
  assert_int_equal(got.n, 1);
  assert_true(got.samples[0] == -1.0000305f);
  free(got.samples);
}

static const struct {
  const char *name;
  int format;
} float_cases[] = {
    {"f.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT},
    {"d.wav", SF_FORMAT_WAV | SF_FORMAT_DOUBLE},
    {"fx.wav", SF_FORMAT_WAVEX | SF_FORMAT_FLOAT},
    {"f.aiff", SF_FORMAT_AIFF | SF_FORMAT_FLOAT},
    {"f.au", SF_FORMAT_AU | SF_FORMAT_FLOAT},
    {"d.caf", SF_FORMAT_CAF | SF_FORMAT_DOUBLE},
};

static void test_floats_come_as_they_stand(void **state)
{
  float frames[2 * N_FRAMES], left[N_FRAMES], mean[N_FRAMES];
  kj__random random = kj__random_stream(2, KJ__PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < 2 * N_FRAMES; i++)
    frames[i] = (float)(3.0 * kj__random_normal(&random));
  for (size_t i = 0; i < N_FRAMES; i++) {
    left[i] = frames[2 * i];
    mean[i] = (frames[2 * i] + frames[2 * i + 1]) / 2.0f;
  }
  for (size_t k = 0; k < sizeof float_cases / sizeof *float_cases; k++) {
    const sound_path path = path_in(state, float_cases[k].name);
    write_floats(path.text, float_cases[k].format, 44100, 2, frames, N_FRAMES);
    const sound got_left = read_native(path.text, 0);
    const sound got_mean = read_native(path.text, KJ_CHANNEL_MIX);
    expect_same_samples(float_cases[k].name, got_left.samples, got_left.n, left,
                        N_FRAMES);
    expect_same_samples(float_cases[k].name, got_mean.samples, got_mean.n, mean,
                        N_FRAMES);
    free(got_left.samples);
    free(got_mean.samples);
  }
}

/* A tone of 440 Hz, amplitude 0.5, must come back in this quality. */
static const struct {
  const char *name;
  int format;
  unsigned rate_hz;
  unsigned length_grain; /* the length is rounded up to a multiple of this */
  double min_snr_db;
} lossy_cases[] = {
    {"a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 16000, 1, 20},
    {"a.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, 1, 15},
    {"a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100, 1, 30},
    {"a16.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 16000, 1, 30},
    {"ulaw.wav", SF_FORMAT_WAV | SF_FORMAT_ULAW, 8000, 1, 35},
    {"alaw.au", SF_FORMAT_AU | SF_FORMAT_ALAW, 8000, 1, 35},
    {"ima.wav", SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, 16000, 1017, 30},
    {"ms.wav", SF_FORMAT_WAV | SF_FORMAT_MS_ADPCM, 16000, 1012, 25},
    {"gsm.wav", SF_FORMAT_WAV | SF_FORMAT_GSM610, 8000, 320, 10},
};

/* Power of the best-fitting tone at `hz` to that of the rest, in dB; the
 * amplitude of that tone. */
static double tone_snr_db(const sound *s, double hz, double *amplitude)
{
  const double w = 2.0 * acos(-1.0) * hz / s->info.rate_hz;
  double ss = 0, cc = 0, sc = 0, xs = 0, xc = 0, xx = 0;
  for (size_t i = s->n / 8; i < s->n - s->n / 8; i++) {
    const double a = sin(w * (double)i), b = cos(w * (double)i);
    const double x = (double)s->samples[i];
    ss += a * a, cc += b * b, sc += a * b;
    xs += x * a, xc += x * b, xx += x * x;
  }
  const double d = ss * cc - sc * sc;
  const double p = (xs * cc - xc * sc) / d, q = (xc * ss - xs * sc) / d;
  const double fitted = p * xs + q * xc;
  *amplitude = hypot(p, q);
  return 10.0 * log10(fitted / (xx - fitted));
}

static void test_lossy_formats_keep_a_tone(void **state)
{
  enum { N = 40001 };
  static const double hz = 440.0;
  float tone[N];
  for (size_t k = 0; k < sizeof lossy_cases / sizeof *lossy_cases; k++) {
    const unsigned rate_hz = lossy_cases[k].rate_hz;
    const unsigned grain = lossy_cases[k].length_grain;
    for (size_t i = 0; i < N; i++)
      tone[i] = (float)(0.5 * sin(2.0 * acos(-1.0) * hz * (double)i / rate_hz));
    const sound_path path = path_in(state, lossy_cases[k].name);
    write_floats(path.text, lossy_cases[k].format, rate_hz, 1, tone, N);
    const sound got = read_native(path.text, 0);
    double amplitude;
    const double snr_db = tone_snr_db(&got, hz, &amplitude);
    print_message("%-9s %5.1f dB, amplitude %.3f\n", lossy_cases[k].name,
                  snr_db, amplitude);
    if (got.n != (N + grain - 1) / grain * grain)
      fail_msg("%s: %zu samples of %d", lossy_cases[k].name, got.n, N);
    if (!(snr_db >= lossy_cases[k].min_snr_db && fabs(amplitude - 0.5) < 0.02))
      fail_msg("%s: SNR %.1f dB, amplitude %.3f", lossy_cases[k].name, snr_db,
               amplitude);
    free(got.samples);
  }
}

/* Put a little-endian number into a file's bytes. */
static void put_u32(char *at, uint32_t value)
{
  for (int k = 0; k < 4; k++)
    at[k] = (char)(value >> (8 * k));
}

/* A WAV's data length is believed as far as the file goes. */
static void test_wav_of_wrong_length(void **state)
{
  enum { HEADER = 44 };
  static const uint32_t lengths[] = {0xFFFFFFFFu, 1000000u, 2 * N_FRAMES + 2};
  int frames[N_FRAMES];
  for (int i = 0; i < N_FRAMES; i++)
    frames[i] = (i % 1000) * 65536 * 20;
  const sound_path path = path_in(state, "length.wav");
  write_integers(path.text, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1, frames,
                 N_FRAMES);
  const sound whole = read_native(path.text, 0);
  size_t size;
  char *bytes = file_bytes(path.text, &size);
  assert_memory_equal(bytes + HEADER - 8, "data", 4);
  for (size_t k = 0; k < 3; k++) {
    put_u32(bytes + HEADER - 4, lengths[k]);
    write_bytes(path.text, bytes, size);
    const sound got = read_native(path.text, 0);
    expect_same_samples("announced too long", got.samples, got.n, whole.samples,
                        whole.n);
    free(got.samples);
  }
  put_u32(bytes + HEADER - 4, 2 * N_FRAMES);
  write_bytes(path.text, bytes, size - 1001); /* and half a sample is lost */
  const sound cut = read_native(path.text, 0);
  expect_same_samples("cut", cut.samples, cut.n, whole.samples, whole.n - 501);
  free(cut.samples);
  free(whole.samples);
  free(bytes);
}

/* Chunks that are not understood, of odd length, before and after the data. */
static void test_wav_with_other_chunks(void **state)
{
  enum { HEADER = 44, CHUNK = 8 + 7 + 1 };
  static const char chunk[CHUNK + 1] = "junk\7\0\0\0seven!!";
  const int frames[3] = {1 << 16, 2 << 16, -3 * 65536};
  const sound_path path = path_in(state, "chunks.wav");
  write_integers(path.text, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1, frames,
                 3);
  size_t size;
  char *plain = file_bytes(path.text, &size);
  char more[HEADER + 6 + 2 * CHUNK];
  assert_int_equal(size, HEADER + 6);
  memcpy(more, plain, HEADER - 8);
  memcpy(more + HEADER - 8, chunk, CHUNK);
  memcpy(more + HEADER - 8 + CHUNK, plain + HEADER - 8, 8 + 6);
  memcpy(more + HEADER + CHUNK + 6, chunk, CHUNK);
  put_u32(more + 4, sizeof more - 8);
  write_bytes(path.text, more, sizeof more);
  const sound got = read_native(path.text, 0);
  const float expected[3] = {1.0f / 32767.0f, 2.0f / 32767.0f,
                             -3.0f / 32767.0f};
  expect_same_samples("chunks", got.samples, got.n, expected, 3);
  free(got.samples);
  free(plain);
}

static void test_no_samples_are_no_error(void **state)
{
  const sound_path path = path_in(state, "zero.wav");
  write_integers(path.text, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 2, NULL,
                 0);
  for (unsigned rate_hz = 0; rate_hz <= 16000; rate_hz += 16000) {
    const kj_audio_options options = {.rate_hz = rate_hz};
    const sound got = read_sound(path.text, &options);
    assert_int_equal(got.n, 0);
    assert_int_equal(got.info.n_source_samples, 0);
    free(got.samples);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_integers_follow_the_table),
      cmocka_unit_test(test_least_16_bit_code),
      cmocka_unit_test(test_floats_come_as_they_stand),
      cmocka_unit_test(test_lossy_formats_keep_a_tone),
      cmocka_unit_test(test_wav_of_wrong_length),
      cmocka_unit_test(test_wav_with_other_chunks),
      cmocka_unit_test(test_no_samples_are_no_error),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
