/*
 * test_errors.c: every message once, from the smallest input that earns it.
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

enum { N = 40000 };

/* Half a second of stereo, 16 bit. */
static sound_path plain_file(void **state)
{
  static const int frames[2 * 8000] = {1 << 20};
  const sound_path path = path_in(state, "plain.wav");
  write_integers(path.text, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 2, frames,
                 8000);
  return path;
}

static void test_options(void **state)
{
  static const struct {
    kj_audio_options options;
    kj_status status;
    const char *text;
  } cases[] = {
      {{.rate_hz = 999}, KJ_EARGUMENT, "rate_hz is 999; must be 0"},
      {{.rate_hz = 768001}, KJ_EARGUMENT, "rate_hz is 768001; must be 0"},
      {{.channel = -2}, KJ_EARGUMENT, "channel is -2; must be -1 (mix)..255"},
      {{.channel = 256}, KJ_EARGUMENT, "channel is 256; must be -1 (mix)..255"},
      {{.channel = 2}, KJ_EDATA, "has 2 channels; number 3 was asked for"},
      {{.start_s = -1}, KJ_EARGUMENT, "start_s is -1; must be 0..1e+09"},
      {{.start_s = (double)NAN}, KJ_EARGUMENT, "nan; must be 0..1e+09"},
      {{.start_s = 2e9}, KJ_EARGUMENT, "start_s is 2e+09; must be 0..1e+09"},
      {{.start_s = 0.2, .end_s = 0.2},
       KJ_EARGUMENT,
       "end_s is 0.2; must be 0 (to the end), or above start_s, which is 0.2"},
      {{.start_s = 0.2, .end_s = 0.1}, KJ_EARGUMENT, "end_s is 0.1; must be"},
      {{.end_s = -1}, KJ_EARGUMENT, "end_s is -1; must be"},
      {{.end_s = (double)NAN}, KJ_EARGUMENT, "nan; must be 0 (to the end)"},
      {{.end_s = (double)INFINITY}, KJ_EARGUMENT, "end_s is inf; must be"},
      {{.start_s = 0.5},
       KJ_EDATA,
       "begins at 0.5 s, but the recording ends at 0.500 s"},
      {{.start_s = 7, .end_s = 8},
       KJ_EDATA,
       "begins at 7 s, but the recording ends at 0.500 s"},
  };
  const sound_path path = plain_file(state);
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    expect_failure(path.text, &cases[k].options, cases[k].status,
                   cases[k].text);
}

static void test_arguments(void **state)
{
  const sound_path path = plain_file(state);
  kj_audio *audio = NULL;
  kj_error err;
  assert_int_equal(kj_audio_open(NULL, NULL, &audio, &err), KJ_EARGUMENT);
  assert_string_equal(err.message, "path is NULL");
  assert_null(audio);
  assert_int_equal(kj_audio_open(path.text, NULL, &audio, NULL), KJ_OK);
  float sample;
  size_t n = 7;
  assert_int_equal(kj_audio_read(audio, &sample, 0, &n, &err), KJ_EARGUMENT);
  assert_string_equal(err.message, "capacity is 0; must be at least 1");
  assert_int_equal(n, 0);
  assert_int_equal(kj_audio_read(audio, &sample, 1, &n, NULL), KJ_OK);
  assert_int_equal(n, 1);
  assert_int_equal(kj_audio_get_info(audio).rate_hz, 16000);
  kj_audio_close(audio);
  kj_audio_close(NULL);
}

static void test_files_that_are_no_sound(void **state)
{
  static const char text[] = "Dear diary, this is a text and not a sound.\n";
  const sound_path missing = path_in(state, "missing.wav");
  const sound_path empty = path_in(state, "empty.wav");
  const sound_path words = path_in(state, "words.au");
  write_bytes(empty.text, "", 0);
  write_bytes(words.text, text, sizeof text - 1);
  expect_failure(missing.text, NULL, KJ_EFILE,
                 "missing.wav: No such file or directory");
  expect_failure("/", NULL, KJ_EFILE, "/: is a folder, not a sound file");
  expect_failure(empty.text, NULL, KJ_EFORMAT,
                 "empty.wav: is empty; a sound file was expected");
  expect_failure("/dev/null", NULL, KJ_EFORMAT, "/dev/null: is empty");
  expect_failure(words.text, NULL, KJ_EFORMAT,
                 "words.au: cannot be read as sound: Format not recognised");
}

/* The reason must survive a path longer than a message. */
static void test_long_paths(void **state)
{
  (void)state;
  char path[601];
  memset(path, 'x', sizeof path - 1);
  path[sizeof path - 1] = '\0';
  expect_failure(path, NULL, KJ_EFILE, "xx: File name too long");
}

