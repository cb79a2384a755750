/*
 * test_functionals.c: the running statistics against the two-pass definition.
 *
 * Extremes, positions, range, mean, slope and offset are equal to it bit for
 * bit. Error, deviation, skewness and kurtosis agree within 1.3e-7 |v| (they
 * are stored as float, whose own step is 1.2e-7), plus 1e-9 for skewness and
 * kurtosis; the error plus what a line that is off by e = 1e-15 S sqrt(n) makes
 * of it, S the largest magnitude. The definition sums in double, in order; its
 * moments and its error in long double.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/functionals.h"
#include "features/signals.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CONTOURS = 16 };

/* ---- contours: value i of each can be computed again at any time ---- */

static double noise(uint64_t i)
{
  uint64_t state = i * 0xD1342543DE82EF95u + 17;
  return next_uniform(&state);
}

static float uniform(uint64_t i)
{
  return (float)noise(i);
}

static float zero(uint64_t i)
{
  (void)i;
  return 0.0f;
}

/* A value that float cannot hold exactly, constant. */
static float constant(uint64_t i)
{
  (void)i;
  return 0.1f;
}

/* A constant that now and then moves by one step of float. */
static float nearly_constant(uint64_t i)
{
  const double u = noise(i);
  return 0.995f + (u > 0.9 ? FLT_EPSILON / 2.0f : 0.0f) -
         (u < -0.9 ? FLT_EPSILON / 2.0f : 0.0f);
}

static float ramp(uint64_t i)
{
  return (float)i;
}

static float falling_ramp(uint64_t i)
{
  return (float)(3.0 - 0.37 * (double)i);
}

static float huge_offset(uint64_t i)
{
  return (float)(1e6 + 10.0 * noise(i));
}

static float offset_and_trend(uint64_t i)
{
  return (float)(40.0 + 1e-5 * (double)i + 3.0 * noise(i));
}

static float parabola(uint64_t i)
{
  return (float)(1e-6 * (double)i * (double)i - 5.0);
}

/* F0 of speech: zeros, and pieces around 120 Hz. */
static float pitch(uint64_t i)
{
  return i / 40 % 3 == 0 ? (float)(120.0 + 20.0 * noise(i)) : 0.0f;
}

/* Mostly small, rarely very large: a heavy tail. */
static float heavy_tail(uint64_t i)
{
  const double u = noise(i);
  return (float)(u * u * u / (1.0001 - fabs(u)));
}

static float one_spike(uint64_t i)
{
  return i == 3 ? 1e4f : 1e-3f;
}

typedef struct contour {
  const char *name;
  float (*value)(uint64_t i);
} contour;

static const contour contours[] = {
    {"uniform", uniform},
    {"zero", zero},
    {"constant", constant},
    {"nearly constant", nearly_constant},
    {"ramp", ramp},
    {"falling ramp", falling_ramp},
    {"huge offset", huge_offset},
    {"offset and trend", offset_and_trend},
    {"parabola", parabola},
    {"pitch", pitch},
    {"heavy tail", heavy_tail},
    {"one spike", one_spike},
};
enum { N_CONTOURS = sizeof contours / sizeof contours[0] };

static const char *const statistic[KJ__N_FUNCTIONALS] = {
    "max",   "min",    "range", "max position", "min position", "mean",
    "slope", "offset", "error", "deviation",    "skewness",     "kurtosis"};

/* ---- the definition ---- */

static void define_extremes(const contour *c, uint64_t n, float *out)
{
  uint64_t max_at = 0, min_at = 0;
  float max = c->value(0), min = max;
  for (uint64_t i = 1; i < n; i++) {
    const float x = c->value(i);
    max_at = x > max ? i : max_at;
    min_at = x < min ? i : min_at;
    max = x > max ? x : max;
    min = x < min ? x : min;
  }
  out[KJ__MAX] = max;
  out[KJ__MIN] = min;
  out[KJ__RANGE] = max - min;
  out[KJ__MAX_POSITION] = (float)max_at;
  out[KJ__MIN_POSITION] = (float)min_at;
}

