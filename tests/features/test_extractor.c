/*
 * test_extractor.c: the door (every error once), memory, and the values of
 * recordings so short or so silent that they can be told in advance.
 */
#define _GNU_SOURCE /* setenv */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/extraction.h"
#include "features/signals.h"

#include <stdlib.h>

enum { MAX_SAMPLES = 48000, ZCR = 13, SEED = 5 };

static float sound[MAX_SAMPLES];

/* ---- the door ---- */

static void assert_failed(kj_status status, const kj_error *err,
                          kj_status expected, const char *message)
{
  assert_int_equal(status, expected);
  assert_int_equal(err->status, expected);
  assert_string_equal(err->message, message);
}

static void create_checks_its_arguments(void **state)
{
  (void)state;
  const kj_feature_set *set = kj_feature_set_find("is09");
  kj_extractor *const untouched = (kj_extractor *)sound, *x = untouched;
  kj_error err = {0};
  assert_failed(kj_extractor_create(NULL, 16000, NULL, &x, &err), &err,
                KJ_EARGUMENT, "set is NULL");
  assert_failed(kj_extractor_create(set, 16000, NULL, NULL, &err), &err,
                KJ_EARGUMENT, "out is NULL");
  assert_failed(kj_extractor_create(set, 3999, NULL, &x, &err), &err,
                KJ_EARGUMENT,
                "sample_rate_hz is 3999; must be 4000..384000 for is09");
  assert_failed(kj_extractor_create(set, 384001, NULL, &x, &err), &err,
                KJ_EARGUMENT,
                "sample_rate_hz is 384001; must be 4000..384000 for is09");
  assert_int_equal(kj_extractor_create(set, 0, NULL, &x, NULL), KJ_EARGUMENT);
  assert_ptr_equal(x, untouched);
}

/* The kernels are chosen by the processor, or by the name in KANJO_CPU. */
static void a_processor_that_is_none_is_refused(void **state)
{
  (void)state;
  const char *const value = getenv("KANJO_CPU");
  char *const kept = value ? strdup(value) : NULL;
  kj_extractor *x = NULL;
  kj_error err = {0};
  setenv("KANJO_CPU", "abacus", 1);
  const kj_status status =
      kj_extractor_create(kj_feature_set_find("is09"), 16000, NULL, &x, &err);
  if (kept)
    setenv("KANJO_CPU", kept, 1);
  else
    unsetenv("KANJO_CPU");
  free(kept);
  assert_int_equal(status, KJ_EARGUMENT);
  assert_null(x);
  assert_non_null(strstr(err.message, "KANJO_CPU is \"abacus\""));
}

static void process_and_finish_check_theirs(void **state)
{
  (void)state;
  kj_error err = {0};
  float out[N_VALUES];
  kj_extractor *x = create_extractor(16000);
  assert_failed(kj_extractor_process(NULL, sound, 1, &err), &err, KJ_EARGUMENT,
                "x is NULL");
  assert_failed(kj_extractor_process(x, NULL, 3, &err), &err, KJ_EARGUMENT,
                "samples is NULL with n_samples 3");
  assert_failed(kj_extractor_finish(NULL, out, &err), &err, KJ_EARGUMENT,
                "x is NULL");
  assert_failed(kj_extractor_finish(x, NULL, &err), &err, KJ_EARGUMENT,
                "functionals is NULL");
  assert_int_equal(kj_extractor_process(x, NULL, 0, &err), KJ_OK);
  assert_int_equal(kj_extractor_process(x, sound, 400, &err), KJ_OK);
  assert_int_equal(kj_extractor_finish(x, out, &err), KJ_OK);
  const char *finished = "x has finished its recording; reset it first";
  assert_failed(kj_extractor_process(x, sound, 1, &err), &err, KJ_EARGUMENT,
                finished);
  assert_failed(kj_extractor_finish(x, out, &err), &err, KJ_EARGUMENT,
                finished);
  assert_int_equal(kj_extractor_frames(x), 1);
  kj_extractor_destroy(x);
}

