/*
 * test_paired.c: tests over speakers by hand and at their edges, Holm, notes,
 * and the averages over seeds that they start from. The numbers at large are
 * checked by paired_oracle.py.
 */
#include "kanjo/paired.h"
#include "metrics/support.h"

#include <locale.h>

static kj_paired test_of(const double *d, size_t n)
{
  kj_paired paired;
  kj_error err;
  if (kj_paired_test(d, n, NULL, &paired, &err) != KJ_OK)
    fail_msg("kj_paired_test: %s", err.message);
  return paired;
}

static void p_by_hand(void **state)
{
  (void)state;
  static const struct {
    size_t n;
    double d[6];
    double p_signflip, p_wilcoxon, rank_biserial;
  } cases[] = {{1, {.3}, 1, 1, 1},
               {2, {.3, .1}, 2.0 / 4, 2.0 / 4, 1},
               {3, {-1, -2, -4}, 2.0 / 8, 2.0 / 8, -1},
               {3, {1, -2, -4}, 4.0 / 8, 4.0 / 8, -4.0 / 6},
               {3, {1, 2, -4}, 8.0 / 8, 8.0 / 8, 0},
               {5, {.5, .4, .3, .2, .1}, 2.0 / 32, 2.0 / 32, 1},
               {6, {.1, .2, .3, .4, .5, -.6}, 28.0 / 64, 28.0 / 64, 9.0 / 21}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const kj_paired p = test_of(cases[i].d, cases[i].n);
    check_near("p of sign flips", p.p_signflip, cases[i].p_signflip, 1e-15);
    check_near("p of Wilcoxon", p.p_wilcoxon, cases[i].p_wilcoxon, 1e-15);
    check_near("rank-biserial", p.rank_biserial, cases[i].rank_biserial, 1e-15);
    assert_true(p.is_exact_signflip && p.is_exact_wilcoxon);
  }
}

/* Sums that are equal but for rounding are ties: .1 + .2 - .3 is 5.6e-17. */
static void rounding_makes_no_difference(void **state)
{
  (void)state;
  const double d[] = {.1, .2, -.3};
  check_near("p of a sum of 0", test_of(d, 3).p_signflip, 1, 0);
  double many[20];
  for (size_t i = 0; i < 20; i++)
    many[i] = i < 18 ? .1 : -.1;
  /* |sum| >= 16 tenths: at most two signs against the others */
  check_near("p of 18 against 2", test_of(many, 20).p_signflip,
             2 * (1 + 20 + 190) / 1048576.0, 1e-15);
}

static void mirrored_and_scaled(void **state)
{
  (void)state;
  static const size_t sizes[] = {7, 20, 25, 60};
  kj__random random = kj__random_stream(5, KJ__PURPOSE_TEST, 0, 0);
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    double d[60], mirrored[60];
    for (size_t i = 0; i < sizes[k]; i++) {
      d[i] = 0.3 + kj__random_normal(&random);
      mirrored[i] = -d[i] * 1024;
    }
    const kj_paired a = test_of(d, sizes[k]);
    const kj_paired b = test_of(mirrored, sizes[k]);
    check_near("sign flips", b.p_signflip, a.p_signflip, 0);
    check_near("Wilcoxon", b.p_wilcoxon, a.p_wilcoxon, 0);
    check_near("low", b.interval.low, -1024 * a.interval.high, 1e-9);
    check_near("d_z", b.effect_size, -a.effect_size, 1e-14);
    check_near("rank-biserial", b.rank_biserial, -a.rank_biserial, 0);
  }
}

/* A 21st speaker without a difference changes no sum: the random signs must
 * give the p of all signs of the 20 within four standard errors. */
static void random_signs_agree_with_all(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    kj__random random = kj__random_stream(seed, KJ__PURPOSE_TEST, 0, 1);
    double d[21] = {0};
    for (size_t i = 0; i < 20; i++)
      d[i] = 0.3 + kj__random_normal(&random);
    const kj_paired all = test_of(d, 20);
    const kj_paired drawn = test_of(d, 21);
    assert_true(all.is_exact_signflip && !drawn.is_exact_signflip);
    const double p = all.p_signflip;
    check_near("random p", drawn.p_signflip, p,
               4 * sqrt(p * (1 - p) / 100000) + 2e-5);
  }
  double same[40];
  for (size_t i = 0; i < 40; i++)
    same[i] = 1 + (double)i / 100;
  check_near("p of 40 alike", test_of(same, 40).p_signflip, 1.0 / 100001, 0);
}

