/*
 * test_search.c: each strategy visits exactly what it must, on a surface that
 * costs nothing; a search on the toy is the same for any number of threads
 * and however often it was stopped; what cannot be searched is refused.
 */
#define _GNU_SOURCE
#include "experiment/runs.h"
#include "kanjo/search.h"

#include <unistd.h>

/* A bowl in the logarithms, least at lambda 2, epsilon 0.5. */
typedef struct surface {
  size_t n_batches, n_trials;
  size_t fails_from; /* the trial from which time is up; 0: never */
} surface;

static double log_of(double x)
{
  return log(x);
}

static double bowl(const kj_search_point *point)
{
  const double l = log(fmax(point->value[KJ_SEARCH_LAMBDA], 1e-3) / 2.0);
  const double e = log(point->value[KJ_SEARCH_EPSILON] / 0.5);
  return 1.0 + l * l + e * e;
}

static kj_status score(void *context, kj_search_trial *trial, size_t n,
                       kj_error *err)
{
  surface *s = context;
  (void)err;
  s->n_batches++;
  for (size_t i = 0; i < n; i++) {
    s->n_trials++;
    trial[i].is_done = s->fails_from == 0 || s->n_trials < s->fails_from;
    trial[i].score = bowl(&trial[i].point);
  }
  return KJ_OK;
}

static kj_search_options options_of(kj_search_strategy strategy, size_t runs,
                                    const char *const *over)
{
  kj_search_options o = {.strategy = strategy, .runs = runs, .seed = 1};
  kj_error err;
  o.start = (kj_search_point){.value = {1.5, 1.5, 1e-3, 27.0, 64.0}};
  for (size_t i = 0; over && over[i]; i++)
    if (kj_search_add(&o, over[i], &err) != KJ_OK)
      fail_msg("%s", err.message);
  if (kj_search_complete(&o, &err) != KJ_OK)
    fail_msg("%s", err.message);
  return o;
}

static kj_search_log explore(const kj_search_options *o, surface *s)
{
  kj_search_log log;
  kj_error err;
  if (kj_search_explore(o, score, s, &log, &err) != KJ_OK)
    fail_msg("%s", err.message);
  assert_true(log.n <= o->runs);
  return log;
}

static void expect_pairs(const kj_search_log *log, const double (*wanted)[2],
                         size_t n)
{
  assert_int_equal(log->n, n);
  for (size_t i = 0; i < n; i++)
    if (log->trial[i].point.value[KJ_SEARCH_LAMBDA] != wanted[i][0] ||
        log->trial[i].point.value[KJ_SEARCH_EPSILON] != wanted[i][1])
      fail_msg("setting %zu: lambda %g, epsilon %g; must be %g, %g", i,
               log->trial[i].point.value[KJ_SEARCH_LAMBDA],
               log->trial[i].point.value[KJ_SEARCH_EPSILON], wanted[i][0],
               wanted[i][1]);
}

/* Lambda at epsilon 1.5, then epsilon at the best lambda; (2, 1.5) once. */
static void the_paper_varies_one_after_the_other(void **state)
{
  (void)state;
  static const double wanted[][2] = {{0, 1.5}, {0.5, 1.5}, {1, 1.5}, {1.5, 1.5},
                                     {2, 1.5}, {3, 1.5},   {2, 0.5}, {2, 1},
                                     {2, 2},   {2, 3}};
  const kj_search_options o = options_of(KJ_SEARCH_PAPER, 0, NULL);
  surface s = {0};
  kj_search_log log = explore(&o, &s);
  expect_pairs(&log, wanted, 10);
  assert_int_equal(s.n_batches, 2);
  assert_int_equal(log.best, 6);
  assert_false(log.is_cut);
  kj_search_log_clear(&log);
}

