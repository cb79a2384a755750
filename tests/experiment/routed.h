/*
 * routed.h: a toy whose ratings turn round with the kind of speech, and what
 * stands in the results of routed systems.
 */
#ifndef KJ_TESTS_EXPERIMENT_ROUTED_H
#define KJ_TESTS_EXPERIMENT_ROUTED_H

#include "experiment/runs.h"

/* Every other row is spontaneous, which the last feature tells; valence rises
 * with the first one in scripted speech and falls in spontaneous. */
static inline toy *new_turning(void)
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

#define BY_HAND                                                                \
  "kanjo: 1\nname: toy\ncorpora: {a: {}, b: {}}\n"                             \
  "targets: [valence, activation]\nseeds: 1\n"                                 \
  "fit: {hidden: [4], epochs: 3, batch: 8}\nmethods: [none]\n"                 \
  "experiments: [{id: x, train: b, test: a, routing: {gate: {hidden: [6], "    \
  "epochs: 20}, folds: 3}}]\n"

static inline const json_t *routing_of(const json_t *results)
{
  return json_object_get(
      json_array_get(json_object_get(results, "experiments"), 0), "routing");
}

static inline const json_t *find(const json_t *array, const char *key,
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

static inline const json_t *system_of(const json_t *results, size_t target,
                                      const char *method)
{
  const json_t *one =
      json_array_get(json_object_get(routing_of(results), "targets"), target);
  return find(json_object_get(one, "systems"), "method", method);
}

static inline double mae_of(const json_t *results, const char *method,
                            const char *route)
{
  const json_t *system = system_of(results, 0, method);
  return number_of(find(json_object_get(system, "routes"), "name", route),
                   "mae", "mean");
}

#endif
