/*
 * pitch_path.c: the best path through pitch candidates, in bounded delay.
 *
 * A path gains the strength of each candidate it takes and pays for each octave
 * it jumps and for each turn between voiced and unvoiced (Viterbi's algorithm).
 * "Unvoiced" is the stronger the quieter a frame is beside the loudest one
 * around it; frames before fade, those in sight after it count in full. So the
 * level of the recording does not matter, and a slammed door is forgotten.
 *
 * Source: Boersma, Accurate short-term analysis of the fundamental frequency,
 * Proc. Inst. Phonetic Sciences 17, Amsterdam (1993), steps 4 and 5; there the
 * loudest peak is that of the whole recording and the path is decided at its
 * end. The thresholds of voicing and silence lie between his.
 */
#include "features/pitch_path.h"

#include <math.h>

static const double voicing_threshold = 0.5;
static const double silence_threshold = 0.05; /* of the loudest peak */
static const double jump_cost = 0.35;         /* per octave */
static const double turn_cost = 0.14;
static const double half_life_s = 5.0; /* of the loudest peak */

void kj__pitch_path_reset(kj__pitch_path *path, double hop_s)
{
  path->fade = exp2(-hop_s / half_life_s);
  path->loudest = 0.0;
  path->n = path->n_heard = path->n_scored = path->n_decided = 0;
}

static kj__pitch_frame *frame_at(kj__pitch_path *path, uint64_t k)
{
  return &path->frame[k % KJ__PATH_RING];
}

kj__pitch_frame *kj__pitch_path_slot(kj__pitch_path *path)
{
  return frame_at(path, path->n);
}

static double unvoiced_strength(double peak, double loudest)
{
  const double scale = (1.0 + voicing_threshold) / silence_threshold;
  const double quiet = loudest > 0.0 ? 2.0 - peak / loudest * scale : 2.0;
  return voicing_threshold + (quiet > 0.0 ? quiet : 0.0);
}

static double step_cost(const kj__candidate *a, const kj__candidate *b)
{
  const bool from_voice = a->hz > 0.0, to_voice = b->hz > 0.0;
  if (from_voice && to_voice)
    return jump_cost * fabs(log2(a->hz / b->hz));
  return from_voice != to_voice ? turn_cost : 0.0;
}

static size_t best_of(const double *value, size_t n)
{
  size_t best = 0;
  for (size_t i = 1; i < n; i++)
    if (value[i] > value[best])
      best = i;
  return best;
}

/* The best paths to each candidate of the frame; scores relative to the best
 * of them, so that they do not grow with the recording. */
static void score(kj__pitch_path *path)
{
  const uint64_t k = path->n_scored;
  kj__pitch_frame *here = frame_at(path, k);
  double sum[KJ__N_CANDIDATES], way[KJ__N_CANDIDATES];
  here->candidate[0] =
      (kj__candidate){.strength = unvoiced_strength(here->peak, path->loudest)};
  for (size_t c = 0; c < here->n; c++) {
    sum[c] = here->candidate[c].strength;
    here->back[c] = 0;
    if (k == 0)
      continue;
    const kj__pitch_frame *before = frame_at(path, k - 1);
    for (size_t p = 0; p < before->n; p++)
      way[p] = path->score[p] -
               step_cost(&before->candidate[p], &here->candidate[c]);
    const size_t best = best_of(way, before->n);
    here->back[c] = (unsigned char)best;
    sum[c] += way[best];
  }
  const double top = sum[best_of(sum, here->n)];
  for (size_t c = 0; c < here->n; c++)
    path->score[c] = sum[c] - top;
  path->n_scored++;
}

/* Back along the best path so far; an unvoiced frame has the voicing of its
 * best candidate. */
static kj__pitch_point decide(kj__pitch_path *path)
{
  const uint64_t last = path->n_scored - 1;
  size_t at = best_of(path->score, frame_at(path, last)->n);
  for (uint64_t k = last; k > path->n_decided; k--)
    at = frame_at(path, k)->back[at];
  const kj__pitch_frame *frame = frame_at(path, path->n_decided++);
  double voicing = frame->candidate[at].correlation;
  for (size_t c = 1; c < frame->n && at == 0; c++)
    voicing = fmax(voicing, frame->candidate[c].correlation);
  return (kj__pitch_point){(float)voicing, (float)frame->candidate[at].hz};
}

/* One more peak is heard; so a frame may be scored, and another decided. */
static bool advance(kj__pitch_path *path, double peak, kj__pitch_point *point)
{
  const double faded = path->loudest * path->fade;
  path->loudest = peak > faded ? peak : faded;
  if (++path->n_heard <= KJ__LOOKAHEAD)
    return false;
  score(path);
  if (path->n_scored <= KJ__LOOKAHEAD)
    return false;
  *point = decide(path);
  return true;
}

bool kj__pitch_path_push(kj__pitch_path *path, kj__pitch_point *point)
{
  path->n++;
  return advance(path, frame_at(path, path->n - 1)->peak, point);
}

bool kj__pitch_path_drain(kj__pitch_path *path, kj__pitch_point *point)
{
  while (path->n_scored < path->n)
    if (advance(path, 0.0, point))
      return true;
  if (path->n_decided == path->n)
    return false;
  *point = decide(path);
  return true;
}
