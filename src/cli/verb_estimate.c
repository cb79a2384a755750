/*
 * verb_estimate.c: `kanjo estimate`: how recordings sound.
 */
#define _GNU_SOURCE
#include "base/error.h"
#include "base/memory.h"
#include "cli/default_model.h"
#include "cli/estimation.h"
#include "cli/load.h"
#include "cli/model_input.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* That of -m, or the default. */
static kj_status read_model(cli_estimation *e, cli_sound *sound, kj_error *err)
{
  const cli_words *named = &e->settings->model;
  char *found = NULL;
  kj_status status =
      named->n == 0 ? cli_find_default_model(&found, err) : KJ_OK;
  const char *path = named->n == 0 ? found : named->word[0];
  if (status == KJ_OK)
    status = kj_model_read(path, &e->model, err);
  if (status == KJ_OK)
    status = cli_model_sound(e->model, path, sound, err);
  free(found);
  return status;
}

static kj_status load(cli_estimation *e, kj_error *err)
{
  cli_sound sound;
  const cli_settings *s = e->settings;
  kj_status status = KJ_OK;
  if (s->model.n > 1)
    return kj__fail(err, KJ_EARGUMENT, "%zu models with -m; must be 1",
                    s->model.n);
  if (s->hop > 0.0 && !(s->window > 0.0))
    return kj__fail(err, KJ_EARGUMENT, "--hop needs --window");
  status = read_model(e, &sound, err);
  if (status != KJ_OK)
    return status;
  e->estimator = kj_model_estimator(e->model);
  e->parts = kj_estimator_get_parts(e->estimator);
  e->is_routed = e->parts->routing.component[KJ_COMPONENT_GATE] != NULL;
  status = cli_choose_route(e->estimator, s->route, &e->route, err);
  if (status != KJ_OK)
    return status;
  e->has_sd = kj_route_has_sd(e->estimator, e->route);
  cli_intervals_make(e->estimator, e->route, cli_interval_level(s),
                     &e->intervals);
  cli_note_level(s, NULL, e->intervals.is_any);
  e->options.set = sound.set;
  e->options.audio = sound.audio;
  if (!e->options.set)
    return kj__fail(err, KJ_EARGUMENT,
                    "the model wants the %zu columns of a feature table, not "
                    "sound; use evaluate --features",
                    e->parts->scaler.n);
  return kj_estimator_scratch_create(e->estimator, 64, NULL, &e->scratch, err);
}

/* Rows of one speaker (of all, for a model standardised per corpus or where
 * no speaker is known) are standardised by their own statistics. */
static kj_status standardise_group(cli_estimation *e, const char *speaker,
                                   size_t *member, kj_scaler *scaler,
                                   kj_error *err)
{
  const bool by_speaker = e->parts->normalisation == KJ_NORMALISE_SPEAKER;
  size_t n = 0;
  for (size_t i = 0; i < e->n_rows; i++)
    if (e->row[i].is_usable &&
        (!by_speaker || strcmp(e->row[i].speaker, speaker) == 0))
      member[n++] = i;
  if (n < 2)
    return kj__fail(err, KJ_EDATA,
                    "the model standardises by %s, which needs at least 2 "
                    "recordings of each; there is %zu",
                    by_speaker ? "speaker" : "corpus", n);
  const kj_status status = kj_scaler_fit(scaler, e->x, member, n, err);
  for (size_t i = 0; status == KJ_OK && i < n; i++) {
    float *row = e->x + member[i] * scaler->n;
    kj_scaler_apply(scaler, row, 1, row);
  }
  return status;
}

static bool is_first_of_speaker(const cli_estimation *e, size_t i)
{
  for (size_t j = 0; j < i; j++)
    if (e->row[j].is_usable &&
        strcmp(e->row[j].speaker, e->row[i].speaker) == 0)
      return false;
  return true;
}

static kj_status standardise(cli_estimation *e, kj_error *err)
{
  const size_t n = e->parts->scaler.n;
  kj_scaler scaler = {.n = n, .clip = e->parts->scaler.clip};
  scaler.mean = calloc(n, sizeof(float));
  scaler.inverse_sd = calloc(n, sizeof(float));
  size_t *member = calloc(e->n_rows + 1, sizeof *member);
  kj_status status = KJ_OK;
  bool is_done = false;
  if (!scaler.mean || !scaler.inverse_sd || !member)
    status = kj__fail_memory(err, "standardisation");
  for (size_t i = 0; status == KJ_OK && !is_done && i < e->n_rows; i++) {
    if (!e->row[i].is_usable || !is_first_of_speaker(e, i))
      continue;
    status = standardise_group(e, e->row[i].speaker, member, &scaler, err);
    is_done = e->parts->normalisation == KJ_NORMALISE_CORPUS;
  }
  free(scaler.mean);
  free(scaler.inverse_sd);
  free(member);
  return status;
}

