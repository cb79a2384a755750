/*
 * test_routed_cells.c: the cells and rows of routed systems: the same for any
 * number of threads and however often a run was stopped; each once; and what
 * is refused.
 */
#define _GNU_SOURCE
#include "experiment/routed.h"

#include <unistd.h>

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
  static const char one[] =
      "kanjo: 1\nname: toy\ncorpora: {a: {}, b: {}}\ntargets: [valence]\n"
      "methods: [vat, {name: x, smoothing: vat, normalise: corpus}]\n"
      "experiments: [{id: x, train: a, test: b, routing: {}}]\n";
  check_error("features of one method",
              kj_protocol_parse("p.yaml", one, strlen(one), &protocol, &err),
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
