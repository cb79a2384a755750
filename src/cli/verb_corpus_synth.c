/*
 * verb_corpus_synth.c: `kanjo corpus synth`: a synthetic corpus to rehearse
 * with.
 */
#include "base/error.h"
#include "base/pool.h"
#include "cli/load.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"

#include "kanjo/synthesis.h"

static void show(void *context, size_t done, size_t total)
{
  cli_progress_show(context, "recordings", done, total);
}

static kj_synthesis_options read_options(const cli_settings *s,
                                         cli_progress *progress)
{
  kj_synthesis_options o = kj_synthesis_defaults();
  o.seed = s->seed;
  o.languages = s->languages;
  o.n_utterances = (size_t)s->utterances;
  o.n_speakers = (size_t)s->speakers;
  o.spontaneity_shift = s->spontaneity_shift == 0;
  o.n_threads = s->jobs ? (size_t)s->jobs : kj__pool_processors();
  o.progress = show;
  o.stop = cli_stop;
  o.context = progress;
  return o;
}

static void print_text(const char *folder, const kj_synthesis_report *report)
{
  for (size_t p = 0; p < report->n_parts; p++) {
    const kj_synthesis_part *part = &report->part[p];
    printf("%s/%s/labels.csv: SYNTHETIC, %zu utterances (%zu spontaneous), %zu "
           "speakers, %.1f minutes\n",
           folder, part->language, part->n_utterances, part->n_spontaneous,
           part->n_speakers, part->seconds / 60.0);
  }
}

static void print_json(const cli_settings *s, const kj_synthesis_report *report)
{
  json_t *parts = json_array();
  for (size_t p = 0; p < report->n_parts; p++) {
    const kj_synthesis_part *part = &report->part[p];
    json_array_append_new(
        parts,
        json_pack("{s:s, s:I, s:I, s:I, s:f}", "language", part->language,
                  "utterances", (json_int_t)part->n_utterances, "spontaneous",
                  (json_int_t)part->n_spontaneous, "speakers",
                  (json_int_t)part->n_speakers, "seconds", part->seconds));
  }
  cli_print_json(stdout,
                 json_pack("{s:o, s:b, s:I, s:b, s:s, s:o}", "folder",
                           cli_json_text(s->output), "synthetic", 1, "seed",
                           (json_int_t)s->seed, "spontaneity_shift",
                           s->spontaneity_shift == 0, "synthesizer",
                           report->program, "parts", parts));
}

int cli_corpus_synth(const cli_settings *settings)
{
  kj_error err;
  kj_synthesis_report report;
  if (!settings->output) {
    cli_note("-o DIR is missing");
    return CLI_USAGE;
  }
  cli_catch_interrupts();
  cli_progress progress = cli_progress_start(settings->progress);
  const kj_synthesis_options options = read_options(settings, &progress);
  const kj_status status =
      kj_synthesis_write(settings->output, &options, &report, &err);
  cli_progress_end(&progress);
  if (status == KJ_EINTERRUPTED)
    kj__fail(&err, status, "stopped; nothing of the corpus is kept");
  if (status != KJ_OK)
    return cli_fail(&err);
  if (settings->json)
    print_json(settings, &report);
  else
    print_text(settings->output, &report);
  return CLI_DONE;
}
