/*
 * estimation.h: recordings that are estimated, and how rows of estimates look
 * as a table, as CSV and as JSON Lines.
 */
#ifndef KJ_CLI_ESTIMATION_H
#define KJ_CLI_ESTIMATION_H

#include "base/file.h"
#include "cli/interval.h"
#include "cli/options.h"
#include "cli/report.h"

#include "kanjo/model.h"
#include "kanjo/recording.h"

#include <stdbool.h>

enum { CLI_TABLE, CLI_CSV, CLI_JSON_LINES };

/* One estimate: of a recording, or of a window of one. */
typedef struct cli_estimate_row {
  const char *name;
  const char *speaker;
  kj_recording recording;
  bool is_usable;
  double novelty;     /* NaN where it is not known */
  double probability; /* of spontaneous speech; likewise */
} cli_estimate_row;

typedef struct cli_estimation {
  const cli_settings *settings;
  kj_model *model;
  const kj_estimator *estimator;
  const kj_estimator_parts *parts;
  cli_intervals intervals;
  bool is_routed;
  kj_route route;
  bool has_sd; /* a standard deviation beside each value */
  kj_estimator_scratch *scratch;
  kj_recording_options options;
  kj_inputs inputs;
  kj__output output;
  cli_progress progress;
  bool is_output_open;
  int format;
  size_t name_width;

  cli_estimate_row *row; /* grows; only one where rows go out as they come */
  size_t n_rows, row_capacity;
  float *x; /* (n_rows, n_inputs), grows likewise */
  size_t x_capacity;
  size_t n_failed;
} cli_estimation;

/* Values of a row, (n_targets); sd is not read where there is none. */
typedef struct cli_values {
  double value[KJ_MAX_TARGETS], sd[KJ_MAX_TARGETS];
} cli_values;

void cli_estimation_head(cli_estimation *e);
void cli_estimation_row(cli_estimation *e, const cli_estimate_row *row,
                        const cli_values *values);

#endif
