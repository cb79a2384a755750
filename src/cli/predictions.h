/*
 * predictions.h: ratings and what models say of them, row by row.
 */
#ifndef KJ_CLI_PREDICTIONS_H
#define KJ_CLI_PREDICTIONS_H

#include "kanjo/corpus.h"

/* CSV: name, speaker and for each target its rating and its estimates.
 * estimate[m]: (n_rows, n_targets). KJ_EFILE. */
kj_status cli_write_predictions(const char *path, const kj_dataset *data,
                                double *const *estimate, size_t n_models,
                                kj_error *err);

#endif
