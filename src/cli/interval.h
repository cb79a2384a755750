/*
 * interval.h: intervals beside values, and how often they hold a rating.
 */
#ifndef KJ_CLI_INTERVAL_H
#define KJ_CLI_INTERVAL_H

#include "kanjo/coverage.h"
#include <jansson.h>
#include <stdio.h>

/* Half the width of each target's interval; negative: the model has none. */
typedef struct cli_intervals {
  double half_width[KJ_MAX_TARGETS];
  double level;
  bool is_any;
} cli_intervals;

/* The level is one that the options allow. */
void cli_intervals_make(const kj_estimator_parts *parts, double level,
                        cli_intervals *out);

/* As if the model had none. */
void cli_intervals_forget(cli_intervals *intervals);

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

/* The last cell of a table, where novelty is known; NaN: not of this row. */
void cli_novelty_cell(FILE *f, bool is_known, double novelty);

/* ---- coverage: KJ_EMEMORY ---- */

kj_status cli_print_coverage(FILE *f, const kj_covering *covering, double level,
                             kj_error *err);

/* As "coverage" of the object. */
kj_status cli_json_coverage(json_t *object, const kj_covering *covering,
                            double level, kj_error *err);

#endif
