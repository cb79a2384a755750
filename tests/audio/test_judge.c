/*
 * test_judge.c: what is said of a sound: peak, full scale, NaN, status, name.
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audio/sound_files.h"

enum { N = 4000, N_CHANNELS = 2 };

#define RAW_16(value) ((value)*65536)

static void test_peak_and_full_scale_of_integers(void **state)
{
  static const struct {
    int left, right; /* one frame among zeros, 16 bit */
    int channel;
    double peak; /* in 1/32768 */
    unsigned n_full_scale;
  } cases[] = {
      {0, 0, KJ_CHANNEL_MIX, 0, 0},
      {100, -200, KJ_CHANNEL_MIX, 200, 0},
      {100, -200, 0, 100, 0},
      {100, -200, 1, 200, 0},
      {32766, 0, KJ_CHANNEL_MIX, 32766, 0},
      {32767, 0, KJ_CHANNEL_MIX, 32767, 1},
      {-32768, 0, KJ_CHANNEL_MIX, 32768, 1},
      {-32767, 32767, KJ_CHANNEL_MIX, 32767, 2},
      {-32766, -32768, KJ_CHANNEL_MIX, 32768, 1},
      {32767, -32768, 0, 32767, 1},
  };
  const sound_path path = path_in(state, "peak.wav");
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    int frames[N * N_CHANNELS] = {0};
    frames[5000] = RAW_16(cases[k].left);
    frames[5001] = RAW_16(cases[k].right);
    write_integers(path.text, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000,
                   N_CHANNELS, frames, N);
    const sound got = read_native(path.text, cases[k].channel);
    if (got.info.peak != cases[k].peak / 32768.0 ||
        got.info.n_full_scale != cases[k].n_full_scale)
      fail_msg("case %zu: peak %g of 32768 with %llu at full scale, expected "
               "%g with %u",
               k, got.info.peak * 32768.0,
               (unsigned long long)got.info.n_full_scale, cases[k].peak,
               cases[k].n_full_scale);
    assert_int_equal(got.info.n_channels, N_CHANNELS);
    assert_int_equal(got.info.n_used_channels,
                     cases[k].channel == KJ_CHANNEL_MIX ? N_CHANNELS : 1);
    assert_int_equal(got.info.n_source_samples, N);
    assert_int_equal(got.info.n_not_finite, 0);
    assert_true(got.info.start_s == 0.0 && got.info.end_s == N / 16000.0);
    free(got.samples);
  }
}

