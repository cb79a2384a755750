/* ratings.h: what single raters said, beside their mean. */
#ifndef KJ_CORPUS_RATINGS_H
#define KJ_CORPUS_RATINGS_H

#include "corpus/arena.h"
#include "corpus/csv.h"
#include "kanjo/corpus.h"

/* The column of a target's single ratings: its own column's name, or its own,
 * with "_ratings" behind; KJ__NONE where the table has none. */
size_t kj__ratings_find(const kj__csv *csv, const kj_target_spec *target);

/* Read "3;2.5;4" of the current row, mapped to 1..5 as the target is; an empty
 * cell is no rating. KJ_EDATA; KJ_EMEMORY. */
kj_status kj__ratings_read(const kj__csv *csv, size_t column,
                           const kj_target_spec *target, kj__arena *arena,
                           kj_rating_list *out, kj_error *err);

#endif
