/*
 * verb_train.c: `kanjo train`: rated speech in, a model file out.
 */
#include "base/error.h"
#include "cli/load.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char INTENDED_USE[] =
    "Research, and as one signal among others. Not for decisions about a "
    "person; how somebody sounds is not how they feel.";

typedef struct training {
  const cli_settings *settings;
  cli_sound sound;
  kj_dataset *data;
  kj_dataset *unlabelled;
  kj_fit *fit;
  char checkpoint[4096];
  size_t n_dropped;
} training;

static kj_status check_settings(const cli_settings *settings, kj_error *err)
{
  if (!settings->output)
    return kj__fail(err, KJ_EARGUMENT, "-o MODEL is missing");
  if (settings->target.n == 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "--target is missing, such as --target valence");
  if (settings->smoothing > KJ_SMOOTHING_VAT)
    return kj__fail(err, KJ_EARGUMENT,
                    "--smoothing all is for cross-validate; train takes one "
                    "of none, noise, at, vat");
  return KJ_OK;
}

static kj_status load(training *t, kj_error *err)
{
  kj_target_spec targets[KJ_MAX_TARGETS];
  size_t n_targets;
  kj_fit_options options;
  kj_status status = check_settings(t->settings, err);
  if (status == KJ_OK)
    status = cli_read_targets(t->settings, targets, &n_targets, err);
  if (status == KJ_OK)
    status = cli_read_fit(t->settings, n_targets, &options, err);
  if (status == KJ_OK)
    status = cli_read_sound(t->settings, &t->sound.set, &t->sound.audio, err);
  if (status == KJ_OK)
    status =
        cli_load_labelled(t->settings, t->settings->input.word[0], targets,
                          n_targets, &t->sound, &t->data, &t->n_dropped, err);
  if (status == KJ_OK)
    status = cli_load_unlabelled(t->settings, t->data, &t->unlabelled, err);
  if (status == KJ_OK)
    status = kj_fit_create(t->data, (kj_rows){NULL, t->data->n_rows},
                           t->unlabelled, &options, &t->fit, err);
  return status;
}

/* A checkpoint that lies there is somebody's work: it is taken up, or it
 * stays. */
static kj_status take_up(training *t, kj_error *err)
{
  const int n = snprintf(t->checkpoint, sizeof t->checkpoint, "%s.checkpoint",
                         t->settings->output);
  if (n < 0 || (size_t)n >= sizeof t->checkpoint)
    return kj__fail(err, KJ_EARGUMENT, "-o is longer than %zu bytes",
                    sizeof t->checkpoint - 12);
  const bool exists = access(t->checkpoint, F_OK) == 0;
  if (kj_fit_trainers(t->fit) == 0)
    return KJ_OK;
  if (exists && !t->settings->resume)
    return kj__fail(err, KJ_EARGUMENT,
                    "%s: left by an interrupted training; go on with "
                    "--resume, or remove it",
                    t->checkpoint);
  if (!exists && t->settings->resume)
    cli_note("%s: not there; the training starts at the beginning",
             t->checkpoint);
  return exists ? kj_fit_restore(t->fit, t->checkpoint, err) : KJ_OK;
}

/* "valence 12: loss .41 + .02, MAE .50, CCC .71, held out .55 .60" */
static void describe(const training *t, char *text, size_t size)
{
  const kj_trainer *trainer = kj_fit_trainer(t->fit, 0);
  for (size_t p = 1; p < kj_fit_trainers(t->fit); p++)
    if (!kj_trainer_is_done(kj_fit_trainer(t->fit, p)))
      trainer = kj_fit_trainer(t->fit, p);
  const size_t n = kj_trainer_epochs(trainer);
  text[0] = '\0';
  if (n == 0)
    return;
  const kj_epoch *epoch = kj_trainer_epoch(trainer, n - 1);
  const int length =
      snprintf(text, size, "loss %.4f smoothing %.4f MAE %.3f CCC %.3f",
               epoch->loss, epoch->smoothing, epoch->mae, epoch->ccc);
  if (epoch->validation_mae == epoch->validation_mae && length > 0)
    snprintf(text + length, size - (size_t)length,
             " held out MAE %.3f CCC %.3f", epoch->validation_mae,
             epoch->validation_ccc);
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

static kj_status run(training *t, kj_error *err)
{
  cli_progress progress = cli_progress_start(t->settings->progress);
  char text[256];
  kj_status status = KJ_OK;
  while (status == KJ_OK && !kj_fit_is_done(t->fit)) {
    status = kj_fit_run_epoch(t->fit, cli_stop, NULL, err);
    if (status == KJ_OK)
      status = kj_fit_save(t->fit, t->checkpoint, err);
    if (status == KJ_OK) {
      describe(t, text, sizeof text);
      cli_progress_show(&progress, text, epochs_done(t),
                        (size_t)t->settings->epochs);
    }
  }
  cli_progress_end(&progress);
  if (status == KJ_EINTERRUPTED && epochs_done(t) > 0)
    kj__fail(err, status,
             "stopped; the last whole epoch is in %s: the same command with "
             "--resume goes on from there",
             t->checkpoint);
  return status;
}

static kj_status write_model(training *t, kj_error *err)
{
  kj_estimator *estimator = NULL;
  char *training_json = NULL, *history_json = NULL;
  kj_status status = kj_fit_estimator(t->fit, &estimator, err);
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
  if (status == KJ_OK)
    unlink(t->checkpoint);
  if (status == KJ_OK && t->settings->json)
    cli_print_json(stdout,
                   json_pack("{s:s, s:o}", "model", t->settings->output,
                             "training", json_loads(training_json, 0, NULL)));
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
  kj_status status = load(&t, &err);
  if (status == KJ_OK)
    status = take_up(&t, &err);
  if (status == KJ_OK)
    status = run(&t, &err);
  if (status == KJ_OK)
    status = write_model(&t, &err);
  kj_fit_destroy(t.fit);
  kj_dataset_destroy(t.data);
  kj_dataset_destroy(t.unlabelled);
  if (status != KJ_OK)
    return cli_fail(&err);
  return t.n_dropped > 0 ? CLI_SOME_FAILED : CLI_DONE;
}
