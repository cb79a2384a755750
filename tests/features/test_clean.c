/*
 * test_clean.c: what is09-clean promises and is09 does not: the level, an
 * offset and silence around do not matter, low voices have a pitch, F0 belongs
 * to its frame, positions to the whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/descriptors_clean.h"
#include "features/extraction.h"
#include "features/signals.h"
#include "features/voiced.h"

#include <math.h>
#include <stdio.h>

enum { RATE = 16000, HOP = 160, MAX_SAMPLES = 64000, SEED = 7 };
enum { RMS = 0, ZCR = 13, VOICING = 14, F0 = 15, DELTA = 16 };

static const double two_pi = 2.0 * 3.14159265358979323846;

static float sound[MAX_SAMPLES], changed[MAX_SAMPLES];
static extraction first, second;

#define assert_near(got, wanted, within)                                       \
  check_near(#got, (double)(got), wanted, within)

static void check_near(const char *what, double got, double wanted,
                       double within)
{
  if (!(fabs(got - wanted) <= within))
    fail_msg("%s is %.9g; must be %.9g within %.3g", what, got, wanted, within);
}

static void extract_clean(const float *x, size_t n, extraction *out)
{
  extract_of("is09-clean", x, n, RATE, out);
  assert_int_equal(out->status, KJ_OK);
}

/* Partials of a gliding pitch up to 3500 Hz, falling by 6 dB an octave; the
 * first with `fundamental` of its share. */
static void fill_glide(float *x, size_t n, double from_hz, double to_hz,
                       double fundamental)
{
  double phase = 0.0;
  for (size_t i = 0; i < n; i++) {
    const double hz = from_hz + (to_hz - from_hz) * (double)i / (double)n;
    double sum = fundamental * sin(two_pi * phase);
    for (int h = 2; h * hz < 3500.0; h++)
      sum += sin(two_pi * h * phase + 0.7 * h) / h;
    x[i] = (float)(0.1 * sum);
    phase += hz / RATE;
  }
}

static size_t count_voiced(const extraction *e)
{
  size_t n = 0;
  for (size_t k = 0; k < e->n_rows; k++)
    n += e->row[k][F0] > 0.0f;
  return n;
}

/* The middle of frame k, in samples. */
static double middle_of(size_t k)
{
  return (double)(k * HOP) + 200.0;
}

static void as_many_rows_as_frames(void **state)
{
  (void)state;
  static const size_t n_samples[] = {400, 559, 560, 720, 880, 16000};
  static const size_t n_frames[] = {1, 1, 2, 3, 4, 98};
  for (size_t i = 0; i < sizeof n_frames / sizeof n_frames[0]; i++) {
    fill_voice(sound, n_samples[i], RATE, SEED);
    extract_clean(sound, n_samples[i], &first);
    assert_int_equal(first.n_rows, n_frames[i]);
    for (size_t k = 0; k < first.n_rows; k++)
      assert_near(first.time_s[k], 0.01 * (double)k, 1e-9);
  }
}

static void less_than_a_frame_is_too_short(void **state)
{
  (void)state;
  kj_error err = {0};
  float out[N_VALUES];
  fill_voice(sound, 400, RATE, SEED);
  kj_extractor *x = create_extractor_of("is09-clean", RATE);
  assert_int_equal(kj_extractor_process(x, sound, 399, NULL), KJ_OK);
  assert_int_equal(kj_extractor_finish(x, out, &err), KJ_ETOOSHORT);
  assert_string_equal(err.message, "recording has 399 samples; must be at "
                                   "least 400 (25 ms at 16000 Hz)");
  assert_int_equal(kj_extractor_process(x, sound + 399, 1, NULL), KJ_OK);
  assert_int_equal(kj_extractor_frames(x), 1);
  assert_int_equal(kj_extractor_finish(x, out, NULL), KJ_OK);
  kj_extractor_destroy(x);
}

static void silence_is_zeros(void **state)
{
  (void)state;
  for (int offset = 0; offset < 2; offset++) {
    for (size_t i = 0; i < RATE; i++)
      sound[i] = offset ? 0.3f : 0.0f;
    extract_clean(sound, RATE, &first);
    for (size_t i = 0; i < N_VALUES; i++)
      if (first.functionals[i] != 0.0f)
        fail_msg("offset %d: functional %zu is %.9g; must be 0", offset, i,
                 (double)first.functionals[i]);
  }
}

