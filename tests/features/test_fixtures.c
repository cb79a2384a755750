/*
 * The extractors against the recorded numbers of tools/is09_reference.py and
 * tools/is09_clean_reference.py, which in numpy share no line with ours.
 *
 * For every fixture: as many rows, the same names, each row's time; F0 within
 * 1e-3 Hz; every other descriptor and every functional within the acceptance
 * rule (tests/fixtures/SET/README.md). A failure names the value and shows
 * both numbers.
 */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kanjo/features.h"
#include "tier.h"

enum {
  N_STATISTICS = 12,
  N_CONTOURS = 32,
  N_FUNCTIONALS = N_STATISTICS * N_CONTOURS,
  N_RAW = 16,    /* smoothed contours; as many deltas follow */
  F0 = 15,       /* its column */
  MAX_ROWS = 96, /* the longest fixture has 89 */
  MAX_SAMPLES = 32768,
  MAX_TEXT = 65536
};

/* The statistics that the rule treats apart, by their place in the twelve. */
enum { MAX_POS = 3, MIN_POS = 4, SKEWNESS = 10, KURTOSIS = 11 };

typedef struct family {
  const char *set;
  const char *folder;
  size_t n_rows_more;   /* than frames */
  size_t n_rows_unseen; /* by the functionals, at the end */
  double of_scale;      /* tolerances of functionals */
  double of_position;
} family;

static const family is09 = {"is09", "is09", 1, 3, 1e-6, 0.0};
static const family clean = {"is09-clean", "is09_clean", 0, 0, 1e-5, 1e-6};

typedef struct fixture {
  const family *of;
  const char *name;
  unsigned rate_hz;
  unsigned hop_samples;
  size_t n_frames;
  char label[48]; /* for messages */
} fixture;

static const fixture fixtures[] = {
    {&is09, "glide_up", 16000, 160, 88, ""},
    {&is09, "glide_down", 16000, 160, 88, ""},
    {&is09, "octave_jumps", 16000, 160, 88, ""},
    {&is09, "on_and_off", 16000, 160, 88, ""},
    {&is09, "white_noise", 16000, 160, 58, ""},
    {&is09, "hiss", 16000, 160, 58, ""},
    {&is09, "zeros_then_voice", 16000, 160, 58, ""},
    {&is09, "dc_voice", 16000, 160, 58, ""},
    {&is09, "clipped", 16000, 160, 58, ""},
    {&is09, "quiet", 16000, 160, 58, ""},
    {&is09, "frames_0", 16000, 160, 0, ""},
    {&is09, "frames_1", 16000, 160, 1, ""},
    {&is09, "frames_2", 16000, 160, 2, ""},
    {&is09, "frames_3", 16000, 160, 3, ""},
    {&is09, "frames_5", 16000, 160, 5, ""},
    {&is09, "rate_8000", 8000, 80, 48, ""},
    {&is09, "rate_22050", 22050, 221, 48, ""},
    {&is09, "rate_44100", 44100, 441, 48, ""},
    {&clean, "low_male", 16000, 160, 88, ""},
    {&clean, "glide_up", 16000, 160, 58, ""},
    {&clean, "octave_jumps", 16000, 160, 88, ""},
    {&clean, "on_and_off", 16000, 160, 88, ""},
    {&clean, "white_noise", 16000, 160, 38, ""},
    {&clean, "zeros_then_voice", 16000, 160, 58, ""},
    {&clean, "dc_voice", 16000, 160, 38, ""},
    {&clean, "frames_0", 16000, 160, 0, ""},
    {&clean, "frames_1", 16000, 160, 1, ""},
    {&clean, "frames_2", 16000, 160, 2, ""},
    {&clean, "frames_5", 16000, 160, 5, ""},
    {&clean, "rate_8000", 8000, 80, 48, ""},
    {&clean, "rate_44100", 44100, 441, 48, ""},
};

enum { N_FIXTURES = sizeof fixtures / sizeof fixtures[0] };

/* All that is known of one recording, from a file or from the extractor. */
typedef struct numbers {
  size_t n_rows;
  double time_s[MAX_ROWS]; /* not in the files */
  double row[MAX_ROWS][N_CONTOURS];
  double functional[N_FUNCTIONALS];
} numbers;

static FILE *open_table(const fixture *f, const char *ending)
{
  char path[512];
  snprintf(path, sizeof path, "%s/tests/fixtures/%s/%s.%s", KJ_TEST_SOURCE_DIR,
           f->of->folder, f->name, ending);
  FILE *file = fopen(path, "r");
  if (!file)
    fail_msg("%s cannot be opened", path);
  return file;
}

static const kj_feature_set *set_of(const fixture *f)
{
  return kj_feature_set_find(f->of->set);
}

static void check_name(const fixture *f, kj_feature_level level, size_t index,
                       const char *name)
{
  const kj_feature_set *set = set_of(f);
  char own[KJ_FEATURE_NAME_SIZE];
  assert_int_equal(kj_feature_set_column(set, level, index, own, NULL), KJ_OK);
  assert_string_equal(own, name);
}