static void define_line(const contour *c, uint64_t n, double mean, float *out)
{
  const double count = (double)n, s1 = count * (count - 1.0) / 2.0;
  const double s2 = count * (count - 1.0) * (2.0 * count - 1.0) / 6.0;
  double weighted = 0.0, m = 0.0, t = mean;
  for (uint64_t i = 0; i < n; i++)
    weighted += (double)i * (double)c->value(i);
  if (n > 1) {
    t = (count * mean - weighted * s1 / s2) / (count - s1 * s1 / s2);
    m = (weighted - t * s1) / s2;
  }
  long double error = 0.0L;
  for (uint64_t i = 0; i < n; i++) {
    const double miss = (double)c->value(i) - (m * (double)i + t);
    error += (long double)(miss * miss);
  }
  out[KJ__SLOPE] = (float)m;
  out[KJ__OFFSET] = (float)t;
  out[KJ__LINE_ERROR] = (float)(error / (long double)count);
}

static void define_moments(const contour *c, uint64_t n, double mean,
                           float *out)
{
  long double sum[5] = {0.0L};
  for (uint64_t i = 0; i < n; i++) {
    const long double d = (long double)c->value(i) - (long double)mean;
    sum[2] += d * d;
    sum[3] += d * d * d;
    sum[4] += d * d * d * d;
  }
  const long double count = (long double)n, m2 = sum[2] / count;
  out[KJ__DEVIATION] = m2 > 0.0L ? (float)sqrtl(m2) : 0.0f;
  out[KJ__SKEWNESS] = m2 > 0.0L ? (float)(sum[3] / count / m2 / sqrtl(m2)) : 0;
  out[KJ__KURTOSIS] = m2 > 0.0L ? (float)(sum[4] / count / m2 / m2) : 0.0f;
}

static void define(const contour *c, uint64_t n, float *out)
{
  double sum = 0.0;
  for (uint64_t i = 0; i < n; i++)
    sum += (double)c->value(i);
  const float mean = (float)(sum / (double)n);
  out[KJ__MEAN] = mean;
  define_extremes(c, n, out);
  define_line(c, n, (double)mean, out);
  define_moments(c, n, (double)mean, out);
}

/* ---- running against it ---- */

static const double float_step = 1.3e-7;

typedef struct accumulator {
  kj__functionals functionals;
  void *memory;
} accumulator;

static accumulator create_accumulator(size_t n_contours)
{
  accumulator a;
  kj__arena arena = {NULL, 0};
  kj__functionals_layout(&a.functionals, n_contours, &arena);
  a.memory = malloc(arena.used);
  assert_non_null(a.memory);
  arena = (kj__arena){a.memory, 0};
  kj__functionals_layout(&a.functionals, n_contours, &arena);
  kj__functionals_reset(&a.functionals);
  return a;
}

/* What rounding may move a line through values of this size. */
static double line_noise(double size, double n)
{
  return 1e-15 * size * sqrt(n);
}

static double tolerance_of(size_t f, double value, double size, double n)
{
  const double e = line_noise(size, n);
  switch (f) {
  case KJ__LINE_ERROR: /* (sqrt(v) + e)^2 - v */
    return float_step * value + (2.0 * sqrt(value) + e) * e;
  case KJ__DEVIATION:
    return float_step * value;
  case KJ__SKEWNESS:
  case KJ__KURTOSIS:
    return float_step * fabs(value) + 1e-9;
  default:
    return 0.0;
  }
}

/* Returns the worst |difference| / tolerance. */
static double compare(const char *name, uint64_t n, const float *got,
                      const float *defined)
{
  const double size =
      fmax(fabs((double)defined[KJ__MAX]), fabs((double)defined[KJ__MIN]));
  double worst = 0.0;
  for (size_t f = 0; f < KJ__N_FUNCTIONALS; f++) {
    const double x = (double)got[f], v = (double)defined[f];
    const double tolerance = tolerance_of(f, v, size, (double)n);
    if (x != v && !(fabs(x - v) <= tolerance))
      fail_msg("%s, %llu rows, %s: %.9g, defined %.9g, tolerance %.3g", name,
               (unsigned long long)n, statistic[f], x, v, tolerance);
    if (x != v)
      worst = fmax(worst, fabs(x - v) / tolerance);
  }
  return worst;
}

