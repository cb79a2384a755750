/*
 * test_segments.c: a segment is, bit for bit, that part of the whole, for
 * formats that seek and for those that have to be decoded from the start.
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audio/sound_files.h"
#include "base/random.h"

enum { N_SOURCE = 60000 };

static const struct {
  const char *name;
  int format;
  unsigned rate_hz;
  unsigned n_channels; /* the last of which is read */
} formats[] = {
    {"16.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 2},
    {"f.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 44100, 2},
    {"24.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 22050, 2},
    {"16.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000, 2},
    {"24.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 48000, 2},
    {"16.caf", SF_FORMAT_CAF | SF_FORMAT_ALAC_16, 16000, 2},
    {"a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 16000, 2},
    {"a.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, 2},
    {"a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100, 2},
    {"ulaw.au", SF_FORMAT_AU | SF_FORMAT_ULAW, 8000, 2},
    {"ima.wav", SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, 16000, 2},
    {"gsm.wav", SF_FORMAT_WAV | SF_FORMAT_GSM610, 8000, 1},
    {"dwvw.aiff", SF_FORMAT_AIFF | SF_FORMAT_DWVW_16, 16000, 1},
    {"g723.au", SF_FORMAT_AU | SF_FORMAT_G723_24, 8000, 1},
};

/* In samples of the file; end 0: to the end. */
static const struct {
  double start, end;
} segments[] = {
    {0, 1},        {1, 2},       {0, 4096},        {2047, 2049},
    {4096, 12345}, {30000.4, 0}, {59999, 0},       {12345.6, 23456.5},
    {100, 70000},  {1, 0},       {2048, 2048.001},
};

static void check_segment(const char *path, const sound *whole, int channel,
                          double start, double end)
{
  const double rate = whole->info.rate_hz;
  const kj_audio_options options = {
      .channel = channel, .start_s = start / rate, .end_s = end / rate};
  const size_t from = (size_t)llround(start);
  size_t to = end > 0.0 ? (size_t)llround(end) : whole->n;
  to = to > whole->n ? whole->n : to;
  const sound got = read_sound(path, &options);
  char what[PATH_SIZE + 64];
  snprintf(what, sizeof what, "%s, samples %g to %g", path, start, end);
  expect_same_samples(what, got.samples, got.n, whole->samples + from,
                      to - from);
  assert_int_equal(got.info.n_source_samples, to - from);
  assert_true(got.info.start_s == (double)from / rate);
  assert_true(got.info.end_s == (double)to / rate);
  free(got.samples);
}

static void test_segments_are_parts_of_the_whole(void **state)
{
  float *frames = malloc(2 * N_SOURCE * sizeof *frames);
  assert_non_null(frames);
  kj__random random = kj__random_stream(3, KJ__PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < 2 * N_SOURCE; i++)
    frames[i] = 0.3f * (float)kj__random_uniform(&random) - 0.15f;
  for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
    const sound_path path = path_in(state, formats[k].name);
    const int channel = (int)formats[k].n_channels - 1;
    write_floats(path.text, formats[k].format, formats[k].rate_hz,
                 formats[k].n_channels, frames, N_SOURCE);
    const sound whole = read_native(path.text, channel);
    for (size_t s = 0; s < sizeof segments / sizeof *segments; s++)
      check_segment(path.text, &whole, channel, segments[s].start,
                    segments[s].end);
    free(whole.samples);
  }
  free(frames);
}

/* FLAC written to a stream does not say how long it is. */
static void test_flac_of_unknown_length(void **state)
{
  enum { TOTAL_SAMPLES = 21 }; /* offset: low 4 bits, and 4 bytes after it */
  enum { N = 40000 };
  int frames[N];
  for (int i = 0; i < N; i++)
    frames[i] = (i % 777) * 65536;
  const sound_path path = path_in(state, "stream.flac");
  write_integers(path.text, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000, 1, frames,
                 N);
  const sound whole = read_native(path.text, 0);
  size_t size;
  char *bytes = file_bytes(path.text, &size);
  bytes[TOTAL_SAMPLES] = (char)(bytes[TOTAL_SAMPLES] & 0xF0);
  memset(bytes + TOTAL_SAMPLES + 1, 0, 4);
  write_bytes(path.text, bytes, size);
  free(bytes);
  const kj_audio_options late = {.start_s = 1.0};
  const sound again = read_native(path.text, 0);
  const sound part = read_sound(path.text, &late);
  expect_same_samples("whole", again.samples, again.n, whole.samples, whole.n);
  expect_same_samples("from 1 s", part.samples, part.n, whole.samples + 16000,
                      N - 16000);
  free(whole.samples);
  free(again.samples);
  free(part.samples);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_segments_are_parts_of_the_whole),
      cmocka_unit_test(test_flac_of_unknown_length),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
