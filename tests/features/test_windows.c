/*
 * test_windows.c: merged statistics against the plain ones of the same rows,
 * and windows of a recording against the statistics of its contours.
 *
 * Positions and extremes are equal. All else agrees to 1e-6 of the value or
 * of the largest magnitude of the contour (its square for the error of the
 * line); skewness and kurtosis to 1e-6 of the value, plus 1e-6.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/merge.h"
#include "features/signals.h"
#include "features/statistics.h"
#include "kanjo/windows.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
  RATE = 16000,
  N_CONTOURS = 32,
  N_FUNCTIONALS = 384,
  SECONDS = 12,
  N_SAMPLES = SECONDS * RATE,
  MOST_ROWS = 100 * SECONDS
};

static const double tolerance = 1e-6;

static double allowed(size_t statistic, double wanted, double size)
{
  switch (statistic) {
  case KJ__MAX:
  case KJ__MIN:
  case KJ__RANGE:
  case KJ__MAX_POSITION:
  case KJ__MIN_POSITION:
    return 0.0;
  case KJ__LINE_ERROR:
    return tolerance * (fabs(wanted) + size * size);
  case KJ__SKEWNESS:
  case KJ__KURTOSIS:
    return tolerance * (fabs(wanted) + 1.0);
  default:
    return tolerance * (fabs(wanted) + size);
  }
}

/* `got` against `wanted`, both of one contour; size: its largest magnitude. */
static void check_contour(const char *what, size_t contour, const float *got,
                          const float *wanted, double size)
{
  for (size_t s = 0; s < KJ__N_FUNCTIONALS; s++) {
    const double difference = fabs((double)got[s] - (double)wanted[s]);
    if (!(difference <= allowed(s, (double)wanted[s], size)))
      fail_msg("%s: contour %zu, statistic %zu: %.9g, must be %.9g", what,
               contour, s, (double)got[s], (double)wanted[s]);
  }
}

/* ---- merging ---- */

typedef struct statistics {
  kj__functionals f;
  void *memory;
} statistics;

static statistics make(size_t n_contours)
{
  statistics s;
  kj__arena arena = {NULL, 0};
  kj__functionals_layout(&s.f, n_contours, &arena);
  s.memory = calloc(1, arena.used);
  assert_non_null(s.memory);
  arena = (kj__arena){s.memory, 0};
  kj__functionals_layout(&s.f, n_contours, &arena);
  kj__functionals_reset(&s.f);
  return s;
}

/* Contours that are hard for sums of powers: far from 0, sloping, constant. */
static float value_of(size_t contour, size_t row)
{
  uint64_t state = row * 0xD1342543DE82EF95u + contour;
  const double noise = next_uniform(&state), i = (double)row;
  switch (contour) {
  case 0:
    return (float)noise;
  case 1:
    return (float)(1e4 + 0.01 * noise);
  case 2:
    return (float)(3.0 * i + 1e-3 * noise);
  case 3:
    return 0.1F;
  case 4:
    return row == 57 ? 1.0F : 0.0F;
  default:
    return (float)(noise * noise * noise * 1e-5);
  }
}

static void check_division(const size_t *end, size_t n_parts)
{
  enum { N = 6 };
  statistics plain = make(N), merged = make(N), part = make(N);
  float row[N], got[N * KJ__N_FUNCTIONALS], wanted[N * KJ__N_FUNCTIONALS];
  double size[N] = {0};
  size_t i = 0;
  for (size_t p = 0; p < n_parts; p++) {
    kj__functionals_reset(&part.f);
    for (; i < end[p]; i++) {
      for (size_t c = 0; c < N; c++) {
        row[c] = value_of(c, i);
        size[c] = fmax(size[c], fabs((double)row[c]));
      }
      kj__functionals_push(&plain.f, row);
      kj__functionals_push(&part.f, row);
    }
    kj__functionals_merge(&merged.f, &part.f);
  }
  assert_int_equal(merged.f.n, plain.f.n);
  kj__functionals_compute(&plain.f, wanted);
  kj__functionals_compute(&merged.f, got);
  for (size_t c = 0; c < N; c++)
    check_contour("merged", c, got + c * KJ__N_FUNCTIONALS,
                  wanted + c * KJ__N_FUNCTIONALS, size[c]);
  free(plain.memory);
  free(merged.memory);
  free(part.memory);
}

