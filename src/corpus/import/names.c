/*
 * names.c: sound files whose names are codes.
 */
#include "corpus/import/names.h"

#include "base/error.h"
#include "corpus/import/folder.h"
#include "corpus/path.h"

#include <stdio.h>
#include <string.h>

void kj__parts_split(const char *name, char separator, kj__parts *parts)
{
  parts->n = 0;
  if (strlen(name) >= sizeof parts->text)
    return;
  snprintf(parts->text, sizeof parts->text, "%s", name);
  for (char *c = parts->text; c;) {
    if (parts->n == KJ__MAX_PARTS) {
      parts->n = 0;
      return;
    }
    parts->part[parts->n++] = c;
    c = strchr(c, separator);
    if (c)
      *c++ = '\0';
  }
}

bool kj__is_digits(const char *text, size_t n)
{
  return strlen(text) == n && strspn(text, "0123456789") == n;
}

const char *kj__code_word(const kj__code *codes, const char *code)
{
  for (; codes->code; codes++)
    if (strcmp(codes->code, code) == 0)
      return codes->word;
  return NULL;
}

/* ---- files ---- */

typedef struct walk {
  kj__import *import;
  kj__name_reader *reader;
  void *context;
  const char *example;
  kj__index seen; /* utterances */
} walk;

static kj_status tell_other(walk *w, const char *path, kj_error *err)
{
  const char *what = kj__import_text(
      w->import, "sound files with names unlike %s, left out", w->example);
  return what ? kj__import_tally(w->import, err, what, "%s", path)
              : kj__fail_memory(err, path);
}

static kj_status add_file(walk *w, const char *path, kj_error *err)
{
  const char *stem = kj__path_stem(w->import->arena, path);
  kj__imported row = kj__imported_empty();
  size_t known = KJ__NONE;
  if (!stem)
    return kj__fail_memory(err, path);
  row.file = path;
  row.utterance = stem;
  if (!w->reader(w->context, path, stem, &row))
    return tell_other(w, path, err);
  const char *key = kj__arena_text(w->import->arena, row.utterance);
  if (!key || !kj__index_add(&w->seen, key, 0, &known))
    return kj__fail_memory(err, path);
  if (known != KJ__NONE)
    return kj__import_tally(w->import, err,
                            "sound files of an utterance that is there "
                            "already, left out",
                            "%s", path);
  return kj__import_add(w->import, &row, err);
}

kj_status kj__names_each(kj__import *import, kj__name_reader *reader,
                         void *context, const char *example, kj_error *err)
{
  static const char *const endings[] = {".wav", ".flac", ".mp3"};
  walk w = {import, reader, context, example, {0}};
  kj__files files = {0};
  kj_status status = KJ_OK;
  for (size_t e = 0; e < 3 && status == KJ_OK; e++)
    status = kj__folder_files(import->folder, endings[e], import->arena, &files,
                              err);
  for (size_t i = 0; i < files.n && status == KJ_OK; i++)
    status = add_file(&w, files.path[i], err);
  if (status == KJ_OK && import->n == 0)
    status =
        kj__import_refuse(import, err, "no sound file named like %s", example);
  kj__index_clear(&w.seen);
  kj__files_clear(&files);
  return status;
}