static void test_limits_of_rate_and_channels(void **state)
{
  static const struct {
    unsigned rate_hz, n_channels;
    const char *text; /* NULL: allowed */
  } cases[] = {
      {999, 1, "has a rate of 999 Hz; must be 1000..768000"},
      {768001, 1, "has a rate of 768001 Hz; must be 1000..768000"},
      {16000, 257, "has 257 channels; must be 1..256"},
      {1000, 1, NULL},
      {768000, 1, NULL},
      {16000, 256, NULL},
  };
  static const float frame[257];
  const sound_path path = path_in(state, "limits.wav");
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    write_floats(path.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, cases[k].rate_hz,
                 cases[k].n_channels, frame, 1);
    if (cases[k].text)
      expect_failure(path.text, NULL, KJ_EFORMAT, cases[k].text);
    else
      free(read_native(path.text, KJ_CHANNEL_MIX).samples);
  }
}

/* Noise, so that the encoders need many blocks. */
static size_t write_noise(const char *path, int format, unsigned rate_hz)
{
  float noise[N];
  kj__random random = kj__random_stream(4, KJ__PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < N; i++)
    noise[i] = (float)kj__random_uniform(&random) - 0.5f;
  write_floats(path, format, rate_hz, 1, noise, N);
  size_t size;
  free(file_bytes(path, &size));
  return size;
}

/* A file cut at 60 %, and one with 64 bytes changed in the middle. */
static const struct {
  const char *name;
  int format;
  unsigned rate_hz;
  const char *cut_text, *changed_text;
} damages[] = {
    {"a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000,
     "s: Error : flac decoder lost sync", "damaged near"},
    {"a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 16000, "is cut off after ",
     "is cut off or damaged: "},
    {"a.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 8000, "is cut off after ",
     "is cut off or damaged: "},
    {"a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 16000,
     "is cut off or damaged: ", NULL},
};

static void test_damage_is_found(void **state)
{
  for (size_t k = 0; k < sizeof damages / sizeof *damages; k++) {
    const sound_path path = path_in(state, damages[k].name);
    write_noise(path.text, damages[k].format, damages[k].rate_hz);
    size_t size;
    char *bytes = file_bytes(path.text, &size);
    write_bytes(path.text, bytes, size * 6 / 10);
    expect_failure(path.text, NULL, KJ_EFORMAT, damages[k].cut_text);
    memset(bytes + size / 2, 0x55, 64);
    write_bytes(path.text, bytes, size);
    if (damages[k].changed_text)
      expect_failure(path.text, NULL, KJ_EFORMAT, damages[k].changed_text);
    free(bytes);
  }
}

/* A segment before the damage is whole. */
static void test_sound_before_the_damage_is_good(void **state)
{
  const sound_path path = path_in(state, "b.flac");
  const size_t size =
      write_noise(path.text, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000);
  const sound whole = read_native(path.text, 0);
  assert_int_equal(truncate(path.text, (off_t)(size * 6 / 10)), 0);
  const kj_audio_options early = {.start_s = 0.25, .end_s = 1.0};
  const sound got = read_sound(path.text, &early);
  expect_same_samples("before the cut", got.samples, got.n,
                      whole.samples + 4000, 12000);
  const kj_audio_options late = {.start_s = 2.0};
  expect_failure(path.text, &late, KJ_EFORMAT,
                 "b.flac: cannot seek to 2.000 s: ");
  free(whole.samples);
  free(got.samples);
}

static void test_start_after_an_end_not_known_before(void **state)
{
  enum { TOTAL_SAMPLES = 21 };
  const sound_path path = path_in(state, "stream.flac");
  write_noise(path.text, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000);
  size_t size;
  char *bytes = file_bytes(path.text, &size);
  bytes[TOTAL_SAMPLES] = (char)(bytes[TOTAL_SAMPLES] & 0xF0);
  memset(bytes + TOTAL_SAMPLES + 1, 0, 4);
  write_bytes(path.text, bytes, size);
  free(bytes);
  const kj_audio_options late = {.start_s = 9.0};
  expect_failure(path.text, &late, KJ_EDATA,
                 "begins at 9 s, but the recording ends at 2.500 s");
}

/* A failure stays: the next read tells the same. */
static void test_failures_last(void **state)
{
  const sound_path path = path_in(state, "c.flac");
  const size_t size =
      write_noise(path.text, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000);
  assert_int_equal(truncate(path.text, (off_t)(size / 2)), 0);
  kj_audio *audio = NULL;
  kj_error first = {0}, second = {0};
  assert_int_equal(kj_audio_open(path.text, NULL, &audio, &first), KJ_OK);
  float *samples = malloc(N * sizeof *samples);
  size_t n;
  assert_int_equal(kj_audio_read(audio, samples, N, &n, &first), KJ_EFORMAT);
  assert_int_equal(n, 0);
  assert_int_equal(kj_audio_read(audio, samples, 1, &n, &second), KJ_EFORMAT);
  assert_int_equal(n, 0);
  assert_string_equal(first.message, second.message);
  free(samples);
  kj_audio_close(audio);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_options),
      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_files_that_are_no_sound),
      cmocka_unit_test(test_long_paths),
      cmocka_unit_test(test_limits_of_rate_and_channels),
      cmocka_unit_test(test_damage_is_found),
      cmocka_unit_test(test_sound_before_the_damage_is_good),
      cmocka_unit_test(test_start_after_an_end_not_known_before),
      cmocka_unit_test(test_failures_last),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
