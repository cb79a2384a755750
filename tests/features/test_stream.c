/*
 * test_stream.c: how a recording is cut does not show, bit for bit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/extraction.h"
#include "features/signals.h"
#include "tier.h"

#include <stdio.h>

enum { MAX_SAMPLES = 96000, SEED = 11, F0 = 15 };

static float voice[MAX_SAMPLES];
static extraction whole, pieces;

/* Everything of two extractions: status, number of rows, times, values. */
static void assert_same(const char *what, const extraction *a,
                        const extraction *b)
{
  if (a->status != b->status || a->n_rows != b->n_rows)
    fail_msg("%s: status %d and %d, rows %zu and %zu", what, (int)a->status,
             (int)b->status, a->n_rows, b->n_rows);
  for (size_t r = 0; r < a->n_rows; r++)
    for (size_t c = 0; c < N_COLUMNS; c++)
      if (memcmp(&a->row[r][c], &b->row[r][c], sizeof(float)) != 0)
        fail_msg("%s: row %zu column %zu: %.9g and %.9g (seed %d)", what, r, c,
                 (double)a->row[r][c], (double)b->row[r][c], SEED);
  assert_memory_equal(a->time_s, b->time_s, a->n_rows * sizeof a->time_s[0]);
  for (size_t i = 0; i < N_VALUES; i++)
    if (memcmp(&a->functionals[i], &b->functionals[i], sizeof(float)) != 0)
      fail_msg("%s: functional %zu: %.9g and %.9g (seed %d)", what, i,
               (double)a->functionals[i], (double)b->functionals[i], SEED);
}

typedef struct recording {
  unsigned rate_hz;
  size_t n_samples;
} recording;

static const recording recordings[] = {
    {16000, 32123},  {4000, 9999}, {8000, 8000}, {11025, 11025}, {44100, 22222},
    {384000, 40000}, {16000, 400}, {16000, 720}, {16000, 399},
};
enum { N_RECORDINGS = sizeof recordings / sizeof recordings[0] };

static const char *const sets[] = {"is09", "is09-clean"};
enum { N_SETS = sizeof sets / sizeof sets[0] };

static const size_t chunks[] = {1, 7, 160, 400, 4096};

static void in_chunks(const char *set, const recording *r, size_t chunk)
{
  char what[80];
  snprintf(what, sizeof what, "%s: %zu samples at %u Hz in chunks of %zu", set,
           r->n_samples, r->rate_hz, chunk);
  kj_extractor *x = create_extractor_of(set, r->rate_hz);
  run_extractor(x, voice, r->n_samples, chunk, &pieces);
  kj_extractor_destroy(x);
  assert_same(what, &whole, &pieces);
}

static void any_chunk_gives_the_same_bits(void **state)
{
  (void)state;
  for (size_t k = 0; k < N_SETS; k++)
    for (size_t i = 0; i < N_RECORDINGS; i++) {
      const recording *r = &recordings[i];
      fill_voice(voice, r->n_samples, r->rate_hz, SEED);
      extract_of(sets[k], voice, r->n_samples, r->rate_hz, &whole);
      for (size_t c = 0; c < sizeof chunks / sizeof chunks[0]; c++)
        in_chunks(sets[k], r, chunks[c]);
    }
}

static void random_chunks_give_the_same_bits(void **state)
{
  (void)state;
  const size_t n = 32123;
  uint64_t seed = SEED;
  fill_voice(voice, n, 16000, SEED);
  extract(voice, n, 16000, &whole);
  for (int round = 0; round < 10; round++) {
    kj_extractor *x = create_extractor(16000);
    memset(&pieces, 0, sizeof pieces);
    kj_extractor_set_sink(x, keep_row, &pieces);
    for (size_t i = 0, taken; i < n; i += taken) {
      taken = (size_t)(1000.0 * (next_uniform(&seed) + 1.0)); /* also 0 */
      if (taken > n - i)
        taken = n - i;
      assert_int_equal(kj_extractor_process(x, voice + i, taken, NULL), KJ_OK);
    }
    pieces.status = kj_extractor_finish(x, pieces.functionals, NULL);
    kj_extractor_destroy(x);
    assert_same("random chunks", &whole, &pieces);
  }
}

