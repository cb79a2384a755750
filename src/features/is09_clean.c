/*
 * is09_clean.c: the recipe of is09-clean: what is09 describes, without what is
 * in the way of describing it.
 *
 * samples -> frames -> 16 descriptors -> 32 contours -> 384 functionals, with
 * the names of is09. Frame k lies in the middle of the longer window that its
 * pitch comes from; beyond its ends a recording goes on with its first and last
 * sample. Voicing and F0 of a frame are decided when later frames are known,
 * and then go to that frame.
 *
 * docs/features.md has each difference and its reason.
 */
#include "features/recipe.h"

#include "base/error.h"
#include "base/memory.h"
#include "features/contour_clean.h"
#include "features/descriptors_clean.h"
#include "features/is09_names.h"
#include "features/lanes.h"
#include "features/pitch_clean.h"
#include "features/statistics.h"

#include <string.h>

typedef struct is09_clean {
  kj__rate rate;
  kj__clean_descriptors descriptors;
  kj__clean_pitch pitch;
  kj__pitch_path path;
  kj__clean_contours contours;
  kj__statistics statistics;
  uint64_t n_samples;  /* of the recording so far */
  uint64_t n_measured; /* frames: all but voicing and F0 is known */
  uint64_t n_decided;  /* frames: everything is known */
  size_t n_waiting;    /* samples of the next window that are here */
  float *waiting;      /* shape (pitch.window) */
  float raw[KJ__PATH_RING][KJ__N_RAW]; /* of the frames not decided */
} is09_clean;

static void layout(is09_clean *s, const kj__rate *rate, kj__arena *arena)
{
  s->rate = *rate;
  kj__clean_descriptors_layout(&s->descriptors, rate, arena);
  kj__clean_pitch_layout(&s->pitch, rate, arena);
  kj__statistics_layout(&s->statistics, &kj__is09_clean, arena);
  s->waiting = kj__arena_take(arena, s->pitch.window, sizeof(float));
}

static void clean_reset(void *state)
{
  is09_clean *s = state;
  kj__pitch_path_reset(&s->path,
                       (double)s->rate.hop_samples / (double)s->rate.hz);
  kj__clean_contours_reset(&s->contours);
  kj__statistics_reset(&s->statistics);
  s->n_samples = s->n_measured = s->n_decided = 0;
  s->n_waiting = 0;
}

static kj_status clean_create(unsigned sample_rate_hz,
                              const kj_allocator *allocator, void **state,
                              kj_error *err)
{
  kj__tier tier;
  const kj_status status = kj__tier_choose(&tier, err);
  if (status != KJ_OK)
    return status;
  const kj__rate rate = kj__rate_of(sample_rate_hz);
  is09_clean plan;
  kj__arena size = {NULL, 0};
  kj__arena_take(&size, 1, sizeof(is09_clean));
  layout(&plan, &rate, &size);

  kj__arena arena = {kj__allocate(allocator, size.used, 1), 0};
  if (!arena.memory)
    return kj__fail_memory(err, "a feature extractor");
  is09_clean *s = kj__arena_take(&arena, 1, sizeof(is09_clean));
  layout(s, &rate, &arena);
  s->statistics.contours.add = kj__lane_kernels_get(tier)->sum;
  kj__clean_descriptors_init(&s->descriptors);
  kj__clean_pitch_init(&s->pitch);
  clean_reset(s);
  *state = s;
  return KJ_OK;
}

static void add_row(is09_clean *s, const float *row, const kj__sink *sink)
{
  const uint64_t index = s->contours.n_rows - 1;
  kj__statistics_push(&s->statistics, row);
  if (sink->function)
    sink->function(sink->context, index,
                   (double)(index * s->rate.hop_samples) / (double)s->rate.hz,
                   row);
}

static void add_frame(is09_clean *s, kj__pitch_point point,
                      const kj__sink *sink)
{
  float *raw = s->raw[s->n_decided++ % KJ__PATH_RING];
  raw[KJ__VOICING] = point.voicing;
  raw[KJ__F0] = point.hz;
  const float *row = kj__clean_contours_push(&s->contours, raw);
  if (row)
    add_row(s, row, sink);
}

/* The next window is here: measure the frame in its middle, and go on by a
 * hop. */
static void measure(is09_clean *s, const kj__sink *sink)
{
  const size_t hop = s->rate.hop_samples;
  kj__pitch_point point;
  kj__clean_descriptors_compute(&s->descriptors, s->waiting + s->pitch.margin,
                                s->raw[s->n_measured++ % KJ__PATH_RING]);
  kj__clean_pitch_compute(&s->pitch, s->waiting, kj__pitch_path_slot(&s->path));
  if (kj__pitch_path_push(&s->path, &point))
    add_frame(s, point, sink);
  s->n_waiting -= hop;
  memmove(s->waiting, s->waiting + hop, s->n_waiting * sizeof *s->waiting);
}

/* n times the same sample, as much of it as the next window takes. */
static size_t repeat(is09_clean *s, float sample, size_t n)
{
  const size_t room = s->pitch.window - s->n_waiting;
  const size_t taken = n < room ? n : room;
  for (size_t i = 0; i < taken; i++)
    s->waiting[s->n_waiting++] = sample;
  return taken;
}

static void clean_process(void *state, const float *samples, size_t n_samples,
                          const kj__sink *sink)
{
  is09_clean *s = state;
  if (s->n_samples == 0 && n_samples > 0)
    repeat(s, samples[0], s->pitch.margin);
  s->n_samples += n_samples;
  while (n_samples > 0) {
    size_t taken = s->pitch.window - s->n_waiting;
    if (taken > n_samples)
      taken = n_samples;
    memcpy(s->waiting + s->n_waiting, samples, taken * sizeof *samples);
    s->n_waiting += taken;
    samples += taken;
    n_samples -= taken;
    if (s->n_waiting == s->pitch.window)
      measure(s, sink);
  }
}

static uint64_t clean_frames(const void *state)
{
  const is09_clean *s = state;
  const kj__rate *rate = &s->rate;
  return s->n_samples < rate->frame_samples
             ? 0
             : (s->n_samples - rate->frame_samples) / rate->hop_samples + 1;
}

/* What was waiting for later frames, and the frames whose window goes beyond
 * the end. */
static void drain(is09_clean *s, const kj__sink *sink)
{
  const uint64_t n_frames = clean_frames(s);
  kj__pitch_point point;
  while (s->n_measured < n_frames) {
    repeat(s, s->waiting[s->n_waiting - 1], s->pitch.window);
    measure(s, sink);
  }
  while (kj__pitch_path_drain(&s->path, &point))
    add_frame(s, point, sink);
  for (const float *row; (row = kj__clean_contours_drain(&s->contours));)
    add_row(s, row, sink);
}

static kj_status clean_finish(void *state, float *functionals,
                              const kj__sink *sink, kj_error *err)
{
  is09_clean *s = state;
  if (clean_frames(s) == 0)
    return kj__fail_short(err, s->n_samples, &s->rate);
  drain(s, sink);
  kj__statistics_compute(&s->statistics, functionals);
  return KJ_OK;
}

const kj__recipe kj__is09_clean = {
    .contour = kj__is09_contours,
    .n_contours = KJ__N_RAW,
    .stage = kj__is09_stages,
    .n_stages = 2,
    .functional = kj__is09_functionals,
    .n_functionals = KJ__N_FUNCTIONALS,
    .sums_up_voiced = true,
    .create = clean_create,
    .process = clean_process,
    .finish = clean_finish,
    .reset = clean_reset,
    .frames = clean_frames,
};
