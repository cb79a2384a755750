/*
 * verb_corpus_list.c: `kanjo corpus list`: what can be imported.
 */
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"

#include "kanjo/import.h"

#include <string.h>

/* ["da", "en"] of "da en". */
static json_t *languages_json(const char *languages)
{
  json_t *array = json_array();
  while (*languages) {
    const size_t n = strcspn(languages, " ");
    json_array_append_new(array, json_stringn(languages, n));
    languages += n + (languages[n] == ' ');
  }
  return array;
}

static void print_json(const kj_importer *importer)
{
  json_t *object = json_pack(
      "{s:s, s:s, s:o, s:s, s:s, s:s, s:o}", "name", importer->name, "title",
      importer->title, "languages", languages_json(importer->languages),
      "scale", importer->scale, "licence", importer->licence, "source",
      importer->source, "utterances",
      importer->n_utterances > 0
          ? json_integer((json_int_t)importer->n_utterances)
          : json_null());
  cli_print_json(stdout, object);
}

static void print_row(const kj_importer *importer)
{
  char n[24] = "varies";
  if (importer->n_utterances > 0)
    snprintf(n, sizeof n, "%zu", importer->n_utterances);
  printf("%-12s %-12s %-9s %-6s %10s  %s\n%-12s %s\n", importer->name,
         importer->title, importer->languages,
         importer->scale[0] ? importer->scale : "-", n, importer->licence, "",
         importer->source);
}

int cli_corpus_list(const cli_settings *settings)
{
  if (!settings->json)
    printf("%-12s %-12s %-9s %-6s %10s  %s\n", "name", "title", "languages",
           "scale", "utterances", "licence, and where to get it");
  for (size_t i = 0; i < kj_importer_count(); i++)
    if (settings->json)
      print_json(kj_importer_at(i));
    else
      print_row(kj_importer_at(i));
  return CLI_DONE;
}