static kj_status estimate_values(cli_estimation *e, const kj_passage *in,
                                 cli_values *values, double *probability,
                                 kj_error *err)
{
  const kj_routed out = {values->value, probability, values->sd};
  if (e->is_routed)
    return kj_estimator_route(e->estimator, e->scratch, in, &out, err);
  if (e->has_sd)
    return kj_estimator_estimate_sd(e->estimator, e->scratch, in->x, 1,
                                    in->already_scaled, values->value,
                                    values->sd, err);
  return kj_estimator_estimate(e->estimator, e->scratch, in->x, 1,
                               in->already_scaled, values->value, err);
}

/* One row, which is usable, through the model. */
static kj_status estimate(cli_estimation *e, size_t i, bool is_scaled,
                          cli_values *values, kj_error *err)
{
  const float *x = e->x + i * e->parts->scaler.n;
  cli_estimate_row *row = &e->row[i];
  const kj_passage in = {
      .x = x, .n_rows = 1, .already_scaled = is_scaled, .route = e->route};
  kj_status status = estimate_values(e, &in, values, &row->probability, err);
  if (status == KJ_OK && e->parts->novelty.n_rows > 0)
    status = kj_estimator_novelty(e->estimator, e->scratch, x, 1, is_scaled,
                                  &row->novelty, err);
  return status;
}

/* Estimate and print the rows that are waiting. */
static kj_status flush_rows(cli_estimation *e, kj_error *err)
{
  cli_values values;
  const bool is_scaled = e->parts->normalisation != KJ_NORMALISE_TRAIN;
  kj_status status = is_scaled ? standardise(e, err) : KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < e->n_rows; i++) {
    if (e->row[i].is_usable)
      status = estimate(e, i, is_scaled, &values, err);
    if (status == KJ_OK)
      cli_estimation_row(e, &e->row[i], &values);
  }
  e->n_rows = 0;
  return status;
}

/* Listen to [start_s, end_s) of a file as one row. */
static kj_status add_row(cli_estimation *e, const kj_input *input,
                         const char *file, double start_s, double end_s,
                         kj_error *err)
{
  const size_t n = e->parts->scaler.n;
  void *rows = e->row, *x = e->x;
  const bool is_room =
      kj__grow(&rows, &e->row_capacity, e->n_rows + 1, sizeof *e->row) &&
      kj__grow(&x, &e->x_capacity, (e->n_rows + 1) * n, sizeof *e->x);
  e->row = rows;
  e->x = x;
  if (!is_room)
    return kj__fail_memory(err, "recordings");
  cli_estimate_row *row = &e->row[e->n_rows];
  *row = (cli_estimate_row){.name = input->name,
                            .speaker = input->speaker,
                            .novelty = (double)NAN,
                            .probability = (double)NAN};
  kj_recording_options options = e->options;
  options.audio.start_s = start_s;
  options.audio.end_s = end_s;
  options.audio.channel =
      kj_channel_choose(input->channel, options.audio.channel);
  const kj_status status = kj_recording_extract(
      file, &options, e->x + e->n_rows * n, &row->recording, err);
  if (status != KJ_OK)
    return status;
  row->is_usable = kj_recording_has_values(row->recording.status);
  if (!row->is_usable) {
    e->n_failed++;
    cli_progress_end(&e->progress);
    cli_note("%s: %s: %s", input->name,
             kj_recording_status_text(row->recording.status),
             row->recording.reason);
  }
  e->n_rows++;
  return e->parts->normalisation == KJ_NORMALISE_TRAIN ? flush_rows(e, err)
                                                       : KJ_OK;
}

/* How long a file is: decoded once, without features. 0 where it cannot be
 * read; listening to it then tells why. */
static double measure_end(const cli_estimation *e, const char *file,
                          const kj_input *input)
{
  kj_audio_options options = e->options.audio;
  options.rate_hz = 0;
  options.start_s = input->start_s;
  options.end_s = input->end_s;
  options.channel = kj_channel_choose(input->channel, options.channel);
  kj_audio *audio = NULL;
  float samples[4096];
  size_t n = 1;
  if (kj_audio_open(file, &options, &audio, NULL) != KJ_OK)
    return 0.0;
  kj_status status = KJ_OK;
  while (status == KJ_OK && n > 0)
    status = kj_audio_read(audio, samples, sizeof samples / sizeof *samples, &n,
                           NULL);
  const double end_s = status == KJ_OK ? kj_audio_get_info(audio).end_s : 0.0;
  kj_audio_close(audio);
  return end_s;
}

