/*
 * test_segments.c: where speech is told to be, and that each stretch is
 * described as a recording of its samples, bit for bit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/signals.h"
#include "kanjo/activity.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 16000, N_FUNCTIONALS = 384, MOST = 32, SECONDS = 20 };

static const double pi = 3.14159265358979323846;

typedef struct found {
  size_t n;
  kj_window window[MOST];
  float functionals[MOST][N_FUNCTIONALS];
} found;

static void keep(void *context, const kj_window *window,
                 const float *functionals)
{
  found *f = context;
  assert_true(f->n < MOST);
  assert_int_equal(window->index, f->n);
  f->window[f->n] = *window;
  memcpy(f->functionals[f->n++], functionals, sizeof f->functionals[0]);
}

static found *segments_of(const float *x, size_t n, unsigned rate_hz,
                          size_t step)
{
  found *f = calloc(1, sizeof *f);
  kj_segments *s = NULL;
  assert_non_null(f);
  assert_int_equal(
      kj_segments_create(kj_feature_set_find("is09"), rate_hz, NULL, &s, NULL),
      KJ_OK);
  kj_segments_set_sink(s, keep, f);
  for (size_t i = 0; i < n; i += step)
    assert_int_equal(
        kj_segments_process(s, x + i, n - i < step ? n - i : step, NULL),
        KJ_OK);
  assert_int_equal(kj_segments_finish(s, NULL), KJ_OK);
  kj_segments_destroy(s);
  return f;
}

/* Noise; where `with_speech`, speech from 3 to 6 s and from 9 to 14 s. */
static float *make(unsigned rate_hz, double noise, bool with_speech)
{
  const size_t n = (size_t)SECONDS * rate_hz;
  uint64_t state = 5;
  float *x = calloc(n, sizeof *x), *voice = calloc(n, sizeof *voice);
  assert_true(x && voice);
  fill_voice(voice, n, rate_hz, 3);
  for (size_t i = 0; i < n; i++) {
    const double t = (double)i / rate_hz;
    const bool speaks = (t >= 3.0 && t < 6.0) || (t >= 9.0 && t < 14.0);
    x[i] = (float)(noise * next_uniform(&state)) +
           (with_speech && speaks ? voice[i] : 0.0F);
  }
  free(voice);
  return x;
}

static void speech_is_found_where_it_is(void **state)
{
  (void)state;
  static const unsigned rates[] = {8000, 16000, 22050, 48000};
  for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
    for (double noise = 0.0; noise < 0.05; noise += 0.02) {
      float *x = make(rates[r], noise, true);
      found *f = segments_of(x, (size_t)SECONDS * rates[r], rates[r], 999);
      if (f->n != 2)
        fail_msg("%u Hz, noise %g: %zu stretches, must be 2", rates[r], noise,
                 f->n);
      const double off[] = {f->window[0].start_s - 3, f->window[0].end_s - 6,
                            f->window[1].start_s - 9, f->window[1].end_s - 14};
      for (size_t i = 0; i < 4; i++)
        if (fabs(off[i]) > 0.3)
          fail_msg("%u Hz, noise %g: edge %zu is off by %g s", rates[r], noise,
                   i, off[i]);
      free(f);
      free(x);
    }
}

static void each_is_a_recording_of_its_samples(void **state)
{
  (void)state;
  float *x = make(RATE, 0.01, true);
  found *f = segments_of(x, (size_t)SECONDS * RATE, RATE, 4096);
  for (size_t k = 0; k < f->n; k++) {
    kj_extractor *extractor = NULL;
    float wanted[N_FUNCTIONALS];
    const size_t first = (size_t)lround(f->window[k].start_s * RATE);
    const size_t end = (size_t)lround(f->window[k].end_s * RATE);
    assert_int_equal(f->window[k].n_samples, end - first);
    kj_extractor_create(kj_feature_set_find("is09"), RATE, NULL, &extractor,
                        NULL);
    kj_extractor_process(extractor, x + first, end - first, NULL);
    assert_int_equal(kj_extractor_finish(extractor, wanted, NULL), KJ_OK);
    assert_memory_equal(wanted, f->functionals[k], sizeof wanted);
    kj_extractor_destroy(extractor);
  }
  free(f);
  free(x);
}

