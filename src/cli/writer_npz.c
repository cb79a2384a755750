/*
 * writer_npz.c: arrays with names in one file, as numpy.load reads it.
 *
 * Rows come one at a time, the file has one array after another: so rows are
 * kept as records in the temporary file, from which at the end one pass an
 * array makes the archive. Memory does not grow with the number of rows.
 *
 * Arrays of a table of n rows and c columns: features <f4 (n, c), columns
 * <U64 (c), feature_set S16 (), file S* (n, UTF-8), and start <f8, end <f8,
 * status S16 (n), or of contours frame <f8, time <f8 (n).
 *
 * Sources: numpy/doc "NPY format" 1.0; PKWARE APPNOTE 6.3: members as they are
 * (stored), without extensions, so below 4 GiB in all; CRC-32 of ISO 3309.
 */
#include "cli/writer.h"

#include "base/error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
  N_ARRAYS = 7,
  TEXT_BYTES = 16, /* of a status, and of a set's name */
  WIDE = 4         /* bytes a character of <U */
};

/* Before the values of a row. */
typedef struct record {
  double first, second; /* start and end, or frame and time */
  uint32_t status;
  uint32_t name_bytes;
} record;

/* A member of the archive being written. */
typedef struct member {
  char name[24];
  uint32_t crc, size, offset; /* of its local header */
} member;

typedef struct archive {
  const cli_layout *layout;
  uint64_t n_rows;
  FILE *rows; /* the records */
  FILE *zip;
  uint32_t longest_name; /* bytes */
  char *name;            /* of the row being read */
  float *values;         /* likewise */
  uint32_t crc_table[256];
  uint32_t crc;
  uint64_t size; /* of the member so far */
  member member[N_ARRAYS];
  size_t n_members;
} archive;

static void npz_row(const cli_layout *l, const cli_row *row, FILE *f)
{
  const bool is_summed = l->level == KJ_LEVEL_FUNCTIONALS;
  const record r = {.first = is_summed ? row->start_s : (double)row->frame,
                    .second = is_summed ? row->end_s : row->time_s,
                    .status = (uint32_t)row->status,
                    .name_bytes = (uint32_t)strlen(row->name)};
  fwrite(&r, sizeof r, 1, f);
  fwrite(row->name, 1, r.name_bytes, f);
  fwrite(row->values, sizeof(float), l->n_columns, f);
}

static void fill_crc_table(archive *a)
{
  const uint32_t polynomial = 0xEDB88320u; /* ISO 3309, reflected */
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; bit++)
      c = c & 1 ? polynomial ^ (c >> 1) : c >> 1;
    a->crc_table[i] = c;
  }
}

static void put(archive *a, const void *bytes, size_t size)
{
  const unsigned char *b = bytes;
  for (size_t i = 0; i < size; i++)
    a->crc = a->crc_table[(a->crc ^ b[i]) & 0xff] ^ (a->crc >> 8);
  a->size += size;
  fwrite(bytes, 1, size, a->zip);
}

static void put_number(archive *a, double number)
{
  uint64_t bits;
  unsigned char bytes[8];
  memcpy(&bits, &number, sizeof bits);
  for (unsigned b = 0; b < 8; b++)
    bytes[b] = (unsigned char)(bits >> 8 * b);
  put(a, bytes, sizeof bytes);
}

static void put_text(archive *a, const char *text, size_t n, size_t width)
{
  static const char zeros[64];
  put(a, text, n);
  for (size_t left = width - n; left > 0;) {
    const size_t part = left < sizeof zeros ? left : sizeof zeros;
    put(a, zeros, part);
    left -= part;
  }
}

static void put_npy_head(archive *a, const char *type, const char *shape)
{
  char head[128];
  memset(head, ' ', sizeof head);
  const int n = snprintf(head, sizeof head,
                         "\x93NUMPY\x01%c%c%c{'descr': '%s', 'fortran_order': "
                         "False, 'shape': (%s), }",
                         0, (int)sizeof head - 10, 0, type, shape);
  head[n] = ' ';
  head[sizeof head - 1] = '\n';
  put(a, head, sizeof head);
}

static void put_little(FILE *f, uint32_t value, unsigned n)
{
  for (unsigned b = 0; b < n; b++)
    putc((int)(value >> 8 * b & 0xff), f);
}

