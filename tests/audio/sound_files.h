/*
 * sound_files.h: what the tests of sound share: a folder that goes away again,
 * small sound files written by libsndfile, and reading them back.
 *
 * cmocka's *state is the path of the folder.
 */
#ifndef KJ_TEST_SOUND_FILES_H
#define KJ_TEST_SOUND_FILES_H

#include <dirent.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kanjo/audio.h"

enum { PATH_SIZE = 512 };

typedef struct sound_path {
  char text[PATH_SIZE];
} sound_path;

static inline int make_folder(void **state)
{
  char *folder = strdup("/tmp/kanjo-sound-XXXXXX");
  *state = folder;
  return folder && mkdtemp(folder) ? 0 : -1;
}

static inline sound_path path_in(void *const *state, const char *name)
{
  sound_path path;
  snprintf(path.text, PATH_SIZE, "%s/%s", (const char *)*state, name);
  return path;
}

static inline int remove_folder(void **state)
{
  DIR *folder = opendir(*state);
  for (struct dirent *entry = folder ? readdir(folder) : NULL; entry;
       entry = readdir(folder))
    unlink(path_in(state, entry->d_name).text);
  if (folder)
    closedir(folder);
  const int status = rmdir(*state);
  free(*state);
  return status;
}

static inline SNDFILE *create_sound(const char *path, int format,
                                    unsigned rate_hz, unsigned n_channels)
{
  SF_INFO info = {.samplerate = (int)rate_hz,
                  .channels = (int)n_channels,
                  .format = format};
  SNDFILE *file = sf_open(path, SFM_WRITE, &info);
  if (!file)
    fail_msg("%s cannot be written: %s", path, sf_strerror(NULL));
  return file;
}

static inline void write_floats(const char *path, int format, unsigned rate_hz,
                                unsigned n_channels, const float *frames,
                                size_t n_frames)
{
  SNDFILE *file = create_sound(path, format, rate_hz, n_channels);
  assert_int_equal(sf_writef_float(file, frames, (sf_count_t)n_frames),
                   n_frames);
  sf_close(file);
}

/* The integers stand in the upper bits, as sf_writef_int() wants them. */
static inline void write_integers(const char *path, int format,
                                  unsigned rate_hz, unsigned n_channels,
                                  const int *frames, size_t n_frames)
{
  SNDFILE *file = create_sound(path, format, rate_hz, n_channels);
  assert_int_equal(sf_writef_int(file, frames, (sf_count_t)n_frames), n_frames);
  sf_close(file);
}

/* The bytes of a file, malloc'ed. */
static inline char *file_bytes(const char *path, size_t *size)
{
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  char *bytes = malloc(*size + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, *size, file), *size);
  fclose(file);
  return bytes;
}

static inline void write_bytes(const char *path, const void *bytes, size_t size)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  fclose(file);
}

/* Samples of a whole sound, and what was said of it. */
typedef struct sound {
  float *samples; /* malloc'ed */
  size_t n;
  kj_audio_info info;
} sound;

/* Everything, in reads of `step` samples; `n_read` may be less only at the
 * end. The status of the first call that failed. */
static inline kj_status try_sound(const char *path,
                                  const kj_audio_options *options, size_t step,
                                  sound *out, kj_error *err)
{
  kj_audio *audio = NULL;
  kj_status status = kj_audio_open(path, options, &audio, err);
  sound all = {0};
  size_t capacity = 0, n = 1;
  while (status == KJ_OK && n > 0) {
    if (all.n + step > capacity) {
      capacity = 2 * (all.n + step);
      all.samples = realloc(all.samples, capacity * sizeof(float));
      assert_non_null(all.samples);
    }
    status = kj_audio_read(audio, all.samples + all.n, step, &n, err);
    all.n += n;
  }
  if (audio)
    all.info = kj_audio_get_info(audio);
  kj_audio_close(audio);
  *out = all;
  return status;
}

static inline sound read_sound(const char *path,
                               const kj_audio_options *options)
{
  sound all;
  kj_error err = {0};
  if (try_sound(path, options, 4096, &all, &err) != KJ_OK)
    fail_msg("%s", err.message);
  return all;
}

/* At the rate of the file. */
static inline sound read_native(const char *path, int channel)
{
  const kj_audio_options options = {.channel = channel};
  return read_sound(path, &options);
}

/* Reading `path` to its end must fail so; `text` is part of the message. */
static inline void expect_failure(const char *path,
                                  const kj_audio_options *options,
                                  kj_status status, const char *text)
{
  sound all;
  kj_error err = {0};
  const kj_status got = try_sound(path, options, 1000, &all, &err);
  free(all.samples);
  if (got != status || err.status != status || !strstr(err.message, text))
    fail_msg("%s: status %s, \"%s\"; expected %s, \"...%s...\"", path,
             kj_status_text(got), err.message, kj_status_text(status), text);
}

static inline void expect_same_samples(const char *what, const float *got,
                                       size_t n_got, const float *expected,
                                       size_t n_expected)
{
  if (n_got != n_expected)
    fail_msg("%s: %zu samples, expected %zu", what, n_got, n_expected);
  for (size_t i = 0; i < n_got; i++)
    if (memcmp(got + i, expected + i, sizeof *got) != 0)
      fail_msg("%s: sample %zu is %.9g, expected %.9g", what, i, (double)got[i],
               (double)expected[i]);
}

#endif
