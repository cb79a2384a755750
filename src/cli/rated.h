/*
 * rated.h: rows that a model's values are held against: with ratings of its
 * targets, and where it is a gate with their kinds.
 */
#ifndef KJ_CLI_RATED_H
#define KJ_CLI_RATED_H

#include "cli/options.h"
#include "kanjo/corpus.h"
#include "kanjo/model.h"

typedef struct cli_rated {
  kj_dataset *loaded;
  kj_dataset kinds; /* of a gate: the same rows; else all zero */
  size_t n_dropped; /* as cli_load_labelled has it */
} cli_rated;

/* LABELS.csv as the model `name` wants it: its targets, its columns. */
kj_status cli_load_rated(const cli_settings *settings, const char *name,
                         const kj_model *model, const char *path,
                         cli_rated *out, kj_error *err);

/* The rows; nobody changes them. NULL before they are loaded. */
const kj_dataset *cli_rated_rows(const cli_rated *rated);

void cli_clear_rated(cli_rated *rated);

#endif
