/*
 * activity.c: where somebody speaks, by energy and pitch.
 *
 * Every 10 ms has a level L and a periodicity p, the largest normalised
 * correlation of the last 17.5 ms of the band below 2 kHz with itself 1/400 to
 * 1/70 s earlier. The floor F is the least mean level of 50 ms from 2 s before
 * to 1 s behind. A frame is a core of speech where at least 3 of the 5 around
 * it have p >= 0.6 in the low band, 3 dB above its floor and within 20 dB of
 * the loudest near it. It is energetic 9 dB above the floor of the whole band.
 * A stretch of speech grows from cores over energetic frames up to 0.25 s away;
 * gaps of less than 0.3 s belong to it, and 0.1 s at each end. It needs 6 cores
 * within its first second.
 *
 * Sources: Talkin, A robust algorithm for pitch tracking, in Speech Coding and
 * Synthesis (1995), section 14.3 (the correlation); Martin, Spectral
 * subtraction based on minimum statistics, EUSIPCO (1994) (the floor). Rules
 * and constants are ours: docs/extraction.md has what they do.
 */
#include "features/activity.h"

#include <math.h>
#include <string.h>

enum {
  HOPS_A_SECOND = 100,
  PAST = 200, /* frames that the floor looks back */
  AHEAD = 100,
  RING = PAST + AHEAD + 8,
  AROUND = 2,     /* a core is judged by so many frames on each side */
  MAJORITY = 3,   /* of them all */
  GROWTH = 25,    /* frames from a core over energetic ones */
  BRIDGE = 30,    /* frames of a gap that is none */
  PAD = 10,       /* frames before and behind */
  LEAST_CORES = 6 /* that confirm a stretch */
};

static const double pi = 3.14159265358979323846;
static const double high_pass_hz = 100.0; /* hum and wind lie below */
static const double low_rate_hz = 4000.0; /* of the low band, at least */
static const double highest_hz = 400.0, lowest_hz = 70.0; /* of a voice */
static const double correlated_s = 0.0175; /* more than one slow period */
static const float least_periodicity = 0.6F;
static const float core_db = 3.0F, energetic_db = 9.0F; /* above the floor */
static const float depth_db = 20.0F; /* below the loudest, others speak */
static const float least_floor_db = -65.0F; /* or digital silence is one */
static const float slow_share = 0.2F;       /* a mean over 5 frames or so */
static const double least_power = 1e-12;

size_t kj__activity_latency(unsigned rate_hz)
{
  const double frames =
      AHEAD + AROUND + HOPS_A_SECOND + GROWTH + BRIDGE + PAD + 8;
  return (size_t)ceil(frames * rate_hz / HOPS_A_SECOND);
}

void kj__activity_layout(kj__activity *a, unsigned rate_hz, kj__arena *arena)
{
  const double rate = rate_hz;
  *a = (kj__activity){.rate_hz = rate_hz};
  a->hop_samples = (size_t)lround(rate / HOPS_A_SECOND);
  a->high_pass = (float)exp(-2.0 * pi * high_pass_hz / rate);
  a->step = rate > low_rate_hz ? (size_t)(rate / low_rate_hz) : 1;
  const double low_hz = rate / (double)a->step;
  a->shortest = (size_t)floor(low_hz / highest_hz);
  a->longest = (size_t)ceil(low_hz / lowest_hz);
  a->correlated = (size_t)lround(correlated_s * low_hz);
  a->low_length = a->correlated + a->longest;
  a->low = kj__arena_take(arena, 2 * a->low_length, sizeof(double));
  a->frame = kj__arena_take(arena, RING, sizeof *a->frame);
}

void kj__activity_reset(kj__activity *a)
{
  const kj__activity fresh = {.rate_hz = a->rate_hz,
                              .hop_samples = a->hop_samples,
                              .high_pass = a->high_pass,
                              .step = a->step,
                              .shortest = a->shortest,
                              .longest = a->longest,
                              .correlated = a->correlated,
                              .low_length = a->low_length,
                              .low = a->low,
                              .frame = a->frame};
  *a = fresh;
  a->n_low = a->low_length;
  memset(a->low, 0, 2 * a->low_length * sizeof *a->low);
}

