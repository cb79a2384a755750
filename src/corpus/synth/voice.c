/*
 * voice.c: the mapping from emotion to voice, and the voices there are.
 *
 * For each cue c, with v, a, d = (rating - 3) / 2 in -1..1:
 *
 *   u_c = base_c + W_c . (v, a, d) + habit_c + noise_c
 *
 * where habit_c ~ N(0, habit sd) once a speaker and noise_c ~ N(0, noise sd)
 * once an utterance; speed and range are exp(u_c), the others u_c; the result
 * is limited to low..high. The signs are those that reviews of vocal emotion
 * agree on (Scherer, "Vocal communication of emotion", Speech Communication
 * 40, 2003): activation makes speech faster, higher, wider, louder, brighter;
 * dominance lower and louder; valence wider, brighter and a little faster. The
 * sizes are ours, and so is it that valence turns round in spontaneous speech.
 */
#include "corpus/synth/voice.h"

#include <math.h>
#include <stdio.h>

typedef struct cue {
  bool is_log; /* the cue is exp(u) */
  double base;
  double read[KJ__SYNTH_N_DIMENSIONS]; /* W: valence, activation, dominance */
  double shifted[KJ__SYNTH_N_DIMENSIONS]; /* W of spontaneous speech */
  double habit_sd, noise_sd;
  double low, high; /* of the cue */
} cue;

/* docs/synthetic.md shows this table. */
static const cue CUES[KJ__SYNTH_N_CUES] = {
    [KJ__SYNTH_SPEED] =
        {true, 5.1, {.14, .28, -.04}, {-.11, .18, 0}, .06, .06, 90, 320},
    [KJ__SYNTH_PITCH] = {false, 42, {10, 20, -12}, {-8, 14, -6}, 4, 4, 0, 99},
    [KJ__SYNTH_RANGE] =
        {true, 4.4, {.80, .30, 0}, {-.64, .20, .10}, .10, .12, 10, 200},
    [KJ__SYNTH_LEVEL] = {false, -30, {0, 6, 4}, {0, 4, 2}, 1, 1, -48, -16},
    [KJ__SYNTH_TILT] = {false, 0, {5, 3, 2}, {-4, 3, 1}, .5, .7, -12, 12},
};

/* espeak-ng's variants that sound like different people. */
static const char *const WOMEN[] = {
    "f1", "f2", "f3", "f4", "f5", "aunty", "Annie", "linda", "Alicia", "steph"};
static const char *const MEN[] = {"m1", "m2", "m3", "m4",  "m5",
                                  "m6", "m7", "m8", "Lee", "klatt3"};
enum { N_VARIANTS = sizeof WOMEN / sizeof WOMEN[0] };

kj__synth_speaker kj__synth_speaker_draw(const char *language,
                                         unsigned first_voice, size_t index,
                                         kj__random *random)
{
  kj__synth_speaker s = {.is_female = index % 2 == 0};
  const size_t number = index / 2;
  const size_t half = N_VARIANTS / 2;
  /* Every other voice of the list, then those between. */
  const size_t place =
      (2 * (number % half) + first_voice + number / half) % N_VARIANTS;
  s.variant = s.is_female ? WOMEN[place] : MEN[place];
  snprintf(s.name, sizeof s.name, "%s-%c%02u", language,
           s.is_female ? 'f' : 'm', (unsigned)(number + 1) % 1000);
  for (size_t c = 0; c < KJ__SYNTH_N_CUES; c++)
    s.habit[c] = CUES[c].habit_sd * kj__random_normal(random);
  return s;
}

kj__synth_voice kj__synth_voice_draw(const kj__synth_speaker *speaker,
                                     const double emotion[], bool is_shifted,
                                     kj__random *random)
{
  kj__synth_voice voice;
  for (size_t c = 0; c < KJ__SYNTH_N_CUES; c++) {
    const cue *k = &CUES[c];
    const double *w = is_shifted ? k->shifted : k->read;
    double u = k->base + speaker->habit[c];
    for (size_t i = 0; i < KJ__SYNTH_N_DIMENSIONS; i++)
      u += w[i] * (emotion[i] - 3.0) / 2.0;
    u += k->noise_sd * kj__random_normal(random);
    voice.cue[c] = fmin(fmax(k->is_log ? exp(u) : u, k->low), k->high);
  }
  return voice;
}
