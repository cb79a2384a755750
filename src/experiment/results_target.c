/*
 * results_target.c: the contenders on one target: metrics, speakers, rows.
 */
#include "experiment/results_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Five significant digits, so that a file of many rows stays small. */
static json_t *short_number(double value)
{
  char text[32];
  snprintf(text, sizeof text, "%.4e", value);
  return kj__json_number(strtod(text, NULL));
}

static double truth_of(const kj_dataset *data, size_t row, size_t target)
{
  return (double)data->y[row * data->n_targets + target];
}

/* Speakers of the rated tested rows, in the order they appear: number[group]
 * is 1 + the place in `names`. */
static json_t *list_speakers(const kj_dataset *data, kj_rows rows,
                             size_t target, size_t *number, json_t *row_speaker,
                             json_t *truth)
{
  json_t *names = json_array();
  for (size_t i = 0; i < rows.n; i++) {
    const size_t row = rows.index[i];
    const size_t group = data->row[row].group[KJ_GROUP_SPEAKER];
    if (number[group] == 0) {
      json_t *name = json_string(data->row[row].group_name[KJ_GROUP_SPEAKER]);
      json_array_append_new(names, name ? name : json_string("?"));
      number[group] = json_array_size(names);
    }
    json_array_append_new(row_speaker,
                          json_integer((json_int_t)number[group] - 1));
    json_array_append_new(truth, short_number(truth_of(data, row, target)));
  }
  return names;
}

/* Room for the pairs of one speaker. */
typedef struct pairs {
  double *truth, *estimate;
  size_t n;
} pairs;

static json_t *speaker_json(const char *name, const pairs *p)
{
  kj_metrics metrics;
  const bool has = p->n > 0 && kj_metrics_compute(p->truth, p->estimate, p->n,
                                                  &metrics, NULL) == KJ_OK;
  return json_pack("{s:s, s:I, s:o, s:o}", "speaker", name, "n",
                   (json_int_t)p->n, "mae",
                   kj__json_number(has ? metrics.mae : (double)NAN), "ccc",
                   kj__json_number(has ? metrics.ccc : (double)NAN));
}

static json_t *speakers_json(const kj_dataset *data, kj_rows rows,
                             const kj__measured *m, size_t target,
                             const json_t *names, const size_t *number)
{
  json_t *speakers = json_array();
  pairs p = {.truth = kj__allocate(NULL, rows.n, sizeof(double)),
             .estimate = kj__allocate(NULL, rows.n, sizeof(double))};
  const bool has_room = p.truth && p.estimate;
  for (size_t s = 0; has_room && s < json_array_size(names); s++) {
    p.n = 0;
    for (size_t i = 0; i < rows.n; i++) {
      const size_t row = rows.index[i];
      const double y = truth_of(data, row, target);
      if (number[data->row[row].group[KJ_GROUP_SPEAKER]] != s + 1 ||
          !isfinite(y))
        continue;
      p.truth[p.n] = y;
      p.estimate[p.n++] = m->estimate[row * m->n_targets + target];
    }
    json_array_append_new(
        speakers,
        speaker_json(json_string_value(json_array_get(names, s)), &p));
  }
  kj__release(NULL, p.truth);
  kj__release(NULL, p.estimate);
  if (has_room)
    return speakers;
  json_decref(speakers);
  return NULL;
}

json_t *kj__metrics_json(const kj__measured *m, size_t target)
{
  json_t *metrics = json_object();
  for (int i = 0; i < KJ_N_METRICS; i++)
    json_object_set_new(metrics, kj_metric_name((kj_metric)i),
                        kj__metric_json(m, target, (kj_metric)i, true));
  return metrics;
}

static json_t *paper_json(const kj_protocol_experiment *e, const char *method,
                          const char *target)
{
  json_t *values = e->paper ? e->paper->values : NULL;
  json_t *of = json_object_get(json_object_get(values, method), target);
  return of ? json_incref(of) : json_null();
}