/* Keep a sample of the low band; the last low_length stand in a row. */
static void keep_low(kj__activity *a, float value)
{
  if (a->n_low == 2 * a->low_length) {
    memmove(a->low, a->low + a->low_length, a->low_length * sizeof *a->low);
    a->n_low = a->low_length;
  }
  a->low[a->n_low++] = (double)value;
  a->low_energy += (double)value * (double)value;
}

static void take_one(kj__activity *a, float x)
{
  const float in = isfinite(x) ? x : 0.0F;
  const float y = in - a->last_in + a->high_pass * a->last_out;
  a->last_in = in;
  a->last_out = y;
  a->full_energy += (double)y * (double)y;
  a->sum += y;
  if (++a->n_sum < a->step)
    return;
  keep_low(a, a->sum / (float)a->step);
  a->sum = 0.0F;
  a->n_sum = 0;
}

/* In four sums, or each addition would wait for the last one. */
static double dot(const double *x, const double *y, size_t n)
{
  double sum[4] = {0};
  size_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (size_t k = 0; k < 4; k++)
      sum[k] += x[i + k] * y[i + k];
  for (; i < n; i++)
    sum[0] += x[i] * y[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* How much the last samples resemble those a pitch period before. */
static float periodicity(const kj__activity *a)
{
  const size_t n = a->correlated;
  const double *now = a->low + a->n_low - n;
  const double *before = now - a->shortest;
  const double energy = dot(now, now, n);
  double largest = 0.0, other = dot(before, before, n);
  if (energy <= least_power)
    return 0.0F;
  for (size_t lag = a->shortest; lag <= a->longest; lag++, before--) {
    const double product = dot(now, before, n);
    if (product > 0.0 && other > least_power)
      largest = fmax(largest, product / sqrt(energy * other));
    if (lag < a->longest)
      other += before[-1] * before[-1] - before[n - 1] * before[n - 1];
  }
  return (float)largest;
}

static float level(double energy, double n)
{
  return (float)(10.0 * log10(energy / n + least_power));
}

static kj__activity_frame *frame_at(const kj__activity *a, uint64_t t)
{
  return &a->frame[t % RING];
}

static float follow(float slow, float value, bool is_first)
{
  return is_first ? value : slow + slow_share * (value - slow);
}

static void end_hop(kj__activity *a)
{
  const bool is_first = a->n_frames == 0;
  const double n = 2.0 * (double)a->hop_samples;
  const kj__activity_frame *last =
      is_first ? NULL : frame_at(a, a->n_frames - 1);
  kj__activity_frame *f = frame_at(a, a->n_frames);
  if (is_first) {
    a->last_full = a->full_energy;
    a->last_low = a->low_energy;
  }
  f->full = level(a->full_energy + a->last_full, n);
  f->low = level(a->low_energy + a->last_low, n / (double)a->step);
  f->full_slow = follow(last ? last->full_slow : 0.0F, f->full, is_first);
  f->low_slow = follow(last ? last->low_slow : 0.0F, f->low, is_first);
  f->periodicity = periodicity(a);
  a->last_full = a->full_energy;
  a->last_low = a->low_energy;
  a->full_energy = a->low_energy = 0.0;
  a->n_waiting = 0;
  a->n_frames++;
}

size_t kj__activity_take(kj__activity *a, const float *samples, size_t n)
{
  const size_t left = a->hop_samples - a->n_waiting;
  const size_t taken = n < left ? n : left;
  for (size_t i = 0; i < taken; i++)
    take_one(a, samples[i]);
  a->n_waiting += taken;
  if (a->n_waiting == a->hop_samples)
    end_hop(a);
  return taken;
}

/* What frames around one are measured against, in dB. */
typedef struct bounds {
  float full; /* the floor of the whole band */
  float low;  /* of the low band, the floor or far below the loudest */
} bounds;

/* The bounds around frame t, as far as frames are there. */
static bounds find_bounds(const kj__activity *a, uint64_t t)
{
  const uint64_t first = t > PAST ? t - PAST : 0;
  const uint64_t stop = t + AHEAD < a->n_frames ? t + AHEAD : a->n_frames;
  float full = 0.0F, low = 0.0F, loudest = least_floor_db;
  size_t at = (size_t)(first % RING);
  for (uint64_t i = first; i < stop; i++) {
    const kj__activity_frame *f = &a->frame[at];
    at = at + 1 < RING ? at + 1 : 0;
    full = f->full_slow < full ? f->full_slow : full;
    low = f->low_slow < low ? f->low_slow : low;
    loudest = f->low_slow > loudest ? f->low_slow : loudest;
  }
  low = fmaxf(low + core_db, loudest - depth_db);
  return (bounds){fmaxf(full, least_floor_db) + energetic_db,
                  fmaxf(low, least_floor_db + core_db)};
}

static bool is_core(const kj__activity *a, uint64_t t, float least_db)
{
  const uint64_t first = t > AROUND ? t - AROUND : 0;
  unsigned n = 0;
  for (uint64_t i = first; i <= t + AROUND && i < a->n_frames; i++) {
    const kj__activity_frame *f = frame_at(a, i);
    n += f->periodicity >= least_periodicity && f->low > least_db;
  }
  return n >= MAJORITY;
}

static void open_stretch(kj__activity *a, uint64_t t)
{
  const bool has_run = t <= a->run_end + 1 && a->run_end > 0;
  uint64_t start = has_run && a->run_start < t ? a->run_start : t;
  if (start + GROWTH < t)
    start = t - GROWTH;
  a->is_open = true;
  a->is_confirmed = false;
  a->n_core = 0;
  a->start = start > a->free_from ? start : a->free_from;
}

static void note_run(kj__activity *a, uint64_t t, bool is_energetic)
{
  const uint64_t most_gap = 3; /* frames; a stop closes for longer */
  if (!is_energetic)
    return;
  if (a->run_end == 0 || t > a->run_end + most_gap)
    a->run_start = t;
  a->run_end = t;
}

static void decide(kj__activity *a, uint64_t t)
{
  const bounds least = find_bounds(a, t);
  const bool core = is_core(a, t, least.low);
  const bool energetic = frame_at(a, t)->full > least.full;
  note_run(a, t, energetic);
  if (core && !a->is_open)
    open_stretch(a, t);
  if (!a->is_open)
    return;
  if (core) {
    a->last_core = t;
    a->n_core++;
  }
  if (core || (energetic && t - a->last_core <= GROWTH))
    a->last = t;
  if (a->n_core >= LEAST_CORES)
    a->is_confirmed = true;
}

/* A stretch that was not confirmed in time is none. */
static bool is_in_vain(const kj__activity *a, uint64_t t)
{
  return a->is_open && !a->is_confirmed &&
         (t > a->start + HOPS_A_SECOND || t > a->last + BRIDGE);
}

static kj__stretch stretch_of(const kj__activity *a, bool has_ended)
{
  const uint64_t pad = PAD, hop = a->hop_samples;
  uint64_t start = a->start > pad ? a->start - pad : 0;
  start = start > a->free_from ? start : a->free_from;
  uint64_t end = a->last + 1 + pad;
  end = end < a->n_frames ? end : a->n_frames;
  return (kj__stretch){true, has_ended, start * hop, end * hop};
}

kj__stretch kj__activity_next(kj__activity *a, bool is_end)
{
  const kj__stretch nothing = {0};
  const uint64_t late = is_end ? 0 : AHEAD;
  while (a->n_decided + late < a->n_frames) {
    const uint64_t t = a->n_decided++;
    decide(a, t);
    if (is_in_vain(a, t)) {
      a->is_open = false;
    } else if (a->is_open && a->is_confirmed && t > a->last + BRIDGE) {
      const kj__stretch whole = stretch_of(a, true);
      a->is_open = false;
      a->free_from = whole.end / a->hop_samples;
      return whole;
    }
  }
  if (!a->is_open || !a->is_confirmed)
    return nothing;
  const kj__stretch known = stretch_of(a, is_end);
  a->is_open = !is_end;
  return known;
}