static void no_object_is_no_crime(void **state)
{
  (void)state;
  kj_extractor_set_sink(NULL, NULL, NULL);
  kj_extractor_reset(NULL);
  kj_extractor_destroy(NULL);
  assert_int_equal(kj_extractor_frames(NULL), 0);
}

/* Too short changes nothing: the recording may go on. */
static void too_short_says_so(void **state)
{
  (void)state;
  kj_error err = {0};
  float out[N_VALUES];
  memset(out, 0x5A, sizeof out);
  kj_extractor *x = create_extractor(16000);
  assert_failed(kj_extractor_finish(x, out, &err), &err, KJ_ETOOSHORT,
                "recording has 0 samples; must be at least 400 (25 ms at "
                "16000 Hz)");
  assert_int_equal(kj_extractor_process(x, sound, 399, NULL), KJ_OK);
  assert_failed(kj_extractor_finish(x, out, &err), &err, KJ_ETOOSHORT,
                "recording has 399 samples; must be at least 400 (25 ms at "
                "16000 Hz)");
  for (size_t i = 0; i < sizeof out; i++)
    assert_int_equal(((const unsigned char *)out)[i], 0x5A);
  assert_int_equal(kj_extractor_process(x, sound, 1, NULL), KJ_OK);
  assert_int_equal(kj_extractor_finish(x, out, &err), KJ_OK);
  kj_extractor_destroy(x);
}

/* ---- memory ---- */

typedef struct counter {
  int n_calls, n_live, fail_at; /* fail_at: number of the call, from 1 */
} counter;

static void *count_allocate(void *context, size_t size)
{
  counter *c = context;
  if (++c->n_calls == c->fail_at)
    return NULL;
  c->n_live++;
  return malloc(size);
}

static void count_release(void *context, void *memory)
{
  assert_non_null(memory);
  ((counter *)context)->n_live--;
  free(memory);
}

static void every_failed_allocation_is_survived(void **state)
{
  (void)state;
  const kj_feature_set *set = kj_feature_set_find("is09");
  int fail_at = 1;
  for (;; fail_at++) {
    counter c = {.fail_at = fail_at};
    const kj_allocator allocator = {count_allocate, count_release, &c};
    kj_error err = {0};
    kj_extractor *x = NULL;
    const kj_status status =
        kj_extractor_create(set, 16000, &allocator, &x, &err);
    if (status == KJ_OK) {
      kj_extractor_destroy(x);
      assert_int_equal(c.n_live, 0);
      break;
    }
    assert_failed(status, &err, KJ_EMEMORY,
                  "out of memory for a feature extractor");
    assert_null(x);
    assert_int_equal(c.n_live, 0);
  }
  print_message("%d allocations to create an extractor\n", fail_at - 1);
  assert_true(fail_at > 1);
}

static void nothing_is_allocated_after_create(void **state)
{
  (void)state;
  counter c = {0};
  const kj_allocator allocator = {count_allocate, count_release, &c};
  kj_extractor *x = NULL;
  assert_int_equal(kj_extractor_create(kj_feature_set_find("is09"), 16000,
                                       &allocator, &x, NULL),
                   KJ_OK);
  const int after_create = c.n_calls;
  static extraction e;
  fill_voice(sound, MAX_SAMPLES, 16000, SEED);
  for (int i = 0; i < 3; i++) {
    run_extractor(x, sound, MAX_SAMPLES, 1000, &e);
    kj_extractor_reset(x);
  }
  assert_int_equal(c.n_calls, after_create);
  assert_int_equal(c.n_live, after_create);
  kj_extractor_destroy(x);
  assert_int_equal(c.n_live, 0);
}

/* ---- values known in advance ---- */

typedef struct count_case {
  unsigned rate_hz;
  size_t n_samples;
  uint64_t n_frames;
} count_case;

