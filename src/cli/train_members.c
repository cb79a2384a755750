/*
 * train_members.c: fits one after another, their checkpoints, and what is told
 * of them.
 */
#include "cli/train_members.h"

#include "base/error.h"
#include "base/file.h"
#include "cli/load.h"
#include "cli/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A baseline is fitted at once and has no checkpoint. */
static bool is_trained(const cli_members *members)
{
  return members->settings->method == KJ_METHOD_NETWORK;
}

/* ---- checkpoints ---- */

/* That a file can be written beside its place. What an earlier writer who was
 * killed left there goes. */
static kj_status probe(const char *path, kj_error *err)
{
  kj__output output;
  const kj_status status = kj__output_open(&output, path, err);
  if (status == KJ_OK)
    kj__output_discard(&output);
  return status;
}

/* MODEL.checkpoint, or MODEL.gate.checkpoint and the like. */
static kj_status name_checkpoint(const cli_members *members, cli_member *m,
                                 kj_error *err)
{
  char base[sizeof m->checkpoint.path];
  const int n = snprintf(base, sizeof base, "%s%s%s", members->settings->output,
                         m->name[0] ? "." : "", m->name);
  if (n < 0 || (size_t)n >= sizeof base)
    return kj__fail(err, KJ_EARGUMENT, "-o is longer than %zu bytes",
                    sizeof base - 32);
  m->checkpoint.every = members->every;
  return cli_checkpoint_name(&m->checkpoint, base, err);
}

/* One that lies there is somebody's work: it is taken up, or it stays. */
static kj_status claim_one(const cli_members *members, cli_member *m,
                           kj_error *err)
{
  const kj_status status = name_checkpoint(members, m, err);
  if (status != KJ_OK)
    return status;
  m->is_resumed = cli_checkpoint_exists(&m->checkpoint);
  if (m->is_resumed && !members->settings->resume)
    return kj__fail(err, KJ_EARGUMENT,
                    "%s: left by an interrupted training; go on with "
                    "--resume, or remove it",
                    m->checkpoint.path);
  return probe(m->checkpoint.path, err);
}

kj_status cli_members_claim(cli_members *members, kj_error *err)
{
  kj_status status = probe(members->settings->output, err);
  bool is_resumed = false;
  for (size_t i = 0; status == KJ_OK && i < members->n && is_trained(members);
       i++) {
    status = claim_one(members, &members->member[i], err);
    is_resumed = is_resumed || members->member[i].is_resumed;
  }
  if (status == KJ_OK && is_trained(members) && members->settings->resume &&
      !is_resumed)
    cli_note("%s: not there; the training starts at the beginning",
             members->member[0].checkpoint.path);
  return status;
}

/* ---- setting up ---- */

static kj_status in_member(const cli_member *m, kj_status status, kj_error *err)
{
  return status == KJ_OK || !m->name[0]
             ? status
             : kj__fail_in(err, status, "%s", m->name);
}

kj_status cli_members_create(cli_members *members,
                             const kj_unlabelled *unlabelled, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < members->n; i++) {
    cli_member *m = &members->member[i];
    status =
        kj_fit_create(m->data, m->rows, unlabelled, &m->options, &m->fit, err);
    if (status == KJ_OK && m->is_resumed)
      status = kj_fit_restore(m->fit, m->checkpoint.path, err);
    status = in_member(m, status, err);
  }
  return status;
}

/* ---- what is told ---- */

static size_t epochs_done(const kj_fit *fit)
{
  size_t most = 0;
  for (size_t p = 0; p < kj_fit_trainers(fit); p++) {
    const size_t n = kj_trainer_epochs(kj_fit_trainer(fit, p));
    most = n > most ? n : most;
  }
  return most;
}

/* "activation MAE 0.50 CCC 0.71  held out 0.55 0.60" */
static void describe(const cli_member *m, size_t network, size_t epoch,
                     char *text, size_t size)
{
  const kj_epoch *e = kj_trainer_epoch(kj_fit_trainer(m->fit, network), epoch);
  char held_out[64] = "";
  if (isfinite(e->validation_mae))
    snprintf(held_out, sizeof held_out, "  held out %.3f %.3f",
             e->validation_mae, e->validation_ccc);
  const bool is_joint = kj_fit_trainers(m->fit) < m->data->n_targets;
  snprintf(text, size, "%s%s%s MAE %.3f CCC %.3f%s", m->name,
           m->name[0] ? ": " : "", is_joint ? "all" : m->data->target[network],
           e->mae, e->ccc, held_out);
}

/* The last network that is still being trained. */
static size_t find_network(const kj_fit *fit)
{
  size_t last = 0;
  for (size_t p = 1; p < kj_fit_trainers(fit); p++)
    if (!kj_trainer_is_done(kj_fit_trainer(fit, p)))
      last = p;
  return last;
}

