/*
 * windows.c: functionals of overlapping windows from those of blocks.
 *
 * In rows, windows start every H and are R long, R = q H + r with r < H. So all
 * starts and ends lie at k H or k H + r, which cut the rows into blocks
 * A_k = [k H, k H + r) and B_k = [k H + r, (k + 1) H). Window k is
 * A_k B_k A_(k+1) ... A_(k+q). A ring keeps 2 (q + 1) blocks. The peaks of the
 * samples are kept in blocks of the same kind, for a little longer, because a
 * row comes after the samples of later frames.
 */
#include "kanjo/windows.h"

#include "base/error.h"
#include "base/memory.h"
#include "features/rate.h"
#include "features/statistics.h"

#include <math.h>
#include <string.h>

/* Shortest window: a few frames, or there is nothing to sum up. */
static const double least_window_s = 0.1;
/* Rows that may be late: an extractor may describe frames in batches. */
enum { MOST_ROWS_LATE = 128 };

/* How windows cut a line of rows, or of samples. */
typedef struct cut {
  uint64_t hop;  /* from one window to the next */
  uint64_t full; /* q: hops that fit into a window */
  uint64_t rest; /* r: what is left of it */
} cut;

typedef struct peaks {
  double peak;
  uint64_t n_full_scale;
} peaks;

struct kj_windows {
  const kj_feature_set *set;
  kj_allocator allocator;
  kj_extractor *extractor;
  unsigned rate_hz;
  uint64_t window_samples;
  cut rows, samples;
  kj_window_sink sink;
  void *context;
  uint64_t n_samples; /* of the recording so far */
  size_t n_blocks;
  kj__statistics *block; /* a ring; shape (n_blocks) */
  kj__statistics whole;  /* of the window being made */
  float *functionals;    /* likewise */
  size_t n_peaks;
  peaks *peak; /* a ring; shape (n_peaks) */
  void *memory;
};

static cut cut_into(uint64_t length, uint64_t hop)
{
  return (cut){hop, length / hop, length % hop};
}

/* The block that position i lies in, counted A_0 B_0 A_1 ...; *is_first: it is
 * the block's first position. */
static uint64_t block_of(const cut *c, uint64_t i, bool *is_first)
{
  const uint64_t k = i / c->hop, within = i % c->hop;
  const bool is_second = within >= c->rest;
  *is_first = within == (is_second ? c->rest : 0);
  return 2 * k + (is_second ? 1 : 0);
}

/* The window that ends behind position i, if there is one. */
static bool ends_window(const cut *c, uint64_t i, uint64_t *window)
{
  const uint64_t length = c->full * c->hop + c->rest;
  if (i + 1 < length || (i + 1 - length) % c->hop != 0)
    return false;
  *window = (i + 1 - length) / c->hop;
  return true;
}

static peaks peaks_of(const kj_windows *w, uint64_t window)
{
  peaks all = {0};
  const uint64_t first = 2 * window, n = 2 * w->samples.full + 1;
  for (uint64_t b = first; b < first + n; b++) {
    const bool is_empty = b % 2 == 0 && w->samples.rest == 0;
    const peaks *p = &w->peak[b % w->n_peaks];
    if (is_empty)
      continue;
    all.peak = fmax(all.peak, p->peak);
    all.n_full_scale += p->n_full_scale;
  }
  return all;
}

static void send(kj_windows *w, uint64_t index)
{
  const uint64_t start = index * w->samples.hop;
  if (!w->sink || start + w->window_samples > w->n_samples)
    return;
  kj__statistics_reset(&w->whole);
  for (uint64_t b = 2 * index; b < 2 * (index + w->rows.full) + 1; b++)
    if (b % 2 == 1 || w->rows.rest > 0)
      kj__statistics_merge(&w->whole, &w->block[b % w->n_blocks]);
  kj__statistics_compute(&w->whole, w->functionals);
  const peaks p = peaks_of(w, index);
  const kj_window window = {.index = index,
                            .start_s = (double)start / w->rate_hz,
                            .end_s = (double)(start + w->window_samples) /
                                     w->rate_hz,
                            .n_samples = w->window_samples,
                            .peak = p.peak,
                            .n_full_scale = p.n_full_scale};
  w->sink(w->context, &window, w->functionals);
}

static void take_row(void *context, uint64_t row, double time_s,
                     const float *descriptors)
{
  kj_windows *w = context;
  bool is_first;
  uint64_t window;
  (void)time_s;
  const uint64_t b = block_of(&w->rows, row, &is_first);
  kj__statistics *block = &w->block[b % w->n_blocks];
  if (is_first)
    kj__statistics_reset(block);
  kj__statistics_push(block, descriptors);
  if (ends_window(&w->rows, row, &window))
    send(w, window);
}

static void take_samples(kj_windows *w, const float *samples, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    bool is_first;
    const uint64_t b = block_of(&w->samples, w->n_samples++, &is_first);
    peaks *p = &w->peak[b % w->n_peaks];
    const float magnitude = fabsf(samples[i]);
    if (is_first)
      *p = (peaks){0};
    if (isfinite(magnitude) && (double)magnitude > p->peak)
      p->peak = (double)magnitude;
    p->n_full_scale += magnitude >= 1.0F ? 1 : 0;
  }
}

/* A whole number of a frame's hops, or 0. */
static uint64_t whole_hops(double length_s, double hop_s)
{
  const double slack = 1e-6;
  const double n = length_s / hop_s;
  return n >= 0.5 && n < 1e9 && fabs(n - round(n)) < slack ? (uint64_t)round(n)
                                                           : 0;
}

