/*
 * interval.c: intervals beside values in a table, in CSV and in JSON.
 */
#include "cli/interval.h"

#include "cli/report.h"
#include "cli/table.h"
#include <math.h>

enum { BOUND_WIDTH = 5 }; /* of a bound in a table: "-0.12" */

double cli_interval_level(const cli_settings *settings)
{
  return settings->interval_level > 0.0 ? settings->interval_level
                                        : KJ_COVERAGE_LEVEL;
}

void cli_note_level(const cli_settings *settings, const char *model,
                    bool has_intervals)
{
  if (settings->interval_level > 0.0 && !has_intervals)
    cli_note("--level %g: %s has no intervals here (train --intervals)",
             settings->interval_level, model ? model : "the model");
}

bool cli_route_is_measured(const kj_estimator *estimator, kj_route route)
{
  const kj_routing *routing = &kj_estimator_get_parts(estimator)->routing;
  return !routing->component[KJ_COMPONENT_GATE] || route == routing->route;
}

void cli_intervals_make(const kj_estimator *estimator, kj_route route,
                        double level, cli_intervals *out)
{
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  *out = (cli_intervals){.level = level};
  for (size_t k = 0; k < parts->n_targets; k++) {
    out->half_width[k] = -1.0;
    if (!cli_route_is_measured(estimator, route) ||
        kj_residuals_half_width(&parts->residuals[k], level,
                                &out->half_width[k], NULL) != KJ_OK)
      continue;
    out->is_any = true;
    out->is_relative[k] = parts->residuals[k].is_relative;
  }
  if (out->is_any || !kj_route_predicts_sd(estimator, route))
    return;
  out->is_any = out->is_predicted = true;
  for (size_t k = 0; k < parts->n_targets; k++) {
    out->half_width[k] = kj_normal_half_width(level);
    out->is_relative[k] = true;
  }
}

static bool is_there(const cli_intervals *intervals, size_t k)
{
  return intervals->half_width[k] >= 0.0;
}

int cli_interval_width(const cli_intervals *intervals, size_t k)
{
  return is_there(intervals, k) ? 2 * (1 + BOUND_WIDTH) : 0;
}

void cli_interval_title(FILE *f, const cli_intervals *intervals)
{
  if (intervals->is_any)
    fprintf(f, "%g %% %sintervals, ", 100.0 * intervals->level,
            intervals->is_predicted ? "predicted " : "");
}

void cli_interval_head(FILE *f, const cli_intervals *intervals, size_t k,
                       int width, const char *target)
{
  fprintf(f, " %*s", width, target);
  if (is_there(intervals, k))
    fprintf(f, " %*s %*s", BOUND_WIDTH, "low", BOUND_WIDTH, "high");
}

void cli_interval_row(FILE *f, const cli_intervals *intervals, size_t k,
                      int width, const double *value)
{
  const double half_width = intervals->half_width[k];
  if (value)
    fprintf(f, " %*.2f", width, *value);
  else
    fprintf(f, " %*s", width, "-");
  if (!is_there(intervals, k))
    return;
  if (value)
    fprintf(f, " %*.2f %*.2f", BOUND_WIDTH, *value - half_width, BOUND_WIDTH,
            *value + half_width);
  else
    fprintf(f, " %*s %*s", BOUND_WIDTH, "-", BOUND_WIDTH, "-");
}

void cli_interval_head_csv(FILE *f, const cli_intervals *intervals, size_t k,
                           const char *target)
{
  fprintf(f, ",%s", target);
  if (is_there(intervals, k))
    fprintf(f, ",%s_low,%s_high", target, target);
}

void cli_interval_row_csv(FILE *f, const cli_intervals *intervals, size_t k,
                          const double *value)
{
  const double half_width = intervals->half_width[k];
  putc(',', f);
  if (value)
    cli_csv_number(f, *value);
  if (!is_there(intervals, k))
    return;
  putc(',', f);
  if (value)
    cli_csv_number(f, *value - half_width);
  putc(',', f);
  if (value)
    cli_csv_number(f, *value + half_width);
}

void cli_novelty_cell(FILE *f, bool is_known, double novelty)
{
  if (is_known && isfinite(novelty))
    fprintf(f, " %7.2f", novelty);
  else if (is_known)
    fprintf(f, " %7s", "-");
}

static void set_bound(json_t *object, const char *target, const char *which,
                      const double *value, double half_width)
{
  char key[KJ_TARGET_NAME_SIZE + 8];
  snprintf(key, sizeof key, "%s_%s", target, which);
  json_object_set_new(
      object, key, value ? cli_json_number(*value + half_width) : json_null());
}

void cli_interval_row_json(json_t *object, const cli_intervals *intervals,
                           size_t k, const char *target, const double *value)
{
  json_object_set_new(object, target,
                      value ? cli_json_number(*value) : json_null());
  if (!is_there(intervals, k))
    return;
  set_bound(object, target, "low", value, -intervals->half_width[k]);
  set_bound(object, target, "high", value, intervals->half_width[k]);
}

static const char *kind_of(const cli_intervals *intervals)
{
  return intervals->is_predicted ? "predicted" : "measured";
}

void cli_interval_kind_head_csv(FILE *f, const cli_intervals *intervals)
{
  fputs(intervals->is_any ? ",level,interval" : "", f);
}

void cli_interval_kind_csv(FILE *f, const cli_intervals *intervals,
                           bool has_values)
{
  if (intervals->is_any && has_values)
    fprintf(f, ",%g,%s", intervals->level, kind_of(intervals));
  else if (intervals->is_any)
    fputs(",,", f);
}

void cli_interval_kind_json(json_t *object, const cli_intervals *intervals)
{
  if (!intervals->is_any)
    return;
  json_object_set_new(object, "level", json_real(intervals->level));
  json_object_set_new(object, "interval", json_string(kind_of(intervals)));
}
