/*
 * search.c: what a search tried and found, as a page with figures.
 */
#include "kanjo/search.h"

#include "base/error.h"
#include "experiment/report/number.h"
#include "experiment/report/sections.h"
#include "experiment/report/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* In place of a number that a point has not. */
static const double NONE = (double)NAN;

static bool is_ccc(const json_t *results)
{
  return strcmp(kj__report_text(results, "metric"), "ccc") == 0;
}

/* "CCC of valence" or "MAE, mean over targets". */
static void name_value(const json_t *results, char *text, size_t size)
{
  const char *target = kj__report_text(results, "target");
  snprintf(text, size, "%s%s%s", is_ccc(results) ? "CCC" : "MAE",
           strcmp(target, "mean over targets") == 0 ? ", " : " of ", target);
}

static kj__chart begin(const json_t *results, kj__chart_kind kind,
                       const char *id, const char *head)
{
  kj__chart chart = {.kind = kind};
  char value[96];
  name_value(results, value, sizeof value);
  kj__report_copy(chart.id, sizeof chart.id, id);
  kj__report_copy(chart.head, sizeof chart.head, head);
  snprintf(chart.title, sizeof chart.title, "%s: %s on inner folds", head,
           value);
  return chart;
}

static double value_of(const json_t *trial)
{
  return kj__report_number(trial, "value");
}

/* Each setting as a mark, and the best so far as a line; scores of different
 * rungs do not compare, so the line begins anew with each. */
static void put_history(kj__document *d, const json_t *results)
{
  const json_t *trials = json_object_get(results, "trials");
  const double sign = is_ccc(results) ? -1.0 : 1.0;
  kj__chart chart = begin(results, KJ__CHART_LINES, "search-history",
                          "History of the search");
  const bool has_rungs =
      strcmp(kj__report_text(results, "strategy"), "halving") == 0;
  double best = (double)INFINITY, rung = -1.0;
  char line[48];
  kj__report_copy(chart.x_label, sizeof chart.x_label, "setting");
  name_value(results, chart.y_label, sizeof chart.y_label);
  for (size_t i = 0; i < json_array_size(trials); i++) {
    const json_t *trial = json_array_get(trials, i);
    if (kj__report_number(trial, "rung") != rung) {
      rung = kj__report_number(trial, "rung");
      best = (double)INFINITY;
      snprintf(line, sizeof line, "best so far, %.0f epochs",
               kj__report_number(trial, "epochs"));
      kj__chart_series(&chart, has_rungs ? line : "best so far");
    }
    if (isfinite(value_of(trial)))
      best = fmin(best, sign * value_of(trial));
    kj__chart_point(
        &chart, chart.n_series ? &chart.series[chart.n_series - 1] : NULL,
        (kj__point){(double)i + 1.0, isfinite(best) ? sign * best : NONE, NONE,
                    NONE, ""});
  }
  kj__series *each = kj__chart_series(&chart, "each setting");
  for (size_t i = 0; each && i < json_array_size(trials); i++)
    kj__chart_point(&chart, each,
                    (kj__point){(double)i + 1.0,
                                value_of(json_array_get(trials, i)), NONE, NONE,
                                ""});
  if (each)
    each->is_marks_only = true;
  kj__document_chart(d, &chart,
                     "Each setting in the order tried, and the best so far.");
}

/* The trial of that lambda and epsilon, all else as in the best. */
static double find_value(const json_t *results, double lambda, double epsilon)
{
  const json_t *trials = json_object_get(results, "trials");
  for (size_t i = 0; i < json_array_size(trials); i++) {
    const json_t *trial = json_array_get(trials, i);
    bool is_it = true;
    for (int p = 0; is_it && p < KJ_N_SEARCH_PARAMETERS; p++) {
      const char *name = kj_search_parameter_name((kj_search_parameter)p);
      const double wanted =
          p == KJ_SEARCH_LAMBDA ? lambda
          : p == KJ_SEARCH_EPSILON
              ? epsilon
              : kj__report_number(json_object_get(results, "setting"), name);
      is_it = kj__report_number(trial, name) == wanted;
    }
    if (is_it)
      return value_of(trial);
  }
  return NONE;
}

static double number_at(const json_t *array, size_t i)
{
  const json_t *value = json_array_get(array, i);
  return json_is_number(value) ? json_number_value(value) : NONE;
}

