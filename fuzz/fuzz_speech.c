/*
 * fuzz_speech.c: any bytes as the WAV that a speech synthesizer gives. What is
 * accepted must be samples of -1..1.
 */
#include "corpus/synth/speech.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
  if (!condition)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  kj__synth_sound sound = {0};
  kj_error err;
  const char *wav = size > 0 ? (const void *)data : "";
  const kj_status status = kj__synth_speech_read(wav, size, &sound, &err);
  require(status == KJ_OK || status == KJ_EFORMAT);
  if (status != KJ_OK)
    return 0;
  require(sound.rate_hz >= 1000 && sound.rate_hz <= 768000);
  require(sound.n <= size / 2);
  for (size_t i = 0; i < sound.n; i++)
    require(sound.samples[i] >= -1.0F && sound.samples[i] <= 1.0F);
  free(sound.samples);
  return 0;
}