/* Energy is the level; the rest does not know it. 0.1: -20 dB, and no power of
 * two, so that samples are rounded. */
static void the_level_changes_the_energy_alone(void **state)
{
  (void)state;
  const size_t n = 48000;
  fill_voice(sound, n, RATE, SEED);
  for (size_t i = 0; i < n; i++)
    changed[i] = 0.1f * sound[i];
  extract_clean(sound, n, &first);
  extract_clean(changed, n, &second);
  for (size_t k = 0; k < first.n_rows; k++)
    for (size_t c = 0; c < N_COLUMNS; c++) {
      const double scale = c % DELTA == RMS ? 0.1 : 1.0;
      const double a = scale * (double)first.row[k][c];
      const double b = (double)second.row[k][c];
      if (fabs(a - b) > 1e-4 * fabs(a) + 2e-3 * scale)
        fail_msg("row %zu column %zu: %.9g, at -20 dB %.9g", k, c, a, b);
    }
  assert_int_equal(count_voiced(&first), count_voiced(&second));
  assert_true(count_voiced(&first) > 100);
}

static void an_offset_changes_nothing(void **state)
{
  (void)state;
  const size_t n = 32000;
  fill_voice(sound, n, RATE, SEED);
  for (size_t i = 0; i < n; i++)
    changed[i] = sound[i] + 0.25f;
  extract_clean(sound, n, &first);
  extract_clean(changed, n, &second);
  assert_int_equal(count_voiced(&first), count_voiced(&second));
  for (size_t k = 0; k < first.n_rows; k++) {
    assert_near(first.row[k][F0], (double)second.row[k][F0], 0.05);
    assert_near(first.row[k][RMS], (double)second.row[k][RMS], 1e-6);
    assert_near(first.row[k][ZCR], (double)second.row[k][ZCR], 0.03);
  }
}

/* Every frame of a steady voice has its pitch within 1 %, from the lowest on,
 * with and without a fundamental. */
static void steady_voices_keep_their_pitch(void **state)
{
  (void)state;
  static const double pitch[] = {66, 70, 80, 100, 123.4, 200, 313, 440, 590};
  for (size_t i = 0; i < sizeof pitch / sizeof pitch[0]; i++)
    for (int part = 0; part < 2; part++) {
      fill_glide(sound, RATE, pitch[i], pitch[i], part ? 1.0 : 0.0);
      extract_clean(sound, RATE, &first);
      for (size_t k = 0; k < first.n_rows; k++) {
        const double hz = (double)first.row[k][F0];
        if (fabs(hz / pitch[i] - 1.0) > 0.01)
          fail_msg("%g Hz, fundamental %d: frame %zu has %g Hz, voicing %g",
                   pitch[i], part, k, hz, (double)first.row[k][VOICING]);
      }
    }
}

static void pure_tones_have_their_pitch(void **state)
{
  (void)state;
  static const double pitch[] = {70, 150, 440, 590};
  for (size_t i = 0; i < sizeof pitch / sizeof pitch[0]; i++) {
    for (size_t n = 0; n < RATE; n++)
      sound[n] = (float)(0.3 * sin(two_pi * pitch[i] * (double)n / RATE));
    extract_clean(sound, RATE, &first);
    for (size_t k = 0; k < first.n_rows; k++)
      assert_near(first.row[k][F0], pitch[i], 0.01 * pitch[i]);
  }
}

/* is09 finds nothing here: its trap of low voices. */
static void a_low_male_voice_is_voiced(void **state)
{
  (void)state;
  fill_glide(sound, RATE, 85.0, 75.0, 1.0);
  extract_clean(sound, RATE, &first);
  extract(sound, RATE, RATE, &second);
  assert_int_equal(count_voiced(&first), first.n_rows);
  assert_int_equal(count_voiced(&second), 0);
  assert_true(first.functionals[12 * VOICING + 5] > 0.95f);
}

