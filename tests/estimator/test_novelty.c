/*
 * test_novelty.c: the distance against its definition, no memory taken on the
 * way, and what an estimator refuses.
 */
#include "estimator/support.h"

enum { N_FACTOR = SAMPLE_INPUTS * (SAMPLE_INPUTS + 1) / 2, N_ROWS = 9 };

typedef struct known {
  sample s;
  float centre[SAMPLE_INPUTS], factor[N_FACTOR];
} known;

static void init(known *k)
{
  kj__random random = test_stream(8, 0);
  float *to = k->factor;
  sample_init(&k->s, 8);
  for (size_t i = 0; i < SAMPLE_INPUTS; i++) {
    k->centre[i] = (float)(0.1 * kj__random_normal(&random));
    for (size_t j = 0; j <= i; j++)
      *to++ = (float)(i == j ? 0.5 + kj__random_uniform(&random)
                             : 0.3 * kj__random_normal(&random));
  }
  k->s.parts.novelty = (kj_novelty){.n_rows = 40,
                                    .n_speakers = 4,
                                    .centre = k->centre,
                                    .factor = k->factor,
                                    .threshold = 1.25,
                                    .false_alarms = 0.05};
}

/* L w must be z - c, and the novelty |w| / (sqrt(n) threshold): w is found by
 * Cramer's way for triangles, column after column. */
static double define_novelty(const known *k, const float *z)
{
  double left[SAMPLE_INPUTS], sum = 0.0;
  for (size_t i = 0; i < SAMPLE_INPUTS; i++)
    left[i] = (double)z[i] - (double)k->centre[i];
  for (size_t j = 0; j < SAMPLE_INPUTS; j++) {
    const double w = left[j] / (double)k->factor[j * (j + 1) / 2 + j];
    for (size_t i = j + 1; i < SAMPLE_INPUTS; i++)
      left[i] -= w * (double)k->factor[i * (i + 1) / 2 + j];
    sum += w * w;
  }
  return sqrt(sum / SAMPLE_INPUTS) / k->s.parts.novelty.threshold;
}

static void novelty_is_as_defined(void **state)
{
  (void)state;
  known k;
  init(&k);
  kj_estimator *estimator = new_estimator(&k.s.parts);
  kj_estimator_scratch *scratch = new_scratch(estimator, 2);
  float x[N_ROWS * SAMPLE_INPUTS], z[N_ROWS * SAMPLE_INPUTS];
  double raw[N_ROWS], scaled[N_ROWS];
  kj__random random = test_stream(9, 0);
  for (size_t i = 0; i < N_ROWS * SAMPLE_INPUTS; i++)
    x[i] = (float)(2.0 * kj__random_normal(&random));
  kj_scaler_apply(&k.s.parts.scaler, x, N_ROWS, z);
  assert_int_equal(
      kj_estimator_novelty(estimator, scratch, x, N_ROWS, 0, raw, NULL), KJ_OK);
  assert_int_equal(
      kj_estimator_novelty(estimator, scratch, z, N_ROWS, 1, scaled, NULL),
      KJ_OK);
  assert_memory_equal(raw, scaled, sizeof raw);
  for (size_t i = 0; i < N_ROWS; i++) {
    const double expected = define_novelty(&k, z + i * SAMPLE_INPUTS);
    if (fabs(raw[i] - expected) > 1e-12 * expected)
      fail_msg("row %zu: novelty is %.15g; must be %.15g", i, raw[i], expected);
  }
  kj_estimator_scratch_destroy(scratch);
  kj_estimator_destroy(estimator);
  sample_clear(&k.s);
}

static void estimator_without_it_says_so(void **state)
{
  (void)state;
  kj_estimator *estimator = sample_estimator(4);
  kj_estimator_scratch *scratch = new_scratch(estimator, 1);
  const float x[SAMPLE_INPUTS] = {0};
  double novelty = -1.0;
  kj_error err;
  assert_error(
      "none", kj_estimator_novelty(estimator, scratch, x, 1, 1, &novelty, &err),
      &err, KJ_EARGUMENT, "knows nothing of novelty");
  kj_estimator_scratch_destroy(scratch);
  kj_estimator_destroy(estimator);
}

static void refuse(known *k, const char *says)
{
  kj_estimator *estimator = NULL;
  kj_error err;
  const kj_status status =
      kj_estimator_create(&k->s.parts, NULL, &estimator, &err);
  assert_error(says, status, &err, KJ_EARGUMENT, says);
  sample_clear(&k->s);
}

static void wrong_ones_are_refused(void **state)
{
  (void)state;
  known k;
  init(&k);
  k.factor[2] = 0.0f;
  refuse(&k, "row 1, column 1 is 0");
  init(&k);
  k.factor[3] = NAN;
  refuse(&k, "row 2, column 0");
  init(&k);
  k.centre[6] = INFINITY;
  refuse(&k, "centre of column 6");
  init(&k);
  k.s.parts.novelty.threshold = 0.0;
  refuse(&k, "threshold is 0");
  init(&k);
  k.s.parts.novelty.false_alarms = 1.0;
  refuse(&k, "false_alarms is 1");
  init(&k);
  k.s.parts.novelty.n_speakers = 41;
  refuse(&k, "must be 1..40");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(novelty_is_as_defined),
      cmocka_unit_test(estimator_without_it_says_so),
      cmocka_unit_test(wrong_ones_are_refused),
  };
  return cmocka_run_group_tests_name("estimator novelty", tests, NULL, NULL);
}
