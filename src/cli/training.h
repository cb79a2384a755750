/*
 * training.h: a training while it runs: what it reads, its fits, and the model
 * that is made of them.
 */
#ifndef KJ_CLI_TRAINING_H
#define KJ_CLI_TRAINING_H

#include "cli/load.h"
#include "cli/train_members.h"

/* Where the fits of an estimator that routes stand; the others have one. */
enum { CLI_WHOLE, CLI_FIRST_COMPONENT };

typedef struct cli_training {
  const cli_settings *settings;
  cli_sound sound;
  kj_dataset *data;
  kj_dataset *unlabelled;
  kj_dataset gate_view, informed_view;
  size_t *of_kind[2];
  cli_members members;
  kj_routing_options routing; /* .fit: of the whole, whatever it is */
  kj_folds intervals, novelty;
  double *probability; /* of rows whose speaker the gate had not heard */
  size_t n_dropped;
} cli_training;

static inline bool cli_training_is_routed(const cli_training *t)
{
  return t->settings->kind == CLI_KIND_ROUTED;
}

/* Tell how many fits without some speakers are done; context: a progress. */
void cli_training_show_fits(void *context, size_t done, size_t total);

/* Whether the data can be divided for intervals and novelty: asked before
 * anything is fitted. */
kj_status cli_training_check_folds(const cli_training *t, kj_error *err);

/* Put the model together and write it; all fits are done. */
kj_status cli_training_write(cli_training *t, kj_error *err);

#endif
