/*
 * test_scaler.c: means and deviations against two passes in long double;
 * constant columns, clipping, numbers at the ends of float.
 */
#include "estimator/support.h"

#include <float.h>

enum { N_ROWS = 37, N_MAX = 384 };

/* Rows whose columns differ in size and offset by powers of ten. */
static float *draw_table(size_t n_rows, size_t n, uint64_t seed)
{
  kj__random random = test_stream(seed, n);
  float *x = calloc(n_rows * n, sizeof *x);
  assert_non_null(x);
  for (size_t i = 0; i < n_rows; i++)
    for (size_t j = 0; j < n; j++) {
      const double sd = pow(10.0, (double)(j % 9) - 4.0);
      x[i * n + j] =
          (float)(sd * (kj__random_normal(&random) + (double)(j % 5)));
    }
  return x;
}

static void check_column(const kj_scaler *scaler, const float *x,
                         const size_t *rows, size_t n_rows, size_t j)
{
  long double sum = 0.0L, squares = 0.0L;
  for (size_t i = 0; i < n_rows; i++)
    sum += (long double)x[(rows ? rows[i] : i) * scaler->n + j];
  const long double mean = sum / (long double)n_rows;
  for (size_t i = 0; i < n_rows; i++) {
    const long double d =
        (long double)x[(rows ? rows[i] : i) * scaler->n + j] - mean;
    squares += d * d;
  }
  const double sd = (double)sqrtl(squares / (long double)n_rows);
  const double mean_error = fabs((double)scaler->mean[j] - (double)mean) / sd;
  const double sd_error = fabs((double)scaler->inverse_sd[j] * sd - 1.0);
  if (!(mean_error <= 6e-7 && sd_error <= 6e-8))
    fail_msg("n %zu, column %zu: mean is %.9g, must be %.9Lg (off by %.2g sd); "
             "inverse_sd is %.9g, must be %.9g",
             scaler->n, j, (double)scaler->mean[j], mean, mean_error,
             (double)scaler->inverse_sd[j], 1.0 / sd);
}

/* All rows, and every third backwards; numbers of columns about the block. */
static void test_two_passes(void **state)
{
  (void)state;
  static const size_t widths[] = {1, 63, 64, 65, N_MAX};
  size_t rows[N_ROWS / 3];
  for (size_t i = 0; i < N_ROWS / 3; i++)
    rows[i] = N_ROWS - 1 - 3 * i;
  for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
    float mean[N_MAX], inverse_sd[N_MAX];
    kj_scaler scaler = {widths[w], mean, inverse_sd, KJ_SCALER_CLIP};
    float *x = draw_table(N_ROWS, scaler.n, 1);
    assert_int_equal(kj_scaler_fit(&scaler, x, NULL, N_ROWS, NULL), KJ_OK);
    for (size_t j = 0; j < scaler.n; j++)
      check_column(&scaler, x, NULL, N_ROWS, j);
    assert_int_equal(kj_scaler_fit(&scaler, x, rows, N_ROWS / 3, NULL), KJ_OK);
    for (size_t j = 0; j < scaler.n; j++)
      check_column(&scaler, x, rows, N_ROWS / 3, j);
    free(x);
  }
}

/* The rows a scaler was fitted on come out with mean 0 and deviation 1. */
static void test_standardises(void **state)
{
  (void)state;
  float mean[N_MAX], inverse_sd[N_MAX];
  kj_scaler scaler = {N_MAX, mean, inverse_sd, KJ_SCALER_CLIP};
  float *x = draw_table(N_ROWS, N_MAX, 2);
  float *scaled = calloc((size_t)N_ROWS * N_MAX, sizeof *scaled);
  assert_int_equal(kj_scaler_fit(&scaler, x, NULL, N_ROWS, NULL), KJ_OK);
  kj_scaler_apply(&scaler, x, N_ROWS, scaled);
  for (size_t j = 0; j < N_MAX; j++) {
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < N_ROWS; i++) {
      sum += (double)scaled[i * N_MAX + j];
      squares += pow((double)scaled[i * N_MAX + j], 2.0);
    }
    if (!(fabs(sum / N_ROWS) <= 1e-6 && fabs(squares / N_ROWS - 1.0) <= 1e-6))
      fail_msg("column %zu: mean is %g, mean square is %.9g; must be 0 and 1 "
               "within 1e-6",
               j, sum / N_ROWS, squares / N_ROWS);
  }
  kj_scaler_apply(&scaler, x, N_ROWS, x);
  assert_memory_equal(x, scaled, sizeof *x * N_ROWS * N_MAX);
  free(scaled);
  free(x);
}

