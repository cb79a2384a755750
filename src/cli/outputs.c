/*
 * outputs.c: which files a command line reads and writes.
 */
#define _GNU_SOURCE
#include "cli/outputs.h"

#include "base/error.h"
#include "base/file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Is it a file that is made beside the output while it is written? */
static bool is_beside(const char *output, const char *input)
{
  static const char *const ends[] = {".part", ".tmp", ".journal",
                                     ".journal.tmp"};
  const size_t n = strlen(input);
  char path[PATH_MAX];
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    const size_t n_end = strlen(ends[i]);
    if (n < n_end || strcmp(input + n - n_end, ends[i]) != 0)
      continue;
    const int size = snprintf(path, sizeof path, "%s%s", output, ends[i]);
    if (size > 0 && (size_t)size < sizeof path && kj__file_is_same(path, input))
      return true;
  }
  return false;
}

kj_status cli_check_output(const char *output, const char *input, kj_error *err)
{
  if (!output || !input || strcmp(output, "-") == 0 || strcmp(input, "-") == 0)
    return KJ_OK;
  if (is_beside(output, input))
    return kj__fail(err, KJ_EARGUMENT,
                    "%s is read, and is where %s gathers while it is written; "
                    "name another file for what comes out",
                    input, output);
  if (!kj__file_is_same(output, input))
    return KJ_OK;
  return kj__fail(err, KJ_EARGUMENT,
                  "%s is to be written and is read too%s%s; name another file "
                  "for what comes out",
                  output, strcmp(output, input) == 0 ? "" : ", as ",
                  strcmp(output, input) == 0 ? "" : input);
}

static kj_status check_words(const char *output, const cli_words *words,
                             bool has_names, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < words->n; i++) {
    const char *path = words->word[i];
    const char *equals = has_names ? strchr(path, '=') : NULL;
    status = cli_check_output(output, equals ? equals + 1 : path, err);
  }
  return status;
}

static kj_status check_one(const cli_settings *s, const char *output,
                           kj_error *err)
{
  const char *const inputs[] = {s->list,        s->features, s->unlabelled,
                                s->calibration, s->ratings,  s->marks,
                                s->iemocap,     s->uudb,     s->msp_improv,
                                s->emodb,       s->emotale};
  struct stat info;
  if (!output || (stat(output, &info) == 0 && !S_ISREG(info.st_mode)))
    return KJ_OK;
  kj_status status = check_words(output, &s->input, false, err);
  if (status == KJ_OK)
    status = check_words(output, &s->model, false, err);
  if (status == KJ_OK)
    status = check_words(output, &s->corpus, true, err);
  if (status == KJ_OK)
    status = check_words(output, &s->corpus_features, true, err);
  for (size_t i = 0; status == KJ_OK && i < sizeof inputs / sizeof *inputs; i++)
    status = cli_check_output(output, inputs[i], err);
  return status;
}

kj_status cli_check_outputs(const cli_settings *settings, kj_error *err)
{
  const char *svg = settings->svg;
  kj_status status = check_one(settings, settings->output, err);
  if (status == KJ_OK)
    status = check_one(settings, settings->predictions, err);
  if (status == KJ_OK)
    status = check_one(settings, svg, err);
  if (status != KJ_OK || !svg || strlen(svg) < 4)
    return status;
  char *beside = strdup(svg); /* its table */
  if (!beside)
    return kj__fail_memory(err, "a name");
  memcpy(beside + strlen(svg) - 3, "csv", 3);
  status = check_one(settings, beside, err);
  free(beside);
  return status;
}
