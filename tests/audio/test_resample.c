/*
 * test_resample.c: the quality of the resampler, as files come through it.
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audio/sound_files.h"

#define PI 3.14159265358979323846

static void write_tone(const char *path, unsigned rate_hz, double hz, size_t n)
{
  float *tone = malloc(n * sizeof *tone);
  assert_non_null(tone);
  for (size_t i = 0; i < n; i++)
    tone[i] = (float)(0.9 * sin(2.0 * PI * hz * (double)i / rate_hz));
  write_floats(path, SF_FORMAT_WAV | SF_FORMAT_FLOAT, rate_hz, 1, tone, n);
  free(tone);
}

static sound resample_file(const char *path, unsigned rate_hz)
{
  const kj_audio_options options = {.rate_hz = rate_hz};
  return read_sound(path, &options);
}

/* Tones below 91 % of the lower Nyquist frequency come back with an SNR of
 * 130 dB against a tone of the very same phase (so there is no delay), and
 * within 0.01 dB of their amplitude. */
static const struct {
  unsigned source_hz, rate_hz;
  double tone_hz;
} tone_cases[] = {
    {44100, 16000, 100},   {44100, 16000, 1000}, {44100, 16000, 7000},
    {48000, 16000, 100},   {48000, 16000, 1000}, {48000, 16000, 7000},
    {22050, 16000, 100},   {22050, 16000, 1000}, {22050, 16000, 7000},
    {96000, 16000, 100},   {96000, 16000, 1000}, {96000, 16000, 7000},
    {32000, 16000, 1000},  {8000, 16000, 100},   {8000, 16000, 1000},
    {8000, 16000, 3000},   {11025, 16000, 100},  {11025, 16000, 1000},
    {11025, 16000, 4000},  {12000, 16000, 1000}, {44056, 16000, 1000},
    {15999, 16000, 1000},  {44101, 16000, 1000}, {192000, 16000, 1000},
    {768000, 16000, 1000}, {1000, 16000, 100},   {16000, 8000, 1000},
    {16000, 44100, 1000},
};

static double snr_to_tone_db(const sound *s, double hz, double *gain)
{
  const size_t edge = s->info.rate_hz / 10;
  double xt = 0.0, tt = 0.0;
  for (size_t i = edge; i < s->n - edge; i++) {
    const double x = (double)s->samples[i];
    const double tone = 0.9 * sin(2.0 * PI * hz * (double)i / s->info.rate_hz);
    xt += x * tone;
    tt += tone * tone;
  }
  *gain = xt / tt;
  double rest = 0.0;
  for (size_t i = edge; i < s->n - edge; i++) {
    const double tone = 0.9 * sin(2.0 * PI * hz * (double)i / s->info.rate_hz);
    const double difference = (double)s->samples[i] - *gain * tone;
    rest += difference * difference;
  }
  return 10.0 * log10(*gain * *gain * tt / rest);
}

static void test_tones_are_kept(void **state)
{
  for (size_t k = 0; k < sizeof tone_cases / sizeof *tone_cases; k++) {
    const unsigned source_hz = tone_cases[k].source_hz;
    const double hz = tone_cases[k].tone_hz;
    const sound_path path = path_in(state, "tone.wav");
    write_tone(path.text, source_hz, hz,
               source_hz > 200000 ? source_hz : 2 * source_hz);
    const sound got = resample_file(path.text, tone_cases[k].rate_hz);
    double gain;
    const double snr_db = snr_to_tone_db(&got, hz, &gain);
    print_message("%6u -> %5u Hz, tone %4g Hz: SNR %.1f dB, gain %.5f\n",
                  source_hz, tone_cases[k].rate_hz, hz, snr_db, gain);
    if (!(snr_db >= 130.0 && fabs(20.0 * log10(gain)) < 0.01))
      fail_msg("%u Hz, tone %g Hz: SNR %.1f dB, gain %.5f", source_hz, hz,
               snr_db, gain);
    free(got.samples);
  }
}