/* What was chosen, once for each part that was chosen for. */
static json_t *chosen_json(const kj__run *run, const kj__trial *trial,
                           size_t variant)
{
  const kj__variant *v = &trial->variant[variant];
  if (!v->is_chosen)
    return json_null();
  json_t *chosen = json_array();
  for (size_t i = 0; i < trial->n_choices; i++) {
    const kj__choice *c = &trial->choice[i];
    if (c->variant != variant)
      continue;
    const kj__part *part = &trial->part[c->part];
    json_array_append_new(
        chosen,
        json_pack("{s:I, s:I, s:f, s:f}", "fold", (json_int_t)part->fold + 1,
                  "seed", (json_int_t)(run->protocol->seed + part->seed),
                  "lambda", v->smoothing[c->part].lambda, "epsilon",
                  v->smoothing[c->part].epsilon));
  }
  return chosen;
}

static json_t *contender_json(kj__run *run, const kj__trial *trial, size_t v,
                              const kj__measured *m, size_t target)
{
  const kj__variant *variant = &trial->variant[v];
  const kj_protocol_method *method = variant->method;
  const bool is_smoothed = method->method == KJ_METHOD_NETWORK &&
                           method->smoothing != KJ_SMOOTHING_NONE;
  const double lambda = is_smoothed && !variant->is_chosen
                            ? variant->smoothing[0].lambda
                            : (double)NAN;
  const double epsilon = is_smoothed && !variant->is_chosen
                             ? variant->smoothing[0].epsilon
                             : (double)NAN;
  return json_pack(
      "{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "name", method->name,
      "method", kj_method_name((kj_method)method->method), "smoothing",
      kj_smoothing_name((kj_smoothing_kind)method->smoothing), "lambda",
      kj__json_number(lambda), "epsilon", kj__json_number(epsilon), "chosen",
      chosen_json(run, trial, v), "metrics", kj__metrics_json(m, target),
      "paper",
      paper_json(trial->experiment, method->name, run->data->target[target]));
}

static json_t *estimate_json(kj_rows rows, const kj__measured *m, size_t target)
{
  json_t *array = json_array();
  for (size_t i = 0; i < rows.n; i++)
    json_array_append_new(
        array,
        short_number(m->estimate[rows.index[i] * m->n_targets + target]));
  return array;
}

/* All contenders; NULL where memory is short. */
static json_t *contenders_json(kj__run *run, const kj__trial *trial,
                               kj_rows rows, const kj__measured *measured,
                               size_t target, json_t *rows_of)
{
  json_t *truth = json_array(), *row_speaker = json_array();
  json_t *contenders = json_array();
  size_t *number =
      kj__allocate(NULL, run->data->groups[KJ_GROUP_SPEAKER].n, sizeof *number);
  bool is_whole = number != NULL;
  json_t *names = number ? list_speakers(run->data, rows, target, number,
                                         row_speaker, truth)
                         : json_array();
  for (size_t v = 0; is_whole && v < run->protocol->methods.n; v++) {
    json_t *one = contender_json(run, trial, v, &measured[v], target);
    json_t *speakers =
        speakers_json(run->data, rows, &measured[v], target, names, number);
    is_whole = speakers != NULL;
    json_object_set_new(one, "speakers", speakers);
    json_object_set_new(one, "estimate",
                        estimate_json(rows, &measured[v], target));
    json_array_append_new(contenders, one);
  }
  kj__release(NULL, number);
  json_object_set_new(rows_of, "truth", truth);
  json_object_set_new(rows_of, "row_speaker", row_speaker);
  json_object_set_new(rows_of, "speaker_names", names);
  if (is_whole)
    return contenders;
  json_decref(contenders);
  return NULL;
}

json_t *kj__target_json(kj__run *run, const kj__trial *trial,
                        const kj__tested *tested, const kj__measured *measured,
                        size_t target, kj_error *err)
{
  const kj_rows rows = tested->any;
  json_t *object = json_pack("{s:s}", "name", run->data->target[target]);
  json_t *ceiling = NULL, *comparisons = NULL;
  json_t *contenders =
      contenders_json(run, trial, rows, measured, target, object);
  kj_status status =
      contenders ? kj__ceiling_json(run->data, rows, target, &ceiling, err)
                 : kj__fail_memory(err, "results");
  if (status == KJ_OK)
    status =
        kj__comparisons_json(run, tested, measured, target, &comparisons, err);
  json_object_set_new(object, "contenders", contenders);
  json_object_set_new(object, "ceiling", ceiling);
  json_object_set_new(object, "comparisons", comparisons);
  json_object_set_new(object, "robustness",
                      kj__robustness_json(run, measured, target));
  if (status == KJ_OK)
    return object;
  json_decref(object);
  return NULL;
}