static void check_descriptor_names(const fixture *f, char *header)
{
  size_t n = 0;
  for (char *name = strtok(header, ",\n"); name; name = strtok(NULL, ",\n"))
    check_name(f, KJ_LEVEL_DESCRIPTORS, n++, name);
  assert_int_equal(n, N_CONTOURS);
}

static void read_row(char *line, double row[N_CONTOURS])
{
  size_t n = 0;
  for (char *item = strtok(line, ",\n"); item; item = strtok(NULL, ",\n")) {
    assert_true(n < N_CONTOURS);
    row[n++] = strtod(item, NULL);
  }
  assert_int_equal(n, N_CONTOURS);
}

static void read_descriptors(const fixture *f, char *line, numbers *out)
{
  FILE *file = open_table(f, "descriptors.csv");
  assert_non_null(fgets(line, MAX_TEXT, file));
  check_descriptor_names(f, line);
  while (fgets(line, MAX_TEXT, file)) {
    assert_true(out->n_rows < MAX_ROWS);
    read_row(line, out->row[out->n_rows++]);
  }
  fclose(file);
  assert_int_equal(out->n_rows,
                   f->n_frames > 0 ? f->n_frames + f->of->n_rows_more : 0);
}

static void read_functionals(const fixture *f, char *line, numbers *out)
{
  FILE *file = open_table(f, "functionals.csv");
  size_t n = 0;
  assert_non_null(fgets(line, MAX_TEXT, file));
  while (fgets(line, MAX_TEXT, file)) {
    char *comma = strchr(line, ',');
    assert_true(comma && n < N_FUNCTIONALS);
    *comma = '\0';
    check_name(f, KJ_LEVEL_FUNCTIONALS, n, line);
    out->functional[n++] = strtod(comma + 1, NULL);
  }
  fclose(file);
  assert_int_equal(n, f->n_frames ? N_FUNCTIONALS : 0);
}

static void read_expected(const fixture *f, numbers *out)
{
  char *line = test_malloc(MAX_TEXT);
  read_descriptors(f, line, out);
  read_functionals(f, line, out);
  test_free(line);
}

/* 16 bit to full scale 1 by 32767: what this feature set means by it. */
static size_t read_samples(const fixture *f, float samples[MAX_SAMPLES])
{
  char path[512];
  snprintf(path, sizeof path, "%s/tests/fixtures/%s/%s.wav", KJ_TEST_SOURCE_DIR,
           f->of->folder, f->name);
  SF_INFO info = {0};
  SNDFILE *file = sf_open(path, SFM_READ, &info);
  assert_non_null(file);
  assert_int_equal(info.samplerate, f->rate_hz);
  assert_int_equal(info.channels, 1);
  short *values = test_malloc(MAX_SAMPLES * sizeof *values);
  const sf_count_t n = sf_read_short(file, values, MAX_SAMPLES);
  sf_close(file);
  assert_true(n > 0 && n < MAX_SAMPLES);
  for (sf_count_t i = 0; i < n; i++)
    samples[i] = (float)values[i] / 32767.0f;
  test_free(values);
  return (size_t)n;
}

static void keep_row(void *context, uint64_t row, double time_s,
                     const float *descriptors)
{
  numbers *out = context;
  assert_int_equal(row, out->n_rows);
  assert_true(row < MAX_ROWS);
  out->time_s[row] = time_s;
  for (size_t c = 0; c < N_CONTOURS; c++)
    out->row[row][c] = (double)descriptors[c];
  out->n_rows++;
}

static void finish(kj_extractor *x, const fixture *f, numbers *out)
{
  float functionals[N_FUNCTIONALS];
  kj_error err = {KJ_OK, ""};
  const kj_status status = kj_extractor_finish(x, functionals, &err);
  if (f->n_frames == 0) {
    assert_int_equal(status, KJ_ETOOSHORT);
    return;
  }
  if (status != KJ_OK)
    fail_msg("%s: finish: %s", f->label, err.message);
  for (size_t i = 0; i < N_FUNCTIONALS; i++)
    out->functional[i] = (double)functionals[i];
}

static void extract(const fixture *f, numbers *out)
{
  float *samples = test_malloc(MAX_SAMPLES * sizeof *samples);
  const size_t n = read_samples(f, samples);
  kj_extractor *x = NULL;
  kj_error err = {KJ_OK, ""};
  if (kj_extractor_create(set_of(f), f->rate_hz, NULL, &x, &err) != KJ_OK)
    fail_msg("%s: create: %s", f->label, err.message);
  kj_extractor_set_sink(x, keep_row, out);
  assert_int_equal(kj_extractor_process(x, samples, n, &err), KJ_OK);
  assert_int_equal(kj_extractor_frames(x), f->n_frames);
  finish(x, f, out);
  kj_extractor_destroy(x);
  test_free(samples);
}