/* What the local header and the directory say alike. */
static void put_fields(FILE *f, const member *m)
{
  const uint32_t version = 20, day = 33; /* 1980-01-01: no clock */
  put_little(f, version, 2);
  put_little(f, 0, 2 + 2); /* flags; stored */
  put_little(f, 0, 2);     /* time */
  put_little(f, day, 2);
  put_little(f, m->crc, 4);
  put_little(f, m->size, 4);
  put_little(f, m->size, 4);
  put_little(f, (uint32_t)strlen(m->name), 2);
  put_little(f, 0, 2);
}

static void put_local_header(FILE *f, const member *m)
{
  put_little(f, 0x04034b50, 4);
  put_fields(f, m);
  fputs(m->name, f);
}

static void put_directory(archive *a)
{
  const long start = ftell(a->zip);
  for (size_t i = 0; i < a->n_members; i++) {
    const member *m = &a->member[i];
    put_little(a->zip, 0x02014b50, 4);
    put_little(a->zip, 20, 2);
    put_fields(a->zip, m);
    put_little(a->zip, 0, 2 + 2); /* comment; disk */
    put_little(a->zip, 0, 2);
    put_little(a->zip, 0, 4);
    put_little(a->zip, m->offset, 4);
    fputs(m->name, a->zip);
  }
  const long end = ftell(a->zip);
  put_little(a->zip, 0x06054b50, 4);
  put_little(a->zip, 0, 2 + 2);
  put_little(a->zip, (uint32_t)a->n_members, 2);
  put_little(a->zip, (uint32_t)a->n_members, 2);
  put_little(a->zip, (uint32_t)(end - start), 4);
  put_little(a->zip, (uint32_t)start, 4);
  put_little(a->zip, 0, 2);
}

static bool read_row(archive *a, record *r)
{
  return fread(r, sizeof *r, 1, a->rows) == 1 &&
         fread(a->name, 1, r->name_bytes, a->rows) == r->name_bytes &&
         fread(a->values, sizeof(float), a->layout->n_columns, a->rows) ==
             a->layout->n_columns;
}

static void put_features(archive *a, const record *r)
{
  (void)r;
  for (size_t c = 0; c < a->layout->n_columns; c++) {
    uint32_t bits;
    unsigned char bytes[4];
    memcpy(&bits, &a->values[c], sizeof bits);
    for (unsigned b = 0; b < 4; b++)
      bytes[b] = (unsigned char)(bits >> 8 * b);
    put(a, bytes, sizeof bytes);
  }
}

static void put_file(archive *a, const record *r)
{
  put_text(a, a->name, r->name_bytes, a->longest_name);
}

static void put_first(archive *a, const record *r)
{
  put_number(a, r->first);
}

static void put_second(archive *a, const record *r)
{
  put_number(a, r->second);
}

static void put_status(archive *a, const record *r)
{
  const char *text = kj_recording_status_text((kj_recording_status)r->status);
  put_text(a, text, strlen(text), TEXT_BYTES);
}

static void put_columns(archive *a)
{
  char shape[32];
  snprintf(shape, sizeof shape, "%zu,", a->layout->n_columns);
  put_npy_head(a, "<U64", shape);
  for (size_t c = 0; c < a->layout->n_columns; c++) {
    const char *name = a->layout->column[c];
    for (size_t i = 0; i < KJ_FEATURE_NAME_SIZE; i++) {
      const char wide[WIDE] = {i < strlen(name) ? name[i] : '\0', 0, 0, 0};
      put(a, wide, sizeof wide);
    }
  }
}

static void put_set(archive *a)
{
  char text[TEXT_BYTES];
  put_npy_head(a, "|S16", "");
  const int n = snprintf(text, sizeof text, "%s/%u", a->layout->set->name,
                         a->layout->set->version);
  put_text(a, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1,
           TEXT_BYTES);
}

static member *begin(archive *a, const char *name)
{
  member *m = &a->member[a->n_members++];
  snprintf(m->name, sizeof m->name, "%s.npy", name);
  m->offset = (uint32_t)ftell(a->zip);
  put_local_header(a->zip, m);
  a->crc = UINT32_MAX;
  a->size = 0;
  return m;
}

