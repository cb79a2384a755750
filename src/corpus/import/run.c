/*
 * run.c: an import from its name to its table.
 */
#define _POSIX_C_SOURCE 200809L
#include "corpus/import/import.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/index.h"
#include "corpus/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

size_t kj_importer_count(void)
{
  return KJ__N_IMPORTERS;
}

const kj_importer *kj_importer_at(size_t index)
{
  return index < KJ__N_IMPORTERS ? &KJ__IMPORTERS[index].about : NULL;
}

/* ---- what is asked ---- */

static kj_status fail_unknown(const char *name, kj_error *err)
{
  char nearest[128];
  const char **names = kj__allocate(NULL, KJ__N_IMPORTERS, sizeof *names);
  if (!names)
    return kj__fail_memory(err, "the names of corpora");
  for (size_t i = 0; i < KJ__N_IMPORTERS; i++)
    names[i] = KJ__IMPORTERS[i].about.name;
  kj__nearest(nearest, sizeof nearest, name, NULL, names, KJ__N_IMPORTERS);
  kj__release(NULL, (void *)names);
  return kj__fail(err, KJ_EARGUMENT, "corpus is \"%s\"; nearest names: %s",
                  name, nearest);
}

static kj_status find(const char *name, const kj_import_options *options,
                      const kj__importer **found, kj_error *err)
{
  for (size_t i = 0; i < KJ__N_IMPORTERS; i++) {
    const kj__importer *importer = &KJ__IMPORTERS[i];
    if (strcmp(importer->about.name, name) != 0)
      continue;
    if (options->ratings && !importer->takes_ratings)
      return kj__fail(err, KJ_EARGUMENT,
                      "ratings is \"%s\"; %s has its own, and takes no table",
                      options->ratings, importer->about.title);
    *found = importer;
    return KJ_OK;
  }
  return fail_unknown(name, err);
}

static kj_status check_folder(const char *folder, kj_error *err)
{
  struct stat info;
  if (stat(folder, &info) != 0)
    return kj__fail(err, KJ_EFILE, "%s: %s", folder, strerror(errno));
  if (!S_ISDIR(info.st_mode))
    return kj__fail(err, KJ_EFILE, "%s: is a file; must be a corpus's folder",
                    folder);
  return KJ_OK;
}

/* `folder` without the '/' at its end, but for the root. */
static const char *without_slash(kj__arena *arena, const char *folder)
{
  size_t n = strlen(folder);
  while (n > 1 && folder[n - 1] == '/')
    n--;
  char *copy = kj__arena_take(arena, n + 1, 1);
  if (copy)
    memcpy(copy, folder, n);
  return copy;
}

/* ---- what came of it ---- */

static kj_status count_speakers(const kj__import *import, size_t *n,
                                kj_error *err)
{
  kj__index index = {0};
  size_t existing = 0;
  bool ok = true;
  for (size_t i = 0; i < import->n && ok; i++) {
    const char *speaker = import->row[i].speaker;
    if (speaker && speaker[0])
      ok = kj__index_add(&index, speaker, i, &existing);
  }
  *n = index.n;
  kj__index_clear(&index);
  return ok ? KJ_OK : kj__fail_memory(err, "the speakers");
}

/* The tallies become notes; a count that is not the corpus's own is one. */
static kj_status tell(kj__import *import, kj_error *err)
{
  kj_status status = KJ_OK;
  const size_t expected = import->importer->n_utterances;
  if (expected > 0 && import->n != expected)
    status =
        kj__import_note(import, err, "%zu utterances; the whole corpus has %zu",
                        import->n, expected);
  for (size_t i = 0; i < import->n_tallies && status == KJ_OK; i++) {
    const kj__tally *tally = &import->tally[i];
    status =
        kj__import_note(import, err, "%s: %zu (%s%s)", tally->what, tally->n,
                        tally->example, tally->n > 3 ? ", ..." : "");
  }
  return status;
}

static kj_status fill_report(const kj__import *import, kj_import_report *report,
                             kj_error *err)
{
  kj_import_report filled = {.n_rows = import->n};
  kj_status status = count_speakers(import, &filled.n_speakers, err);
  if (status != KJ_OK)
    return status;
  filled.note = kj__allocate(NULL, import->n_notes, sizeof *filled.note);
  bool ok = filled.note != NULL;
  for (size_t i = 0; i < import->n_notes && ok; i++) {
    filled.note[i] = kj__copy_text(import->note[i]);
    ok = filled.note[i] != NULL;
    filled.n_notes += ok;
  }
  if (ok)
    *report = filled;
  else
    kj_import_report_clear(&filled);
  return ok ? KJ_OK : kj__fail_memory(err, "the report");
}

void kj_import_report_clear(kj_import_report *report)
{
  if (!report)
    return;
  for (size_t i = 0; i < report->n_notes; i++)
    kj__release(NULL, report->note[i]);
  kj__release(NULL, (void *)report->note);
  *report = (kj_import_report){0};
}

/* ---- all of it ---- */

static void clear(kj__import *import)
{
  kj__release(NULL, import->row);
  kj__release(NULL, (void *)import->note);
  kj__release(NULL, import->tally);
  kj__arena_destroy(import->arena);
}

static kj_status read_corpus(kj__import *import, const kj__importer *importer,
                             const char *folder, kj_error *err)
{
  kj_status status = check_folder(folder, err);
  import->arena = kj__arena_create();
  import->folder = import->arena ? without_slash(import->arena, folder) : NULL;
  if (status == KJ_OK && !import->folder)
    status = kj__fail_memory(err, folder);
  if (status == KJ_OK)
    status = importer->run(import, err);
  if (status == KJ_OK && import->n == 0)
    status = kj__import_refuse(import, err, "no labelled utterance was found");
  return status == KJ_OK ? tell(import, err) : status;
}

kj_status kj_import_run(const char *name, const char *folder,
                        const kj_import_options *options, const char *output,
                        kj_import_report *report, kj_error *err)
{
  const kj_import_options none = {0};
  const kj__importer *importer = NULL;
  kj_import_report filled = {0};
  kj_status status = find(name, options ? options : &none, &importer, err);
  if (status != KJ_OK)
    return status;
  kj__import import = {.importer = &importer->about,
                       .options = options ? *options : none};
  status = read_corpus(&import, importer, folder, err);
  if (status == KJ_OK)
    status = fill_report(&import, &filled, err);
  if (status == KJ_OK)
    status = kj__standard_write(import.row, import.n, output, err);
  if (status == KJ_OK && report) {
    *report = filled;
    filled = (kj_import_report){0};
  }
  kj_import_report_clear(&filled);
  clear(&import);
  return status;
}