/* Whole windows only; a recording shorter than one is one row. */
static kj_status add_windows(cli_estimation *e, const kj_input *input,
                             const char *file, kj_error *err)
{
  const double window = e->settings->window;
  const double hop = e->settings->hop > 0.0 ? e->settings->hop : window;
  const double end_s = measure_end(e, file, input);
  const double slack = 1e-6; /* of a second: sums of hops are not exact */
  kj_status status = KJ_OK;
  if (end_s - input->start_s < window + slack)
    return add_row(e, input, file, input->start_s, input->end_s, err);
  for (size_t w = 0; status == KJ_OK && !cli_is_interrupted(); w++) {
    const double start = input->start_s + (double)w * hop;
    if (start + window > end_s + slack)
      break;
    const double end = start + window < end_s ? start + window : end_s;
    status = add_row(e, input, file, start, end, err);
  }
  return status;
}

/* Windows need their sound more than once: standard input goes to a file
 * that is already unlinked, named by its descriptor. */
static kj_status spool(FILE **spooled, char *path, size_t size, kj_error *err)
{
  char block[65536];
  size_t n;
  *spooled = tmpfile();
  if (!*spooled)
    return kj__fail(err, KJ_EFILE, "no temporary file: %s", strerror(errno));
  while ((n = fread(block, 1, sizeof block, stdin)) > 0)
    if (fwrite(block, 1, n, *spooled) != n)
      return kj__fail(err, KJ_EFILE, "temporary file: %s", strerror(errno));
  if (fflush(*spooled) != 0)
    return kj__fail(err, KJ_EFILE, "temporary file: %s", strerror(errno));
  snprintf(path, size, "/dev/fd/%d", fileno(*spooled));
  return KJ_OK;
}

static kj_status listen_to(cli_estimation *e, const kj_input *input,
                           kj_error *err)
{
  char path[64];
  FILE *spooled = NULL;
  kj_status status = KJ_OK;
  if (!(e->settings->window > 0.0))
    return add_row(e, input, input->file, input->start_s, input->end_s, err);
  const bool is_standard_input = strcmp(input->file, "-") == 0;
  if (is_standard_input)
    status = spool(&spooled, path, sizeof path, err);
  if (status == KJ_OK)
    status = add_windows(e, input, is_standard_input ? path : input->file, err);
  if (spooled)
    fclose(spooled);
  return status;
}

static kj_status run(cli_estimation *e, kj_error *err)
{
  e->progress = cli_progress_beside(e->settings->progress, e->settings->output);
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < e->inputs.n; i++) {
    cli_progress_show(&e->progress, e->inputs.input[i].name, i, e->inputs.n);
    status = listen_to(e, &e->inputs.input[i], err);
    if (status == KJ_OK)
      status = kj__output_check(&e->output, err);
    if (status == KJ_OK && cli_is_interrupted())
      status = kj__fail(
          err, KJ_EINTERRUPTED, "interrupted after %zu of %zu recordings%s", i,
          e->inputs.n, e->output.temporary ? "; nothing of it is kept" : "");
  }
  if (status == KJ_OK)
    status = flush_rows(e, err);
  cli_progress_end(&e->progress);
  return status;
}

static void release(cli_estimation *e)
{
  kj_inputs_clear(&e->inputs);
  kj_estimator_scratch_destroy(e->scratch);
  kj_model_destroy(e->model);
  free(e->row);
  free(e->x);
}

int cli_estimate(const cli_settings *settings)
{
  kj_error err;
  cli_estimation e = {.settings = settings,
                      .format = settings->json ? CLI_JSON_LINES
                                               : settings->table_format};
  cli_catch_interrupts();
  kj_status status = load(&e, &err);
  if (status == KJ_OK)
    status = cli_read_inputs(settings, &e.inputs, &err);
  if (status == KJ_OK) {
    status = kj__output_open(&e.output,
                             settings->output ? settings->output : "-", &err);
    e.is_output_open = status == KJ_OK;
  }
  if (status == KJ_OK) {
    cli_estimation_head(&e);
    status = run(&e, &err);
  }
  if (status == KJ_OK)
    status = kj__output_commit(&e.output, &err);
  else if (e.is_output_open)
    kj__output_discard(&e.output);
  const size_t n_failed = e.n_failed;
  release(&e);
  if (status != KJ_OK)
    return cli_fail(&err);
  return n_failed ? CLI_SOME_FAILED : CLI_DONE;
}