static kj_status check(const kj_feature_set *set, double window_s, double hop_s,
                       kj_error *err)
{
  const uint64_t window = whole_hops(window_s, set->hop_s);
  const uint64_t hop = whole_hops(hop_s, set->hop_s);
  if (!(window_s >= least_window_s) || window == 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "window is %g s; must be a multiple of %g s, at least %g",
                    window_s, set->hop_s, least_window_s);
  if (hop == 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "hop is %g s; must be a multiple of %g s above 0", hop_s,
                    set->hop_s);
  if (window / hop > KJ_MAX_OVERLAP)
    return kj__fail(err, KJ_EARGUMENT,
                    "hop is %g s for windows of %g s; a sample may be part of "
                    "at most %d windows",
                    hop_s, window_s, KJ_MAX_OVERLAP);
  return KJ_OK;
}

static void plan(kj_windows *w, double window_s, double hop_s)
{
  const kj__rate rate = kj__rate_of(w->rate_hz);
  const uint64_t hop = whole_hops(hop_s, w->set->hop_s);
  w->window_samples = whole_hops(window_s, w->set->hop_s) * rate.hop_samples;
  const uint64_t n_frames =
      (w->window_samples - rate.frame_samples) / rate.hop_samples + 1;
  w->rows = cut_into(n_frames - w->set->recipe->n_unseen, hop);
  w->samples = cut_into(w->window_samples, hop * rate.hop_samples);
  w->n_blocks = (size_t)(2 * (w->rows.full + 1));
  w->n_peaks = (size_t)(2 * (w->samples.full + 2 + MOST_ROWS_LATE / hop + 1));
}

static void layout(kj_windows *w, kj__arena *arena)
{
  const kj__recipe *recipe = w->set->recipe;
  w->block = kj__arena_take(arena, w->n_blocks, sizeof *w->block);
  w->peak = kj__arena_take(arena, w->n_peaks, sizeof *w->peak);
  w->functionals = kj__arena_take(arena, w->set->n_functionals, sizeof(float));
  kj__statistics_layout(&w->whole, recipe, arena);
  for (size_t b = 0; b < w->n_blocks; b++) {
    kj__statistics uncounted;
    kj__statistics_layout(w->block ? &w->block[b] : &uncounted, recipe, arena);
  }
}

static kj_status allocate(kj_windows *w, kj_error *err)
{
  kj__arena arena = {NULL, 0};
  layout(w, &arena);
  arena.memory = w->memory = kj__allocate(&w->allocator, arena.used, 1);
  if (!w->memory)
    return kj__fail_memory(err, "windows");
  arena.used = 0;
  layout(w, &arena);
  return KJ_OK;
}

kj_status kj_windows_create(const kj_feature_set *set, unsigned sample_rate_hz,
                            double window_s, double hop_s,
                            const kj_allocator *allocator, kj_windows **out,
                            kj_error *err)
{
  if (!set || !out)
    return kj__fail(err, KJ_EARGUMENT, "set or out is NULL");
  kj_status status = check(set, window_s, hop_s, err);
  if (status != KJ_OK)
    return status;
  kj_windows *w = kj__allocate(allocator, 1, sizeof *w);
  if (!w)
    return kj__fail_memory(err, "windows");
  w->set = set;
  w->allocator = kj__allocator(allocator);
  w->rate_hz = sample_rate_hz;
  status =
      kj_extractor_create(set, sample_rate_hz, allocator, &w->extractor, err);
  if (status == KJ_OK) {
    plan(w, window_s, hop_s);
    status = allocate(w, err);
  }
  if (status != KJ_OK) {
    kj_windows_destroy(w);
    return status;
  }
  kj_extractor_set_sink(w->extractor, take_row, w);
  *out = w;
  return KJ_OK;
}

void kj_windows_set_sink(kj_windows *w, kj_window_sink sink, void *context)
{
  if (!w)
    return;
  w->sink = sink;
  w->context = context;
}

kj_status kj_windows_process(kj_windows *w, const float *samples,
                             size_t n_samples, kj_error *err)
{
  if (!w)
    return kj__fail(err, KJ_EARGUMENT, "w is NULL");
  if (!samples || n_samples == 0)
    return kj_extractor_process(w->extractor, samples, n_samples, err);
  for (size_t done = 0; done < n_samples;) {
    const size_t left = n_samples - done;
    const size_t part = left < w->samples.hop ? left : (size_t)w->samples.hop;
    take_samples(w, samples + done, part);
    const kj_status status =
        kj_extractor_process(w->extractor, samples + done, part, err);
    if (status != KJ_OK)
      return status;
    done += part;
  }
  return KJ_OK;
}

kj_status kj_windows_finish(kj_windows *w, float *functionals, kj_error *err)
{
  return w ? kj_extractor_finish(w->extractor, functionals, err)
           : kj__fail(err, KJ_EARGUMENT, "w is NULL");
}

void kj_windows_reset(kj_windows *w)
{
  if (!w)
    return;
  kj_extractor_reset(w->extractor);
  w->n_samples = 0;
}

void kj_windows_destroy(kj_windows *w)
{
  if (!w)
    return;
  const kj_allocator allocator = w->allocator;
  kj_extractor_destroy(w->extractor);
  kj__release(&allocator, w->memory);
  kj__release(&allocator, w);
}
