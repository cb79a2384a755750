/*
 * test_pitch.c: voicing, the choice of the lag, and what F0 remembers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/descriptors_plan.h"
#include "features/signals.h"

#include <string.h>

/* ---- voicing probability: the largest rising value over that at lag 0 ---- */

typedef struct voicing_case {
  const char *name;
  float acf[8];
  size_t skip;
  double expected;
} voicing_case;

static const voicing_case voicing_cases[] = {
    {"silence", {0, 0, 0, 0, 0, 0, 0, 0}, 2, 0.0},
    {"not a number", {(float)NAN, 1, 1, 1, 1, 1, 1, 1}, 2, 0.0},
    {"a peak", {8, 5, 1, 4, 6, 3, 2, 1}, 2, 0.75},
    {"a peak below the skip", {8, 7, 1, 2, 3, 2, 1, 0}, 4, 0.375},
    {"falling all the way", {8, 7, 6, 5, 4, 3, 2, 1}, 1, 0.125},
    {"high but falling at the skip", {8, 7, 6, 5, 1, 2, 1, 0}, 3, 0.25},
    {"the last lag", {8, 1, 1, 1, 1, 1, 1, 4}, 2, 0.5},
    {"skip 0 leaves out lag 0", {8, 1, 2, 1, 1, 1, 1, 0}, 0, 0.25},
};

static void voicing(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof voicing_cases / sizeof *voicing_cases; i++) {
    const voicing_case *v = &voicing_cases[i];
    const double got = kj__voicing(v->acf, 8, v->skip);
    if (got != v->expected)
      fail_msg("%s: %.9g, not %.9g", v->name, got, v->expected);
  }
}

/* ---- lag: the first peak above 0.6 (maximum + mean magnitude) ---- */

typedef struct lag_case {
  const char *name;
  float cepstrum[10];
  size_t skip, expected;
} lag_case;

static const lag_case lag_cases[] = {
    {"nothing", {0}, 1, 0},
    {"a peak", {0, 0, 0, 0, 4, 0, 0, 0, 0, 0}, 1, 4},
    {"first of two, not the higher", {0, 0, 0, 5, 0, 0, 6, 0, 0, 0}, 1, 3},
    {"first too low", {0, 0, 0, 3, 0, 0, 6, 0, 0, 0}, 1, 6},
    {"before the skip + 2", {0, 0, 0, 5, 0, 0, 0, 0, 0, 0}, 2, 0},
    {"at the skip + 2", {0, 0, 0, 5, 0, 0, 0, 0, 0, 0}, 1, 3},
    {"a plateau is no peak", {0, 0, 0, 0, 5, 5, 0, 0, 0, 0}, 1, 0},
    {"the last lag is none", {0, 0, 0, 0, 0, 0, 0, 0, 0, 5}, 1, 0},
    {"the last but one is", {0, 0, 0, 0, 0, 0, 0, 0, 5, 0}, 1, 8},
    {"lag 0 raises the mean", {60, 0, 0, 0, 4, 0, 0, 0, 0, 0}, 1, 0},
};

static void lag(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof lag_cases / sizeof *lag_cases; i++) {
    const lag_case *c = &lag_cases[i];
    const size_t got = kj__pitch_lag(c->cepstrum, 10, c->skip);
    if (got != c->expected)
      fail_msg("%s: lag %zu, not %zu", c->name, got, c->expected);
  }
}

/* ---- F0: one frame late, mean of two, single frames dropped ---- */

typedef struct track_case {
  const char *name;
  float pitch[8];
  float expected[8];
} track_case;

/* In "octave": the mean is 200 when 400 comes, which is replaced by 200 and
 * moves the mean to 0.9 * 200 + 0.1 * 400 = 220; then 440 becomes 220 and the
 * mean 242; 240 is near and stays. */
