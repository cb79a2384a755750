/*
 * folder.c: the files of a folder and below.
 */
#define _GNU_SOURCE
#include "corpus/import/folder.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A folder being walked, and those above it. */
typedef struct level {
  const struct level *above;
  dev_t device;
  ino_t inode;
} level;

typedef struct walk {
  bool is_deep;
  const char *ending;
  kj__arena *arena;
  kj__files *files;
} walk;

static kj_status walk_folder(const walk *w, const char *path,
                             const level *above, kj_error *err);

static bool is_above(const struct stat *folder, const level *above)
{
  for (; above; above = above->above)
    if (above->device == folder->st_dev && above->inode == folder->st_ino)
      return true;
  return false;
}

static int is_visible(const struct dirent *entry)
{
  return entry->d_name[0] != '.';
}

/* By bytes: strcoll would sort by the user's language. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

static kj_status visit(const walk *w, const char *path, const level *here,
                       kj_error *err)
{
  struct stat info;
  if (stat(path, &info) != 0)
    return KJ_OK; /* a link to nothing */
  if (S_ISDIR(info.st_mode))
    return w->is_deep ? walk_folder(w, path, here, err) : KJ_OK;
  if (!S_ISREG(info.st_mode) || !kj__path_ends(path, w->ending))
    return KJ_OK;
  void *items = w->files->path;
  if (!kj__grow(&items, &w->files->capacity, w->files->n + 1,
                sizeof *w->files->path))
    return kj__fail_memory(err, "the list of files");
  w->files->path = items;
  w->files->path[w->files->n++] = path;
  return KJ_OK;
}

static kj_status walk_folder(const walk *w, const char *path,
                             const level *above, kj_error *err)
{
  struct stat info;
  if (stat(path, &info) == 0 && is_above(&info, above))
    return KJ_OK;
  struct dirent **entries = NULL;
  const int n = scandir(path, &entries, is_visible, by_bytes);
  if (n < 0)
    return kj__fail(err, KJ_EFILE, "%s: %s", path, strerror(errno));
  const level here = {above, info.st_dev, info.st_ino};
  const char *folder = kj__arena_joined(w->arena, path, "/");
  kj_status status = KJ_OK;
  for (int i = 0; i < n; i++) {
    const char *entry =
        folder && status == KJ_OK
            ? kj__arena_joined(w->arena, folder, entries[i]->d_name)
            : NULL;
    if (entry)
      status = visit(w, entry, &here, err);
    else if (status == KJ_OK)
      status = kj__fail_memory(err, path);
    free(entries[i]);
  }
  free(entries);
  return status;
}

kj_status kj__folder_files(const char *folder, const char *ending,
                           kj__arena *arena, kj__files *files, kj_error *err)
{
  const walk w = {true, ending, arena, files};
  return walk_folder(&w, folder, NULL, err);
}

kj_status kj__folder_files_in(const char *folder, const char *ending,
                              kj__arena *arena, kj__files *files, kj_error *err)
{
  const walk w = {false, ending, arena, files};
  return walk_folder(&w, folder, NULL, err);
}

void kj__files_clear(kj__files *files)
{
  kj__release(NULL, (void *)files->path);
  *files = (kj__files){0};
}
