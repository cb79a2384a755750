/*
 * verb_corpus_export.c: `kanjo corpus export`: a table in another format.
 */
#include "base/error.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"

#include "kanjo/corpus_export.h"

static void print_json(const cli_settings *settings,
                       const kj_export_report *report)
{
  cli_print_json(stdout, json_pack("{s:o, s:s, s:s, s:I}", "output",
                                   cli_json_text(settings->output), "format",
                                   "audformat", "table", report->table, "rows",
                                   (json_int_t)report->n_rows));
}

int cli_corpus_export(const cli_settings *settings)
{
  kj_export_report report = {0};
  kj_error err;
  kj_status status = settings->output
                         ? kj_export_audformat(settings->input.word[0],
                                               settings->output, &report, &err)
                         : kj__fail(&err, KJ_EARGUMENT, "-o DIR is missing");
  if (status != KJ_OK)
    return cli_fail(&err);
  if (settings->json)
    print_json(settings, &report);
  else
    printf("%s: table %s of %zu rows\n", settings->output, report.table,
           report.n_rows);
  return CLI_DONE;
}
