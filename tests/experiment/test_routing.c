/*
 * test_routing.c: what gates and informed estimators learn from, and that
 * nobody is asked about a voice that they have heard.
 */
#include "experiment/toy.h"

#include "estimator/support.h"

#include "experiment/platt.h"
#include "kanjo/routing.h"

enum { UNKNOWN_ROW = 3 };

/* Every other row is spontaneous, and the first feature tells it. */
static toy *kinds_toy(void)
{
  toy *t = new_toy(2);
  for (size_t i = 0; i < TOY_ROWS; i++) {
    t->row[i].spontaneous = i % 2;
    t->x[i * TOY_INPUTS] += i % 2 ? 4.0f : -4.0f;
  }
  t->row[UNKNOWN_ROW].spontaneous = -1;
  return t;
}

static kj_routing_options routing_options(void)
{
  kj_routing_options o = {.fit = toy_options(),
                          .gate = toy_options(),
                          .route = KJ_ROUTE_HARD,
                          .folds = {.group = KJ_GROUP_SPEAKER},
                          .n_threads = 2};
  o.gate.loss = KJ_LOSS_BCE;
  return o;
}

static void views_are_the_data_with_other_columns(void **state)
{
  (void)state;
  toy *t = kinds_toy();
  kj_dataset gate = {0}, informed = {0};
  double p[TOY_ROWS];
  for (size_t i = 0; i < TOY_ROWS; i++)
    p[i] = (double)i / TOY_ROWS;
  assert_int_equal(kj_gate_view(&t->data, &gate, NULL), KJ_OK);
  assert_int_equal(kj_informed_view(&t->data, p, &informed, NULL), KJ_OK);
  assert_int_equal(gate.n_targets, 1);
  assert_string_equal(gate.target[0], KJ_SPONTANEOUS);
  assert_int_equal(informed.n_inputs, TOY_INPUTS + 1);
  assert_string_equal(informed.input_name[TOY_INPUTS], KJ_SPONTANEOUS);
  for (size_t i = 0; i < TOY_ROWS; i++) {
    const float *x = informed.x + i * (TOY_INPUTS + 1);
    assert_memory_equal(x, t->x + i * TOY_INPUTS, TOY_INPUTS * sizeof *x);
    assert_true(x[TOY_INPUTS] == (float)p[i]);
    if (i == UNKNOWN_ROW)
      assert_true(isnan(gate.y[i]));
    else
      assert_true(gate.y[i] == (float)(i % 2));
  }
  kj_gate_view_clear(&gate);
  kj_informed_view_clear(&informed);
  free(t);
}

static void a_gate_needs_both_kinds(void **state)
{
  (void)state;
  toy *t = kinds_toy();
  kj_dataset view = {0};
  kj_error err;
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->row[i].spontaneous = 1;
  const kj_status status = kj_gate_view(&t->data, &view, &err);
  assert_error("kinds", status, &err, KJ_EDATA,
               "40 rows are spontaneous (1 in the column 'spontaneous') and 0 "
               "are not");
  free(t);
}

/* What a fit on the n rows of index says of a row; values of 2 targets, and
 * behind them the deviations, if it predicts them. */
static void ask_by_hand(const kj_dataset *data, const kj_fit_options *options,
                        const size_t *index, size_t n, size_t row,
                        double *values)
{
  const kj_rows one = {&row, 1};
  kj_fit *fit = NULL;
  kj_estimator *estimator = NULL;
  assert_int_equal(
      kj_fit_create(data, (kj_rows){index, n}, NULL, options, &fit, NULL),
      KJ_OK);
  run_fit(fit);
  assert_int_equal(kj_fit_estimator(fit, &estimator, NULL), KJ_OK);
  assert_int_equal(
      options->loss == KJ_LOSS_NLL
          ? kj_estimate_rows_sd(estimator, data, one, values, values + 2, NULL)
          : kj_estimate_rows(estimator, data, one, values, NULL),
      KJ_OK);
  kj_estimator_destroy(estimator);
  kj_fit_destroy(fit);
}

/* By hand: a fit without the speaker, for one speaker. k from 2: deviations. */
static double by_hand(const toy *t, const kj_dataset *data,
                      const kj_fit_options *options, int kind, size_t row,
                      size_t k)
{
  size_t index[TOY_ROWS], n = 0;
  double values[4];
  const size_t speaker = t->row[row].group[KJ_GROUP_SPEAKER];
  for (size_t i = 0; i < TOY_ROWS; i++)
    if (t->row[i].group[KJ_GROUP_SPEAKER] != speaker &&
        (kind < 0 || t->row[i].spontaneous == kind))
      index[n++] = i;
  ask_by_hand(data, options, index, n, row, values);
  return values[k];
}

