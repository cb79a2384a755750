/*
 * setting.c: what was run on what.
 */
#include "experiment/report/number.h"
#include "experiment/report/sections.h"
#include "experiment/report/text.h"

#include <string.h>

const char *kj__report_text(const json_t *object, const char *key)
{
  const char *text = json_string_value(json_object_get(object, key));
  return text ? text : "";
}

void kj__report_join(const json_t *texts, char *to, size_t size)
{
  const size_t n = json_array_size(texts);
  to[0] = '\0';
  for (size_t i = 0; i < n; i++) {
    const char *before = i == 0 ? "" : i + 1 == n ? " and " : ", ";
    const char *text = json_string_value(json_array_get(texts, i));
    kj__report_append(to, size, before);
    kj__report_append(to, size, text ? text : "");
  }
}

const json_t *kj__report_find(const json_t *array, const char *key,
                              const char *name)
{
  for (size_t i = 0; i < json_array_size(array); i++) {
    const json_t *entry = json_array_get(array, i);
    if (strcmp(kj__report_text(entry, key), name) == 0)
      return entry;
  }
  return NULL;
}

static void put_corpora(kj__document *d, const json_t *corpora)
{
  char languages[128];
  kj__document_table(d, 7,
                     "Corpora: mean and standard deviation of ratings, "
                     "on 1..5");
  static const char *const header[] = {"corpus",   "rows",    "speakers",
                                       "language", "valence", "activation",
                                       "dominance"};
  for (size_t i = 0; i < 7; i++)
    kj__document_cell(d, "%s", header[i]);
  for (size_t i = 0; i < json_array_size(corpora); i++) {
    const json_t *corpus = json_array_get(corpora, i);
    const json_t *targets = json_object_get(corpus, "targets");
    kj__report_join(json_object_get(corpus, "languages"), languages,
                    sizeof languages);
    kj__document_cell(d, "%s%s", kj__report_text(corpus, "name"),
                      json_is_true(json_object_get(corpus, "synthetic"))
                          ? " (synthetic)"
                          : "");
    kj__document_cell(d, "%s", kj__count(corpus, "n_rows").text);
    kj__document_cell(d, "%s", kj__count(corpus, "n_speakers").text);
    kj__document_cell(d, "%s", languages[0] ? languages : "-");
    for (size_t k = 4; k < 7; k++) {
      const json_t *target = json_object_get(targets, header[k]);
      kj__document_cell(
          d, "%s%s%s", kj__fixed(kj__report_number(target, "mean"), 2).text,
          target ? " ± " : "",
          target ? kj__fixed(kj__report_number(target, "sd"), 2).text : "");
    }
  }
}

static void put_bullets(kj__document *d, const json_t *texts)
{
  for (size_t i = 0; i < json_array_size(texts); i++)
    kj__document_text(d, KJ__BLOCK_BULLET, "%s",
                      json_string_value(json_array_get(texts, i)));
}

void kj__section_setting(kj__document *d, const json_t *results)
{
  const json_t *protocol = json_object_get(results, "protocol");
  const json_t *overrides = json_object_get(protocol, "overrides");
  const bool is_paper = strcmp(kj__report_text(protocol, "form"), "paper") == 0;
  const size_t n_seeds = json_array_size(json_object_get(results, "seeds"));
  kj__document_text(
      d, KJ__BLOCK_TEXT,
      "Protocol %s, in the form “%s”: %s. %zu seed%s. Kanjo %s; protocol "
      "%.12s.",
      kj__report_text(protocol, "name"), is_paper ? "as in the paper" : "sound",
      is_paper ? "what the paper states is done as it states it, leaks of "
                 "speakers between training and test included"
               : "nobody is estimated by a model that has heard them, and "
                 "nothing is chosen on test speakers",
      n_seeds, n_seeds == 1 ? "" : "s",
      kj__report_text(results, "kanjo_version"),
      kj__report_text(protocol, "hash"));
  kj__document_text(
      d, KJ__BLOCK_TEXT,
      "Every figure is a mean over the seeds; brackets hold the 95 %% interval "
      "over speakers, ± is the standard deviation over seeds. MAE and RMSE are "
      "in points of the scale 1..5, less is better; CCC and r are 1 for "
      "perfect "
      "estimates; the sd ratio is the spread of the estimates over that of "
      "the ratings.");
  if (json_is_string(json_object_get(results, "feature_set")))
    kj__document_text(d, KJ__BLOCK_TEXT, "Features: %s.",
                      kj__report_text(results, "feature_set"));
  put_corpora(d, json_object_get(results, "corpora"));
  if (json_array_size(overrides) > 0) {
    kj__document_text(d, KJ__BLOCK_TEXT, "This run departs from its protocol:");
    put_bullets(d, overrides);
  }
  kj__document_heading(d, 2, "What is our choice");
  put_bullets(d, json_object_get(protocol, "our_choices"));
  if (json_array_size(json_object_get(protocol, "our_choices")) == 0)
    kj__document_text(d, KJ__BLOCK_TEXT, "The protocol names none.");
}
