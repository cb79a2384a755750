/* path.h: names of files, by their text alone; nothing is looked up. */
#ifndef KJ_CORPUS_PATH_H
#define KJ_CORPUS_PATH_H

#include "corpus/arena.h"

#include <stdbool.h>

/* All return texts of the arena, or NULL where memory is short. */

/* The folder of `path` with its final '/', or "" where it has none. */
const char *kj__path_folder(kj__arena *arena, const char *path);

/* `name` as seen from `folder` (as above); an absolute name stays. */
const char *kj__path_in(kj__arena *arena, const char *folder, const char *name);

/* `path` made absolute from the absolute `folder`, without ".", "..", "//":
 * one text for one place, as far as the text tells. */
const char *kj__path_absolute(kj__arena *arena, const char *folder,
                              const char *path);

/* The last part of `path` without its ending: "a/b.c.wav" gives "b.c". */
const char *kj__path_stem(kj__arena *arena, const char *path);

/* True if `path` ends in `ending`, such as ".csv", in upper or lower case. */
bool kj__path_ends(const char *path, const char *ending);

#endif