static void merging_is_pushing(void **state)
{
  (void)state;
  const size_t divisions[][5] = {
      {1, 2, 3, 4, 5},       {50, 100, 150, 200, 250}, {1, 1, 1, 1, 400},
      {399, 400, 0, 0, 0},   {2, 5, 300, 301, 1000},   {0, 0, 7, 7, 9},
      {30, 60, 90, 120, 196}};
  for (size_t d = 0; d < sizeof divisions / sizeof *divisions; d++) {
    size_t n_parts = 5;
    while (n_parts > 1 && divisions[d][n_parts - 1] == 0)
      n_parts--;
    check_division(divisions[d], n_parts);
  }
}

/* A pitch with pauses: which rows of `value_of` have one. */
static bool is_voiced(size_t row)
{
  return row % 70 < 40 && row != 57 && (row < 300 || row > 340);
}

/* Rows that have a value, in five parts, some of them without any. */
static void merging_of_voiced_rows_is_pushing(void **state)
{
  (void)state;
  enum { N = 500 };
  static const size_t end[] = {1, 30, 50, 305, N};
  for (size_t contour = 0; contour < 3; contour++) {
    kj__voiced plain = {0}, merged = {0};
    float got[KJ__N_FUNCTIONALS], wanted[KJ__N_FUNCTIONALS];
    double size = 0.0;
    for (size_t p = 0, i = 0; p < sizeof end / sizeof *end; p++) {
      kj__voiced part = {0};
      const size_t first = i;
      for (; i < end[p]; i++)
        if (is_voiced(i)) {
          const float x = value_of(contour, i);
          size = fmax(size, fabs((double)x));
          kj__voiced_push(&plain, i, x);
          kj__voiced_push(&part, i - first, x);
        }
      kj__voiced_merge(&merged, &part, first);
    }
    assert_int_equal(merged.n, plain.n);
    kj__voiced_compute(&plain, wanted);
    kj__voiced_compute(&merged, got);
    check_contour("voiced", contour, got, wanted, size);
  }
}

/* ---- windows ---- */

static const char *const sets[] = {"is09", "is09-clean"};
enum { N_SETS = sizeof sets / sizeof sets[0] };

typedef struct rows {
  float value[MOST_ROWS][N_CONTOURS];
  float functionals[N_FUNCTIONALS]; /* of the recording */
  size_t n;
} rows;

typedef struct found {
  size_t n;
  kj_window window[256];
  float functionals[256][N_FUNCTIONALS];
} found;

static void keep_row(void *context, uint64_t row, double time_s,
                     const float *descriptors)
{
  rows *r = context;
  (void)time_s;
  assert_int_equal(row, r->n);
  memcpy(r->value[r->n++], descriptors, sizeof r->value[0]);
}

static void keep_window(void *context, const kj_window *window,
                        const float *functionals)
{
  found *f = context;
  assert_int_equal(window->index, f->n);
  f->window[f->n] = *window;
  memcpy(f->functionals[f->n++], functionals, sizeof f->functionals[0]);
}

static float *make_voice(void)
{
  float *x = calloc(N_SAMPLES, sizeof *x);
  assert_non_null(x);
  fill_voice(x, N_SAMPLES, RATE, 7);
  return x;
}

/* All contours of n samples. */
static rows *contours_of(const char *name, const float *x, size_t n)
{
  rows *r = calloc(1, sizeof *r);
  kj_extractor *extractor = NULL;
  const kj_feature_set *set = kj_feature_set_find(name);
  assert_non_null(r);
  assert_int_equal(kj_extractor_create(set, RATE, NULL, &extractor, NULL),
                   KJ_OK);
  kj_extractor_set_sink(extractor, keep_row, r);
  assert_int_equal(kj_extractor_process(extractor, x, n, NULL), KJ_OK);
  assert_int_equal(kj_extractor_finish(extractor, r->functionals, NULL), KJ_OK);
  kj_extractor_destroy(extractor);
  return r;
}

/* All windows of n samples, given `step` at a time. */
static found *windows_of(const char *name, const float *x, size_t n,
                         double window_s, double hop_s, size_t step)
{
  found *f = calloc(1, sizeof *f);
  kj_windows *w = NULL;
  float functionals[N_FUNCTIONALS];
  const kj_feature_set *set = kj_feature_set_find(name);
  assert_non_null(f);
  assert_int_equal(
      kj_windows_create(set, RATE, window_s, hop_s, NULL, &w, NULL), KJ_OK);
  kj_windows_set_sink(w, keep_window, f);
  for (size_t i = 0; i < n; i += step)
    assert_int_equal(
        kj_windows_process(w, x + i, n - i < step ? n - i : step, NULL), KJ_OK);
  assert_int_equal(kj_windows_finish(w, functionals, NULL), KJ_OK);
  kj_windows_destroy(w);
  return f;
}

