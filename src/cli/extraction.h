/*
 * extraction.h: many recordings to one table of features, on several threads,
 * in the order they are named, in memory that does not grow with their number.
 */
#ifndef KJ_CLI_EXTRACTION_H
#define KJ_CLI_EXTRACTION_H

#include "cli/journal.h"
#include "cli/report.h"
#include "cli/writer.h"
#include "corpus/input_stream.h"

typedef struct cli_extraction {
  kj_recording_options options; /* sinks are set by the run */
  cli_layout layout;
  kj__output output;
  const char *output_name; /* NULL: standard output */
  kj__input_stream inputs;
  cli_journal journal; /* and how much is done */
  bool is_whole;       /* an earlier run did all but to remove the journal */
  cli_progress progress;
  size_t n_threads;
} cli_extraction;

/* Pass over the recordings that an earlier run has done. Statuses as
 * cli_journal_check_names and kj__input_stream_next. */
kj_status cli_extraction_skip(cli_extraction *e, kj_error *err);

/* Extract all that is left, tell what failed, write rows. KJ_EINTERRUPTED
 * after Ctrl-C; KJ_EFILE where list, output or journal fail; KJ_EMEMORY. */
kj_status cli_extraction_run(cli_extraction *e, kj_error *err);

#endif