static void test_full_scale_of_every_width(void **state)
{
  static const struct {
    const char *name;
    int format;
    unsigned n_bits;
  } widths[] = {
      {"8.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 8},
      {"16.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16},
      {"24.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 24},
      {"32.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_32, 32},
  };
  for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
    const int64_t unit = (int64_t)1 << (32 - widths[k].n_bits);
    const int top = (int)(INT32_MAX / unit * unit);
    const int frames[5] = {top, -top, INT32_MIN, (int)(top - unit), 0};
    const sound_path path = path_in(state, widths[k].name);
    write_integers(path.text, widths[k].format, 16000, 1, frames, 5);
    const sound got = read_native(path.text, 0);
    if (got.info.n_full_scale != 3 || got.info.peak != 1.0)
      fail_msg("%s: %llu at full scale, peak %.9g; expected 3 and 1",
               widths[k].name, (unsigned long long)got.info.n_full_scale,
               got.info.peak);
    free(got.samples);
  }
}

static void test_full_scale_and_nan_of_floats(void **state)
{
  const float frames[7 * N_CHANNELS] = {0.5f,    1.0f,   NAN,  0.25f,   -1.0f,
                                        -0.999f, 0.0f,   2.0f, -3.0f,   0.0f,
                                        0.0f,    -0.25f, 0.0f, INFINITY};
  const sound_path path = path_in(state, "nan.wav");
  write_floats(path.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16000, N_CHANNELS,
               frames, 7);
  const sound got = read_native(path.text, KJ_CHANNEL_MIX);
  assert_int_equal(got.info.n_not_finite, 2);
  assert_int_equal(got.info.n_full_scale, 5);
  assert_true(got.info.peak == 3.0);
  assert_true(isnan(got.samples[1]) && isinf(got.samples[6]));
  assert_int_equal(kj_audio_classify(&got.info), KJ_RECORDING_NOT_FINITE);
  free(got.samples);
  const sound right = read_native(path.text, 1);
  assert_int_equal(right.info.n_not_finite, 1);
  assert_true(right.info.peak == 2.0);
  free(right.samples);
}

/* Two finite numbers whose sum is none. */
static void test_mean_that_overflows(void **state)
{
  const float frames[N_CHANNELS] = {3e38f, 3e38f};
  const sound_path path = path_in(state, "huge.wav");
  write_floats(path.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16000, N_CHANNELS,
               frames, 1);
  const sound got = read_native(path.text, KJ_CHANNEL_MIX);
  assert_int_equal(got.info.n_not_finite, 1);
  free(got.samples);
}

/* Companded sound is at full scale at the highest value of its code. */
static void test_full_scale_of_companded_sound(void **state)
{
  static const struct {
    const char *name;
    int format;
  } codes[] = {{"u.wav", SF_FORMAT_WAV | SF_FORMAT_ULAW},
               {"a.wav", SF_FORMAT_WAV | SF_FORMAT_ALAW}};
  for (size_t k = 0; k < 2; k++) {
    const float frames[4] = {1.0f, -1.0f, 0.5f, 0.0f};
    const sound_path path = path_in(state, codes[k].name);
    write_floats(path.text, codes[k].format, 8000, 1, frames, 4);
    const sound got = read_native(path.text, 0);
    if (got.info.n_full_scale != 2)
      fail_msg("%s: %llu at full scale, expected 2; peak %.9g", codes[k].name,
               (unsigned long long)got.info.n_full_scale, got.info.peak);
    free(got.samples);
  }
}

static void test_classes(void **state)
{
  (void)state;
  static const struct {
    kj_audio_info info;
    kj_recording_status status;
  } cases[] = {
      {{.n_used_channels = 1, .n_source_samples = 1000, .peak = 0.5},
       KJ_RECORDING_OK},
      {{.n_used_channels = 1, .n_source_samples = 1000, .peak = 1e-3},
       KJ_RECORDING_OK},
      {{.n_used_channels = 1, .n_source_samples = 1000, .peak = 0.99e-3},
       KJ_RECORDING_SILENT},
      {{.n_used_channels = 1, .n_source_samples = 0}, KJ_RECORDING_SILENT},
      {{.n_used_channels = 1,
        .n_source_samples = 1000,
        .peak = 1.0,
        .n_full_scale = 1},
       KJ_RECORDING_CLIPPED},
      {{.n_used_channels = 1,
        .n_source_samples = 1001,
        .peak = 1.0,
        .n_full_scale = 1},
       KJ_RECORDING_OK},
      {{.n_used_channels = 2,
        .n_source_samples = 1000,
        .peak = 1.0,
        .n_full_scale = 1},
       KJ_RECORDING_OK},
      {{.n_used_channels = 2,
        .n_source_samples = 1000,
        .peak = 1.0,
        .n_full_scale = 2},
       KJ_RECORDING_CLIPPED},
      {{.n_used_channels = 1,
        .n_source_samples = 1000,
        .peak = 1.0,
        .n_full_scale = 900,
        .n_not_finite = 1},
       KJ_RECORDING_NOT_FINITE},
      {{.n_used_channels = 1, .n_source_samples = 1, .n_not_finite = 1},
       KJ_RECORDING_NOT_FINITE},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const kj_recording_status got = kj_audio_classify(&cases[k].info);
    if (got != cases[k].status)
      fail_msg("case %zu is %s, expected %s", k, kj_recording_status_text(got),
               kj_recording_status_text(cases[k].status));
  }
}

static void test_status_texts(void **state)
{
  (void)state;
  static const char *const texts[] = {"decode_error", "too_short", "not_finite",
                                      "silent",       "clipped",   "ok"};
  for (int k = 0; k < 6; k++)
    assert_string_equal(kj_recording_status_text((kj_recording_status)k),
                        texts[k]);
  assert_string_equal(kj_recording_status_text((kj_recording_status)6),
                      "unknown");
}

static void test_sound_names(void **state)
{
  (void)state;
  static const char *const sounds[] = {
      "a.wav",     "A.WAV",  "folder/b.Flac", "x.y.ogg", "a.b/c.mp3",
      "talk.aiff", "t.aif",  "t.aifc",        "t.au",    "t.snd",
      "t.caf",     "t.w64",  "t.rf64",        "t.sph",   "t.oga",
      "t.opus",    "t.wave", "../t.Wav",      " .wav",   "TIMIT/SA1.WAV"};
  static const char *const others[] = {
      "",         "wav",        "a.wav/",    "a.wav/b",     "a.txt", "a.wavx",
      "a.wa",     ".wav",       "x/._a.wav", "a.",          "a.csv", "a.mat",
      "a.wav.gz", "README.htk", "a.flac ",   ".hidden.mp3", "a",     "t.sds"};
  for (size_t k = 0; k < sizeof sounds / sizeof *sounds; k++)
    if (!kj_audio_is_sound_name(sounds[k]))
      fail_msg("\"%s\" is sound", sounds[k]);
  for (size_t k = 0; k < sizeof others / sizeof *others; k++)
    if (kj_audio_is_sound_name(others[k]))
      fail_msg("\"%s\" is no sound", others[k]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_peak_and_full_scale_of_integers),
      cmocka_unit_test(test_full_scale_of_every_width),
      cmocka_unit_test(test_full_scale_and_nan_of_floats),
      cmocka_unit_test(test_mean_that_overflows),
      cmocka_unit_test(test_full_scale_of_companded_sound),
      cmocka_unit_test(test_classes),
      cmocka_unit_test(test_status_texts),
      cmocka_unit_test(test_sound_names),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
