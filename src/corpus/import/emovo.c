/*
 * emovo.c: EMOVO (Italian). f1/dis-f1-b1.wav: emotion, speaker, sentence.
 */
#include "corpus/import/names.h"

#include <string.h>

static const kj__code EMOTIONS[] = {{"dis", "disgust"}, {"gio", "joy"},
                                    {"neu", "neutral"}, {"pau", "fear"},
                                    {"rab", "anger"},   {"sor", "surprise"},
                                    {"tri", "sadness"}, {NULL, NULL}};
static const kj__code SPEAKERS[] = {{"f1", "f"}, {"f2", "f"}, {"f3", "f"},
                                    {"m1", "m"}, {"m2", "m"}, {"m3", "m"},
                                    {NULL, NULL}};
static const kj__code SENTENCES[] = {
    {"b1", ""}, {"b2", ""}, {"b3", ""}, {"l1", ""}, {"l2", ""},
    {"l3", ""}, {"l4", ""}, {"n1", ""}, {"n2", ""}, {"n3", ""},
    {"n4", ""}, {"n5", ""}, {"d1", ""}, {"d2", ""}, {NULL, NULL}};

static bool read_name(void *context, const char *path, const char *stem,
                      kj__imported *row)
{
  kj__parts *p = context;
  (void)path;
  kj__parts_split(stem, '-', p);
  if (p->n != 3)
    return false;
  row->emotion = kj__code_word(EMOTIONS, p->part[0]);
  row->speaker = p->part[1];
  row->gender = kj__code_word(SPEAKERS, p->part[1]);
  row->text = p->part[2];
  row->language = "it";
  row->spontaneous = 0;
  return row->emotion && row->gender && kj__code_word(SENTENCES, p->part[2]);
}

kj_status kj__import_emovo(kj__import *import, kj_error *err)
{
  kj__parts parts;
  return kj__names_each(import, read_name, &parts, "dis-f1-b1.wav", err);
}
