/*
 * test_routing.c: routed systems in a protocol, on a toy whose ratings turn
 * round with the kind of speech: routed wins, the oracle is never worse, and
 * every number is that of fits made here by hand.
 */
#define _GNU_SOURCE
#include "experiment/runs.h"

#include "kanjo/binary.h"
#include "kanjo/routing.h"

#include <unistd.h>

/* Every other row is spontaneous, which the last feature tells; valence rises
 * with the first one in scripted speech and falls in spontaneous. */
static toy *new_turning(void)
{
  toy *t = new_toy(2);
  kj__random random = test_stream(TOY_SEED, 7);
  for (size_t i = 0; i < TOY_ROWS; i++) {
    const int kind = (int)(i % 2);
    float *x = t->x + i * TOY_INPUTS;
    const double slope = kind ? -0.8 : 0.8;
    x[0] = (float)kj__random_normal(&random);
    x[3] = (float)(kind ? 1.0 : -1.0) + 0.3f * (float)i / (float)TOY_ROWS;
    t->row[i].spontaneous = kind;
    t->y[i * 2] =
        (float)(3.0 + slope * (double)x[0] + 0.05 * kj__random_normal(&random));
  }
  return t;
}

#define ROUTED                                                                 \
  HEAD "methods: [constant, ridge, none]\n"                                    \
       "experiments: [{id: x, train: [a, b], split: speaker, routing: {gate: " \
       "{hidden: [32], epochs: 200}, folds: 2}}]\n"

static const json_t *routing_of(const json_t *results)
{
  return json_object_get(
      json_array_get(json_object_get(results, "experiments"), 0), "routing");
}

static const json_t *find(const json_t *array, const char *key,
                          const char *name)
{
  size_t i;
  json_t *one;
  json_array_foreach(array, i, one)
  {
    if (strcmp(json_string_value(json_object_get(one, key)), name) == 0)
      return one;
  }
  fail_msg("no %s '%s'", key, name);
  return NULL;
}

static const json_t *system_of(const json_t *results, size_t target,
                               const char *method)
{
  const json_t *one =
      json_array_get(json_object_get(routing_of(results), "targets"), target);
  return find(json_object_get(one, "systems"), "method", method);
}

static double mae_of(const json_t *results, const char *method,
                     const char *route)
{
  const json_t *system = system_of(results, 0, method);
  return number_of(find(json_object_get(system, "routes"), "name", route),
                   "mae", "mean");
}

static double expert_mae(const json_t *results, const char *expert,
                         const char *kind)
{
  const json_t *system = system_of(results, 0, "ridge");
  const json_t *one = find(json_object_get(system, "experts"), "name", expert);
  return json_number_value(json_object_get(
      json_object_get(json_object_get(one, kind), "mae"), "mean"));
}

static void routed_wins_where_the_mapping_turns(void **state)
{
  (void)state;
  toy *t = new_turning();
  told told_of;
  json_t *results = results_of(ROUTED, t, 1, &told_of);
  const double plain = mae_of(results, "ridge", "plain");
  const double hard = mae_of(results, "ridge", "hard");
  const double soft = mae_of(results, "ridge", "soft");
  const double oracle = mae_of(results, "ridge", "oracle");
  if (!(hard < 0.5 * plain && soft < 0.5 * plain))
    fail_msg("plain %g, hard %g, soft %g", plain, hard, soft);
  if (!(oracle <= hard + 1e-12 && oracle <= soft + 1e-12))
    fail_msg("oracle %g, hard %g, soft %g", oracle, hard, soft);
  const char *const kinds[] = {"scripted", "spontaneous"};
  for (size_t k = 0; k < 2; k++) {
    const double own = expert_mae(results, kinds[k], kinds[k]);
    const double other = expert_mae(results, kinds[k], kinds[1 - k]);
    if (!(own < 0.3 * other))
      fail_msg("%s: %g on its own, %g on the other", kinds[k], own, other);
  }
  const json_t *gate = json_object_get(routing_of(results), "gate");
  expect_number("auc", number_of(gate, "auc", "mean"), 1.0);
  expect_number("constant:plain", mae_of(results, "constant", "plain"),
                number_of(contender_of(target_of(results, 0, 0), "constant"),
                          "mae", "mean"));
  json_decref(results);
  free(t);
}

