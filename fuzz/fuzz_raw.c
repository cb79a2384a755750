/*
 * fuzz_raw.c: the first line as what raw sound is, the rest as its bytes. What
 * is accepted has as many samples as there is room for, and a status, in every
 * feature set.
 */
#define _GNU_SOURCE
#include "kanjo/recording.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_LINE = 64, N_FUNCTIONALS = 384 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
  if (!condition)
    abort();
}

static void listen_to(const char *path, const kj_raw *raw, size_t n_bytes,
                      const kj_feature_set *set)
{
  float functionals[N_FUNCTIONALS];
  kj_recording recording;
  kj_recording_options options = {.set = set,
                                  .audio = {.channel = KJ_CHANNEL_MIX},
                                  .window_s = 0.2,
                                  .hop_s = 0.1};
  kj_error err;
  options.audio.raw = *raw;
  require(kj_recording_extract(path, &options, functionals, &recording, &err) ==
          KJ_OK);
  require(recording.info.n_source_samples <= n_bytes);
  const bool has_values = kj_recording_has_values(recording.status);
  require(has_values || recording.reason[0] != '\0');
  for (size_t i = 0; i < N_FUNCTIONALS; i++)
    require(has_values ? isfinite(functionals[i]) : isnan(functionals[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char line[MOST_LINE + 1] = "", path[64];
  kj_raw raw;
  kj_error err = {0};
  size_t n = 0;
  while (n < size && n < MOST_LINE && data[n] != '\n')
    n++;
  memcpy(line, data, n);
  if (kj_raw_parse(line, &raw, &err) != KJ_OK) {
    require(err.message[0] != '\0');
    return 0;
  }
  const int file = memfd_create("fuzz", 0);
  require(file >= 0);
  const size_t left = n < size ? size - n - 1 : 0;
  require(write(file, data + size - left, left) == (ssize_t)left);
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  for (size_t i = 0; i < kj_feature_set_count(); i++)
    listen_to(path, &raw, left, kj_feature_set_get(i));
  close(file);
  return 0;
}
