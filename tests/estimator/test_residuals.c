/*
 * test_residuals.c: the width of intervals from quantiles, and which
 * quantiles an estimator refuses.
 */
#include "estimator/support.h"

/* n residuals whose quantile at p is 2p. */
static kj_residuals straight(size_t n)
{
  kj_residuals r = {.n_residuals = n, .n_speakers = 4};
  for (size_t q = 0; q < KJ_RESIDUAL_LEVELS; q++)
    r.quantile[q] = 0.02 * (double)q;
  return r;
}

static void width_is_the_corrected_quantile(void **state)
{
  (void)state;
  static const double levels[] = {0.5, 0.625, 0.9, 0.955, 0.99};
  static const size_t counts[] = {5, 40, 342, 100000};
  for (size_t n = 0; n < 4; n++)
    for (size_t l = 0; l < 5; l++) {
      const kj_residuals r = straight(counts[n]);
      const double share =
          levels[l] * (double)(counts[n] + 1) / (double)counts[n];
      double half_width = -1.0;
      assert_int_equal(
          kj_residuals_half_width(&r, levels[l], &half_width, NULL), KJ_OK);
      const double kept = ceil(100.0 * share - 1e-9) / 100.0; /* or above */
      const double expected = share < 1.0 ? 2.0 * kept : 2.0;
      if (fabs(half_width - expected) > 1e-12)
        fail_msg("level %g, n %zu: half width is %.15g; must be %.15g",
                 levels[l], counts[n], half_width, expected);
    }
}

static void wrong_level_and_no_residuals_are_told(void **state)
{
  (void)state;
  static const double levels[] = {0.0, 0.4999, 0.991, 1.0, (double)NAN};
  const kj_residuals known = straight(10), none = {0};
  double half_width = -1.0;
  kj_error err;
  for (size_t l = 0; l < 5; l++) {
    const kj_status status =
        kj_residuals_half_width(&known, levels[l], &half_width, &err);
    assert_error("level", status, &err, KJ_EARGUMENT, "must be 0.5..0.99");
  }
  assert_error("none", kj_residuals_half_width(&none, 0.9, &half_width, &err),
               &err, KJ_EDATA, "no residuals");
  assert_true(half_width == -1.0);
}

static void refuse(kj_residuals residuals, const char *says)
{
  sample s;
  sample_init(&s, 3);
  s.parts.residuals[1] = residuals;
  kj_estimator *estimator = NULL;
  kj_error err;
  const kj_status status =
      kj_estimator_create(&s.parts, NULL, &estimator, &err);
  assert_error("residuals", status, &err, KJ_EARGUMENT, says);
  assert_null(estimator);
  sample_clear(&s);
}

static void estimator_refuses_what_are_no_quantiles(void **state)
{
  (void)state;
  kj_residuals r = straight(10);
  r.quantile[50] = 0.9;
  refuse(r, "quantile 50 is 0.9; must be finite and at least 0.98");
  r = straight(10);
  r.quantile[0] = -0.5;
  refuse(r, "quantile 0 is -0.5");
  r = straight(10);
  r.quantile[100] = (double)INFINITY;
  refuse(r, "quantile 100 is inf");
  r = straight(10);
  r.quantile[7] = (double)NAN;
  refuse(r, "quantile 7 is");
  r.n_speakers = 0;
  refuse(r, "must be 1..10 speakers");
  r.n_speakers = 11;
  refuse(r, "must be 1..10 speakers");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(width_is_the_corrected_quantile),
      cmocka_unit_test(wrong_level_and_no_residuals_are_told),
      cmocka_unit_test(estimator_refuses_what_are_no_quantiles),
  };
  return cmocka_run_group_tests_name("estimator residuals", tests, NULL, NULL);
}