/* ---- by hand ---- */

/* Rows of the toy that are in a corpus and of a kind; -1: of any. */
static kj_rows pick(const toy *t, const char *corpus, int kind, size_t *index)
{
  size_t n = 0;
  for (size_t i = 0; i < TOY_ROWS; i++)
    if (strcmp(t->row[i].group_name[KJ_GROUP_CORPUS], corpus) == 0 &&
        (kind < 0 || t->row[i].spontaneous == kind))
      index[n++] = i;
  return (kj_rows){index, n};
}

static void fit_and_estimate(const kj_dataset *data, kj_rows train,
                             const kj_fit_options *options, kj_rows test,
                             double *values)
{
  kj_fit *fit = NULL;
  kj_estimator *estimator = NULL;
  kj_error err;
  if (kj_fit_create(data, train, NULL, options, &fit, &err) != KJ_OK)
    fail_msg("%s", err.message);
  run_fit(fit);
  estimator = estimator_of(fit);
  if (kj_estimate_rows(estimator, data, test, values, &err) != KJ_OK)
    fail_msg("%s", err.message);
  kj_estimator_destroy(estimator);
  kj_fit_destroy(fit);
}

static double hand_mae(const toy *t, kj_rows rows, const double *values)
{
  double sum = 0.0;
  for (size_t i = 0; i < rows.n; i++)
    sum += fabs((double)t->y[rows.index[i] * 2] - values[i * 2]);
  return sum / (double)rows.n;
}

static kj_fit_options hand_options(void)
{
  kj_fit_options options = kj_fit_defaults();
  options.n_hidden = 1;
  options.hidden[0] = 4;
  options.epochs = 3;
  options.batch = 8;
  return options;
}

static kj_fit_options hand_gate(void)
{
  kj_fit_options options = kj_gate_defaults();
  options.n_hidden = 1;
  options.hidden[0] = 6;
  options.epochs = 20;
  options.batch = 8;
  return options;
}

#define BY_HAND                                                                \
  "kanjo: 1\nname: toy\ncorpora: {a: {}, b: {}}\n"                             \
  "targets: [valence, activation]\nseeds: 1\n"                                 \
  "fit: {hidden: [4], epochs: 3, batch: 8}\nmethods: [none]\n"                 \
  "experiments: [{id: x, train: b, test: a, routing: {gate: {hidden: [6], "    \
  "epochs: 20}, folds: 3}}]\n"

typedef struct by_hand {
  toy *t;
  kj_dataset kinds;
  size_t at_b[3][TOY_ROWS], at_a[TOY_ROWS];
  kj_rows train[2], all, test; /* scripted, spontaneous, both; corpus a */
  double gate[TOY_ROWS], expert[2][TOY_ROWS * 2], mixed[TOY_ROWS * 2];
} by_hand;

static by_hand *begin_by_hand(void)
{
  by_hand *h = calloc(1, sizeof *h);
  kj_error err;
  assert_non_null(h);
  h->t = new_turning();
  if (kj_gate_view(&h->t->data, &h->kinds, &err) != KJ_OK)
    fail_msg("%s", err.message);
  h->train[0] = pick(h->t, "b", 0, h->at_b[0]);
  h->train[1] = pick(h->t, "b", 1, h->at_b[1]);
  h->all = pick(h->t, "b", -1, h->at_b[2]);
  h->test = pick(h->t, "a", -1, h->at_a);
  return h;
}

static void end_by_hand(by_hand *h)
{
  kj_gate_view_clear(&h->kinds);
  free(h->t);
  free(h);
}

static void hear(by_hand *h, const char *route)
{
  for (size_t i = 0; i < h->test.n; i++) {
    const double p = h->gate[i];
    const double w = strcmp(route, "soft") == 0 ? p
                     : strcmp(route, "hard") == 0
                         ? p >= 0.5
                         : h->t->row[h->test.index[i]].spontaneous;
    for (size_t k = 0; k < 2; k++)
      h->mixed[i * 2 + k] =
          (1.0 - w) * h->expert[0][i * 2 + k] + w * h->expert[1][i * 2 + k];
  }
}

