/*
 * power.c: how large an effect so many speakers can show: smallest p, and the
 * noncentral t of Cohen, Statistical Power Analysis, 1988.
 */
#include "kanjo/paired.h"

#include "metrics/quantile.h"
#include "metrics/signflip.h"

#include <math.h>
#include <stdio.h>

static const double ALPHA = 0.05; /* of the note */
static const double POWER = 0.8;  /* of the note: four times out of five */
static const double MEDIUM = 0.5; /* Cohen's medium effect */
static const double STEP = 0.1;   /* of the integral, in sd of log U */
static const double NOTHING = 1e-19;

double kj_paired_smallest_p(size_t n)
{
  if (n == 0)
    return nan("");
  return n <= KJ__MAX_EXACT_FLIPS ? ldexp(1, 1 - (int)n)
                                  : 1.0 / (1 + KJ__N_RANDOM_FLIPS);
}

static double normal_above(double z)
{
  return erfc(z / sqrt(2)) / 2;
}

/* T = (Z + shift) / U with U = sqrt(chi^2 / degrees) and Z normal. */
typedef struct noncentral {
  double degrees;
  double t;     /* P(|T| > t) is wanted */
  double shift; /* the noncentrality */
} noncentral;

/* Add the terms from x = log U / sd(log U) = `from` on, in steps of `step`,
 * until they vanish; density of log U: exp(nu (x - (e^2x - 1) / 2)). */
static void integrate(const noncentral *c, double from, double step,
                      double *probability, double *weight)
{
  const double sd = 1 / sqrt(2 * c->degrees);
  for (size_t k = 0;; k++) {
    const double x = sd * (from + (double)k * step);
    const double w = exp(c->degrees * (x - expm1(2 * x) / 2));
    if (w < NOTHING)
      break;
    const double u = exp(x);
    *probability += w * (normal_above(c->t * u - c->shift) +
                         normal_above(c->t * u + c->shift));
    *weight += w;
  }
}

/* P(|T| > t): a mean over U by the trapezoid rule, which converges
 * exponentially for an integrand that vanishes at both ends; the step is a
 * third of the width over which P(Z > t U - shift) falls, where that is
 * narrower than the density. */
static double power_of(const noncentral *c)
{
  const double width = sqrt(2 * c->degrees) / c->t;
  const double step = fmin(STEP, width / 3);
  double probability = 0;
  double weight = 0;
  integrate(c, 0, step, &probability, &weight);
  integrate(c, -step, -step, &probability, &weight);
  return probability / weight;
}

double kj_paired_detectable(size_t n, double alpha, double power)
{
  if (n < 2 || n > 1000000 || !(alpha >= 0.001 && alpha <= 0.5) ||
      !(power > alpha && power <= 0.999))
    return nan("");
  noncentral c = {.degrees = (double)(n - 1)};
  c.t = kj__student_quantile(1 - alpha, (unsigned)(n - 1));
  double low = 0;
  double high = 1;
  for (c.shift = high; power_of(&c) < power; c.shift = high) {
    low = high;
    high *= 2;
  }
  while (high - low > 1e-12 * high) {
    c.shift = (low + high) / 2;
    *(power_of(&c) < power ? &low : &high) = c.shift;
  }
  return (low + high) / 2 / sqrt((double)n);
}

/* Parts of whole numbers: a point in any locale. */
static void print_missed(size_t n, double detectable, double smallest_p,
                         char text[KJ_PAIRED_NOTE_SIZE])
{
  char least[64] = "";
  if (smallest_p > ALPHA)
    snprintf(least, sizeof least,
             "no p below .%04u is possible, so none below .05; ",
             (unsigned)lround(smallest_p * 10000));
  const unsigned hundredths = (unsigned)lround(detectable * 100);
  snprintf(text, KJ_PAIRED_NOTE_SIZE,
           "%zu speakers: %sa mean difference below %u.%02u sd of the "
           "speakers' differences would be missed more often than one time in "
           "five",
           n, least, hundredths / 100, hundredths % 100);
}

void kj_paired_note(size_t n, char text[KJ_PAIRED_NOTE_SIZE])
{
  const double detectable = kj_paired_detectable(n, ALPHA, POWER);
  text[0] = '\0';
  if (n == 0)
    snprintf(text, KJ_PAIRED_NOTE_SIZE, "no speaker to compare");
  else if (n == 1)
    snprintf(text, KJ_PAIRED_NOTE_SIZE,
             "1 speaker: no test between methods is possible");
  else if (detectable > MEDIUM)
    print_missed(n, detectable, kj_paired_smallest_p(n), text);
}