static double compare_all(uint64_t n)
{
  accumulator a = create_accumulator(N_CONTOURS);
  float row[N_CONTOURS], got[N_CONTOURS][KJ__N_FUNCTIONALS];
  for (uint64_t i = 0; i < n; i++) {
    for (size_t c = 0; c < N_CONTOURS; c++)
      row[c] = contours[c].value(i);
    kj__functionals_push(&a.functionals, row);
  }
  kj__functionals_compute(&a.functionals, got[0]);
  free(a.memory);
  double worst = 0.0;
  for (size_t c = 0; c < N_CONTOURS; c++) {
    float defined[KJ__N_FUNCTIONALS];
    define(&contours[c], n, defined);
    worst = fmax(worst, compare(contours[c].name, n, got[c], defined));
  }
  return worst;
}

static void running_equals_two_passes(void **state)
{
  (void)state;
  static const uint64_t lengths[] = {1, 2, 3, 4, 5, 17, 100, 1000, 10007};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
    print_message("%5llu rows: worst %.3f of the tolerance\n",
                  (unsigned long long)lengths[i], compare_all(lengths[i]));
}

/* Ten hours of frames. */
static void ten_hours_equal_two_passes(void **state)
{
  (void)state;
  print_message("3600000 rows: worst %.3f of the tolerance\n",
                compare_all(3600000));
}

/* ---- values that are not numbers ---- */

static void compute_one(const float *values, size_t n,
                        float out[KJ__N_FUNCTIONALS])
{
  accumulator a = create_accumulator(1);
  for (size_t i = 0; i < n; i++)
    kj__functionals_push(&a.functionals, &values[i]);
  kj__functionals_compute(&a.functionals, out);
  free(a.memory);
}

typedef struct special_case {
  const char *name;
  float value[4];
  float expected[KJ__MEAN + 1]; /* the other six are 0 */
} special_case;

static const float nan_value = (float)NAN, infinite = (float)INFINITY;

static void what_is_not_a_number(void **state)
{
  (void)state;
  const float q = nan_value, inf = infinite;
  const special_case cases[] = {
      {"NaN inside", {2, q, 5, 1}, {5, 1, 4, 2, 3, q}},
      {"NaN last", {2, 5, 1, q}, {5, 1, 4, 1, 2, q}},
      {"NaN first", {q, 2, 5, 1}, {q, q, q, -1, -1, q}},
      {"all NaN", {q, q, q, q}, {q, q, q, -1, -1, q}},
      {"infinite inside", {2, inf, 5, 1}, {inf, 1, inf, 1, 3, inf}},
      {"infinite last", {2, 5, 1, -inf}, {5, -inf, inf, 1, 3, -inf}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    float out[KJ__N_FUNCTIONALS];
    compute_one(cases[i].value, 4, out);
    for (size_t f = 0; f < KJ__N_FUNCTIONALS; f++) {
      const float v = f <= KJ__MEAN ? cases[i].expected[f] : 0.0f;
      if (out[f] != v && !(isnan(out[f]) && isnan(v)))
        fail_msg("%s, %s: %g, not %g", cases[i].name, statistic[f],
                 (double)out[f], (double)v);
    }
  }
}

/* The first of equal extremes counts. */
static void ties_go_to_the_first(void **state)
{
  (void)state;
  const float values[] = {1, 7, 0, 7, 0, 1};
  float out[KJ__N_FUNCTIONALS];
  compute_one(values, 6, out);
  assert_true(out[KJ__MAX_POSITION] == 1.0f);
  assert_true(out[KJ__MIN_POSITION] == 2.0f);
}

static void reset_forgets(void **state)
{
  (void)state;
  accumulator a = create_accumulator(1);
  float first[KJ__N_FUNCTIONALS], again[KJ__N_FUNCTIONALS];
  for (uint64_t i = 0; i < 50; i++)
    kj__functionals_push(&a.functionals, &(float){uniform(i)});
  kj__functionals_compute(&a.functionals, first);
  kj__functionals_push(&a.functionals, &nan_value);
  kj__functionals_reset(&a.functionals);
  for (uint64_t i = 0; i < 50; i++)
    kj__functionals_push(&a.functionals, &(float){uniform(i)});
  kj__functionals_compute(&a.functionals, again);
  assert_memory_equal(first, again, sizeof first);
  free(a.memory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(running_equals_two_passes),
      cmocka_unit_test(ten_hours_equal_two_passes),
      cmocka_unit_test(what_is_not_a_number),
      cmocka_unit_test(ties_go_to_the_first),
      cmocka_unit_test(reset_forgets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
