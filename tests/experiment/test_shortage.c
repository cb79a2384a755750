/*
 * test_shortage.c: allocation number 1, 2, 3 ... fails, for every function of
 * this room that allocates: "out of memory", and (under a sanitizer) nothing
 * leaks.
 *
 * The linker puts the __wrap_ functions here in the place of the originals
 * for all of libkanjo (tests.cmake); jansson keeps its own.
 */
#define _GNU_SOURCE
#include "experiment/toy.h"

#include "corpus/tables.h"
#include "experiment/snapshot.h"
#include "kanjo/runs.h"
#include "shortage.h"

#include <jansson.h>

/* What the calls work on. */
typedef struct work {
  toy *t;
  kj_fit *done;            /* a fit of t, with calibration, done */
  kj_estimator *estimator; /* of t, standardised by speaker */
  test_path state, labels;
} work;

typedef kj_status (*call)(work *w, kj_error *err);

static kj_fit_options work_options(kj_method method)
{
  kj_fit_options options = held_out_options();
  options.method = method;
  options.epochs = 1;
  options.patience = 1;
  options.calibrate = true;
  options.normalisation = KJ_NORMALISE_SPEAKER;
  options.smoothing.kind = KJ_SMOOTHING_VAT;
  return options;
}

static kj_status create(work *w, kj_method method, kj_error *err)
{
  const kj_fit_options options = work_options(method);
  kj_fit *fit = NULL;
  const kj_unlabelled rows = all_unlabelled(w->t);
  const kj_status status =
      kj_fit_create(&w->t->data, all_rows(w->t), &rows, &options, &fit, err);
  assert_int_equal(fit != NULL, status == KJ_OK);
  kj_fit_destroy(fit);
  return status;
}

static kj_status fit_network(work *w, kj_error *err)
{
  return create(w, KJ_METHOD_NETWORK, err);
}

static kj_status fit_ridge(work *w, kj_error *err)
{
  return create(w, KJ_METHOD_RIDGE, err);
}

static kj_status take_estimator(work *w, kj_error *err)
{
  kj_estimator *estimator = NULL;
  const kj_status status = kj_fit_estimator(w->done, &estimator, err);
  assert_int_equal(estimator != NULL, status == KJ_OK);
  kj_estimator_destroy(estimator);
  return status;
}

static kj_status save(work *w, kj_error *err)
{
  return kj_fit_save(w->done, w->state.text, err);
}

static kj_status keep(work *w, kj_error *err)
{
  kj__snapshot *snapshot = NULL;
  const kj_status status = kj__snapshot_create(w->done, &snapshot, err);
  assert_int_equal(snapshot != NULL, status == KJ_OK);
  kj__snapshot_destroy(snapshot);
  return status;
}

static kj_status restore(work *w, kj_error *err)
{
  return kj_fit_restore(w->done, w->state.text, err);
}

static kj_status estimate_rows(work *w, kj_error *err)
{
  double values[TOY_ROWS * 2];
  return kj_estimate_rows(w->estimator, &w->t->data, all_rows(w->t), values,
                          err);
}

static kj_status measure(work *w, kj_error *err)
{
  double values[TOY_ROWS] = {0};
  kj_bootstrap_options options = kj_bootstrap_defaults();
  kj_result result;
  options.n_replicates = 100;
  return kj_measure(&w->t->data, all_rows(w->t), 0, values, 1, &options,
                    &result, err);
}

static kj_status measure_difference(work *w, kj_error *err)
{
  double values[TOY_ROWS] = {0};
  kj_bootstrap_options options = kj_bootstrap_defaults();
  kj_comparison result;
  options.n_replicates = 100;
  return kj_measure_difference(&w->t->data, all_rows(w->t), 0, values, values,
                               1, &options, &result, err);
}

static kj_status cross_validate(work *w, kj_error *err)
{
  kj_cross_validation result = {0};
  kj_cross_validation_options options = {.fit = toy_options(),
                                         .folds = {KJ_GROUP_CORPUS, 0, 0},
                                         .n_contenders = 1,
                                         .contender = &KJ_CONTENDERS[2],
                                         .n_threads = 1,
                                         .bootstrap = kj_bootstrap_defaults()};
  options.fit.epochs = 1;
  options.bootstrap.n_replicates = 100;
  const kj_status status =
      kj_cross_validate(&w->t->data, NULL, &options, &result, err);
  assert_int_equal(result.estimate != NULL, status == KJ_OK);
  kj_cross_validation_clear(&result);
  return status;
}

