/*
 * test_golden.c: the values of openSMILE for the recordings in ../shared.
 *
 * Functionals: |x - v| <= 1e-4 |v| + 10 spread + 1e-6 S, plus 1e-4 for
 * skewness and kurtosis; positions are equal unless they tie (spread > 0).
 * S is the largest magnitude of the contour, spread what honest rounding moves
 * (a column of the golden file). Descriptors: |x - v| <= 1e-4 |v| + 1e-3 for
 * MFCC, + 1e-6 else; F0 and the number of rows are equal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/extraction.h"
#include "tier.h"

#include <dirent.h>
#include <math.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SAMPLES = 1 << 20, MAX_CHANNELS = 8 };
enum { MAX_PRINTED = 10, LINE_SIZE = 4096, PATH_SIZE = 1024 };

typedef struct table {
  size_t n_rows;
  float value[MAX_ROWS][N_COLUMNS];
} table;

typedef struct comparison {
  size_t n_files, n_values, n_failed;
  double worst; /* |x - v| / tolerance */
  char worst_name[160];
} comparison;

/* ---- recordings ---- */

/* Divisor of a raw integer sample, and how far libsndfile shifts it left. */
typedef struct sample_format {
  int format;
  int shift;
  float divisor;
} sample_format;

static const sample_format sample_formats[] = {
    {SF_FORMAT_PCM_16, 16, 32767.0f},
    {SF_FORMAT_PCM_24, 8, 32767.0f * 256.0f},
    {SF_FORMAT_PCM_32, 0, 2147483648.0f},
    {SF_FORMAT_FLOAT, 0, 0.0f},
};

/* The mean of the channels at the next instant, full scale 1; false at the
 * end, which a header may place wrongly. */
static bool read_instant(SNDFILE *file, const sample_format *format,
                         int n_channels, float *mean)
{
  float real[MAX_CHANNELS] = {0.0f};
  int whole[MAX_CHANNELS] = {0};
  const bool is_float = format->divisor == 0.0f;
  if ((is_float ? sf_readf_float(file, real, 1)
                : sf_readf_int(file, whole, 1)) != 1)
    return false;
  float sum = 0.0f;
  for (int c = 0; c < n_channels; c++)
    sum += is_float ? real[c] : (float)(whole[c] / (1 << format->shift));
  *mean = sum / (float)n_channels;
  if (!is_float)
    *mean /= format->divisor;
  return true;
}

static const sample_format *find_format(int format)
{
  for (size_t i = 0; i < sizeof sample_formats / sizeof *sample_formats; i++)
    if (sample_formats[i].format == (format & SF_FORMAT_SUBMASK))
      return &sample_formats[i];
  return NULL;
}

/* Mono samples into samples[MAX_SAMPLES]; false: the format is not ours. */
static bool read_wav(const char *path, float *samples, size_t *n,
                     unsigned *rate_hz)
{
  SF_INFO info = {0};
  SNDFILE *file = sf_open(path, SFM_READ, &info);
  if (!file)
    fail_msg("%s: %s", path, sf_strerror(NULL));
  assert_true(info.channels <= MAX_CHANNELS);
  const sample_format *format = find_format(info.format);
  *n = 0;
  *rate_hz = (unsigned)info.samplerate;
  while (format && read_instant(file, format, info.channels, &samples[*n]))
    assert_true(++*n < MAX_SAMPLES);
  sf_close(file);
  return format != NULL;
}

/* ---- golden tables ---- */

static FILE *open_golden(const char *folder, const char *name, const char *what)
{
  char path[PATH_SIZE];
  snprintf(path, sizeof path, "%s/%s.%s.csv", folder, name, what);
  FILE *file = fopen(path, "r");
  if (!file)
    fail_msg("%s: cannot be opened", path);
  char header[LINE_SIZE];
  assert_non_null(fgets(header, sizeof header, file));
  return file;
}

static void read_descriptors(const char *folder, const char *name, table *out)
{
  FILE *file = open_golden(folder, name, "lld");
  char line[LINE_SIZE];
  out->n_rows = 0;
  while (fgets(line, sizeof line, file)) {
    assert_true(out->n_rows < MAX_ROWS);
    char *at = line;
    for (size_t c = 0; c < N_COLUMNS; c++) {
      out->value[out->n_rows][c] = strtof(at, &at);
      at += *at == ',';
    }
    out->n_rows++;
  }
  fclose(file);
}

/* Returns the number of lines. */
static size_t read_functionals(const char *folder, const char *name,
                               double value[N_VALUES], double spread[N_VALUES])
{
  FILE *file = open_golden(folder, name, "func");
  char line[LINE_SIZE];
  size_t n = 0;
  for (; fgets(line, sizeof line, file); n++) {
    assert_true(n < N_VALUES);
    char *at = strchr(line, ',');
    assert_non_null(at);
    value[n] = strtod(at + 1, &at);
    spread[n] = strtod(at + 1, &at);
  }
  fclose(file);
  return n;
}

/* ---- comparing ---- */

/* Where a value stands. */
typedef struct place {
  const char *file, *column;
  size_t row;
} place;

