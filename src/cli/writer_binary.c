/*
 * writer_binary.c: the numbers alone, as NPY or as an HTK parameter file.
 *
 * NPY: numpy/doc "NPY format" version 1.0; its header is a Python literal,
 * padded with spaces to a fixed size, so that the number of rows can be
 * written last. The set stands in a comment there.
 * HTK: The HTK Book (Young et al. 2006), section 5.10.1: big-endian; number of
 * rows, their period in 100 ns, bytes a row, kind (9: USER).
 */
#include "cli/writer.h"

#include "base/error.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
  NPY_HEADER_SIZE = 192, /* with magic and length; a multiple of 64 */
  HTK_HEADER_SIZE = 12,
  HTK_USER = 9
};

static const double htk_units_per_s = 1e7; /* of 100 ns */

static void npy_head(const cli_layout *l, uint64_t n_rows, FILE *f)
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
                         n_rows, l->n_columns, l->set->name, l->set->version);
  header[10 + n] = ' ';
  header[NPY_HEADER_SIZE - 1] = '\n';
  fwrite(header, 1, NPY_HEADER_SIZE, f);
}

static void npy_row(const cli_layout *l, const cli_row *row, FILE *f)
{
  cli_write_floats(row->values, l->n_columns, false, f);
}

static void put_big_endian(unsigned char *bytes, uint32_t value, unsigned n)
{
  for (unsigned b = 0; b < n; b++)
    bytes[b] = (unsigned char)(value >> 8 * (n - 1 - b));
}

static void htk_head(const cli_layout *l, uint64_t n_rows, FILE *f)
{
  unsigned char header[HTK_HEADER_SIZE];
  put_big_endian(header, (uint32_t)n_rows, 4);
  put_big_endian(header + 4, (uint32_t)lround(l->hop_s * htk_units_per_s), 4);
  put_big_endian(header + 8, (uint32_t)(l->n_columns * sizeof(float)), 2);
  put_big_endian(header + 10, HTK_USER, 2);
  fwrite(header, 1, sizeof header, f);
}

/* There is no mark for a missing value: a row without is zeros. */
static void htk_row(const cli_layout *l, const cli_row *row, FILE *f)
{
  static const float nothing = 0.0F;
  for (size_t c = 0; c < l->n_columns; c++)
    cli_write_floats(isfinite(row->values[c]) ? &row->values[c] : &nothing, 1,
                     true, f);
}

/* The head once more, with the number of rows that came. */
static kj_status write_again(const cli_layout *l, uint64_t n_rows,
                             kj__output *output, kj__output *whole,
                             kj_error *err)
{
  (void)whole;
  if (!output->temporary) /* the number was known */
    return KJ_OK;
  if (fseek(output->stream, 0, SEEK_SET) != 0)
    return kj__fail(err, KJ_EFILE, "%s: cannot seek", output->path);
  cli_write_head(l, n_rows, output->stream);
  return KJ_OK;
}

static kj_status htk_finish(const cli_layout *l, uint64_t n_rows,
                            kj__output *output, kj__output *whole,
                            kj_error *err)
{
  if (n_rows > INT32_MAX)
    return kj__fail(err, KJ_EDATA,
                    "%s: %" PRIu64 " rows; an HTK file holds at most %d",
                    output->path, n_rows, INT32_MAX);
  return write_again(l, n_rows, output, whole, err);
}

const cli_form CLI_FORM_NPY = {.head = npy_head,
                               .row = npy_row,
                               .finish = write_again,
                               .counts_first = true,
                               .has_no_name = true};
const cli_form CLI_FORM_HTK = {.head = htk_head,
                               .row = htk_row,
                               .finish = htk_finish,
                               .counts_first = true,
                               .has_no_name = true};
