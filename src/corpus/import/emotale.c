/*
 * emotale.c: EmoTale. DK_004_A_5.wav: language, speaker, emotion, sentence.
 * Three raters in annotations.csv (columns a1_A, a1_V, a1_D, ...: arousal
 * comes first), or in labels.csv with a column `utterance`. Utterances are
 * what these rate; where their sound lies is looked up.
 */
#include "base/error.h"
#include "corpus/import/folder.h"
#include "corpus/import/names.h"
#include "corpus/number.h"
#include "corpus/path.h"

#include <stdio.h>
#include <string.h>

enum { N_RATERS = 3 };

static const kj__code EMOTIONS[] = {{"A", "anger"},   {"H", "happiness"},
                                    {"S", "sadness"}, {"B", "boredom"},
                                    {"N", "neutral"}, {NULL, NULL}};
static const kj__code LANGUAGES[] = {{"DK", "da"}, {"EN", "en"}, {NULL, NULL}};
static const char LETTER[KJ__N_DIMENSIONS] = {'V', 'A', 'D'};

typedef struct reader {
  kj__import *import;
  kj__sheet sheet;
  kj__side speakers;
  kj__index sounds; /* stem -> index into files */
  kj__files files;
} reader;

static const char *cell(const reader *r, size_t row, const char *column)
{
  return kj__sheet_cell(&r->sheet, row, kj__sheet_find(&r->sheet, column));
}

/* ---- sound ---- */

static kj_status find_sounds(reader *r, kj_error *err)
{
  kj__arena *arena = r->import->arena;
  size_t known;
  kj_status status =
      kj__folder_files(r->import->folder, ".wav", arena, &r->files, err);
  if (status == KJ_OK)
    status =
        kj__folder_files(r->import->folder, ".flac", arena, &r->files, err);
  for (size_t i = 0; i < r->files.n && status == KJ_OK; i++) {
    const char *stem = kj__path_stem(arena, r->files.path[i]);
    if (!stem || !kj__index_add(&r->sounds, stem, i, &known))
      status = kj__fail_memory(err, r->import->folder);
  }
  return status;
}

/* Where an utterance's sound is, or would be expected. */
static const char *sound_of(reader *r, const char *utterance)
{
  const size_t at = kj__index_find(&r->sounds, utterance);
  return at != KJ__NONE ? r->files.path[at]
                        : kj__import_path(r->import, "audio/%s.wav", utterance);
}

/* ---- rows ---- */

static kj_status read_ratings(const reader *r, size_t row, size_t dimension,
                              double rating[N_RATERS], size_t *n, kj_error *err)
{
  *n = 0;
  for (int k = 1; k <= N_RATERS; k++) {
    char column[8];
    snprintf(column, sizeof column, "a%d_%c", k, LETTER[dimension]);
    const char *text = cell(r, row, column);
    if (!text[0])
      continue;
    if (!kj__number_parse(text, &rating[*n]))
      return kj__fail(err, KJ_EDATA,
                      "%s:%zu: column %s: \"%s\" is not a finite number",
                      r->sheet.path, r->sheet.row[row].line, column, text);
    (*n)++;
  }
  return KJ_OK;
}

static kj_status rate(const reader *r, size_t row,
                      double rating[KJ__N_DIMENSIONS][N_RATERS],
                      kj__imported *out, kj_error *err)
{
  out->low = 1;
  out->high = 5;
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++) {
    size_t n = 0;
    const kj_status status = read_ratings(r, row, d, rating[d], &n, err);
    if (status != KJ_OK)
      return status;
    out->rated[d] = kj__rated_over(rating[d], n);
  }
  return KJ_OK;
}

static const char *gender_of(const reader *r, size_t row, const char *speaker)
{
  const char *gender = cell(r, row, "gender");
  const size_t at = kj__side_row(&r->speakers, speaker);
  if (!gender[0])
    gender = kj__side_cell(&r->speakers, at, "gender");
  if (!gender[0])
    gender = kj__side_cell(&r->speakers, at, "sex");
  if (!gender[0])
    return NULL;
  return strchr("fFkK", gender[0]) ? "f" : strchr("mM", gender[0]) ? "m" : NULL;
}

