/*
 * msp_improv.c: MSP-IMPROV (Busso et al., 2017):
 *
 *   Evaluation.txt (also spelt Evalution.txt)       labels (msp_clips.c)
 *   session1/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.wav  sound, of any depth
 *
 * The labels say UTD- where the files say MSP-. The fields of a name are
 * sentence and intended emotion, speaker (whose number is the session's),
 * type, and turn. Activation is stored with 1 for active.
 */
#include "corpus/import/msp.h"

#include "base/error.h"
#include "corpus/import/folder.h"
#include "corpus/import/import.h"
#include "corpus/index.h"
#include "corpus/path.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct reader {
  kj__import *import;
  const char *labels; /* the file of evaluations */
  kj__index sound;    /* name without ending -> index in files */
  kj__files files;
} reader;

/* The parts of UTD-IMPROV-S01A-F01-P-FM01.avi. */
typedef struct clip_name {
  char utterance[KJ__MSP_NAME_SIZE]; /* MSP-IMPROV-S01A-F01-P-FM01 */
  char sentence[8], speaker[8], type;
} clip_name;

/* ---- names ---- */

static bool is_speaker(const char *text)
{
  return (text[0] == 'F' || text[0] == 'M') &&
         strspn(text + 1, "0123456789") == 2 && text[3] == '\0';
}

static kj_status parse_name(const reader *r, const kj__msp_clip *clip,
                            clip_name *name, kj_error *err)
{
  char turn[16], ending[8];
  const int n =
      sscanf(clip->name, "%*3[A-Z]-IMPROV-%7[^-]-%7[^-]-%c-%15[A-Za-z0-9].%7s",
             name->sentence, name->speaker, &name->type, turn, ending);
  const bool ok = n == 5 && is_speaker(name->speaker) &&
                  strchr("RTSP", name->type) && name->sentence[0] == 'S';
  if (!ok)
    return kj__fail(err, KJ_EFORMAT,
                    "%s:%zu: file is \"%.60s\"; must be like "
                    "UTD-IMPROV-S01A-F01-P-FM01.avi, with the type R, T, S or "
                    "P",
                    r->labels, clip->line, clip->name);
  snprintf(name->utterance, sizeof name->utterance, "MSP-IMPROV-%s-%s-%c-%s",
           name->sentence, name->speaker, name->type, turn);
  return KJ_OK;
}

/* ---- sound ---- */

/* Where it lies is looked up: releases differ in the folders above. */
static kj_status index_sound(reader *r, kj_error *err)
{
  kj__arena *arena = r->import->arena;
  kj_status status =
      kj__folder_files(r->import->folder, ".wav", arena, &r->files, err);
  for (size_t i = 0; i < r->files.n && status == KJ_OK; i++) {
    size_t existing = 0;
    const char *stem = kj__path_stem(arena, r->files.path[i]);
    if (!stem || !kj__index_add(&r->sound, stem, i, &existing))
      status = kj__fail_memory(err, "the names of files");
  }
  return status;
}

static const char *find_sound(reader *r, const clip_name *name)
{
  const size_t i = kj__index_find(&r->sound, name->utterance);
  return i != KJ__NONE ? r->files.path[i]
                       : kj__import_path(r->import, "session%c/%s/%c/%s.wav",
                                         name->speaker[2], name->sentence,
                                         name->type, name->utterance);
}

/* ---- clips ---- */

/* 1..5 the other way round. */
static void turn_around(double *value, size_t n)
{
  for (size_t i = 0; i < n; i++)
    value[i] = 6 - value[i];
}

/* The mean is the corpus's own where it has one. */
static kj_status fill_ratings(reader *r, kj__msp_clip *clip, kj__imported *row,
                              kj_error *err)
{
  turn_around(&clip->mean[KJ__ACTIVATION], 1);
  turn_around(clip->rating[KJ__ACTIVATION], clip->n_ratings[KJ__ACTIVATION]);
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++) {
    row->rated[d] = kj__rated_over(clip->rating[d], clip->n_ratings[d]);
    if (!isnan(clip->mean[d])) {
      row->rated[d].mean = clip->mean[d];
      continue;
    }
    const kj_status status = kj__import_tally(
        r->import, err, "means that are missing, taken from the raters if any",
        "%s %s", row->utterance, kj__dimension_name(d));
    if (status != KJ_OK)
      return status;
  }
  if (clip->n_duplicates == 0)
    return KJ_OK;
  return kj__import_tally(r->import, err,
                          "clips with a rater's line twice, counted once", "%s",
                          row->utterance);
}

static kj_status add_clip(void *context, const kj__msp_clip *clip,
                          kj_error *err)
{
  reader *r = context;
  clip_name name = {.type = '\0'};
  kj__imported row = kj__imported_empty();
  kj__msp_clip own = *clip;
  kj_status status = parse_name(r, clip, &name, err);
  if (status != KJ_OK)
    return status;
  row.utterance = name.utterance;
  status = fill_ratings(r, &own, &row, err);
  if (status != KJ_OK)
    return status;
  row.file = find_sound(r, &name);
  row.session = kj__import_text(
      r->import, "%d", 10 * (name.speaker[1] - '0') + (name.speaker[2] - '0'));
  if (!row.file || !row.session)
    return kj__fail_memory(err, "the utterances");
  row.speaker = name.speaker;
  row.gender = name.speaker[0] == 'F' ? "f" : "m";
  row.language = "en";
  row.emotion = kj__msp_emotion(own.emotion);
  row.spontaneous = name.type != 'R';
  row.low = 1;
  row.high = 5;
  return kj__import_add(r->import, &row, err);
}

/* ---- the corpus ---- */

static kj_status find_labels(reader *r, kj_error *err)
{
  static const char *const names[] = {"Evaluation.txt", "Evalution.txt"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    r->labels = kj__import_path(r->import, "%s", names[i]);
    if (!r->labels)
      return kj__fail_memory(err, "a name");
    if (kj__import_exists(r->labels))
      return KJ_OK;
  }
  return kj__import_refuse(r->import, err,
                           "neither Evaluation.txt nor Evalution.txt");
}

static kj_status tell(kj__import *import, kj_error *err)
{
  kj_status status = kj__import_note(
      import, err,
      "activation is stored upside down (1 = active) and was turned round: "
      "6 - A");
  if (status == KJ_OK)
    status = kj__import_note(import, err,
                             "spontaneous is 0 for the type R (read) and 1 for "
                             "T, S, P (improvised, natural interaction)");
  return status;
}

kj_status kj__import_msp_improv(kj__import *import, kj_error *err)
{
  reader r = {.import = import};
  kj_status status = find_labels(&r, err);
  if (status == KJ_OK)
    status = index_sound(&r, err);
  if (status == KJ_OK)
    status = kj__msp_read_file(r.labels, add_clip, &r, err);
  if (status == KJ_OK)
    status = tell(import, err);
  kj__index_clear(&r.sound);
  kj__files_clear(&r.files);
  return status;
}