static void routes_are_those_of_fits_by_hand(void **state)
{
  (void)state;
  by_hand *h = begin_by_hand();
  told told_of;
  json_t *results = results_of(BY_HAND, h->t, 1, &told_of);
  const kj_fit_options gate = hand_gate(), options = hand_options();
  static const char *const routes[] = {"hard", "soft", "oracle"};
  double binary[2][TOY_ROWS];
  kj_binary_metrics metrics;
  fit_and_estimate(&h->kinds, h->all, &gate, h->test, h->gate);
  for (size_t k = 0; k < 2; k++)
    fit_and_estimate(&h->t->data, h->train[k], &options, h->test, h->expert[k]);
  for (size_t r = 0; r < 3; r++) {
    hear(h, routes[r]);
    expect_near(mae_of(results, "none", routes[r]),
                hand_mae(h->t, h->test, h->mixed), 1e-12);
  }
  for (size_t i = 0; i < h->test.n; i++) {
    binary[0][i] = h->t->row[h->test.index[i]].spontaneous;
    binary[1][i] = h->gate[i];
  }
  const kj_binary_rows rows = {binary[0], binary[1], h->test.n, NULL, 0};
  assert_int_equal(kj_binary_metrics_compute(&rows, &metrics, NULL), KJ_OK);
  const json_t *of = json_object_get(routing_of(results), "gate");
  expect_near(number_of(of, "log_loss", "mean"), metrics.log_loss, 1e-12);
  expect_near(number_of(of, "accuracy", "mean"), metrics.accuracy, 1e-12);
  json_decref(results);
  end_by_hand(h);
}

/* Training rows of the informed estimator get the probability of a gate that
 * was trained without their speakers, tested rows that of the gate. */
static void features_are_out_of_fold(void **state)
{
  (void)state;
  by_hand *h = begin_by_hand();
  told told_of;
  json_t *results = results_of(BY_HAND, h->t, 1, &told_of);
  const kj_fit_options gate = hand_gate(), options = hand_options();
  const kj_folds folds = {.group = KJ_GROUP_SPEAKER, .n = 3, .seed = 1};
  size_t fold_of[TOY_ROWS], n_folds;
  float wide[TOY_ROWS][TOY_INPUTS + 1];
  const char *names[TOY_INPUTS + 1] = {"p", "q", "r", "s", "spontaneous"};
  for (size_t i = 0; i < TOY_ROWS; i++)
    memcpy(wide[i], h->t->x + i * TOY_INPUTS, TOY_INPUTS * sizeof(float));
  assert_int_equal(
      kj_folds_make(&h->t->data, h->all, &folds, fold_of, &n_folds, NULL),
      KJ_OK);
  for (size_t f = 0; f < n_folds; f++) {
    size_t in[TOY_ROWS], out[TOY_ROWS], n_in = 0, n_out = 0;
    double p[TOY_ROWS];
    for (size_t i = 0; i < h->all.n; i++)
      if (fold_of[i] == f)
        in[n_in++] = h->all.index[i];
      else
        out[n_out++] = h->all.index[i];
    fit_and_estimate(&h->kinds, (kj_rows){out, n_out}, &gate,
                     (kj_rows){in, n_in}, p);
    for (size_t i = 0; i < n_in; i++)
      wide[in[i]][TOY_INPUTS] = (float)p[i];
  }
  fit_and_estimate(&h->kinds, h->all, &gate, h->test, h->gate);
  for (size_t i = 0; i < h->test.n; i++)
    wide[h->test.index[i]][TOY_INPUTS] = (float)h->gate[i];
  kj_dataset data = h->t->data;
  data.x = wide[0];
  data.n_inputs = TOY_INPUTS + 1;
  data.input_name = names;
  fit_and_estimate(&data, h->all, &options, h->test, h->mixed);
  expect_near(mae_of(results, "none", "features"),
              hand_mae(h->t, h->test, h->mixed), 1e-12);
  json_decref(results);
  end_by_hand(h);
}