static void nobody_is_asked_about_a_voice_they_have_heard(void **state)
{
  (void)state;
  toy *t = kinds_toy();
  const kj_routing_options options = routing_options();
  double values[TOY_ROWS * 2], p[TOY_ROWS], gate_p[TOY_ROWS];
  const kj_routed out = {.values = values, .probability = p};
  kj_dataset view = {0};
  kj_error err;
  if (kj_routed_out_of_fold(&t->data, NULL, &options, &out, &err) ||
      kj_gate_out_of_fold(&t->data, NULL, &options, gate_p, &err))
    fail_msg("%s", err.message);
  assert_memory_equal(p, gate_p, sizeof p);
  assert_int_equal(kj_gate_view(&t->data, &view, NULL), KJ_OK);
  for (size_t row = 0; row < TOY_ROWS; row += 9) {
    const double want = by_hand(t, &view, &options.gate, -1, row, 0);
    assert_true(p[row] == want);
    for (size_t k = 0; k < 2; k++)
      assert_true(values[row * 2 + k] ==
                  by_hand(t, &t->data, &options.fit, want >= 0.5, row, k));
  }
  kj_gate_view_clear(&view);
  free(t);
}

static kj_routing_options surprised(kj_route route)
{
  kj_routing_options options = routing_options();
  options.route = route;
  options.fit.method = KJ_METHOD_NETWORK;
  options.fit.loss = KJ_LOSS_NLL;
  options.fit.output = KJ_ACTIVATION_LINEAR;
  return options;
}

static void deviations_are_of_who_is_heard(void **state)
{
  (void)state;
  toy *t = kinds_toy();
  double values[TOY_ROWS * 2], sd[TOY_ROWS * 2], p[TOY_ROWS];
  const kj_routed out = {.values = values, .probability = p, .sd = sd};
  kj_error err;
  for (int soft = 0; soft < 2; soft++) {
    const kj_routing_options options =
        surprised(soft ? KJ_ROUTE_SOFT : KJ_ROUTE_HARD);
    if (kj_routed_out_of_fold(&t->data, NULL, &options, &out, &err))
      fail_msg("%s", err.message);
    for (size_t row = 0; row < TOY_ROWS; row += 13)
      for (size_t k = 0; k < 2; k++) {
        const double w = soft ? p[row] : p[row] >= 0.5;
        double a[2], s[2];
        for (int kind = 0; kind < 2; kind++) {
          a[kind] = by_hand(t, &t->data, &options.fit, kind, row, k);
          s[kind] = by_hand(t, &t->data, &options.fit, kind, row, k + 2);
        }
        const double want = sqrt((1 - w) * s[0] * s[0] + w * s[1] * s[1] +
                                 w * (1 - w) * (a[1] - a[0]) * (a[1] - a[0]));
        assert_true(fabs(sd[row * 2 + k] - want) < 1e-12 * want);
        assert_true(fabs(values[row * 2 + k] - (1 - w) * a[0] - w * a[1]) <
                    1e-12);
      }
  }
  free(t);
}

/* What a gate that heard neither of two speakers says of a row. */
static double gate_by_hand(const toy *t, const kj_dataset *kinds,
                           const kj_fit_options *options, size_t row,
                           size_t other)
{
  size_t index[TOY_ROWS], n = 0;
  double p = 0.0;
  for (size_t i = 0; i < TOY_ROWS; i++)
    if (t->row[i].group[KJ_GROUP_SPEAKER] !=
            t->row[row].group[KJ_GROUP_SPEAKER] &&
        t->row[i].group[KJ_GROUP_SPEAKER] != other)
      index[n++] = i;
  ask_by_hand(kinds, options, index, n, row, &p);
  return p;
}

static void progress_reaches_the_end(void *context, size_t done, size_t total)
{
  size_t *seen = context;
  assert_true(done >= seen[0] && done <= total);
  seen[0] = done;
  seen[1] = total;
}

static void the_informed_learn_from_gates_that_heard_neither(void **state)
{
  (void)state;
  toy *t = kinds_toy();
  kj_routing_options options = routing_options();
  double values[TOY_ROWS * 2], p[TOY_ROWS], said[TOY_ROWS];
  const kj_routed out = {.values = values, .probability = p};
  size_t seen[2] = {0, 0};
  kj_dataset kinds = {0};
  kj_error err;
  options.route = KJ_ROUTE_FEATURES;
  options.gate_folds = options.folds;
  options.progress = progress_reaches_the_end;
  options.context = seen;
  if (kj_routed_out_of_fold(&t->data, NULL, &options, &out, &err))
    fail_msg("%s", err.message);
  /* of 5 speakers each: a gate, an informed estimator, and 4 gates within */
  assert_true(seen[0] == 30 && seen[1] == 30);
  assert_int_equal(kj_gate_view(&t->data, &kinds, NULL), KJ_OK);
  for (size_t row = 3; row < TOY_ROWS; row += 17) {
    const size_t speaker = t->row[row].group[KJ_GROUP_SPEAKER];
    kj_dataset wide;
    for (size_t i = 0; i < TOY_ROWS; i++)
      said[i] = gate_by_hand(t, &kinds, &options.gate, i, speaker);
    assert_true(p[row] == said[row]);
    assert_int_equal(kj_informed_view(&t->data, said, &wide, NULL), KJ_OK);
    for (size_t k = 0; k < 2; k++)
      assert_true(values[row * 2 + k] ==
                  by_hand(t, &wide, &options.fit, -1, row, k));
    kj_informed_view_clear(&wide);
  }
  kj_gate_view_clear(&kinds);
  free(t);
}