static kj_status end(archive *a, member *m, kj_error *err)
{
  if (a->size + m->offset > UINT32_MAX)
    return kj__fail(err, KJ_EDATA,
                    "%s.npy would end beyond 4 GiB, the most that --format npz "
                    "can hold; npy has no limit",
                    m->name);
  m->crc = ~a->crc;
  m->size = (uint32_t)a->size;
  if (fseek(a->zip, (long)m->offset, SEEK_SET) != 0)
    return kj__fail(err, KJ_EFILE, "cannot seek: %s", strerror(errno));
  put_local_header(a->zip, m);
  fseek(a->zip, 0, SEEK_END);
  return KJ_OK;
}

/* An array with a value for each row. */
static kj_status put_array(archive *a, const char *name, const char *type,
                           void (*put_one)(archive *, const record *),
                           kj_error *err)
{
  char shape[64];
  record r;
  if (put_one == put_features)
    snprintf(shape, sizeof shape, "%" PRIu64 ", %zu", a->n_rows,
             a->layout->n_columns);
  else
    snprintf(shape, sizeof shape, "%" PRIu64 ",", a->n_rows);
  member *m = begin(a, name);
  put_npy_head(a, type, shape);
  rewind(a->rows);
  for (uint64_t i = 0; i < a->n_rows; i++) {
    if (!read_row(a, &r))
      return kj__fail(err, KJ_EFILE, "its rows cannot be read back");
    put_one(a, &r);
  }
  return end(a, m, err);
}

static kj_status put_constant(archive *a, const char *name,
                              void (*put_all)(archive *), kj_error *err)
{
  member *m = begin(a, name);
  put_all(a);
  return end(a, m, err);
}

static kj_status put_arrays(archive *a, kj_error *err)
{
  const bool is_summed = a->layout->level == KJ_LEVEL_FUNCTIONALS;
  char type[24];
  snprintf(type, sizeof type, "|S%u", a->longest_name);
  kj_status status = put_array(a, "features", "<f4", put_features, err);
  if (status == KJ_OK)
    status = put_constant(a, "columns", put_columns, err);
  if (status == KJ_OK)
    status = put_constant(a, "feature_set", put_set, err);
  if (status == KJ_OK)
    status = put_array(a, "file", type, put_file, err);
  if (status == KJ_OK)
    status = put_array(a, is_summed ? "start" : "frame", "<f8", put_first, err);
  if (status == KJ_OK)
    status = put_array(a, is_summed ? "end" : "time", "<f8", put_second, err);
  if (status == KJ_OK && is_summed)
    status = put_array(a, "status", "|S16", put_status, err);
  if (status == KJ_OK)
    put_directory(a);
  return status;
}

/* The longest name, from the heads of the records. */
static bool measure_names(archive *a)
{
  record r;
  const long n_bytes = (long)(a->layout->n_columns * sizeof(float));
  a->longest_name = 1;
  rewind(a->rows);
  for (uint64_t i = 0; i < a->n_rows; i++) {
    if (fread(&r, sizeof r, 1, a->rows) != 1 ||
        fseek(a->rows, (long)r.name_bytes + n_bytes, SEEK_CUR) != 0)
      return false;
    if (r.name_bytes > a->longest_name)
      a->longest_name = r.name_bytes;
  }
  return true;
}

static kj_status build(archive *a, kj_error *err)
{
  fill_crc_table(a);
  if (fflush(a->rows) != 0 || !measure_names(a))
    return kj__fail(err, KJ_EFILE, "its rows cannot be read back: %s",
                    strerror(errno));
  a->name = malloc(a->longest_name);
  a->values = malloc(a->layout->n_columns * sizeof(float));
  const kj_status status = a->name && a->values
                               ? put_arrays(a, err)
                               : kj__fail_memory(err, "an archive");
  free(a->name);
  free(a->values);
  return status;
}

static kj_status npz_finish(const cli_layout *l, uint64_t n_rows,
                            kj__output *rows, kj__output *whole, kj_error *err)
{
  kj_status status = kj__output_open(whole, rows->path, err);
  if (status != KJ_OK)
    return status;
  archive a = {.layout = l,
               .n_rows = n_rows,
               .rows = rows->stream,
               .zip = whole->stream};
  kj_error why;
  status = build(&a, &why);
  if (kj__output_check(whole, err) != KJ_OK)
    status = KJ_EFILE;
  else if (status != KJ_OK)
    kj__fail(err, status, "%s: %s", rows->path, why.message);
  if (status != KJ_OK)
    kj__output_discard(whole);
  return status;
}

const cli_form CLI_FORM_NPZ = {
    .row = npz_row, .finish = npz_finish, .needs_file = true};
