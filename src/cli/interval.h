/*
 * interval.h: intervals beside values, and how often they hold a rating.
 */
#ifndef KJ_CLI_INTERVAL_H
#define KJ_CLI_INTERVAL_H

#include "cli/options.h"
#include "kanjo/coverage.h"
#include <jansson.h>
#include <stdio.h>

/* Half the width of each target's interval; negative: the model has none. */
typedef struct cli_intervals {
  double half_width[KJ_MAX_TARGETS];
  bool is_relative[KJ_MAX_TARGETS]; /* half_width is in units of a row's sd */
  bool is_predicted; /* by normal distributions; no speaker was held out */
  double level;
  bool is_any;
} cli_intervals;

/* That was asked for, or KJ_COVERAGE_LEVEL. */
double cli_interval_level(const cli_settings *settings);

/* Say that --level is of no use where a model (or NULL: the only one) has no
 * intervals. */
void cli_note_level(const cli_settings *settings, const char *model,
                    bool has_intervals);

/* Those of a route: measured, where the residuals are of this one, else
 * predicted, where it predicts deviations. The level is one that the options
 * allow. */
void cli_intervals_make(const kj_estimator *estimator, kj_route route,
                        double level, cli_intervals *out);

/* Whether the residuals of an estimator are those of a route. */
bool cli_route_is_measured(const kj_estimator *estimator, kj_route route);

/* ---- rows of estimates: target k; value NULL: there is none ---- */

/* Characters of a table that the interval takes behind its value. */
int cli_interval_width(const cli_intervals *intervals, size_t k);
/* "90 % intervals, ", where there are any. */
void cli_interval_title(FILE *f, const cli_intervals *intervals);
void cli_interval_head(FILE *f, const cli_intervals *intervals, size_t k,
                       int width, const char *target);
void cli_interval_row(FILE *f, const cli_intervals *intervals, size_t k,
                      int width, const double *value);
void cli_interval_head_csv(FILE *f, const cli_intervals *intervals, size_t k,
                           const char *target);
void cli_interval_row_csv(FILE *f, const cli_intervals *intervals, size_t k,
                          const double *value);
void cli_interval_row_json(json_t *object, const cli_intervals *intervals,
                           size_t k, const char *target, const double *value);

/* What intervals of a row are, behind all of its values: their level, and
 * "measured" on speakers who were held out or "predicted" by the model alone.
 * Nothing where there are none. */
void cli_interval_kind_head_csv(FILE *f, const cli_intervals *intervals);
void cli_interval_kind_csv(FILE *f, const cli_intervals *intervals,
                           bool has_values);
void cli_interval_kind_json(json_t *object, const cli_intervals *intervals);

/* The last cell of a table, where novelty is known; NaN: not of this row. */
void cli_novelty_cell(FILE *f, bool is_known, double novelty);

/* How many rows are unlike anything known, where that is known; `name` of the
 * model in front, if it is not empty. KJ_EDATA; KJ_EMEMORY. */
kj_status cli_print_novelty(FILE *f, const char *name,
                            const kj_estimator *estimator,
                            const kj_dataset *data, kj_error *err);

/* ---- coverage: KJ_EMEMORY ---- */

kj_status cli_print_coverage(FILE *f, const kj_covering *covering, double level,
                             kj_error *err);

/* As a member of the object. */
kj_status cli_json_coverage(json_t *object, const char *key,
                            const kj_covering *covering, double level,
                            kj_error *err);

/* What deviations were predicted, and how surprising ratings are under them:
 * the mean of ln s + (y - f)^2 / (2 s^2) + ln(2 pi) / 2. */
void cli_print_likelihood(FILE *f, const kj_covering *covering);

/* As "predicted" of the object, with the coverage that they give. */
kj_status cli_json_predicted(json_t *object, const kj_covering *covering,
                             double level, kj_error *err);

#endif
