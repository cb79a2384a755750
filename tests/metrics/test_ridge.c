/*
 * test_ridge.c: ridge regression by its own optimality conditions, and the
 * choice of its penalty against folds written out here.
 */
#include "kanjo/ridge.h"
#include "metrics/support.h"

enum { MAX_IN = 80, MAX_N = 120 };

/* y depends on the first columns; speakers differ in level. */
typedef struct data {
  float x[MAX_N * MAX_IN];
  double y[MAX_N];
  double weight[MAX_N];
  size_t group[MAX_N];
  kj_ridge_problem problem;
} data;

static void data_draw(data *d, size_t n, size_t n_in, size_t n_groups,
                      uint64_t seed)
{
  kj__random random = kj__random_stream(seed, KJ__PURPOSE_TEST, n, n_in);
  for (size_t i = 0; i < n; i++) {
    d->group[i] = 100 - kj__random_below(&random, n_groups);
    d->weight[i] = 0.25 + kj__random_uniform(&random);
    d->y[i] =
        3 + 0.3 * (double)(d->group[i] % 3) + 0.8 * kj__random_normal(&random);
    for (size_t k = 0; k < n_in; k++) {
      const double x = kj__random_normal(&random);
      d->x[i * n_in + k] = (float)x;
      d->y[i] += k < 4 ? 0.3 * x : 0;
    }
  }
  d->problem = (kj_ridge_problem){.x = d->x,
                                  .y = d->y,
                                  .weight = d->weight,
                                  .group = d->group,
                                  .n_rows = n,
                                  .n_in = n_in};
}

static double solve(const kj_ridge_problem *problem, double penalty, double *w)
{
  kj_error err = {0};
  double b;
  if (kj_ridge_solve(problem, penalty, w, &b, &err) != KJ_OK)
    fail_msg("kj_ridge_solve: %s", err.message);
  return b;
}

static double residual(const kj_ridge_problem *problem, const double *w,
                       double b, size_t i)
{
  double r = problem->y[i] - b;
  for (size_t k = 0; k < problem->n_in; k++)
    r -= w[k] * (double)problem->x[i * problem->n_in + k];
  return r;
}

/* x -1 1, y 0 2: w = 2 / (2 + penalty), b = 1. */
static void one_column_by_hand(void **state)
{
  (void)state;
  const float x[] = {-1, 1};
  const double y[] = {0, 2};
  const kj_ridge_problem problem = {.x = x, .y = y, .n_rows = 2, .n_in = 1};
  double w;
  check_near("b", solve(&problem, 2, &w), 1, 1e-15);
  check_near("w", w, 0.5, 1e-15);
  check_near("b", solve(&problem, 0.5, &w), 1, 1e-15);
  check_near("w", w, 0.8, 1e-15);
}

/* At the minimum sum_i weight_i r_i = 0 and sum_i weight_i r_i x_ik = penalty
 * w_k: primal, dual and square, with and without weights. */