/* The losses stand last, for a narrow terminal cuts the end. */
static void show_epoch(const cli_member *m, cli_progress *progress)
{
  char text[256], line[512];
  const size_t p = find_network(m->fit);
  const kj_trainer *trainer = kj_fit_trainer(m->fit, p);
  const size_t last = kj_trainer_epochs(trainer) - 1;
  const kj_epoch *epoch = kj_trainer_epoch(trainer, last);
  describe(m, p, last, text, sizeof text);
  snprintf(line, sizeof line, "%s  loss %.4f + %.4f", text, epoch->loss,
           epoch->smoothing);
  cli_progress_show(progress, line, epochs_done(m->fit), m->options.epochs);
}

/* How each network was at the epoch that is kept. */
static void show_result(const cli_member *m)
{
  char text[256];
  for (size_t p = 0; p < kj_fit_trainers(m->fit); p++) {
    const size_t epoch = kj_trainer_chosen_epoch(kj_fit_trainer(m->fit, p));
    describe(m, p, epoch, text, sizeof text);
    cli_note("epoch %zu: %s", epoch + 1, text);
  }
}

/* ---- running ---- */

/* What is left of a training that was interrupted. */
static kj_status explain_stop(const cli_members *members, kj_error *err)
{
  for (size_t i = members->n; i-- > 0;)
    if (cli_checkpoint_exists(&members->member[i].checkpoint))
      return kj__fail(
          err, KJ_EINTERRUPTED,
          "stopped; the last whole epoch is in %s: the same command "
          "with --resume goes on from there",
          members->member[i].checkpoint.path);
  return kj__fail(err, KJ_EINTERRUPTED,
                  "stopped in the first epoch; nothing was saved");
}

static kj_status end_early(cli_members *members, cli_member *m,
                           kj_status status, kj_error *err)
{
  if (status == KJ_ETRAINING) /* to go on would end the same way */
    cli_checkpoint_remove(&m->checkpoint);
  if (status != KJ_EINTERRUPTED)
    return in_member(m, status, err);
  const kj_status saved = cli_checkpoint_save(&m->checkpoint, err);
  return saved == KJ_OK ? explain_stop(members, err) : saved;
}

static kj_status run_one(cli_members *members, cli_member *m, kj_error *err)
{
  cli_progress progress = cli_progress_start(members->settings->progress);
  kj_status status = cli_checkpoint_start(&m->checkpoint, m->fit, err);
  progress.done_before = epochs_done(m->fit);
  while (status == KJ_OK && !kj_fit_is_done(m->fit)) {
    status = kj_fit_run_epoch(m->fit, cli_stop, NULL, err);
    if (status == KJ_OK)
      status = cli_checkpoint_pass(&m->checkpoint, err);
    if (status == KJ_OK)
      show_epoch(m, &progress);
  }
  cli_progress_end(&progress);
  if (status == KJ_OK && progress.is_shown)
    show_result(m);
  /* Of several, each is done once. */
  if (status == KJ_OK && members->n > 1)
    status = cli_checkpoint_save(&m->checkpoint, err);
  return status == KJ_OK ? KJ_OK : end_early(members, m, status, err);
}

kj_status cli_members_run(cli_members *members, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < members->n; i++)
    status = run_one(members, &members->member[i], err);
  return status;
}

kj_status cli_members_stopped(cli_members *members, kj_error *err)
{
  kj_status status = KJ_OK;
  if (!is_trained(members))
    return kj__fail(err, KJ_EINTERRUPTED, "stopped");
  for (size_t i = 0; status == KJ_OK && i < members->n; i++)
    status = cli_checkpoint_save(&members->member[i].checkpoint, err);
  return status == KJ_OK ? explain_stop(members, err) : status;
}

void cli_members_finish(cli_members *members)
{
  for (size_t i = 0; i < members->n && is_trained(members); i++)
    cli_checkpoint_remove(&members->member[i].checkpoint);
}

void cli_members_keep(cli_members *members)
{
  kj_error err;
  kj_status status = KJ_OK;
  if (!is_trained(members))
    return;
  for (size_t i = 0; status == KJ_OK && i < members->n; i++)
    status = cli_checkpoint_save(&members->member[i].checkpoint, &err);
  if (status == KJ_OK)
    cli_note("%s: holds the whole training; --resume goes on from its end",
             members->member[members->n - 1].checkpoint.path);
  else
    cli_note("%s", err.message);
}

void cli_members_clear(cli_members *members)
{
  for (size_t i = 0; i < members->n; i++) {
    cli_checkpoint_clear(&members->member[i].checkpoint);
    kj_fit_destroy(members->member[i].fit);
  }
}
