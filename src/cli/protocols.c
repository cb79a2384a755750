/*
 * protocols.c: a protocol by file or by name, with what the command line
 * overrides, and the tables of its corpora.
 */
#define _GNU_SOURCE
#include "cli/protocols.h"

#include "base/error.h"
#include "base/memory.h"
#include "cli/default_model.h"
#include "cli/load.h"
#include "cli/table.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_CORPORA = 64 };

static const char *const FORMS[] = {"sound", "paper"};

/* NAME.FORM.yaml, else NAME.yaml, of what is shipped; NULL: neither. */
static kj_status find_shipped(const char *name, int form, char **path,
                              kj_error *err)
{
  kj_status status = KJ_OK;
  *path = NULL;
  for (int has_form = 1; has_form >= 0 && status == KJ_OK && !*path;
       has_form--) {
    char *file = NULL;
    if (asprintf(&file, "protocols/%s%s%s.yaml", name, has_form ? "." : "",
                 has_form ? FORMS[form] : "") < 0)
      return kj__fail_memory(err, "a path");
    status = cli_find_shared(file, path, err);
    free(file);
  }
  return status;
}

static kj_status find_path(const char *name, int form, char **path,
                           kj_error *err)
{
  if (strchr(name, '/') || access(name, R_OK) == 0) {
    *path = kj__copy_text(name);
    return *path ? KJ_OK : kj__fail_memory(err, "a path");
  }
  const kj_status status = find_shipped(name, form, path, err);
  if (status == KJ_OK && !*path)
    return kj__fail(err, KJ_EFILE,
                    "%s: no such file, and no protocol of that name is "
                    "shipped; kanjo experiment --list names those that are",
                    name);
  return status;
}

kj_status cli_find_protocol(const char *name, int form, kj_protocol **out,
                            kj_error *err)
{
  char *path = NULL;
  kj_status status = find_path(name, form, &path, err);
  if (status == KJ_OK)
    status = kj_protocol_read(path, out, err);
  free(path);
  return status;
}

/* NAME=PATH */
static kj_status split_pair(const char *option, const char *text, char *name,
                            size_t size, const char **path, kj_error *err)
{
  const char *equals = strchr(text, '=');
  const size_t n = equals ? (size_t)(equals - text) : 0;
  if (n == 0 || n >= size || equals[1] == '\0')
    return kj__fail(err, KJ_EARGUMENT, "--%s is '%s'; must be NAME=%s", option,
                    text,
                    strcmp(option, "corpus") == 0 ? "LABELS.csv" : "F.csv");
  memcpy(name, text, n);
  name[n] = '\0';
  *path = equals + 1;
  return KJ_OK;
}

/* The corpus that an option of that name is about. */
static kj_status find_corpus(const kj_protocol *protocol, const char *option,
                             const char *name, kj_protocol_corpus **out,
                             kj_error *err)
{
  char known[256] = "";
  *out = kj_protocol_find_corpus(protocol, name);
  if (*out)
    return KJ_OK;
  for (size_t i = 0; i < protocol->corpora.n; i++) {
    strncat(known, i ? ", " : "", sizeof known - strlen(known) - 1);
    strncat(known, protocol->corpora.item[i].name,
            sizeof known - strlen(known) - 1);
  }
  return kj__fail(err, KJ_EARGUMENT,
                  "--%s: the protocol has no corpus '%s', only: %s", option,
                  name, known);
}

/* Another table of labels does away with features named for the first. */
static void set_labels(kj_protocol_corpus *corpus, const char *path)
{
  corpus->labels = path;
  corpus->features = "";
}