static void gradient_is_zero(void **state)
{
  (void)state;
  static data d;
  static const size_t shapes[][2] = {{120, 7}, {90, 80}, {60, 60},
                                     {40, 80}, {3, 50},  {1, 5}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
    for (unsigned weighted = 0; weighted < 2; weighted++)
      for (double penalty = 1e-3; penalty < 1e6; penalty *= 1e4) {
        double w[MAX_IN];
        data_draw(&d, shapes[s][0], shapes[s][1], 5, s);
        if (!weighted)
          d.problem.weight = NULL;
        const double b = solve(&d.problem, penalty, w);
        double at_b = 0, at_w[MAX_IN] = {0};
        for (size_t i = 0; i < d.problem.n_rows; i++) {
          const double r =
              (weighted ? d.weight[i] : 1) * residual(&d.problem, w, b, i);
          at_b += r;
          for (size_t k = 0; k < d.problem.n_in; k++)
            at_w[k] += r * (double)d.x[i * d.problem.n_in + k];
        }
        check_near("sum of residuals", at_b, 0, 1e-10);
        for (size_t k = 0; k < d.problem.n_in; k++)
          check_near("gradient", at_w[k] - penalty * w[k], 0, 1e-10);
      }
}

/* Zero columns beside the others turn the primal problem into the dual one:
 * same weights, and 0 for the new columns. */
static void primal_is_dual(void **state)
{
  (void)state;
  static data d, wide;
  double w[MAX_IN], w_wide[MAX_IN];
  data_draw(&d, 50, 20, 5, 1);
  wide = d;
  memset(wide.x, 0, sizeof wide.x);
  for (size_t i = 0; i < 50; i++)
    memcpy(wide.x + i * 70, d.x + i * 20, 20 * sizeof *d.x);
  wide.problem.x = wide.x;
  wide.problem.n_in = 70;
  for (double penalty = 0.1; penalty < 1e6; penalty *= 10) {
    const double b = solve(&d.problem, penalty, w);
    check_near("b", solve(&wide.problem, penalty, w_wide), b, 1e-12);
    for (size_t k = 0; k < 70; k++)
      check_near("w", w_wide[k], k < 20 ? w[k] : 0, k < 20 ? 1e-12 : 0);
  }
}

/* Weight 3 is three rows; weight 0 is none, whatever the row holds. */
static void weights_are_repetitions(void **state)
{
  (void)state;
  static data d, repeated;
  double w[MAX_IN], w_repeated[MAX_IN];
  static const size_t widths[] = {6, 70};
  for (size_t s = 0; s < 2; s++) {
    const size_t n_in = widths[s];
    data_draw(&d, 40, n_in, 5, 2);
    repeated.problem = d.problem;
    repeated.problem.weight = NULL;
    repeated.problem.x = repeated.x;
    repeated.problem.y = repeated.y;
    size_t n = 0;
    for (size_t i = 0; i < 40; i++) {
      d.weight[i] = (double)(i % 4);
      for (size_t copy = 0; copy < i % 4; copy++, n++) {
        repeated.y[n] = d.y[i];
        memcpy(repeated.x + n * n_in, d.x + i * n_in, n_in * sizeof *d.x);
      }
      if (i % 4 == 0) {
        d.y[i] = (double)NAN;
        d.x[i * n_in] = (float)INFINITY;
      }
    }
    repeated.problem.n_rows = n;
    const double b = solve(&d.problem, 3, w);
    check_near("b", solve(&repeated.problem, 3, w_repeated), b, 1e-12);
    for (size_t k = 0; k < n_in; k++)
      check_near("w", w_repeated[k], w[k], 1e-12);
  }
}

/* Adding to a column or to y moves the intercept only (b - c.w, b + c). */
static void offsets_move_the_intercept(void **state)
{
  (void)state;
  static data d;
  double w[MAX_IN], moved[MAX_IN];
  static const size_t widths[] = {6, 70};
  for (size_t s = 0; s < 2; s++) {
    data_draw(&d, 40, widths[s], 5, 3);
    for (size_t i = 0; i < 40 * widths[s]; i++)
      d.x[i] = (float)(round(64 * (double)d.x[i]) / 64);
    const double b = solve(&d.problem, 3, w);
    for (size_t i = 0; i < 40; i++) {
      d.y[i] += 1000;
      d.x[i * widths[s]] += 4096;
    }
    check_near("b", solve(&d.problem, 3, moved), b + 1000 - 4096 * w[0], 1e-8);
    for (size_t k = 0; k < widths[s]; k++)
      check_near("w", moved[k], w[k], 1e-11);
  }
}

static void penalty_shrinks(void **state)
{
  (void)state;
  static data d;
  double w[MAX_IN];
  data_draw(&d, 60, 30, 5, 4);
  double mean = 0, total = 0, before = HUGE_VAL;
  for (size_t i = 0; i < 60; i++) {
    mean += d.weight[i] * d.y[i];
    total += d.weight[i];
  }
  double b = 0;
  for (double penalty = 1e-2; penalty < 1e15; penalty *= 10) {
    b = solve(&d.problem, penalty, w);
    double norm = 0;
    for (size_t k = 0; k < 30; k++)
      norm += w[k] * w[k];
    if (!(norm < before))
      fail_msg("penalty %g: |w|^2 is %g, before %g", penalty, norm, before);
    before = norm;
  }
  check_near("b in the limit", b, mean / total, 1e-10);
  check_near("|w|^2 in the limit", before, 0, 1e-20);
}

/* The fold of row i, by counting the groups that appear before its own. */
static size_t plain_fold(const kj_ridge_problem *problem, size_t row)
{
  size_t seen[MAX_N], n_seen = 0, rank = 0;
  for (size_t i = 0; i < problem->n_rows; i++) {
    size_t at = 0;
    while (at < n_seen && seen[at] != problem->group[i])
      at++;
    if (at == n_seen)
      seen[n_seen++] = problem->group[i];
    if (i == row)
      rank = at;
  }
  return rank % (n_seen < 5 ? n_seen : 5);
}

/* Weighted squared error of each fold from a fit to the others. */
static double plain_error(const kj_ridge_problem *problem, double penalty)
{
  double error = 0;
  for (size_t fold = 0; fold < 5; fold++) {
    double w[MAX_IN], weight[MAX_N];
    kj_ridge_problem others = *problem;
    size_t n_held = 0;
    others.weight = weight;
    for (size_t i = 0; i < problem->n_rows; i++) {
      const bool held = plain_fold(problem, i) == fold;
      weight[i] = held ? 0 : problem->weight[i];
      n_held += held;
    }
    if (n_held == 0)
      continue;
    const double b = solve(&others, penalty, w);
    for (size_t i = 0; i < problem->n_rows; i++)
      if (weight[i] == 0) {
        const double r = residual(problem, w, b, i);
        error += problem->weight[i] * r * r;
      }
  }
  return error;
}

static double plain_choice(const kj_ridge_problem *problem)
{
#define PENALTY(penalty) penalty,
  static const double penalties[] = {KJ_RIDGE_PENALTY_LIST(PENALTY)};
#undef PENALTY
  double best = 0, least = HUGE_VAL;
  for (size_t p = sizeof penalties / sizeof *penalties; p-- > 0;) {
    const double error = plain_error(problem, penalties[p]);
    if (error < least) {
      least = error;
      best = penalties[p];
    }
  }
  return best;
}

static void penalty_is_the_best_of_plain_folds(void **state)
{
  (void)state;
  static data d;
  static const size_t cases[][3] = {{100, 6, 12}, {60, 40, 3}, {40, 60, 8},
                                    {90, 70, 2},  {50, 75, 5}, {30, 4, 7}};
  size_t n_chosen = 0;
  double chosen[sizeof cases / sizeof *cases];
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    double w[MAX_IN], w_solved[MAX_IN], b, penalty;
    data_draw(&d, cases[c][0], cases[c][1], cases[c][2], 9);
    assert_int_equal(kj_ridge_fit(&d.problem, w, &b, &penalty, NULL), KJ_OK);
    check_near("penalty", penalty, plain_choice(&d.problem), 0);
    check_near("b", solve(&d.problem, penalty, w_solved), b, 0);
    assert_memory_equal(w, w_solved, cases[c][1] * sizeof *w);
    size_t before = 0;
    while (before < n_chosen && chosen[before] != penalty)
      before++;
    if (before == n_chosen)
      chosen[n_chosen++] = penalty;
  }
  assert_true(n_chosen >= 2);
}

