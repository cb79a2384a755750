/*
 * file.h: whole files in, and files out that are there whole or not at all.
 */
#ifndef KJ_BASE_FILE_H
#define KJ_BASE_FILE_H

#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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

/* Do two paths lead to one file that is there? */
bool kj__file_is_same(const char *a, const char *b);

/* Open `path` for writing; "-" is standard output; an existing path that is
 * no regular file (a pipe, /dev/null) is written directly. */
kj_status kj__output_open(kj__output *output, const char *path, kj_error *err);

/* Open `path` for a long work that may be broken off and taken up: its bytes
 * gather in PATH.part, of which the first `size` are kept (0: none). They can
 * be read back too. KJ_EDATA if there are fewer. */
kj_status kj__output_open_part(kj__output *output, const char *path,
                               uint64_t size, kj_error *err);

/* Has a write failed? KJ_EFILE with the reason, if asked right after it. */
kj_status kj__output_check(const kj__output *output, kj_error *err);

/* Make all bytes so far safe on the disk; *size: how many. */
kj_status kj__output_secure(kj__output *output, uint64_t *size, kj_error *err);

/* Close, and leave PATH.part to be taken up. */
void kj__output_leave(kj__output *output);

/* Is a long work at its end: no PATH.part, and PATH has `size` bytes? */
bool kj__output_is_named(const char *path, uint64_t size);

/* Flush, and for a file sync, close and rename it to its own name. KJ_EFILE if
 * any of it failed; then what was written is there still, to be discarded or
 * left. */
kj_status kj__output_name(kj__output *output, kj_error *err);

/* Likewise, with nothing left behind if it failed. */
kj_status kj__output_commit(kj__output *output, kj_error *err);

/* Close and remove the temporary file; harmless after commit. */
void kj__output_discard(kj__output *output);

#endif
