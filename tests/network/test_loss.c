/*
 * test_loss.c: losses against closed forms and their defining properties.
 *
 * Built twice: float, and against kanjo_double.
 */
#include "support.h"

#include "network/loss.h"
#include <float.h>
#include <stdio.h>

enum { ROWS = 50, OUTPUTS = 3, TARGETS = ROWS * OUTPUTS };

static const kj_loss LOSSES[] = {KJ_LOSS_MSE, KJ_LOSS_BCE, KJ_LOSS_CCC};

/* What a kj_real can hold of a number near 1. */
static const double REAL_EPSILON =
    sizeof(kj_real) == sizeof(float) ? (double)FLT_EPSILON : DBL_EPSILON;

/* Targets in 0..1, outputs around them, a fifth of the targets missing. */
static void draw_batch(uint64_t seed, kj_real *y, kj_real *f, kj_real *weight)
{
  kj__random random = test_stream(seed, 0);
  for (size_t i = 0; i < TARGETS; i++) {
    y[i] = (kj_real)kj__random_uniform(&random);
    f[i] = y[i] + (kj_real)(0.5 * kj__random_normal(&random));
    if (kj__random_below(&random, 5) == 0)
      y[i] = (kj_real)NAN;
  }
  for (size_t i = 0; i < ROWS; i++)
    weight[i] = (kj_real)(i % 4);
}

static void squared_error_has_its_closed_form(void **state)
{
  (void)state;
  static const kj_real y[] = {1, 2, (kj_real)NAN, 4}, f[] = {3, 2.5, 7, 3};
  static const kj_real w[] = {2, 0.5};
  /* row 0: 2 (4 + .25), row 1: .5 (masked, 1); over 2 rows */
  static const kj_real expected[] = {4, 1, 0, -0.5};
  kj_real df[4];
  assert_near("weighted", kj__loss(KJ_LOSS_MSE, y, f, w, 2, 2, df), 4.5, 0.0);
  assert_same("gradient", df, expected, 4);
  assert_near("unweighted", kj__loss(KJ_LOSS_MSE, y, f, NULL, 2, 2, NULL),
              (4.25 + 1.0) / 2.0, 0.0);
}

static void cross_entropy_has_its_closed_form_for_any_logit(void **state)
{
  (void)state;
  static const struct {
    double y, f, value, slope;
  } row[] = {
      {1.0, 0.0, 0.69314718055994530942, -0.5},
      {0.0, 0.0, 0.69314718055994530942, 0.5},
      {0.25, 0.0, 0.69314718055994530942, 0.25},
      {1.0, 2.0, 0.12692801104297249644, -0.11920292202211755594},
      {0.0, 2.0, 2.12692801104297249644, 0.88079707797788244406},
      {0.0, -2.0, 0.12692801104297249644, 0.11920292202211755594},
      {1.0, 1000.0, 0.0, 0.0},
      {0.0, 1000.0, 1000.0, 1.0},
      {1.0, -1000.0, 1000.0, -1.0},
      {0.0, -1000.0, 0.0, 0.0},
  };
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    const kj_real y = (kj_real)row[i].y, f = (kj_real)row[i].f;
    kj_real df;
    char what[40];
    snprintf(what, sizeof what, "row %zu", i);
    const double value = kj__loss(KJ_LOSS_BCE, &y, &f, NULL, 1, 1, &df);
    assert_near(what, value, row[i].value, 1e-15 * (1.0 + row[i].value));
    assert_near(what, (double)df, row[i].slope, REAL_EPSILON);
  }
}

/* CCC from its definition, with weights, over rows without missing targets. */
static double ccc_of(const double *y, const double *f, const double *w,
                     size_t n)
{
  double sw = 0, sy = 0, sf = 0, syy = 0, sff = 0, syf = 0;
  for (size_t i = 0; i < n; i++) {
    sw += w[i];
    sy += w[i] * y[i];
    sf += w[i] * f[i];
    syy += w[i] * y[i] * y[i];
    sff += w[i] * f[i] * f[i];
    syf += w[i] * y[i] * f[i];
  }
  const double my = sy / sw, mf = sf / sw;
  return 2.0 * (syf / sw - my * mf) /
         (syy / sw - my * my + sff / sw - mf * mf + (my - mf) * (my - mf));
}