static const count_case count_cases[] = {
    {16000, 0, 0},      {16000, 399, 0},    {16000, 400, 1},  {16000, 559, 1},
    {16000, 560, 2},    {16000, 16000, 98}, {8000, 8000, 98}, {44100, 1102, 0},
    {44100, 1103, 1},   {44100, 1543, 1},   {44100, 1544, 2}, {22050, 772, 2},
    {11025, 275, 0},    {11025, 276, 1},    {4000, 140, 2},   {384000, 9600, 1},
    {384000, 13440, 2},
};

static void frames_and_times(void **state)
{
  (void)state;
  static extraction e;
  memset(sound, 0, sizeof sound);
  for (size_t i = 0; i < sizeof count_cases / sizeof *count_cases; i++) {
    const count_case *c = &count_cases[i];
    kj_extractor *x = create_extractor(c->rate_hz);
    run_extractor(x, sound, c->n_samples, 0, &e);
    if (kj_extractor_frames(x) != c->n_frames)
      fail_msg("%zu samples at %u Hz: %llu frames, not %llu", c->n_samples,
               c->rate_hz, (unsigned long long)kj_extractor_frames(x),
               (unsigned long long)c->n_frames);
    assert_int_equal(e.n_rows, c->n_frames > 0 ? c->n_frames + 1 : 0);
    const size_t hop = (size_t)(c->rate_hz * 0.010 + 0.5);
    for (size_t r = 0; r < e.n_rows; r++) {
      const size_t frame = r < c->n_frames ? r : r - 1;
      assert_true(e.time_s[r] == (double)(frame * hop) / c->rate_hz);
    }
    kj_extractor_destroy(x);
  }
}

static const char *name_of(size_t index)
{
  static char name[KJ_FEATURE_NAME_SIZE];
  kj_feature_set_column(kj_feature_set_find("is09"), KJ_LEVEL_FUNCTIONALS,
                        index, name, NULL);
  return name;
}

/* Silence: zero-crossing rate (L - 2)/L, smoothed; everything else is exactly
 * 0. */
static void silence(void **state)
{
  (void)state;
  static extraction e;
  memset(sound, 0, sizeof sound);
  extract(sound, 16000, 16000, &e);
  assert_int_equal(e.status, KJ_OK);
  const float raw = 398.0f / 400.0f, zcr = ((raw + raw) + raw) / 3.0f;
  for (size_t r = 0; r < e.n_rows; r++)
    for (size_t c = 0; c < N_COLUMNS; c++)
      if (e.row[r][c] != (c == ZCR ? zcr : 0.0f))
        fail_msg("row %zu column %zu: %.9g", r, c, (double)e.row[r][c]);
  for (size_t i = 0; i < N_VALUES; i++) {
    const size_t f = i % N_STATISTICS;
    const int level = f == 0 || f == 1 || f == 5 || f == 7;
    const float expected = i / N_STATISTICS == ZCR && level ? zcr : 0.0f;
    if (e.functionals[i] != expected)
      fail_msg("%s: %.9g, not %.9g", name_of(i), (double)e.functionals[i],
               (double)expected);
  }
}

/* One row of statistics: max = min = mean = offset = x, the rest 0. */
static void assert_statistics_of_row(const extraction *e)
{
  for (size_t i = 0; i < N_VALUES; i++) {
    const size_t f = i % N_STATISTICS;
    const int level = f == 0 || f == 1 || f == 5 || f == 7;
    const float expected = level ? e->row[0][i / N_STATISTICS] : 0.0f;
    if (e->functionals[i] != expected)
      fail_msg("%s: %.9g, not %.9g", name_of(i), (double)e->functionals[i],
               (double)expected);
  }
}

/* Within 1e-6 of `size`: the last row gives r only as rounded (r + r + r)/3. */
static void assert_value(size_t row, size_t column, const extraction *e,
                         float expected, float size)
{
  const float got = e->row[row][column];
  if (!(fabsf(got - expected) <= 1e-6f * fabsf(size)))
    fail_msg("row %zu column %zu: %.9g, not %.9g", row, column, (double)got,
             (double)expected);
}

