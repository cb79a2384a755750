/*
 * recording.c: audio to extractor, and the verdict: of decode_error, too_short,
 * not_finite, silent, clipped and ok the first that applies.
 */
#include "kanjo/recording.h"

#include "audio/input.h"
#include "base/error.h"
#include "corpus/recorder.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { READ_SAMPLES = 10240 }; /* 64 hops at 16 kHz: whole batches of frames */

static kj_status push_samples(kj__recorder *r, kj_error *err)
{
  float samples[READ_SAMPLES];
  for (;;) {
    size_t n;
    kj_status status = kj_audio_read(r->audio, samples, READ_SAMPLES, &n, err);
    if (status != KJ_OK || n == 0)
      return status;
    status = kj__recorder_process(r, samples, n, err);
    if (status != KJ_OK)
      return status;
  }
}

static kj_status compute(kj__recorder *r, const char *path, float *functionals,
                         kj_error *err)
{
  kj_status status = kj__recorder_open(r, path, err);
  if (status == KJ_OK)
    status = kj__recorder_ready(r, err);
  if (status == KJ_OK)
    status = push_samples(r, err);
  if (status == KJ_OK)
    status = kj__recorder_finish(r, functionals, err);
  return status;
}

static bool all_finite(const float *x, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i]))
      return false;
  return true;
}

/* The message of the audio room begins with "PATH: "; a reason does not. */
static const char *without_path(const char *message, const char *path)
{
  char prefix[KJ__PATH_SHOWN + 3];
  const int length = snprintf(prefix, sizeof prefix, "%.*s: ", KJ__PATH_SHOWN,
                              kj__input_label(path));
  return strncmp(message, prefix, (size_t)length) == 0 ? message + length
                                                       : message;
}

static void explain(kj_recording *recording, const char *path,
                    const kj_error *error)
{
  const kj_audio_info *info = &recording->info;
  char *reason = recording->reason;
  const double n_samples =
      (double)info->n_source_samples * info->n_used_channels;
  switch (recording->status) {
  case KJ_RECORDING_DECODE_ERROR:
    snprintf(reason, KJ_REASON_SIZE, "%.*s", KJ_REASON_SIZE - 1,
             without_path(error->message, path));
    break;
  case KJ_RECORDING_TOO_SHORT:
    snprintf(reason, KJ_REASON_SIZE,
             "%llu samples at %u Hz are less than one frame",
             (unsigned long long)info->n_source_samples, info->source_rate_hz);
    break;
  case KJ_RECORDING_NOT_FINITE:
    if (info->n_not_finite > 0)
      snprintf(reason, KJ_REASON_SIZE, "%llu samples are NaN or infinite",
               (unsigned long long)info->n_not_finite);
    else
      snprintf(reason, KJ_REASON_SIZE, "features overflow; the peak is %g",
               info->peak);
    break;
  case KJ_RECORDING_SILENT:
    snprintf(reason, KJ_REASON_SIZE, "peak is %.1f dBFS; must be at least %g",
             20.0 * log10(info->peak), 20.0 * log10(KJ_SILENT_PEAK));
    break;
  case KJ_RECORDING_CLIPPED:
    snprintf(reason, KJ_REASON_SIZE, "%.2f %% of the samples at full scale",
             100.0 * (double)info->n_full_scale / n_samples);
    break;
  case KJ_RECORDING_OK:
    break;
  }
}

/* True where `status` is about the file and so becomes a verdict. */
static bool judge(kj_status status, const float *functionals, size_t n,
                  kj_recording *recording)
{
  switch (status) {
  case KJ_OK:
    recording->status = all_finite(functionals, n)
                            ? kj_audio_classify(&recording->info)
                            : KJ_RECORDING_NOT_FINITE;
    return true;
  case KJ_EFILE:
  case KJ_EFORMAT:
  case KJ_EDATA:
    recording->status = KJ_RECORDING_DECODE_ERROR;
    return true;
  case KJ_ETOOSHORT:
    recording->status = KJ_RECORDING_TOO_SHORT;
    return true;
  default:
    return false;
  }
}

static void blank_if_without_value(const kj_recording *recording,
                                   float *functionals, size_t n)
{
  if (kj_recording_has_values(recording->status))
    return;
  for (size_t i = 0; i < n; i++)
    functionals[i] = NAN;
}

kj_status kj__recorder_extract(kj__recorder *recorder, const char *path,
                               const kj_recording_options *options,
                               float *functionals, kj_recording *out,
                               kj_error *err)
{
  kj__recorder *r = recorder;
  const size_t n = options->set->n_functionals;
  kj_error error = {0};
  kj_recording recording = {0};
  r->options = options;
  kj_status status = compute(r, path, functionals, &error);
  if (r->audio)
    recording.info = kj_audio_get_info(r->audio);
  const bool is_placed = recording.info.end_s > 0.0;
  recording.start_s =
      is_placed ? recording.info.start_s : options->audio.start_s;
  recording.end_s = is_placed ? recording.info.end_s : options->audio.end_s;
  if (judge(status, functionals, n, &recording)) {
    status = KJ_OK;
    blank_if_without_value(&recording, functionals, n);
    explain(&recording, path, &error);
    *out = recording;
  } else
    kj__fail(err, status, "%s", error.message);
  if (!r->path || recording.status == KJ_RECORDING_DECODE_ERROR)
    kj__recorder_close(r);
  return status;
}

kj_status kj_recording_extract(const char *path,
                               const kj_recording_options *options,
                               float *functionals, kj_recording *out,
                               kj_error *err)
{
  if (!path || !options || !options->set || !functionals || !out)
    return kj__fail(err, KJ_EARGUMENT,
                    "path, options, options->set, functionals or out is NULL");
  kj__recorder recorder = {0};
  const kj_status status =
      kj__recorder_extract(&recorder, path, options, functionals, out, err);
  kj__recorder_clear(&recorder);
  return status;
}
