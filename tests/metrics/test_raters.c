/*
 * test_raters.c: agreement of raters by hand, and what it may not be given.
 */
#include "kanjo/raters.h"
#include "metrics/support.h"

static kj_ceiling ceiling(const size_t *offset, const double *values, size_t n)
{
  kj_ceiling out;
  kj_error err;
  if (kj_rater_ceiling(&(kj_ratings){offset, values, n}, &out, &err) != KJ_OK)
    fail_msg("kj_rater_ceiling: %s", err.message);
  return out;
}

/* Rows 1 3 | 2 | none | 2 2 5: errors 2 2, 1.5 1.5 3, so mae 2. With pairs
 * (3 1) (1 3) (3.5 2) (3.5 2) (2 5) both means are 2.6, the
 * variances .94 and 1.84, the covariance -.76. */
static void by_hand(void **state)
{
  (void)state;
  const size_t offset[] = {0, 2, 3, 3, 6};
  const double values[] = {1, 3, 2, 2, 2, 5};
  const kj_ceiling c = ceiling(offset, values, 4);
  check_near("mae", c.mae, 2, 1e-14);
  check_near("ccc", c.ccc, 2 * -0.76 / (0.94 + 1.84), 1e-14);
  assert_int_equal(c.n_rows, 2);
  assert_int_equal(c.n_pairs, 5);
  check_near("raters", c.n_raters_mean, 2.5, 0);
  const double turned[] = {3, 1, 2, 5, 2, 2};
  const kj_ceiling other = ceiling(offset, turned, 4);
  check_near("mae in another order", other.mae, c.mae, 1e-14);
  check_near("ccc in another order", other.ccc, c.ccc, 1e-14);
}

static void full_agreement(void **state)
{
  (void)state;
  const size_t offset[] = {0, 3, 5};
  const double values[] = {1.1, 1.1, 1.1, 4.7, 4.7};
  const kj_ceiling c = ceiling(offset, values, 2);
  check_near("mae", c.mae, 0, 0);
  check_near("ccc", c.ccc, 1, 1e-15);
  const double constant[] = {3.3, 3.3, 3.3, 3.3, 3.3};
  const kj_ceiling flat = ceiling(offset, constant, 2);
  check_near("mae of one value", flat.mae, 0, 0);
  check_nan("ccc of one value", flat.ccc);
}

static void nobody_to_compare(void **state)
{
  (void)state;
  const size_t offset[] = {0, 1, 1, 2};
  const double values[] = {1, 5};
  for (size_t n_rows = 0; n_rows <= 3; n_rows++) {
    const kj_ceiling c = ceiling(offset, n_rows ? values : NULL, n_rows);
    check_nan("mae", c.mae);
    check_nan("ccc", c.ccc);
    check_nan("raters", c.n_raters_mean);
    assert_int_equal(c.n_rows, 0);
  }
}

static void every_error(void **state)
{
  (void)state;
  static const size_t offset[] = {0, 2};
  static const size_t late[] = {1, 2};
  static const size_t falling[] = {0, 2, 1};
  static const double bad[] = {1, HUGE_VAL};
  static const double good[] = {1, 2};
  const struct {
    kj_ratings ratings;
    kj_status status;
    const char *text;
  } calls[] = {
      {{NULL, good, 1}, KJ_EARGUMENT, "offset is NULL"},
      {{late, good, 1}, KJ_EARGUMENT, "offset[0] is 1; must be 0"},
      {{falling, good, 2}, KJ_EDATA, "offset[2] is 1; must be at least"},
      {{offset, NULL, 1}, KJ_EARGUMENT, "values is NULL"},
      {{offset, bad, 1}, KJ_EDATA, "values[1] is inf"},
  };
  kj_ceiling out = {.n_rows = 77};
  kj_error err = {0};
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
    check_failure(kj_rater_ceiling(&calls[i].ratings, &out, &err), &err,
                  calls[i].status, calls[i].text);
  assert_int_equal(out.n_rows, 77);
  check_failure(kj_rater_ceiling(NULL, &out, &err), &err, KJ_EARGUMENT,
                "ratings is NULL");
  check_failure(kj_rater_ceiling(&(kj_ratings){offset, good, 1}, NULL, &err),
                &err, KJ_EARGUMENT, "out is NULL");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_hand),
      cmocka_unit_test(full_agreement),
      cmocka_unit_test(nobody_to_compare),
      cmocka_unit_test(every_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