/* ---- cells ---- */

#define CHOSEN                                                                 \
  HEAD "methods: [ridge, vat]\n"                                               \
       "experiments:\n"                                                        \
       "  - {id: x, train: [a, b], split: speaker:3, choose: {lambda: [0.5, "  \
       "2], folds: 2}, routing: {gate: {hidden: [3]}, folds: 2}}\n"            \
       "  - {id: y, train: b, test: a, routing: {gate: {hidden: [3], "         \
       "smoothing: vat}, folds: 2}}\n"

static void threads_change_nothing(void **state)
{
  (void)state;
  toy *t = new_turning();
  told told_of;
  json_t *alone = results_of(CHOSEN, t, 1, &told_of);
  json_t *together = results_of(CHOSEN, t, 3, &told_of);
  expect_same(alone, together);
  json_decref(alone);
  json_decref(together);
  free(t);
}

static void stopping_changes_nothing(void **state)
{
  (void)state;
  toy *t = new_turning();
  char folder[] = "/tmp/kanjo-routing-XXXXXX", path[64], command[64];
  told told_of;
  kj_error err;
  json_t *undisturbed = results_of(CHOSEN, t, 1, &told_of), *results = NULL;
  kj_status status = KJ_EINTERRUPTED;
  size_t n_stopped = 0;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/r.sqlite", folder);
  while (status == KJ_EINTERRUPTED) {
    told_of = (told){.stop_after = n_stopped + 1, .n_threads = 2};
    status = run(CHOSEN, t, path, &told_of, &results, &err);
    n_stopped += status == KJ_EINTERRUPTED;
  }
  if (status != KJ_OK)
    fail_msg("%s", err.message);
  assert_true(n_stopped > 5);
  expect_same(undisturbed, results);
  json_decref(results);
  json_decref(undisturbed);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  assert_int_equal(system(command), 0);
  free(t);
}

static void the_plain_cell_is_shared(void **state)
{
  (void)state;
  toy *t = new_turning();
  told told_of;
  /* 5 folds, 2 seeds: a gate each; ridge once a fold, none with each seed. */
  json_decref(results_of(
      HEAD "methods: [ridge, none]\nexperiments: [{id: x, train: [a, b], "
           "split: speaker, routing: {routes: [hard, oracle], gate: {hidden: "
           "[2]}}}]\n",
      t, 1, &told_of));
  assert_int_equal(told_of.plan.n_cells, 10 + 5 * 3 + 10 * 3);
  /* And for features, a cell of each method and two gates for folds. Ridge
   * has no seed, but its gates have. */
  json_decref(results_of(
      HEAD "methods: [ridge, none]\nexperiments: [{id: x, train: [a, b], "
           "split: speaker, routing: {routes: features, folds: 2, gate: "
           "{hidden: [2]}}}]\n",
      t, 1, &told_of));
  assert_int_equal(told_of.plan.n_cells, 10 + 5 * 3 + 10 * 3 + 10 * 2 + 20);
  assert_int_equal(told_of.n_done, told_of.plan.n_cells);
  free(t);
}

static void other_kinds_are_other_gates(void **state)
{
  (void)state;
  toy *t = new_turning();
  told told_of;
  json_t *before = results_of(BY_HAND, t, 1, &told_of);
  t->row[TOY_ROWS - 1].spontaneous = 0;
  json_t *after = results_of(BY_HAND, t, 1, &told_of);
  const double was = number_of(json_object_get(routing_of(before), "gate"),
                               "log_loss", "mean");
  const double is =
      number_of(json_object_get(routing_of(after), "gate"), "log_loss", "mean");
  assert_true(was != is);
  json_decref(before);
  json_decref(after);
  free(t);
}

/* ---- rows ---- */

