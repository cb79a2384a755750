/*
 * protocols.h: the protocol that a command means, and its data.
 */
#ifndef KJ_CLI_PROTOCOLS_H
#define KJ_CLI_PROTOCOLS_H

#include "cli/options.h"
#include "kanjo/protocol.h"

/* Read the protocol that the command line names, with what it overrides. */
kj_status cli_read_protocol(const cli_settings *settings, kj_protocol **out,
                            kj_error *err);

/* The same where a corpus need not be named: cli_load_corpora checks. */
kj_status cli_open_protocol(const cli_settings *settings, kj_protocol **out,
                            kj_error *err);

/* Read all its corpora into one dataset. */
kj_status cli_load_corpora(const cli_settings *settings,
                           const kj_protocol *protocol, kj_dataset **out,
                           size_t *n_dropped, kj_error *err);

/* Print the protocols that are shipped, a line each. */
kj_status cli_list_protocols(const cli_settings *settings, kj_error *err);

#endif
