/*
 * test_recording.c: from a file to functionals and a status.
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
#include "kanjo/recording.h"

enum { N_VALUES = 384, N_COLUMNS = 32, N_STATISTICS = 12, MAX_ROWS = 1000 };
enum { LINE_SIZE = 4096 };

#define PI 3.14159265358979323846

static kj_recording_options is09_at(unsigned rate_hz)
{
  return (kj_recording_options){
      .set = kj_feature_set_find("is09"),
      .audio = {.rate_hz = rate_hz, .channel = KJ_CHANNEL_MIX}};
}

static kj_recording extract(const char *path,
                            const kj_recording_options *options,
                            float values[N_VALUES])
{
  kj_recording recording;
  kj_error err = {0};
  if (kj_recording_extract(path, options, values, &recording, &err) != KJ_OK)
    fail_msg("%s: %s", path, err.message);
  return recording;
}

/* ---- golden files ---- */

/* What the descriptors of a file were like: rows, and the largest magnitude
 * of each contour among the rows that enter the functionals. */
typedef struct contours {
  size_t n_rows;
  float row[MAX_ROWS][N_COLUMNS];
} contours;

static void keep_row(void *context, uint64_t row, double time_s,
                     const float *descriptors)
{
  contours *all = context;
  (void)time_s;
  assert_int_equal(row, all->n_rows);
  assert_true(all->n_rows < MAX_ROWS);
  memcpy(all->row[all->n_rows++], descriptors, sizeof all->row[0]);
}

static double contour_size(const contours *all, size_t column)
{
  const size_t n = all->n_rows > 4 ? all->n_rows - 3 : 1;
  double size = 0.0;
  for (size_t row = 0; row < n; row++)
    size = fmax(size, fabs((double)all->row[row][column]));
  return size;
}

/* The feature set's definition holds for NaN too, where a recording has no
 * values: so this goes past kj_recording_extract(). */
static void extract_directly(const char *path, contours *all,
                             float values[N_VALUES])
{
  const sound got = read_native(path, KJ_CHANNEL_MIX);
  kj_extractor *x = NULL;
  kj_error err = {0};
  if (kj_extractor_create(kj_feature_set_find("is09"), got.info.rate_hz, NULL,
                          &x, &err) != KJ_OK)
    fail_msg("%s: %s", path, err.message);
  all->n_rows = 0;
  kj_extractor_set_sink(x, keep_row, all);
  assert_int_equal(kj_extractor_process(x, got.samples, got.n, NULL), KJ_OK);
  assert_int_equal(kj_extractor_finish(x, values, NULL), KJ_OK);
  kj_extractor_destroy(x);
  free(got.samples);
}

/* The acceptance rule; x is ours, v golden. */
static bool is_accepted(const char *name, double x, double v, double spread,
                        double size)
{
  if (isnan(v))
    return isnan(x);
  if (strstr(name, "Pos"))
    return x == v || spread > 0.0;
  const bool is_moment = strstr(name, "skewness") || strstr(name, "kurtosis");
  return fabs(x - v) <= 1e-4 * fabs(v) + 10.0 * spread + 1e-6 * size +
                            (is_moment ? 1e-4 : 0.0);
}

static FILE *open_golden(const char *name, const char *ending)
{
  char path[PATH_SIZE], header[LINE_SIZE];
  snprintf(path, sizeof path, "%s/features/golden-formats/%s%s",
           KJ_TEST_SHARED_DIR, name, ending);
  FILE *file = fopen(path, "r");
  if (!file)
    fail_msg("%s cannot be opened", path);
  assert_non_null(fgets(header, sizeof header, file));
  return file;
}

static void compare_row_count(const char *name, size_t n_rows)
{
  FILE *file = open_golden(name, ".lld.csv");
  char line[LINE_SIZE];
  size_t n_golden = 0;
  while (fgets(line, sizeof line, file))
    n_golden++;
  fclose(file);
  if (n_rows != n_golden)
    fail_msg("%s: %zu rows, golden has %zu", name, n_rows, n_golden);
}