/* The rows of `all` that have weight, as a problem of their own. */
static void keep_weighty(const data *all, data *rest)
{
  const size_t n_in = all->problem.n_in;
  size_t n = 0;
  for (size_t i = 0; i < all->problem.n_rows; i++)
    if (all->weight[i] > 0) {
      memcpy(rest->x + n * n_in, all->x + i * n_in, n_in * sizeof *all->x);
      rest->y[n] = all->y[i];
      rest->weight[n] = all->weight[i];
      rest->group[n++] = all->group[i];
    }
  rest->problem = (kj_ridge_problem){.x = rest->x,
                                     .y = rest->y,
                                     .weight = rest->weight,
                                     .group = rest->group,
                                     .n_rows = n,
                                     .n_in = n_in};
}

/* Rows of weight 0 and groups of only such rows take no part in the folds: the
 * same bits without them, in 20 problems of which some would tell. */
static void rows_of_no_weight_are_absent(void **state)
{
  (void)state;
  static data d, rest;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    double w[MAX_IN], w_rest[MAX_IN], b, b_rest, penalty, penalty_rest;
    data_draw(&d, 60, 20, 6, seed);
    for (size_t i = 0; i < 60; i++)
      if (i < 9 || i % 5 == 0) {
        d.weight[i] = 0;
        d.group[i] = i;
      }
    keep_weighty(&d, &rest);
    assert_int_equal(kj_ridge_fit(&d.problem, w, &b, &penalty, NULL), KJ_OK);
    assert_int_equal(
        kj_ridge_fit(&rest.problem, w_rest, &b_rest, &penalty_rest, NULL),
        KJ_OK);
    check_near("penalty", penalty, penalty_rest, 0);
    check_near("b", b, b_rest, 0);
    assert_memory_equal(w, w_rest, 20 * sizeof *w);
  }
}

