/*
 * experiment.c: the section of one experiment, with its tables.
 */
#include "experiment/report/number.h"
#include "experiment/report/sections.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const METRICS[] = {"mae", "rmse", "ccc", "pearson",
                                      "sd_ratio"};
static const char *const TITLES[] = {"MAE", "RMSE", "CCC", "r", "sd ratio"};
enum { N_METRICS = 5 };

/* "0.465 [0.423, 0.521] ± 0.006"; what does not differ between seeds has no
 * deviation. */
void kj__report_metric(kj__document *d, const json_t *metric)
{
  const double spread = kj__report_number(metric, "spread");
  const bool has_spread = isfinite(kj__report_number(metric, "mean")) &&
                          isfinite(spread) && spread >= 0.0005;
  kj__document_cell(d, "%s%s%s", kj__with_bounds(metric, "mean", 3).text,
                    has_spread ? " ± " : "",
                    has_spread ? kj__fixed(spread, 3).text : "");
}

static void put_ceiling(kj__document *d, const json_t *ceiling)
{
  if (!json_is_object(ceiling))
    return;
  kj__document_cell(
      d, "one rater against the others (about %s a row)",
      kj__short(kj__report_number(ceiling, "n_raters_mean")).text);
  kj__document_cell(d, "%s",
                    kj__fixed(kj__report_number(ceiling, "mae"), 3).text);
  kj__document_cell(d, "-");
  kj__document_cell(d, "%s",
                    kj__fixed(kj__report_number(ceiling, "ccc"), 3).text);
  kj__document_cell(d, "-");
  kj__document_cell(d, "-");
}

/* The strengths of smoothing, where they are the contender's own. */
static void put_name(kj__document *d, const json_t *contender)
{
  const double lambda = kj__report_number(contender, "lambda");
  const double epsilon = kj__report_number(contender, "epsilon");
  const bool is_chosen =
      json_array_size(json_object_get(contender, "chosen")) > 0;
  if (is_chosen)
    kj__document_cell(d, "%s (λ, ε chosen)",
                      kj__report_text(contender, "name"));
  else if (isfinite(lambda) && isfinite(epsilon))
    kj__document_cell(d, "%s (λ\u00a0%s, ε\u00a0%s)",
                      kj__report_text(contender, "name"),
                      kj__short(lambda).text, kj__short(epsilon).text);
  else
    kj__document_cell(d, "%s", kj__report_text(contender, "name"));
}

static void put_metrics(kj__document *d, const json_t *target)
{
  const json_t *contenders = json_object_get(target, "contenders");
  kj__document_table(d, 1 + N_METRICS, "%s: what each method reaches",
                     kj__report_text(target, "name"));
  kj__document_cell(d, "method");
  for (size_t m = 0; m < N_METRICS; m++)
    kj__document_cell(d, "%s", TITLES[m]);
  for (size_t c = 0; c < json_array_size(contenders); c++) {
    const json_t *contender = json_array_get(contenders, c);
    put_name(d, contender);
    for (size_t m = 0; m < N_METRICS; m++)
      kj__report_metric(
          d,
          json_object_get(json_object_get(contender, "metrics"), METRICS[m]));
  }
  put_ceiling(d, json_object_get(target, "ceiling"));
}

/* Which rows an experiment is restricted to. */
static void put_filter(kj__document *d, const json_t *experiment,
                       const char *key, const char *words)
{
  json_t *filter = json_object_get(experiment, key);
  const char *name;
  json_t *value;
  if (!json_is_object(filter))
    return;
  json_object_foreach(filter, name, value)
  {
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    kj__document_text(d, KJ__BLOCK_TEXT, "%s with %s = %s.", words, name,
                      text ? text : "");
    free(text);
  }
}

static void put_setting(kj__document *d, const json_t *experiment)
{
  char train[160], test[160];
  const char *split = kj__report_text(experiment, "split");
  const json_t *notes = json_object_get(experiment, "notes");
  kj__report_join(json_object_get(experiment, "train"), train, sizeof train);
  kj__report_join(json_object_get(experiment, "test"), test, sizeof test);
  kj__document_text(d, KJ__BLOCK_TEXT,
                    "Trained on %s, tested on %s%s%s: %s rows to train on, "
                    "%s tested, of %s speakers, in %s fold%s.",
                    train, test, split[0] ? ", split " : "", split,
                    kj__count(experiment, "n_train_rows").text,
                    kj__count(experiment, "n_test_rows").text,
                    kj__count(experiment, "n_speakers").text,
                    kj__count(experiment, "n_folds").text,
                    kj__report_number(experiment, "n_folds") > 1.0 ? "s" : "");
  if (kj__report_number(experiment, "n_unlabelled_rows") > 0.0)
    kj__document_text(d, KJ__BLOCK_TEXT,
                      "Smoothing also sees %s rows without their "
                      "ratings, of speakers who are not tested.",
                      kj__count(experiment, "n_unlabelled_rows").text);
  put_filter(d, experiment, "only", "Only rows");
  put_filter(d, experiment, "train_only", "Training rows only");
  put_filter(d, experiment, "test_only", "Test rows only");
  if (json_is_true(json_object_get(experiment, "is_leaky")))
    kj__document_text(d, KJ__BLOCK_TEXT,
                      "The split is random over rows: the same voices are in "
                      "training and test, as in the paper. Figures are better "
                      "than for a voice that was never heard.");
  for (size_t i = 0; i < json_array_size(notes); i++)
    kj__document_text(d, KJ__BLOCK_BULLET, "%s",
                      json_string_value(json_array_get(notes, i)));
}

void kj__section_experiment(kj__document *d, const json_t *experiment)
{
  const json_t *targets = json_object_get(experiment, "targets");
  kj__document_heading(d, 2, "%s", kj__report_text(experiment, "title"));
  put_setting(d, experiment);
  kj__section_paper(d, experiment);
  for (size_t k = 0; k < json_array_size(targets); k++) {
    const json_t *target = json_array_get(targets, k);
    kj__document_heading(d, 3, "%s: %s", kj__report_text(experiment, "title"),
                         kj__report_text(target, "name"));
    put_metrics(d, target);
    kj__section_reading(d, target);
    kj__section_comparisons(d, target);
    kj__section_target_charts(d, experiment, target);
  }
  kj__section_intervals(d, experiment);
  kj__section_routing(d, experiment);
  kj__section_sweeps(d, experiment);
}
