/*
 * test_descriptors.c: one frame, stage by stage, and raw descriptors of whole
 * recordings, against what openSMILE gives (../shared/features/golden/debug).
 *
 * RMS, zero-crossing rate and F0 are equal bit for bit; voicing probability
 * within 1e-6; MFCC within 1e-3; spectra within 1e-6 of their largest value.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/descriptors_plan.h"

#include <jansson.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <string.h>

#define GOLDEN KJ_TEST_SHARED_DIR "/features/golden"

enum { RATE_HZ = 16000, L = 400, H = 160, MAX_SAMPLES = 1 << 17, MAX_N = 400 };

/* Returns false (and says so) where the shared folder is absent. */
static bool have_golden(void)
{
  FILE *file = fopen(GOLDEN "/debug/sp_hp_it.frame.json", "r");
  if (!file) {
    print_message("skipped: no %s/debug\n", GOLDEN);
    return false;
  }
  fclose(file);
  return true;
}

/* ---- one frame ---- */

static size_t read_array(const json_t *frame, const char *key, float *out)
{
  const json_t *array = json_object_get(frame, key);
  const size_t n = json_array_size(array);
  assert_true(n > 0 && n <= MAX_N);
  for (size_t i = 0; i < n; i++)
    out[i] = (float)json_number_value(json_array_get(array, i));
  return n;
}

static void compare_stage(const json_t *frame, const char *key,
                          const float *got, size_t n, float tolerance)
{
  float golden[MAX_N], largest = 0.0f, worst = 0.0f;
  assert_int_equal(read_array(frame, key, golden), n);
  for (size_t i = 0; i < n; i++)
    largest = fmaxf(largest, fabsf(golden[i]));
  for (size_t i = 0; i < n; i++) {
    const float error = fabsf(got[i] - golden[i]) / largest;
    worst = fmaxf(worst, error);
    if (!(error <= tolerance))
      fail_msg("%s[%zu]: %.9g, golden %.9g", key, i, (double)got[i],
               (double)golden[i]);
  }
  print_message("%-16s %3zu values, worst %.2g of the largest\n", key, n,
                (double)worst);
}

static void stages_of_a_frame(void **state)
{
  (void)state;
  if (!have_golden()) {
    skip();
    return;
  }
  json_error_t error;
  json_t *frame =
      json_load_file(GOLDEN "/debug/sp_hp_it.frame.json", 0, &error);
  if (!frame)
    fail_msg("frame.json: %s", error.text);
  kj__descriptors d;
  void *memory = create_descriptors(&d, RATE_HZ);
  float samples[MAX_N], raw[KJ__N_RAW];
  assert_int_equal(read_array(frame, "samples", samples), L);
  kj__descriptors_compute(&d, samples, raw);
  compare_stage(frame, "preemph_hamming", d.windowed, L, 0.0f);
  compare_stage(frame, "magnitude", d.magnitude, d.rate.n_bins, 1e-6f);
  compare_stage(frame, "mel26", d.bands, KJ__N_BANDS, 1e-6f);
  compare_stage(frame, "acf", d.pitch.acf, d.rate.n_lags, 1e-6f);
  compare_stage(frame, "cepstrum", d.pitch.cepstrum, d.rate.n_lags, 1e-6f);
  free(memory);
  json_decref(frame);
}

/* ---- whole recordings ---- */

static size_t read_wav(const char *name, float *samples)
{
  static short values[MAX_SAMPLES];
  char path[1024];
  snprintf(path, sizeof path, GOLDEN "/%s.wav", name);
  SF_INFO info = {0};
  SNDFILE *file = sf_open(path, SFM_READ, &info);
  if (!file)
    fail_msg("%s: %s", path, sf_strerror(NULL));
  assert_true(info.samplerate == RATE_HZ && info.channels == 1);
  const sf_count_t n = sf_read_short(file, values, MAX_SAMPLES);
  sf_close(file);
  for (sf_count_t i = 0; i < n; i++)
    samples[i] = (float)values[i] / 32767.0f;
  return (size_t)n;
}

/* The next line of raw descriptors; false at the end. */
static bool read_raw(FILE *file, float golden[KJ__N_RAW])
{
  char line[1024];
  if (!fgets(line, sizeof line, file))
    return false;
  char *at = line;
  for (size_t c = 0; c < KJ__N_RAW; c++) {
    golden[c] = strtof(at, &at);
    at += *at == ',';
  }
  return true;
}

static float tolerance_of(size_t c)
{
  if (c >= KJ__MFCC && c < KJ__ZCR)
    return 1e-3f;
  return c == KJ__VOICING ? 1e-6f : 0.0f;
}

static void compare_recording(const char *name)
{
  static float samples[MAX_SAMPLES];
  char path[1024], header[1024];
  snprintf(path, sizeof path, GOLDEN "/debug/%s.rawlld.csv", name);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  assert_non_null(fgets(header, sizeof header, file));
  kj__descriptors d;
  void *memory = create_descriptors(&d, RATE_HZ);
  const size_t n_samples = read_wav(name, samples);
  size_t n_voiced = 0, k = 0;
  for (float golden[KJ__N_RAW]; read_raw(file, golden); k++) {
    float raw[KJ__N_RAW];
    assert_true(k * H + L <= n_samples);
    kj__descriptors_compute(&d, samples + k * H, raw);
    n_voiced += raw[KJ__F0] > 0.0f;
    for (size_t c = 0; c < KJ__N_RAW; c++)
      if (!(fabsf(raw[c] - golden[c]) <= tolerance_of(c)))
        fail_msg("%s frame %zu descriptor %zu: %.9g, golden %.9g", name, k, c,
                 (double)raw[c], (double)golden[c]);
  }
  assert_int_equal(k, (n_samples - L) / H + 1);
  print_message("%-12s %zu frames, %zu voiced\n", name, k, n_voiced);
  free(memory);
  fclose(file);
}

static void descriptors_of_recordings(void **state)
{
  (void)state;
  if (!have_golden()) {
    skip();
    return;
  }
  compare_recording("sp_de");
  compare_recording("sp_hp_it");
  compare_recording("octave_jump");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stages_of_a_frame),
      cmocka_unit_test(descriptors_of_recordings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
