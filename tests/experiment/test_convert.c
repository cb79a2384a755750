/*
 * test_convert.c: what a conversion of weights cost is measured rightly, and
 * the gate lets through what it should.
 */
#include "experiment/toy.h"

#include "kanjo/conversion.h"
#include "kanjo/routing.h"

static const kj_conversion_options OPEN = {.gate_mae = 4.0, .gate_ccc = 2.0};

typedef struct result {
  kj_status status;
  kj_error err;
  kj_conversion report;
  kj_estimator *to;
} result;

static result convert(const kj_estimator *from, kj_weights weights,
                      const kj_dataset *data, kj_conversion_options options)
{
  result r = {.to = NULL};
  options.weights = weights;
  r.status = kj_convert(from, data, &options, &r.report, &r.to, &r.err);
  assert_true((r.status == KJ_OK) == (r.to != NULL));
  return r;
}

static result converted(const kj_estimator *from, kj_weights weights,
                        const kj_dataset *data, kj_conversion_options options)
{
  const result r = convert(from, weights, data, options);
  if (r.status != KJ_OK)
    fail_msg("kj_convert: %s", r.err.message);
  return r;
}

/* MAE and CCC by their formulas, rows without a rating left out. */
static void measure(const double *f, size_t k, const toy *t, double *mae,
                    double *ccc)
{
  const size_t n_targets = t->data.n_targets;
  double n = 0, sy = 0, sf = 0, syy = 0, sff = 0, syf = 0, se = 0;
  for (size_t i = 0; i < TOY_ROWS; i++) {
    const double y = (double)t->y[i * n_targets + k];
    const double x = f[i * n_targets + k];
    if (isnan(y))
      continue;
    n++;
    sy += y;
    sf += x;
    syy += y * y;
    sff += x * x;
    syf += y * x;
    se += fabs(y - x);
  }
  const double my = sy / n, mf = sf / n;
  *mae = se / n;
  *ccc = 2.0 * (syf / n - my * mf) /
         (syy / n - my * my + sff / n - mf * mf + (my - mf) * (my - mf));
}

static void check_target(const toy *t, size_t k, const double *before,
                         const double *after, const kj_conversion_target *got)
{
  double mae, ccc, largest = 0.0;
  measure(before, k, t, &mae, &ccc);
  assert_near("MAE before", got->before.mae, mae, 1e-12);
  assert_near("CCC before", got->before.ccc, ccc, 1e-9);
  measure(after, k, t, &mae, &ccc);
  assert_near("MAE after", got->after.mae, mae, 1e-12);
  assert_near("CCC after", got->after.ccc, ccc, 1e-9);
  for (size_t i = 0; i < TOY_ROWS; i++)
    largest = fmax(largest, fabs(after[i * t->data.n_targets + k] -
                                 before[i * t->data.n_targets + k]));
  assert_true(largest > 0.0);
  assert_near("largest difference", got->largest_difference, largest, 0.0);
}

static void test_figures(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  const kj_fit_options options = toy_options();
  kj_estimator *from = fit_estimator(t, &options);
  t->y[2 * 3 + 1] = NAN;
  for (int w = KJ_WEIGHTS_BF16; w < KJ_N_WEIGHTS; w++) {
    const result r = converted(from, (kj_weights)w, &t->data, OPEN);
    double before[TOY_ROWS * 2], after[TOY_ROWS * 2];
    estimate_toy(from, t, before);
    estimate_toy(r.to, t, after);
    assert_int_equal(r.report.n_rows, TOY_ROWS);
    assert_int_equal(r.report.target[0].n_rows, TOY_ROWS);
    assert_int_equal(r.report.target[1].n_rows, TOY_ROWS - 1);
    for (size_t k = 0; k < 2; k++)
      check_target(t, k, before, after, &r.report.target[k]);
    assert_true(r.report.has_passed);
    kj_estimator_destroy(r.to);
  }
  kj_estimator_destroy(from);
  free(t);
}