static void the_grid_has_every_combination(void **state)
{
  (void)state;
  static const double wanted[][2] = {{1, 0.5}, {1, 4},   {2, 0.5},
                                     {2, 4},   {8, 0.5}, {8, 4}};
  static const char *const over[] = {"epsilon=0.5,4", "lambda=1,2,8", NULL};
  kj_search_options o = options_of(KJ_SEARCH_GRID, 0, over);
  surface s = {0};
  kj_search_log log = explore(&o, &s);
  expect_pairs(&log, wanted, 6);
  assert_int_equal(log.best, 2);
  assert_false(log.is_cut);
  kj_search_log_clear(&log);
  o.runs = 4;
  log = explore(&o, &s);
  expect_pairs(&log, wanted, 4);
  assert_true(log.is_cut);
  kj_search_log_clear(&log);
}

/* More runs begin with the same settings; all are within their ranges. */
static void what_is_drawn_depends_on_its_number_alone(void **state)
{
  (void)state;
  static const char *const over[] = {"lambda=0.1:10", "epsilon=0.5,1,2",
                                     "epochs=3:30", NULL};
  const kj_search_options few = options_of(KJ_SEARCH_RANDOM, 7, over);
  const kj_search_options many = options_of(KJ_SEARCH_RANDOM, 40, over);
  surface s = {0};
  kj_search_log a = explore(&few, &s), b = explore(&many, &s);
  assert_int_equal(a.n, 7);
  assert_int_equal(b.n, 40);
  for (size_t i = 0; i < 7; i++)
    assert_memory_equal(&a.trial[i].point, &b.trial[i].point,
                        sizeof a.trial[i].point);
  for (size_t i = 0; i < b.n; i++) {
    const double *value = b.trial[i].point.value;
    const double e = value[KJ_SEARCH_EPSILON];
    assert_true(value[KJ_SEARCH_LAMBDA] >= 0.1 &&
                value[KJ_SEARCH_LAMBDA] <= 10.0);
    assert_true(e == 0.5 || e == 1.0 || e == 2.0);
    assert_true(value[KJ_SEARCH_EPOCHS] == floor(value[KJ_SEARCH_EPOCHS]));
    assert_true(value[KJ_SEARCH_LEARNING_RATE] == 1e-3);
  }
  kj_search_log_clear(&a);
  kj_search_log_clear(&b);
}

/* Three values cannot give more than three settings. */
static void a_small_space_is_exhausted(void **state)
{
  (void)state;
  static const char *const over[] = {"lambda=1,2,3", NULL};
  const kj_search_options o = options_of(KJ_SEARCH_RANDOM, 30, over);
  surface s = {0};
  kj_search_log log = explore(&o, &s);
  assert_int_equal(log.n, 3);
  assert_false(log.is_cut);
  kj_search_log_clear(&log);
}

/* The methods of NLopt come within 5 % of the bottom in 60 settings. */
static void nlopt_finds_the_bottom(void **state)
{
  (void)state;
  for (int a = 0; a < KJ_N_SEARCH_ALGORITHMS; a++) {
    kj_search_options o = options_of(KJ_SEARCH_NLOPT, 60, NULL);
    o.algorithm = (kj_search_algorithm)a;
    surface s = {0};
    kj_search_log log = explore(&o, &s);
    const double *best = log.trial[log.best].point.value;
    if (fabs(log_of(best[KJ_SEARCH_LAMBDA] / 2.0)) > 0.05 ||
        fabs(log_of(best[KJ_SEARCH_EPSILON] / 0.5)) > 0.05)
      fail_msg("algorithm %d: lambda %g, epsilon %g; must be 2 and 0.5", a,
               best[KJ_SEARCH_LAMBDA], best[KJ_SEARCH_EPSILON]);
    assert_int_equal(s.n_batches, log.n);
    kj_search_log_clear(&log);
  }
}