static void compare_functionals(const char *name, const contours *all,
                                const float values[N_VALUES])
{
  FILE *file = open_golden(name, ".func.csv");
  char line[LINE_SIZE];
  size_t n = 0;
  for (; fgets(line, sizeof line, file); n++) {
    assert_true(n < N_VALUES);
    char *at = strchr(line, ',');
    assert_non_null(at);
    *at = '\0';
    const double v = strtod(at + 1, &at);
    const double spread = strtod(at + 1, &at);
    const double size = contour_size(all, n / N_STATISTICS);
    if (!is_accepted(line, (double)values[n], v, spread, size))
      fail_msg("%s: %s is %.9g, golden %.9g, spread %g, S %g", name, line,
               (double)values[n], v, spread, size);
  }
  fclose(file);
  assert_int_equal(n, N_VALUES);
}

/* f_8bit is left out: the reference misreads 8 bit. */
static const char *const golden_names[] = {
    "f_8000_mono",    "f_11025_mono",   "f_22050_mono", "f_44100_mono",
    "f_44100_stereo", "f_48000_stereo", "f_3ch",        "f_24bit_pcm",
    "f_32bit_pcm",    "f_float32",      "f_chunks",     "f_trunc",
    "f_stream_len",   "f_float_nan"};

static void test_golden_formats(void **state)
{
  (void)state;
  static const char folder[] = KJ_TEST_SHARED_DIR "/features/golden-formats";
  static contours all;
  if (access(folder, R_OK) != 0) {
    print_message("skipped: no ../shared/features/golden-formats\n");
    skip();
  }
  const kj_recording_options native = is09_at(0);
  for (size_t k = 0; k < sizeof golden_names / sizeof *golden_names; k++) {
    const char *name = golden_names[k];
    char path[PATH_SIZE];
    float directly[N_VALUES], values[N_VALUES];
    snprintf(path, sizeof path, "%s/%s.wav", folder, name);
    extract_directly(path, &all, directly);
    compare_row_count(name, all.n_rows);
    compare_functionals(name, &all, directly);
    const kj_recording recording = extract(path, &native, values);
    if (strcmp(name, "f_float_nan") == 0) {
      assert_int_equal(recording.status, KJ_RECORDING_NOT_FINITE);
      continue;
    }
    assert_int_equal(recording.status, KJ_RECORDING_OK);
    expect_same_samples(name, values, N_VALUES, directly, N_VALUES);
  }
}

/* ---- statuses ---- */

/* Half a second of noise of this peak, at 16 kHz, mono. */
static void make_noise(float *samples, size_t n, float peak)
{
  kj__random random = kj__random_stream(6, KJ__PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < n; i++)
    samples[i] = peak * (float)(2.0 * kj__random_uniform(&random) - 1.0);
}

enum { N_NOISE = 8000 };

static const struct {
  const char *name;
  float peak;    /* of the noise */
  size_t n;      /* samples of it */
  float special; /* the value of the first n_special samples */
  size_t n_special;
  kj_recording_status status;
  const char *reason;
} statuses[] = {
    {"ok.wav", 0.5f, N_NOISE, 0.0f, 0, KJ_RECORDING_OK, ""},
    {"frame.wav", 0.5f, 400, 0.0f, 0, KJ_RECORDING_OK, ""},
    {"short.wav", 0.5f, 399, 0.0f, 0, KJ_RECORDING_TOO_SHORT,
     "399 samples at 16000 Hz are less than one frame"},
    {"none.wav", 0.5f, 0, 0.0f, 0, KJ_RECORDING_TOO_SHORT,
     "0 samples at 16000 Hz are less than one frame"},
    {"short-nan.wav", 0.5f, 399, NAN, 3, KJ_RECORDING_TOO_SHORT,
     "399 samples at 16000 Hz are less than one frame"},
    {"nan.wav", 0.5f, N_NOISE, NAN, 3, KJ_RECORDING_NOT_FINITE,
     "3 samples are NaN or infinite"},
    {"infinite.wav", 0.5f, N_NOISE, INFINITY, 100, KJ_RECORDING_NOT_FINITE,
     "100 samples are NaN or infinite"},
    {"huge.wav", 0.5f, N_NOISE, 2e38f, 100, KJ_RECORDING_NOT_FINITE,
     "features overflow; the peak is 2e+38"},
    {"quiet.wav", 0.0009f, N_NOISE, 0.0f, 0, KJ_RECORDING_SILENT,
     "peak is -60.9 dBFS; must be at least -60"},
    {"zeros.wav", 0.0f, N_NOISE, 0.0f, 0, KJ_RECORDING_SILENT,
     "peak is -inf dBFS; must be at least -60"},
    {"clipped.wav", 0.5f, N_NOISE, -1.0f, 8, KJ_RECORDING_CLIPPED,
     "0.10 % of the samples at full scale"},
    {"almost.wav", 0.5f, N_NOISE, -1.0f, 7, KJ_RECORDING_OK, ""},
    {"words.wav", -1.0f, 0, 0.0f, 0, KJ_RECORDING_DECODE_ERROR,
     "cannot be read as sound: Format not recognised."},
    {"missing.wav", -2.0f, 0, 0.0f, 0, KJ_RECORDING_DECODE_ERROR,
     "No such file or directory"},
};