static void rows_of_no_known_kind_are_left_out(void **state)
{
  (void)state;
  toy *t = new_turning();
  told told_of;
  for (size_t i = 0; i < TOY_ROWS; i += 5)
    t->row[i].spontaneous = -1;
  json_t *results = results_of(ROUTED, t, 1, &told_of);
  const json_t *routing = routing_of(results);
  assert_int_equal(json_integer_value(json_object_get(routing, "n_unknown")),
                   TOY_ROWS / 5);
  assert_true(mae_of(results, "ridge", "plain") !=
              number_of(contender_of(target_of(results, 0, 0), "ridge"), "mae",
                        "mean"));
  json_decref(results);
  free(t);
}

/* Scripted speech only is tested: the spontaneous side is not defined. */
static void one_kind_may_be_tested(void **state)
{
  (void)state;
  toy *t = new_turning();
  told told_of;
  json_t *results = results_of(
      HEAD "methods: [ridge]\nexperiments: [{id: x, train: [a, b], split: "
           "speaker, test-only: {spontaneous: 0}, routing: {gate: {hidden: "
           "[32], epochs: 200}}}]\n",
      t, 1, &told_of);
  const json_t *gate = json_object_get(routing_of(results), "gate");
  assert_true(isnan(number_of(gate, "auc", "mean")));
  expect_number("accuracy", number_of(gate, "accuracy", "mean"), 1.0);
  assert_true(json_is_null(json_object_get(
      json_object_get(
          json_object_get(
              json_array_get(
                  json_object_get(system_of(results, 0, "ridge"), "experts"),
                  0),
              "spontaneous"),
          "mae"),
      "mean")));
  expect_number("hard", mae_of(results, "ridge", "hard"),
                mae_of(results, "ridge", "oracle"));
  json_decref(results);
  free(t);
}

static void a_gate_may_learn_elsewhere(void **state)
{
  (void)state;
  toy *t = new_turning();
  told told_of;
  json_t *results = results_of(
      HEAD "methods: [ridge]\nexperiments: [{id: x, train: a, split: speaker, "
           "routing: {routes: hard, gate: {hidden: [6], train: b}}}]\n",
      t, 1, &told_of);
  const json_t *gate = json_object_get(routing_of(results), "gate");
  assert_int_equal(json_integer_value(json_object_get(gate, "n_train_rows")),
                   3 * TOY_ROWS_EACH);
  json_decref(results);
  /* Of the tested speakers it learns nothing, even of the same corpus. */
  results = results_of(
      HEAD "methods: [ridge]\nexperiments: [{id: x, train: a, test: b, "
           "test-only: {speaker: [cem]}, routing: {routes: hard, gate: "
           "{hidden: [6], train: [a, b]}}}]\n",
      t, 1, &told_of);
  gate = json_object_get(routing_of(results), "gate");
  assert_int_equal(json_integer_value(json_object_get(gate, "n_train_rows")),
                   4 * TOY_ROWS_EACH);
  json_decref(results);
  free(t);
}

static void a_gate_alone_needs_no_target(void **state)
{
  (void)state;
  toy *t = new_turning();
  told told_of;
  t->data.n_targets = 0;
  json_t *results = results_of(
      "kanjo: 1\nname: toy\ncorpora: {a: {}, b: {}}\nseeds: 2\n"
      "experiments: [{id: x, train: [a, b], split: speaker, routing: {gate: "
      "{hidden: [32], epochs: 200}}}]\n",
      t, 2, &told_of);
  assert_int_equal(told_of.plan.n_cells, 5 * 2);
  const json_t *gate = json_object_get(routing_of(results), "gate");
  expect_number("auc", number_of(gate, "auc", "mean"), 1.0);
  json_decref(results);
  free(t);
}

/* ---- refused ---- */

static void expect_refused(const char *text, const toy *t, const char *part)
{
  told told_of = {0};
  json_t *results = NULL;
  kj_error err = {0};
  const kj_status status = run(text, t, ":memory:", &told_of, &results, &err);
  check_error(text, status, KJ_EDATA, &err, part);
  assert_null(results);
}