/* Columns that count as constant, and one just above the border. */
static void test_constant_columns(void **state)
{
  (void)state;
  const float one_up = nextafterf(0.5f, 1.0f); /* 1.2e-7 of 0.5; sd 6e-8 */
  const float x[2][7] = {
      {0.0f, 0.1f, -3e38f, 0.5f, 1.0f, 1e-42f, 1000.0f},
      {0.0f, 0.1f, -3e38f, one_up, 1.000001f, -1e-42f, 1000.01f}};
  static const bool is_constant[7] = {true,  true, true, true,
                                      false, true, false};
  float mean[7], inverse_sd[7], scaled[2][7];
  kj_scaler scaler = {7, mean, inverse_sd, KJ_SCALER_CLIP};
  assert_int_equal(kj_scaler_fit(&scaler, x[0], NULL, 2, NULL), KJ_OK);
  kj_scaler_apply(&scaler, x[0], 2, scaled[0]);
  for (size_t j = 0; j < 7; j++) {
    const bool is_zero = !(inverse_sd[j] > 0.0f);
    if (is_zero != is_constant[j])
      fail_msg("column %zu: inverse_sd is %g; must %sbe 0", j,
               (double)inverse_sd[j], is_constant[j] ? "" : "not ");
    if (is_constant[j] && (fpclassify(scaled[0][j]) != FP_ZERO ||
                           fpclassify(scaled[1][j]) != FP_ZERO))
      fail_msg("column %zu: scaled to %g and %g; must be 0", j,
               (double)scaled[0][j], (double)scaled[1][j]);
  }
}

/* Beyond 10 standard deviations, and where x - mean overflows. */
static void test_clips(void **state)
{
  (void)state;
  float mean[4] = {0.0f, 0.0f, -3e38f, -3e38f};
  float inverse_sd[4] = {2.0f, 2.0f, 1.0f, 0.0f};
  const kj_scaler scaler = {4, mean, inverse_sd, KJ_SCALER_CLIP};
  const float x[2][4] = {{5.01f, -5.01f, 3e38f, 3e38f},
                         {4.75f, -4.75f, -3e38f, -3e38f}};
  const float expected[2][4] = {{10.0f, -10.0f, 10.0f, 0.0f},
                                {9.5f, -9.5f, 0.0f, 0.0f}};
  float scaled[2][4];
  kj_scaler_apply(&scaler, x[0], 2, scaled[0]);
  assert_same("clipped", scaled[0], expected[0], 8);
}

static void test_errors(void **state)
{
  (void)state;
  float mean[3] = {7.0f, 7.0f, 7.0f}, inverse_sd[3] = {7.0f, 7.0f, 7.0f};
  kj_scaler scaler = {3, mean, inverse_sd, KJ_SCALER_CLIP};
  float x[4][3] = {{0}};
  kj_error err;
  kj_status status = kj_scaler_fit(&scaler, x[0], NULL, 0, &err);
  assert_error("no rows", status, &err, KJ_EDATA, "n_rows is 0");
  x[2][1] = NAN;
  status = kj_scaler_fit(&scaler, x[0], NULL, 4, &err);
  assert_error("NaN", status, &err, KJ_EDATA,
               "row 2, column 1 (from 0) is nan");
  x[2][1] = -INFINITY;
  const size_t rows[2] = {3, 2};
  status = kj_scaler_fit(&scaler, x[0], rows, 2, &err);
  assert_error("infinity", status, &err, KJ_EDATA, "row 2, column 1");
  for (size_t j = 0; j < 3; j++)
    if (mean[j] < 7.0f || inverse_sd[j] < 7.0f)
      fail_msg("column %zu was written by a fit that failed", j);
  assert_int_equal(kj_scaler_fit(&scaler, x[0], rows, 1, &err), KJ_OK);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_two_passes),
      cmocka_unit_test(test_standardises),
      cmocka_unit_test(test_constant_columns),
      cmocka_unit_test(test_clips),
      cmocka_unit_test(test_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