static void expect_recording(const char *path,
                             const kj_recording_options *options,
                             kj_recording_status status, const char *reason)
{
  float values[N_VALUES];
  for (size_t i = 0; i < N_VALUES; i++)
    values[i] = 12345.0f;
  const kj_recording got = extract(path, options, values);
  if (got.status != status || strcmp(got.reason, reason) != 0)
    fail_msg("%s is %s (\"%s\"); expected %s (\"%s\")", path,
             kj_recording_status_text(got.status), got.reason,
             kj_recording_status_text(status), reason);
  const bool has_values = status >= KJ_RECORDING_SILENT;
  for (size_t i = 0; i < N_VALUES; i++)
    if (has_values ? !isfinite(values[i]) || values[i] == 12345.0f
                   : !isnan(values[i]))
      fail_msg("%s: value %zu is %g", path, i, (double)values[i]);
}

static void test_statuses(void **state)
{
  const kj_recording_options options = is09_at(16000);
  float samples[N_NOISE];
  for (size_t k = 0; k < sizeof statuses / sizeof *statuses; k++) {
    const sound_path path = path_in(state, statuses[k].name);
    make_noise(samples, statuses[k].n, statuses[k].peak);
    for (size_t i = 0; i < statuses[k].n_special; i++)
      samples[i] = statuses[k].special;
    if (statuses[k].peak >= 0.0f)
      write_floats(path.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16000, 1,
                   samples, statuses[k].n);
    else if (statuses[k].peak == -1.0f)
      write_bytes(path.text, "words", 5);
    expect_recording(path.text, &options, statuses[k].status,
                     statuses[k].reason);
  }
}

static void test_what_the_file_does_not_have(void **state)
{
  float samples[N_NOISE];
  make_noise(samples, N_NOISE, 0.5f);
  const sound_path path = path_in(state, "mono.wav");
  const sound_path slow = path_in(state, "slow.wav");
  write_floats(path.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16000, 1, samples,
               N_NOISE);
  write_floats(slow.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 2000, 1, samples,
               N_NOISE);
  kj_recording_options options = is09_at(0);
  expect_recording(slow.text, &options, KJ_RECORDING_DECODE_ERROR,
                   "sample_rate_hz is 2000; must be 4000..384000 for is09");
  options.audio.start_s = 1.0;
  expect_recording(path.text, &options, KJ_RECORDING_DECODE_ERROR,
                   "begins at 1 s, but the recording ends at 0.500 s");
  options.audio.start_s = 0.0;
  options.audio.channel = 1;
  expect_recording(path.text, &options, KJ_RECORDING_DECODE_ERROR,
                   "has 1 channel; number 2 was asked for");
  expect_recording(slow.text,
                   &(kj_recording_options){.set = options.set,
                                           .audio = kj_audio_default_options()},
                   KJ_RECORDING_OK, "");
}

/* Damage after good sound: the rows so far were given, the values are not. */
static void test_damage_at_the_end(void **state)
{
  enum { N = 40000 };
  float samples[N];
  make_noise(samples, N, 0.5f);
  const sound_path path = path_in(state, "cut.flac");
  write_floats(path.text, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000, 1, samples,
               N);
  size_t size;
  free(file_bytes(path.text, &size));
  assert_int_equal(truncate(path.text, (off_t)(size / 2)), 0);
  static contours all;
  float values[N_VALUES];
  kj_recording_options options = is09_at(16000);
  options.sink = keep_row;
  options.sink_context = &all;
  const kj_recording got = extract(path.text, &options, values);
  assert_int_equal(got.status, KJ_RECORDING_DECODE_ERROR);
  assert_non_null(strstr(got.reason, "damaged near "));
  assert_true(all.n_rows > 50);
  assert_true(got.end_s > 0.5 && got.end_s < 1.5);
  assert_true(isnan(values[0]) && isnan(values[N_VALUES - 1]));
}

/* ---- segments, rates, sink ---- */