/* F0 of a frame is that in its middle: 10 ms later it is 2 Hz higher here. */
static void a_glide_is_not_late(void **state)
{
  (void)state;
  const double rise = 200.0; /* Hz a second */
  double late = 0.0;
  fill_glide(sound, RATE, 100.0, 100.0 + rise, 1.0);
  extract_clean(sound, RATE, &first);
  const size_t last = first.n_rows - 4;
  for (size_t k = 4; k < last; k++) {
    const double truth = 100.0 + rise * middle_of(k) / RATE;
    late += (truth - (double)first.row[k][F0]) / rise;
  }
  late /= (double)(last - 4);
  if (fabs(late) > 1e-3)
    fail_msg("F0 is %g s late; must be within 0.001 s", late);
}

/* Voice starts and ends in silence: the first voiced frame is the first whose
 * middle lies in it, to a period of 12 ms. */
static void onset_and_end_are_where_they_are(void **state)
{
  (void)state;
  enum { START = 8000, END = 16000, N = 24000 };
  static const double pitch[] = {80, 120, 210, 400};
  for (size_t i = 0; i < sizeof pitch / sizeof pitch[0]; i++) {
    memset(sound, 0, sizeof sound);
    fill_glide(sound + START, END - START, pitch[i], pitch[i], 1.0);
    extract_clean(sound, N, &first);
    size_t from = 0, to = first.n_rows - 1;
    while (from < first.n_rows && first.row[from][F0] == 0.0f)
      from++;
    while (to > 0 && first.row[to][F0] == 0.0f)
      to--;
    const double early = (START - middle_of(from)) / HOP;
    const double late = (middle_of(to) - END) / HOP;
    if (fabs(early) > 1.5 || fabs(late) > 1.5)
      fail_msg("%g Hz: voiced from %g frames before it starts to %g after it "
               "ends; must be within 1.5",
               pitch[i], early, late);
  }
}

static void noise_has_no_pitch(void **state)
{
  (void)state;
  uint64_t seed = SEED;
  for (size_t i = 0; i < 32000; i++)
    sound[i] = (float)(0.2 * next_uniform(&seed));
  extract_clean(sound, 32000, &first);
  assert_int_equal(count_voiced(&first), 0);
  for (size_t f = 0; f < N_STATISTICS; f++)
    assert_true(first.functionals[12 * F0 + f] == 0.0f);
}

/* The peak of the energy in the middle of the whole, whatever its length. */
static void positions_are_shares_of_the_whole(void **state)
{
  (void)state;
  for (size_t n = 16000; n <= 64000; n *= 2) {
    fill_glide(sound, n, 150.0, 120.0, 1.0);
    for (size_t i = 0; i < n; i++)
      sound[i] *= (float)sin(0.5 * two_pi * (double)i / (double)n);
    extract_clean(sound, n, &first);
    assert_near(first.functionals[12 * RMS + 3], 0.5, 0.05);
    assert_near(first.functionals[12 * F0 + 3], 0.0, 0.06);
    assert_near(first.functionals[12 * F0 + 4], 1.0, 0.06);
  }
}

/* Two voices with a pause: statistics of F0 know the voiced frames alone. */
static void f0_is_summed_up_where_there_is_one(void **state)
{
  (void)state;
  memset(sound, 0, sizeof sound);
  fill_glide(sound + 4000, 8000, 100.0, 100.0, 1.0);
  fill_glide(sound + 20000, 8000, 200.0, 200.0, 1.0);
  extract_clean(sound, 32000, &first);
  const float *f0 = &first.functionals[12 * F0];
  assert_near(f0[0], 200.0, 2.0);
  assert_near(f0[1], 100.0, 1.0);
  assert_near(f0[5], 150.0, 3.0);
  assert_near(f0[9], 50.0, 1.0);
  for (size_t k = 0; k < first.n_rows; k++)
    if (fabs((double)first.row[k][DELTA + F0]) > 1.0)
      fail_msg("row %zu: F0 %g, slope %g across a pause", k,
               (double)first.row[k][F0], (double)first.row[k][DELTA + F0]);
}

/* A slammed door is forgotten: at 1/50 of its peak a voice is silence beside
 * it, and voice again some half-lives of 5 s later. */
