/*
 * ogvc.c: Online Gaming Voice Chat Corpus with Emotional Label (Arimoto &
 * Kawatsu, 2013): natural dialogues (Vol1), and their lines acted (Vol2):
 *
 *   Natural/eval/category.txt   fid,uid,ans1,ans2,ans3: emotions by raters
 *   Natural/trans/01_MAD_1.txt  utterance, start, end, ..., text
 *   Natural/wav/01_MAD_1.wav    the whole dialogue of one player
 *   Acted/wav/F1/A/FOY0101ANT0.wav
 *
 * The two may lie in the folder itself or in OGVC_Vol1, OGVC_Vol2, Vol1, Vol2
 * below it; one alone will do. The name of an acted file is role, dialogue,
 * line, emotion, intensity. The corpus has no ratings of dimensions.
 */
#define _POSIX_C_SOURCE 200809L /* strtok_r */
#include "corpus/import/import.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/csv.h"
#include "corpus/import/folder.h"
#include "corpus/import/lines.h"
#include "corpus/index.h"
#include "corpus/number.h"
#include "corpus/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ANSWERS = 16, MAX_ID = 64 };

/* Where an utterance lies in its dialogue, and what is said. */
typedef struct span {
  double start_s, end_s;
  const char *text;
} span;

typedef struct reader {
  kj__import *import;
  const char *natural;    /* ".../Natural", or NULL */
  const char *acted;      /* ".../Acted", or NULL */
  const char *transcript; /* being read: "01_MAD_1" */
  kj__index index;        /* "01_MAD_1-0001" -> index in span */
  span *span;
  size_t n_spans, capacity;
  size_t dialogue, number; /* columns of category.txt */
} reader;

/* The name of a natural utterance, or NULL. */
static const char *name_of(kj__import *import, const char *dialogue,
                           double number)
{
  return kj__import_text(import, "%s-%04.0f", dialogue, number);
}

/* ---- natural: where the utterances are ---- */

/* "1,0.52,1.93,...,text", with commas or tabs. Other lines are passed over:
 * an utterance that is not found in the end is told. */
static kj_status read_span(void *context, const kj__line *line, kj_error *err)
{
  reader *r = context;
  char *rest = NULL;
  double number[3];
  span found = {.text = ""};
  for (int i = 0; i < 3; i++) {
    char *field = strtok_r(i == 0 ? line->text : NULL, "\t,", &rest);
    if (!field || !kj__number_parse(kj__trimmed(field), &number[i]))
      return KJ_OK;
  }
  for (char *field; (field = strtok_r(NULL, "\t,", &rest));)
    found.text = kj__trimmed(field);
  found.start_s = number[1];
  found.end_s = number[2];
  found.text = kj__arena_text(r->import->arena, found.text);
  const char *name = name_of(r->import, r->transcript, number[0]);
  void *items = r->span;
  size_t existing = 0;
  if (found.start_s < 0 || found.end_s <= found.start_s)
    return kj__line_fail(line, err, "from %g to %g s; must end after it begins",
                         found.start_s, found.end_s);
  if (!found.text || !name ||
      !kj__grow(&items, &r->capacity, r->n_spans + 1, sizeof found))
    return kj__fail_memory(err, "the transcripts");
  r->span = items;
  r->span[r->n_spans] = found;
  if (!kj__index_add(&r->index, name, r->n_spans++, &existing))
    return kj__fail_memory(err, "the transcripts");
  return KJ_OK;
}

static kj_status read_spans(reader *r, kj_error *err)
{
  kj__files files = {0};
  const char *folder = kj__import_text(r->import, "%s/trans", r->natural);
  if (!folder)
    return kj__fail_memory(err, "a name");
  if (!kj__import_exists(folder))
    return KJ_OK; /* told for each utterance */
  kj_status status =
      kj__folder_files_in(folder, ".txt", r->import->arena, &files, err);
  for (size_t i = 0; i < files.n && status == KJ_OK; i++) {
    r->transcript = kj__path_stem(r->import->arena, files.path[i]);
    status = r->transcript ? kj__lines_read(files.path[i], read_span, r, err)
                           : kj__fail_memory(err, "a name");
  }
  kj__files_clear(&files);
  return status;
}