static void any_chunks_give_the_same_bits(void **state)
{
  (void)state;
  const size_t n = (size_t)SECONDS * RATE;
  float *x = make(RATE, 0.01, true);
  found *wanted = segments_of(x, n, RATE, n);
  for (size_t step = 1; step < 50000; step = 11 * step + 3) {
    found *got = segments_of(x, n, RATE, step);
    assert_int_equal(got->n, wanted->n);
    assert_memory_equal(got, wanted, sizeof *got);
    free(got);
  }
  free(wanted);
  free(x);
}

static void what_is_no_speech(void **state)
{
  (void)state;
  const size_t n = (size_t)SECONDS * RATE;
  float *x = calloc(n, sizeof *x);
  uint64_t noise = 9;
  assert_non_null(x);
  for (int kind = 0; kind < 5; kind++) {
    for (size_t i = 0; i < n; i++) {
      const double t = (double)i / RATE;
      const double sounds[] = {0.0, 0.1 * next_uniform(&noise),
                               0.2 * sin(2 * pi * 100 * t), /* hum */
                               fmod(t, 1.0) < 0.004 ? 0.5 : 0.0, (double)NAN};
      x[i] = (float)sounds[kind];
    }
    found *f = segments_of(x, n, RATE, 1000);
    if (f->n > 0)
      fail_msg("kind %d: %zu stretches, must be 0", kind, f->n);
    free(f);
  }
  free(x);
}

/* A stretch ends nowhere while somebody speaks, and memory is what it was. */
static void a_long_stretch(void **state)
{
  (void)state;
  const size_t n = (size_t)120 * RATE;
  float *x = calloc(n, sizeof *x);
  assert_non_null(x);
  fill_voice(x, n, RATE, 4);
  found *f = segments_of(x, n, RATE, 4096);
  assert_int_equal(f->n, 1);
  assert_true(f->window[0].end_s - f->window[0].start_s > 119.0);
  free(f);
  free(x);
}

static void arguments(void **state)
{
  (void)state;
  kj_segments *s = NULL;
  float x[10] = {0};
  const kj_feature_set *set = kj_feature_set_find("is09");
  assert_int_equal(kj_segments_create(NULL, RATE, NULL, &s, NULL),
                   KJ_EARGUMENT);
  assert_int_equal(kj_segments_create(set, 10, NULL, &s, NULL), KJ_EARGUMENT);
  assert_null(s);
  assert_int_equal(kj_segments_create(set, RATE, NULL, &s, NULL), KJ_OK);
  assert_int_equal(kj_segments_process(s, NULL, 1, NULL), KJ_EARGUMENT);
  assert_int_equal(kj_segments_process(s, NULL, 0, NULL), KJ_OK);
  assert_int_equal(kj_segments_process(s, x, 10, NULL), KJ_OK);
  assert_int_equal(kj_segments_finish(s, NULL), KJ_ETOOSHORT);
  assert_int_equal(kj_segments_process(NULL, x, 1, NULL), KJ_EARGUMENT);
  assert_int_equal(kj_segments_finish(NULL, NULL), KJ_EARGUMENT);
  kj_segments_destroy(s);
  kj_segments_reset(NULL);
  kj_segments_destroy(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(speech_is_found_where_it_is),
      cmocka_unit_test(each_is_a_recording_of_its_samples),
      cmocka_unit_test(any_chunks_give_the_same_bits),
      cmocka_unit_test(what_is_no_speech),
      cmocka_unit_test(a_long_stretch),
      cmocka_unit_test(arguments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
