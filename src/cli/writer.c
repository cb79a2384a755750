/*
 * writer.c: which formats there are, and what each can hold.
 */
#include "cli/writer.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

static const char *const NAMES[] = {
#define FORMAT_NAME(id, name) [id] = name,
    CLI_FORMAT_LIST(FORMAT_NAME)
#undef FORMAT_NAME
};

const cli_form *cli_form_of(cli_format format)
{
  static const cli_form *const forms[] = {
      [CLI_FORMAT_CSV] = &CLI_FORM_CSV,
      [CLI_FORMAT_ARFF] = &CLI_FORM_ARFF,
      [CLI_FORMAT_NPY] = &CLI_FORM_NPY,
      [CLI_FORMAT_NPZ] = &CLI_FORM_NPZ,
      [CLI_FORMAT_JSON] = &CLI_FORM_JSON,
      [CLI_FORMAT_HTK] = &CLI_FORM_HTK,
      [CLI_FORMAT_SMILE_CSV] = &CLI_FORM_SMILE_CSV,
      [CLI_FORMAT_SMILE_ARFF] = &CLI_FORM_SMILE_ARFF,
  };
  return forms[format];
}

kj_status cli_layout_make(cli_layout *layout, const kj_feature_set *set,
                          kj_feature_level level, cli_format format,
                          kj_error *err)
{
  *layout = (cli_layout){
      .set = set, .level = level, .format = format, .hop_s = set->hop_s};
  layout->n_columns =
      level == KJ_LEVEL_FUNCTIONALS ? set->n_functionals : set->n_descriptors;
  layout->column = calloc(layout->n_columns, sizeof *layout->column);
  if (!layout->column)
    return kj__fail_memory(err, "column names");
  kj_status status = KJ_OK;
  for (size_t c = 0; status == KJ_OK && c < layout->n_columns; c++)
    status = kj_feature_set_column(set, level, c, layout->column[c], err);
  return status;
}

void cli_layout_clear(cli_layout *layout)
{
  free(layout->column);
  layout->column = NULL;
}

kj_status cli_layout_check(const cli_layout *layout, bool one_recording,
                           uint64_t n_rows, bool is_file, kj_error *err)
{
  const cli_form *form = cli_form_of(layout->format);
  const char *name = NAMES[layout->format];
  if (form->has_no_name && layout->level == KJ_LEVEL_DESCRIPTORS &&
      !one_recording)
    return kj__fail(err, KJ_EARGUMENT,
                    "--format %s holds the descriptors of one recording; "
                    "there are more",
                    name);
  if (form->counts_first && n_rows == 0 && !is_file)
    return kj__fail(err, KJ_EARGUMENT,
                    "--format %s needs -o FILE here: the number of rows, known "
                    "last, stands first",
                    name);
  if (form->needs_file && !is_file)
    return kj__fail(err, KJ_EARGUMENT, "--format %s needs -o FILE", name);
  return KJ_OK;
}

void cli_write_head(const cli_layout *layout, uint64_t n_rows, FILE *stream)
{
  const cli_form *form = cli_form_of(layout->format);
  if (form->head)
    form->head(layout, n_rows, stream);
}

void cli_write_row(const cli_layout *layout, const cli_row *row, FILE *stream)
{
  cli_form_of(layout->format)->row(layout, row, stream);
}

void cli_write_floats(const float *values, size_t n, bool is_big_endian,
                      FILE *stream)
{
  for (size_t c = 0; c < n; c++) {
    uint32_t bits;
    unsigned char bytes[4];
    memcpy(&bits, &values[c], sizeof bits);
    for (unsigned b = 0; b < 4; b++)
      bytes[is_big_endian ? 3 - b : b] = (unsigned char)(bits >> 8 * b);
    fwrite(bytes, 1, sizeof bytes, stream);
  }
}
