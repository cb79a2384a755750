/*
 * default_model.c: where what is shipped with the program lies, from where the
 * program does.
 */
#define _GNU_SOURCE
#include "cli/default_model.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder that the program was started from. */
static bool find_folder(char *folder, size_t size)
{
  const ssize_t n = readlink("/proc/self/exe", folder, size - 1);
  if (n <= 0)
    return false;
  folder[n] = '\0';
  char *slash = strrchr(folder, '/');
  if (!slash)
    return false;
  *slash = '\0';
  return true;
}

kj_status cli_find_shared(const char *name, char **path, kj_error *err)
{
  static const char *const places[] = {"..", "."}; /* installed; built */
  char folder[4096];
  *path = NULL;
  for (size_t i = 0; find_folder(folder, sizeof folder) &&
                     i < sizeof places / sizeof places[0];
       i++) {
    char *candidate = NULL;
    if (asprintf(&candidate, "%s/%s/share/kanjo/%s", folder, places[i], name) <
        0)
      return kj__fail_memory(err, "a path");
    if (access(candidate, R_OK) == 0) {
      *path = candidate;
      return KJ_OK;
    }
    free(candidate);
  }
  return KJ_OK;
}

kj_status cli_find_default_model(char **path, kj_error *err)
{
  const char *named = getenv("KANJO_MODEL");
  if (named && named[0] != '\0') {
    *path = kj__copy_text(named);
    return *path ? KJ_OK : kj__fail_memory(err, "a path");
  }
  const kj_status status = cli_find_shared("default.safetensors", path, err);
  if (status == KJ_OK && !*path)
    return kj__fail(err, KJ_EFILE,
                    "no default model is installed; name one with -m MODEL");
  return status;
}
