/*
 * logarithm.c: the kernels' logarithms against the C library's in double; in
 * units of the last place of the result. Compiled once a tier, see
 * tests.cmake; exits 77 where the machine has not that tier.
 *
 * ln(x): every 607th float from 1 to 2^127, which the mel bands are, and
 * ln(1 + x) every 607th from 2^-126 on; 0 and 1 give 0 exactly.
 */
#include "features/kernels/logarithm.h"
#include "base/tier.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

static const double LOG_LIMIT = 1.0, LOG_OF_ONE_AND_LIMIT = 1.6;

enum { STEP = 607, END = 0x7f000000, ONE = 0x3f800000, LEAST = 0x800000 };

static float float_of(uint32_t bits)
{
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static double ulps(float got, double exact)
{
  int e;
  frexp((double)(float)exact, &e);
  return fabs((double)got - exact) / ldexp(1.0, e - 24);
}

typedef struct worst {
  double ulps;
  float at;
} worst;

/* Both logarithms of a pair are looked at. */
static void look(worst *w, kj__two got, float x, double exact)
{
  for (int i = 0; i < 2; i++) {
    const double off = ulps(got.v[i][i], exact);
    if (!(off <= w->ulps))
      *w = (worst){off, x};
  }
}

static kj__two both(float x)
{
  return (kj__two){{kj__vec_of(x), kj__vec_of(x)}};
}

static int report(const char *what, worst w, double limit)
{
  printf("%s: %s within %.3f units (at %.9g), limit %.2f\n", TEXT(KJ__TIER),
         what, w.ulps, (double)w.at, limit);
  return !(w.ulps <= limit);
}

static int tier_is_here(void)
{
  for (int t = 0; t < KJ__N_TIERS; t++)
    if (strcmp(kj__tier_name((kj__tier)t), TEXT(KJ__TIER)) == 0)
      return kj__tier_is_here((kj__tier)t);
  return 0;
}

/* By itself: what is on its stack may be cleared by the tier's instructions. */
static __attribute__((noinline)) int measure(void)
{
  worst log = {0.0, 0.0f}, log_of_one_and = {0.0, 0.0f};
  for (uint32_t bits = LEAST; bits < END; bits += STEP) {
    const float x = float_of(bits);
    const double d = (double)x;
    if (bits > ONE)
      look(&log, kj__logs(both(x)), x, __builtin_log(d));
    look(&log_of_one_and, kj__logs_of_one_and(both(x)), x, log1p(d));
  }
  const int zeros = kj__logs(both(1.0f)).v[0][0] != 0.0f ||
                    kj__logs_of_one_and(both(0.0f)).v[1][0] != 0.0f;
  printf("of 1, of 1 + 0: %s\n", zeros ? "not 0" : "0");
  return report("ln(x)", log, LOG_LIMIT) |
         report("ln(1 + x)", log_of_one_and, LOG_OF_ONE_AND_LIMIT) | zeros;
}

int main(void)
{
  if (tier_is_here())
    return measure();
  fprintf(stderr, "skipped: this machine has no %s\n", TEXT(KJ__TIER));
  return 77;
}
