/*
 * fragment.c: what a search found, as a protocol: the one that was searched
 * for, with other contenders.
 */
#define _DEFAULT_SOURCE
#include "experiment/schema.h"
#include "experiment/search/job_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double number_of(const json_t *setting, kj_search_parameter parameter)
{
  return json_number_value(
      json_object_get(setting, kj_search_parameter_name(parameter)));
}

/* Paths that hold wherever the file is put. */
static void make_absolute(json_t *corpora, const char *key)
{
  const char *name;
  json_t *corpus;
  json_object_foreach(corpora, name, corpus)
  {
    const char *path = json_string_value(json_object_get(corpus, key));
    char *whole = path ? realpath(path, NULL) : NULL;
    if (whole)
      json_object_set_new(corpus, key, json_string(whole));
    free(whole);
  }
}

/* Epochs are what halving spends, and not what it finds. */
static double epochs_of(const json_t *results)
{
  const char *strategy =
      json_string_value(json_object_get(results, "strategy"));
  const bool is_halving = strategy && strcmp(strategy, "halving") == 0;
  return number_of(json_object_get(results, is_halving ? "start" : "setting"),
                   KJ_SEARCH_EPOCHS);
}

static void set_fit(json_t *fit, const json_t *results)
{
  const json_t *setting = json_object_get(results, "setting");
  json_t *hidden = json_object_get(fit, "hidden");
  const double width = number_of(setting, KJ_SEARCH_WIDTH);
  const double first = json_number_value(json_array_get(hidden, 0));
  for (size_t l = 0; l < json_array_size(hidden); l++) {
    const double old = json_number_value(json_array_get(hidden, l));
    json_array_set_new(
        hidden, l,
        json_integer((json_int_t)kj__search_width((size_t)old, width / first)));
  }
  json_object_set_new(fit, "epochs",
                      json_integer((json_int_t)epochs_of(results)));
  json_object_set_new(fit, "learning-rate",
                      json_real(number_of(setting, KJ_SEARCH_LEARNING_RATE)));
}

static json_t *methods_json(const json_t *results)
{
  const json_t *setting = json_object_get(results, "setting");
  const char *kind = json_string_value(json_object_get(results, "smoothing"));
  const double dropout = number_of(setting, KJ_SEARCH_DROPOUT);
  const bool is_smoothed = kind && strcmp(kind, "none") != 0;
  json_t *methods = json_pack("[s, s, s]", "constant", "ridge", "none");
  if (is_smoothed) {
    json_array_append_new(methods, json_string(kind));
    json_array_append_new(
        methods,
        json_pack("{s:s, s:s, s:f, s:f, s:f}", "name", "searched", "smoothing",
                  kind, "lambda", number_of(setting, KJ_SEARCH_LAMBDA),
                  "epsilon", number_of(setting, KJ_SEARCH_EPSILON), "dropout",
                  dropout));
  } else if (dropout !=
             number_of(json_object_get(results, "start"), KJ_SEARCH_DROPOUT)) {
    json_array_append_new(methods,
                          json_pack("{s:s, s:s, s:f}", "name", "searched",
                                    "smoothing", "none", "dropout", dropout));
  }
  return methods;
}

/* Where the search had a table alone, its own speakers are all that there is
 * to test on: the file says what that is worth. */
static json_t *experiment_json(const kj_protocol_experiment *e)
{
  const kj_protocol_experiment one = {.id = e->id,
                                      .title = e->title,
                                      .train = e->train,
                                      .test = e->test,
                                      .split = e->test.n > 0 ? "" : "speaker",
                                      .only = e->only,
                                      .train_only = e->train_only,
                                      .test_only = e->test_only,
                                      .adapt = e->adapt,
                                      .notes = e->notes};
  const kj__schema *schema = NULL;
  for (size_t i = 0; i < KJ__PROTOCOL_SCHEMA.n; i++)
    if (strcmp(KJ__PROTOCOL_SCHEMA.field[i].key, "experiments") == 0)
      schema = KJ__PROTOCOL_SCHEMA.field[i].inner;
  json_t *object = schema ? kj__schema_json(schema, &one) : NULL;
  if (object && e->test.n == 0)
    json_object_set_new(
        object, "notes",
        json_pack("[s]", "the setting was searched on these same speakers: "
                         "these figures flatter it; test on others"));
  return object;
}

static char *print(const json_t *protocol)
{
  char *text = NULL;
  size_t size = 0;
  const char *key;
  json_t *value;
  FILE *out = open_memstream(&text, &size);
  if (!out)
    return NULL;
  fputs("# What kanjo search found; run it with: kanjo experiment FILE -o "
        "DIR\n",
        out);
  json_object_foreach((json_t *)(uintptr_t)protocol, key, value)
  {
    char *line = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
    fprintf(out, "%s: %s\n", key, line ? line : "null");
    free(line);
  }
  fclose(out);
  return text;
}

kj_status kj_search_protocol(const kj_protocol *protocol,
                             const kj_protocol_experiment *experiment,
                             const json_t *results, char **text, kj_error *err)
{
  json_t *all = kj__schema_json(&KJ__PROTOCOL_SCHEMA, protocol);
  json_t *experiment_of = experiment_json(experiment);
  if (all && experiment_of) {
    make_absolute(json_object_get(all, "corpora"), "labels");
    make_absolute(json_object_get(all, "corpora"), "features");
    set_fit(json_object_get(all, "fit"), results);
    json_object_set_new(all, "methods", methods_json(results));
    json_object_set_new(all, "experiments", json_pack("[O]", experiment_of));
  }
  *text = all && experiment_of ? print(all) : NULL;
  json_decref(all);
  json_decref(experiment_of);
  return *text ? KJ_OK : kj__fail_memory(err, "a protocol");
}
