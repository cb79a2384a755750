/*
 * room.c: a room, as velvet noise: pulses of +-1 at random times, one in each
 * 0.5 ms, that fall by 60 dB in rt60_s. As dense as the ear can tell from
 * noise, and a hundredth of the products of a convolution.
 *
 * Source: Karjalainen and Jarvelainen, Reverberation modeling using velvet
 * noise, AES 30th conference, 2007.
 */
#include "audio/disturb/disturb.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Pulses a second (the source: 1500 to 2000 sound smooth), and how much
 * later than the voice the room begins. */
enum { PULSES_PER_S = 2000 };
#define DELAY_S 0.002

/* ln(1000): 60 dB of amplitude. */
static const double DECAY = 6.907755278982137;

/* x += gain * dry, later by `at` samples. */
static void add_pulse(float *x, const float *dry, size_t n, size_t at,
                      double gain)
{
  for (size_t i = at; i < n; i++)
    x[i] += (float)gain * dry[i - at];
}

kj_status kj__reverberate(float *x, size_t n, unsigned rate_hz, double rt60_s,
                          kj__random *random, kj_error *err)
{
  float *dry = kj__allocate(NULL, n, sizeof *dry);
  if (n > 0 && !dry)
    return kj__fail_memory(err, "a room");
  const size_t n_pulses = (size_t)(rt60_s * PULSES_PER_S);
  const double per_pulse = exp(-2.0 * DECAY / (rt60_s * PULSES_PER_S));
  /* so that the squares of all pulses add up to 1 */
  const double first =
      sqrt((1.0 - per_pulse) / (1.0 - pow(per_pulse, (double)n_pulses)));
  if (n > 0)
    memcpy(dry, x, n * sizeof *x);
  for (size_t p = 0; p < n_pulses; p++) {
    const double t =
        DELAY_S + ((double)p + kj__random_uniform(random)) / PULSES_PER_S;
    const double sign = kj__random_u32(random) & 1 ? 1.0 : -1.0;
    add_pulse(x, dry, n, (size_t)(t * rate_hz),
              sign * first * pow(per_pulse, (double)p / 2.0));
  }
  kj__release(NULL, dry);
  return KJ_OK;
}