static void compare(comparison *all, place at, double x, double v,
                    double tolerance)
{
  all->n_values++;
  if ((isnan(x) && isnan(v)) || x == v)
    return;
  const double ratio = fabs(x - v) / tolerance;
  if (ratio > all->worst) {
    all->worst = ratio;
    snprintf(all->worst_name, sizeof all->worst_name,
             "%s %s row %zu: %.9g, %.9g", at.file, at.column, at.row, x, v);
  }
  if (ratio <= 1.0)
    return;
  if (all->n_failed++ < MAX_PRINTED)
    print_error("%s, %s, row %zu: got %.9g, golden %.9g, tolerance %.3g\n",
                at.file, at.column, at.row, x, v, tolerance);
}

static const char *column_name(kj_feature_level level, size_t index)
{
  static char name[KJ_FEATURE_NAME_SIZE];
  const kj_feature_set *set = kj_feature_set_find("is09");
  assert_int_equal(kj_feature_set_column(set, level, index, name, NULL), KJ_OK);
  return name;
}

static void compare_descriptors(comparison *all, const char *file,
                                const extraction *got, const table *golden)
{
  if (got->n_rows != golden->n_rows)
    fail_msg("%s: %zu descriptor rows, golden has %zu", file, got->n_rows,
             golden->n_rows);
  for (size_t row = 0; row < got->n_rows; row++)
    for (size_t c = 0; c < N_COLUMNS; c++) {
      const char *name = column_name(KJ_LEVEL_DESCRIPTORS, c);
      const double x = (double)got->row[row][c];
      const double v = (double)golden->value[row][c];
      const double floor = strstr(name, "mfcc") ? 1e-3 : 1e-6;
      const int is_f0 = strncmp(name, "F0", 2) == 0;
      compare(all, (place){file, name, row}, x, v,
              is_f0 ? 0.0 : 1e-4 * fabs(v) + floor);
    }
}

static double contour_size(const table *golden, size_t c)
{
  const size_t n = golden->n_rows > 4 ? golden->n_rows - 3 : 1;
  double size = 0.0;
  for (size_t row = 0; row < n; row++)
    size = fmax(size, fabs((double)golden->value[row][c]));
  return size;
}

static void compare_functionals(comparison *all, const char *file,
                                const table *golden, const float got[N_VALUES],
                                const double value[N_VALUES],
                                const double spread[N_VALUES])
{
  for (size_t i = 0; i < N_VALUES; i++) {
    const char *name = column_name(KJ_LEVEL_FUNCTIONALS, i);
    const double size = contour_size(golden, i / N_STATISTICS);
    double tolerance = 1e-4 * fabs(value[i]) + 10.0 * spread[i] + 1e-6 * size;
    if (strstr(name, "skewness") || strstr(name, "kurtosis"))
      tolerance += 1e-4;
    if (strstr(name, "Pos"))
      tolerance = spread[i] > 0.0 ? HUGE_VAL : 0.0;
    compare(all, (place){file, name, 0}, (double)got[i], value[i], tolerance);
  }
}

static void compare_file(comparison *descriptors, comparison *functionals,
                         const char *folder, const char *name)
{
  static extraction got;
  static table golden;
  static double value[N_VALUES], spread[N_VALUES];
  static float samples[MAX_SAMPLES];
  char path[PATH_SIZE];
  snprintf(path, sizeof path, "%s/%s.wav", folder, name);
  size_t n = 0;
  unsigned rate_hz = 0;
  if (!read_wav(path, samples, &n, &rate_hz)) {
    print_message("%s: format left out\n", name);
    return;
  }
  extract(samples, n, rate_hz, &got);
  read_descriptors(folder, name, &golden);
  compare_descriptors(descriptors, name, &got, &golden);
  descriptors->n_files++;
  if (read_functionals(folder, name, value, spread) == 0) {
    assert_int_equal(got.status, KJ_ETOOSHORT);
    return;
  }
  assert_int_equal(got.status, KJ_OK);
  compare_functionals(functionals, name, &golden, got.functionals, value,
                      spread);
  functionals->n_files++;
}

static size_t report(const char *what, const comparison *c)
{
  print_message("%s: %zu files, %zu values, %zu outside the tolerance; worst "
                "%.3f of it (%s)\n",
                what, c->n_files, c->n_values, c->n_failed, c->worst,
                c->worst_name);
  return c->n_failed;
}

static void compare_folder(const char *folder, size_t least_files)
{
  DIR *directory = opendir(folder);
  if (!directory) {
    print_message("skipped: no %s\n", folder);
    skip();
    return;
  }
  comparison descriptors = {0}, functionals = {0};
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    char name[256];
    snprintf(name, sizeof name, "%s", entry->d_name);
    char *ending = strstr(name, ".wav");
    if (!ending)
      continue;
    *ending = '\0';
    compare_file(&descriptors, &functionals, folder, name);
  }
  closedir(directory);
  const size_t n_failed =
      report("descriptors", &descriptors) + report("functionals", &functionals);
  assert_int_equal(n_failed, 0);
  assert_true(functionals.n_files >= least_files);
}

static void test_speech_and_synthetic_signals(void **state)
{
  (void)state;
  compare_folder(KJ_TEST_SHARED_DIR "/features/golden", 30);
}

static void test_rates_and_formats(void **state)
{
  (void)state;
  compare_folder(KJ_TEST_SHARED_DIR "/features/golden-formats", 10);
}

int main(void)
{
  if (tier_is_missing())
    return TIER_SKIPPED;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_speech_and_synthetic_signals),
      cmocka_unit_test(test_rates_and_formats),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
