/*
 * msp_podcast.c: MSP-Podcast (Lotfian & Busso, 2019), and WHiSER, which has
 * the same layout:
 *
 *   Labels/labels_consensus.csv    (older releases: labels_concensus.csv)
 *   Labels/labels.txt, ...         single ratings, optional (msp_votes.c)
 *   Audios/MSP-PODCAST_0001_0008.wav
 *   Transcripts/MSP-PODCAST_0001_0008.txt
 *
 * Columns are found by their names: FileName, EmoClass, EmoAct, EmoVal, EmoDom,
 * SpkrID, Gender, Split_Set, in any order.
 */
#include "corpus/import/msp_podcast.h"

#include "base/error.h"
#include "base/file.h"
#include "corpus/csv.h"
#include "corpus/import/lines.h"
#include "corpus/import/msp.h"
#include "corpus/path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_TRANSCRIPT = 60000 /* bytes: a cell of a table holds no more */ };

enum {
  FILE_NAME,
  VALENCE,
  ACTIVATION,
  DOMINANCE,
  CLASS,
  SPEAKER,
  GENDER,
  SPLIT,
  N_COLUMNS
};
static const char *const COLUMN[N_COLUMNS] = {"FileName", "EmoVal",   "EmoAct",
                                              "EmoDom",   "EmoClass", "SpkrID",
                                              "Gender",   "Split_Set"};
enum { N_NEEDED = CLASS };

typedef struct reader {
  kj__import *import;
  const char *labels, *sound; /* folders */
  bool has_transcripts;
  kj__votes votes;
  size_t at[N_COLUMNS];
} reader;

/* ---- cells ---- */

static const char *cell(const reader *r, const kj__csv *csv, int column)
{
  return r->at[column] == KJ__NONE ? "" : csv->cell[r->at[column]];
}

static bool is_unknown(const char *text)
{
  return text[0] == '\0' || strcasecmp(text, "unknown") == 0;
}

static const char *gender_of(const char *text)
{
  const char first = text[0];
  if (first == 'F' || first == 'f')
    return "f";
  return first == 'M' || first == 'm' ? "m" : "";
}

/* "Test1" becomes "test1"; older releases say Validation for Development. */
static const char *part_of(kj__import *import, const char *text)
{
  if (strcasecmp(text, "validation") == 0)
    return "development";
  const char *copy = kj__arena_text(import->arena, text);
  if (!copy || !copy[0])
    return copy;
  char *lower = kj__arena_take(import->arena, strlen(text) + 1, 1);
  for (size_t i = 0; lower && text[i]; i++)
    lower[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a')
                                                : text[i];
  return lower;
}

/* ---- rows ---- */

static kj_status read_transcript(reader *r, kj__imported *row, kj_error *err)
{
  const char *path =
      kj__import_path(r->import, "Transcripts/%s.txt", row->utterance);
  if (!path)
    return kj__fail_memory(err, "a name");
  if (!r->has_transcripts)
    return KJ_OK;
  if (!kj__import_exists(path))
    return kj__import_tally(r->import, err, "utterances without a transcript",
                            "%s", row->utterance);
  char *text = NULL;
  size_t size = 0;
  kj_status status = kj__file_read(path, MAX_TRANSCRIPT, &text, &size, err);
  if (status == KJ_OK)
    row->text = kj__arena_text(r->import->arena, kj__trimmed(text));
  if (status == KJ_OK && !row->text)
    status = kj__fail_memory(err, "the transcripts");
  free(text);
  return status;
}

static kj_status read_ratings(reader *r, const kj__csv *csv, kj__imported *row,
                              kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t d = 0; d < KJ__N_DIMENSIONS && status == KJ_OK; d++) {
    double mean = (double)NAN;
    status = kj__csv_number(csv, r->at[VALENCE + (int)d], &mean, err);
    if (status == KJ_OK)
      status = kj__votes_get(r->import, &r->votes, cell(r, csv, FILE_NAME),
                             (kj__dimension)d, &row->rated[d], err);
    row->rated[d].mean = mean;
  }
  return status;
}

static kj_status read_speaker(reader *r, const kj__csv *csv, kj__imported *row,
                              kj_error *err)
{
  row->gender = gender_of(cell(r, csv, GENDER));
  row->speaker = cell(r, csv, SPEAKER);
  if (!is_unknown(row->speaker))
    return KJ_OK;
  row->speaker = "";
  return kj__import_tally(r->import, err, "utterances of unknown speakers",
                          "%s", row->utterance);
}

