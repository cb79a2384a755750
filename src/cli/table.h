/*
 * table.h: rows of results as text: CSV cells, JSON numbers, metric tables.
 */
#ifndef KJ_CLI_TABLE_H
#define KJ_CLI_TABLE_H

#include "kanjo/experiment.h"
#include <jansson.h>
#include <stdio.h>

/* A number as CSV has it: %.9g, empty where it is not finite. */
void cli_csv_number(FILE *stream, double value);

/* A JSON number, or null where it is not finite. */
json_t *cli_json_number(double value);

/* A JSON text; what is not UTF-8 in a name of a file becomes U+FFFD. */
json_t *cli_json_text(const char *text);

/* Print one JSON value on a line of its own and release it. */
void cli_print_json(FILE *stream, json_t *value);

/* {"value": ..., "low": ..., "high": ...} */
json_t *cli_json_metric(double value, kj_interval interval);

/* {"mae": {"value": ..., "low": ..., "high": ...}, ...} */
json_t *cli_json_result(const kj_result *result);

/* {"mae": {"value": ..., "low": ..., "high": ..., "p": ...}, ...} */
json_t *cli_json_comparison(const kj_comparison *comparison);

/* The header line of a table of metrics, with a title in the first column. */
void cli_metric_header(FILE *stream, const char *title);

/* Two lines: the metrics of a row, and their intervals below. */
void cli_metric_row(FILE *stream, const char *name, const kj_metrics *metrics,
                    const kj_metric_intervals *intervals);

/* A third line: how far the metrics of single seeds lie from their mean. */
void cli_spread_row(FILE *stream, const kj_metrics *spread);

#endif
