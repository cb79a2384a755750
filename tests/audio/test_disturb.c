/*
 * test_disturb.c: what rooms, microphones and lines do to a sound: each has a
 * property and a number.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/disturb/disturb.h"

enum { RATE = 16000, N = 32000 };

static const double PI = 3.14159265358979323846;

static kj__random stream(uint64_t index)
{
  return kj__random_stream(11, KJ__PURPOSE_TEST, index, 0);
}

static void near(const char *what, double got, double wanted, double within)
{
  if (!(fabs(got - wanted) <= within))
    fail_msg("%s: is %.9g, must be %.9g within %g", what, got, wanted, within);
}

static float *tone(double hz, double amplitude)
{
  float *x = malloc(N * sizeof *x);
  assert_non_null(x);
  for (size_t i = 0; i < N; i++)
    x[i] = (float)(amplitude * sin(2.0 * PI * hz * (double)i / RATE));
  return x;
}

static double power(const float *x, size_t from, size_t to)
{
  double sum = 0.0;
  for (size_t i = from; i < to; i++)
    sum += (double)x[i] * (double)x[i];
  return sum / (double)(to - from);
}

/* In dB: the middle of y against that of x. */
static double level_db(const float *y, const float *x)
{
  return 10.0 * log10(power(y, N / 4, 3 * N / 4) / power(x, N / 4, 3 * N / 4));
}

static double snr_db(const float *x, const float *y)
{
  float *error = malloc(N * sizeof *error);
  assert_non_null(error);
  for (size_t i = 0; i < N; i++)
    error[i] = y[i] - x[i];
  const double snr = 10.0 * log10(power(x, 0, N) / power(error, 0, N));
  free(error);
  return snr;
}

static void test_noise_has_its_distance(void **state)
{
  (void)state;
  static const double levels[] = {20.0, 10.0, 5.0, 0.0};
  float *x = tone(440.0, 0.3), *y = tone(440.0, 0.3), *other = tone(987, 0.01);
  for (size_t k = 0; k < 4; k++) {
    kj__random random = stream(k);
    memcpy(y, x, N * sizeof *x);
    kj__add_white(y, N, levels[k], &random);
    near("SNR of white noise, dB", snr_db(x, y), levels[k], 1e-3);
    memcpy(y, x, N * sizeof *x);
    kj__add_sound(y, other, N, levels[k]);
    near("SNR of another sound, dB", snr_db(x, y), levels[k], 1e-3);
  }
  memset(other, 0, N * sizeof *other);
  memcpy(y, x, N * sizeof *x);
  kj__add_sound(y, other, N, 0.0);
  assert_memory_equal(x, y, N * sizeof *x);
  free(x);
  free(y);
  free(other);
}

static void test_gain_and_clipping(void **state)
{
  (void)state;
  kj__random random = stream(9);
  float *x = tone(440.0, 0.3), *y = tone(440.0, 0.3);
  kj__gain(y, N, -20.0);
  near("gain, dB", level_db(y, x), -20.0, 1e-5);
  for (size_t i = 0; i < N; i++)
    x[i] = (float)kj__random_normal(&random);
  memcpy(y, x, N * sizeof *x);
  assert_int_equal(kj__clip(y, N, 0.05, NULL), KJ_OK);
  size_t n_cut = 0;
  float most = 0.0f;
  for (size_t i = 0; i < N; i++) {
    n_cut += x[i] != y[i];
    most = fmaxf(most, fabsf(y[i]));
  }
  near("share that is cut", (double)n_cut / N, 0.05, 1e-4);
  near("level that 5 % of normal numbers are beyond", (double)most, 1.96, 0.05);
  free(x);
  free(y);
}

static void test_telephone_band(void **state)
{
  (void)state;
  static const struct {
    double hz, from_db, to_db;
  } cases[] = {{100, -200, -60},  {200, -200, -60},  {400, -0.1, 0.1},
               {1000, -0.1, 0.1}, {3300, -0.1, 0.1}, {3500, -200, -60},
               {6000, -200, -60}, {300, -6.2, -5.8}, {3400, -6.2, -5.8}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    float *x = tone(cases[k].hz, 0.5), *y = tone(cases[k].hz, 0.5);
    assert_int_equal(kj__band_pass(y, N, RATE, (double[]){300.0, 3400.0}, NULL),
                     KJ_OK);
    const double db = level_db(y, x);
    if (!(db >= cases[k].from_db && db <= cases[k].to_db))
      fail_msg("%g Hz comes out at %.2f dB, must be %g..%g", cases[k].hz, db,
               cases[k].from_db, cases[k].to_db);
    free(x);
    free(y);
  }
}