static void ccc_loss_is_the_sum_over_outputs_of_1_minus_ccc(void **state)
{
  (void)state;
  kj_real y[TARGETS], f[TARGETS], weight[ROWS];
  draw_batch(11, y, f, weight);
  double expected = 0.0;
  for (size_t k = 0; k < OUTPUTS; k++) {
    double ky[ROWS], kf[ROWS], kw[ROWS];
    size_t n = 0;
    for (size_t i = 0; i < ROWS; i++) {
      if (isnan(y[i * OUTPUTS + k]))
        continue;
      ky[n] = (double)y[i * OUTPUTS + k];
      kf[n] = (double)f[i * OUTPUTS + k];
      kw[n++] = (double)weight[i];
    }
    assert_in_range(n, 1, ROWS - 1);
    expected += 1.0 - ccc_of(ky, kf, kw, n);
  }
  assert_near("loss", kj__loss(KJ_LOSS_CCC, y, f, weight, ROWS, OUTPUTS, NULL),
              expected, 1e-13);
}

static void ccc_loss_is_0_for_equal_and_2_for_mirrored_outputs(void **state)
{
  (void)state;
  static const kj_real y[] = {1, 2, 3, 4}, mirrored[] = {4, 3, 2, 1};
  static const kj_real shifted[] = {2, 3, 4, 5};
  assert_near("equal", kj__loss(KJ_LOSS_CCC, y, y, NULL, 4, 1, NULL), 0.0,
              1e-15);
  assert_near("mirrored", kj__loss(KJ_LOSS_CCC, y, mirrored, NULL, 4, 1, NULL),
              2.0, 1e-15);
  /* variance 1.25 each, gap 1: CCC = 2.5 / 3.5 */
  assert_near("shifted", kj__loss(KJ_LOSS_CCC, y, shifted, NULL, 4, 1, NULL),
              1.0 - 2.5 / 3.5, 1e-15);
}

/* A batch of one output whose CCC has no meaning. */
typedef struct degenerate {
  const char *what;
  size_t n_rows;
  double y[3], f[3], w[3];
  bool has_gradient;
} degenerate;

static const degenerate DEGENERATE[] = {
    {"one row", 1, {3}, {1}, {1}, false},
    {"one row, equal", 1, {3}, {3}, {1}, false},
    {"one rated row",
     3,
     {(double)NAN, 2, (double)NAN},
     {1, 2, 3},
     {1, 1, 1},
     false},
    {"no rated row", 2, {(double)NAN, (double)NAN}, {1, 2}, {1, 1}, false},
    {"weights 0", 3, {1, 2, 3}, {3, 2, 2}, {0, 0, 0}, false},
    {"y constant", 3, {.1, .1, .1}, {1, 2, 4}, {1, 1, 1}, false},
    {"y constant, odd weights",
     3,
     {.1, .1, .1},
     {1, 2, 4},
     {.3, .7, .1},
     false},
    {"y and f constant", 3, {.1, .1, .1}, {.7, .7, .7}, {.3, .7, .1}, false},
    {"y and f constant and equal",
     3,
     {.1, .1, .1},
     {.1, .1, .1},
     {.3, .7, .1},
     false},
    {"all 0", 3, {0, 0, 0}, {0, 0, 0}, {1, 1, 1}, false},
    {"f constant", 3, {1, 2, 4}, {.1, .1, .1}, {.3, .7, .1}, true},
};

static void a_batch_without_variance_has_ccc_loss_1(void **state)
{
  (void)state;
  for (size_t c = 0; c < sizeof DEGENERATE / sizeof DEGENERATE[0]; c++) {
    const degenerate *d = &DEGENERATE[c];
    kj_real y[3], f[3], w[3], df[3] = {9, 9, 9};
    for (size_t i = 0; i < d->n_rows; i++) {
      y[i] = (kj_real)d->y[i];
      f[i] = (kj_real)d->f[i];
      w[i] = (kj_real)d->w[i];
    }
    assert_near(d->what, kj__loss(KJ_LOSS_CCC, y, f, w, d->n_rows, 1, df), 1.0,
                1e-14);
    for (size_t i = 0; i < d->n_rows; i++)
      if (!(fabs((double)df[i]) <= 1e-14) != d->has_gradient)
        fail_msg("%s: gradient of row %zu is %g", d->what, i, (double)df[i]);
  }
}

