/*
 * verb_train.c: `kanjo train`: rated speech in, a model file out.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/pool.h"
#include "cli/checkpoint.h"
#include "cli/load.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"

#include "kanjo/coverage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_THREADS = 8 }; /* unless --threads asks for more */

static const char INTENDED_USE[] =
    "Research, and as one signal among others. Not for decisions about a "
    "person; how somebody sounds is not how they feel.";

typedef struct training {
  const cli_settings *settings;
  cli_sound sound;
  kj_dataset *data;
  kj_dataset *unlabelled;
  kj_fit *fit;
  kj_residuals_options residuals;
  kj_folds novelty;
  cli_checkpoint checkpoint;
  bool is_resumed;
  size_t n_dropped;
} training;

/* Folds of voices; nothing where nothing was said. */
static kj_status read_folds(const char *option, const char *text,
                            kj_folds *folds, kj_error *err)
{
  if (!text)
    return KJ_OK;
  const kj_status status = kj_folds_parse(text, folds, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status, "%s", option);
  if (folds->group == KJ_GROUP_ROW)
    return kj__fail(err, KJ_EARGUMENT,
                    "%s is '%s'; must be folds of speakers, sessions or "
                    "corpora: what was heard is known too well",
                    option, text);
  return KJ_OK;
}

static kj_status check_settings(training *t, kj_error *err)
{
  const cli_settings *settings = t->settings;
  if (!settings->output)
    return kj__fail(err, KJ_EARGUMENT, "-o MODEL is missing");
  if (settings->target.n == 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "--target is missing, such as --target valence");
  if (settings->smoothing > KJ_SMOOTHING_VAT)
    return kj__fail(err, KJ_EARGUMENT,
                    "--smoothing all is for cross-validate; train takes one "
                    "of none, noise, at, vat");
  kj_status status =
      read_folds("--intervals", settings->intervals, &t->residuals.folds, err);
  if (status == KJ_OK)
    status = read_folds("--novelty", settings->novelty, &t->novelty, err);
  if (status != KJ_OK)
    return status;
  return cli_read_interval(settings->checkpoint_every, &t->checkpoint.every,
                           err);
}

/* A baseline is fitted at once and has no checkpoint. */
static bool is_trained(const training *t)
{
  return t->settings->method == KJ_METHOD_NETWORK;
}

/* The pieces of a step are enough for a few threads, not for any number. */
static size_t choose_threads(const cli_settings *settings)
{
  const size_t n_processors = kj__pool_processors();
  if (settings->threads > 0)
    return (size_t)settings->threads;
  return n_processors < MOST_THREADS ? n_processors : MOST_THREADS;
}

static kj_status load(training *t, kj_error *err)
{
  kj_target_spec targets[KJ_MAX_TARGETS];
  size_t n_targets;
  kj_fit_options options;
  kj_status status = cli_read_targets(t->settings, targets, &n_targets, err);
  if (status == KJ_OK)
    status = cli_read_fit(t->settings, n_targets, &options, err);
  if (status == KJ_OK)
    options.n_threads = choose_threads(t->settings);
  if (status == KJ_OK)
    status = cli_read_sound(t->settings, &t->sound.set, &t->sound.audio, err);
  if (status == KJ_OK)
    status =
        cli_load_labelled(t->settings, t->settings->input.word[0], targets,
                          n_targets, &t->sound, &t->data, &t->n_dropped, err);
  if (status == KJ_OK)
    status = cli_load_unlabelled(t->settings, t->data, &t->unlabelled, err);
  if (status != KJ_OK)
    return status;
  t->residuals.fit = options;
  t->residuals.n_threads = options.n_threads;
  const kj_unlabelled unlabelled = {
      t->unlabelled, {NULL, t->unlabelled ? t->unlabelled->n_rows : 0}};
  return kj_fit_create(t->data, (kj_rows){NULL, t->data->n_rows},
                       t->unlabelled ? &unlabelled : NULL, &options, &t->fit,
                       err);
}

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

/* Before any work: that the model can be written in the end, and checkpoints
 * on the way, and that none is in the way. One that lies there is somebody's
 * work: it is taken up, or it stays. */
static kj_status claim_output(training *t, kj_error *err)
{
  const char *path = t->checkpoint.path;
  kj_status status =
      cli_checkpoint_name(&t->checkpoint, t->settings->output, err);
  if (status == KJ_OK)
    status = probe(t->settings->output, err);
  if (status != KJ_OK || !is_trained(t))
    return status;
  t->is_resumed = cli_checkpoint_exists(&t->checkpoint);
  if (t->is_resumed && !t->settings->resume)
    return kj__fail(err, KJ_EARGUMENT,
                    "%s: left by an interrupted training; go on with "
                    "--resume, or remove it",
                    path);
  status = probe(path, err);
  if (status == KJ_OK && !t->is_resumed && t->settings->resume)
    cli_note("%s: not there; the training starts at the beginning", path);
  return status;
}

