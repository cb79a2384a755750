/*
 * signals.h: test signals that are the same everywhere.
 */
#ifndef KJ_TEST_FEATURES_SIGNALS_H
#define KJ_TEST_FEATURES_SIGNALS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* Next of a sequence of numbers uniform in -1..1 (SplitMix64). */
static inline double next_uniform(uint64_t *state)
{
  uint64_t z = *state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return (double)(z >> 11) * 0x1p-52 - 1.0;
}

/* Something like speech: a gliding voice of 12 partials in syllables of
 * 0.25 s, noise between and below, 20 ms of digital silence now and then. */
static inline void fill_voice(float *x, size_t n, unsigned rate_hz,
                              uint64_t seed)
{
  double phase = 0.0;
  for (size_t i = 0; i < n; i++) {
    const double t = (double)i / rate_hz;
    const double syllable = fabs(sin(2.0 * 3.141592653589793 * 2.0 * t));
    phase += (180.0 + 60.0 * sin(1.7 * t)) / rate_hz;
    phase -= floor(phase);
    double voice = 0.0;
    for (int h = 1; h <= 12; h++)
      voice += sin(2.0 * 3.141592653589793 * h * phase) / h;
    const double loud = syllable > 0.4 ? 0.2 * syllable : 0.0;
    const double value = loud * voice + 0.004 * next_uniform(&seed);
    x[i] = fmod(t, 0.9) < 0.02 ? 0.0f : (float)value;
  }
}

#endif