static void check_undefined(const kj_paired *p)
{
  check_nan("difference", p->difference);
  check_nan("low", p->interval.low);
  check_nan("sd", p->sd);
  check_nan("effect size", p->effect_size);
  check_nan("rank-biserial", p->rank_biserial);
  check_nan("sign flips", p->p_signflip);
  check_nan("Wilcoxon", p->p_wilcoxon);
}

static void special_cases(void **state)
{
  (void)state;
  const kj_paired none = test_of(NULL, 0);
  check_undefined(&none);
  const double undefined[] = {(double)NAN, (double)NAN};
  const kj_paired left_out = test_of(undefined, 2);
  check_undefined(&left_out);
  assert_true(left_out.n == 0 && left_out.n_undefined == 2);

  const double one[] = {(double)NAN, .4};
  const kj_paired single = test_of(one, 2);
  check_near("difference of one", single.difference, .4, 0);
  check_near("p of one", single.p_signflip, 1, 0);
  check_nan("sd of one", single.sd);
  check_nan("high of one", single.interval.high);
  check_nan("effect size of one", single.effect_size);

  const double zeros[5] = {0};
  const kj_paired same = test_of(zeros, 5);
  check_near("sign flips of 0", same.p_signflip, 1, 0);
  check_near("Wilcoxon of 0", same.p_wilcoxon, 1, 0);
  check_near("low of 0", same.interval.low, 0, 0);
  check_nan("effect size of 0", same.effect_size);
  check_nan("rank-biserial of 0", same.rank_biserial);

  const double alike[] = {.1, .1 + 1e-17, .3 - .2, .1};
  const kj_paired equal = test_of(alike, 4);
  check_near("sd of equal ones", equal.sd, 0, 0);
  check_nan("effect size of equal ones", equal.effect_size);
  check_near("high of equal ones", equal.interval.high, .1, 1e-15);
}

/* Three speakers, two seeds; speaker 1 has no row, speaker 2 one truth. */
static void averages_over_seeds(void **state)
{
  (void)state;
  const double truth[] = {1, 4, 2, 4, 3};
  const size_t speaker[] = {0, 2, 0, 2, 0};
  const double estimate[] = {1, 4, 3, 5, 3, /* seed 1 */
                             2, 2, 2, 4, 5 /* seed 2 */};
  const kj_metric_rows rows = {truth, estimate, speaker, 5, 3};
  kj_metrics m[3];
  kj_error err;
  assert_int_equal(kj_metrics_by_cluster(&rows, 2, NULL, m, &err), KJ_OK);
  check_near("mae of 0", m[0].mae, (1.0 / 3 + 3.0 / 3) / 2, 1e-15);
  check_near("mae of 2", m[2].mae, (0.5 + 1) / 2, 1e-15);
  check_near("rmse of 2", m[2].rmse, (sqrt(.5) + sqrt(2)) / 2, 1e-15);
  check_nan("ccc of 2", m[2].ccc);
  check_nan("mae of 1", m[1].mae);
  kj_metrics first[3], second[3];
  kj_metric_rows one = rows;
  assert_int_equal(kj_metrics_by_cluster(&one, 1, NULL, first, &err), KJ_OK);
  one.estimate = estimate + 5;
  assert_int_equal(kj_metrics_by_cluster(&one, 1, NULL, second, &err), KJ_OK);
  check_near("ccc of 0", m[0].ccc, (first[0].ccc + second[0].ccc) / 2, 1e-15);
}

/* B is A with its rows' errors turned round: no speaker differs in mae, though
 * sums run differently; ccc is undefined for the speaker of one truth. */