static size_t epochs_done(const training *t)
{
  size_t most = 0;
  for (size_t p = 0; p < kj_fit_trainers(t->fit); p++) {
    const size_t n = kj_trainer_epochs(kj_fit_trainer(t->fit, p));
    most = n > most ? n : most;
  }
  return most;
}

/* "activation MAE 0.50 CCC 0.71  held out 0.55 0.60" */
static void describe(const training *t, size_t network, size_t epoch,
                     char *text, size_t size)
{
  const kj_epoch *e = kj_trainer_epoch(kj_fit_trainer(t->fit, network), epoch);
  char held_out[64] = "";
  if (isfinite(e->validation_mae))
    snprintf(held_out, sizeof held_out, "  held out %.3f %.3f",
             e->validation_mae, e->validation_ccc);
  const bool is_joint = kj_fit_trainers(t->fit) < t->data->n_targets;
  snprintf(text, size, "%s MAE %.3f CCC %.3f%s",
           is_joint ? "all" : t->data->target[network], e->mae, e->ccc,
           held_out);
}

/* The last network that is still being trained. */
static size_t find_network(const training *t)
{
  size_t last = 0;
  for (size_t p = 1; p < kj_fit_trainers(t->fit); p++)
    if (!kj_trainer_is_done(kj_fit_trainer(t->fit, p)))
      last = p;
  return last;
}

/* The losses stand last, for a narrow terminal cuts the end. */
static void show_epoch(const training *t, cli_progress *progress)
{
  char text[256], line[512];
  const size_t p = find_network(t);
  const kj_trainer *trainer = kj_fit_trainer(t->fit, p);
  const size_t last = kj_trainer_epochs(trainer) - 1;
  const kj_epoch *epoch = kj_trainer_epoch(trainer, last);
  describe(t, p, last, text, sizeof text);
  snprintf(line, sizeof line, "%s  loss %.4f + %.4f", text, epoch->loss,
           epoch->smoothing);
  cli_progress_show(progress, line, epochs_done(t),
                    (size_t)t->settings->epochs);
}

/* How each network was at the epoch that is kept. */
static void show_result(const training *t)
{
  char text[256];
  for (size_t p = 0; p < kj_fit_trainers(t->fit); p++) {
    const size_t epoch = kj_trainer_chosen_epoch(kj_fit_trainer(t->fit, p));
    describe(t, p, epoch, text, sizeof text);
    cli_note("epoch %zu: %s", epoch + 1, text);
  }
}

/* What is left of a training that was interrupted. */
static kj_status explain_stop(const training *t, kj_error *err)
{
  if (!cli_checkpoint_exists(&t->checkpoint))
    return kj__fail(err, KJ_EINTERRUPTED,
                    "stopped in the first epoch; nothing was saved");
  return kj__fail(err, KJ_EINTERRUPTED,
                  "stopped; the last whole epoch is in %s: the same command "
                  "with --resume goes on from there",
                  t->checkpoint.path);
}

static kj_status end_early(training *t, kj_status status, kj_error *err)
{
  if (status == KJ_ETRAINING) /* to go on would end the same way */
    cli_checkpoint_remove(&t->checkpoint);
  if (status != KJ_EINTERRUPTED)
    return status;
  const kj_status saved = cli_checkpoint_save(&t->checkpoint, err);
  return saved == KJ_OK ? explain_stop(t, err) : saved;
}

static kj_status run(training *t, kj_error *err)
{
  cli_progress progress = cli_progress_start(t->settings->progress);
  kj_status status = cli_checkpoint_start(&t->checkpoint, t->fit, err);
  progress.done_before = epochs_done(t);
  while (status == KJ_OK && !kj_fit_is_done(t->fit)) {
    status = kj_fit_run_epoch(t->fit, cli_stop, NULL, err);
    if (status == KJ_OK)
      status = cli_checkpoint_pass(&t->checkpoint, err);
    if (status == KJ_OK)
      show_epoch(t, &progress);
  }
  cli_progress_end(&progress);
  if (status == KJ_OK && progress.is_shown)
    show_result(t);
  return status == KJ_OK ? KJ_OK : end_early(t, status, err);
}

