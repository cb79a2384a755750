/*
 * is09.c: the recipe of the INTERSPEECH 2009 Emotion Challenge set.
 *
 * samples -> frames -> 16 descriptors -> 32 contours -> 384 functionals.
 *
 * Source: Schuller, Steidl, Batliner, INTERSPEECH 2009, table 1.
 */
#include "features/recipe.h"

#include "base/error.h"
#include "base/memory.h"
#include "features/batch.h"
#include "features/contour.h"
#include "features/functionals.h"
#include "features/is09_names.h"

#include <string.h>

typedef struct is09 {
  kj__batch batch;
  kj__contours contours;
  kj__functionals functionals;
  uint64_t n_samples; /* of the recording so far */
  uint64_t n_frames;
  size_t n_waiting; /* samples of the next batch that are here */
  size_t n_batch;   /* samples of a whole batch */
  float *waiting;   /* shape (n_batch) */
} is09;

static void layout(is09 *s, const kj__rate *rate,
                   const kj__lane_kernels *kernels, kj__arena *arena)
{
  kj__batch_layout(&s->batch, rate, kernels, arena);
  kj__contours_layout(&s->contours, KJ__N_RAW, arena);
  kj__functionals_layout(&s->functionals, 2 * KJ__N_RAW, arena);
  s->functionals.add = kernels->sum;
  s->n_batch = rate->frame_samples + (kernels->n_lanes - 1) * rate->hop_samples;
  s->waiting = kj__arena_take(arena, s->n_batch, sizeof(float));
}

static void is09_reset(void *state)
{
  is09 *s = state;
  kj__batch_reset(&s->batch);
  kj__contours_reset(&s->contours);
  kj__functionals_reset(&s->functionals);
  s->n_samples = s->n_frames = 0;
  s->n_waiting = 0;
}

static kj_status is09_create(unsigned sample_rate_hz,
                             const kj_allocator *allocator, void **state,
                             kj_error *err)
{
  kj__tier tier;
  const kj_status status = kj__tier_choose(&tier, err);
  if (status != KJ_OK)
    return status;
  const kj__lane_kernels *kernels = kj__lane_kernels_get(tier);
  const kj__rate rate = kj__rate_of(sample_rate_hz);
  is09 plan;
  kj__arena size = {NULL, 0};
  kj__arena_take(&size, 1, sizeof(is09));
  layout(&plan, &rate, kernels, &size);

  kj__arena arena = {kj__allocate(allocator, size.used, 1), 0};
  if (!arena.memory)
    return kj__fail_memory(err, "a feature extractor");
  is09 *s = kj__arena_take(&arena, 1, sizeof(is09));
  layout(s, &rate, kernels, &arena);
  kj__batch_init(&s->batch);
  is09_reset(s);
  *state = s;
  return KJ_OK;
}

/* The extra row after the last frame repeats the time of that frame. */
static void send_row(const is09 *s, const float *row, const kj__sink *sink)
{
  const kj__rate *rate = &s->batch.plain.rate;
  const uint64_t index = s->contours.n_rows - 1;
  const uint64_t frame = index < s->n_frames ? index : s->n_frames - 1;
  if (sink->function)
    sink->function(sink->context, index,
                   (double)(frame * rate->hop_samples) / (double)rate->hz, row);
}

static void add_frame(is09 *s, const float raw[KJ__N_RAW], const kj__sink *sink)
{
  s->n_frames++;
  const float *row = kj__contours_push(&s->contours, raw);
  if (!row)
    return;
  kj__functionals_push(&s->functionals, row);
  send_row(s, row, sink);
}

/* Every whole frame that waits. */
static void add_batch(is09 *s, const kj__sink *sink)
{
  const kj__rate *rate = &s->batch.plain.rate;
  if (s->n_waiting < rate->frame_samples)
    return;
  const size_t n_frames =
      (s->n_waiting - rate->frame_samples) / rate->hop_samples + 1;
  const size_t n_done = n_frames * rate->hop_samples;
  float raw[KJ__MAX_LANES * KJ__N_RAW];
  kj__batch_compute(&s->batch, s->waiting, n_frames, raw);
  for (size_t i = 0; i < n_frames; i++)
    add_frame(s, raw + i * KJ__N_RAW, sink);
  s->n_waiting -= n_done;
  memmove(s->waiting, s->waiting + n_done, s->n_waiting * sizeof *s->waiting);
}

static void is09_process(void *state, const float *samples, size_t n_samples,
                         const kj__sink *sink)
{
  is09 *s = state;
  s->n_samples += n_samples;
  while (n_samples > 0) {
    size_t taken = s->n_batch - s->n_waiting;
    if (taken > n_samples)
      taken = n_samples;
    memcpy(s->waiting + s->n_waiting, samples, taken * sizeof *samples);
    s->n_waiting += taken;
    samples += taken;
    n_samples -= taken;
    if (s->n_waiting == s->n_batch)
      add_batch(s, sink);
  }
  add_batch(s, sink);
}

/* The statistics see the first max(1, N - 2) of the N + 1 rows, as those of
 * openSMILE do: they are taken before its smoother delivers the last ones. */
static kj_status is09_finish(void *state, float *functionals,
                             const kj__sink *sink, kj_error *err)
{
  is09 *s = state;
  const kj__rate *rate = &s->batch.plain.rate;
  if (s->n_frames == 0)
    return kj__fail_short(err, s->n_samples, rate);
  const uint64_t n_summed = s->n_frames > 3 ? s->n_frames - 2 : 1;
  for (const float *row; (row = kj__contours_drain(&s->contours)) != NULL;) {
    if (s->functionals.n < n_summed)
      kj__functionals_push(&s->functionals, row);
    send_row(s, row, sink);
  }
  kj__functionals_compute(&s->functionals, functionals);
  return KJ_OK;
}

static uint64_t is09_frames(const void *state)
{
  return ((const is09 *)state)->n_frames;
}

const kj__recipe kj__is09 = {
    .contour = kj__is09_contours,
    .n_contours = KJ__N_RAW,
    .stage = kj__is09_stages,
    .n_stages = 2,
    .functional = kj__is09_functionals,
    .n_functionals = KJ__N_FUNCTIONALS,
    .n_unseen = 2,
    .create = is09_create,
    .process = is09_process,
    .finish = is09_finish,
    .reset = is09_reset,
    .frames = is09_frames,
};
