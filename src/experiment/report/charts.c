/*
 * charts.c: the figures of a report, from its results.
 */
#include "experiment/report/number.h"
#include "experiment/report/sections.h"
#include "experiment/report/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* In place of a number that a point has not. */
static const double NONE = (double)NAN;

static kj__chart begin(kj__chart_kind kind, const char *x, const char *y)
{
  kj__chart chart = {.kind = kind};
  kj__report_copy(chart.x_label, sizeof chart.x_label, x);
  kj__report_copy(chart.y_label, sizeof chart.y_label, y);
  return chart;
}

/* Its name: experiment, what, target. */
static void name(kj__chart *chart, const json_t *experiment, const char *what,
                 const char *target)
{
  char text[256];
  snprintf(text, sizeof text, "%s %s %s", kj__report_text(experiment, "id"),
           what, target);
  kj__report_id(chart->id, sizeof chart->id, text);
  kj__report_append(chart->head, sizeof chart->head, target);
  kj__report_append(chart->head, sizeof chart->head, ", ");
  kj__report_append(chart->head, sizeof chart->head, what);
  kj__report_append(chart->title, sizeof chart->title, chart->head);
  kj__report_append(chart->title, sizeof chart->title, ": ");
  kj__report_append(chart->title, sizeof chart->title,
                    kj__report_text(experiment, "title"));
}

static double number_at(const json_t *array, size_t i)
{
  const json_t *value = json_array_get(array, i);
  return json_is_number(value) ? json_number_value(value) : NONE;
}

static void put_scatter(kj__document *d, const json_t *experiment,
                        const json_t *target)
{
  static const char *const shown[] = {"none", "vat"};
  const json_t *truth = json_object_get(target, "truth");
  kj__chart chart = begin(KJ__CHART_SCATTER, "rating", "estimate");
  name(&chart, experiment, "estimates", kj__report_text(target, "name"));
  for (size_t c = 0; c < 2; c++) {
    const json_t *contender = kj__report_find(
        json_object_get(target, "contenders"), "name", shown[c]);
    const json_t *estimate = json_object_get(contender, "estimate");
    kj__series *series = contender ? kj__chart_series(&chart, shown[c]) : NULL;
    for (size_t i = 0; i < json_array_size(estimate); i++)
      kj__chart_point(&chart, series,
                      (kj__point){number_at(truth, i), number_at(estimate, i),
                                  NONE, NONE, ""});
  }
  kj__document_chart(d, &chart,
                     "Estimates (means over seeds) over ratings; the line is "
                     "where both agree.");
}

static void put_speakers(kj__document *d, const json_t *experiment,
                         const json_t *target)
{
  static const char *const shown[] = {"none", "vat"};
  kj__chart chart = begin(KJ__CHART_BARS, "speaker", "MAE");
  name(&chart, experiment, "error by speaker", kj__report_text(target, "name"));
  for (size_t c = 0; c < 2; c++) {
    const json_t *contender = kj__report_find(
        json_object_get(target, "contenders"), "name", shown[c]);
    const json_t *speakers = json_object_get(contender, "speakers");
    kj__series *series = contender ? kj__chart_series(&chart, shown[c]) : NULL;
    for (size_t i = 0; i < json_array_size(speakers); i++) {
      const json_t *s = json_array_get(speakers, i);
      const char *full = kj__report_text(s, "speaker");
      const char *colon = strrchr(full, ':');
      kj__point p = {(double)i + 1.0, kj__report_number(s, "mae"), NONE, NONE,
                     ""};
      kj__report_copy(p.label, sizeof p.label, colon ? colon + 1 : full);
      kj__chart_point(&chart, series, p);
    }
  }
  kj__document_chart(d, &chart, "Mean absolute error of each test speaker.");
}

static void put_robustness(kj__document *d, const json_t *experiment,
                           const json_t *target, const char *key,
                           const char *words)
{
  const json_t *all = json_object_get(target, "robustness");
  char what[64];
  snprintf(what, sizeof what, "%s perturbation", key);
  kj__chart chart =
      begin(KJ__CHART_LINES, "length of r, on standardised features",
            "mean |f(x + r) − f(x)|");
  name(&chart, experiment, what, kj__report_text(target, "name"));
  for (size_t c = 0; c < json_array_size(all); c++) {
    const json_t *one = json_array_get(all, c);
    const json_t *epsilon = json_object_get(one, "epsilon");
    kj__series *series =
        kj__chart_series(&chart, kj__report_text(one, "contender"));
    for (size_t i = 0; i < json_array_size(epsilon); i++)
      kj__chart_point(&chart, series,
                      (kj__point){number_at(epsilon, i),
                                  number_at(json_object_get(one, key), i), NONE,
                                  NONE, ""});
  }
  kj__document_chart(d, &chart,
                     "How far the output moves when its input does, "
                     "%s: what smoothing is to make small.",
                     words);
}

static void put_history(kj__document *d, const json_t *experiment,
                        const char *target)
{
  const json_t *history = json_object_get(experiment, "history");
  kj__chart chart = begin(KJ__CHART_LINES, "epoch", "loss L, squared error");
  name(&chart, experiment, "training", target);
  for (size_t h = 0; h < json_array_size(history); h++) {
    const json_t *one = json_array_get(history, h);
    const json_t *epoch = json_object_get(one, "epoch");
    if (strcmp(kj__report_text(one, "target"), target) != 0)
      continue;
    kj__series *series =
        kj__chart_series(&chart, kj__report_text(one, "contender"));
    for (size_t i = 0; i < json_array_size(epoch); i++)
      kj__chart_point(&chart, series,
                      (kj__point){number_at(epoch, i),
                                  number_at(json_object_get(one, "loss"), i),
                                  NONE, NONE, ""});
  }
  kj__document_chart(d, &chart,
                     "The first term of the loss over training "
                     "rows, means over folds and seeds.");
}

