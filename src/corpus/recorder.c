/*
 * recorder.c: what describes the samples of a recording: an extractor, or
 * windows; kept for the next recording where that needs the same.
 */
#include "corpus/recorder.h"

#include "audio/move.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static bool fits(const kj__recorder *r, unsigned rate_hz)
{
  const kj_recording_options *o = r->options;
  return (o->by_activity ? r->segments != NULL : r->extractor || r->windows) &&
         r->set == o->set && r->rate_hz == rate_hz &&
         r->window_s == o->window_s && r->hop_s == o->hop_s;
}

static void drop(kj__recorder *r)
{
  kj_extractor_destroy(r->extractor);
  kj_windows_destroy(r->windows);
  kj_segments_destroy(r->segments);
  kj__release(NULL, r->values);
  r->extractor = NULL;
  r->windows = NULL;
  r->segments = NULL;
  r->values = NULL;
}

static kj_status create(kj__recorder *r, unsigned rate_hz, kj_error *err)
{
  const kj_recording_options *o = r->options;
  drop(r);
  kj_status status;
  if (o->by_activity)
    status = kj_segments_create(o->set, rate_hz, NULL, &r->segments, err);
  else if (o->window_s > 0.0)
    status = kj_windows_create(o->set, rate_hz, o->window_s, o->hop_s, NULL,
                               &r->windows, err);
  else
    status = kj_extractor_create(o->set, rate_hz, NULL, &r->extractor, err);
  if (status != KJ_OK)
    return status;
  r->values = kj__allocate(NULL, o->set->n_functionals, sizeof(float));
  if (!r->values) {
    drop(r);
    return kj__fail_memory(err, "values of a part");
  }
  for (size_t i = 0; i < o->set->n_functionals; i++)
    r->values[i] = NAN;
  r->set = o->set;
  r->rate_hz = rate_hz;
  r->window_s = o->window_s;
  r->hop_s = o->hop_s;
  return KJ_OK;
}

static bool all_finite(const float *x, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i]))
      return false;
  return true;
}

static void give_window(void *context, const kj_window *window,
                        const float *functionals)
{
  const kj__recorder *r = context;
  const double start_s = kj_audio_get_info(r->audio).start_s;
  const bool has_values = all_finite(functionals, r->set->n_functionals);
  kj_recording part = {.start_s = start_s + window->start_s,
                       .end_s = start_s + window->end_s,
                       .info = {.source_rate_hz = r->rate_hz,
                                .rate_hz = r->rate_hz,
                                .n_channels = 1,
                                .n_used_channels = 1,
                                .n_source_samples = window->n_samples,
                                .peak = window->peak,
                                .n_full_scale = window->n_full_scale}};
  part.status =
      has_values ? kj_audio_classify(&part.info) : KJ_RECORDING_NOT_FINITE;
  if (r->options->part_sink)
    r->options->part_sink(r->options->part_context, &part,
                          has_values ? functionals : r->values);
}

/* At its own rate, a rate that cannot be is the file's fault and not the
 * caller's. */
static kj_status check_rate(const kj__recorder *r, unsigned rate_hz,
                            kj_error *err)
{
  const kj_feature_set *set = r->options->set;
  if (r->options->audio.rate_hz != 0 ||
      (rate_hz >= set->min_rate_hz && rate_hz <= set->max_rate_hz))
    return KJ_OK;
  return kj__fail(err, KJ_EDATA, "sample_rate_hz is %u; must be %u..%u for %s",
                  rate_hz, set->min_rate_hz, set->max_rate_hz, set->name);
}

static bool is_same_sound(const kj__recorder *r, const char *path,
                          const kj_audio_options *o)
{
  return r->audio && r->path && strcmp(r->path, path) == 0 &&
         r->audio_options.rate_hz == o->rate_hz &&
         r->audio_options.channel == o->channel &&
         memcmp(&r->audio_options.raw, &o->raw, sizeof o->raw) == 0;
}

/* The parts of a sound that follow each other are read by one decoder; what
 * comes out is the same. */
kj_status kj__recorder_open(kj__recorder *recorder, const char *path,
                            kj_error *err)
{
  kj__recorder *r = recorder;
  const kj_audio_options *options = &r->options->audio;
  if (is_same_sound(r, path, options) &&
      kj__audio_move(r->audio, options) == KJ_OK)
    return KJ_OK;
  kj__recorder_close(r);
  const kj_status status = kj_audio_open(path, options, &r->audio, err);
  if (status == KJ_OK && options->end_s > 0.0)
    r->path = kj__copy_text(path); /* without memory for it, it is not kept */
  r->audio_options = *options;
  return status;
}

void kj__recorder_close(kj__recorder *recorder)
{
  kj_audio_close(recorder->audio);
  kj__release(NULL, recorder->path);
  recorder->audio = NULL;
  recorder->path = NULL;
}

kj_status kj__recorder_ready(kj__recorder *recorder, kj_error *err)
{
  kj__recorder *r = recorder;
  const unsigned rate_hz = kj_audio_get_info(r->audio).rate_hz;
  kj_status status = check_rate(r, rate_hz, err);
  if (status == KJ_OK && !fits(r, rate_hz))
    status = create(r, rate_hz, err);
  if (status != KJ_OK)
    return status;
  if (r->segments) {
    kj_segments_reset(r->segments);
    kj_segments_set_sink(r->segments, give_window, r);
  } else if (r->windows) {
    kj_windows_reset(r->windows);
    kj_windows_set_sink(r->windows, give_window, r);
  } else {
    kj_extractor_reset(r->extractor);
    kj_extractor_set_sink(r->extractor, r->options->sink,
                          r->options->sink_context);
  }
  return KJ_OK;
}

kj_status kj__recorder_process(kj__recorder *recorder, const float *samples,
                               size_t n, kj_error *err)
{
  if (recorder->segments)
    return kj_segments_process(recorder->segments, samples, n, err);
  if (recorder->windows)
    return kj_windows_process(recorder->windows, samples, n, err);
  return kj_extractor_process(recorder->extractor, samples, n, err);
}

kj_status kj__recorder_finish(kj__recorder *recorder, float *functionals,
                              kj_error *err)
{
  if (recorder->windows)
    return kj_windows_finish(recorder->windows, functionals, err);
  if (!recorder->segments)
    return kj_extractor_finish(recorder->extractor, functionals, err);
  memset(functionals, 0, recorder->set->n_functionals * sizeof *functionals);
  return kj_segments_finish(recorder->segments, err);
}

void kj__recorder_clear(kj__recorder *recorder)
{
  drop(recorder);
  kj__recorder_close(recorder);
  *recorder = (kj__recorder){0};
}