/* Without groups, and with one: as with groups of n/5 rows in a row. */
static void one_group_is_five_contiguous_folds(void **state)
{
  (void)state;
  static data d;
  double w[3][MAX_IN], b[3], penalty[3];
  data_draw(&d, 50, 30, 5, 6);
  for (size_t how = 0; how < 3; how++) {
    for (size_t i = 0; i < 50; i++)
      d.group[i] = how == 1 ? 7 : i / 10;
    d.problem.group = how == 0 ? NULL : d.group;
    assert_int_equal(
        kj_ridge_fit(&d.problem, w[how], &b[how], &penalty[how], NULL), KJ_OK);
  }
  for (size_t how = 1; how < 3; how++) {
    check_near("penalty", penalty[how], penalty[0], 0);
    check_near("b", b[how], b[0], 0);
  }
}

/* A target that does not vary: every penalty is as good, the largest wins. */
static void ties_go_to_the_largest(void **state)
{
  (void)state;
  static data d;
  static const size_t rows[] = {60, 20, 1};
  for (size_t s = 0; s < 3; s++) {
    double w[MAX_IN], b, penalty;
    data_draw(&d, rows[s], 30, 4, 7);
    for (size_t i = 0; i < rows[s]; i++)
      d.y[i] = 2.7;
    assert_int_equal(kj_ridge_fit(&d.problem, w, &b, &penalty, NULL), KJ_OK);
    check_near("penalty", penalty, 1e5, 0);
    check_near("b", b, 2.7, 0);
    for (size_t k = 0; k < 30; k++)
      check_near("w", w[k], 0, 0);
  }
}

static void every_error_of_solve(void **state)
{
  (void)state;
  const float x[] = {1, 2, 3, 4};
  const float bad_x[] = {1, 2, (float)NAN, 4};
  const float huge_x[] = {1, 2e30F, 3, -4e30F};
  const double y[] = {1, 2};
  const double bad_y[] = {1, HUGE_VAL};
  const double huge_y[] = {1e308, -1e308};
  const double none[] = {0, 0};
  const double negative[] = {1, -1};
  const double bad_weight[] = {HUGE_VAL, 1};
  const struct {
    kj_ridge_problem problem;
    kj_status status;
    const char *text;
  } cases[] = {
      {{.x = NULL, .y = y, .n_rows = 2, .n_in = 2}, KJ_EARGUMENT, "NULL"},
      {{.x = x, .y = NULL, .n_rows = 2, .n_in = 2}, KJ_EARGUMENT, "NULL"},
      {{.x = x, .y = y, .n_rows = 0, .n_in = 2}, KJ_EARGUMENT, "n_rows is 0"},
      {{.x = x, .y = y, .n_rows = 2, .n_in = 0}, KJ_EARGUMENT, "n_in is 0"},
      {{.x = x, .y = y, .n_rows = SIZE_MAX / 4, .n_in = 5},
       KJ_ESHAPE,
       "times n_in 5"},
      {{.x = bad_x, .y = y, .n_rows = 2, .n_in = 2}, KJ_EDATA, "x[1][0] is"},
      {{.x = x, .y = bad_y, .n_rows = 2, .n_in = 2}, KJ_EDATA, "y[1] is inf"},
      {{.x = x, .y = y, .weight = none, .n_rows = 2, .n_in = 2},
       KJ_EDATA,
       "all 2 weights are 0"},
      {{.x = x, .y = y, .weight = negative, .n_rows = 2, .n_in = 2},
       KJ_EDATA,
       "weight[1] is -1"},
      {{.x = x, .y = y, .weight = bad_weight, .n_rows = 2, .n_in = 2},
       KJ_EDATA,
       "weight[0] is inf"},
      {{.x = huge_x, .y = y, .n_rows = 2, .n_in = 2}, KJ_EDATA, "standardise"},
      {{.x = x, .y = huge_y, .n_rows = 2, .n_in = 2}, KJ_EDATA, "standardise"}};
  double w[2] = {7, 7}, b = 7;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    kj_error err = {0};
    check_failure(kj_ridge_solve(&cases[i].problem, 1, w, &b, &err), &err,
                  cases[i].status, cases[i].text);
    check_near("untouched", w[0] + w[1] + b, 21, 0);
  }
}

