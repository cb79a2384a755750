/*
 * results_curves.c: what figures are drawn from: sweeps, the grid, training
 * curves, and the output against |r|.
 */
#include "experiment/results_state.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

static json_t *point_json(const kj__variant *v, const kj__measured *m,
                          size_t target)
{
  return json_pack("{s:f, s:f, s:o, s:o}", "lambda", v->smoothing[0].lambda,
                   "epsilon", v->smoothing[0].epsilon, "mae",
                   kj__metric_json(m, target, KJ_METRIC_MAE, false), "ccc",
                   kj__metric_json(m, target, KJ_METRIC_CCC, false));
}

/* A paper's points: for all targets, or {target: points}. */
static json_t *paper_points(const kj_protocol_sweep *sweep, const char *target)
{
  json_t *paper = sweep->paper;
  if (json_is_object(paper))
    paper = json_object_get(paper, target);
  return paper ? json_incref(paper) : json_null();
}

static json_t *sweep_json(kj__run *run, const kj_protocol_sweep *sweep,
                          const kj__variant *v, const kj__measured *m,
                          size_t target)
{
  json_t *points = json_array(), *fixed = json_object();
  for (size_t i = 0; i < sweep->values.n; i++)
    json_array_append_new(points, point_json(&v[i], &m[i], target));
  if (sweep->over == 0)
    json_object_set_new(fixed, "epsilon", json_real(v[0].smoothing[0].epsilon));
  else
    json_object_set_new(fixed, "lambda", json_real(v[0].smoothing[0].lambda));
  return json_pack("{s:s, s:s, s:o, s:s, s:o, s:o}", "target",
                   run->data->target[target], "over",
                   sweep->over == 0 ? "lambda" : "epsilon", "fixed", fixed,
                   "method", sweep->method, "points", points, "paper",
                   paper_points(sweep, run->data->target[target]));
}

json_t *kj__sweeps_json(kj__run *run, const kj__trial *trial,
                        const kj__measured *measured)
{
  const kj_protocol_experiment *e = trial->experiment;
  size_t at = run->protocol->methods.n;
  json_t *sweeps = json_array();
  for (size_t s = 0; s < e->sweeps.n; s++) {
    for (size_t k = 0; k < run->data->n_targets; k++)
      json_array_append_new(sweeps,
                            sweep_json(run, &e->sweeps.item[s],
                                       &trial->variant[at], &measured[at], k));
    at += e->sweeps.item[s].values.n;
  }
  return sweeps;
}

static json_t *numbers_json(const kj_numbers *numbers)
{
  json_t *array = json_array();
  for (size_t i = 0; i < numbers->n; i++)
    json_array_append_new(array, json_real(numbers->item[i]));
  return array;
}

/* Means of one metric; rows lambda, columns epsilon. */
static json_t *map_json(const kj_protocol_grid *grid, const kj__measured *m,
                        size_t target, kj_metric metric)
{
  json_t *map = json_array();
  for (size_t l = 0; l < grid->lambda.n; l++) {
    json_t *line = json_array();
    for (size_t e = 0; e < grid->epsilon.n; e++)
      json_array_append_new(
          line,
          kj__json_number(kj_metric_value(
              &m[l * grid->epsilon.n + e].result[target].metrics, metric)));
    json_array_append_new(map, line);
  }
  return map;
}

json_t *kj__grids_json(kj__run *run, const kj__trial *trial,
                       const kj__measured *measured)
{
  const kj_protocol_grid *grid = trial->experiment->grid;
  json_t *grids = json_array();
  if (!grid)
    return grids;
  const kj__measured *m =
      measured + trial->n_variants - grid->lambda.n * grid->epsilon.n;
  for (size_t k = 0; k < run->data->n_targets; k++)
    json_array_append_new(
        grids, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "target",
                         run->data->target[k], "method", grid->method, "lambda",
                         numbers_json(&grid->lambda), "epsilon",
                         numbers_json(&grid->epsilon), "mae",
                         map_json(grid, m, k, KJ_METRIC_MAE), "ccc",
                         map_json(grid, m, k, KJ_METRIC_CCC)));
  return grids;
}

enum { N_CURVES = 3 };
static const char *const CURVES[N_CURVES] = {"loss", "smoothing",
                                             "validation_mae"};

/* Add each epoch of each cell to sum and count of its place; a value that a
 * cell has not makes the sum NaN. */