/* 9 settings at 3 epochs, 3 at 9, 1 at 27: each rung the best of the last. */
static void halving_keeps_the_best_third(void **state)
{
  (void)state;
  static const double epochs[] = {3, 9, 27};
  const kj_search_options o = options_of(KJ_SEARCH_HALVING, 13, NULL);
  surface s = {0};
  kj_search_log log = explore(&o, &s);
  size_t count[3] = {0};
  double worst_kept = 0.0;
  assert_int_equal(log.n, 13);
  assert_int_equal(s.n_batches, 3);
  for (size_t i = 0; i < log.n; i++) {
    const kj_search_trial *t = &log.trial[i];
    assert_true(t->rung < 3);
    count[t->rung]++;
    assert_true(t->point.value[KJ_SEARCH_EPOCHS] == epochs[t->rung]);
    if (t->rung == 1)
      worst_kept = fmax(worst_kept, t->score);
  }
  assert_int_equal(count[0], 9);
  assert_int_equal(count[1], 3);
  assert_int_equal(count[2], 1);
  size_t n_better = 0;
  for (size_t i = 0; i < 9; i++)
    n_better += log.trial[i].score < worst_kept;
  assert_int_equal(n_better, 2);
  assert_int_equal(log.best, 12);
  kj_search_log_clear(&log);
}

/* What is tried when time is up is the beginning of what would be. */
static void a_late_search_is_the_beginning_of_a_whole_one(void **state)
{
  (void)state;
  for (int strategy = 0; strategy < KJ_N_SEARCH_STRATEGIES; strategy++) {
    const kj_search_options o =
        options_of((kj_search_strategy)strategy, 10, NULL);
    surface whole = {0}, late = {.fails_from = 6};
    kj_search_log a = explore(&o, &whole), b = explore(&o, &late);
    assert_int_equal(b.n, 5);
    assert_true(b.is_cut);
    for (size_t i = 0; i < b.n; i++)
      assert_memory_equal(&a.trial[i].point, &b.trial[i].point,
                          sizeof a.trial[i].point);
    kj_search_log_clear(&a);
    kj_search_log_clear(&b);
  }
}

static void expect_refused(kj_search_options o, const char *over,
                           const char *words)
{
  kj_error err = {0};
  kj_status status = over ? kj_search_add(&o, over, &err) : KJ_OK;
  if (status == KJ_OK)
    status = kj_search_complete(&o, &err);
  if (status != KJ_EARGUMENT || !strstr(err.message, words))
    fail_msg("%s: status %d, \"%s\"; must say \"%s\"", over, (int)status,
             err.message, words);
}

static void what_cannot_be_searched_is_refused(void **state)
{
  (void)state;
  const kj_search_options grid = {.strategy = KJ_SEARCH_GRID},
                          paper = {.strategy = KJ_SEARCH_PAPER},
                          nlopt = {.strategy = KJ_SEARCH_NLOPT},
                          halving = {.strategy = KJ_SEARCH_HALVING};
  kj_search_options many = grid;
  kj_error err;
  expect_refused(grid, "sigma=0.5,1", "only rescales lambda");
  expect_refused(grid, "momentum=1", "lambda, epsilon, learning-rate");
  expect_refused(grid, "lambda=", "0..1e+06");
  expect_refused(grid, "lambda=-1", "0..1e+06");
  expect_refused(grid, "lambda=1,x", "0..1e+06");
  expect_refused(grid, "lambda=nan", "0..1e+06");
  expect_refused(grid, "epochs=1.5", "whole numbers");
  expect_refused(grid, "lambda=0:1", "0 < LOW < HIGH");
  expect_refused(grid, "lambda=2:1", "0 < LOW < HIGH");
  expect_refused(grid, "lambda=1:2:1", "N of 2..64");
  expect_refused(grid, "lambda=1:2", "needs values of lambda");
  expect_refused(paper, "lambda=1,2", "both lambda and epsilon");
  expect_refused(paper, "width=1,2", "lambda and epsilon only");
  expect_refused(nlopt, "lambda=1,2", "needs a range of lambda");
  expect_refused(nlopt, "lambda=1:2", "two parameters or more");
  expect_refused(halving, "epochs=1:9", "cannot search epochs");
  assert_int_equal(kj_search_add(&many, "lambda=1", &err), KJ_OK);
  expect_refused(many, "lambda=2", "twice");
}