/* ---- natural: what the utterances are ---- */

static void lower_case(char *dst, size_t size, const char *text)
{
  size_t i = 0;
  for (; text[i] && i + 1 < size; i++)
    dst[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a')
                                              : text[i];
  dst[i] = '\0';
}

/* The answer that most raters gave, and at least two of several; or "". */
static const char *agreed(const char *const *answer, size_t n)
{
  const char *best = "";
  size_t most = n > 1 ? 1 : 0;
  for (size_t i = 0; i < n; i++) {
    size_t votes = 0;
    for (size_t j = 0; j < n; j++)
      votes += strcmp(answer[i], answer[j]) == 0;
    if (votes > most) {
      most = votes;
      best = answer[i];
    }
  }
  return best;
}

static const char *emotion_of(const reader *r, const kj__csv *csv)
{
  const char *answer[MAX_ANSWERS];
  size_t n = 0;
  for (size_t i = 0; i < csv->n_columns && n < MAX_ANSWERS; i++)
    if (i != r->dialogue && i != r->number && csv->cell[i][0])
      answer[n++] = csv->cell[i];
  return agreed(answer, n);
}

/* "01_MAD_1": the player 01_MAD, a man. */
static kj_status fill_natural(reader *r, const kj__csv *csv, kj__imported *row,
                              kj_error *err)
{
  const char *dialogue = csv->cell[r->dialogue];
  const size_t n = strlen(dialogue);
  const bool has_part = n > 2 && dialogue[n - 2] == '_';
  char emotion[16];
  lower_case(emotion, sizeof emotion, emotion_of(r, csv));
  const size_t i = kj__index_find(&r->index, row->utterance);
  row->start_s = r->span[i].start_s;
  row->end_s = r->span[i].end_s;
  row->text = r->span[i].text;
  row->file = kj__import_text(r->import, "%s/wav/%s.wav", r->natural, dialogue);
  row->speaker =
      kj__import_text(r->import, "%.*s", (int)(has_part ? n - 2 : n), dialogue);
  row->emotion = kj__arena_text(r->import->arena, emotion);
  if (!row->file || !row->speaker || !row->emotion)
    return kj__fail_memory(err, "the utterances");
  row->gender = n > 3 && dialogue[3] == 'F'   ? "f"
                : n > 3 && dialogue[3] == 'M' ? "m"
                                              : "";
  row->session = dialogue;
  row->language = "ja";
  row->spontaneous = 1;
  return KJ_OK;
}

static kj_status read_row(void *context, const kj__csv *csv, kj_error *err)
{
  reader *r = context;
  kj__imported row = kj__imported_empty();
  double number = 0;
  kj_status status = kj__csv_number(csv, r->number, &number, err);
  if (status != KJ_OK)
    return status;
  row.utterance = name_of(r->import, csv->cell[r->dialogue], number);
  if (!row.utterance)
    return kj__fail_memory(err, "the utterances");
  if (kj__index_find(&r->index, row.utterance) == KJ__NONE)
    return kj__import_tally(r->import, err,
                            "natural utterances whose times are not found in "
                            "trans/, left out",
                            "%s", row.utterance);
  status = fill_natural(r, csv, &row, err);
  if (status == KJ_OK && !row.emotion[0])
    status = kj__import_tally(r->import, err,
                              "utterances on whose emotion the raters do not "
                              "agree",
                              "%s", row.utterance);
  return status == KJ_OK ? kj__import_add(r->import, &row, err) : status;
}

static kj_status read_header(void *context, const kj__csv *csv, kj_error *err)
{
  reader *r = context;
  r->dialogue = kj__csv_find(csv, "fid");
  r->number = kj__csv_find(csv, "uid");
  if (r->dialogue == KJ__NONE || r->number == KJ__NONE)
    return kj__fail(err, KJ_EDATA,
                    "%s: no column \"fid\" and \"uid\"; must be fid,uid,ans1,"
                    "ans2,ans3",
                    csv->name);
  return KJ_OK;
}

static kj_status read_natural(reader *r, kj_error *err)
{
  const char *path =
      kj__import_text(r->import, "%s/eval/category.txt", r->natural);
  if (!path)
    return kj__fail_memory(err, "a name");
  if (!kj__import_exists(path))
    return kj__import_refuse(r->import, err, "no Natural/eval/category.txt");
  kj_status status = read_spans(r, err);
  const kj__csv_source source = {.name = path};
  const kj__csv_visitor visitor = {r, read_header, read_row};
  return status == KJ_OK ? kj__csv_read(&source, &visitor, err) : status;
}

/* ---- acted ---- */

/* "FOY0101ANT0" */
static bool is_acted_name(const char *name)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  static const char digits[] = "0123456789";
  return (name[0] == 'F' || name[0] == 'M') && strspn(name, letters) == 3 &&
         strspn(name + 3, digits) == 4 && strspn(name + 7, letters) == 3 &&
         strspn(name + 10, digits) == 1 && name[11] == '\0';
}