static void compares_speakers(void **state)
{
  (void)state;
  const double truth[] = {1.1, 2.2, 3.3, 4.4, 2.0, 2.0};
  const size_t speaker[] = {0, 0, 1, 1, 2, 2};
  const double a[] = {1.2, 2.6, 3.1, 4.7, 2.3, 2.1};
  const double b[] = {1.5, 2.3, 3.0, 4.6, 2.1, 2.3};
  const kj_paired_rows rows = {truth, a, b, speaker, 6, 3, 1, 1};
  kj_paired p;
  kj_error err;
  assert_int_equal(kj_paired_compare(&rows, KJ_METRIC_MAE, NULL, &p, &err),
                   KJ_OK);
  check_near("difference", p.difference, 0, 0);
  check_near("sign flips", p.p_signflip, 1, 0);
  check_near("Wilcoxon", p.p_wilcoxon, 1, 0);
  assert_int_equal(kj_paired_compare(&rows, KJ_METRIC_CCC, NULL, &p, &err),
                   KJ_OK);
  assert_true(p.n == 2 && p.n_undefined == 1);
}

static void holm_by_hand(void **state)
{
  (void)state;
  const double p[] = {.01, (double)NAN, .04, .03, .005, .9};
  const double wanted[] = {.04, 0, .09, .09, .025, .9};
  double out[6];
  kj_error err;
  assert_int_equal(kj_holm(p, 6, out, &err), KJ_OK);
  for (size_t i = 0; i < 6; i++)
    if (i == 1)
      check_nan("adjusted NaN", out[i]);
    else
      check_near("adjusted p", out[i], wanted[i], 1e-15);
  assert_int_equal(kj_holm(NULL, 0, NULL, &err), KJ_OK);
  const double bad[] = {.5, -.1};
  out[0] = 77;
  check_failure(kj_holm(bad, 2, out, &err), &err, KJ_EDATA, "p[1] is -0.1");
  check_near("untouched", out[0], 77, 0);
  check_failure(kj_holm(NULL, 2, out, &err), &err, KJ_EARGUMENT, "p is NULL");
  check_failure(kj_holm(p, 2, NULL, &err), &err, KJ_EARGUMENT, "out is NULL");
}

static void check_note(size_t n, const char *wanted)
{
  char text[KJ_PAIRED_NOTE_SIZE];
  kj_paired_note(n, text);
  assert_string_equal(text, wanted);
}

static void notes(void **state)
{
  (void)state;
  /* A comma where there is such a locale: the point must stay. */
  setlocale(LC_NUMERIC, "de_DE.UTF-8");
  check_note(0, "no speaker to compare");
  check_note(1, "1 speaker: no test between methods is possible");
  check_note(5, "5 speakers: no p below .0625 is possible, so none below .05; "
                "a mean difference below 1.68 sd of the speakers' differences "
                "would be missed more often than one time in five");
  check_note(10, "10 speakers: a mean difference below 1.00 sd of the "
                 "speakers' differences would be missed more often than one "
                 "time in five");
  check_note(33, "33 speakers: a mean difference below 0.50 sd of the "
                 "speakers' differences would be missed more often than one "
                 "time in five");
  check_note(34, "");
  check_note(SIZE_MAX, "");
  setlocale(LC_NUMERIC, "C");
  check_near("smallest p of 5", kj_paired_smallest_p(5), .0625, 0);
  check_near("smallest p of 1", kj_paired_smallest_p(1), 1, 0);
  check_near("smallest p of 30", kj_paired_smallest_p(30), 1 / 100001.0, 0);
  check_nan("smallest p of 0", kj_paired_smallest_p(0));
  check_nan("detectable of 1", kj_paired_detectable(1, .05, .8));
  check_nan("detectable, alpha 0", kj_paired_detectable(9, 0, .8));
  check_nan("detectable, alpha nan", kj_paired_detectable(9, (double)NAN, .8));
  check_nan("detectable, power 1", kj_paired_detectable(9, .05, 1));
  check_nan("detectable, power alpha", kj_paired_detectable(9, .05, .05));
}

static void errors_of_the_test(void **state)
{
  (void)state;
  const double d[] = {1, HUGE_VAL};
  kj_paired_options level = kj_paired_defaults();
  level.level = 1;
  kj_paired out = {.n = 77};
  kj_error err = {0};
  check_failure(kj_paired_test(NULL, 2, NULL, &out, &err), &err, KJ_EARGUMENT,
                "difference is NULL");
  check_failure(kj_paired_test(d, 2, NULL, &out, &err), &err, KJ_EDATA,
                "difference[1] is inf");
  check_failure(kj_paired_test(d, 1, &level, &out, &err), &err, KJ_EARGUMENT,
                "level is 1");
  check_failure(kj_paired_test(d, 1, NULL, NULL, &err), &err, KJ_EARGUMENT,
                "out is NULL");
  assert_int_equal(out.n, 77);
}