/* The plain statistics of n rows by the definition of a set. */
static void sum_up(const kj__recipe *recipe, const rows *r, size_t first,
                   size_t n, float *out)
{
  kj__statistics s;
  kj__arena arena = {NULL, 0};
  kj__statistics_layout(&s, recipe, &arena);
  arena = (kj__arena){calloc(1, arena.used), 0};
  assert_non_null(arena.memory);
  void *memory = arena.memory;
  kj__statistics_layout(&s, recipe, &arena);
  kj__statistics_reset(&s);
  for (size_t i = first; i < first + n; i++)
    kj__statistics_push(&s, r->value[i]);
  kj__statistics_compute(&s, out);
  free(memory);
}

static void check_window(const kj__recipe *recipe, const rows *r, size_t first,
                         size_t n, const float *got)
{
  float wanted[N_FUNCTIONALS];
  sum_up(recipe, r, first, n, wanted);
  for (size_t c = 0; c < N_CONTOURS; c++) {
    double size = 0.0;
    for (size_t i = first; i < first + n; i++)
      size = fmax(size, fabs((double)r->value[i][c]));
    check_contour("window", c, got + c * KJ__N_FUNCTIONALS,
                  wanted + c * KJ__N_FUNCTIONALS, size);
  }
}

static void check_windows(const char *name)
{
  const kj__recipe *recipe = kj_feature_set_find(name)->recipe;
  /* length, hop: in hundredths of a second */
  static const size_t cases[][2] = {{200, 50},  {200, 30}, {100, 100},
                                    {50, 120},  {10, 7},   {33, 10},
                                    {300, 299}, {1200, 5}};
  float *x = make_voice();
  rows *r = contours_of(name, x, N_SAMPLES);
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    const size_t length = cases[c][0], hop = cases[c][1];
    found *f = windows_of(name, x, N_SAMPLES, (double)length / 100,
                          (double)hop / 100, 4096);
    assert_int_equal(f->n, (100 * SECONDS - length) / hop + 1);
    for (size_t k = 0; k < f->n; k++) {
      assert_true(fabs(f->window[k].start_s - (double)(k * hop) / 100) < 1e-9);
      check_window(recipe, r, k * hop, length - 2 - recipe->n_unseen,
                   f->functionals[k]);
    }
    free(f);
  }
  free(r);
  free(x);
}

static void windows_are_the_plain_statistics_of_their_rows(void **state)
{
  (void)state;
  for (size_t s = 0; s < N_SETS; s++)
    check_windows(sets[s]);
}

/* A single window as long as the recording is the recording. */
static void the_longest_window_is_the_whole(void **state)
{
  (void)state;
  float *x = make_voice();
  for (size_t s = 0; s < N_SETS; s++) {
    rows *r = contours_of(sets[s], x, N_SAMPLES);
    found *f = windows_of(sets[s], x, N_SAMPLES, SECONDS, SECONDS, 4096);
    assert_int_equal(f->n, 1);
    for (size_t c = 0; c < N_CONTOURS; c++) {
      double size = 0.0;
      for (size_t i = 0; i < r->n; i++)
        size = fmax(size, fabs((double)r->value[i][c]));
      check_contour(sets[s], c, f->functionals[0] + c * KJ__N_FUNCTIONALS,
                    r->functionals + c * KJ__N_FUNCTIONALS, size);
    }
    free(f);
    free(r);
  }
  free(x);
}

static void in_chunks(const char *name)
{
  float *x = make_voice();
  found *wanted = windows_of(name, x, N_SAMPLES, 2.0, 0.5, N_SAMPLES);
  for (size_t step = 1; step < 20000; step = 7 * step + 3) {
    found *got = windows_of(name, x, N_SAMPLES, 2.0, 0.5, step);
    assert_int_equal(got->n, wanted->n);
    assert_memory_equal(got->functionals, wanted->functionals,
                        sizeof got->functionals);
    assert_memory_equal(got->window, wanted->window, sizeof got->window);
    free(got);
  }
  free(wanted);
  free(x);
}

static void any_chunks_give_the_same_bits(void **state)
{
  (void)state;
  for (size_t s = 0; s < N_SETS; s++)
    in_chunks(sets[s]);
}

/* What the header says of edges. The last contours of each half are voicing,
 * which is09-clean decides on the way, and F0. */
