/*
 * input_stream.h: what to listen to, one recording after another, without
 * holding more of a list than the line that is being read.
 */
#ifndef KJ_CORPUS_INPUT_STREAM_H
#define KJ_CORPUS_INPUT_STREAM_H

#include "kanjo/corpus.h"

#include <stdint.h>
#include <stdio.h>

enum {
  KJ__MOST_PARTS = 4096, /* of one file that are handed out together */
  KJ__TROUBLE_SIZE = 512 /* as the message of a kj_error */
};

typedef struct kj__input_stream {
  kj_inputs ready; /* what the words, or the last line, mean */
  size_t n_used;   /* of `ready` */
  const char *path;
  FILE *list; /* NULL: none, or at its end */
  uint64_t line;
  char *text; /* of the line; its memory grows with the longest */
  size_t capacity;
  uint64_t n_expected; /* recordings, as far as it is known; 0: unknown */
  char trouble[KJ__TROUBLE_SIZE]; /* why the last line means nothing */
} kj__input_stream;

/* Recordings that follow each other and are of one file and channel. */
typedef struct kj__input_run {
  const kj_input *input; /* shape (n) */
  size_t n;
  const char *trouble; /* NULL; else why this is no recording at all */
} kj__input_run;

/* Read INPUTs (kj_inputs_add) as they are named by `n_words` words, then by
 * the lines of `list` (NULL: none; "-": standard input). Statuses as
 * kj_inputs_add_list; KJ_EDATA where there is nothing at all. */
kj_status kj__input_stream_open(kj__input_stream *stream,
                                const char *const *words, size_t n_words,
                                const char *list, kj_error *err);

/* The next of them; run->n is 0 at the end. A line that cannot be used is a
 * run of one with its trouble. What is given is good until the next call.
 * KJ_EFILE if the list cannot be read on; KJ_EMEMORY. */
kj_status kj__input_stream_next(kj__input_stream *stream, kj__input_run *run,
                                kj_error *err);

void kj__input_stream_close(kj__input_stream *stream);

/* Add a name as it stands, whatever there is of that name. KJ_EMEMORY. */
kj_status kj__inputs_add_file(kj_inputs *inputs, const char *name,
                              kj_error *err);

#endif
