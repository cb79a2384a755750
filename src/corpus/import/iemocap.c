/*
 * iemocap.c: IEMOCAP (Busso et al., 2008), IEMOCAP_full_release/:
 *
 *   Session1/dialog/EmoEvaluation/DIALOG.txt    labels (iemocap_turns.c)
 *   Session1/dialog/transcriptions/DIALOG.txt   ID [006.2901-008.2357]: text
 *   Session1/sentences/wav/DIALOG/ID.wav
 *
 * DIALOG is the id without its last part. Who speaks is told by that part:
 * the letter after the session only says who wore the markers of the motion
 * capture, and is another one in half of the utterances.
 */
#define _POSIX_C_SOURCE 200809L
#include "corpus/import/iemocap.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "corpus/import/folder.h"
#include "corpus/import/import.h"
#include "corpus/import/lines.h"
#include "corpus/index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  N_SESSIONS = 5,
  MAX_BYTES = 1 << 24,
  N_IMPROVISED = 4784, /* of the whole corpus, and */
  N_SCRIPTED = 5255
};

typedef struct reader {
  kj__import *import;
  int session;
  kj__index transcript; /* id -> index of its text */
  const char **text;
  size_t n_texts, texts_capacity;
  size_t n_of[2]; /* scripted, improvised */
} reader;

/* ---- transcripts ---- */

/* "ID [006.2901-008.2357]: text"; lines without an id are passed over, and
 * ids without a label (overlaps, "..._MXX0") are never asked for. */
static kj_status read_transcript(void *context, const kj__line *line,
                                 kj_error *err)
{
  reader *r = context;
  char *end = strpbrk(line->text, " \t");
  char *text = end ? strstr(end, "]:") : NULL;
  if (strncmp(line->text, "Ses", 3) != 0 || !text)
    return KJ_OK;
  *end = '\0';
  void *items = r->text;
  size_t existing = 0;
  const char *id = kj__arena_text(r->import->arena, line->text);
  const char *kept = kj__arena_text(r->import->arena, kj__trimmed(text + 2));
  if (!id || !kept ||
      !kj__grow(&items, &r->texts_capacity, r->n_texts + 1, sizeof *r->text) ||
      !kj__index_add(&r->transcript, id, r->n_texts, &existing))
    return kj__fail_memory(err, "the transcripts");
  r->text = items;
  r->text[r->n_texts++] = kept;
  return KJ_OK;
}

static kj_status read_transcripts(reader *r, kj_error *err)
{
  kj__files files = {0};
  const char *folder =
      kj__import_path(r->import, "Session%d/dialog/transcriptions", r->session);
  if (!folder)
    return kj__fail_memory(err, "a name");
  if (!kj__import_exists(folder))
    return KJ_OK; /* told for each utterance */
  kj_status status =
      kj__folder_files(folder, ".txt", r->import->arena, &files, err);
  for (size_t i = 0; i < files.n && status == KJ_OK; i++)
    status = kj__lines_read(files.path[i], read_transcript, r, err);
  kj__files_clear(&files);
  return status;
}

static const char *transcript_of(reader *r, const char *id, kj_status *status,
                                 kj_error *err)
{
  const size_t i = kj__index_find(&r->transcript, id);
  if (i != KJ__NONE)
    return r->text[i];
  *status = kj__import_tally(r->import, err, "utterances without a transcript",
                             "%s", id);
  return NULL;
}

/* ---- utterances ---- */

/* The summary's mean is over the external raters: told where it is not. */
static kj_status check_mean(reader *r, const kj__iemocap_turn *turn,
                            const kj__rated *rated, double mean, kj_error *err)
{
  if (isnan(rated->mean) || fabs(rated->mean - mean) < 0.001)
    return KJ_OK;
  return kj__import_tally(r->import, err,
                          "means that are not those of their raters", "%s %g",
                          turn->id, mean);
}