static void compare_with_a_cut(const char *name, size_t n_without_memory)
{
  enum { FIRST = 100, N_FRAMES = 198, HALF = N_CONTOURS / 2 };
  const size_t n_unseen = kj_feature_set_find(name)->recipe->n_unseen;
  float *x = make_voice();
  rows *all = contours_of(name, x, N_SAMPLES);
  rows *part = contours_of(name, x + FIRST * 160, 2 * RATE);
  size_t n_other_f0 = 0;
  for (size_t i = 0; i < N_FRAMES - n_unseen; i++) {
    const float *a = all->value[FIRST + i], *b = part->value[i];
    const bool is_smooth = i >= 1 && i <= N_FRAMES - 2;
    const bool is_sloped = i >= 3 && i <= N_FRAMES - 4;
    n_other_f0 += a[HALF - 1] != b[HALF - 1];
    for (size_t c = 0; c < n_without_memory; c++)
      if ((is_smooth && a[c] != b[c]) ||
          (is_sloped && a[HALF + c] != b[HALF + c]))
        fail_msg("row %zu, contour %zu: %g and %g, must be equal", i, c,
                 (double)a[c], (double)b[c]);
    if (i == 0)
      assert_true(a[0] != b[0]);
  }
  if (n_other_f0 > 10)
    fail_msg("%s: F0 differs in %zu rows of %d", name, n_other_f0, N_FRAMES);
  free(all);
  free(part);
  free(x);
}

static void a_window_differs_from_a_cut_at_its_edges(void **state)
{
  (void)state;
  compare_with_a_cut("is09", N_CONTOURS / 2 - 1);
  compare_with_a_cut("is09-clean", N_CONTOURS / 2 - 2);
}

static void peaks_are_those_of_the_samples(void **state)
{
  (void)state;
  float *x = make_voice();
  for (size_t i = 0; i < N_SAMPLES; i++)
    x[i] *= 0.1F;
  x[3 * RATE + 5] = -1.0F;
  x[3 * RATE + 6] = NAN;
  found *f = windows_of("is09", x, N_SAMPLES, 1.03, 0.4, 1000);
  for (size_t k = 0; k < f->n; k++) {
    const size_t first = k * 6400, n = 16480;
    const bool holds = 3 * RATE + 5 >= first && 3 * RATE + 5 < first + n;
    double peak = 0.0;
    for (size_t i = first; i < first + n; i++)
      peak = fmax(peak, isfinite(x[i]) ? fabs((double)x[i]) : 0.0);
    assert_true(f->window[k].peak == peak);
    assert_int_equal(f->window[k].n_full_scale, holds);
    assert_int_equal(f->window[k].n_samples, n);
  }
  free(f);
  free(x);
}

static void lengths_that_cannot_be(void **state)
{
  (void)state;
  static const struct {
    double window_s, hop_s;
    const char *wanted;
  } cases[] = {
      {0.05, 0.01, "window is 0.05 s"},    {2.005, 0.5, "window is 2.005"},
      {(double)NAN, 0.5, "window is nan"}, {2.0, 0.0, "hop is 0 s"},
      {2.0, 0.005, "hop is 0.005 s"},      {2.0, -0.5, "hop is -0.5 s"},
      {20.0, 0.01, "at most 1000"}};
  kj_windows *w = NULL;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    kj_error err = {0};
    assert_int_equal(kj_windows_create(kj_feature_set_find("is09"), RATE,
                                       cases[i].window_s, cases[i].hop_s, NULL,
                                       &w, &err),
                     KJ_EARGUMENT);
    if (!strstr(err.message, cases[i].wanted))
      fail_msg("\"%s\" does not say \"%s\"", err.message, cases[i].wanted);
  }
  assert_null(w);
  assert_int_equal(kj_windows_create(NULL, RATE, 1, 1, NULL, &w, NULL),
                   KJ_EARGUMENT);
  assert_int_equal(kj_windows_process(NULL, NULL, 0, NULL), KJ_EARGUMENT);
  assert_int_equal(kj_windows_finish(NULL, NULL, NULL), KJ_EARGUMENT);
  kj_windows_reset(NULL);
  kj_windows_destroy(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(merging_is_pushing),
      cmocka_unit_test(merging_of_voiced_rows_is_pushing),
      cmocka_unit_test(windows_are_the_plain_statistics_of_their_rows),
      cmocka_unit_test(the_longest_window_is_the_whole),
      cmocka_unit_test(any_chunks_give_the_same_bits),
      cmocka_unit_test(a_window_differs_from_a_cut_at_its_edges),
      cmocka_unit_test(peaks_are_those_of_the_samples),
      cmocka_unit_test(lengths_that_cannot_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