static void errors_of_the_comparison(void **state)
{
  (void)state;
  static const double y[] = {1, 2, 3};
  static const double bad[] = {1, 2, 3, 4, 5, HUGE_VAL};
  static const size_t s[] = {0, 1, 2};
  const struct {
    kj_paired_rows rows;
    kj_status status;
    const char *text;
  } calls[] = {
      {{NULL, y, y, s, 3, 3, 1, 1}, KJ_EARGUMENT, "truth is NULL"},
      {{y, NULL, y, s, 3, 3, 1, 1}, KJ_EARGUMENT, "a: estimate is NULL"},
      {{y, y, NULL, s, 3, 3, 1, 1}, KJ_EARGUMENT, "b: estimate is NULL"},
      {{y, y, y, NULL, 3, 3, 1, 1}, KJ_EARGUMENT, "cluster is NULL"},
      {{y, y, y, s, 0, 3, 1, 1}, KJ_EARGUMENT, "n is 0"},
      {{y, y, y, s, 3, 0, 1, 1}, KJ_EARGUMENT, "n_clusters is 0"},
      {{y, y, y, s, 3, 2, 1, 1}, KJ_EDATA, "cluster[2] is 2; must be below"},
      {{y, y, y, s, 3, 3, 0, 1}, KJ_EARGUMENT, "a: n_seeds is 0"},
      {{y, y, y, s, 3, 3, 1, SIZE_MAX}, KJ_EARGUMENT, "b: n_seeds is"},
      {{y, y, bad, s, 3, 3, 1, 2}, KJ_EDATA, "b: estimate[5] is inf"},
  };
  kj_paired out = {.n = 77};
  kj_error err = {0};
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
    check_failure(
        kj_paired_compare(&calls[i].rows, KJ_METRIC_MAE, NULL, &out, &err),
        &err, calls[i].status, calls[i].text);
  const kj_paired_rows good = {y, y, y, s, 3, 3, 1, 1};
  check_failure(kj_paired_compare(NULL, KJ_METRIC_MAE, NULL, &out, &err), &err,
                KJ_EARGUMENT, "rows is NULL");
  check_failure(kj_paired_compare(&good, KJ_N_METRICS, NULL, &out, &err), &err,
                KJ_EARGUMENT, "metric is 5; must be 0..4");
  check_failure(kj_paired_compare(&good, KJ_METRIC_MAE, NULL, NULL, &err), &err,
                KJ_EARGUMENT, "out is NULL");
  const kj_metric_rows rows = {y, y, s, 3, 3};
  check_failure(kj_metrics_by_cluster(&rows, 1, NULL, NULL, &err), &err,
                KJ_EARGUMENT, "out is NULL");
  assert_int_equal(out.n, 77);
}

static void every_allocation_fails_once(void **state)
{
  (void)state;
  static sample s;
  sample_draw(&s, 7, 2);
  const kj_paired_rows rows = {s.truth, s.estimate, s.other, s.cluster,
                               s.n,     7,          1,       1};
  size_t n_failed = 0;
  for (size_t at = 1;; at++) {
    failing f = {.fail_at = at};
    const kj_allocator allocator = failing_allocator(&f);
    kj_paired_options options = kj_paired_defaults();
    options.allocator = &allocator;
    kj_paired out;
    const kj_status status =
        kj_paired_compare(&rows, KJ_METRIC_CCC, &options, &out, NULL);
    assert_int_equal(f.n_out, 0);
    if (status == KJ_OK)
      break;
    assert_int_equal(status, KJ_EMEMORY);
    n_failed++;
  }
  assert_int_equal(n_failed, 15);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(p_by_hand),
      cmocka_unit_test(rounding_makes_no_difference),
      cmocka_unit_test(mirrored_and_scaled),
      cmocka_unit_test(random_signs_agree_with_all),
      cmocka_unit_test(special_cases),
      cmocka_unit_test(averages_over_seeds),
      cmocka_unit_test(compares_speakers),
      cmocka_unit_test(holm_by_hand),
      cmocka_unit_test(notes),
      cmocka_unit_test(errors_of_the_test),
      cmocka_unit_test(errors_of_the_comparison),
      cmocka_unit_test(every_allocation_fails_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