/* The first folder of `path` below `folder`: "F1". */
static const char *speaker_of(kj__import *import, const char *folder,
                              const char *path)
{
  const char *below = path + strlen(folder) + 1;
  return kj__import_text(import, "%.*s", (int)strcspn(below, "/"), below);
}

static kj_status add_acted(reader *r, const char *folder, const char *path,
                           kj_error *err)
{
  kj__imported row = kj__imported_empty();
  char emotion[4];
  row.utterance = kj__path_stem(r->import->arena, path);
  row.speaker = speaker_of(r->import, folder, path);
  if (!row.utterance || !row.speaker)
    return kj__fail_memory(err, "the utterances");
  if (!is_acted_name(row.utterance))
    return kj__import_tally(
        r->import, err,
        "acted files with other names than FOY0101ANT0.wav, "
        "left out",
        "%s", path);
  lower_case(emotion, sizeof emotion, row.utterance + 7);
  row.session = kj__import_text(r->import, "%.2s", row.utterance + 3);
  if (!row.session)
    return kj__fail_memory(err, "the utterances");
  row.file = path;
  row.gender = row.utterance[0] == 'F' ? "f" : "m";
  row.language = "ja";
  row.spontaneous = 0;
  row.emotion = emotion;
  return kj__import_add(r->import, &row, err);
}

static kj_status read_acted(reader *r, kj_error *err)
{
  kj__files files = {0};
  const char *folder = kj__import_text(r->import, "%s/wav", r->acted);
  if (!folder)
    return kj__fail_memory(err, "a name");
  kj_status status =
      kj__folder_files(folder, ".wav", r->import->arena, &files, err);
  for (size_t i = 0; i < files.n && status == KJ_OK; i++)
    status = add_acted(r, folder, files.path[i], err);
  kj__files_clear(&files);
  return status;
}

/* ---- the corpus ---- */

static kj_status find_part(kj__import *import, const char *part,
                           const char **found, kj_error *err)
{
  static const char *const folders[] = {"", "OGVC_Vol1/", "OGVC_Vol2/", "Vol1/",
                                        "Vol2/"};
  for (size_t i = 0; i < sizeof folders / sizeof folders[0] && !*found; i++) {
    const char *path = kj__import_path(import, "%s%s", folders[i], part);
    if (!path)
      return kj__fail_memory(err, "a name");
    if (kj__import_exists(path))
      *found = path;
  }
  return KJ_OK;
}

kj_status kj__import_ogvc(kj__import *import, kj_error *err)
{
  reader r = {.import = import};
  kj_status status = find_part(import, "Natural", &r.natural, err);
  if (status == KJ_OK)
    status = find_part(import, "Acted", &r.acted, err);
  if (status == KJ_OK && !r.natural && !r.acted)
    status = kj__import_refuse(import, err,
                               "neither Natural nor Acted in it, or in "
                               "OGVC_Vol1, OGVC_Vol2, Vol1, Vol2");
  if (status == KJ_OK && r.natural)
    status = read_natural(&r, err);
  if (status == KJ_OK && r.acted)
    status = read_acted(&r, err);
  kj__index_clear(&r.index);
  kj__release(NULL, r.span);
  return status;
}
