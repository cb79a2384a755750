/* tables.h: what stands beside the recordings of a synthetic corpus. */
#ifndef KJ_CORPUS_SYNTH_TABLES_H
#define KJ_CORPUS_SYNTH_TABLES_H

#include "corpus/synth/folder.h"

/* LL/labels.csv: the standard table, with the answers of the raters. */
kj_status kj__synth_labels_write(const kj__synth_folder *folder,
                                 const kj__synth_part *part, kj_error *err);

/* LL/truth.csv: the emotion and the voice that were drawn. */
kj_status kj__synth_truth_write(const kj__synth_folder *folder,
                                const kj__synth_part *part, kj_error *err);

/* README.md. `program`: name and version of the synthesizer. */
kj_status kj__synth_readme_write(const kj__synth_folder *folder,
                                 const kj_synthesis_options *options,
                                 const char *program, kj_error *err);

#endif
