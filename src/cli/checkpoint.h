/*
 * checkpoint.h: when the state of a training goes to its file. The clock
 * decides that at most, and never what is trained.
 */
#ifndef KJ_CLI_CHECKPOINT_H
#define KJ_CLI_CHECKPOINT_H

#include "experiment/snapshot.h"
#include "kanjo/experiment.h"
#include <stdbool.h>
#include <stddef.h>

/* Every `epochs`, or where that is 0, the first epoch after `seconds`. */
typedef struct cli_interval {
  size_t epochs;
  double seconds;
} cli_interval;

typedef struct cli_checkpoint {
  char path[4096]; /* MODEL.checkpoint */
  cli_interval every;
  kj_fit *fit;
  kj__snapshot *last; /* whole epoch; NULL where each goes to the file */
  size_t n_unsaved;   /* epochs since the file was written */
  double saved_s;     /* monotonic clock: then, or at the start */
} cli_checkpoint;

/* "5": epochs; "30s": seconds. KJ_EARGUMENT names --checkpoint-every. */
kj_status cli_read_interval(const char *text, cli_interval *interval,
                            kj_error *err);

/* Name the file of `model`; KJ_EARGUMENT if that is too long. */
kj_status cli_checkpoint_name(cli_checkpoint *checkpoint, const char *model,
                              kj_error *err);

/* Is there such a file? */
bool cli_checkpoint_exists(const cli_checkpoint *checkpoint);

/* Watch a fit, of which the file, where there is one, holds the state. */
kj_status cli_checkpoint_start(cli_checkpoint *checkpoint, kj_fit *fit,
                               kj_error *err);

/* After every epoch of the whole fit: save it if it is time. */
kj_status cli_checkpoint_pass(cli_checkpoint *checkpoint, kj_error *err);

/* Save the last whole epoch, if it is not; an epoch begun since is undone. */
kj_status cli_checkpoint_save(cli_checkpoint *checkpoint, kj_error *err);

/* The training is over, or cannot go on: no file is left. */
void cli_checkpoint_remove(const cli_checkpoint *checkpoint);

/* Release what start took; the file stays. */
void cli_checkpoint_clear(cli_checkpoint *checkpoint);

#endif