static void what_cannot_be_held_out_is_refused(void **state)
{
  (void)state;
  toy *t = kinds_toy();
  kj_routing_options options = routing_options();
  double values[TOY_ROWS * 2], p[TOY_ROWS];
  const kj_routed out = {.values = values, .probability = p};
  kj_error err;
  options.route = KJ_ROUTE_PLAIN;
  kj_status status =
      kj_routed_out_of_fold(&t->data, NULL, &options, &out, &err);
  assert_error("route", status, &err, KJ_EARGUMENT,
               "route is plain; must be hard, soft or features");
  options.route = KJ_ROUTE_FEATURES;
  status = kj_routed_out_of_fold(&t->data, &t->data, &options, &out, &err);
  assert_error("unlabelled", status, &err, KJ_EARGUMENT,
               "where there are unlabelled rows");
  options.gate_folds = (kj_folds){.group = KJ_GROUP_SPEAKER, .n = 5};
  status = kj_routed_out_of_fold(&t->data, NULL, &options, &out, &err);
  assert_error("folds within", status, &err, KJ_EDATA, "folds within fold 1");
  options = routing_options();
  options.folds.group = KJ_GROUP_ROW;
  options.folds.n = 4;
  status = kj_gate_out_of_fold(&t->data, NULL, &options, p, &err);
  assert_error("folds", status, &err, KJ_EARGUMENT, "folds are of rows");
  free(t);
}

/* Answers that are right with the log odds 2 z + 1 where the classifier says
 * z: many of them give the line back. */
static void platt_finds_the_line(void **state)
{
  (void)state;
  enum { N = 20000 };
  double *f = test_calloc(N, sizeof *f), *y = test_calloc(N, sizeof *y);
  double *w = test_calloc(N, sizeof *w), slope, offset;
  kj__random random = test_stream(31, 0);
  for (size_t i = 0; i < N; i++) {
    f[i] = kj__random_normal(&random);
    y[i] = kj__random_uniform(&random) < 1.0 / (1.0 + exp(-2.0 * f[i] - 1.0));
    w[i] = 1.0;
  }
  kj__platt(&(kj__answers){f, y, w, N}, &slope, &offset);
  print_message("slope %.3f of 2, offset %.3f of 1\n", slope, offset);
  assert_true(fabs(slope - 2.0) < 0.1 && fabs(offset - 1.0) < 0.1);
  for (size_t i = 0; i < N; i++) /* told apart without an error */
    y[i] = f[i] > 0.0;
  kj__platt(&(kj__answers){f, y, w, N}, &slope, &offset);
  assert_true(isfinite(slope) && slope > 2.0);
  for (size_t i = 0; i < N; i++)
    w[i] = 0.0;
  kj__platt(&(kj__answers){f, y, w, N}, &slope, &offset);
  assert_true(slope == 1.0 && offset == 0.0);
  test_free(f);
  test_free(y);
  test_free(w);
}

/* A gate's estimates are probabilities, also when they are calibrated. */
static void a_gate_learns_what_can_be_learned(void **state)
{
  (void)state;
  toy *t = kinds_toy();
  kj_dataset view = {0};
  assert_int_equal(kj_gate_view(&t->data, &view, NULL), KJ_OK);
  for (int calibrated = 0; calibrated < 2; calibrated++) {
    kj_fit_options options = calibrated ? held_out_options() : toy_options();
    options.loss = KJ_LOSS_BCE;
    options.calibrate = calibrated;
    options.epochs = 30;
    kj_fit *fit = NULL;
    kj_estimator *gate = NULL;
    double p[TOY_ROWS];
    assert_int_equal(
        kj_fit_create(&view, all_rows(t), NULL, &options, &fit, NULL), KJ_OK);
    run_fit(fit);
    assert_int_equal(kj_fit_estimator(fit, &gate, NULL), KJ_OK);
    assert_int_equal(kj_estimate_rows(gate, &view, all_rows(t), p, NULL),
                     KJ_OK);
    for (size_t i = 0; i < TOY_ROWS; i++)
      if (i != UNKNOWN_ROW && (p[i] >= 0.5) != (i % 2 == 1))
        fail_msg("row %zu of kind %zu: p is %g", i, i % 2, p[i]);
    kj_estimator_destroy(gate);
    kj_fit_destroy(fit);
  }
  kj_gate_view_clear(&view);
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(views_are_the_data_with_other_columns),
      cmocka_unit_test(a_gate_needs_both_kinds),
      cmocka_unit_test(nobody_is_asked_about_a_voice_they_have_heard),
      cmocka_unit_test(deviations_are_of_who_is_heard),
      cmocka_unit_test(the_informed_learn_from_gates_that_heard_neither),
      cmocka_unit_test(what_cannot_be_held_out_is_refused),
      cmocka_unit_test(platt_finds_the_line),
      cmocka_unit_test(a_gate_learns_what_can_be_learned),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
