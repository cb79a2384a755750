/*
 * speech.c: one run of espeak-ng an utterance. The text goes as an argument, in
 * SSML (which alone knows the pitch range and pauses); the WAV comes through a
 * pipe, so its header cannot know its length and says 2 GB.
 */
#include "corpus/synth/speech.h"

#include "base/bytes.h"
#include "base/error.h"
#include "corpus/synth/process.h"
#include "corpus/synth/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "espeak-ng"

enum { TIMEOUT_MS = 30000, MAX_SOUND_BYTES = 1 << 26 };
enum { WAV_PCM = 1, WAV_BITS = 16 };
enum { MIN_RATE_HZ = 1000, MAX_RATE_HZ = 768000 };

kj_status kj__synth_speech_version(char *text, size_t size, kj_error *err)
{
  char *const argv[] = {PROGRAM, "--version", NULL};
  char *output;
  size_t n;
  const kj_status status =
      kj__process_run(argv, TIMEOUT_MS, MAX_SOUND_BYTES, &output, &n, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status,
                       "a synthetic corpus needs the program " PROGRAM
                       " (Debian package " PROGRAM ")");
  /* "eSpeak NG text-to-speech: 1.51  Data at: ...": not where its data are */
  char *end = strstr(output, "  ");
  if (!end)
    end = output + strcspn(output, "\r\n");
  snprintf(text, size, "%.*s", (int)(end - output), output);
  free(output);
  return KJ_OK;
}

static unsigned little(const uint8_t *bytes, unsigned n)
{
  unsigned value = 0;
  while (n-- > 0)
    value = value << 8 | bytes[n];
  return value;
}

static kj_status decode(const uint8_t *data, size_t n, unsigned rate_hz,
                        kj__synth_sound *sound, kj_error *err)
{
  float *samples = malloc((n + 1) * sizeof *samples);
  if (!samples)
    return kj__fail_memory(err, "speech");
  for (size_t i = 0; i < n; i++) {
    const unsigned code = little(data + 2 * i, 2);
    samples[i] =
        (float)(code < 32768U ? (int)code : (int)code - 65536) / 32768.0F;
  }
  *sound = (kj__synth_sound){samples, n, rate_hz};
  return KJ_OK;
}

/* What the chunk "fmt " says: 0 where it is not what we can read. */
static unsigned rate_of(const uint8_t *format, size_t n)
{
  if (n < 16 || little(format, 2) != WAV_PCM || little(format + 2, 2) != 1 ||
      little(format + 14, 2) != WAV_BITS)
    return 0;
  const unsigned rate_hz = little(format + 4, 4);
  return rate_hz < MIN_RATE_HZ || rate_hz > MAX_RATE_HZ ? 0 : rate_hz;
}

static kj_status read_chunks(kj__bytes *bytes, kj__synth_sound *sound,
                             kj_error *err)
{
  unsigned rate_hz = 0;
  for (;;) {
    const uint8_t *chunk = kj__bytes_take(bytes, 8);
    if (!chunk)
      return kj__fail(err, KJ_EFORMAT, PROGRAM ": a WAV without sound");
    const size_t left = bytes->size - bytes->offset;
    const size_t told = little(chunk + 4, 4);
    const size_t n = told < left ? told : left;
    const uint8_t *content = kj__bytes_take(bytes, n);
    if (memcmp(chunk, "data", 4) == 0 && rate_hz > 0)
      return decode(content, n / 2, rate_hz, sound, err);
    if (memcmp(chunk, "fmt ", 4) != 0)
      continue;
    rate_hz = rate_of(content, n);
    if (rate_hz == 0)
      return kj__fail(err, KJ_EFORMAT,
                      PROGRAM ": must give WAV of 16 bit and one channel");
  }
}

kj_status kj__synth_speech_read(const char *wav, size_t size,
                                kj__synth_sound *sound, kj_error *err)
{
  kj__bytes bytes = kj__bytes_over(wav, size);
  const uint8_t *head = kj__bytes_take(&bytes, 12);
  if (!head || memcmp(head, "RIFF", 4) != 0 || memcmp(head + 8, "WAVE", 4) != 0)
    return kj__fail(err, KJ_EFORMAT, PROGRAM ": its output is no WAV");
  return read_chunks(&bytes, sound, err);
}

static int whole(const kj__synth_voice *voice, int cue)
{
  return (int)lrint(voice->cue[cue]);
}

kj_status kj__synth_speech_say(const kj__synth_speech *speech,
                               kj__synth_sound *sound, kj_error *err)
{
  char name[32], speed[16], pitch[16];
  char text[KJ__SYNTH_TEXT_SIZE + 128];
  snprintf(name, sizeof name, "%s+%s", speech->language, speech->variant);
  snprintf(speed, sizeof speed, "%d", whole(speech->voice, KJ__SYNTH_SPEED));
  snprintf(pitch, sizeof pitch, "%d", whole(speech->voice, KJ__SYNTH_PITCH));
  snprintf(text, sizeof text,
           "<speak><prosody range=\"%d%%\">%s</prosody></speak>",
           whole(speech->voice, KJ__SYNTH_RANGE), speech->markup);
  /* -b 1: UTF-8; -m: SSML; -z: no pause at the end */
  char *const argv[] = {PROGRAM, "-b",  "1",  "-m",  "-z",       "-v", name,
                        "-s",    speed, "-p", pitch, "--stdout", text, NULL};
  char *wav;
  size_t n;
  kj_status status =
      kj__process_run(argv, TIMEOUT_MS, MAX_SOUND_BYTES, &wav, &n, err);
  if (status != KJ_OK)
    return status;
  status = kj__synth_speech_read(wav, n, sound, err);
  free(wav);
  return status;
}
