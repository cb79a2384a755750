/*
 * room.c: gain, walls, line, noise, in this order.
 *
 * The walls are four parallel feedback comb filters after Schroeder, "Natural
 * sounding artificial reverberation" (1962): y[t] = x[t - D] + g y[t - D] with
 * g = 10^(-3 D / (rate T60)), each added WET_DB below the direct sound. The
 * line is y[t] = y[t-1] + k (x[t] - y[t-1]),
 * k = 1 - exp(-2 pi f / rate).
 */
#include "corpus/synth/room.h"

#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846
#define WET_DB (-20.0)

/* Delays of the combs in samples: 29.7, 37.1, 41.1 and 43.7 ms (Schroeder),
 * to the nearest prime. */
static const size_t DELAYS[] = {479, 593, 659, 701};
enum { N_COMBS = sizeof DELAYS / sizeof DELAYS[0] };

static double from_db(double db)
{
  return pow(10.0, db / 20.0);
}

/* Add what one comb makes of `dry` to x; `wet` is the comb's own output. */
static void add_comb(const float *dry, float *wet, float *x, size_t n,
                     size_t delay, double reverberation_s)
{
  const double g =
      pow(10.0, -3.0 * (double)delay / (KJ__SYNTH_RATE_HZ * reverberation_s));
  const double share = from_db(WET_DB);
  for (size_t t = 0; t < n; t++) {
    wet[t] = t < delay
                 ? 0.0F
                 : (float)((double)dry[t - delay] + g * (double)wet[t - delay]);
    x[t] += (float)(share * (double)wet[t]);
  }
}

static kj_status add_walls(double reverberation_s, float *x, size_t n,
                           kj_error *err)
{
  float *dry = malloc((n + 1) * sizeof *dry);
  float *wet = malloc((n + 1) * sizeof *wet);
  const kj_status status =
      dry && wet ? KJ_OK : kj__fail_memory(err, "reverberation");
  if (status == KJ_OK) {
    memcpy(dry, x, n * sizeof *dry);
    for (size_t c = 0; c < N_COMBS; c++)
      add_comb(dry, wet, x, n, DELAYS[c], reverberation_s);
  }
  free(dry);
  free(wet);
  return status;
}

static void limit_band(double lowpass_hz, float *x, size_t n)
{
  const double k = 1.0 - exp(-2.0 * PI * lowpass_hz / KJ__SYNTH_RATE_HZ);
  double y = 0.0;
  for (size_t t = 0; t < n; t++) {
    y += k * ((double)x[t] - y);
    x[t] = (float)y;
  }
}

kj_status kj__synth_room_record(const kj__synth_room *room, kj__random *random,
                                float *x, size_t n, kj_error *err)
{
  const double gain = from_db(room->gain_db);
  const double noise = from_db(room->noise_db);
  kj_status status = KJ_OK;
  for (size_t t = 0; t < n; t++)
    x[t] = (float)(gain * (double)x[t]);
  if (room->reverberation_s > 0.0)
    status = add_walls(room->reverberation_s, x, n, err);
  if (status != KJ_OK)
    return status;
  if (room->lowpass_hz > 0.0)
    limit_band(room->lowpass_hz, x, n);
  for (size_t t = 0; t < n; t++)
    x[t] += (float)(noise * kj__random_normal(random));
  return KJ_OK;
}
