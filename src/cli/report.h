/*
 * report.h: what a verb says beside its results: exit codes, messages on
 * standard error, progress.
 */
#ifndef KJ_CLI_REPORT_H
#define KJ_CLI_REPORT_H

#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>

enum {
  CLI_DONE = 0,
  CLI_SOME_FAILED = 1,
  CLI_USAGE = 2,
  CLI_NO_INPUT = 3,
  CLI_BAD_MODEL = 4,
  CLI_INTERRUPTED = 5
};

/* The exit code of a status. */
int cli_exit_code(kj_status status);

/* Print "kanjo: message" and return the exit code. */
int cli_fail(const kj_error *err);

/* Print "kanjo: ..." on standard error. */
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Width of the terminal behind a file descriptor; 0 where there is none. */
int cli_columns(int descriptor);

/* Seconds of a clock that only goes forward: for progress, and for when to
 * save; nothing that is written comes from it. */
double cli_now_s(void);

/* A line of progress that overwrites itself, where it is wanted. */
typedef struct cli_progress {
  bool is_shown;
  bool is_terminal;
  double started_s; /* monotonic clock */
  double shown_s;
  size_t done_before; /* by an earlier run: says nothing of the time left */
  bool has_rate;      /* tell how many a second */
} cli_progress;

/* `when`: 0 auto (a terminal only), 1 always, 2 never. */
cli_progress cli_progress_start(int when);

/* Likewise, but never where the rows go to the same terminal: `output` NULL is
 * standard output. */
cli_progress cli_progress_beside(int when, const char *output);

/* Show "text ... N of M, time left", at most ten times a second on a
 * terminal, else one line a call. M 0: not known. */
void cli_progress_show(cli_progress *progress, const char *text, size_t done,
                       size_t total);

/* Clear the line. */
void cli_progress_end(cli_progress *progress);

/* Install handlers for Ctrl-C and termination; afterwards
 * cli_is_interrupted() tells whether one came. */
void cli_catch_interrupts(void);
bool cli_is_interrupted(void);

#endif
