/*
 * segments.c: stretches of speech to functionals. What the detector has not
 * decided yet waits in a ring of samples.
 */
#include "kanjo/activity.h"

#include "base/error.h"
#include "base/memory.h"
#include "features/activity.h"
#include "features/rate.h"

#include <math.h>

struct kj_segments {
  const kj_feature_set *set;
  kj_allocator allocator;
  kj_extractor *extractor;
  kj__activity activity;
  kj_window_sink sink;
  void *context;
  unsigned rate_hz;
  size_t ring_length;
  float *ring;        /* shape (ring_length): the last samples */
  uint64_t n_samples; /* of the recording so far */
  bool is_open;       /* a stretch is being described */
  uint64_t n_fed;     /* the sample up to which it is */
  kj_window window;   /* it */
  float *functionals;
  void *memory;
};

static void layout(kj_segments *s, kj__arena *arena)
{
  kj__activity_layout(&s->activity, s->rate_hz, arena);
  s->ring = kj__arena_take(arena, s->ring_length, sizeof(float));
  s->functionals = kj__arena_take(arena, s->set->n_functionals, sizeof(float));
}

static kj_status allocate(kj_segments *s, kj_error *err)
{
  kj__arena arena = {NULL, 0};
  layout(s, &arena);
  arena.memory = s->memory = kj__allocate(&s->allocator, arena.used, 1);
  if (!s->memory)
    return kj__fail_memory(err, "segments");
  arena.used = 0;
  layout(s, &arena);
  kj__activity_reset(&s->activity);
  return KJ_OK;
}

kj_status kj_segments_create(const kj_feature_set *set, unsigned sample_rate_hz,
                             const kj_allocator *allocator, kj_segments **out,
                             kj_error *err)
{
  if (!set || !out)
    return kj__fail(err, KJ_EARGUMENT, "set or out is NULL");
  kj_segments *s = kj__allocate(allocator, 1, sizeof *s);
  if (!s)
    return kj__fail_memory(err, "segments");
  s->set = set;
  s->allocator = kj__allocator(allocator);
  s->rate_hz = sample_rate_hz;
  kj_status status =
      kj_extractor_create(set, sample_rate_hz, allocator, &s->extractor, err);
  if (status == KJ_OK) {
    s->ring_length = kj__activity_latency(sample_rate_hz);
    status = allocate(s, err);
  }
  if (status != KJ_OK) {
    kj_segments_destroy(s);
    return status;
  }
  *out = s;
  return KJ_OK;
}

void kj_segments_set_sink(kj_segments *s, kj_window_sink sink, void *context)
{
  if (!s)
    return;
  s->sink = sink;
  s->context = context;
}

static void open_window(kj_segments *s, uint64_t start)
{
  const uint64_t index = s->window.index;
  kj_extractor_reset(s->extractor);
  s->is_open = true;
  s->n_fed = start;
  s->window =
      (kj_window){.index = index, .start_s = (double)start / s->rate_hz};
}

static void feed_one(kj_segments *s, float x)
{
  const float magnitude = fabsf(x);
  if (isfinite(magnitude) && (double)magnitude > s->window.peak)
    s->window.peak = (double)magnitude;
  s->window.n_full_scale += magnitude >= 1.0F ? 1 : 0;
}

/* Describe the stretch up to sample `end`, which the ring still has. */
static kj_status feed(kj_segments *s, uint64_t end, kj_error *err)
{
  while (s->n_fed < end) {
    const size_t at = (size_t)(s->n_fed % s->ring_length);
    size_t n = s->ring_length - at;
    if (n > end - s->n_fed)
      n = (size_t)(end - s->n_fed);
    for (size_t i = 0; i < n; i++)
      feed_one(s, s->ring[at + i]);
    const kj_status status =
        kj_extractor_process(s->extractor, s->ring + at, n, err);
    if (status != KJ_OK)
      return status;
    s->window.n_samples += n;
    s->n_fed += n;
  }
  return KJ_OK;
}

static kj_status close_window(kj_segments *s, uint64_t end, kj_error *err)
{
  kj_status status = kj_extractor_finish(s->extractor, s->functionals, err);
  s->is_open = false;
  if (status == KJ_ETOOSHORT) /* the recording ends within its first frame */
    return KJ_OK;
  if (status != KJ_OK)
    return status;
  s->window.end_s = (double)end / s->rate_hz;
  if (s->sink)
    s->sink(s->context, &s->window, s->functionals);
  s->window.index++;
  return KJ_OK;
}

/* Follow what the detector knows by now. */
static kj_status follow(kj_segments *s, bool is_end, kj_error *err)
{
  for (;;) {
    const kj__stretch known = kj__activity_next(&s->activity, is_end);
    if (!known.is_there)
      return KJ_OK;
    if (!s->is_open)
      open_window(s, known.start);
    kj_status status = feed(s, known.end, err);
    if (status == KJ_OK && known.has_ended)
      status = close_window(s, known.end, err);
    if (status != KJ_OK || !known.has_ended)
      return status;
  }
}

kj_status kj_segments_process(kj_segments *s, const float *samples,
                              size_t n_samples, kj_error *err)
{
  if (!s || (!samples && n_samples > 0))
    return kj__fail(err, KJ_EARGUMENT, "s or samples is NULL");
  for (size_t done = 0; done < n_samples;) {
    const size_t n =
        kj__activity_take(&s->activity, samples + done, n_samples - done);
    for (size_t i = 0; i < n; i++)
      s->ring[s->n_samples++ % s->ring_length] = samples[done + i];
    done += n;
    const kj_status status = follow(s, false, err);
    if (status != KJ_OK)
      return status;
  }
  return KJ_OK;
}

kj_status kj_segments_finish(kj_segments *s, kj_error *err)
{
  if (!s)
    return kj__fail(err, KJ_EARGUMENT, "s is NULL");
  const size_t frame_samples = kj__rate_of(s->rate_hz).frame_samples;
  if (s->n_samples < frame_samples)
    return kj__fail(err, KJ_ETOOSHORT,
                    "recording has %llu samples; must be at least %zu",
                    (unsigned long long)s->n_samples, frame_samples);
  return follow(s, true, err);
}

void kj_segments_reset(kj_segments *s)
{
  if (!s)
    return;
  kj_extractor_reset(s->extractor);
  kj__activity_reset(&s->activity);
  s->n_samples = 0;
  s->is_open = false;
  s->window = (kj_window){0};
}

void kj_segments_destroy(kj_segments *s)
{
  if (!s)
    return;
  const kj_allocator allocator = s->allocator;
  kj_extractor_destroy(s->extractor);
  kj__release(&allocator, s->memory);
  kj__release(&allocator, s);
}
