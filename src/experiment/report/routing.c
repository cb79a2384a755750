/*
 * routing.c: the section of routed systems: the gate, the experts on both
 * kinds of speech, and who is heard.
 */
#include "experiment/report/number.h"
#include "experiment/report/sections.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void join_widths(const json_t *widths, char *to, size_t size)
{
  size_t n = 0;
  to[0] = '\0';
  for (size_t i = 0; i < json_array_size(widths) && n < size; i++)
    n += (size_t)snprintf(to + n, size - n, "%s%.0f", i ? "-" : "",
                          json_number_value(json_array_get(widths, i)));
}

static void put_gate(kj__document *d, const json_t *gate)
{
  static const char *const names[][2] = {
      {"accuracy", "accuracy"},
      {"balanced_accuracy", "balanced accuracy"},
      {"auc", "AUC"},
      {"log_loss", "log loss"},
      {"calibration_error", "calibration error"}};
  const json_t *metrics = json_object_get(gate, "metrics");
  if (json_object_size(metrics) == 0) {
    kj__document_text(d, KJ__BLOCK_TEXT,
                      "The kind of no tested row is known, so the gate cannot "
                      "be measured.");
    return;
  }
  kj__document_table(d, 5, "The gate: spontaneous or not");
  for (size_t m = 0; m < 5; m++)
    kj__document_cell(d, "%s", names[m][1]);
  for (size_t m = 0; m < 5; m++)
    kj__report_metric(d, json_object_get(metrics, names[m][0]));
}

