/*
 * writer.c: rows of features as CSV, ARFF, NPY or JSON Lines.
 *
 * Every output tells the feature set and its version: CSV in a last column,
 * ARFF as the relation, NPY as a comment in its header, JSON as fields.
 * NPY: numpy/doc "NPY format" version 1.0; its header is a Python literal,
 * padded with spaces to a fixed size, so that the number of rows can be
 * written last.
 */
#include "cli/writer.h"

#include "base/error.h"
#include "cli/table.h"
#include "corpus/csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  NPY_HEADER_SIZE = 192 /* with magic and length; a multiple of 64 */
};

static FILE *stream_of(const cli_writer *writer)
{
  return writer->output.stream;
}

/* Columns of the level, then the set: "feature_set" is "is09/1". */
static void csv_head(cli_writer *w)
{
  FILE *f = stream_of(w);
  fputs(w->level == KJ_LEVEL_FUNCTIONALS ? "file,start,end,status"
                                         : "file,frame,time",
        f);
  for (size_t c = 0; c < w->n_columns; c++)
    fprintf(f, ",%s", w->column[c]);
  fputs(",feature_set\n", f);
}

static void csv_values(cli_writer *w, const float *values)
{
  FILE *f = stream_of(w);
  for (size_t c = 0; c < w->n_columns; c++) {
    putc(',', f);
    cli_csv_number(f, (double)values[c]);
  }
  fprintf(f, ",%s/%u\n", w->set->name, w->set->version);
}

static void csv_recording(cli_writer *w, const char *name,
                          const kj_recording *recording, const float *values)
{
  FILE *f = stream_of(w);
  kj__csv_put_text(f, name);
  fprintf(f, ",%.9g,%.9g,%s", recording->start_s, recording->end_s,
          kj_recording_status_text(recording->status));
  csv_values(w, values);
}

static void csv_frame(cli_writer *w, const char *name, uint64_t frame,
                      double time_s, const float *values)
{
  FILE *f = stream_of(w);
  kj__csv_put_text(f, name);
  fprintf(f, ",%" PRIu64 ",%.9g", frame, time_s);
  csv_values(w, values);
}

static void arff_text(FILE *f, const char *text)
{
  putc('\'', f);
  for (const char *c = text; *c; c++) {
    if (*c == '\'' || *c == '\\' || *c == '\n')
      putc('\\', f);
    putc(*c == '\n' ? 'n' : *c, f);
  }
  putc('\'', f);
}

static void arff_head(cli_writer *w)
{
  FILE *f = stream_of(w);
  fprintf(f, "@relation '%s/%u'\n\n@attribute file string\n", w->set->name,
          w->set->version);
  if (w->level == KJ_LEVEL_FUNCTIONALS) {
    fputs("@attribute start numeric\n@attribute end numeric\n"
          "@attribute status {",
          f);
#define STATUS_TEXT(name, text) "," text
    fputs(&(KJ_RECORDING_STATUS_LIST(STATUS_TEXT) "}\n")[1], f);
#undef STATUS_TEXT
  } else {
    fputs("@attribute frame numeric\n@attribute time numeric\n", f);
  }
  for (size_t c = 0; c < w->n_columns; c++)
    fprintf(f, "@attribute '%s' numeric\n", w->column[c]);
  fputs("\n@data\n", f);
}

static void arff_values(cli_writer *w, const float *values)
{
  FILE *f = stream_of(w);
  for (size_t c = 0; c < w->n_columns; c++)
    if (isfinite(values[c]))
      fprintf(f, ",%.9g", (double)values[c]);
    else
      fputs(",?", f);
  putc('\n', f);
}

static void arff_recording(cli_writer *w, const char *name,
                           const kj_recording *recording, const float *values)
{
  FILE *f = stream_of(w);
  arff_text(f, name);
  fprintf(f, ",%.9g,%.9g,%s", recording->start_s, recording->end_s,
          kj_recording_status_text(recording->status));
  arff_values(w, values);
}

static void arff_frame(cli_writer *w, const char *name, uint64_t frame,
                       double time_s, const float *values)
{
  FILE *f = stream_of(w);
  arff_text(f, name);
  fprintf(f, ",%" PRIu64 ",%.9g", frame, time_s);
  arff_values(w, values);
}

static void npy_header(cli_writer *w, uint64_t n_rows)
{
  char header[NPY_HEADER_SIZE + 1];
  const size_t size = NPY_HEADER_SIZE - 10; /* behind magic and length */
  memset(header, ' ', sizeof header);
  memcpy(header, "\x93NUMPY\x01\x00", 8);
  header[8] = (char)(size & 0xff);
  header[9] = (char)(size >> 8);
  const int n = snprintf(header + 10, size,
                         "{'descr': '<f4', 'fortran_order': False, 'shape': "
                         "(%" PRIu64 ", %zu), } # kanjo %s/%u",
                         n_rows, w->n_columns, w->set->name, w->set->version);
  header[10 + n] = ' ';
  header[NPY_HEADER_SIZE - 1] = '\n';
  fwrite(header, 1, NPY_HEADER_SIZE, stream_of(w));
}

/* Little-endian, as the header says, on any machine. */
static void npy_values(cli_writer *w, const float *values)
{
  for (size_t c = 0; c < w->n_columns; c++) {
    uint32_t bits;
    memcpy(&bits, &values[c], sizeof bits);
    const unsigned char bytes[4] = {
        (unsigned char)bits, (unsigned char)(bits >> 8),
        (unsigned char)(bits >> 16), (unsigned char)(bits >> 24)};
    fwrite(bytes, 1, sizeof bytes, stream_of(w));
  }
}

