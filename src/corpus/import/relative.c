/*
 * relative.c: names of files as a table in some folder has them.
 *
 * Folders are resolved by the system first: "..", seen from a folder that was
 * reached by a link, is not what its name says.
 */
#define _GNU_SOURCE
#include "corpus/import/relative.h"

#include "base/error.h"
#include "corpus/path.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder, absolute and with a final '/'; one that does not exist, by its
 * text. */
static const char *resolved(kj__arena *arena, const char *folder)
{
  char *real = realpath(folder[0] ? folder : ".", NULL);
  const char *path = real;
  if (!real) {
    char *here = getcwd(NULL, 0);
    path = here ? kj__path_absolute(arena, here, folder) : NULL;
    free(here);
  }
  const bool has_slash = path && path[0] && path[strlen(path) - 1] == '/';
  const char *result =
      path ? kj__arena_joined(arena, path, has_slash ? "" : "/") : NULL;
  free(real);
  return result;
}

/* Length of the leading folders that two absolute paths share, with '/'. */
static size_t shared_length(const char *a, const char *b)
{
  size_t shared = 0;
  for (size_t i = 0; a[i] && a[i] == b[i]; i++)
    if (a[i] == '/')
      shared = i + 1;
  return shared;
}

/* `folder` as seen from `base`, both absolute and with a final '/'. */
static const char *seen_from(kj__arena *arena, const char *base,
                             const char *folder)
{
  const size_t shared = shared_length(base, folder);
  if (shared <= 1 && base[1])
    return folder;
  const char *up = "";
  for (const char *c = base + shared; up && *c; c++)
    if (*c == '/')
      up = kj__arena_joined(arena, "../", up);
  return up ? kj__arena_joined(arena, up, folder + shared) : NULL;
}

kj_status kj__relative_init(kj__relative *relative, const char *path,
                            kj_error *err)
{
  *relative = (kj__relative){.arena = kj__arena_create()};
  if (relative->arena) {
    const char *folder =
        kj__path_folder(relative->arena, strcmp(path, "-") == 0 ? "" : path);
    relative->base = folder ? resolved(relative->arena, folder) : NULL;
  }
  return relative->base ? KJ_OK : kj__fail_memory(err, "the table's folder");
}

const char *kj__relative_name(kj__relative *relative, const char *file)
{
  if (!file || !file[0])
    return "";
  const char *folder = kj__path_folder(relative->arena, file);
  if (!folder)
    return NULL;
  if (!relative->folder || strcmp(relative->folder, folder) != 0) {
    const char *real = resolved(relative->arena, folder);
    relative->seen =
        real ? seen_from(relative->arena, relative->base, real) : NULL;
    relative->folder = folder;
  }
  return relative->seen ? kj__arena_joined(relative->arena, relative->seen,
                                           file + strlen(folder))
                        : NULL;
}

void kj__relative_clear(kj__relative *relative)
{
  kj__arena_destroy(relative->arena);
  *relative = (kj__relative){0};
}