static void add_curves(const json_t *history, const char *target,
                       size_t n_epochs, double *sum, double *count)
{
  size_t c, i;
  json_t *cell, *entry;
  json_array_foreach(history, c, cell)
  {
    json_array_foreach(json_object_get(cell, "value"), i, entry)
    {
      const char *of = json_string_value(json_object_get(entry, "target"));
      const json_int_t epoch =
          json_integer_value(json_object_get(entry, "epoch"));
      if (!of || (strcmp(of, target) != 0 && strcmp(of, "all") != 0) ||
          epoch < 1 || (size_t)epoch > n_epochs)
        continue;
      for (size_t f = 0; f < N_CURVES; f++) {
        const json_t *value = json_object_get(entry, CURVES[f]);
        sum[((size_t)epoch - 1) * N_CURVES + f] +=
            json_is_number(value) ? json_number_value(value) : (double)NAN;
      }
      count[epoch - 1] += 1.0;
    }
  }
}

static json_t *curves_json(const kj__measured *m, const char *contender,
                           const char *target, size_t n_epochs)
{
  double *sum = kj__allocate(NULL, n_epochs, N_CURVES * sizeof *sum);
  double *count = kj__allocate(NULL, n_epochs, sizeof *count);
  json_t *epochs = json_array(), *curve[N_CURVES];
  bool has_any = false;
  for (size_t f = 0; f < N_CURVES; f++)
    curve[f] = json_array();
  const bool has_room = sum && count;
  if (has_room)
    add_curves(m->history, target, n_epochs, sum, count);
  for (size_t e = 0; has_room && e < n_epochs; e++) {
    json_array_append_new(epochs, json_integer((json_int_t)e + 1));
    for (size_t f = 0; f < N_CURVES; f++) {
      const double mean = sum[e * N_CURVES + f] / count[e];
      has_any = has_any || (f == N_CURVES - 1 && isfinite(mean));
      json_array_append_new(curve[f], kj__json_number(mean));
    }
  }
  kj__release(NULL, sum);
  kj__release(NULL, count);
  if (!has_any) {
    json_decref(curve[N_CURVES - 1]);
    curve[N_CURVES - 1] = json_null();
  }
  json_t *object =
      json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "contender", contender,
                "target", target, "epoch", epochs, "loss", curve[0],
                "smoothing", curve[1], "held_out_mae", curve[2]);
  if (has_room)
    return object;
  json_decref(object);
  return NULL;
}

json_t *kj__history_json(kj__run *run, const kj__trial *trial,
                         const kj__measured *measured)
{
  json_t *history = json_array();
  bool is_whole = true;
  for (size_t v = 0; v < trial->n_methods; v++) {
    const kj_protocol_method *method = trial->variant[v].method;
    if (method->method != KJ_METHOD_NETWORK)
      continue;
    for (size_t k = 0; is_whole && k < run->data->n_targets; k++) {
      json_t *one =
          curves_json(&measured[v], method->name, run->data->target[k],
                      (size_t)run->protocol->fit.epochs);
      is_whole = one != NULL;
      json_array_append_new(history, one);
    }
  }
  if (is_whole)
    return history;
  json_decref(history);
  return NULL;
}

/* Mean over the cells, each by its number of rows. */
static double robustness_at(const json_t *cells, const char *target,
                            const char *kind, size_t epsilon)
{
  double sum = 0.0, rows = 0.0;
  size_t c;
  json_t *cell;
  json_array_foreach(cells, c, cell)
  {
    const json_t *of = json_object_get(json_object_get(cell, "value"), target);
    const json_t *value = json_array_get(json_object_get(of, kind), epsilon);
    const double n = json_number_value(json_object_get(cell, "rows"));
    sum += n * (json_is_number(value) ? json_number_value(value) : (double)NAN);
    rows += n;
  }
  return sum / rows;
}

json_t *kj__robustness_json(kj__run *run, const kj__measured *measured,
                            size_t target)
{
  static const char *const kind[] = {"random", "adversarial"};
  json_t *all = json_array();
  for (size_t v = 0; v < run->protocol->methods.n; v++) {
    const kj_protocol_method *method = &run->protocol->methods.item[v];
    if (method->method != KJ_METHOD_NETWORK)
      continue;
    json_t *epsilon = json_array(), *curve[2] = {json_array(), json_array()};
    for (size_t e = 0; e < KJ__N_ROBUSTNESS; e++) {
      json_array_append_new(epsilon, json_real(KJ__ROBUSTNESS_EPSILON[e]));
      for (size_t i = 0; i < 2; i++)
        json_array_append_new(
            curve[i], kj__json_number(robustness_at(measured[v].robustness,
                                                    run->data->target[target],
                                                    kind[i], e)));
    }
    json_array_append_new(all,
                          json_pack("{s:s, s:o, s:o, s:o}", "contender",
                                    method->name, "epsilon", epsilon, "random",
                                    curve[0], "adversarial", curve[1]));
  }
  return all;
}
