/*
 * writer.h: rows of features in one of several formats.
 *
 * What a row looks like (cli_layout) is fixed before the first one, and only
 * read from then on: any number of threads may make rows, each into a stream
 * of its own, that one of them then puts together in order.
 */
#ifndef KJ_CLI_WRITER_H
#define KJ_CLI_WRITER_H

#include "base/file.h"
#include "kanjo/features.h"
#include "kanjo/recording.h"

#include <stdint.h>

/* X(id, name): in the order of the choices of --format. */
#define CLI_FORMAT_LIST(X)                                                     \
  X(CLI_FORMAT_CSV, "csv")                                                     \
  X(CLI_FORMAT_ARFF, "arff")                                                   \
  X(CLI_FORMAT_NPY, "npy")                                                     \
  X(CLI_FORMAT_NPZ, "npz")                                                     \
  X(CLI_FORMAT_JSON, "jsonl")                                                  \
  X(CLI_FORMAT_HTK, "htk")                                                     \
  X(CLI_FORMAT_SMILE_CSV, "smile-csv")                                         \
  X(CLI_FORMAT_SMILE_ARFF, "smile-arff")

typedef enum cli_format {
#define CLI_FORMAT_ENUM(id, name) id,
  CLI_FORMAT_LIST(CLI_FORMAT_ENUM)
#undef CLI_FORMAT_ENUM
} cli_format;

typedef struct cli_layout {
  const kj_feature_set *set;
  kj_feature_level level;
  cli_format format;
  double hop_s; /* from row to row, where rows follow each other */
  size_t n_columns;
  char (*column)[KJ_FEATURE_NAME_SIZE]; /* shape (n_columns) */
} cli_layout;

/* A row: of a recording or a part of one, or at the level of descriptors of a
 * frame. */
typedef struct cli_row {
  const char *name;
  double start_s, end_s;      /* functionals */
  kj_recording_status status; /* likewise */
  uint64_t frame;             /* descriptors */
  double time_s;              /* likewise */
  const float *values;        /* shape (n_columns); NaN: none */
} cli_row;

/* What a format is. */
typedef struct cli_form {
  void (*head)(const cli_layout *layout, uint64_t n_rows, FILE *stream);
  void (*row)(const cli_layout *layout, const cli_row *row, FILE *stream);
  /* The rows are written; what only their end tells is still to come. NULL:
   * nothing is. Where it makes another file of them, that goes to `whole`
   * (unused as given), and `rows` stay. */
  kj_status (*finish)(const cli_layout *layout, uint64_t n_rows,
                      kj__output *rows, kj__output *whole, kj_error *err);
  bool counts_first; /* the number of rows stands in front */
  bool needs_file;   /* cannot be written to a pipe at all */
  bool has_no_name;  /* contours of several recordings would be mixed up */
} cli_form;

extern const cli_form CLI_FORM_CSV, CLI_FORM_ARFF, CLI_FORM_NPY, CLI_FORM_NPZ,
    CLI_FORM_JSON, CLI_FORM_HTK, CLI_FORM_SMILE_CSV, CLI_FORM_SMILE_ARFF;

const cli_form *cli_form_of(cli_format format);

/* Name the columns. KJ_EMEMORY. */
kj_status cli_layout_make(cli_layout *layout, const kj_feature_set *set,
                          kj_feature_level level, cli_format format,
                          kj_error *err);

void cli_layout_clear(cli_layout *layout);

/* Can the format hold that, there? `one_recording`: no more will come;
 * n_rows: how many rows there will be, 0 where that is not known; `is_file`:
 * the output can be gone back in. KJ_EARGUMENT tells why not. */
kj_status cli_layout_check(const cli_layout *layout, bool one_recording,
                           uint64_t n_rows, bool is_file, kj_error *err);

void cli_write_head(const cli_layout *layout, uint64_t n_rows, FILE *stream);
void cli_write_row(const cli_layout *layout, const cli_row *row, FILE *stream);

/* The bytes of 4 byte numbers in a fixed order, on any machine. */
void cli_write_floats(const float *values, size_t n, bool is_big_endian,
                      FILE *stream);

#endif