static kj_status fill_ratings(reader *r, const kj__iemocap_turn *turn,
                              kj__imported *row, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t d = 0; d < KJ__N_DIMENSIONS && status == KJ_OK; d++) {
    row->rated[d] = kj__rated_over(turn->rating[d], turn->n_ratings[d]);
    status = check_mean(r, turn, &row->rated[d], turn->mean[d], err);
    row->rated[d].mean = turn->mean[d];
  }
  if (status == KJ_OK && turn->n_missing > 0)
    status = kj__import_tally(r->import, err,
                              "utterances with a rater's number missing", "%s",
                              turn->id);
  return status;
}

static kj_status add_turn(void *context, const kj__iemocap_turn *turn,
                          kj_error *err)
{
  reader *r = context;
  kj__import *import = r->import;
  kj__imported row = kj__imported_empty();
  const char *last = strrchr(turn->id, '_');
  const int n_dialog = (int)(last - turn->id);
  const bool is_improvised = strncmp(turn->id + 7, "impro", 5) == 0;
  kj_status status = fill_ratings(r, turn, &row, err);
  if (status == KJ_OK)
    row.text = transcript_of(r, turn->id, &status, err);
  row.file = kj__import_path(import, "Session%d/sentences/wav/%.*s/%s.wav",
                             r->session, n_dialog, turn->id, turn->id);
  row.speaker = kj__import_text(import, "%.5s%c", turn->id, last[1]);
  row.session = kj__import_text(import, "%.5s", turn->id);
  if (status != KJ_OK)
    return status;
  if (!row.file || !row.speaker || !row.session)
    return kj__fail_memory(err, "the utterances");
  row.utterance = turn->id;
  row.gender = last[1] == 'F' ? "f" : "m";
  row.language = "en";
  row.spontaneous = is_improvised;
  row.emotion = turn->emotion;
  row.low = 1;
  row.high = 5;
  r->n_of[is_improvised]++;
  return kj__import_add(import, &row, err);
}

static kj_status read_evaluation(reader *r, const char *path, kj_error *err)
{
  char *text = NULL;
  size_t size = 0;
  kj_status status = kj__file_read(path, MAX_BYTES, &text, &size, err);
  if (status == KJ_OK)
    status = kj__iemocap_read(path, text, size, add_turn, r, err);
  free(text);
  return status;
}

/* ---- sessions ---- */

/* The session's labels; a session that is not there adds nothing. */
static kj_status read_session(reader *r, kj_error *err)
{
  kj__files files = {0};
  const char *folder =
      kj__import_path(r->import, "Session%d/dialog/EmoEvaluation", r->session);
  if (!folder)
    return kj__fail_memory(err, "a name");
  if (!kj__import_exists(folder))
    return KJ_OK;
  kj_status status = read_transcripts(r, err);
  if (status == KJ_OK)
    status = kj__folder_files_in(folder, ".txt", r->import->arena, &files, err);
  for (size_t i = 0; i < files.n && status == KJ_OK; i++)
    status = read_evaluation(r, files.path[i], err);
  kj__files_clear(&files);
  return status;
}

static kj_status tell_counts(const reader *r, kj_error *err)
{
  if (r->n_of[1] == N_IMPROVISED && r->n_of[0] == N_SCRIPTED)
    return KJ_OK;
  return kj__import_note(r->import, err,
                         "%zu improvised and %zu scripted; the whole corpus "
                         "has %d and %d",
                         r->n_of[1], r->n_of[0], N_IMPROVISED, N_SCRIPTED);
}

kj_status kj__import_iemocap(kj__import *import, kj_error *err)
{
  reader r = {.import = import};
  kj_status status = KJ_OK;
  for (r.session = 1; r.session <= N_SESSIONS && status == KJ_OK; r.session++)
    status = read_session(&r, err);
  kj__index_clear(&r.transcript);
  kj__release(NULL, (void *)r.text);
  if (status == KJ_OK && r.n_of[0] + r.n_of[1] == 0)
    return kj__import_refuse(import, err,
                             "no utterance in Session1..Session5/dialog/"
                             "EmoEvaluation/*.txt");
  return status == KJ_OK ? tell_counts(&r, err) : status;
}
