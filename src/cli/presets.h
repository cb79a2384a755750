/* presets.h: options that go together, under one name. */
#ifndef KJ_CLI_PRESETS_H
#define KJ_CLI_PRESETS_H

#include "cli/options.h"

/* X(name, options): the presets; what their options are is in presets.c. */
#define CLI_PRESET_LIST(X) X("paper", PAPER)

/* An option of the table, and what it is given. */
typedef struct cli_preset_option {
  const char *name; /* NULL: no more */
  const char *value;
} cli_preset_option;

/* The options of the preset at a place of the list. */
const cli_preset_option *cli_preset_options(int index);

#endif