static void put_grid(kj__document *d, const json_t *results)
{
  const json_t *searched = json_object_get(results, "searched");
  const json_t *lambda =
      json_object_get(json_object_get(searched, "lambda"), "values");
  const json_t *epsilon =
      json_object_get(json_object_get(searched, "epsilon"), "values");
  if (strcmp(kj__report_text(results, "strategy"), "grid") != 0 ||
      json_array_size(lambda) == 0 || json_array_size(epsilon) == 0)
    return;
  kj__chart chart = begin(results, KJ__CHART_HEAT, "search-grid", "The grid");
  kj__report_copy(chart.x_label, sizeof chart.x_label, "epsilon");
  kj__report_copy(chart.y_label, sizeof chart.y_label, "lambda");
  kj__series *series =
      kj__chart_series(&chart, is_ccc(results) ? "CCC" : "MAE");
  for (size_t l = 0; l < json_array_size(lambda); l++)
    for (size_t e = 0; e < json_array_size(epsilon); e++) {
      const double at[2] = {number_at(epsilon, e), number_at(lambda, l)};
      kj__chart_point(&chart, series,
                      (kj__point){at[0], at[1],
                                  find_value(results, at[1], at[0]), NONE, ""});
    }
  kj__document_chart(d, &chart,
                     "%s for each lambda and epsilon, everything else as in "
                     "the best setting.",
                     is_ccc(results) ? "CCC" : "MAE");
}

static void put_trials(kj__document *d, const json_t *results)
{
  const json_t *trials = json_object_get(results, "trials");
  const json_t *searched = json_object_get(results, "searched");
  const bool has_rungs =
      strcmp(kj__report_text(results, "strategy"), "halving") == 0;
  char value[96];
  name_value(results, value, sizeof value);
  kj__document_table(d, 2 + json_object_size(searched) + (has_rungs ? 1 : 0),
                     "Settings in the order tried");
  const char *name;
  json_t *axis;
  kj__document_cell(d, "setting");
  json_object_foreach((json_t *)(uintptr_t)searched, name, axis)
      kj__document_cell(d, "%s", name);
  if (has_rungs)
    kj__document_cell(d, "epochs");
  kj__document_cell(d, "%s", value);
  for (size_t i = 0; i < json_array_size(trials); i++) {
    const json_t *trial = json_array_get(trials, i);
    kj__document_cell(
        d, "%zu%s", i + 1,
        kj__report_number(results, "best") == (double)i ? " (best)" : "");
    json_object_foreach((json_t *)(uintptr_t)searched, name, axis)
        kj__document_cell(d, "%s",
                          kj__short(kj__report_number(trial, name)).text);
    if (has_rungs)
      kj__document_cell(d, "%s",
                        kj__short(kj__report_number(trial, "epochs")).text);
    kj__document_cell(d, "%s", kj__fixed(value_of(trial), 4).text);
  }
}

static void compose(kj__document *d, const json_t *results)
{
  char value[96];
  name_value(results, value, sizeof value);
  kj__document_text(
      d, KJ__BLOCK_TEXT,
      "Strategy %s%s%s, smoothing %s, on %s rows of the training data: %s over "
      "%s inner folds of whole speakers, %s network%s a fold. No other data "
      "were looked at, so these figures choose a setting and do not test it.",
      kj__report_text(results, "strategy"),
      kj__report_text(results, "algorithm")[0] ? ", " : "",
      kj__report_text(results, "algorithm"),
      kj__report_text(results, "smoothing"), kj__count(results, "n_rows").text,
      value, kj__count(results, "folds").text, kj__count(results, "seeds").text,
      kj__report_number(results, "seeds") > 1.0 ? "s" : "");
  if (json_is_true(json_object_get(results, "is_cut")))
    kj__document_text(d, KJ__BLOCK_TEXT,
                      "The budget ended the search before its strategy did.");
  put_history(d, results);
  put_grid(d, results);
  put_trials(d, results);
}

kj_status kj_search_report_write(const json_t *results, const char *folder,
                                 kj_error *err)
{
  kj__document d = {.title = "A search",
                    .is_synthetic =
                        json_is_true(json_object_get(results, "synthetic"))};
  compose(&d, results);
  const kj_status status = d.is_short_of_memory
                               ? kj__fail_memory(err, "a report")
                               : kj__report_files(&d, folder, "search", err);
  kj__document_clear(&d);
  return status;
}
