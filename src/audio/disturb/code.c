/*
 * code.c: through a lossy coder and back, in memory, by libsndfile.
 *
 * libsndfile has one scale for all coders, the compression level: 0 the most
 * bits, 1 the fewest. MP3 and Opus make a bit rate of it, linearly.
 */
#include "audio/disturb/disturb.h"

#include "audio/opening.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <sndfile.h>
#include <string.h>

/* What the levels 0 and 1 mean, in bit/s: MP3 below 32 kHz, Opus. */
static const struct {
  int format;
  double most, least;
} CODINGS[] = {
    [KJ__CODING_MP3] = {SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 160e3, 8e3},
    [KJ__CODING_OPUS] = {SF_FORMAT_OGG | SF_FORMAT_OPUS, 256e3, 6e3}};

/* A file that is memory. */
typedef struct memory_file {
  unsigned char *data;
  size_t size, capacity, at;
} memory_file;

static sf_count_t get_length(void *user)
{
  return (sf_count_t)((memory_file *)user)->size;
}

static sf_count_t seek_to(sf_count_t offset, int whence, void *user)
{
  memory_file *file = user;
  sf_count_t base = 0;
  if (whence == SF_SEEK_CUR)
    base = (sf_count_t)file->at;
  if (whence == SF_SEEK_END)
    base = (sf_count_t)file->size;
  if (base + offset < 0 || base + offset > (sf_count_t)file->size)
    return -1;
  file->at = (size_t)(base + offset);
  return (sf_count_t)file->at;
}

static sf_count_t read_bytes(void *to, sf_count_t count, void *user)
{
  memory_file *file = user;
  const size_t left = file->size - file->at;
  const size_t n = (size_t)count < left ? (size_t)count : left;
  memcpy(to, file->data + file->at, n);
  file->at += n;
  return (sf_count_t)n;
}

static sf_count_t write_bytes(const void *from, sf_count_t count, void *user)
{
  memory_file *file = user;
  void *data = file->data;
  if (!kj__grow(&data, &file->capacity, file->at + (size_t)count, 1))
    return 0;
  file->data = data;
  memcpy(file->data + file->at, from, (size_t)count);
  file->at += (size_t)count;
  file->size = file->at > file->size ? file->at : file->size;
  return count;
}

static sf_count_t get_position(void *user)
{
  return (sf_count_t)((memory_file *)user)->at;
}

static SF_VIRTUAL_IO in_memory(void)
{
  return (SF_VIRTUAL_IO){get_length, seek_to, read_bytes, write_bytes,
                         get_position};
}

bool kj__coding_is_there(kj__coding coding)
{
  const SF_INFO info = {
      .samplerate = 16000, .channels = 1, .format = CODINGS[coding].format};
  return sf_format_check(&info) != 0;
}

static kj_status encode(const float *x, size_t n, SF_INFO info, double level,
                        memory_file *file, kj_error *err)
{
  SF_VIRTUAL_IO io = in_memory();
  kj_status status = KJ_OK;
  kj__opening_lock();
  SNDFILE *out = sf_open_virtual(&io, SFM_WRITE, &info, file);
  if (!out)
    status = kj__fail(err, KJ_EDATA, "no coder for %d Hz: %s", info.samplerate,
                      sf_strerror(NULL));
  kj__opening_unlock();
  if (status != KJ_OK)
    return status;
  int mode = SF_BITRATE_MODE_CONSTANT;
  sf_command(out, SFC_SET_BITRATE_MODE, &mode, sizeof mode);
  sf_command(out, SFC_SET_COMPRESSION_LEVEL, &level, sizeof level);
  /* what is beyond full scale is clipped, as a coder of integers does */
  sf_command(out, SFC_SET_CLIPPING, NULL, SF_TRUE);
  const sf_count_t written = sf_write_float(out, x, (sf_count_t)n);
  if (sf_close(out) != 0 || written != (sf_count_t)n)
    return kj__fail(err, KJ_EDATA, "a sound cannot be coded");
  return KJ_OK;
}

static kj_status decode(float *x, size_t n, memory_file *file, kj_error *err)
{
  SF_VIRTUAL_IO io = in_memory();
  SF_INFO info = {0};
  file->at = 0;
  kj_status status = KJ_OK;
  kj__opening_lock();
  SNDFILE *in = sf_open_virtual(&io, SFM_READ, &info, file);
  if (!in)
    status = kj__fail(err, KJ_EDATA, "a coded sound cannot be read: %s",
                      sf_strerror(NULL));
  kj__opening_unlock();
  if (status != KJ_OK)
    return status;
  memset(x, 0, n * sizeof *x);
  sf_read_float(in, x, (sf_count_t)n);
  sf_close(in);
  return KJ_OK;
}

kj_status kj__code(float *x, size_t n, unsigned rate_hz, kj__coder *coder,
                   kj_error *err)
{
  const kj__coding coding = coder->coding;
  const double most = CODINGS[coding].most, least = CODINGS[coding].least;
  const double level = (most - coder->bits_per_s) / (most - least);
  const SF_INFO info = {.samplerate = (int)rate_hz,
                        .channels = 1,
                        .format = CODINGS[coding].format};
  memory_file file = {0};
  kj_status status =
      encode(x, n, info, fmin(1.0, fmax(0.0, level)), &file, err);
  if (status == KJ_OK)
    status = decode(x, n, &file, err);
  coder->n_bytes = file.size;
  kj__release(NULL, file.data);
  return status;
}
