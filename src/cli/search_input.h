/*
 * search_input.h: what a search trains on: a table, or an experiment of a
 * protocol.
 */
#ifndef KJ_CLI_SEARCH_INPUT_H
#define KJ_CLI_SEARCH_INPUT_H

#include "cli/options.h"
#include "kanjo/protocol.h"

/* The protocol and the experiment that the command line means; LABELS.csv
 * becomes a protocol of one corpus. */
kj_status cli_read_search(const cli_settings *settings, kj_protocol **protocol,
                          const kj_protocol_experiment **experiment,
                          kj_error *err);

/* Read the corpora that the experiment trains on, and no other. */
kj_status cli_load_training(const cli_settings *settings,
                            const kj_protocol *protocol,
                            const kj_protocol_experiment *experiment,
                            kj_dataset **out, size_t *n_dropped, kj_error *err);

#endif
