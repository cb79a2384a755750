/*
 * tess.c: the Toronto Emotional Speech Set. OAF_back_angry.wav: speaker (an
 * older or a younger woman), word, emotion; ps is pleasant surprise. OA for
 * OAF is a known slip.
 */
#include "corpus/import/names.h"

#include <stdio.h>
#include <string.h>

static const kj__code EMOTIONS[] = {
    {"angry", "angry"},     {"disgust", "disgust"},
    {"fear", "fear"},       {"happy", "happy"},
    {"ps", "surprise"},     {"sad", "sad"},
    {"neutral", "neutral"}, {NULL, NULL}};
static const kj__code SPEAKERS[] = {
    {"OAF", "OAF"}, {"OA", "OAF"}, {"YAF", "YAF"}, {NULL, NULL}};

typedef struct reader {
  kj__parts parts;
  char text[KJ__NAME_SIZE + 16];
} reader;

static bool read_name(void *context, const char *path, const char *stem,
                      kj__imported *row)
{
  reader *r = context;
  (void)path;
  kj__parts_split(stem, '_', &r->parts);
  if (r->parts.n != 3)
    return false;
  row->speaker = kj__code_word(SPEAKERS, r->parts.part[0]);
  row->emotion = kj__code_word(EMOTIONS, r->parts.part[2]);
  snprintf(r->text, sizeof r->text, "Say the word %s", r->parts.part[1]);
  row->text = r->text;
  row->gender = "f";
  row->language = "en";
  row->spontaneous = 0;
  return row->speaker && row->emotion && r->parts.part[1][0];
}

kj_status kj__import_tess(kj__import *import, kj_error *err)
{
  reader r;
  return kj__names_each(import, read_name, &r, "OAF_back_angry.wav", err);
}