static kj_status override_corpora(const cli_settings *s, kj_protocol *p,
                                  kj_error *err)
{
  const struct {
    const char *name, *path;
  } shorts[] = {{"iemocap", s->iemocap},
                {"uudb", s->uudb},
                {"msp-improv", s->msp_improv},
                {"emodb", s->emodb},
                {"emotale", s->emotale}};
  char name[64];
  const char *path = NULL;
  kj_protocol_corpus *corpus = NULL;
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < sizeof shorts / sizeof shorts[0];
       i++) {
    if (!shorts[i].path)
      continue;
    status = find_corpus(p, shorts[i].name, shorts[i].name, &corpus, err);
    if (status == KJ_OK)
      set_labels(corpus, shorts[i].path);
  }
  for (size_t i = 0; status == KJ_OK && i < s->corpus.n; i++) {
    status =
        split_pair("corpus", s->corpus.word[i], name, sizeof name, &path, err);
    if (status == KJ_OK)
      status = find_corpus(p, "corpus", name, &corpus, err);
    if (status == KJ_OK)
      set_labels(corpus, path);
  }
  for (size_t i = 0; status == KJ_OK && i < s->corpus_features.n; i++) {
    status = split_pair("features", s->corpus_features.word[i], name,
                        sizeof name, &path, err);
    if (status == KJ_OK)
      status = find_corpus(p, "features", name, &corpus, err);
    if (status == KJ_OK)
      corpus->features = path;
  }
  return status;
}

static kj_status override_counts(const cli_settings *s, kj_protocol *p,
                                 kj_error *err)
{
  char text[64];
  kj_status status = KJ_OK;
  if (s->protocol_seeds > 0) {
    p->seeds = s->protocol_seeds;
    snprintf(text, sizeof text, "seeds: %llu", (unsigned long long)p->seeds);
    status = kj_protocol_note_override(p, text, err);
  }
  if (status == KJ_OK && s->protocol_epochs > 0) {
    p->fit.epochs = s->protocol_epochs;
    snprintf(text, sizeof text, "epochs: %llu",
             (unsigned long long)p->fit.epochs);
    status = kj_protocol_note_override(p, text, err);
  }
  return status;
}

static bool has_short(const char *name)
{
  static const char *const shorts[] = {"iemocap", "uudb", "msp-improv", "emodb",
                                       "emotale"};
  for (size_t i = 0; i < sizeof shorts / sizeof shorts[0]; i++)
    if (strcmp(shorts[i], name) == 0)
      return true;
  return false;
}

/* Before a folder is made and anything is read. */
static kj_status check_named(const kj_protocol *protocol, kj_error *err)
{
  for (size_t i = 0; i < protocol->corpora.n; i++) {
    const kj_protocol_corpus *corpus = &protocol->corpora.item[i];
    const bool is_short = has_short(corpus->name);
    if (corpus->labels[0] == '\0')
      return kj__fail(err, KJ_EARGUMENT,
                      "the protocol needs the table of corpus '%s': %s%s%s",
                      corpus->name, is_short ? "--" : "--corpus ", corpus->name,
                      is_short ? " LABELS.csv" : "=LABELS.csv");
  }
  return KJ_OK;
}

kj_status cli_open_protocol(const cli_settings *settings, kj_protocol **out,
                            kj_error *err)
{
  kj_protocol *protocol = NULL;
  kj_status status =
      settings->input.n > 0
          ? cli_find_protocol(settings->input.word[0], settings->form,
                              &protocol, err)
          : kj__fail(err, KJ_EARGUMENT,
                     "PROTOCOL is missing; kanjo experiment --list names those "
                     "that are shipped");
  if (status == KJ_OK)
    status = override_corpora(settings, protocol, err);
  if (status == KJ_OK)
    status = override_counts(settings, protocol, err);
  if (status != KJ_OK) {
    kj_protocol_destroy(protocol);
    return status;
  }
  *out = protocol;
  return KJ_OK;
}

kj_status cli_read_protocol(const cli_settings *settings, kj_protocol **out,
                            kj_error *err)
{
  kj_protocol *protocol = NULL;
  kj_status status = cli_open_protocol(settings, &protocol, err);
  if (status == KJ_OK)
    status = check_named(protocol, err);
  if (status != KJ_OK) {
    kj_protocol_destroy(protocol);
    return status;
  }
  *out = protocol;
  return KJ_OK;
}

