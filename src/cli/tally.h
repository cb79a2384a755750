/*
 * tally.h: failures counted by reason. Reasons that differ in numbers alone
 * are one; beyond so many, the rest is counted together.
 */
#ifndef KJ_CLI_TALLY_H
#define KJ_CLI_TALLY_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum { CLI_TALLY_KINDS = 24, CLI_TALLY_TEXT = 160 };

typedef struct cli_tally {
  uint64_t n; /* all of them */
  size_t n_kinds;
  char kind[CLI_TALLY_KINDS][CLI_TALLY_TEXT];
  uint64_t count[CLI_TALLY_KINDS];
} cli_tally;

void cli_tally_add(cli_tally *tally, const char *reason);

/* Print "n of n_all WHAT failed" and a line for each reason, the most frequent
 * first, on standard error. */
void cli_tally_print(const cli_tally *tally, uint64_t n_all, const char *what);

/* The tally as a JSON value; NULL where memory is short. */
json_t *cli_tally_json(const cli_tally *tally);

/* Read it back; 0 where it is none. */
int cli_tally_read(cli_tally *tally, const json_t *value);

#endif
