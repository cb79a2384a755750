/*
 * search_input.c: LABELS.csv as a protocol, and the training part of one.
 */
#define _GNU_SOURCE
#include "cli/search_input.h"

#include "base/error.h"
#include "cli/load.h"
#include "cli/protocols.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CORPORA = 64 };

static bool is_table(const char *name)
{
  const size_t n = strlen(name);
  return n > 4 && strcmp(name + n - 4, ".csv") == 0;
}

/* A path as the protocol's folder has it: the folder is the current one. */
static json_t *corpus_json(const cli_settings *s, const kj_target_spec *targets,
                           size_t n)
{
  json_t *columns = json_object();
  for (size_t k = 0; k < n; k++)
    json_object_set_new(columns, targets[k].name,
                        json_string(targets[k].column));
  json_t *corpus =
      json_pack("{s:s, s:o, s:[f, f]}", "labels", s->input.word[0], "columns",
                columns, "scale", targets[0].low, targets[0].high);
  if (s->corpus_features.n > 0)
    json_object_set_new(corpus, "features",
                        json_string(s->corpus_features.word[0]));
  return corpus;
}

static json_t *features_json(const cli_settings *s)
{
  json_t *features = json_object();
  if (s->set)
    json_object_set_new(features, "set", json_string(s->set));
  return features;
}

static json_t *fit_json(const cli_settings *s)
{
  json_t *fit = json_object();
  json_t *hidden = json_array();
  const char *rest = s->hidden;
  while (rest && *rest) {
    char *end;
    json_array_append_new(hidden, json_integer(strtoll(rest, &end, 10)));
    rest = *end == ',' ? end + 1 : "";
  }
  if (s->hidden)
    json_object_set_new(fit, "hidden", hidden);
  else
    json_decref(hidden);
  if (s->loss > 0)
    json_object_set_new(fit, "loss", json_string(CLI_LOSSES[s->loss]));
  if (s->protocol_epochs > 0)
    json_object_set_new(fit, "epochs",
                        json_integer((json_int_t)s->protocol_epochs));
  return fit;
}

static json_t *protocol_json(const cli_settings *s,
                             const kj_target_spec *targets, size_t n)
{
  json_t *names = json_array();
  for (size_t k = 0; k < n; k++)
    json_array_append_new(names, json_string(targets[k].name));
  return json_pack("{s:i, s:s, s:I, s:{s:o}, s:o, s:o, s:o, "
                   "s:[{s:s, s:s, s:s}]}",
                   "kanjo", 1, "name", "searched", "seed", (json_int_t)s->seed,
                   "corpora", "labels", corpus_json(s, targets, n), "targets",
                   names, "features", features_json(s), "fit", fit_json(s),
                   "experiments", "id", "search", "train", "labels", "split",
                   "speaker");
}

static kj_status check_table_options(const cli_settings *s, kj_error *err)
{
  if (s->corpus_features.n > 1)
    return kj__fail(err, KJ_EARGUMENT,
                    "--features is given %zu times; LABELS.csv has one",
                    s->corpus_features.n);
  if (s->hidden && (s->hidden[0] == '\0' ||
                    s->hidden[strspn(s->hidden, "0123456789,")] != '\0'))
    return kj__fail(err, KJ_EARGUMENT,
                    "--hidden is '%s'; must be widths with commas between",
                    s->hidden);
  if (s->search_experiment)
    return kj__fail(err, KJ_EARGUMENT, "--experiment needs a protocol, not %s",
                    s->input.word[0]);
  return KJ_OK;
}

/* JSON is YAML, so the table of keys checks what was said. */
static kj_status read_table(const cli_settings *s, kj_protocol **out,
                            kj_error *err)
{
  kj_target_spec targets[KJ_MAX_TARGETS];
  size_t n = 0;
  kj_status status = check_table_options(s, err);
  if (status == KJ_OK)
    status = cli_read_targets(s, targets, &n, err);
  if (status == KJ_OK && n == 0)
    status = kj__fail(err, KJ_EARGUMENT,
                      "--target is missing; --target valence takes the column "
                      "of that name");
  if (status != KJ_OK)
    return status;
  json_t *json = protocol_json(s, targets, n);
  char *text = json ? json_dumps(json, JSON_REAL_PRECISION(9)) : NULL;
  json_decref(json);
  status = text
               ? kj_protocol_parse("command line", text, strlen(text), out, err)
               : kj__fail_memory(err, "a search");
  free(text);
  if (status == KJ_OK)
    (*out)->experiments.item[0].split = "";
  return status;
}

static kj_status find_experiment(const cli_settings *s, const kj_protocol *p,
                                 const kj_protocol_experiment **out,
                                 kj_error *err)
{
  char known[256] = "";
  for (size_t i = 0; i < p->experiments.n; i++) {
    const char *id = p->experiments.item[i].id;
    *out = &p->experiments.item[i];
    if (!s->search_experiment || strcmp(s->search_experiment, id) == 0)
      return KJ_OK;
    strncat(known, i ? ", " : "", sizeof known - strlen(known) - 1);
    strncat(known, id, sizeof known - strlen(known) - 1);
  }
  return kj__fail(err, KJ_EARGUMENT,
                  "--experiment: the protocol has no '%s', only: %s",
                  s->search_experiment, known);
}

kj_status cli_read_search(const cli_settings *settings, kj_protocol **protocol,
                          const kj_protocol_experiment **experiment,
                          kj_error *err)
{
  const bool is_scaled = strcmp(settings->scale, cli_defaults().scale) != 0;
  kj_protocol *p = NULL;
  kj_status status = KJ_OK;
  if (is_table(settings->input.word[0]))
    status = read_table(settings, &p, err);
  else if (settings->hidden || settings->target.n > 0 || settings->set ||
           is_scaled || settings->loss > 0)
    status = kj__fail(err, KJ_EARGUMENT,
                      "--%s is for LABELS.csv; a protocol has its own",
                      settings->hidden     ? "hidden"
                      : settings->set      ? "set"
                      : is_scaled          ? "scale"
                      : settings->loss > 0 ? "loss"
                                           : "target");
  else
    status = cli_open_protocol(settings, &p, err);
  if (status == KJ_OK)
    status = find_experiment(settings, p, experiment, err);
  if (status != KJ_OK) {
    kj_protocol_destroy(p);
    return status;
  }
  *protocol = p;
  return KJ_OK;
}

static bool is_among(const kj_texts *texts, const char *text)
{
  for (size_t i = 0; i < texts->n; i++)
    if (strcmp(texts->item[i], text) == 0)
      return true;
  return false;
}

kj_status cli_load_training(const cli_settings *settings,
                            const kj_protocol *protocol,
                            const kj_protocol_experiment *experiment,
                            kj_dataset **out, size_t *n_dropped, kj_error *err)
{
  kj_protocol part = *protocol;
  kj_protocol_corpus corpora[MAX_CORPORA];
  size_t n = 0;
  for (size_t i = 0; i < protocol->corpora.n && n < MAX_CORPORA; i++)
    if (is_among(&experiment->train, protocol->corpora.item[i].name))
      corpora[n++] = protocol->corpora.item[i];
  part.corpora.item = corpora;
  part.corpora.n = n;
  return cli_load_corpora(settings, &part, out, n_dropped, err);
}
