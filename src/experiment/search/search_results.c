/*
 * search_results.c: search.json: what was searched, tried, and found.
 */
#include "experiment/search/job_state.h"

#include <jansson.h>
#include <math.h>

static const char *const BY[] = {
#define NAME_OF(id, name) name,
    KJ_SEARCH_OBJECTIVE_LIST(NAME_OF)
#undef NAME_OF
};

static json_t *axes_json(const kj_search_options *o)
{
  json_t *axes = json_object();
  for (size_t p = 0; p < KJ_N_SEARCH_PARAMETERS; p++) {
    const kj_search_axis *axis = &o->axis[p];
    if (!axis->is_searched)
      continue;
    json_t *one = json_pack("{s:f, s:f}", "low", axis->low, "high", axis->high);
    json_t *values = json_array();
    for (size_t i = 0; i < axis->n; i++)
      json_array_append_new(values, json_real(axis->value[i]));
    json_object_set_new(one, "values", values);
    json_object_set_new(axes, kj_search_parameter_name((kj_search_parameter)p),
                        one);
  }
  return axes;
}

static json_t *point_json(const kj_search_point *point)
{
  json_t *object = json_object();
  for (size_t p = 0; p < KJ_N_SEARCH_PARAMETERS; p++)
    json_object_set_new(object,
                        kj_search_parameter_name((kj_search_parameter)p),
                        json_real(point->value[p]));
  return object;
}

static json_t *trial_json(const kj_search_trial *trial, int by)
{
  json_t *object = point_json(&trial->point);
  const double value = by == 0 ? trial->score : -trial->score;
  json_object_set_new(object, "rung", json_integer((json_int_t)trial->rung));
  json_object_set_new(object, "value",
                      isfinite(value) ? json_real(value) : json_null());
  return object;
}

static json_t *trials_json(const kj_search_log *log, int by)
{
  json_t *trials = json_array();
  for (size_t i = 0; i < log->n; i++)
    json_array_append_new(trials, trial_json(&log->trial[i], by));
  return trials;
}

/* Speech that is trained on is of machines. */
static bool is_synthetic(const kj__search_run *s)
{
  const kj_texts *train = &s->job->experiment->train;
  for (size_t i = 0; i < train->n; i++) {
    const kj_protocol_corpus *corpus =
        kj_protocol_find_corpus(s->run.protocol, train->item[i]);
    if (corpus && corpus->is_synthetic)
      return true;
  }
  return false;
}

json_t *kj__search_results(const kj__search_run *s, const kj_search_log *log)
{
  static const char *const algorithms[] = {
#define NAME_OF(id, name, of_nlopt) name,
      KJ_SEARCH_ALGORITHM_LIST(NAME_OF)
#undef NAME_OF
  };
  const kj_search_job *job = s->job;
  const bool has_algorithm = s->options.strategy == KJ_SEARCH_NLOPT;
  json_t *results = json_pack(
      "{s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:s}", "version", KANJO_VERSION,
      "protocol", s->run.protocol->name, "experiment", job->experiment->id,
      "strategy", kj_search_strategy_name(s->options.strategy), "algorithm",
      has_algorithm ? json_string(algorithms[s->options.algorithm])
                    : json_null(),
      "smoothing", s->method.name, "metric", BY[job->by], "target",
      job->target ? job->target : "mean over targets");
  if (!results)
    return NULL;
  const struct {
    const char *name;
    size_t value;
  } counts[] = {{"seed", (size_t)s->options.seed},
                {"runs", s->options.runs},
                {"folds", job->folds},
                {"seeds", job->seeds},
                {"n_rows", s->n_rows},
                {"best", log->best}};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    json_object_set_new(results, counts[i].name,
                        json_integer((json_int_t)counts[i].value));
  json_object_set_new(results, "synthetic", json_boolean(is_synthetic(s)));
  json_object_set_new(results, "is_cut", json_boolean(log->is_cut));
  json_object_set_new(results, "start", point_json(&s->options.start));
  json_object_set_new(results, "searched", axes_json(&s->options));
  json_object_set_new(results, "trials", trials_json(log, job->by));
  json_object_set_new(results, "setting",
                      point_json(&log->trial[log->best].point));
  return results;
}