static const track_case track_cases[] = {
    {"unvoiced", {0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0}},
    {"one frame", {0, 0, 200, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0}},
    {"two frames", {0, 0, 200, 210, 0, 0, 0, 0}, {0, 0, 0, 200, 205, 0, 0, 0}},
    {"from the first",
     {200, 210, 220, 0, 0, 0, 0, 0},
     {0, 200, 205, 215, 0, 0, 0, 0}},
    {"octave",
     {200, 200, 400, 440, 240, 0, 0, 0},
     {0, 200, 200, 200, 210, 230, 0, 0}},
    {"one frame dropped, then two",
     {200, 0, 0, 200, 220, 0, 0, 0},
     {0, 0, 0, 0, 200, 210, 0, 0}},
};

static void track(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof track_cases / sizeof *track_cases; i++) {
    const track_case *c = &track_cases[i];
    kj__pitch_track t = {0};
    for (size_t k = 0; k < 8; k++) {
      const float got = kj__pitch_track_next(&t, c->pitch[k]);
      if (!(fabsf(got - c->expected[k]) <= 1e-4f))
        fail_msg("%s: frame %zu: %.9g Hz, not %.9g", c->name, k, (double)got,
                 (double)c->expected[k]);
    }
  }
}

/* ---- sound ---- */

enum { MAX_FRAME = 2400 };

/* Twenty harmonics (amplitudes 1/h) of `hz` give hz within one lag at every
 * sampling rate (between 150 and 450 Hz; below about 122 Hz no voice counts as
 * voiced). */
static void harmonics_give_their_pitch(void **state)
{
  (void)state;
  static const unsigned rates_hz[] = {8000, 11025, 16000, 22050, 44100, 96000};
  static const double pitches_hz[] = {150, 180, 220, 300, 400, 450};
  for (size_t i = 0; i < 36; i++) {
    const unsigned rate_hz = rates_hz[i / 6];
    const double hz = pitches_hz[i % 6];
    kj__descriptors d;
    void *memory = create_descriptors(&d, rate_hz);
    float x[MAX_FRAME], raw[KJ__N_RAW], probability, pitch_hz;
    for (size_t n = 0; n < d.rate.frame_samples; n++) {
      double sum = 0.0;
      for (int h = 1; h <= 20 && h * hz < 0.45 * rate_hz; h++)
        sum += cos(2.0 * KJ__PI * h * hz * (double)n / rate_hz) / h;
      x[n] = (float)(0.2 * sum);
    }
    kj__descriptors_compute(&d, x, raw);
    kj__pitch_compute(&d.pitch, d.magnitude, &probability, &pitch_hz);
    const double step_hz = hz * hz / rate_hz;
    if (!(probability > 0.55f && fabs((double)pitch_hz - hz) <= step_hz))
      fail_msg("%g Hz at %u Hz: pitch %g, voicing %g", hz, rate_hz,
               (double)pitch_hz, (double)probability);
    free(memory);
  }
}

/* White noise: no frame of 1000 is voiced. */
static void noise_has_no_pitch(void **state)
{
  (void)state;
  enum { L = 400, N_FRAMES = 1000 };
  uint64_t seed = 3;
  kj__descriptors d;
  void *memory = create_descriptors(&d, 16000);
  for (int k = 0; k < N_FRAMES; k++) {
    float x[L], raw[KJ__N_RAW];
    for (size_t i = 0; i < L; i++)
      x[i] = (float)(0.1 * next_uniform(&seed));
    kj__descriptors_compute(&d, x, raw);
    if (!(raw[KJ__VOICING] < 0.55f && raw[KJ__F0] == 0.0f))
      fail_msg("frame %d: voicing %g, F0 %g", k, (double)raw[KJ__VOICING],
               (double)raw[KJ__F0]);
  }
  free(memory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(voicing),
      cmocka_unit_test(lag),
      cmocka_unit_test(track),
      cmocka_unit_test(harmonics_give_their_pitch),
      cmocka_unit_test(noise_has_no_pitch),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
