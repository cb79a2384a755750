/*
 * folder.h: where a synthetic corpus goes: a new or empty folder, and out of
 * it again whatever was written, if it does not get whole.
 */
#ifndef KJ_CORPUS_SYNTH_FOLDER_H
#define KJ_CORPUS_SYNTH_FOLDER_H

#include "corpus/synth/plan.h"

#include <stdbool.h>

enum { KJ__SYNTH_PATH_SIZE = 4096 };

typedef struct kj__synth_path {
  char text[KJ__SYNTH_PATH_SIZE];
} kj__synth_path;

typedef struct kj__synth_folder {
  const char *name;
  bool is_ours; /* it was not there before */
} kj__synth_folder;

/* FOLDER/name of the whole, of a language, of a recording. */
kj__synth_path kj__synth_path_of(const kj__synth_folder *folder,
                                 const char *name);
kj__synth_path kj__synth_path_of_part(const kj__synth_folder *folder,
                                      const kj__synth_part *part,
                                      const char *name);
kj__synth_path kj__synth_path_of_sound(const kj__synth_folder *folder,
                                       const kj__synth_part *part,
                                       const kj__synth_utterance *utterance);

/* Make it and its folders. KJ_EFILE if it is there and not empty, or cannot
 * be made; KJ_EARGUMENT if the name is too long. */
kj_status kj__synth_folder_make(kj__synth_folder *folder, const char *name,
                                const kj__synth_plan *plan, kj_error *err);

/* Remove all that a corpus of this plan may have there. */
void kj__synth_folder_remove(const kj__synth_folder *folder,
                             const kj__synth_plan *plan);

#endif
