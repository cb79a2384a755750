/*
 * judge.c: what a sound looks like from outside: the status of a recording,
 * and whether a name is that of a sound file.
 */
#include "kanjo/audio.h"

#include <string.h>

const char *kj_recording_status_text(kj_recording_status status)
{
  switch (status) {
#define TEXT_CASE(name, text)                                                  \
  case name:                                                                   \
    return text;
    KJ_RECORDING_STATUS_LIST(TEXT_CASE)
#undef TEXT_CASE
  }
  return "unknown";
}

bool kj_recording_has_values(kj_recording_status status)
{
  return status == KJ_RECORDING_SILENT || status == KJ_RECORDING_CLIPPED ||
         status == KJ_RECORDING_OK;
}

kj_recording_status kj_audio_classify(const kj_audio_info *info)
{
  const uint64_t n_samples = info->n_source_samples * info->n_used_channels;
  if (info->n_not_finite > 0)
    return KJ_RECORDING_NOT_FINITE;
  if (info->peak < KJ_SILENT_PEAK)
    return KJ_RECORDING_SILENT;
  if (info->n_full_scale * KJ_CLIPPED_ONE_IN >= n_samples)
    return KJ_RECORDING_CLIPPED;
  return KJ_RECORDING_OK;
}

/* Not "sds": libsndfile 1.2.0 prints to standard output what is wrong with a
 * damaged one. */
static const char *const sound_endings[] = {
    "wav", "wave", "bwf", "rf64", "w64",  "flac", "ogg",  "oga", "opus",
    "mp1", "mp2",  "mp3", "aif",  "aiff", "aifc", "au",   "snd", "caf",
    "sph", "nist", "voc", "paf",  "pvf",  "svx",  "8svx", "iff", "avr"};

/* Not strcasecmp(): endings are ASCII in every locale. */
static char to_lower(char letter)
{
  return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static bool equals_in_any_case(const char *text, const char *lower)
{
  while (*lower != '\0' && to_lower(*text) == *lower) {
    text++;
    lower++;
  }
  return *text == '\0' && *lower == '\0';
}

bool kj_audio_is_sound_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  const char *dot = strrchr(name, '.');
  if (!dot || name[0] == '.')
    return false;
  for (size_t i = 0; i < sizeof sound_endings / sizeof *sound_endings; i++)
    if (equals_in_any_case(dot + 1, sound_endings[i]))
      return true;
  return false;
}
