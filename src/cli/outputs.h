/*
 * outputs.h: nothing that is read is written over by what comes of it.
 */
#ifndef KJ_CLI_OUTPUTS_H
#define KJ_CLI_OUTPUTS_H

#include "cli/options.h"
#include "kanjo/status.h"

/* KJ_EARGUMENT if a file that is to be written is one that is to be read.
 * Recordings that tables, lists and folders name are not looked at. */
kj_status cli_check_outputs(const cli_settings *settings, kj_error *err);

/* Likewise of one input; NULL and "-" stand for none. */
kj_status cli_check_output(const char *output, const char *input,
                           kj_error *err);

#endif
