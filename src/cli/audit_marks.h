/*
 * audit_marks.h: what an audit must not exceed: --pass, or a protocol's.
 */
#ifndef KJ_CLI_AUDIT_MARKS_H
#define KJ_CLI_AUDIT_MARKS_H

#include "cli/options.h"
#include "kanjo/protocol.h"

typedef struct cli_marks {
  kj_audit_marks all;    /* without a protocol */
  kj_protocol *protocol; /* with `audit`, or NULL */
} cli_marks;

/* Read --pass or --protocol; with neither, nothing is asked. */
kj_status cli_read_marks(const cli_settings *settings, cli_marks *marks,
                         kj_error *err);

void cli_clear_marks(cli_marks *marks);

/* Whether any of n cells, one a group of rows with all rows first, is beyond
 * its mark. */
bool cli_is_passed(const cli_marks *marks, kj_condition condition,
                   const char *target, const kj_audit_cell *clean,
                   const kj_audit_cell *cell, size_t n);

#endif
