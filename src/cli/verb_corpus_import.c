/*
 * verb_corpus_import.c: `kanjo corpus import`: a corpus to its table.
 */
#include "base/error.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"

#include "kanjo/import.h"

#include <stdbool.h>
#include <string.h>

static void print_json(const cli_settings *settings,
                       const kj_import_report *report)
{
  json_t *notes = json_array();
  for (size_t i = 0; i < report->n_notes; i++)
    json_array_append_new(notes, cli_json_text(report->note[i]));
  json_t *object = json_pack(
      "{s:s, s:o, s:I, s:I, s:o}", "corpus", settings->input.word[0], "output",
      cli_json_text(settings->output), "utterances", (json_int_t)report->n_rows,
      "speakers", (json_int_t)report->n_speakers, "notes", notes);
  cli_print_json(stdout, object);
}

/* Where the table itself goes to standard output, this does not. */
static void print_text(const cli_settings *settings,
                       const kj_import_report *report)
{
  const bool is_table = strcmp(settings->output, "-") == 0;
  FILE *stream = is_table ? stderr : stdout;
  fprintf(stream, "%s: %zu utterances, %zu speakers\n", settings->input.word[0],
          report->n_rows, report->n_speakers);
  for (size_t i = 0; i < report->n_notes; i++)
    fprintf(stream, "%s: %s\n", settings->input.word[0], report->note[i]);
}

static kj_status check_settings(const cli_settings *settings, kj_error *err)
{
  if (!settings->output)
    return kj__fail(err, KJ_EARGUMENT, "-o LABELS.csv is missing");
  if (settings->json && strcmp(settings->output, "-") == 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "-o is -; must be a file, for with --json the summary "
                    "goes to standard output");
  return KJ_OK;
}

int cli_corpus_import(const cli_settings *settings)
{
  const kj_import_options options = {
      .out_of_range = (kj_out_of_range)settings->out_of_range,
      .ratings = settings->ratings};
  kj_import_report report = {0};
  kj_error err;
  kj_status status = check_settings(settings, &err);
  if (status == KJ_OK)
    status = kj_import_run(settings->input.word[0], settings->input.word[1],
                           &options, settings->output, &report, &err);
  if (status != KJ_OK)
    return cli_fail(&err);
  if (settings->json)
    print_json(settings, &report);
  else
    print_text(settings, &report);
  kj_import_report_clear(&report);
  return CLI_DONE;
}
