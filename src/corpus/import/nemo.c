/*
 * nemo.c: nEMO (Polish). WR0_surprised_64.wav: speaker, emotion, sentence.
 * data.tsv has the sentence and the gender; its cells have blanks before them.
 */
#include "base/error.h"
#include "corpus/import/names.h"

#include <string.h>

static const kj__code EMOTIONS[] = {{"anger", "anger"},
                                    {"fear", "fear"},
                                    {"happiness", "happiness"},
                                    {"neutral", "neutral"},
                                    {"sadness", "sadness"},
                                    {"surprised", "surprised"},
                                    {NULL, NULL}};

typedef struct reader {
  kj__side data;
  kj__parts parts;
} reader;

static bool read_name(void *context, const char *path, const char *stem,
                      kj__imported *row)
{
  reader *r = context;
  const size_t at = kj__side_row(&r->data, stem);
  const char *gender = kj__side_cell(&r->data, at, "gender");
  const char *text = kj__side_cell(&r->data, at, "raw_text");
  (void)path;
  kj__parts_split(stem, '_', &r->parts);
  if (r->parts.n != 3)
    return false;
  row->speaker = r->parts.part[0];
  row->emotion = kj__code_word(EMOTIONS, r->parts.part[1]);
  row->text = text[0] ? text : r->parts.part[2];
  row->gender = gender[0] == 'f' ? "f" : gender[0] == 'm' ? "m" : NULL;
  row->language = "pl";
  row->spontaneous = 0;
  return row->speaker[0] && row->emotion &&
         strspn(r->parts.part[2], "0123456789") == strlen(r->parts.part[2]);
}

static kj_status read_data(kj__import *import, reader *r, kj_error *err)
{
  static const char *const keys[] = {"file_id", "file", NULL};
  const char *path = kj__import_path(import, "data.tsv");
  if (!path)
    return kj__fail_memory(err, import->folder);
  if (!kj__import_exists(path))
    return kj__import_note(import, err,
                           "no data.tsv, so no genders, and sentences by "
                           "their number");
  return kj__side_read(path, keys, &r->data, err);
}

kj_status kj__import_nemo(kj__import *import, kj_error *err)
{
  reader r = {0};
  kj_status status = read_data(import, &r, err);
  if (status == KJ_OK)
    status = kj__names_each(import, read_name, &r, "WR0_surprised_64.wav", err);
  kj__side_clear(&r.data);
  return status;
}
