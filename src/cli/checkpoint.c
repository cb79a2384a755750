/*
 * checkpoint.c: when the state of a training goes to its file.
 *
 * Writing 14 MB a network and waiting for the disk can take longer than an
 * epoch does, so most epochs are only kept in memory; whoever is interrupted
 * saves the last of them. A process that is killed loses what was not saved.
 */
#define _GNU_SOURCE
#include "cli/checkpoint.h"

#include "base/error.h"
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char SUFFIX[] = ".checkpoint";

/* A tenth of a second is less than a disk may take; a day is no safety. */
static const double LEAST_S = 0.1, MOST_S = 86400.0;

kj_status cli_read_interval(const char *text, cli_interval *interval,
                            kj_error *err)
{
  char *end = NULL;
  const size_t n_whole = strspn(text, "0123456789");
  const size_t n_plain = strspn(text, "0123456789.");
  const double value = strtod(text, &end);
  const bool is_plain = end == text + n_plain; /* no sign, no exponent */
  const bool is_epochs = is_plain && end == text + n_whole && *end == '\0';
  const bool is_seconds = is_plain && strcmp(end, "s") == 0;
  if (is_epochs && value >= 1.0 && value <= (double)KJ_MAX_EPOCHS)
    *interval = (cli_interval){.epochs = (size_t)value};
  else if (is_seconds && value >= LEAST_S && value <= MOST_S)
    *interval = (cli_interval){.seconds = value};
  else
    return kj__fail(err, KJ_EARGUMENT,
                    "--checkpoint-every is '%s'; must be a number 1..%d or "
                    "%gs..%.0fs (seconds), such as 30s",
                    text, KJ_MAX_EPOCHS, LEAST_S, MOST_S);
  return KJ_OK;
}

kj_status cli_checkpoint_name(cli_checkpoint *checkpoint, const char *model,
                              kj_error *err)
{
  const size_t size = sizeof checkpoint->path;
  const int n = snprintf(checkpoint->path, size, "%s%s", model, SUFFIX);
  if (n < 0 || (size_t)n >= size)
    return kj__fail(err, KJ_EARGUMENT, "-o is longer than %zu bytes",
                    size - sizeof SUFFIX);
  return KJ_OK;
}

bool cli_checkpoint_exists(const cli_checkpoint *checkpoint)
{
  return access(checkpoint->path, F_OK) == 0;
}

kj_status cli_checkpoint_start(cli_checkpoint *checkpoint, kj_fit *fit,
                               kj_error *err)
{
  checkpoint->fit = fit;
  checkpoint->n_unsaved = 0;
  checkpoint->saved_s = cli_now_s();
  if (checkpoint->every.epochs == 1)
    return KJ_OK;
  return kj__snapshot_create(fit, &checkpoint->last, err);
}

static bool is_due(const cli_checkpoint *checkpoint)
{
  const cli_interval every = checkpoint->every;
  return every.epochs > 0 ? checkpoint->n_unsaved >= every.epochs
                          : cli_now_s() - checkpoint->saved_s >= every.seconds;
}

static kj_status write_file(cli_checkpoint *checkpoint, kj_error *err)
{
  const kj_status status = kj_fit_save(checkpoint->fit, checkpoint->path, err);
  if (status == KJ_OK) {
    checkpoint->n_unsaved = 0;
    checkpoint->saved_s = cli_now_s();
  }
  return status;
}

kj_status cli_checkpoint_pass(cli_checkpoint *checkpoint, kj_error *err)
{
  checkpoint->n_unsaved++;
  if (is_due(checkpoint))
    return write_file(checkpoint, err);
  kj__snapshot_take(checkpoint->last);
  return KJ_OK;
}

kj_status cli_checkpoint_save(cli_checkpoint *checkpoint, kj_error *err)
{
  if (checkpoint->n_unsaved == 0)
    return KJ_OK;
  const kj_status status = kj__snapshot_restore(checkpoint->last, err);
  return status == KJ_OK ? write_file(checkpoint, err) : status;
}

void cli_checkpoint_remove(const cli_checkpoint *checkpoint)
{
  unlink(checkpoint->path);
}

void cli_checkpoint_clear(cli_checkpoint *checkpoint)
{
  kj__snapshot_destroy(checkpoint->last);
  checkpoint->last = NULL;
}
