/*
 * writer.h: rows of features as CSV, ARFF, NPY or JSON Lines.
 */
#ifndef KJ_CLI_WRITER_H
#define KJ_CLI_WRITER_H

#include "base/file.h"
#include "kanjo/features.h"
#include "kanjo/recording.h"

typedef enum cli_format {
  CLI_FORMAT_CSV,
  CLI_FORMAT_ARFF,
  CLI_FORMAT_NPY,
  CLI_FORMAT_JSON
} cli_format;

typedef struct cli_writer {
  kj__output output;
  const kj_feature_set *set;
  kj_feature_level level;
  cli_format format;
  size_t n_columns;
  uint64_t n_rows; /* written */
  char (*column)[KJ_FEATURE_NAME_SIZE];
} cli_writer;

/* Open `path` (NULL: standard output) and write the head. n_inputs is the
 * number of recordings to come. KJ_EARGUMENT where the format cannot hold
 * that: NPY descriptors of several recordings, or to a pipe. */
kj_status cli_writer_open(cli_writer *writer, const char *path,
                          const kj_feature_set *set, kj_feature_level level,
                          cli_format format, size_t n_inputs, kj_error *err);

/* The row of a recording; values are left empty where it has none. Does
 * nothing at the level of descriptors. */
void cli_writer_recording(cli_writer *writer, const char *name,
                          const kj_recording *recording, const float *values);

/* A row of descriptors. Does nothing at the level of functionals. */
void cli_writer_frame(cli_writer *writer, const char *name, uint64_t frame,
                      double time_s, const float *values);

/* Finish the file and give it its name. */
kj_status cli_writer_commit(cli_writer *writer, kj_error *err);

/* Drop what was written to a file. */
void cli_writer_discard(cli_writer *writer);

#endif
