/*
 * replay.c: a fuzz target without a fuzzer: every file of the named folders
 * and every named file once, in the order of their names.
 *
 *   fuzz_NAME_replay FOLDER|FILE...
 *
 * Exits 1 if there was nothing to run; what a file breaks ends the program,
 * and the last name printed is that file's.
 */
#define _GNU_SOURCE
#include "base/file.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_BYTES = 1 << 26 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
  char *bytes = NULL;
  size_t size = 0;
  kj_error err;
  printf("%s\n", path);
  fflush(stdout);
  if (kj__file_read(path, MAX_BYTES, &bytes, &size, &err) != KJ_OK) {
    fprintf(stderr, "%s\n", err.message);
    exit(1);
  }
  /* Exactly as large as the file, so that a sanitizer sees its end. */
  uint8_t *copy = malloc(size > 0 ? size : 1);
  if (!copy)
    exit(1);
  memcpy(copy, bytes, size);
  free(bytes);
  LLVMFuzzerTestOneInput(copy, size);
  free(copy);
  return 1;
}

static int run_folder(const char *path)
{
  struct dirent **entries = NULL;
  const int n = scandir(path, &entries, NULL, alphasort);
  int n_run = 0;
  for (int i = 0; i < n; i++) {
    char *name = NULL;
    if (entries[i]->d_name[0] != '.' &&
        asprintf(&name, "%s/%s", path, entries[i]->d_name) >= 0) {
      n_run += run_file(name);
      free(name);
    }
    free(entries[i]);
  }
  free(entries);
  return n_run;
}

int main(int argc, char **argv)
{
  int n_run = 0;
  for (int i = 1; i < argc; i++) {
    struct stat info;
    const int is_folder = stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode);
    n_run += is_folder ? run_folder(argv[i]) : run_file(argv[i]);
  }
  printf("%d inputs\n", n_run);
  return n_run > 0 ? 0 : 1;
}