/* How far a value lies outside its tolerance; at most 1 passes. */
static double excess(double x, double v, double allowed)
{
  const double difference = fabs(x - v);
  if (difference <= allowed)
    return 0.0;
  return allowed > 0.0 && !isnan(difference) ? difference / allowed : HUGE_VAL;
}

/* MFCC 1..12 of the smoothed contours, and F0, are large numbers. */
static double descriptor_tolerance(size_t column, double v)
{
  if (column == F0)
    return 1e-3;
  const size_t kind = column % N_RAW;
  const int large = (kind >= 1 && kind <= 12) || kind == F0;
  return 1e-4 * fabs(v) + (large ? 1e-3 : 1e-6);
}

static double functional_tolerance(const family *of, size_t index, double v,
                                   double scale)
{
  const size_t statistic = index % N_STATISTICS;
  if (statistic == MAX_POS || statistic == MIN_POS)
    return of->of_position;
  const int moment = statistic == SKEWNESS || statistic == KURTOSIS;
  return 1e-4 * fabs(v) + of->of_scale * scale + (moment ? 1e-4 : 0.0);
}

/* Largest magnitude of a contour over the rows that the functionals see. */
static double contour_scale(const family *of, const numbers *expected,
                            size_t contour)
{
  const size_t n = expected->n_rows > of->n_rows_unseen + 1
                       ? expected->n_rows - of->n_rows_unseen
                       : 1;
  double scale = 0.0;
  for (size_t k = 0; k < n; k++)
    scale = fmax(scale, fabs(expected->row[k][contour]));
  return scale;
}

static void check_times(const fixture *f, const numbers *got)
{
  for (size_t k = 0; k < got->n_rows; k++) {
    const size_t frame = k < f->n_frames ? k : f->n_frames - 1;
    const double start = (double)(frame * f->hop_samples) / f->rate_hz;
    if (fabs(got->time_s[k] - start) > 1e-9)
      fail_msg("%s row %zu: time %.9g s where %.9g belongs", f->label, k,
               got->time_s[k], start);
  }
}

static void check_descriptors(const fixture *f, const numbers *got,
                              const numbers *expected)
{
  double high = 1.0;
  size_t at = 0;
  for (size_t i = 0; i < got->n_rows * N_CONTOURS; i++) {
    const size_t k = i / N_CONTOURS, c = i % N_CONTOURS;
    const double v = expected->row[k][c];
    const double e = excess(got->row[k][c], v, descriptor_tolerance(c, v));
    if (e > high) {
      high = e;
      at = i;
    }
  }
  if (high > 1.0) {
    const size_t k = at / N_CONTOURS, c = at % N_CONTOURS;
    char name[KJ_FEATURE_NAME_SIZE] = "";
    kj_feature_set_column(set_of(f), KJ_LEVEL_DESCRIPTORS, c, name, NULL);
    fail_msg("%s: %s row %zu: %.9g where %.9g belongs, %.3g tolerances",
             f->label, name, k, got->row[k][c], expected->row[k][c], high);
  }
}

static void check_functionals(const fixture *f, const numbers *got,
                              const numbers *expected)
{
  double high = 1.0;
  size_t at = 0;
  for (size_t i = 0; i < N_FUNCTIONALS; i++) {
    const double v = expected->functional[i];
    const double scale = contour_scale(f->of, expected, i / N_STATISTICS);
    const double e =
        excess(got->functional[i], v, functional_tolerance(f->of, i, v, scale));
    if (e > high) {
      high = e;
      at = i;
    }
  }
  if (high > 1.0) {
    char name[KJ_FEATURE_NAME_SIZE] = "";
    kj_feature_set_column(set_of(f), KJ_LEVEL_FUNCTIONALS, at, name, NULL);
    fail_msg("%s: %s: %.9g where %.9g belongs, %.3g tolerances", f->label, name,
             got->functional[at], expected->functional[at], high);
  }
}

static void test_fixture(void **state)
{
  const fixture *f = *state;
  numbers *expected = test_calloc(1, sizeof *expected);
  numbers *got = test_calloc(1, sizeof *got);
  read_expected(f, expected);
  extract(f, got);
  assert_int_equal(got->n_rows, expected->n_rows);
  check_times(f, got);
  check_descriptors(f, got, expected);
  check_functionals(f, got, expected);
  test_free(got);
  test_free(expected);
}

int main(void)
{
  if (tier_is_missing())
    return TIER_SKIPPED;
  fixture cases[N_FIXTURES]; /* cmocka wants them writable */
  memcpy(cases, fixtures, sizeof cases);
  struct CMUnitTest tests[N_FIXTURES] = {{0}};
  for (size_t i = 0; i < N_FIXTURES; i++) {
    snprintf(cases[i].label, sizeof cases[i].label, "%s %s", cases[i].of->set,
             cases[i].name);
    tests[i].name = cases[i].label;
    tests[i].test_func = test_fixture;
    tests[i].initial_state = &cases[i];
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