/* A tone above the new Nyquist frequency must vanish, not fold down. */
static void test_aliases_vanish(void **state)
{
  static const unsigned source_hz[] = {22050, 24000, 32000,
                                       44100, 48000, 96000};
  for (size_t k = 0; k < sizeof source_hz / sizeof *source_hz; k++) {
    const sound_path path = path_in(state, "alias.wav");
    write_tone(path.text, source_hz[k], 10000.0, 2 * source_hz[k]);
    const sound got = resample_file(path.text, 16000);
    float peak = 0.0f;
    for (size_t i = 1600; i < got.n - 1600; i++)
      peak = fmaxf(peak, fabsf(got.samples[i]));
    const double alias_db = 20.0 * log10((double)peak / 0.9);
    print_message("%5u Hz: 10 kHz folds down at %.1f dB\n", source_hz[k],
                  alias_db);
    if (!(alias_db < -130.0))
      fail_msg("%u Hz: alias at %.1f dB", source_hz[k], alias_db);
    free(got.samples);
  }
}

static void test_clicks_stay_in_time(void **state)
{
  static const unsigned source_hz[] = {8000,  11025, 15999, 22050,
                                       44100, 48000, 96000, 192000};
  for (size_t k = 0; k < sizeof source_hz / sizeof *source_hz; k++) {
    const size_t n = source_hz[k];
    const size_t at = n / 3;
    float *click = calloc(n, sizeof *click);
    assert_non_null(click);
    click[at] = 1.0f;
    const sound_path path = path_in(state, "click.wav");
    write_floats(path.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, source_hz[k], 1,
                 click, n);
    free(click);
    const sound got = resample_file(path.text, 16000);
    size_t peak = 0;
    for (size_t i = 0; i < got.n; i++)
      if (fabsf(got.samples[i]) > fabsf(got.samples[peak]))
        peak = i;
    const double expected = (double)at * 16000.0 / source_hz[k];
    if (!(fabs((double)peak - expected) <= 1.0))
      fail_msg("%u Hz: click at sample %zu, expected %.2f", source_hz[k], peak,
               expected);
    free(got.samples);
  }
}

static void test_lengths(void **state)
{
  static const unsigned source_hz[] = {1000,  7350,  8000,  11025, 12000, 15999,
                                       22050, 44100, 44101, 48000, 96000};
  static const size_t lengths[] = {0,    1,    2,    3,    10,    100,
                                   1000, 2047, 2048, 2049, 10007, 99991};
  float *zeros = calloc(99991, sizeof *zeros);
  assert_non_null(zeros);
  for (size_t k = 0; k < sizeof source_hz / sizeof *source_hz; k++)
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
      const sound_path path = path_in(state, "length.wav");
      write_floats(path.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, source_hz[k], 1,
                   zeros, lengths[l]);
      const sound got = resample_file(path.text, 16000);
      const double expected =
          round((double)lengths[l] * 16000.0 / source_hz[k]);
      if (!(fabs((double)got.n - expected) <= 1.0))
        fail_msg("%zu samples at %u Hz gave %zu, expected %g", lengths[l],
                 source_hz[k], got.n, expected);
      assert_int_equal(got.info.n_source_samples, lengths[l]);
      assert_int_equal(got.info.rate_hz, 16000);
      assert_int_equal(got.info.source_rate_hz, source_hz[k]);
      free(got.samples);
    }
  free(zeros);
}

/* The source has the rate asked for: not one bit passes a filter. */
static void test_same_rate_passes_untouched(void **state)
{
  const sound_path path = path_in(state, "same.wav");
  write_tone(path.text, 16000, 7900.0, 16000);
  const sound native = read_native(path.text, 0);
  const sound asked = resample_file(path.text, 16000);
  expect_same_samples("16 kHz asked of 16 kHz", asked.samples, asked.n,
                      native.samples, native.n);
  free(native.samples);
  free(asked.samples);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tones_are_kept),
      cmocka_unit_test(test_aliases_vanish),
      cmocka_unit_test(test_clicks_stay_in_time),
      cmocka_unit_test(test_lengths),
      cmocka_unit_test(test_same_rate_passes_untouched),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