static void every_error_of_fit(void **state)
{
  (void)state;
  const float x[] = {1, 2, 3, 4};
  const float huge_x[] = {1, 2e30F, 3, -4e30F};
  const double y[] = {1, 2};
  double w[2] = {7, 7}, b = 7, penalty = 7;
  const kj_ridge_problem huge = {.x = huge_x, .y = y, .n_rows = 2, .n_in = 2};
  const kj_ridge_problem good = {.x = x, .y = y, .n_rows = 2, .n_in = 2};
  const double bad_penalties[] = {0, -1, HUGE_VAL, (double)NAN};
  kj_error err = {0};
  for (size_t i = 0; i < 4; i++)
    check_failure(kj_ridge_solve(&good, bad_penalties[i], w, &b, &err), &err,
                  KJ_EARGUMENT, "penalty is");
  check_failure(kj_ridge_fit(NULL, w, &b, &penalty, &err), &err, KJ_EARGUMENT,
                "NULL");
  check_failure(kj_ridge_fit(&good, NULL, &b, &penalty, &err), &err,
                KJ_EARGUMENT, "weights or intercept is NULL");
  check_failure(kj_ridge_fit(&good, w, NULL, &penalty, &err), &err,
                KJ_EARGUMENT, "weights or intercept is NULL");
  check_failure(kj_ridge_fit(&huge, w, &b, &penalty, &err), &err, KJ_EDATA,
                "standardise");
  check_near("untouched", w[0] + w[1] + b + penalty, 28, 0);
  assert_int_equal(kj_ridge_fit(&good, w, &b, NULL, NULL), KJ_OK);
}

static void every_allocation_fails_once(void **state)
{
  (void)state;
  static data d;
  size_t n_failed = 0;
  data_draw(&d, 30, 10, 3, 8);
  for (size_t at = 1;; at++) {
    failing f = {.fail_at = at};
    const kj_allocator allocator = failing_allocator(&f);
    double w[MAX_IN], b, penalty;
    d.problem.allocator = &allocator;
    const kj_status status = kj_ridge_fit(&d.problem, w, &b, &penalty, NULL);
    assert_int_equal(f.n_out, 0);
    if (status == KJ_OK)
      break;
    assert_int_equal(status, KJ_EMEMORY);
    n_failed++;
  }
  assert_int_equal(n_failed, 12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_column_by_hand),
      cmocka_unit_test(gradient_is_zero),
      cmocka_unit_test(primal_is_dual),
      cmocka_unit_test(weights_are_repetitions),
      cmocka_unit_test(offsets_move_the_intercept),
      cmocka_unit_test(penalty_shrinks),
      cmocka_unit_test(penalty_is_the_best_of_plain_folds),
      cmocka_unit_test(rows_of_no_weight_are_absent),
      cmocka_unit_test(one_group_is_five_contiguous_folds),
      cmocka_unit_test(ties_go_to_the_largest),
      cmocka_unit_test(every_error_of_solve),
      cmocka_unit_test(every_error_of_fit),
      cmocka_unit_test(every_allocation_fails_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