/* ---- on the toy ---- */

/* One search, and what it is to make. */
typedef struct toy_search {
  const toy *toy;
  const kj_search_options *options;
  const char *path; /* of the store */
  told told;
  json_t *results;
  char *text; /* the protocol */
} toy_search;

/* Of the toy's five speakers. A protocol tests on something: that is taken
 * away after it was read. */
static kj_status search(toy_search *s, kj_error *err)
{
  kj_protocol *protocol = parse(LOSO);
  kj_run_store *store = open_store(s->path);
  protocol->experiments.item[0].split = "";
  const kj_search_job job = {.options = *s->options,
                             .experiment = protocol->experiments.item,
                             .smoothing = KJ_SMOOTHING_VAT,
                             .folds = 2,
                             .seeds = 2,
                             .run = {.n_threads = s->told.n_threads,
                                     .progress = keep_progress,
                                     .stop = should_stop,
                                     .context = &s->told}};
  kj_status status =
      kj_search_run(protocol, &s->toy->data, store, &job, &s->results, err);
  if (status == KJ_OK)
    status =
        kj_search_protocol(protocol, job.experiment, s->results, &s->text, err);
  kj_run_store_close(store);
  kj_protocol_destroy(protocol);
  return status;
}

static json_t *search_result(const toy *t, size_t n_threads,
                             const kj_search_options *o, char **text)
{
  toy_search s = {.toy = t,
                  .options = o,
                  .path = ":memory:",
                  .told = {.n_threads = n_threads}};
  kj_error err;
  if (search(&s, &err) != KJ_OK)
    fail_msg("%s", err.message);
  if (text)
    *text = s.text;
  else
    free(s.text);
  return s.results;
}

static const char *const OVER[] = {"lambda=0.1:10", "epsilon=0.1:10",
                                   "width=2:6", NULL};

static void threads_and_stops_change_nothing(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  for (int strategy = 2; strategy < KJ_N_SEARCH_STRATEGIES; strategy++) {
    const kj_search_options o =
        options_of((kj_search_strategy)strategy, 6, OVER);
    char folder[] = "/tmp/kanjo-search-XXXXXX", path[64], command[64];
    json_t *alone = search_result(t, 1, &o, NULL);
    json_t *together = search_result(t, 3, &o, NULL), *stopped = NULL;
    expect_same(alone, together);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/r.sqlite", folder);
    kj_status status = KJ_EINTERRUPTED;
    kj_error err;
    size_t n_stops = 0;
    while (status == KJ_EINTERRUPTED) {
      toy_search s = {.toy = t,
                      .options = &o,
                      .path = path,
                      .told = {.stop_after = 5, .n_threads = 2}};
      status = search(&s, &err);
      stopped = s.results;
      free(s.text);
      n_stops += status == KJ_EINTERRUPTED;
    }
    assert_int_equal(status, KJ_OK);
    assert_true(n_stops > 1);
    expect_same(alone, stopped);
    json_decref(alone);
    json_decref(together);
    json_decref(stopped);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
  }
  free(t);
}

/* lambda 0 of a grid over the toy is the score of no smoothing, whatever
 * epsilon; what was found reads as a protocol with that contender. */