static void test_segments_and_rows(void **state)
{
  enum { N = 40000, FROM = 5000, TO = 25000 };
  float samples[N], part_values[N_VALUES], values[N_VALUES];
  make_noise(samples, N, 0.5f);
  const sound_path whole = path_in(state, "whole.wav");
  const sound_path part = path_in(state, "part.wav");
  write_floats(whole.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16000, 1, samples,
               N);
  write_floats(part.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16000, 1,
               samples + FROM, TO - FROM);
  static contours all;
  kj_recording_options options = is09_at(16000);
  extract(part.text, &options, part_values);
  options.audio.start_s = FROM / 16000.0;
  options.audio.end_s = TO / 16000.0;
  options.sink = keep_row;
  options.sink_context = &all;
  const kj_recording got = extract(whole.text, &options, values);
  expect_same_samples("segment", values, N_VALUES, part_values, N_VALUES);
  assert_true(got.start_s == FROM / 16000.0 && got.end_s == TO / 16000.0);
  assert_int_equal(all.n_rows, (TO - FROM - 400) / 160 + 1 + 1);
  assert_int_equal(got.info.n_source_samples, TO - FROM);
}

/* The same voice recorded at several rates gives about the same pitch. */
static void test_rates_agree(void **state)
{
  static const unsigned rates_hz[] = {8000, 22050, 44100, 48000, 96000};
  enum { F0_MEAN = 15 * N_STATISTICS + 5, MAX_N = 96000 };
  static float samples[MAX_N];
  for (size_t k = 0; k < sizeof rates_hz / sizeof *rates_hz; k++) {
    const unsigned rate_hz = rates_hz[k];
    for (size_t i = 0; i < rate_hz; i++) {
      samples[i] = 0.0f;
      for (int h = 1; h <= 15; h++)
        samples[i] +=
            (float)(0.3 / h * sin(2.0 * PI * 220.0 * h * (double)i / rate_hz));
    }
    const sound_path path = path_in(state, "voice.wav");
    write_floats(path.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, rate_hz, 1,
                 samples, rate_hz);
    float values[N_VALUES];
    const kj_recording_options options = is09_at(16000);
    const kj_recording got = extract(path.text, &options, values);
    assert_int_equal(got.status, KJ_RECORDING_OK);
    assert_int_equal(got.info.rate_hz, 16000);
    if (!(fabsf(values[F0_MEAN] - 220.0f) < 4.0f))
      fail_msg("%u Hz: mean F0 is %g, expected 220", rate_hz,
               (double)values[F0_MEAN]);
  }
}

/* ---- the caller's own faults ---- */

static void test_bad_arguments(void **state)
{
  const sound_path path = path_in(state, "voice.wav");
  const kj_recording_options good = is09_at(16000);
  kj_recording_options no_set = good, low_rate = good, bad_end = good;
  no_set.set = NULL;
  low_rate.audio.rate_hz = 2000;
  bad_end.audio.start_s = 2.0;
  bad_end.audio.end_s = 1.0;
  float values[N_VALUES] = {0};
  write_floats(path.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16000, 1, values,
               N_VALUES);
  const struct {
    const char *path;
    const kj_recording_options *options;
    float *values;
    const char *text;
  } cases[] = {
      {NULL, &good, values, "path, options, options->set, functionals or out"},
      {path.text, NULL, values, "is NULL"},
      {path.text, &no_set, values, "is NULL"},
      {path.text, &good, NULL, "is NULL"},
      {path.text, &low_rate, values, "sample_rate_hz is 2000; must be 4000"},
      {path.text, &bad_end, values, "end_s is 1; must be 0"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    kj_recording out = {.status = KJ_RECORDING_OK};
    kj_error err = {0};
    const kj_status status = kj_recording_extract(
        cases[k].path, cases[k].options, cases[k].values, &out, &err);
    if (status != KJ_EARGUMENT || !strstr(err.message, cases[k].text))
      fail_msg("case %zu: status %s, \"%s\"; expected \"%s\"", k,
               kj_status_text(status), err.message, cases[k].text);
    assert_int_equal(out.status, KJ_RECORDING_OK);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden_formats),
      cmocka_unit_test(test_statuses),
      cmocka_unit_test(test_what_the_file_does_not_have),
      cmocka_unit_test(test_damage_at_the_end),
      cmocka_unit_test(test_segments_and_rows),
      cmocka_unit_test(test_rates_agree),
      cmocka_unit_test(test_bad_arguments),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