void kj__section_target_charts(kj__document *d, const json_t *experiment,
                               const json_t *target)
{
  put_scatter(d, experiment, target);
  put_speakers(d, experiment, target);
  put_robustness(d, experiment, target, "random", "in a random direction");
  put_robustness(d, experiment, target, "adversarial",
                 "in the worst direction");
  put_history(d, experiment, kj__report_text(target, "name"));
}

void kj__section_reliability(kj__document *d, const json_t *experiment)
{
  const json_t *gate =
      json_object_get(json_object_get(experiment, "routing"), "gate");
  const json_t *bins = json_object_get(gate, "bins");
  kj__chart chart = begin(KJ__CHART_LINES, "probability, mean of the bin",
                          "share that is spontaneous");
  name(&chart, experiment, "reliability", "gate");
  kj__series *series = kj__chart_series(&chart, "gate");
  for (size_t i = 0; i < json_array_size(bins); i++) {
    const json_t *bin = json_array_get(bins, i);
    if (kj__report_number(bin, "n") > 0.0)
      kj__chart_point(&chart, series,
                      (kj__point){kj__report_number(bin, "probability"),
                                  kj__report_number(bin, "share"), NONE, NONE,
                                  ""});
  }
  if (!kj__chart_has_points(&chart)) {
    kj__chart_clear(&chart);
    return;
  }
  kj__series *honest = kj__chart_series(&chart, "as it should be");
  kj__chart_point(&chart, honest, (kj__point){0.0, 0.0, NONE, NONE, ""});
  kj__chart_point(&chart, honest, (kj__point){1.0, 1.0, NONE, NONE, ""});
  kj__document_chart(d, &chart,
                     "Of rows between two tenths of the gate's probability, "
                     "the share that is spontaneous speech.");
}

/* ---- sweeps and grids ---- */

static void put_sweep(kj__document *d, const json_t *experiment,
                      const json_t *sweep)
{
  const char *over = kj__report_text(sweep, "over");
  const bool is_lambda = strcmp(over, "lambda") == 0;
  const char *fixed = is_lambda ? "epsilon" : "lambda";
  const json_t *points = json_object_get(sweep, "points");
  const json_t *paper = json_object_get(sweep, "paper");
  char what[64];
  snprintf(what, sizeof what, "MAE over %s", over);
  kj__chart chart = begin(KJ__CHART_LINES, over, "MAE");
  name(&chart, experiment, what, kj__report_text(sweep, "target"));
  kj__series *ours = kj__chart_series(&chart, kj__report_text(sweep, "method"));
  for (size_t i = 0; i < json_array_size(points); i++) {
    const json_t *p = json_array_get(points, i);
    const json_t *mae = json_object_get(p, "mae");
    kj__chart_point(&chart, ours,
                    (kj__point){kj__report_number(p, over),
                                kj__report_number(mae, "mean"),
                                kj__report_number(mae, "low"),
                                kj__report_number(mae, "high"), ""});
  }
  kj__series *theirs =
      json_array_size(paper) > 0 ? kj__chart_series(&chart, "the paper") : NULL;
  for (size_t i = 0; theirs && i < json_array_size(paper); i++) {
    const json_t *p = json_array_get(paper, i);
    kj__chart_point(&chart, theirs,
                    (kj__point){kj__report_number(p, over),
                                kj__report_number(p, "mae"), NONE, NONE, ""});
  }
  if (theirs)
    theirs->is_marks_only = true;
  kj__document_chart(
      d, &chart,
      "MAE of %s against %s at %s %s; upright lines are 95 %% "
      "intervals over speakers.",
      kj__report_text(sweep, "target"), over, fixed,
      kj__short(kj__report_number(json_object_get(sweep, "fixed"), fixed))
          .text);
}

static void put_grid(kj__document *d, const json_t *experiment,
                     const json_t *grid)
{
  const json_t *lambda = json_object_get(grid, "lambda");
  const json_t *epsilon = json_object_get(grid, "epsilon");
  const json_t *mae = json_object_get(grid, "mae");
  kj__chart chart = begin(KJ__CHART_HEAT, "epsilon", "lambda");
  name(&chart, experiment, "grid", kj__report_text(grid, "target"));
  kj__series *series = kj__chart_series(&chart, "MAE");
  for (size_t l = 0; l < json_array_size(lambda); l++)
    for (size_t e = 0; e < json_array_size(epsilon); e++)
      kj__chart_point(&chart, series,
                      (kj__point){number_at(epsilon, e), number_at(lambda, l),
                                  number_at(json_array_get(mae, l), e), NONE,
                                  ""});
  kj__document_chart(d, &chart, "MAE of %s for each lambda and epsilon of %s.",
                     kj__report_text(grid, "target"),
                     kj__report_text(grid, "method"));
}

void kj__section_sweeps(kj__document *d, const json_t *experiment)
{
  const json_t *sweeps = json_object_get(experiment, "sweeps");
  const json_t *grids = json_object_get(experiment, "grids");
  if (json_array_size(sweeps) + json_array_size(grids) > 0)
    kj__document_heading(d, 3, "%s: strengths of smoothing",
                         kj__report_text(experiment, "title"));
  for (size_t i = 0; i < json_array_size(sweeps); i++)
    put_sweep(d, experiment, json_array_get(sweeps, i));
  for (size_t i = 0; i < json_array_size(grids); i++)
    put_grid(d, experiment, json_array_get(grids, i));
}
