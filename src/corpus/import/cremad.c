/*
 * cremad.c: CREMA-D. 1001_DFA_ANG_XX.wav: actor, sentence, acted emotion,
 * level. The emotion is what most listeners heard (--ratings, voice_votes.csv
 * or processedResults/summaryTable.csv), empty where there is a tie; without
 * votes it is the acted one. Genders are in VideoDemographics.csv.
 */
#include "base/error.h"
#include "corpus/import/names.h"
#include "corpus/path.h"

#include <string.h>

static const kj__code EMOTIONS[] = {
    {"ANG", "anger"},   {"DIS", "disgust"}, {"FEA", "fear"},  {"HAP", "happy"},
    {"NEU", "neutral"}, {"SAD", "sad"},     {"A", "anger"},   {"D", "disgust"},
    {"F", "fear"},      {"H", "happy"},     {"N", "neutral"}, {"S", "sad"},
    {NULL, NULL}};
static const kj__code LEVELS[] = {{"LO", ""}, {"MD", ""}, {"HI", ""},
                                  {"XX", ""}, {"X", ""},  {NULL, NULL}};
static const kj__code SENTENCES[] = {
    {"IEO", "It's eleven o'clock"},
    {"TIE", "That is exactly what happened"},
    {"IOM", "I'm on my way to the meeting"},
    {"IWW", "I wonder what this is about"},
    {"TAI", "The airplane is almost full"},
    {"MTI", "Maybe tomorrow it will be cold"},
    {"IWL", "I would like a new alarm clock"},
    {"ITH", "I think I have a doctor's appointment"},
    {"DFA", "Don't forget a jacket"},
    {"ITS", "I think I've seen this before"},
    {"TSI", "The surface is slick"},
    {"WSI", "We'll stop in a couple of minutes"},
    {NULL, NULL}};

/* Known to be without a signal, or as MP3 to be broken. */
static const kj__code BROKEN[] = {{"1076_MTI_SAD_XX", ""},
                                  {"1076_MTI_NEU_XX", ".mp3"},
                                  {"1064_TIE_SAD_XX", ".mp3"},
                                  {"1064_IEO_DIS_MD", ".mp3"},
                                  {NULL, NULL}};

typedef struct reader {
  kj__import *import;
  kj__side votes, actors;
  kj__parts parts;
  kj_status status;
  kj_error *err;
} reader;

static const char *const FILES[] = {"file", "FileName", "fileName", NULL};
static const char *const ACTORS[] = {"ActorID", "actor", NULL};

/* True if the table has the file; *emotion is NULL for a tie. */
static bool voted(const reader *r, const char *stem, const char **emotion)
{
  const size_t row = kj__side_row(&r->votes, stem);
  const char *vote = kj__side_cell(&r->votes, row, "majority");
  if (!vote[0])
    vote = kj__side_cell(&r->votes, row, "VoiceVote");
  *emotion = kj__code_word(EMOTIONS, vote);
  return row != KJ__NONE;
}

static void tell(reader *r, const char *what, const char *stem)
{
  if (r->status == KJ_OK)
    r->status = kj__import_tally(r->import, r->err, what, "%s", stem);
}

static void tell_broken(reader *r, const char *path, const char *stem)
{
  const char *ending = kj__code_word(BROKEN, stem);
  if (ending && (!ending[0] || kj__path_ends(path, ending)))
    tell(r, "sound files that are known to be broken or without a signal",
         stem);
}

static bool read_name(void *context, const char *path, const char *stem,
                      kj__imported *row)
{
  reader *r = context;
  kj__parts *p = &r->parts;
  kj__parts_split(stem, '_', p);
  if (p->n != 4 || !kj__is_digits(p->part[0], 4) ||
      !kj__code_word(LEVELS, p->part[3]))
    return false;
  const char *acted = kj__code_word(EMOTIONS, p->part[2]);
  const char *sex =
      kj__side_cell(&r->actors, kj__side_row(&r->actors, p->part[0]), "Sex");
  row->speaker = p->part[0];
  row->text = kj__code_word(SENTENCES, p->part[1]);
  row->gender = sex[0] == 'F' ? "f" : sex[0] == 'M' ? "m" : NULL;
  row->language = "en";
  row->spontaneous = 0;
  if (!acted || strlen(p->part[2]) != 3 || !row->text)
    return false;
  if (r->votes.sheet.n_rows == 0)
    row->emotion = acted;
  else if (!voted(r, stem, &row->emotion))
    tell(r, "utterances without votes, whose emotion is empty", stem);
  else if (!row->emotion)
    tell(r, "utterances whose votes are a tie, whose emotion is empty", stem);
  tell_broken(r, path, stem);
  return true;
}

/* The votes that were named, or that lie in the folder; NULL: none. */
static kj_status find_votes(const reader *r, const char **path, kj_error *err)
{
  static const char *const names[] = {"voice_votes.csv",
                                      "processedResults/summaryTable.csv"};
  *path = r->import->options.ratings;
  for (size_t i = 0; i < 2 && !*path; i++) {
    const char *there = kj__import_path(r->import, "%s", names[i]);
    if (!there)
      return kj__fail_memory(err, names[i]);
    if (kj__import_exists(there))
      *path = there;
  }
  return KJ_OK;
}

static kj_status read_votes(reader *r, kj_error *err)
{
  const char *path = NULL;
  const kj_status status = find_votes(r, &path, err);
  if (status != KJ_OK)
    return status;
  if (!path)
    return kj__import_note(r->import, err,
                           "no votes (voice_votes.csv, "
                           "processedResults/summaryTable.csv), so emotions "
                           "are the acted ones");
  return kj__side_read(path, FILES, &r->votes, err);
}

static kj_status read_actors(reader *r, kj_error *err)
{
  const char *path = kj__import_path(r->import, "VideoDemographics.csv");
  if (!path)
    return kj__fail_memory(err, r->import->folder);
  if (!kj__import_exists(path))
    return kj__import_note(r->import, err,
                           "no VideoDemographics.csv, so no genders");
  return kj__side_read(path, ACTORS, &r->actors, err);
}

kj_status kj__import_cremad(kj__import *import, kj_error *err)
{
  reader r = {.import = import, .err = err};
  kj_status status = read_votes(&r, err);
  if (status == KJ_OK)
    status = read_actors(&r, err);
  if (status == KJ_OK)
    status = kj__names_each(import, read_name, &r, "1001_DFA_ANG_XX.wav", err);
  if (status == KJ_OK)
    status = r.status;
  kj__side_clear(&r.votes);
  kj__side_clear(&r.actors);
  return status;
}
