/* features.h: reading feature tables from a file or from memory. */
#ifndef KJ_CORPUS_FEATURES_H
#define KJ_CORPUS_FEATURES_H

#include "corpus/csv.h"
#include "kanjo/corpus.h"

/* kj_dataset_attach_features, from any source. */
kj_status kj__features_attach(kj_dataset *dataset, const kj__csv_source *source,
                              kj_join_report *report, kj_error *err);

/* kj_dataset_read_features, from any source. */
kj_status kj__features_read(const kj__csv_source *source, kj_dataset **out,
                            kj_join_report *report, kj_error *err);

#endif
