/*
 * runs.h: protocols on the toy, and what stands in their results.
 */
#ifndef KJ_TESTS_EXPERIMENT_RUNS_H
#define KJ_TESTS_EXPERIMENT_RUNS_H

#include "experiment/toy.h"
#include "kanjo/runs.h"

#include <jansson.h>

#define HEAD                                                                   \
  "kanjo: 1\nname: toy\ncorpora: {a: {}, b: {}}\n"                             \
  "targets: [valence, activation]\nseeds: 2\n"                                 \
  "fit: {hidden: [4], epochs: 3, batch: 8}\n"
#define LOSO HEAD "experiments: [{id: x, train: [a, b], split: speaker}]\n"

/* A run that may be stopped: what it told. */
typedef struct told {
  kj_run_plan plan; /* the last */
  size_t n_plans, n_done;
  size_t stop_after; /* cells; 0: never */
  size_t n_threads;
} told;

static inline void keep_plan(void *context, const kj_run_plan *plan)
{
  told *t = context;
  t->plan = *plan;
  t->n_plans++;
}

static inline void keep_progress(void *context, size_t done, size_t total)
{
  told *t = context;
  assert_true(done <= total);
  t->n_done++;
}

static inline bool should_stop(void *context)
{
  const told *t = context;
  return t->stop_after > 0 && t->n_done >= t->stop_after;
}

static inline kj_protocol *parse(const char *text)
{
  kj_protocol *protocol = NULL;
  kj_error err;
  if (kj_protocol_parse("p.yaml", text, strlen(text), &protocol, &err) != KJ_OK)
    fail_msg("%s", err.message);
  return protocol;
}

static inline kj_run_store *open_store(const char *path)
{
  kj_run_store *store = NULL;
  kj_error err;
  if (kj_run_store_open(path, true, &store, &err) != KJ_OK)
    fail_msg("%s", err.message);
  return store;
}

static inline kj_status run(const char *text, const toy *t, const char *path,
                            told *told_of, json_t **results, kj_error *err)
{
  kj_protocol *protocol = parse(text);
  kj_run_store *store = open_store(path);
  const kj_run_options options = {.n_threads = told_of->n_threads,
                                  .planned = keep_plan,
                                  .progress = keep_progress,
                                  .stop = should_stop,
                                  .context = told_of};
  const kj_status status =
      kj_protocol_run(protocol, &t->data, store, &options, results, err);
  kj_run_store_close(store);
  kj_protocol_destroy(protocol);
  return status;
}

/* In a store of its own, in memory. */
static inline json_t *results_of(const char *text, const toy *t,
                                 size_t n_threads, told *told_of)
{
  json_t *results = NULL;
  kj_error err;
  *told_of = (told){.n_threads = n_threads};
  if (run(text, t, ":memory:", told_of, &results, &err) != KJ_OK)
    fail_msg("%s", err.message);
  return results;
}

static inline char *dump(const json_t *value)
{
  char *text = json_dumps(value, JSON_INDENT(1));
  assert_non_null(text);
  return text;
}

static inline void expect_same(const json_t *a, const json_t *b)
{
  char *x = dump(a), *y = dump(b);
  size_t i = 0;
  while (x[i] && x[i] == y[i])
    i++;
  if (x[i] || y[i])
    fail_msg("byte %zu: \"%.80s\" and \"%.80s\"", i, x + i, y + i);
  free(x);
  free(y);
}

static inline const json_t *target_of(const json_t *results, size_t experiment,
                                      size_t target)
{
  return json_array_get(
      json_object_get(
          json_array_get(json_object_get(results, "experiments"), experiment),
          "targets"),
      target);
}

static inline const json_t *contender_of(const json_t *target, const char *name)
{
  size_t i;
  json_t *one;
  json_array_foreach(json_object_get(target, "contenders"), i, one)
  {
    if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0)
      return one;
  }
  fail_msg("no contender '%s'", name);
  return NULL;
}

static inline double number_of(const json_t *contender, const char *metric,
                               const char *which)
{
  const json_t *value = json_object_get(
      json_object_get(json_object_get(contender, "metrics"), metric), which);
  return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static inline void expect_number(const char *what, double value, double wanted)
{
  if (!(value == wanted || (isnan(value) && isnan(wanted))))
    fail_msg("%s: %.17g, must be %.17g", what, value, wanted);
}

static inline void expect_near(double value, double wanted, double within)
{
  if (!(fabs(value - wanted) <= within))
    fail_msg("%.17g, must be %.17g within %g", value, wanted, within);
}

#endif