/* s0 = (2/3) r0, s1 = r0; both deltas (-s0 - 2 s0)/10. */
static void one_frame(void **state)
{
  (void)state;
  static extraction e;
  fill_voice(sound, 1200, 16000, SEED);
  extract(sound + 800, 400, 16000, &e);
  assert_int_equal(e.n_rows, 2);
  for (size_t c = 0; c < 16; c++) {
    const float r0 = e.row[1][c], s0 = (r0 + r0) / 3.0f;
    const float d = ((0.0f - s0) + 2.0f * (0.0f - s0)) / 10.0f;
    assert_value(0, c, &e, s0, r0);
    assert_value(0, c + 16, &e, d, r0);
    assert_value(1, c + 16, &e, d, r0);
  }
  assert_true(e.row[0][0] > 0.0f);
  assert_statistics_of_row(&e);
}

/* s0 = (2 r0 + r1)/3, s1 = (r0 + 2 r1)/3, s2 = r1; the first two deltas read
 * 0 two rows ahead. */
static void two_frames(void **state)
{
  (void)state;
  static extraction first, e;
  fill_voice(sound, 1360, 16000, SEED);
  extract(sound + 800, 400, 16000, &first);
  extract(sound + 800, 560, 16000, &e);
  assert_int_equal(e.n_rows, 3);
  for (size_t c = 0; c < 16; c++) {
    const float r0 = first.row[1][c], r1 = e.row[2][c];
    const float s0 = ((r0 + r0) + r1) / 3.0f, s1 = ((r1 + r0) + r1) / 3.0f;
    const float ahead = 2.0f * (0.0f - s0), size = fabsf(r0) + fabsf(r1);
    assert_value(0, c, &e, s0, size);
    assert_value(1, c, &e, s1, size);
    assert_value(0, c + 16, &e, ((s1 - s0) + ahead) / 10.0f, size);
    assert_value(1, c + 16, &e, ((r1 - s0) + ahead) / 10.0f, size);
    assert_value(2, c + 16, &e, ((r1 - s1) + 2.0f * (r1 - s0)) / 10.0f, size);
  }
  assert_statistics_of_row(&e);
}

/* A sample that is not a number spoils its frames and their neighbours only:
 * frames 98..100 hold sample 16000, rows 97..101 their smoothed, 95..103 their
 * delta values. */
static void not_a_number_stays_local(void **state)
{
  (void)state;
  static extraction e;
  fill_voice(sound, 32000, 16000, SEED);
  sound[16000] = (float)NAN;
  extract(sound, 32000, 16000, &e);
  assert_int_equal(e.status, KJ_OK);
  for (size_t r = 0; r < e.n_rows; r++)
    for (size_t c = 0; c < 13; c++) {
      const int smoothed = r >= 97 && r <= 101;
      const int delta = r >= 95 && r <= 103;
      if ((isnan(e.row[r][c]) != 0) != smoothed ||
          (isnan(e.row[r][c + 16]) != 0) != delta)
        fail_msg("row %zu, column %zu: %g, delta %g", r, c, (double)e.row[r][c],
                 (double)e.row[r][c + 16]);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(create_checks_its_arguments),
      cmocka_unit_test(a_processor_that_is_none_is_refused),
      cmocka_unit_test(process_and_finish_check_theirs),
      cmocka_unit_test(no_object_is_no_crime),
      cmocka_unit_test(too_short_says_so),
      cmocka_unit_test(every_failed_allocation_is_survived),
      cmocka_unit_test(nothing_is_allocated_after_create),
      cmocka_unit_test(frames_and_times),
      cmocka_unit_test(silence),
      cmocka_unit_test(one_frame),
      cmocka_unit_test(two_frames),
      cmocka_unit_test(not_a_number_stays_local),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