/* "MSP-PODCAST_0001_0008" is of the podcast "MSP-PODCAST_0001". */
static const char *session_of(kj__import *import, const char *utterance)
{
  const char *last = strrchr(utterance, '_');
  return last ? kj__import_text(import, "%.*s", (int)(last - utterance),
                                utterance)
              : "";
}

static kj_status read_row(void *context, const kj__csv *csv, kj_error *err)
{
  reader *r = context;
  kj__import *import = r->import;
  kj__imported row = kj__imported_empty();
  const char *file = cell(r, csv, FILE_NAME);
  if (!file[0])
    return kj__csv_fail(csv, r->at[FILE_NAME], err,
                        "is empty; every row needs one");
  row.utterance = kj__path_stem(import->arena, file);
  row.file = kj__import_text(import, "%s/%s", r->sound, file);
  row.part = part_of(import, cell(r, csv, SPLIT));
  if (row.utterance)
    row.session = session_of(import, row.utterance);
  if (!row.utterance || !row.file || !row.part || !row.session)
    return kj__fail_memory(err, "the utterances");
  kj_status status = read_ratings(r, csv, &row, err);
  if (status == KJ_OK)
    status = read_speaker(r, csv, &row, err);
  if (status == KJ_OK)
    status = read_transcript(r, &row, err);
  if (status != KJ_OK)
    return status;
  row.language = "en";
  row.emotion = kj__msp_emotion(cell(r, csv, CLASS));
  row.spontaneous = 1;
  row.low = 1;
  row.high = 7;
  return kj__import_add(import, &row, err);
}

static kj_status read_header(void *context, const kj__csv *csv, kj_error *err)
{
  reader *r = context;
  for (int i = 0; i < N_COLUMNS; i++) {
    r->at[i] = kj__csv_find(csv, COLUMN[i]);
    if (r->at[i] == KJ__NONE && i < N_NEEDED)
      return kj__fail(err, KJ_EDATA,
                      "%s: no column \"%s\"; must have FileName, EmoAct, "
                      "EmoVal, EmoDom",
                      csv->name, COLUMN[i]);
  }
  return KJ_OK;
}

/* ---- the corpus ---- */

/* The first of the names that is there, in *found; NULL where none is. */
static kj_status find(kj__import *import, const char *const *name, size_t n,
                      const char **found, kj_error *err)
{
  *found = NULL;
  for (size_t i = 0; i < n && !*found; i++) {
    const char *path = kj__import_path(import, "%s", name[i]);
    if (!path)
      return kj__fail_memory(err, "a name");
    if (kj__import_exists(path))
      *found = path;
  }
  return KJ_OK;
}

static kj_status find_folders(reader *r, const char **consensus, kj_error *err)
{
  static const char *const tables[] = {
      "Labels/labels_consensus.csv", "Labels/labels_concensus.csv",
      "labels_consensus.csv", "labels_concensus.csv"};
  static const char *const folders[] = {"Audios", "Audio"};
  const char *transcripts = NULL;
  kj_status status = find(r->import, tables, 4, consensus, err);
  if (status == KJ_OK && !*consensus)
    return kj__import_refuse(r->import, err,
                             "no Labels/labels_consensus.csv (also spelt "
                             "labels_concensus.csv)");
  if (status == KJ_OK)
    status = find(r->import, folders, 2, &r->sound, err);
  if (status == KJ_OK)
    status = find(r->import, (const char *const[]){"Transcripts"}, 1,
                  &transcripts, err);
  if (status != KJ_OK)
    return status;
  r->has_transcripts = transcripts != NULL;
  if (!r->sound)
    r->sound = kj__import_path(r->import, "Audios");
  const char *slash = strrchr(*consensus, '/');
  r->labels =
      kj__import_text(r->import, "%.*s", (int)(slash - *consensus), *consensus);
  return r->sound && r->labels ? KJ_OK : kj__fail_memory(err, "a name");
}

kj_status kj__import_msp_podcast(kj__import *import, kj_error *err)
{
  reader r = {.import = import};
  const char *consensus = NULL;
  kj_status status = find_folders(&r, &consensus, err);
  if (status == KJ_OK)
    status = kj__votes_read(import, r.labels, &r.votes, err);
  if (status == KJ_OK) {
    const kj__csv_source source = {.name = consensus};
    const kj__csv_visitor visitor = {&r, read_header, read_row};
    status = kj__csv_read(&source, &visitor, err);
  }
  kj__votes_clear(&r.votes);
  return status;
}
