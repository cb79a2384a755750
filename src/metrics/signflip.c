/*
 * signflip.c: the share of all signs of the differences (or of random ones)
 * whose sum is as far from 0 as the one seen.
 */
#include "metrics/signflip.h"

#include "base/random.h"

#include <math.h>

/* Stream b of the bootstrap's purpose; 0 and 1 are replicates and swaps. */
enum { FLIP_STREAM = 2 };

/* Sums this close, as a part of sum |d|, are equal but for rounding. */
static const double TIE = 1e-12;

/* Half of the choices, with the first sign as it is; the others mirror them.
 * Signs count up in binary, and sum[k] holds the first k differences, so that
 * a step adds two numbers on the average and no error builds up. */
static double exact_p(const double *difference, size_t n, double least)
{
  double sum[KJ__MAX_EXACT_FLIPS + 1] = {0};
  const uint32_t n_choices = UINT32_C(1) << (n - 1);
  uint32_t n_large = 0;
  sum[1] = difference[0];
  size_t from = 1;
  for (uint32_t choice = 0; choice < n_choices; choice++) {
    for (size_t k = from; k < n; k++) {
      const uint32_t is_flipped = (choice >> (n - 1 - k)) & 1;
      sum[k + 1] = sum[k] + (is_flipped ? -difference[k] : difference[k]);
    }
    n_large += fabs(sum[n]) >= least;
    from = n - 1;
    for (uint32_t bits = choice; from > 1 && (bits & 1); bits >>= 1)
      from--;
  }
  return (double)n_large / (double)n_choices;
}

static double random_sum(const double *difference, size_t n, uint64_t seed,
                         size_t draw)
{
  kj__random random =
      kj__random_stream(seed, KJ__PURPOSE_BOOTSTRAP, draw, FLIP_STREAM);
  uint32_t bits = 0;
  double sum = 0;
  for (size_t k = 0; k < n; k++) {
    if (k % 32 == 0)
      bits = kj__random_u32(&random);
    sum += (bits >> (k % 32)) & 1 ? -difference[k] : difference[k];
  }
  return sum;
}

static double random_p(const double *difference, size_t n, uint64_t seed,
                       double least)
{
  size_t n_large = 1; /* the signs seen */
  for (size_t draw = 0; draw < KJ__N_RANDOM_FLIPS; draw++)
    n_large += fabs(random_sum(difference, n, seed, draw)) >= least;
  return (double)n_large / (1 + KJ__N_RANDOM_FLIPS);
}

double kj__signflip_p(const double *difference, size_t n, uint64_t seed)
{
  double sum = 0;
  double size = 0;
  for (size_t k = 0; k < n; k++) {
    sum += difference[k];
    size += fabs(difference[k]);
  }
  const double least = fabs(sum) - TIE * size;
  if (n == 0)
    return nan("");
  return n <= KJ__MAX_EXACT_FLIPS ? exact_p(difference, n, least)
                                  : random_p(difference, n, seed, least);
}
