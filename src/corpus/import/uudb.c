/*
 * uudb.c: Utsunomiya University Spoken Dialogue Database for Paralinguistic
 * Information Studies (Mori et al., 2011):
 *
 *   Sessions/C001/C001.xml       labels (uudb_xml.c)
 *   Sessions/C001/C001.wav       two channels, a speaker on each
 *   var/C001/C001L_001.wav       one utterance; may be missing, for it can be
 *                                cut from the two above
 */
#include "corpus/import/uudb.h"

#include "base/error.h"
#include "base/file.h"
#include "corpus/import/folder.h"
#include "corpus/import/import.h"
#include "corpus/path.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 1 << 28 };

/* C001..C007 are one pair of speakers, C011..C013 another, ...: what tells a
 * pair are three characters. */
enum { N_PAIR = 3 };

typedef struct reader {
  kj__import *import;
  const char *session; /* "C001" */
} reader;

/* The utterance's own file, or else its piece of the session's. */
static kj_status find_sound(reader *r, const kj__uudb_utterance *u,
                            kj__imported *row, kj_error *err)
{
  kj__import *import = r->import;
  const char *own =
      u->wav[0] ? kj__import_path(import, "var/%s/%s", r->session, u->wav)
                : kj__import_path(import, "var/%s/%s.wav", r->session,
                                  row->utterance);
  if (!own)
    return kj__fail_memory(err, "a name");
  if (kj__import_exists(own)) {
    row->file = own;
    return KJ_OK;
  }
  row->file =
      kj__import_path(import, "Sessions/%s/%s.wav", r->session, r->session);
  row->start_s = u->start_s;
  row->end_s = u->end_s;
  row->channel = u->channel == 'L' ? "left" : "right";
  if (!row->file)
    return kj__fail_memory(err, "a name");
  return kj__import_tally(import, err,
                          "utterances without a file of their own, cut from "
                          "their session's",
                          "%s", row->utterance);
}

static bool is_rated(const kj__uudb_utterance *u)
{
  return u->n_ratings[KJ__VALENCE] > 0 || u->n_ratings[KJ__ACTIVATION] > 0 ||
         u->n_ratings[KJ__DOMINANCE] > 0;
}

static kj_status add_utterance(void *context, const kj__uudb_utterance *u,
                               kj_error *err)
{
  reader *r = context;
  kj__import *import = r->import;
  kj__imported row = kj__imported_empty();
  row.utterance =
      kj__import_text(import, "%s%c_%s", r->session, u->channel, u->id);
  row.speaker =
      kj__import_text(import, "%.*s%c", N_PAIR, r->session, u->channel);
  if (!row.utterance || !row.speaker)
    return kj__fail_memory(err, "the utterances");
  if (!is_rated(u))
    return kj__import_tally(import, err,
                            "utterances without a rating, left out", "%s",
                            row.utterance);
  const kj_status status = find_sound(r, u, &row, err);
  if (status != KJ_OK)
    return status;
  row.session = r->session;
  row.language = "ja";
  row.spontaneous = 1;
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++)
    row.rated[d] = kj__rated_over(u->rating[d], u->n_ratings[d]);
  row.low = 1;
  row.high = 7;
  return kj__import_add(import, &row, err);
}

static kj_status read_document(reader *r, const char *path, kj_error *err)
{
  char *text = NULL;
  size_t size = 0;
  kj_status status = kj__file_read(path, MAX_BYTES, &text, &size, err);
  r->session = kj__path_stem(r->import->arena, path);
  if (status == KJ_OK && !r->session)
    status = kj__fail_memory(err, "a name");
  if (status == KJ_OK)
    status = kj__uudb_read(path, text, size, add_utterance, r, err);
  free(text);
  return status;
}

/* SESSION/SESSION.xml: not speakers.xml, whose content is not known. */
static bool is_document(const char *path)
{
  const char *name = strrchr(path, '/');
  if (!name)
    return false;
  const size_t n = strlen(name + 1) - strlen(".xml");
  return (size_t)(name - path) > n && name[-1 - (long)n] == '/' &&
         strncmp(name - n, name + 1, n) == 0;
}

kj_status kj__import_uudb(kj__import *import, kj_error *err)
{
  reader r = {.import = import};
  kj__files files = {0};
  const char *folder = kj__import_path(import, "Sessions");
  if (!folder)
    return kj__fail_memory(err, "a name");
  if (!kj__import_exists(folder))
    return kj__import_refuse(import, err, "no Sessions/C001/C001.xml");
  kj_status status =
      kj__folder_files(folder, ".xml", import->arena, &files, err);
  for (size_t i = 0; i < files.n && status == KJ_OK; i++)
    if (is_document(files.path[i]))
      status = read_document(&r, files.path[i], err);
  kj__files_clear(&files);
  if (status == KJ_OK && !r.session)
    return kj__import_refuse(import, err, "no Sessions/C001/C001.xml");
  if (status == KJ_OK)
    status = kj__import_note(
        import, err,
        "a speaker is a channel of the sessions whose names share three "
        "characters (C001..C007: one pair): the corpus does not say it in a "
        "form that is read, nor the speakers' gender");
  return status;
}