/* Schroeder's backward integral of a click falls by 60 dB in rt60: the slope
 * between -5 and -25 dB of the tail, as ISO 3382 takes T20. */
static void test_room_decays(void **state)
{
  (void)state;
  static const double times[] = {0.3, 0.6, 1.0};
  for (size_t k = 0; k < 3; k++) {
    kj__random random = stream(20 + k);
    float *x = calloc(N, sizeof *x);
    assert_non_null(x);
    x[0] = 1.0f;
    assert_int_equal(kj__reverberate(x, N, RATE, times[k], &random, NULL),
                     KJ_OK);
    near("the voice itself", (double)x[0], 1.0, 0.0);
    const double total = power(x, 1, N);
    near("squares of the room", total * (N - 1), 1.0, 1e-3);
    double at_5 = 0.0, at_25 = 0.0;
    for (size_t i = 1; i < N - 1 && at_25 == 0.0; i++) {
      const double db =
          10.0 * log10(power(x, i, N) * (double)(N - i) / (total * (N - 1)));
      if (db <= -5.0 && at_5 == 0.0)
        at_5 = (double)i / RATE;
      if (db <= -25.0)
        at_25 = (double)i / RATE;
      i += 15; /* 1 ms */
    }
    near("T20 x 3 / RT60", 3.0 * (at_25 - at_5) / times[k], 1.0, 0.05);
    free(x);
  }
}

static void test_other_rates(void **state)
{
  (void)state;
  float *x = tone(1000.0, 0.5), *y = tone(1000.0, 0.5);
  assert_int_equal(kj__resample_twice(y, N, RATE, 44100, NULL), KJ_OK);
  near("1 kHz through 44.1 kHz, dB", level_db(y, x), 0.0, 1e-3);
  assert_int_equal(kj__resample_twice(y, N, RATE, 8000, NULL), KJ_OK);
  near("1 kHz through 8 kHz, dB", level_db(y, x), 0.0, 1e-3);
  near("1 kHz stays at its time", (double)fabsf(y[N / 2 + 4] - x[N / 2 + 4]),
       0.0, 1e-4);
  free(x);
  free(y);
  x = tone(5000.0, 0.5);
  y = tone(5000.0, 0.5);
  assert_int_equal(kj__resample_twice(y, N, RATE, 8000, NULL), KJ_OK);
  assert_true(level_db(y, x) < -100.0);
  free(x);
  free(y);
}

/* A tone comes back as loud, within 1 dB; the bit rate is about the asked. */
static void test_codings(void **state)
{
  (void)state;
  static const double rates[] = {32e3, 16e3};
  for (int coding = KJ__CODING_MP3; coding <= KJ__CODING_OPUS; coding++) {
    if (!kj__coding_is_there((kj__coding)coding)) {
      print_message("coding %d: libsndfile has no coder; skipped\n", coding);
      continue;
    }
    float *x = tone(440.0, 0.3), *y = tone(440.0, 0.3);
    kj__coder coder = {(kj__coding)coding, rates[coding], 0};
    kj_error err = {0};
    if (kj__code(y, N, RATE, &coder, &err) != KJ_OK)
      fail_msg("coding %d: %s", coding, err.message);
    near("level of a coded tone, dB", level_db(y, x), 0.0, 1.0);
    const double bits_per_s = 8.0 * (double)coder.n_bytes * RATE / N;
    near("bit rate against the asked one", bits_per_s / rates[coding], 1.0,
         0.35);
    assert_memory_not_equal(x, y, N * sizeof *x);
    free(x);
    free(y);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_noise_has_its_distance),
      cmocka_unit_test(test_gain_and_clipping),
      cmocka_unit_test(test_telephone_band),
      cmocka_unit_test(test_room_decays),
      cmocka_unit_test(test_other_rates),
      cmocka_unit_test(test_codings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
