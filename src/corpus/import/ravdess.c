/*
 * ravdess.c: RAVDESS. 03-01-06-01-02-01-12.wav: modality (03 sound alone),
 * channel, emotion, intensity, statement, repetition, actor; odd actors are
 * men. The session is the channel: speech or song.
 */
#include "corpus/import/names.h"

#include <stdio.h>
#include <string.h>

static const kj__code EMOTIONS[] = {
    {"01", "neutral"}, {"02", "calm"},      {"03", "happy"},
    {"04", "sad"},     {"05", "angry"},     {"06", "fearful"},
    {"07", "disgust"}, {"08", "surprised"}, {NULL, NULL}};
static const kj__code CHANNELS[] = {
    {"01", "speech"}, {"02", "song"}, {NULL, NULL}};
static const kj__code STATEMENTS[] = {{"01", "Kids are talking by the door"},
                                      {"02", "Dogs are sitting by the door"},
                                      {NULL, NULL}};
static const kj__code TWO[] = {{"01", ""}, {"02", ""}, {NULL, NULL}};

enum { N_PARTS = 7, N_ACTORS = 24 };

static bool read_name(void *context, const char *path, const char *stem,
                      kj__imported *row)
{
  kj__parts *p = context;
  int actor = 0;
  (void)path;
  kj__parts_split(stem, '-', p);
  if (p->n != N_PARTS || strcmp(p->part[0], "03") != 0 ||
      !kj__code_word(TWO, p->part[3]) || !kj__code_word(TWO, p->part[5]) ||
      !kj__is_digits(p->part[6], 2) || sscanf(p->part[6], "%d", &actor) != 1)
    return false;
  row->session = kj__code_word(CHANNELS, p->part[1]);
  row->emotion = kj__code_word(EMOTIONS, p->part[2]);
  row->text = kj__code_word(STATEMENTS, p->part[4]);
  row->speaker = p->part[6];
  row->gender = actor % 2 == 1 ? "m" : "f";
  row->language = "en";
  row->spontaneous = 0;
  /* A neutral voice has one intensity. */
  const bool is_possible =
      strcmp(p->part[2], "01") != 0 || strcmp(p->part[3], "01") == 0;
  return row->session && row->emotion && row->text && actor >= 1 &&
         actor <= N_ACTORS && is_possible;
}

kj_status kj__import_ravdess(kj__import *import, kj_error *err)
{
  kj__parts parts;
  return kj__names_each(import, read_name, &parts, "03-01-06-01-02-01-12.wav",
                        err);
}
