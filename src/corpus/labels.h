/* labels.h: reading labels from a file or from memory. */
#ifndef KJ_CORPUS_LABELS_H
#define KJ_CORPUS_LABELS_H

#include "corpus/csv.h"
#include "kanjo/corpus.h"

/* kj_dataset_read_labels, from any source. */
kj_status kj__labels_read(const kj__csv_source *source,
                          const kj_target_spec *targets, size_t n,
                          kj_dataset **out, kj_error *err);

#endif
