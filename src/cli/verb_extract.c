/*
 * verb_extract.c: `kanjo extract`: recordings in, rows of features out.
 */
#include "base/error.h"
#include "cli/load.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/writer.h"

#include "kanjo/recording.h"

#include <stdlib.h>

typedef struct extraction {
  const cli_settings *settings;
  kj_recording_options options;
  cli_writer writer;
  cli_progress progress;
  const kj_input *input; /* the one being read, for the sink */
  float *functionals;
  size_t n_failed;
} extraction;

static void write_descriptors(void *context, uint64_t row, double time_s,
                              const float *descriptors)
{
  extraction *e = context;
  cli_writer_frame(&e->writer, e->input->name, row, time_s, descriptors);
}

static kj_status extract_one(extraction *e, const kj_input *input,
                             kj_error *err)
{
  kj_recording recording;
  kj_recording_options options = e->options;
  e->input = input;
  options.audio.start_s = input->start_s;
  options.audio.end_s = input->end_s;
  options.audio.channel =
      kj_channel_choose(input->channel, options.audio.channel);
  const kj_status status = kj_recording_extract(
      input->file, &options, e->functionals, &recording, err);
  if (status != KJ_OK)
    return status;
  if (!kj_recording_has_values(recording.status)) {
    e->n_failed++;
    cli_progress_end(&e->progress);
    cli_note("%s: %s: %s", input->name,
             kj_recording_status_text(recording.status), recording.reason);
  }
  cli_writer_recording(&e->writer, input->name, &recording, e->functionals);
  return KJ_OK;
}

/* What failed here, committing will tell. */
static bool can_write(const extraction *e)
{
  return !ferror(e->writer.output.stream);
}

static kj_status extract_all(extraction *e, const kj_inputs *inputs,
                             kj_error *err)
{
  e->progress = cli_progress_start(e->settings->progress);
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < inputs->n && can_write(e); i++) {
    if (cli_is_interrupted()) {
      cli_progress_end(&e->progress);
      cli_note("interrupted after %zu of %zu recordings%s", i, inputs->n,
               e->writer.output.temporary ? "; nothing was written" : "");
      return KJ_EINTERRUPTED;
    }
    cli_progress_show(&e->progress, inputs->input[i].name, i, inputs->n);
    status = extract_one(e, &inputs->input[i], err);
  }
  cli_progress_end(&e->progress);
  return status;
}

static int finish(extraction *e, kj_status status, kj_error *err)
{
  if (status == KJ_OK)
    status = cli_writer_commit(&e->writer, err);
  else
    cli_writer_discard(&e->writer);
  if (status == KJ_EINTERRUPTED)
    return CLI_INTERRUPTED;
  if (status != KJ_OK)
    return cli_fail(err);
  return e->n_failed ? CLI_SOME_FAILED : CLI_DONE;
}

int cli_extract(const cli_settings *settings)
{
  kj_error err;
  kj_inputs inputs = {0};
  extraction e = {.settings = settings};
  kj_status status =
      cli_read_sound(settings, &e.options.set, &e.options.audio, &err);
  if (status == KJ_OK)
    status = cli_read_inputs(settings, &inputs, &err);
  const kj_feature_level level =
      settings->level == 0 ? KJ_LEVEL_FUNCTIONALS : KJ_LEVEL_DESCRIPTORS;
  const cli_format format =
      settings->json ? CLI_FORMAT_JSON : (cli_format)settings->format;
  if (status == KJ_OK)
    status = cli_writer_open(&e.writer, settings->output, e.options.set, level,
                             format, inputs.n, &err);
  if (status != KJ_OK) {
    kj_inputs_clear(&inputs);
    return cli_fail(&err);
  }
  if (level == KJ_LEVEL_DESCRIPTORS) {
    e.options.sink = write_descriptors;
    e.options.sink_context = &e;
  }
  cli_catch_interrupts();
  e.functionals = malloc(e.options.set->n_functionals * sizeof(float));
  if (e.functionals)
    status = extract_all(&e, &inputs, &err);
  else
    status = kj__fail_memory(&err, "features");
  const int code = finish(&e, status, &err);
  free(e.functionals);
  kj_inputs_clear(&inputs);
  return code;
}