static void json_values(cli_writer *w, json_t *object, const float *values)
{
  json_t *features = json_object();
  json_object_set_new(object, "feature_set", json_string(w->set->name));
  json_object_set_new(object, "feature_set_version",
                      json_integer(w->set->version));
  for (size_t c = 0; c < w->n_columns; c++)
    json_object_set_new(features, w->column[c],
                        cli_json_number((double)values[c]));
  json_object_set_new(object, "features", features);
  cli_print_json(stream_of(w), object);
}

static void json_recording(cli_writer *w, const char *name,
                           const kj_recording *recording, const float *values)
{
  json_t *object = json_object();
  json_object_set_new(object, "file", cli_json_text(name));
  json_object_set_new(object, "start", cli_json_number(recording->start_s));
  json_object_set_new(object, "end", cli_json_number(recording->end_s));
  json_object_set_new(object, "status",
                      json_string(kj_recording_status_text(recording->status)));
  json_values(w, object, values);
}

static void json_frame(cli_writer *w, const char *name, uint64_t frame,
                       double time_s, const float *values)
{
  json_t *object = json_object();
  json_object_set_new(object, "file", cli_json_text(name));
  json_object_set_new(object, "frame", json_integer((json_int_t)frame));
  json_object_set_new(object, "time", cli_json_number(time_s));
  json_values(w, object, values);
}

static kj_status check_npy(const cli_writer *w, size_t n_inputs, kj_error *err)
{
  if (w->format != CLI_FORMAT_NPY || w->level == KJ_LEVEL_FUNCTIONALS)
    return KJ_OK;
  if (n_inputs != 1)
    return kj__fail(err, KJ_EARGUMENT,
                    "--format npy holds the descriptors of one recording; "
                    "there are %zu",
                    n_inputs);
  if (!w->output.temporary)
    return kj__fail(err, KJ_EARGUMENT,
                    "--format npy with --level lld needs -o FILE: the number "
                    "of rows, written last, stands first");
  return KJ_OK;
}

static kj_status name_columns(cli_writer *w, kj_error *err)
{
  w->n_columns = w->level == KJ_LEVEL_FUNCTIONALS ? w->set->n_functionals
                                                  : w->set->n_descriptors;
  w->column = calloc(w->n_columns, sizeof *w->column);
  if (!w->column)
    return kj__fail_memory(err, "column names");
  kj_status status = KJ_OK;
  for (size_t c = 0; status == KJ_OK && c < w->n_columns; c++)
    status = kj_feature_set_column(w->set, w->level, c, w->column[c], err);
  return status;
}

kj_status cli_writer_open(cli_writer *w, const char *path,
                          const kj_feature_set *set, kj_feature_level level,
                          cli_format format, size_t n_inputs, kj_error *err)
{
  *w = (cli_writer){.set = set, .level = level, .format = format};
  kj_status status = kj__output_open(&w->output, path ? path : "-", err);
  if (status != KJ_OK)
    return status;
  status = check_npy(w, n_inputs, err);
  if (status == KJ_OK)
    status = name_columns(w, err);
  if (status != KJ_OK) {
    cli_writer_discard(w);
    return status;
  }
  if (format == CLI_FORMAT_CSV)
    csv_head(w);
  else if (format == CLI_FORMAT_ARFF)
    arff_head(w);
  else if (format == CLI_FORMAT_NPY)
    npy_header(w, level == KJ_LEVEL_FUNCTIONALS ? n_inputs : 0);
  return KJ_OK;
}

void cli_writer_recording(cli_writer *w, const char *name,
                          const kj_recording *recording, const float *values)
{
  if (w->level != KJ_LEVEL_FUNCTIONALS)
    return;
  w->n_rows++;
  switch (w->format) {
  case CLI_FORMAT_CSV:
    csv_recording(w, name, recording, values);
    break;
  case CLI_FORMAT_ARFF:
    arff_recording(w, name, recording, values);
    break;
  case CLI_FORMAT_NPY:
    npy_values(w, values);
    break;
  case CLI_FORMAT_JSON:
    json_recording(w, name, recording, values);
    break;
  }
}

void cli_writer_frame(cli_writer *w, const char *name, uint64_t frame,
                      double time_s, const float *values)
{
  if (w->level != KJ_LEVEL_DESCRIPTORS)
    return;
  w->n_rows++;
  switch (w->format) {
  case CLI_FORMAT_CSV:
    csv_frame(w, name, frame, time_s, values);
    break;
  case CLI_FORMAT_ARFF:
    arff_frame(w, name, frame, time_s, values);
    break;
  case CLI_FORMAT_NPY:
    npy_values(w, values);
    break;
  case CLI_FORMAT_JSON:
    json_frame(w, name, frame, time_s, values);
    break;
  }
}

kj_status cli_writer_commit(cli_writer *w, kj_error *err)
{
  kj_status status = KJ_OK;
  if (w->format == CLI_FORMAT_NPY && w->level == KJ_LEVEL_DESCRIPTORS) {
    if (fseek(stream_of(w), 0, SEEK_SET) == 0)
      npy_header(w, w->n_rows);
    else
      status = kj__fail(err, KJ_EFILE, "%s: cannot seek", w->output.path);
  }
  if (status == KJ_OK)
    status = kj__output_commit(&w->output, err);
  else
    kj__output_discard(&w->output);
  free(w->column);
  w->column = NULL;
  return status;
}

void cli_writer_discard(cli_writer *w)
{
  kj__output_discard(&w->output);
  free(w->column);
  w->column = NULL;
}
