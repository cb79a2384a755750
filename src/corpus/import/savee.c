/*
 * savee.c: SAVEE, in both forms it is found in: DC/a01.wav and DC_a01.wav:
 * speaker, emotion of one or two letters, number.
 */
#include "corpus/import/names.h"

#include <stdio.h>
#include <string.h>

static const kj__code EMOTIONS[] = {
    {"a", "anger"},   {"d", "disgust"},  {"f", "fear"},      {"h", "happiness"},
    {"n", "neutral"}, {"sa", "sadness"}, {"su", "surprise"}, {NULL, NULL}};
static const kj__code SPEAKERS[] = {
    {"DC", "DC"}, {"JE", "JE"}, {"JK", "JK"}, {"KL", "KL"}, {NULL, NULL}};

typedef struct reader {
  char speaker[3], emotion[3], utterance[16];
} reader;

/* The two letters before the last '/' of a path. */
static void folder_of(const char *path, char letters[3])
{
  const char *slash = strrchr(path, '/');
  letters[0] = '\0';
  if (slash && slash - path >= 3 && slash[-3] == '/')
    snprintf(letters, 3, "%.2s", slash - 2);
}

static bool read_name(void *context, const char *path, const char *stem,
                      kj__imported *row)
{
  reader *r = context;
  folder_of(path, r->speaker);
  if (strlen(stem) > 3 && stem[2] == '_') {
    snprintf(r->speaker, sizeof r->speaker, "%.2s", stem);
    stem += 3;
  }
  const size_t n = strcspn(stem, "0123456789");
  if (n < 1 || n > 2 || !kj__is_digits(stem + n, 2))
    return false;
  snprintf(r->emotion, sizeof r->emotion, "%.*s", (int)n, stem);
  snprintf(r->utterance, sizeof r->utterance, "%s_%.4s", r->speaker, stem);
  row->utterance = r->utterance;
  row->speaker = kj__code_word(SPEAKERS, r->speaker);
  row->emotion = kj__code_word(EMOTIONS, r->emotion);
  row->gender = "m";
  row->language = "en";
  row->spontaneous = 0;
  return row->speaker && row->emotion;
}

kj_status kj__import_savee(kj__import *import, kj_error *err)
{
  reader r;
  return kj__names_each(import, read_name, &r, "DC/a01.wav or DC_a01.wav", err);
}
