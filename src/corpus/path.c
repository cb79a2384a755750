/*
 * path.c: POSIX path names.
 */
#include "corpus/path.h"

#include <string.h>

const char *kj__path_folder(kj__arena *arena, const char *path)
{
  const char *slash = strrchr(path, '/');
  if (!slash)
    return "";
  const size_t size = (size_t)(slash - path) + 1;
  char *folder = kj__arena_take(arena, size + 1, 1);
  if (folder)
    memcpy(folder, path, size);
  return folder;
}

const char *kj__path_in(kj__arena *arena, const char *folder, const char *name)
{
  return kj__arena_joined(arena, name[0] == '/' ? "" : folder, name);
}

/* Drop the last "/part" of clean[0..n-1]; the new length. */
static size_t without_last(const char *clean, size_t n)
{
  while (n > 0 && clean[n - 1] != '/')
    n--;
  return n > 0 ? n - 1 : 0;
}

const char *kj__path_absolute(kj__arena *arena, const char *folder,
                              const char *path)
{
  const char *whole = path;
  if (path[0] != '/') {
    whole = kj__arena_joined(arena, folder, "/");
    whole = whole ? kj__arena_joined(arena, whole, path) : NULL;
  }
  char *clean = whole ? kj__arena_take(arena, strlen(whole) + 2, 1) : NULL;
  if (!clean)
    return NULL;
  size_t n = 0;
  while (*whole) {
    const size_t part = strcspn(whole, "/");
    if (part == 2 && memcmp(whole, "..", 2) == 0) {
      n = without_last(clean, n);
    } else if (part > 0 && !(part == 1 && whole[0] == '.')) {
      clean[n++] = '/';
      memcpy(clean + n, whole, part);
      n += part;
    }
    whole += part + (whole[part] == '/');
  }
  clean[n] = '\0';
  return clean;
}

const char *kj__path_stem(kj__arena *arena, const char *path)
{
  const char *slash = strrchr(path, '/');
  const char *base = slash ? slash + 1 : path;
  const char *dot = strrchr(base, '.');
  const size_t size = dot && dot > base ? (size_t)(dot - base) : strlen(base);
  char *stem = kj__arena_take(arena, size + 1, 1);
  if (stem)
    memcpy(stem, base, size);
  return stem;
}

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool kj__path_ends(const char *path, const char *ending)
{
  const size_t n = strlen(path), m = strlen(ending);
  if (m > n)
    return false;
  for (size_t i = 0; i < m; i++)
    if (lower(path[n - m + i]) != ending[i])
      return false;
  return true;
}