static void what_was_found_is_a_protocol(void **state)
{
  (void)state;
  static const char *const over[] = {"lambda=0,1", "epsilon=0.5,2",
                                     "learning-rate=0.01,0.002", NULL};
  toy *t = new_toy(2);
  char *text = NULL;
  const kj_search_options o = options_of(KJ_SEARCH_GRID, 0, over);
  json_t *results = search_result(t, 1, &o, &text);
  const json_t *trials = json_object_get(results, "trials");
  const json_t *setting = json_object_get(results, "setting");
  assert_int_equal(json_array_size(trials), 8);
  for (size_t rate = 0; rate < 2; rate++)
    assert_true(
        json_equal(json_object_get(json_array_get(trials, rate), "value"),
                   json_object_get(json_array_get(trials, 2 + rate), "value")));
  kj_protocol *found = parse(text);
  const kj_protocol_method *m = kj_protocol_find_method(found, "searched");
  assert_non_null(m);
  expect_number("lambda", m->lambda,
                json_number_value(json_object_get(setting, "lambda")));
  expect_number("epsilon", m->epsilon,
                json_number_value(json_object_get(setting, "epsilon")));
  expect_number("learning rate", found->fit.learning_rate,
                json_number_value(json_object_get(setting, "learning-rate")));
  expect_number("width", found->fit.hidden.item[0], 4.0);
  expect_number("epochs", (double)found->fit.epochs, 3.0);
  kj_protocol_destroy(found);
  free(text);
  json_decref(results);
  free(t);
}

/* What an experiment tests on may be anything, or nothing. */
static void what_is_tested_is_never_looked_at(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  const kj_search_options o = options_of(KJ_SEARCH_RANDOM, 4, OVER);
  json_t *results[2];
  for (size_t pass = 0; pass < 2; pass++) {
    kj_protocol *protocol =
        parse(HEAD "experiments: [{id: x, train: a, test: b}]\n");
    kj_run_store *store = open_store(":memory:");
    const kj_search_job job = {.options = o,
                               .experiment = protocol->experiments.item,
                               .smoothing = KJ_SMOOTHING_VAT,
                               .folds = 2,
                               .seeds = 1};
    kj_error err;
    if (kj_search_run(protocol, &t->data, store, &job, &results[pass], &err) !=
        KJ_OK)
      fail_msg("%s", err.message);
    kj_run_store_close(store);
    kj_protocol_destroy(protocol);
    for (size_t i = 0; i < TOY_ROWS; i++)
      if (strcmp(t->row[i].group_name[KJ_GROUP_CORPUS], "b") == 0) {
        t->y[i * 2] = t->y[i * 2 + 1] = 1.0F;
        t->x[i * TOY_INPUTS] = 1e6F;
      }
  }
  expect_same(results[0], results[1]);
  assert_true(json_integer_value(json_object_get(results[0], "n_rows")) <
              TOY_ROWS);
  json_decref(results[0]);
  json_decref(results[1]);
  free(t);
}

/* A rate at which every training fails is a score, not an error; where there
 * is nothing else, it is one. */
static void failed_trainings_are_the_worst(void **state)
{
  (void)state;
  static const char *const some[] = {"learning-rate=10,0.001", NULL};
  static const char *const all[] = {"learning-rate=10", NULL};
  toy *t = new_toy(2);
  kj_search_options o = options_of(KJ_SEARCH_GRID, 0, some);
  json_t *results = search_result(t, 1, &o, NULL);
  assert_int_equal(json_integer_value(json_object_get(results, "best")), 1);
  json_decref(results);
  o = options_of(KJ_SEARCH_GRID, 0, all);
  toy_search s = {.toy = t, .options = &o, .path = ":memory:"};
  kj_error err;
  assert_int_equal(search(&s, &err), KJ_ETRAINING);
  assert_non_null(strstr(err.message, "each of 1 settings"));
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_paper_varies_one_after_the_other),
      cmocka_unit_test(the_grid_has_every_combination),
      cmocka_unit_test(what_is_drawn_depends_on_its_number_alone),
      cmocka_unit_test(a_small_space_is_exhausted),
      cmocka_unit_test(nlopt_finds_the_bottom),
      cmocka_unit_test(halving_keeps_the_best_third),
      cmocka_unit_test(a_late_search_is_the_beginning_of_a_whole_one),
      cmocka_unit_test(what_cannot_be_searched_is_refused),
      cmocka_unit_test(threads_and_stops_change_nothing),
      cmocka_unit_test(what_was_found_is_a_protocol),
      cmocka_unit_test(what_is_tested_is_never_looked_at),
      cmocka_unit_test(failed_trainings_are_the_worst)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