/* Exactly what a conversion costs is let through, and not a hair less. */
static void test_gate(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  const kj_fit_options options = toy_options();
  kj_estimator *from = fit_estimator(t, &options);
  /* Ratings that the old estimates hit exactly: rounding can but harm. */
  double before[TOY_ROWS];
  estimate_toy(from, t, before);
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->y[i] = (float)before[i];
  const result exact = converted(from, KJ_WEIGHTS_INT8, &t->data, OPEN);
  const kj_conversion_target *cost = &exact.report.target[0];
  const double mae = cost->after.mae - cost->before.mae;
  const double ccc = cost->before.ccc - cost->after.ccc;
  assert_true(mae > 0.0 && ccc > 0.0);
  const struct {
    double mae, ccc;
    bool passes;
  } rows[] = {
      {mae * 1.001, ccc * 1.001, true},
      {mae * 0.999, ccc * 1.001, false},
      {mae * 1.001, ccc * 0.999, false},
      {0.0, 0.0, false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const kj_conversion_options gate = {KJ_WEIGHTS_INT8, rows[i].mae,
                                        rows[i].ccc};
    const result again = converted(from, KJ_WEIGHTS_INT8, &t->data, gate);
    if (again.report.has_passed != rows[i].passes ||
        again.report.target[0].has_passed != rows[i].passes)
      fail_msg("gate %zu: passed is %d", i, again.report.has_passed);
    kj_estimator_destroy(again.to);
  }
  kj_estimator_destroy(exact.to);
  kj_estimator_destroy(from);
  free(t);
}

/* The targets of the data may stand in another order, and be more. */
static void test_order_of_targets(void **state)
{
  (void)state;
  toy *one = new_toy(1), *three = new_toy(3);
  const kj_fit_options options = toy_options();
  kj_estimator *from = fit_estimator(one, &options);
  memcpy(three->x, one->x, sizeof one->x);
  strcpy(three->data.target[0], "dominance");
  strcpy(three->data.target[2], "valence");
  for (size_t i = 0; i < TOY_ROWS; i++)
    three->y[i * 3 + 2] = one->y[i];
  const result a = converted(from, KJ_WEIGHTS_BF16, &one->data, OPEN);
  const result b = converted(from, KJ_WEIGHTS_BF16, &three->data, OPEN);
  assert_near("MAE", b.report.target[0].after.mae, a.report.target[0].after.mae,
              0.0);
  kj_estimator_destroy(b.to);
  kj_estimator_destroy(a.to);
  kj_estimator_destroy(from);
  free(three);
  free(one);
}

/* An estimator that wants rows standardised per speaker is calibrated so. */
static void test_normalisation(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_fit_options options = toy_options();
  options.normalisation = KJ_NORMALISE_SPEAKER;
  kj_estimator *from = fit_estimator(t, &options);
  const result r = converted(from, KJ_WEIGHTS_INT8, &t->data, OPEN);
  /* 8 rows a speaker: no value beyond sqrt(7) standard deviations. */
  const float range = kj_estimator_get_parts(r.to)->part[0].range[0];
  assert_true(range > 1.0f && range <= 2.0f * 2.65f);
  assert_true(r.report.target[0].largest_difference < 0.05);
  kj_estimator_destroy(r.to);
  kj_estimator_destroy(from);
  free(t);
}

static kj_estimator *fit_view(const kj_dataset *view, kj_fit_options options)
{
  kj_fit *fit = NULL;
  kj_error err;
  const kj_rows all = {NULL, view->n_rows};
  if (kj_fit_create(view, all, NULL, &options, &fit, &err) != KJ_OK)
    fail_msg("kj_fit_create: %s", err.message);
  run_fit(fit);
  kj_estimator *estimator = estimator_of(fit);
  kj_fit_destroy(fit);
  return estimator;
}

static kj_estimator *fit_seed(const toy *t, uint64_t seed)
{
  kj_fit_options options = toy_options();
  options.seed = seed;
  return fit_estimator(t, &options);
}

/* A gate, an expert, an expert of two members, an informed estimator; and the
 * informed one's rows. */
typedef struct whole {
  kj_estimator *plain, *gate, *scripted, *member[2], *spontaneous, *informed;
  kj_estimator *all;
  kj_dataset wide;
} whole;

static void make_gate(whole *w, const toy *t)
{
  kj_dataset kinds;
  double p[TOY_ROWS];
  kj_fit_options options = toy_options();
  options.loss = KJ_LOSS_BCE;
  assert_int_equal(kj_gate_view(&t->data, &kinds, NULL), KJ_OK);
  w->gate = fit_view(&kinds, options);
  kj_gate_view_clear(&kinds);
  assert_int_equal(kj_estimate_rows(w->gate, &t->data, all_rows(t), p, NULL),
                   KJ_OK);
  assert_int_equal(kj_informed_view(&t->data, p, &w->wide, NULL), KJ_OK);
}

static whole new_whole(toy *t)
{
  whole w = {0};
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->row[i].spontaneous = (int)(i % 2);
  make_gate(&w, t);
  w.plain = fit_seed(t, 1);
  w.scripted = fit_seed(t, 2);
  w.member[0] = fit_seed(t, 3);
  w.member[1] = fit_seed(t, 4);
  assert_int_equal(
      kj_ensemble_attach(w.member[0], &w.member[1], 1, &w.spontaneous, NULL),
      KJ_OK);
  w.informed = fit_view(&w.wide, toy_options());
  const kj_routing routing = {
      .route = KJ_ROUTE_FEATURES,
      .component = {[KJ_COMPONENT_SCRIPTED] = w.scripted,
                    [KJ_COMPONENT_SPONTANEOUS] = w.spontaneous,
                    [KJ_COMPONENT_GATE] = w.gate,
                    [KJ_COMPONENT_INFORMED] = w.informed}};
  assert_int_equal(kj_routing_attach(w.plain, &routing, &w.all, NULL), KJ_OK);
  return w;
}

static void clear_whole(whole *w)
{
  kj_estimator *each[] = {w->plain,     w->gate,      w->scripted,
                          w->member[0], w->member[1], w->spontaneous,
                          w->informed,  w->all};
  for (size_t i = 0; i < sizeof each / sizeof each[0]; i++)
    kj_estimator_destroy(each[i]);
  kj_informed_view_clear(&w->wide);
}

/* That `got` estimates as `from` does when it is converted by itself. */
static void expect_as_alone(const char *what, const kj_estimator *got,
                            const kj_estimator *from, const kj_dataset *data)
{
  kj_estimator *alone = NULL;
  const kj_rows all = {NULL, data->n_rows};
  double a[TOY_ROWS], b[TOY_ROWS], before[TOY_ROWS];
  assert_int_equal(
      kj_conversion_make(from, KJ_WEIGHTS_INT8, data, &alone, NULL), KJ_OK);
  assert_int_equal(kj_estimator_get_parts(got)->weights, KJ_WEIGHTS_INT8);
  assert_int_equal(kj_estimate_rows(got, data, all, a, NULL), KJ_OK);
  assert_int_equal(kj_estimate_rows(alone, data, all, b, NULL), KJ_OK);
  assert_int_equal(kj_estimate_rows(from, data, all, before, NULL), KJ_OK);
  if (memcmp(a, b, sizeof a) != 0)
    fail_msg("%s: not as when converted alone", what);
  if (memcmp(a, before, sizeof a) == 0)
    fail_msg("%s: nothing was rounded", what);
  kj_estimator_destroy(alone);
}

/* Who is inside is converted as it would be by itself, and the whole estimates
 * by them. */
static void test_those_inside(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  whole w = new_whole(t);
  const result r = converted(w.all, KJ_WEIGHTS_INT8, &t->data, OPEN);
  const kj_estimator_parts *parts = kj_estimator_get_parts(r.to);
  const kj_estimator *const *component = parts->routing.component;
  assert_int_equal(parts->routing.route, KJ_ROUTE_FEATURES);
  expect_as_alone("gate", component[KJ_COMPONENT_GATE], w.gate, &t->data);
  expect_as_alone("scripted", component[KJ_COMPONENT_SCRIPTED], w.scripted,
                  &t->data);
  expect_as_alone("spontaneous", component[KJ_COMPONENT_SPONTANEOUS],
                  w.spontaneous, &t->data);
  expect_as_alone(
      "member",
      kj_estimator_get_parts(component[KJ_COMPONENT_SPONTANEOUS])->other[0],
      w.member[1], &t->data);
  expect_as_alone("informed", component[KJ_COMPONENT_INFORMED], w.informed,
                  &w.wide);
  double before[TOY_ROWS], after[TOY_ROWS];
  kj_routed out = {.values = before};
  assert_int_equal(
      kj_route_rows(w.all, &t->data, all_rows(t), KJ_ROUTE_PLAIN, &out, NULL),
      KJ_OK);
  out.values = after;
  assert_int_equal(
      kj_route_rows(r.to, &t->data, all_rows(t), KJ_ROUTE_PLAIN, &out, NULL),
      KJ_OK);
  assert_memory_not_equal(before, after, sizeof before);
  kj_estimator_destroy(r.to);
  clear_whole(&w);
  free(t);
}

/* What goes wrong inside is told with its place. */
static void test_errors_inside(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  whole w = new_whole(t);
  kj_estimator *out = NULL;
  kj_error err;
  const result r = converted(w.all, KJ_WEIGHTS_BF16, &t->data, OPEN);
  check_error("int8 without rows",
              kj_conversion_make(w.all, KJ_WEIGHTS_INT8, NULL, &out, &err),
              KJ_EDATA, &err, "n_rows is 0");
  assert_null(out);
  assert_int_equal(kj_conversion_make(r.to, KJ_WEIGHTS_FP32, NULL, &out, &err),
                   KJ_OK);
  kj_estimator_destroy(out);
  kj_estimator_destroy(r.to);
  clear_whole(&w);
  free(t);
}

static void test_errors(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  const kj_fit_options options = toy_options();
  kj_estimator *from = fit_estimator(t, &options);
  result r = convert(from, KJ_WEIGHTS_INT8, &t->data,
                     (kj_conversion_options){.gate_mae = -0.01});
  check_error("MAE", r.status, KJ_EARGUMENT, &r.err, "gate is MAE -0.01");
  r = convert(from, KJ_WEIGHTS_INT8, &t->data,
              (kj_conversion_options){.gate_ccc = (double)NAN});
  check_error("CCC", r.status, KJ_EARGUMENT, &r.err, "must be at least 0");
  r = convert(from, KJ_WEIGHTS_FP32, &t->data, OPEN);
  check_error("kind", r.status, KJ_EARGUMENT, &r.err, "are fp32 already");

  strcpy(t->data.target[0], "joy");
  r = convert(from, KJ_WEIGHTS_INT8, &t->data, OPEN);
  check_error("target", r.status, KJ_EARGUMENT, &r.err,
              "toy.csv: no ratings of 'valence'");
  strcpy(t->data.target[0], "valence");
  t->data.n_inputs = 3;
  r = convert(from, KJ_WEIGHTS_INT8, &t->data, OPEN);
  check_error("columns", r.status, KJ_ESHAPE, &r.err, "3 features");
  t->data.n_inputs = TOY_INPUTS;
  t->data.n_rows = 1;
  r = convert(from, KJ_WEIGHTS_INT8, &t->data, OPEN);
  check_error("one row", r.status, KJ_EDATA, &r.err,
              "the CCC of 'valence' is not defined (1 rated rows)");
  t->data.n_rows = TOY_ROWS;
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->y[i] = NAN;
  r = convert(from, KJ_WEIGHTS_INT8, &t->data, OPEN);
  check_error("ratings", r.status, KJ_EDATA, &r.err, "no row has a rating");
  kj_estimator_destroy(from);
  free(t);
}

static void test_defaults(void **state)
{
  (void)state;
  const kj_conversion_options options = kj_conversion_defaults();
  assert_int_equal(options.weights, KJ_WEIGHTS_INT8);
  assert_near("MAE", options.gate_mae, 0.01, 0.0);
  assert_near("CCC", options.gate_ccc, 0.01, 0.0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_figures),
      cmocka_unit_test(test_gate),
      cmocka_unit_test(test_order_of_targets),
      cmocka_unit_test(test_normalisation),
      cmocka_unit_test(test_those_inside),
      cmocka_unit_test(test_errors_inside),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_defaults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