static void the_gradient_of_constant_outputs_points_towards_y(void **state)
{
  (void)state;
  static const kj_real y[] = {1, 2, 6}, f[] = {2, 2, 2};
  kj_real df[3];
  /* mean 3, variance 14/3, gap 1: -2 / 3 / (17/3) (y - 3) */
  kj__loss(KJ_LOSS_CCC, y, f, NULL, 3, 1, df);
  for (size_t i = 0; i < 3; i++)
    assert_near("gradient", (double)df[i], -2.0 / 17.0 * ((double)y[i] - 3.0),
                REAL_EPSILON);
}

static void a_missing_target_has_gradient_0_and_its_output_no_say(void **state)
{
  (void)state;
  kj_real y[TARGETS], f[TARGETS], weight[ROWS], df[TARGETS], df2[TARGETS];
  draw_batch(12, y, f, weight);
  for (size_t l = 0; l < 3; l++) {
    const double loss = kj__loss(LOSSES[l], y, f, weight, ROWS, OUTPUTS, df);
    kj_real other[TARGETS];
    for (size_t i = 0; i < TARGETS; i++) {
      other[i] = isnan(y[i]) ? f[i] + 100 : f[i];
      if (isnan(y[i]) && df[i] != 0)
        fail_msg("%s: gradient %zu is %g", kj_loss_name(LOSSES[l]), i,
                 (double)df[i]);
    }
    const double loss2 =
        kj__loss(LOSSES[l], y, other, weight, ROWS, OUTPUTS, df2);
    assert_near(kj_loss_name(LOSSES[l]), loss2, loss, 0.0);
    assert_same(kj_loss_name(LOSSES[l]), df2, df, TARGETS);
  }
}

/* Rows 0..: row i repeated weight[i] times. */
static size_t repeat_rows(const kj_real *from, const kj_real *weight,
                          kj_real *to)
{
  size_t n = 0;
  for (size_t i = 0; i < ROWS; i++)
    for (size_t copy = 0; copy < (size_t)weight[i]; copy++, n++)
      memcpy(to + n * OUTPUTS, from + i * OUTPUTS, OUTPUTS * sizeof *from);
  return n;
}

static void a_weight_of_3_counts_as_three_rows(void **state)
{
  (void)state;
  kj_real y[TARGETS], f[TARGETS], weight[ROWS];
  static kj_real y3[3 * TARGETS], f3[3 * TARGETS];
  draw_batch(13, y, f, weight);
  repeat_rows(y, weight, y3);
  const size_t n = repeat_rows(f, weight, f3);
  for (size_t l = 0; l < 3; l++) {
    /* mse and bce divide by the number of rows, ccc by the sum of weights */
    const double scale =
        LOSSES[l] == KJ_LOSS_CCC ? 1.0 : (double)n / (double)ROWS;
    assert_near(kj_loss_name(LOSSES[l]),
                kj__loss(LOSSES[l], y, f, weight, ROWS, OUTPUTS, NULL),
                scale * kj__loss(LOSSES[l], y3, f3, NULL, n, OUTPUTS, NULL),
                1e-13);
  }
}

static void the_gradient_may_overwrite_the_outputs_or_be_left_out(void **state)
{
  (void)state;
  kj_real y[TARGETS], f[TARGETS], weight[ROWS], df[TARGETS];
  draw_batch(14, y, f, weight);
  for (size_t l = 0; l < 3; l++) {
    const char *name = kj_loss_name(LOSSES[l]);
    kj_real over[TARGETS];
    memcpy(over, f, sizeof over);
    const double with = kj__loss(LOSSES[l], y, f, weight, ROWS, OUTPUTS, df);
    assert_near(name, kj__loss(LOSSES[l], y, f, weight, ROWS, OUTPUTS, NULL),
                with, 0.0);
    assert_near(name, kj__loss(LOSSES[l], y, over, weight, ROWS, OUTPUTS, over),
                with, 0.0);
    assert_same(name, over, df, TARGETS);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(squared_error_has_its_closed_form),
      cmocka_unit_test(cross_entropy_has_its_closed_form_for_any_logit),
      cmocka_unit_test(ccc_loss_is_the_sum_over_outputs_of_1_minus_ccc),
      cmocka_unit_test(ccc_loss_is_0_for_equal_and_2_for_mirrored_outputs),
      cmocka_unit_test(a_batch_without_variance_has_ccc_loss_1),
      cmocka_unit_test(the_gradient_of_constant_outputs_points_towards_y),
      cmocka_unit_test(a_missing_target_has_gradient_0_and_its_output_no_say),
      cmocka_unit_test(a_weight_of_3_counts_as_three_rows),
      cmocka_unit_test(the_gradient_may_overwrite_the_outputs_or_be_left_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