static size_t count_voiced(const extraction *e)
{
  size_t n = 0;
  for (size_t r = 0; r < e->n_rows; r++)
    n += e->row[r][F0] > 0.0f;
  return n;
}

static void resets(const char *set)
{
  const size_t n = 16000;
  static float other[MAX_SAMPLES];
  fill_voice(other, 20000, 8000, SEED + 1);
  other[5000] = (float)NAN;
  fill_voice(voice, n, 16000, SEED);
  extract_of(set, voice, n, 16000, &whole);
  assert_true(count_voiced(&whole) > 20);

  kj_extractor *x = create_extractor_of(set, 16000);
  run_extractor(x, other, 20000, 0, &pieces);
  kj_extractor_reset(x);
  assert_int_equal(kj_extractor_frames(x), 0);
  run_extractor(x, voice, n, 0, &pieces);
  assert_same("reset after finish", &whole, &pieces);
  assert_true(count_voiced(&pieces) > 20);

  kj_extractor_reset(x);
  memset(&pieces, 0, sizeof pieces);
  assert_int_equal(kj_extractor_process(x, other, 7777, NULL), KJ_OK);
  kj_extractor_reset(x);
  run_extractor(x, voice, n, 0, &pieces);
  assert_same("reset in the middle", &whole, &pieces);
  kj_extractor_destroy(x);
}

/* After another recording, whole or broken off in the middle of a voice of
 * twice the pitch, nothing of it is left. */
static void reset_equals_new(void **state)
{
  (void)state;
  for (size_t k = 0; k < N_SETS; k++)
    resets(sets[k]);
}

static void two_extractors_do_not_meet(void **state)
{
  (void)state;
  enum { N = 16000, STEP = 321 };
  static extraction alone[2], together[2];
  static float sound[2][N];
  const unsigned rate_hz[2] = {16000, 8000};
  kj_extractor *x[2];
  for (int k = 0; k < 2; k++) {
    fill_voice(sound[k], N, rate_hz[k], SEED + (uint64_t)k);
    extract(sound[k], N, rate_hz[k], &alone[k]);
    x[k] = create_extractor(rate_hz[k]);
    memset(&together[k], 0, sizeof together[k]);
    kj_extractor_set_sink(x[k], keep_row, &together[k]);
  }
  for (size_t i = 0; i < N; i += STEP)
    for (int k = 0; k < 2; k++)
      assert_int_equal(kj_extractor_process(x[k], sound[k] + i,
                                            i + STEP < N ? (size_t)STEP : N - i,
                                            NULL),
                       KJ_OK);
  for (int k = 0; k < 2; k++) {
    together[k].status =
        kj_extractor_finish(x[k], together[k].functionals, NULL);
    assert_same(k == 0 ? "first of two" : "second of two", &alone[k],
                &together[k]);
    kj_extractor_destroy(x[k]);
  }
}

/* The sink gets row k as soon as frame k + 3 is whole, not earlier. */
static void rows_come_three_frames_late(void **state)
{
  (void)state;
  kj_extractor *x = create_extractor(16000);
  memset(&pieces, 0, sizeof pieces);
  kj_extractor_set_sink(x, keep_row, &pieces);
  fill_voice(voice, 16000, 16000, SEED);
  for (size_t i = 0; i < 16000; i++) {
    assert_int_equal(kj_extractor_process(x, voice + i, 1, NULL), KJ_OK);
    const uint64_t n_frames = kj_extractor_frames(x);
    assert_int_equal(n_frames, i + 1 < 400 ? 0 : (i + 1 - 400) / 160 + 1);
    assert_int_equal(pieces.n_rows, n_frames < 3 ? 0 : n_frames - 3);
  }
  kj_extractor_destroy(x);
}

int main(void)
{
  if (tier_is_missing())
    return TIER_SKIPPED;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_chunk_gives_the_same_bits),
      cmocka_unit_test(random_chunks_give_the_same_bits),
      cmocka_unit_test(reset_equals_new),
      cmocka_unit_test(two_extractors_do_not_meet),
      cmocka_unit_test(rows_come_three_frames_late),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