/* There is no room for the model, but perhaps for what it is made of. */
static void keep_training(training *t)
{
  kj_error err;
  const char *path = t->checkpoint.path;
  if (cli_checkpoint_save(&t->checkpoint, &err) == KJ_OK)
    cli_note("%s: holds the whole training; the same command with --resume "
             "writes the model",
             path);
  else
    cli_note("%s", err.message);
}

static void show_fits(void *context, size_t done, size_t total)
{
  cli_progress_show(context, "fits without some speakers", done, total);
}

/* The estimator, with what is known of its residuals if that is wanted. */
static kj_status make_sure(training *t, kj_estimator **out, kj_error *err)
{
  kj_residuals residuals[KJ_MAX_TARGETS];
  kj_estimator *plain = NULL;
  if (!t->settings->intervals)
    return kj_fit_estimator(t->fit, out, err);
  cli_progress progress = cli_progress_start(t->settings->progress);
  t->residuals.progress = show_fits;
  t->residuals.stop = cli_stop;
  t->residuals.context = &progress;
  kj_status status = kj_residuals_collect(t->data, t->unlabelled, &t->residuals,
                                          residuals, err);
  cli_progress_end(&progress);
  if (status == KJ_EINTERRUPTED && is_trained(t))
    return end_early(t, status, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status, "--intervals");
  status = kj_fit_estimator(t->fit, &plain, err);
  if (status == KJ_OK)
    status = kj_residuals_attach(plain, residuals, out, err);
  kj_estimator_destroy(plain);
  return status;
}

/* Likewise, and with what its features are like. */
static kj_status make_estimator(training *t, kj_estimator **out, kj_error *err)
{
  kj_estimator *estimator = NULL;
  kj_status status = make_sure(t, &estimator, err);
  if (status != KJ_OK || !t->settings->novelty) {
    *out = estimator;
    return status;
  }
  t->novelty.seed = t->settings->seed;
  status = kj_novelty_attach(estimator, t->data, &t->novelty,
                             t->settings->false_alarms, out, err);
  kj_estimator_destroy(estimator);
  return status == KJ_OK ? KJ_OK : kj__fail_in(err, status, "--novelty");
}

static kj_status write_model(training *t, kj_error *err)
{
  kj_estimator *estimator = NULL;
  char *training_json = NULL, *history_json = NULL;
  kj_status status = make_estimator(t, &estimator, err);
  if (status == KJ_OK)
    status = kj_fit_record(t->fit, &training_json, &history_json, err);
  if (status == KJ_OK) {
    const kj_model_card card = {
        .feature_set = t->data->feature_set,
        .feature_set_version =
            t->data->feature_set_version ? t->data->feature_set_version : 1,
        .column = t->data->input_name,
        .n_columns = t->data->n_inputs,
        .rate_hz = t->sound.audio.rate_hz,
        .channel = t->sound.audio.channel,
        .method = kj_method_name((kj_method)t->settings->method),
        .licence = t->settings->licence,
        .intended_use = INTENDED_USE,
        .description = t->settings->description,
        .training_json = training_json,
        .history_json = history_json};
    status = kj_model_write(t->settings->output, estimator, &card, err);
  }
  if (status == KJ_OK && is_trained(t))
    cli_checkpoint_remove(&t->checkpoint);
  else if (status == KJ_EFILE && is_trained(t))
    keep_training(t);
  if (status == KJ_OK && t->settings->json)
    cli_print_json(stdout,
                   json_pack("{s:o, s:o}", "model",
                             cli_json_text(t->settings->output), "training",
                             json_loads(training_json, 0, NULL)));
  free(training_json);
  free(history_json);
  kj_estimator_destroy(estimator);
  return status;
}

int cli_train(const cli_settings *settings)
{
  kj_error err;
  training t = {.settings = settings};
  cli_catch_interrupts();
  kj_status status = check_settings(&t, &err);
  if (status == KJ_OK)
    status = claim_output(&t, &err);
  if (status == KJ_OK)
    status = load(&t, &err);
  if (status == KJ_OK && t.is_resumed)
    status = kj_fit_restore(t.fit, t.checkpoint.path, &err);
  if (status == KJ_OK)
    status = run(&t, &err);
  if (status == KJ_OK)
    status = write_model(&t, &err);
  cli_checkpoint_clear(&t.checkpoint);
  kj_fit_destroy(t.fit);
  kj_dataset_destroy(t.data);
  kj_dataset_destroy(t.unlabelled);
  if (status != KJ_OK)
    return cli_fail(&err);
  return t.n_dropped > 0 ? CLI_SOME_FAILED : CLI_DONE;
}
