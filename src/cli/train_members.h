/*
 * train_members.h: the fits of one training, one after another: that of an
 * estimator or of a gate, or those of an estimator that routes.
 *
 * Each has a checkpoint of its own. One that is done keeps it until the model
 * is written, so that a training taken up later does nothing twice.
 */
#ifndef KJ_CLI_TRAIN_MEMBERS_H
#define KJ_CLI_TRAIN_MEMBERS_H

#include "cli/checkpoint.h"
#include "cli/options.h"
#include "kanjo/routing.h"

/* The whole, then its components, or the other members of its ensemble. */
enum { CLI_MOST_MEMBERS = KJ_MAX_MEMBERS };

typedef struct cli_member {
  char name[32];          /* "" where it is the whole */
  const kj_dataset *data; /* or a view of it; the caller's */
  kj_rows rows;
  kj_fit_options options;
  kj_fit *fit;
  cli_checkpoint checkpoint;
  bool is_resumed;
} cli_member;

typedef struct cli_members {
  const cli_settings *settings;
  cli_interval every;
  size_t n;
  cli_member member[CLI_MOST_MEMBERS];
} cli_members;

/* Before any work: that the model can be written in the end, and checkpoints
 * on the way, and that none is in the way. Names must be set. */
kj_status cli_members_claim(cli_members *members, kj_error *err);

/* Set up every fit, and put back what was saved of it. */
kj_status cli_members_create(cli_members *members,
                             const kj_unlabelled *unlabelled, kj_error *err);

/* Run every fit to its end. Where it is interrupted, what is done is saved. */
kj_status cli_members_run(cli_members *members, kj_error *err);

/* The error of a training that was stopped behind the fits; all are saved. */
kj_status cli_members_stopped(cli_members *members, kj_error *err);

/* The model is written: no checkpoint is left. Or there is no room for it, but
 * perhaps for what it is made of. */
void cli_members_finish(cli_members *members);
void cli_members_keep(cli_members *members);

void cli_members_clear(cli_members *members);

#endif
