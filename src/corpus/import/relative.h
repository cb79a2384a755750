/* relative.h: names of files as a table in some folder has them. */
#ifndef KJ_CORPUS_IMPORT_RELATIVE_H
#define KJ_CORPUS_IMPORT_RELATIVE_H

#include "corpus/arena.h"
#include "kanjo/status.h"

/* Names as seen from one folder. */
typedef struct kj__relative {
  kj__arena *arena;
  const char *base;   /* the folder of the table, absolute, with final '/' */
  const char *folder; /* of the last name: as it was given, and seen */
  const char *seen;
} kj__relative;

/* Prepare for a table that is written to `path`; "-": the working folder. */
kj_status kj__relative_init(kj__relative *relative, const char *path,
                            kj_error *err);

/* `file` relative to the table's folder, or absolute where the two have only
 * the root in common; lives as long as *relative. NULL: memory is short. */
const char *kj__relative_name(kj__relative *relative, const char *file);

void kj__relative_clear(kj__relative *relative);

#endif
