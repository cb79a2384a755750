/* folder.h: the files of a folder and below, always in the same order. */
#ifndef KJ_CORPUS_IMPORT_FOLDER_H
#define KJ_CORPUS_IMPORT_FOLDER_H

#include "corpus/arena.h"
#include "kanjo/status.h"
#include <stddef.h>

/* All zero: empty. */
typedef struct kj__files {
  const char **path; /* "FOLDER/sub/name", texts of the arena */
  size_t n, capacity;
} kj__files;

/* Add the regular files in `folder` and below whose names end in `ending`
 * (".wav", small letters, matched in upper or lower case), in the order of
 * their bytes. Names that begin with '.' are passed over: macOS leaves "._x"
 * beside x. Links are followed, but never back to a folder above.
 * KJ_EFILE: a folder cannot be read; KJ_EMEMORY. */
kj_status kj__folder_files(const char *folder, const char *ending,
                           kj__arena *arena, kj__files *files, kj_error *err);

/* The same for the files in `folder` itself. */
kj_status kj__folder_files_in(const char *folder, const char *ending,
                              kj__arena *arena, kj__files *files,
                              kj_error *err);

/* Release the list; its texts are the arena's. */
void kj__files_clear(kj__files *files);

#endif