/* The name in a row, without folder and ending. */
static const char *name_of(const reader *r, size_t row)
{
  const char *name = cell(r, row, "file");
  return kj__path_stem(r->import->arena,
                       name[0] ? name : cell(r, row, "utterance"));
}

static kj_status add_row(reader *r, size_t row, kj_error *err)
{
  double rating[KJ__N_DIMENSIONS][N_RATERS];
  kj__parts p;
  char text[8];
  kj__imported out = kj__imported_empty();
  out.utterance = name_of(r, row);
  out.file = out.utterance ? sound_of(r, out.utterance) : NULL;
  if (!out.file)
    return kj__fail_memory(err, r->sheet.path);
  kj__parts_split(out.utterance, '_', &p);
  out.language = p.n == 4 ? kj__code_word(LANGUAGES, p.part[0]) : NULL;
  out.emotion = p.n == 4 ? kj__code_word(EMOTIONS, p.part[2]) : NULL;
  if (!out.language || !out.emotion || !kj__is_digits(p.part[1], 3) ||
      !kj__is_digits(p.part[3], 1))
    return kj__fail(err, KJ_EDATA,
                    "%s:%zu: file is \"%s\"; must be like DK_004_A_5.wav",
                    r->sheet.path, r->sheet.row[row].line, out.utterance);
  snprintf(text, sizeof text, "%s_%s", p.part[0], p.part[3]);
  out.text = text;
  out.speaker = p.part[1];
  out.gender = gender_of(r, row, p.part[1]);
  out.spontaneous = 0;
  const kj_status status = rate(r, row, rating, &out, err);
  return status == KJ_OK ? kj__import_add(r->import, &out, err) : status;
}

/* ---- tables ---- */

static kj_status read_labels(reader *r, kj_error *err)
{
  const char *path = kj__import_path(r->import, "annotations.csv");
  if (path && !kj__import_exists(path))
    path = kj__import_path(r->import, "labels.csv");
  if (!path)
    return kj__fail_memory(err, r->import->folder);
  if (!kj__import_exists(path))
    return kj__import_refuse(r->import, err, "no annotations.csv");
  const kj_status status = kj__sheet_read(path, &r->sheet, err);
  if (status != KJ_OK)
    return status;
  if ((kj__sheet_find(&r->sheet, "file") == KJ__NONE &&
       kj__sheet_find(&r->sheet, "utterance") == KJ__NONE) ||
      kj__sheet_find(&r->sheet, "a1_V") == KJ__NONE)
    return kj__fail(err, KJ_EDATA,
                    "%s: no column \"file\" or \"a1_V\"; must have file, a1_A, "
                    "a1_V, a1_D, a2_A, ...",
                    path);
  return KJ_OK;
}

static kj_status read_speakers(reader *r, kj_error *err)
{
  static const char *const keys[] = {"speaker", "speaker_id", "id", "ID", NULL};
  const char *path = kj__import_path(r->import, "speaker_info.csv");
  if (!path)
    return kj__fail_memory(err, r->import->folder);
  return kj__import_exists(path) ? kj__side_read(path, keys, &r->speakers, err)
                                 : KJ_OK;
}

kj_status kj__import_emotale(kj__import *import, kj_error *err)
{
  reader r = {.import = import};
  kj_status status = read_labels(&r, err);
  if (status == KJ_OK)
    status = read_speakers(&r, err);
  if (status == KJ_OK)
    status = find_sounds(&r, err);
  for (size_t i = 0; i < r.sheet.n_rows && status == KJ_OK; i++)
    status = add_row(&r, i, err);
  kj__index_clear(&r.sounds);
  kj__files_clear(&r.files);
  kj__side_clear(&r.speakers);
  kj__sheet_clear(&r.sheet);
  return status;
}