static kj_status attach_sound(work *w, kj_error *err)
{
  const kj_target_spec target = {"valence", "valence", 1, 5};
  const kj_sound_options options = {.set = kj_feature_set_find("is09"),
                                    .audio = kj_audio_default_options(),
                                    .n_threads = 1};
  const size_t kept = *countdown(); /* the table is not what is tested */
  kj_dataset *data = NULL;
  kj_error read_err;
  *countdown() = 0;
  check_ok(kj_dataset_read_labels(w->labels.text, &target, 1, &data, &read_err),
           &read_err);
  *countdown() = kept;
  const kj_status status = kj_dataset_attach_sound(data, &options, err);
  *countdown() = 0;
  kj_dataset_destroy(data);
  return status;
}

#define PROTOCOL                                                               \
  "{kanjo: 1, name: p, corpora: {a: {}, b: {}}, targets: [v], seeds: 1, fit: " \
  "{hidden: 2, epochs: 1}, methods: [ridge, none, vat], experiments: [{id: x," \
  " train: a, test: b, choose: {lambda: [1], folds: 2}, paper: {values: {a: "  \
  "1}}, grid: {lambda: [1], epsilon: 1}, adapt: {corpus: b}, notes: [n]}]}"

static kj_status parse_protocol(kj_protocol **out)
{
  return kj_protocol_parse("p.yaml", PROTOCOL, strlen(PROTOCOL), out, NULL);
}

static kj_status parse(work *w, kj_error *err)
{
  kj_protocol *protocol = NULL;
  (void)w;
  const kj_status status =
      kj_protocol_parse("p.yaml", PROTOCOL, strlen(PROTOCOL), &protocol, err);
  assert_int_equal(protocol != NULL, status == KJ_OK);
  kj_protocol_destroy(protocol);
  return status;
}

/* Protocol and store are made before the allocations are counted: SQLite has
 * errors of its own. */
static kj_status run_protocol(work *w, kj_error *err)
{
  const kj_run_options options = {.n_threads = 1};
  const size_t kept = *countdown();
  kj_protocol *protocol = NULL;
  kj_run_store *store = NULL;
  json_t *results = NULL;
  *countdown() = 0;
  assert_int_equal(parse_protocol(&protocol), KJ_OK);
  assert_int_equal(kj_run_store_open(":memory:", true, &store, NULL), KJ_OK);
  *countdown() = kept;
  const kj_status status =
      kj_protocol_run(protocol, &w->t->data, store, &options, &results, err);
  *countdown() = 0;
  assert_int_equal(results != NULL, status == KJ_OK);
  json_decref(results);
  kj_run_store_close(store);
  kj_protocol_destroy(protocol);
  return status;
}

static const struct {
  const char *name;
  call run;
} CALLS[] = {{"fit of a network", fit_network},
             {"fit of a ridge", fit_ridge},
             {"kj_fit_estimator", take_estimator},
             {"kj_fit_save", save},
             {"kj_fit_restore", restore},
             {"kj__snapshot_create", keep},
             {"kj_estimate_rows", estimate_rows},
             {"kj_measure", measure},
             {"kj_measure_difference", measure_difference},
             {"kj_cross_validate", cross_validate},
             {"kj_dataset_attach_sound", attach_sound},
             {"kj_protocol_parse", parse},
             {"kj_protocol_run", run_protocol}};

/* The call with its allocation number `at` failing: did it succeed? */
static bool run_short(work *w, size_t i, size_t at)
{
  kj_error err = {0};
  *countdown() = at;
  const kj_status status = CALLS[i].run(w, &err);
  *countdown() = 0;
  if (status == KJ_OK)
    return true;
  if (status != KJ_EMEMORY || !strstr(err.message, "out of memory for "))
    fail_msg("%s without allocation %zu: %s: %s", CALLS[i].name, at,
             kj_status_text(status), err.message);
  return false;
}

static void every_allocation_may_fail(void **state)
{
  const kj_fit_options options = work_options(KJ_METHOD_NETWORK);
  work w = {.t = new_toy(2), .state = path_in(state, "state")};
  w.labels = write_text(state, "labels.csv",
                        "file,valence\n" KJ_TEST_SOURCE_DIR
                        "/tests/fixtures/is09/frames_5.wav,3\n");
  w.done = fitted(w.t, w.t, &options);
  w.estimator = estimator_of(w.done);
  for (size_t i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++) {
    size_t n = 1;
    while (!run_short(&w, i, n))
      n++;
    print_message("%s: %zu allocations\n", CALLS[i].name, n - 1);
    if (n < 3 || n > 1000)
      fail_msg("%s has %zu allocations", CALLS[i].name, n - 1);
  }
  kj_estimator_destroy(w.estimator);
  kj_fit_destroy(w.done);
  free(w.t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
      every_allocation_may_fail, make_folder, remove_folder)};
  return cmocka_run_group_tests_name("experiment shortage", tests, NULL, NULL);
}