/* The targets as this corpus calls and scales them. */
static kj_status read_targets(const kj_protocol *protocol,
                              const kj_protocol_corpus *corpus,
                              kj_target_spec *targets, kj_error *err)
{
  char text[KJ_TARGET_NAME_SIZE + KJ_COLUMN_NAME_SIZE + 1];
  for (size_t k = 0; k < protocol->targets.n; k++) {
    const char *name = protocol->targets.item[k], *column = name;
    for (size_t c = 0; c < corpus->columns.n; c++)
      if (strcmp(corpus->columns.name[c], name) == 0)
        column = corpus->columns.value[c];
    snprintf(text, sizeof text, "%s=%s", name, column);
    const kj_status status = kj_target_parse(text, &targets[k], err);
    if (status != KJ_OK)
      return kj__fail_in(err, status, "%s: corpus '%s'", protocol->path,
                         corpus->name);
    targets[k].low = corpus->scale.n ? corpus->scale.item[0] : KJ_SCALE_LOW;
    targets[k].high = corpus->scale.n ? corpus->scale.item[1] : KJ_SCALE_HIGH;
  }
  return KJ_OK;
}

static kj_status load_corpus(const cli_settings *settings,
                             const kj_protocol *protocol,
                             const kj_protocol_corpus *corpus, kj_dataset **out,
                             size_t *n_dropped, kj_error *err)
{
  kj_target_spec targets[KJ_MAX_TARGETS];
  cli_settings of = *settings;
  cli_sound sound = {.cache_folder = settings->output,
                     .cache_name = corpus->name};
  of.features = corpus->features[0] != '\0' ? corpus->features : NULL;
  of.set = protocol->features.set < 0
               ? NULL
               : kj_feature_set_get((size_t)protocol->features.set)->name;
  kj_status status = read_targets(protocol, corpus, targets, err);
  if (status == KJ_OK)
    status = cli_read_sound(&of, &sound.set, &sound.audio, err);
  if (status == KJ_OK)
    status =
        cli_load_labelled(&of, corpus->labels, targets, protocol->targets.n,
                          &sound, out, n_dropped, err);
  return status == KJ_OK
             ? KJ_OK
             : kj__fail_in(err, status, "corpus '%s'", corpus->name);
}

kj_status cli_load_corpora(const cli_settings *settings,
                           const kj_protocol *protocol, kj_dataset **out,
                           size_t *n_dropped, kj_error *err)
{
  kj_dataset *part[MAX_CORPORA] = {NULL};
  const char *name[MAX_CORPORA] = {NULL};
  const size_t n = protocol->corpora.n;
  if (n > MAX_CORPORA)
    return kj__fail(err, KJ_EFORMAT, "%s: %zu corpora; must be 1..%d",
                    protocol->path, n, MAX_CORPORA);
  kj_status status = KJ_OK;
  *n_dropped = 0;
  status = check_named(protocol, err);
  for (size_t i = 0; status == KJ_OK && i < n; i++) {
    size_t dropped = 0;
    name[i] = protocol->corpora.item[i].name;
    status = load_corpus(settings, protocol, &protocol->corpora.item[i],
                         &part[i], &dropped, err);
    *n_dropped += dropped;
  }
  if (status == KJ_OK)
    status = kj_dataset_concatenate(part, name, n, out, err);
  for (size_t i = 0; i < n; i++)
    kj_dataset_destroy(part[i]);
  return status;
}

static void print_protocol(const cli_settings *settings,
                           const kj_protocol *protocol)
{
  if (settings->json)
    cli_print_json(stdout,
                   json_pack("{s:s, s:s, s:s}", "name", protocol->name, "form",
                             FORMS[protocol->form], "title", protocol->title));
  else
    printf("%-22s %-6s %s\n", protocol->name, FORMS[protocol->form],
           protocol->title);
}

kj_status cli_list_protocols(const cli_settings *settings, kj_error *err)
{
  char *folder = NULL, *pattern = NULL;
  glob_t found = {0};
  kj_status status = cli_find_shared("protocols", &folder, err);
  if (status == KJ_OK && folder && asprintf(&pattern, "%s/*.yaml", folder) < 0)
    return kj__fail_memory(err, "a path");
  if (pattern)
    glob(pattern, 0, NULL, &found);
  for (size_t i = 0; status == KJ_OK && i < found.gl_pathc; i++) {
    kj_protocol *protocol = NULL;
    status = kj_protocol_read(found.gl_pathv[i], &protocol, err);
    if (status == KJ_OK)
      print_protocol(settings, protocol);
    kj_protocol_destroy(protocol);
  }
  if (status == KJ_OK && found.gl_pathc == 0)
    status = kj__fail(err, KJ_EFILE, "no protocols are installed");
  globfree(&found);
  free(folder);
  free(pattern);
  return status;
}
