/*
 * binary_table.h: how good a gate is, as text and as JSON.
 */
#ifndef KJ_CLI_BINARY_TABLE_H
#define KJ_CLI_BINARY_TABLE_H

#include "kanjo/binary.h"
#include <jansson.h>
#include <stdio.h>

/* Metrics, with intervals where they are not NULL; confusion and reliability.
 */
json_t *cli_json_binary(const kj_binary_metrics *metrics,
                        const kj_interval *intervals);
void cli_print_binary(FILE *f, const kj_binary_metrics *metrics,
                      const kj_interval *intervals);

#endif