static double number_at(const json_t *table, size_t row, size_t column)
{
  const json_t *value = json_array_get(json_array_get(table, row), column);
  return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void put_confusion(kj__document *d, const json_t *gate)
{
  static const char *const kinds[] = {"scripted", "spontaneous"};
  const json_t *table = json_object_get(gate, "confusion");
  if (json_array_size(table) != 2)
    return;
  kj__document_table(d, 4, "The gate's answers: rows, means over the seeds");
  kj__document_cell(d, "truth");
  kj__document_cell(d, "says scripted");
  kj__document_cell(d, "says spontaneous");
  kj__document_cell(d, "right");
  for (size_t k = 0; k < 2; k++) {
    const double no = number_at(table, k, 0), yes = number_at(table, k, 1);
    kj__document_cell(d, "%s", kinds[k]);
    kj__document_cell(d, "%s", kj__short(no).text);
    kj__document_cell(d, "%s", kj__short(yes).text);
    kj__document_cell(d, "%s",
                      kj__fixed((k == 0 ? no : yes) / (no + yes), 3).text);
  }
}

static void put_setting(kj__document *d, const json_t *routing)
{
  char train[160], widths[96];
  const json_t *gate = json_object_get(routing, "gate");
  kj__report_join(json_object_get(gate, "train"), train, sizeof train);
  join_widths(json_object_get(gate, "hidden"), widths, sizeof widths);
  kj__document_text(
      d, KJ__BLOCK_TEXT,
      "A gate with hidden layers of %s, %s epochs, smoothing %s, trained on %s "
      "(%s rows in the first fold), gives the probability of spontaneous "
      "speech. Of the tested rows %s are scripted and %s spontaneous.",
      widths[0] ? widths : "no width", kj__count(gate, "epochs").text,
      kj__report_text(gate, "smoothing"), train,
      kj__count(gate, "n_train_rows").text,
      kj__count(routing, "n_scripted").text,
      kj__count(routing, "n_spontaneous").text);
  if (kj__report_number(routing, "n_unknown") > 0.0)
    kj__document_text(d, KJ__BLOCK_TEXT,
                      "The kind of %s tested rows is not known: they are left "
                      "out of everything in this section.",
                      kj__count(routing, "n_unknown").text);
}

/* Whether the paper has a figure for one of the entries. */
static bool has_paper(const json_t *systems, const char *key)
{
  for (size_t s = 0; s < json_array_size(systems); s++) {
    const json_t *list = json_object_get(json_array_get(systems, s), key);
    for (size_t i = 0; i < json_array_size(list); i++)
      if (isfinite(kj__report_number(json_array_get(list, i), "paper")))
        return true;
  }
  return false;
}

static void put_cells(kj__document *d, const char *const *texts, size_t n)
{
  for (size_t i = 0; i < n; i++)
    kj__document_cell(d, "%s", texts[i]);
}

static void put_paper(kj__document *d, bool has, const json_t *entry)
{
  if (has)
    kj__document_cell(d, "%s",
                      kj__fixed(kj__report_number(entry, "paper"), 3).text);
}

static void put_experts(kj__document *d, const json_t *target)
{
  static const char *const header[] = {
      "method",           "trained on",       "MAE, scripted", "CCC, scripted",
      "MAE, spontaneous", "CCC, spontaneous", "paper's MAE"};
  static const char *const metrics[] = {"mae", "ccc"};
  static const char *const kinds[] = {"scripted", "spontaneous"};
  const json_t *systems = json_object_get(target, "systems");
  const bool has = has_paper(systems, "experts");
  kj__document_table(d, has ? 7 : 6,
                     "%s: each expert on its own kind of speech and on the "
                     "other (the paper's table 3)",
                     kj__report_text(target, "name"));
  put_cells(d, header, has ? 7 : 6);
  for (size_t s = 0; s < json_array_size(systems); s++) {
    const json_t *system = json_array_get(systems, s);
    const json_t *experts = json_object_get(system, "experts");
    for (size_t e = 0; e < json_array_size(experts); e++) {
      const json_t *expert = json_array_get(experts, e);
      const char *name = kj__report_text(expert, "name");
      kj__document_cell(d, "%s", kj__report_text(system, "method"));
      kj__document_cell(d, "%s",
                        strcmp(name, "plain") == 0 ? "all speech" : name);
      for (size_t i = 0; i < 4; i++)
        kj__report_metric(d,
                          json_object_get(json_object_get(expert, kinds[i / 2]),
                                          metrics[i % 2]));
      put_paper(d, has, expert);
    }
  }
}

static void put_routes(kj__document *d, const json_t *target)
{
  static const char *const header[] = {
      "method", "route", "MAE", "RMSE", "CCC", "r", "sd ratio", "paper's MAE"};
  static const char *const metrics[] = {"mae", "rmse", "ccc", "pearson",
                                        "sd_ratio"};
  const json_t *systems = json_object_get(target, "systems");
  const bool has = has_paper(systems, "routes");
  kj__document_table(d, has ? 8 : 7,
                     "%s: who is heard (the paper's table 4); oracle knows the "
                     "kind and is the upper limit of hard",
                     kj__report_text(target, "name"));
  put_cells(d, header, has ? 8 : 7);
  for (size_t s = 0; s < json_array_size(systems); s++) {
    const json_t *system = json_array_get(systems, s);
    const json_t *routes = json_object_get(system, "routes");
    for (size_t r = 0; r < json_array_size(routes); r++) {
      const json_t *route = json_array_get(routes, r);
      put_cells(d,
                (const char *[]){kj__report_text(system, "method"),
                                 kj__report_text(route, "name")},
                2);
      for (size_t m = 0; m < 5; m++)
        kj__report_metric(
            d, json_object_get(json_object_get(route, "metrics"), metrics[m]));
      put_paper(d, has, route);
    }
  }
}

static void put_target(kj__document *d, const json_t *experiment,
                       const json_t *target)
{
  const json_t *comparisons = json_object_get(target, "comparisons");
  kj__document_heading(d, 4, "%s: routing, %s",
                       kj__report_text(experiment, "title"),
                       kj__report_text(target, "name"));
  put_experts(d, target);
  put_routes(d, target);
  for (size_t i = 0; i < json_array_size(comparisons); i++)
    if (strcmp(kj__report_text(json_array_get(comparisons, i), "metric"),
               "mae") == 0)
      kj__report_comparison(d, json_array_get(comparisons, i));
  kj__section_comparisons(d, target);
}

void kj__section_routing(kj__document *d, const json_t *experiment)
{
  const json_t *routing = json_object_get(experiment, "routing");
  const json_t *targets = json_object_get(routing, "targets");
  if (!json_is_object(routing))
    return;
  kj__document_heading(d, 3, "%s: routing",
                       kj__report_text(experiment, "title"));
  put_setting(d, routing);
  put_gate(d, json_object_get(routing, "gate"));
  put_confusion(d, json_object_get(routing, "gate"));
  kj__section_reliability(d, experiment);
  for (size_t k = 0; k < json_array_size(targets); k++)
    put_target(d, experiment, json_array_get(targets, k));
}
