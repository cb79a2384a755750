/*
 * file.h: whole files in, and files out that are there whole or not at all.
 */
#ifndef KJ_BASE_FILE_H
#define KJ_BASE_FILE_H

#include "kanjo/status.h"
#include <stddef.h>
#include <stdio.h>

/* Read all of `path` into malloc'ed memory (one zero byte after it).
 * KJ_EFILE if it cannot be read or is larger than max_size bytes. */
kj_status kj__file_read(const char *path, size_t max_size, char **data,
                        size_t *size, kj_error *err);

/* A file being written as PATH.tmp beside its own name: whoever is killed
 * leaves at most that one file, which the next writer replaces. */
typedef struct kj__output {
  FILE *stream; /* where to write; NULL when closed */
  char *path;
  char *temporary; /* NULL for standard output and for devices and pipes */
} kj__output;

/* Open `path` for writing; "-" is standard output; an existing path that is
 * no regular file (a pipe, /dev/null) is written directly. */
kj_status kj__output_open(kj__output *output, const char *path, kj_error *err);

/* Flush, and for a file sync, close and rename it to its own name.
 * KJ_EFILE (and nothing left behind) if any write failed. */
kj_status kj__output_commit(kj__output *output, kj_error *err);

/* Close and remove the temporary file; harmless after commit. */
void kj__output_discard(kj__output *output);

#endif