static void a_kind_must_be_there(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  expect_refused(ROUTED, t,
                 "experiment 'x': toy.csv: 0 rows are spontaneous (1 in the "
                 "column 'spontaneous') and 0 are not (0)");
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->row[i].spontaneous = i < 2 * TOY_ROWS_EACH; /* corpus a, and b */
  expect_refused(HEAD "experiments: [{id: x, train: a, test: b, routing: {}}]",
                 t,
                 "experiment 'x': fold 1: of the rows that the gate is trained "
                 "on, 16 are spontaneous (1 in the column 'spontaneous') and 0 "
                 "are not (0); routing needs both");
  expect_refused(HEAD "experiments: [{id: x, train: a, test: b, routing: "
                      "{routes: hard, gate: {train: [a, b]}}}]",
                 t, "that the gate is trained on, 16 are");
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->row[i].spontaneous = i < TOY_ROWS_EACH;
  expect_refused(HEAD "experiments: [{id: x, train: a, test: b, routing: "
                      "{folds: 2}}]",
                 t, "that a gate of an inner fold is trained on");
  free(t);
}

static void expect_wrong(const char *routing, const char *part)
{
  char text[600];
  kj_protocol *protocol = NULL;
  kj_error err = {0};
  snprintf(text, sizeof text,
           HEAD "experiments: [{id: x, train: a, test: b, %s}]", routing);
  const kj_status status =
      kj_protocol_parse("p.yaml", text, strlen(text), &protocol, &err);
  check_error(routing, status, KJ_EFORMAT, &err, part);
}

static void keys_and_names_are_checked(void **state)
{
  (void)state;
  expect_wrong("routing: {gates: {}}",
               "p.yaml:7: routing: unknown key 'gates'; nearest: gate");
  expect_wrong("routing: {gate: {hiden: 3}}",
               "gate: unknown key 'hiden'; nearest: hidden");
  expect_wrong("routing: {routes: [hard, sofd]}",
               "p.yaml:7: routes: 'sofd' is none of plain, hard, soft, oracle, "
               "features");
  expect_wrong("routing: {methods: [vatt]}",
               "method 'vatt' is not in this protocol; nearest: at, vat");
  expect_wrong("routing: {gate: {train: c}}",
               "corpus 'c' is not in this protocol");
  expect_wrong("routing: {folds: 1}", "must be a whole number in 2..1000");
  expect_wrong("routing: {}, adapt: {corpus: b}",
               "has both routing and adapt; must have one of them");
}

static void features_need_the_training_scaler(void **state)
{
  (void)state;
  kj_protocol *protocol = NULL;
  kj_error err = {0};
  static const char text[] =
      "kanjo: 1\nname: toy\ncorpora: {a: {}, b: {}}\ntargets: [valence]\n"
      "fit: {normalise: speaker}\n"
      "experiments: [{id: x, train: a, test: b, routing: {}}]\n";
  check_error("features",
              kj_protocol_parse("p.yaml", text, strlen(text), &protocol, &err),
              KJ_EFORMAT, &err, "route features needs normalise: train");
  static const char bare[] = "kanjo: 1\nname: toy\ncorpora: {a: {}, b: {}}\n"
                             "experiments: [{id: x, train: a, test: b}]\n";
  check_error("no targets",
              kj_protocol_parse("p.yaml", bare, strlen(bare), &protocol, &err),
              KJ_EFORMAT, &err, "has no routing, and the protocol no targets");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(routed_wins_where_the_mapping_turns),
      cmocka_unit_test(routes_are_those_of_fits_by_hand),
      cmocka_unit_test(features_are_out_of_fold),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(stopping_changes_nothing),
      cmocka_unit_test(the_plain_cell_is_shared),
      cmocka_unit_test(other_kinds_are_other_gates),
      cmocka_unit_test(rows_of_no_known_kind_are_left_out),
      cmocka_unit_test(one_kind_may_be_tested),
      cmocka_unit_test(a_gate_may_learn_elsewhere),
      cmocka_unit_test(a_gate_alone_needs_no_target),
      cmocka_unit_test(a_kind_must_be_there),
      cmocka_unit_test(keys_and_names_are_checked),
      cmocka_unit_test(features_need_the_training_scaler)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
