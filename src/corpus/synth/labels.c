/*
 * labels.c: what the simulated raters answered, as a standard table.
 */
#include "corpus/synth/tables.h"

#include "base/error.h"
#include "corpus/import/standard.h"

#include <stdio.h>

enum { SPEAKERS_A_SESSION = 2 };

static kj_status fill_row(const kj__synth_folder *folder,
                          const kj__synth_part *part,
                          const kj__synth_utterance *u, kj__arena *arena,
                          kj__imported *row, kj_error *err)
{
  const kj__synth_language *language = part->language;
  const kj__synth_speaker *speaker = &part->speaker[u->speaker];
  char session[32];
  snprintf(session, sizeof session, "%s-%02zu", language->code,
           u->speaker / SPEAKERS_A_SESSION + 1);
  *row = kj__imported_empty();
  row->file =
      kj__arena_text(arena, kj__synth_path_of_sound(folder, part, u).text);
  row->utterance = u->name;
  row->speaker = speaker->name;
  row->gender = speaker->is_female ? "f" : "m";
  row->session = kj__arena_text(arena, session);
  row->language = language->code;
  row->corpus = language->corpus;
  row->text = u->text;
  row->spontaneous = u->is_spontaneous;
  row->emotion = kj__synth_emotion_word(u->truth);
  for (size_t k = 0; k < KJ__SYNTH_N_DIMENSIONS; k++)
    row->rated[k] = kj__rated_over(u->rating[k], KJ__SYNTH_N_RATERS);
  row->low = 1.0;
  row->high = language->scale_high;
  return row->file && row->session ? KJ_OK
                                   : kj__fail_memory(err, "the names of files");
}

kj_status kj__synth_labels_write(const kj__synth_folder *folder,
                                 const kj__synth_part *part, kj_error *err)
{
  const size_t n = part->n_utterances;
  kj__arena *arena = kj__arena_create();
  kj__imported *row = arena ? kj__arena_take(arena, n, sizeof *row) : NULL;
  kj_status status = row ? KJ_OK : kj__fail_memory(err, "the table of labels");
  for (size_t i = 0; i < n && status == KJ_OK; i++)
    status = fill_row(folder, part, &part->utterance[i], arena, &row[i], err);
  if (status == KJ_OK)
    status = kj__standard_write(
        row, n, kj__synth_path_of_part(folder, part, "labels.csv").text, err);
  kj__arena_destroy(arena);
  return status;
}