static void a_slammed_door_is_forgotten(void **state)
{
  (void)state;
  kj_extractor *x = create_extractor_of("is09-clean", RATE);
  float out[N_VALUES];
  memset(&first, 0, sizeof first);
  fill_glide(sound, RATE, 150.0, 150.0, 1.0);
  for (size_t i = 0; i < RATE; i++)
    changed[i] = 0.02f * sound[i];
  kj_extractor_set_sink(x, keep_row, &first);
  assert_int_equal(kj_extractor_process(x, sound, 1600, NULL), KJ_OK);
  for (int s = 0; s < 10; s++)
    assert_int_equal(kj_extractor_process(x, changed, RATE, NULL), KJ_OK);
  assert_int_equal(kj_extractor_finish(x, out, NULL), KJ_OK);
  kj_extractor_destroy(x);
  size_t early = 0, late = 0;
  for (size_t k = 20; k < 120; k++)
    early += first.row[k][F0] > 0.0f;
  for (size_t k = 900; k < 1000; k++)
    late += first.row[k][F0] > 0.0f;
  assert_int_equal(early, 0);
  assert_true(late > 95);
}

static void signs_change_only_where_there_are_signs(void **state)
{
  (void)state;
  static const float steps[] = {0, 1, 0, 0, -1, -1, 0, -1, 1, 0, 1};
  static const float zeros[] = {0, 0, 0, 0};
  assert_near(kj__sign_changes(steps, 11), 0.2, 1e-7);
  assert_true(kj__sign_changes(zeros, 4) == 0.0f);
}

/* Running statistics against two passes, values at every third row but one. */
static void voiced_statistics_are_those_of_two_passes(void **state)
{
  (void)state;
  enum { N = 4000 };
  kj__voiced v = {0};
  double x[N], row[N], mean = 0.0, middle = 0.0;
  uint64_t seed = SEED;
  for (int i = 0; i < N; i++) {
    row[i] = 3.0 * i + (i % 7 == 0 ? 1.0 : 0.0);
    x[i] = (double)(float)(300.0 + 0.01 * row[i] + 20.0 * next_uniform(&seed));
    kj__voiced_push(&v, (uint64_t)row[i], (float)x[i]);
    mean += x[i] / N;
    middle += row[i] / N;
  }
  double m2 = 0.0, m3 = 0.0, m4 = 0.0, spread = 0.0, co = 0.0, error = 0.0;
  for (int i = 0; i < N; i++) {
    const double d = x[i] - mean, e = row[i] - middle;
    m2 += d * d / N;
    m3 += d * d * d / N;
    m4 += d * d * d * d / N;
    spread += e * e;
    co += e * d;
  }
  for (int i = 0; i < N; i++)
    error += pow(x[i] - mean - co / spread * (row[i] - middle), 2.0) / N;
  float out[N_STATISTICS];
  kj__voiced_compute(&v, out);
  const double expected[] = {
      mean,          co / spread, mean - co / spread * middle,
      error,         sqrt(m2),    m3 / pow(m2, 1.5),
      m4 / (m2 * m2)};
  for (int i = 0; i < 7; i++)
    if (fabs((double)out[5 + i] - expected[i]) >
        2e-7 * fabs(expected[i]) + 1e-9)
      fail_msg("statistic %d: %.9g where %.9g belongs (seed %d)", 5 + i,
               (double)out[5 + i], expected[i], SEED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(as_many_rows_as_frames),
      cmocka_unit_test(less_than_a_frame_is_too_short),
      cmocka_unit_test(silence_is_zeros),
      cmocka_unit_test(the_level_changes_the_energy_alone),
      cmocka_unit_test(an_offset_changes_nothing),
      cmocka_unit_test(steady_voices_keep_their_pitch),
      cmocka_unit_test(pure_tones_have_their_pitch),
      cmocka_unit_test(a_low_male_voice_is_voiced),
      cmocka_unit_test(a_glide_is_not_late),
      cmocka_unit_test(onset_and_end_are_where_they_are),
      cmocka_unit_test(noise_has_no_pitch),
      cmocka_unit_test(positions_are_shares_of_the_whole),
      cmocka_unit_test(f0_is_summed_up_where_there_is_one),
      cmocka_unit_test(a_slammed_door_is_forgotten),
      cmocka_unit_test(signs_change_only_where_there_are_signs),
      cmocka_unit_test(voiced_statistics_are_those_of_two_passes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
